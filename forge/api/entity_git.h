/* The entities of repositories: commits, branches, tags, trees, diffs. As entity.h. */
#ifndef API_ENTITY_GIT_H
#define API_ENTITY_GIT_H

#include "api/entity.h"
#include "git/diff.h"
#include "git/ref_list.h"
#include "git/tree.h"

/* diff: of the commit alone (stats); NULL in lists. */
void entity_commit(struct jsonw *w, const struct request *rq, const struct commit *commit,
		   const struct diff *diff);
void entity_branch(struct jsonw *w, const struct request *rq, const struct branch *branch,
		   const struct protected_refs *refs);
void entity_tag(struct jsonw *w, const struct request *rq, const struct tag *tag,
		const struct protected_refs *refs);
void entity_tree_entry(struct jsonw *w, const struct request *rq, const struct tree_entry *entry);
void entity_diff_file(struct jsonw *w, const struct request *rq, const struct diff_file *file);

#endif
