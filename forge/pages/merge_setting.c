#include "pages/merge_setting.h"

#include "tmpl/project_merging.h"

struct words {
	const char *name;
	const char *hint;
};

static const struct words methods[] = {
	[MERGE_METHOD_COMMIT] = { I18N("Merge commit"),
				  I18N("Every merge is a commit with both branches as parents.") },
	[MERGE_METHOD_LINEAR] = { I18N("Merge commit on top"),
				  I18N("As above, but only when the source branch contains the "
				       "target.") },
	[MERGE_METHOD_FAST_FORWARD] = { I18N("Fast-forward"), I18N("The target moves to the "
								   "source's last commit; no merge "
								   "commits.") },
};

static const struct words squashes[] = {
	[SQUASH_NEVER] = { I18N("Never"), I18N("Commits land as they are.") },
	[SQUASH_ALWAYS] = { I18N("Always"), I18N("Each merge request lands as one commit.") },
	[SQUASH_DEFAULT_ON] = { I18N("Proposed"),
				I18N("New merge requests squash; each can say otherwise.") },
	[SQUASH_DEFAULT_OFF] = { I18N("Allowed"),
				 I18N("Commits land as they are; each can say otherwise.") },
};

static struct view_merge_choice choice_of(struct request *rq, const struct words *words,
					  const char *word, bool is_chosen)
{
	return (struct view_merge_choice){ .word = word,
					   .name = page_text(rq, words->name),
					   .hint = page_text(rq, words->hint),
					   .is_chosen = is_chosen };
}

static void add_choices(struct request *rq, const struct merge_setting *setting,
			struct view_merge_setting *v)
{
	v->methods = ARENA_ARRAY(rq->arena, struct view_merge_choice, ARRAY_LEN(methods));
	v->squashes = ARENA_ARRAY(rq->arena, struct view_merge_choice, ARRAY_LEN(squashes));
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		v->methods[v->methods_count++] =
			choice_of(rq, &methods[i], merge_method_word((enum merge_method)i),
				  setting->method == (enum merge_method)i);
	for (size_t i = 0; i < ARRAY_LEN(squashes); i++)
		v->squashes[v->squashes_count++] =
			choice_of(rq, &squashes[i], squash_option_word((enum squash_option)i),
				  setting->squash == (enum squash_option)i);
}

static int show(struct request *rq, const struct merge_setting *setting, struct str approvals,
		const struct view_problem *problem, struct err *e)
{
	struct view_merge_setting v = {
		.may_change = request_may(rq, ACTION_PROJECT_CHANGE),
		.needs_pipeline = setting->needs_pipeline,
		.skipped_is_green = setting->skipped_is_green,
		.needs_threads_resolved = setting->needs_threads_resolved,
		.removes_source = setting->removes_source,
		.tests_result = setting->tests_result,
		.approvals = approvals,
	};

	if (problem)
		v.problem = *problem;
	add_choices(rq, setting, &v);
	page_frame(rq, &v.page, "settings");
	v.page.project.section = "merging";
	tmpl_project_merging(request_emit(rq), &v);
	return request_send_page(rq, page_problem_status(&v.problem), e);
}

int page_merge_setting(struct request *rq, struct err *e)
{
	struct merge_setting setting;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 ||
	    merge_setting_get(db, rq->project->id, rq->arena, &setting, e) < 0)
		return -(int)e->code;
	return show(rq, &setting, arena_fmt(rq->arena, "%d", (int)setting.approvals_required), NULL,
		    e);
}

static int read_form(const struct request *rq, struct merge_setting *setting, struct err *e)
{
	int64_t approvals;

	setting->needs_pipeline = request_form_bool(rq, "needs_pipeline", false);
	setting->skipped_is_green = request_form_bool(rq, "skipped_is_green", false);
	setting->needs_threads_resolved = request_form_bool(rq, "needs_threads_resolved", false);
	setting->removes_source = request_form_bool(rq, "removes_source", false);
	setting->tests_result = request_form_bool(rq, "tests_result", false);
	if (!merge_method_from_word(request_form(rq, "method"), &setting->method) ||
	    !squash_option_from_word(request_form(rq, "squash"), &setting->squash))
		return err_set(e, ERR_UNPROCESSABLE, "Choose how to merge and when to squash.");
	if (!request_form_i64(rq, "approvals", &approvals) || approvals < 0 ||
	    approvals > MERGE_APPROVALS_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "The number of approvals is between 0 and %d.",
			       MERGE_APPROVALS_MAX);
	setting->approvals_required = (int32_t)approvals;
	return 0;
}

int page_merge_setting_update(struct request *rq, struct err *e)
{
	struct merge_setting setting = MERGE_SETTING_DEFAULT;
	struct view_problem problem = { 0 };
	struct err error = { 0 };
	struct db *db = NULL;

	if (read_form(rq, &setting, &error) < 0 || request_db(rq, &db, &error) < 0 ||
	    merge_setting_update(db, &rq->actor, rq->project->id, &setting, &error) < 0) {
		if (!page_is_problem(rq, &error, &problem, e))
			return -(int)e->code;
		return show(rq, &setting, request_form(rq, "approvals"), &problem, e);
	}
	page_notice(rq, I18N("Saved."));
	return request_redirect(rq, url_for(rq->arena, ROUTE_merge_setting, rq->project->path), e);
}
