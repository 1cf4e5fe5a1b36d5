/* The entities of repositories: commits, branches, tags, trees, diffs. As entity.h. */
#ifndef API_ENTITY_GIT_H
#define API_ENTITY_GIT_H

#include "api/entity_ci.h"
#include "git/diff.h"
#include "git/ref_list.h"
#include "git/tree.h"

/* What only a commit alone has. */
struct entity_commit_alone {
	const struct diff *diff;
	const struct pipeline *pipeline; /* its last one, or NULL */
};

/* alone: NULL in lists. */
void entity_commit(struct jsonw *w, const struct request *rq, const struct commit *commit,
		   const struct entity_commit_alone *alone);
void entity_branch(struct jsonw *w, const struct request *rq, const struct branch *branch,
		   const struct protected_refs *refs);
void entity_tag(struct jsonw *w, const struct request *rq, const struct tag *tag,
		const struct protected_refs *refs);
void entity_tree_entry(struct jsonw *w, const struct request *rq, const struct tree_entry *entry);
void entity_diff_file(struct jsonw *w, const struct request *rq, const struct diff_file *file);

#endif
