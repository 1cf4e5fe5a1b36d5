/*
 * Is a pipeline file valid? The text is a person's; what it includes is read from a
 * commit of the project. Nothing is kept.
 */
#ifndef DOMAIN_PIPELINE_LINT_H
#define DOMAIN_PIPELINE_LINT_H

#include "base/arena.h"
#include "base/err.h"
#include "ci/plan.h"

struct repo;

#define PIPELINE_LINT_BYTES (1u << 20)

struct pipeline_lint {
	struct repo *repo; /* NULL: includes are not found */
	struct str sha;    /* the commit of the includes; none or a sha with repo NULL is fine */
	struct str text;
	struct str ref_name; /* for is_planned: the branch */
	bool is_planned;     /* plan->jobs too, as a push to the branch makes them, but knowing no
				variables other than the branch's name and the source */
};

/*
 * plan->outcome CI_ERROR: plan->problem says what and where. Fails only for what is no
 * fault of the file. ERR_TOO_LARGE: more than PIPELINE_LINT_BYTES.
 */
MUST_USE int pipeline_lint(const struct pipeline_lint *in, struct arena *a, struct ci_plan *plan,
			   struct err *e);

/* The text of .gitlab-ci.yml at a commit; none if there is no such file. */
MUST_USE int pipeline_file_at(struct repo *repo, struct str sha, struct arena *a, struct str *text,
			      struct err *e);

#endif
