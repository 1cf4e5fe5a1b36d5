#include "domain/pipeline_lint.h"

#include "domain/commit_source.h"
#include "domain/pipeline_plan.h"

static int no_paths(void *closure UNUSED, struct arena *a UNUSED, struct ci_paths *paths,
		    struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_changes(void *closure UNUSED, struct arena *a UNUSED, struct str to UNUSED,
		      struct ci_paths *paths, struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_file(void *closure UNUSED, struct arena *a UNUSED, struct str path UNUSED,
		   size_t limit UNUSED, struct str *bytes UNUSED, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "The repository is empty.");
}

static const struct ci_source *source_of(struct repo *repo, struct str sha, struct arena *a)
{
	static const struct ci_source nowhere = { NULL, no_file, no_paths, no_changes };
	const struct commit_subject subject = { .sha = sha };

	if (!repo || str_is_empty(sha))
		return &nowhere;
	return &commit_source_of_repo(a, repo, &subject)->files;
}

/*
 * With variables of a push to the branch that do not depend on anything but its name,
 * so that rules on them can hold.
 */
static int plan_for_branch(const struct pipeline_lint *in, const struct ci_context *base,
			   struct arena *a, struct ci_plan *plan, struct err *e)
{
	struct ci_context context = *base;
	struct ci_variables branch;

	ci_variables_init(&branch, a);
	ci_variables_set_text(&branch, "CI_PIPELINE_SOURCE", STR("push"));
	ci_variables_set_text(&branch, "CI_COMMIT_BRANCH", in->ref_name);
	ci_variables_set_text(&branch, "CI_COMMIT_REF_NAME", in->ref_name);
	context.predefined = &branch;
	context.ref_name = in->ref_name;
	return ci_plan(a, STR(PIPELINE_FILE), in->text, &context, plan, e);
}

int pipeline_lint(const struct pipeline_lint *in, struct arena *a, struct ci_plan *plan,
		  struct err *e)
{
	const struct ci_context context = { .repository = source_of(in->repo, in->sha, a) };

	if (in->text.n > PIPELINE_LINT_BYTES)
		return err_set(e, ERR_TOO_LARGE, "The file is larger than %u bytes.",
			       PIPELINE_LINT_BYTES);
	if (ci_lint(a, STR(PIPELINE_FILE), in->text, &context, plan, e) < 0)
		return -(int)e->code;
	if (plan->outcome == CI_ERROR || !in->is_planned)
		return 0;
	return plan_for_branch(in, &context, a, plan, e);
}

int pipeline_file_at(struct repo *repo, struct str sha, struct arena *a, struct str *text,
		     struct err *e)
{
	const struct ci_source *source = source_of(repo, sha, a);
	struct err error = { 0 };

	*text = STR_NONE;
	if (source->read(source->closure, a, STR(PIPELINE_FILE), PIPELINE_LINT_BYTES, text,
			 &error) == 0)
		return 0;
	*text = STR_NONE;
	if (error.code == ERR_NOT_FOUND)
		return 0;
	*e = error;
	return -(int)e->code;
}
