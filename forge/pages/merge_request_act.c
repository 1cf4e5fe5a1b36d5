/*
 * The buttons of a merge request: one form field says which. Each is one call of
 * the domain, which checks the right itself; a refusal is shown on the page.
 */
#include "domain/merge_request_remove.h"
#include "pages/merge_request.h"

#include <inttypes.h>

struct act {
	const char *word;
	/* *to: where to go, if not back to the page. */
	int (*run)(struct request *rq, int64_t iid, struct str *to, struct err *e);
	const char *notice;
};

static int approve(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return merge_request_approve(db, &rq->actor, rq->project->id, iid, request_form(rq, "sha"),
				     e);
}

static int unapprove(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return merge_request_unapprove(db, &rq->actor, rq->project->id, iid, e);
}

static struct merge_options options_of(const struct request *rq)
{
	const struct str message = str_trim(request_form(rq, "message"));
	const struct str sha = request_form(rq, "sha");

	return (struct merge_options){
		.sha = str_is_empty(sha) ? STR_NONE : sha,
		.message = str_is_empty(message) ? STR_NONE : message,
		.has_squash = true,
		.squash = request_form_bool(rq, "squash", false),
		.has_remove_source = true,
		.remove_source = request_form_bool(rq, "remove_source", false),
	};
}

static int merge(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	const struct merge_options options = options_of(rq);
	const struct landing_request landing = merge_landing(rq);
	struct merge_result result;

	if (merge_request_merge(&landing, iid, &options, rq->arena, &result, e) < 0)
		return -(int)e->code;
	request_repo_forget(rq);
	return 0;
}

static int set_auto_merge(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	const struct merge_options options = options_of(rq);
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return merge_request_set_auto_merge(db, &rq->actor, rq->project->id, iid, &options, e);
}

static int cancel_auto_merge(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return merge_request_cancel_auto_merge(db, &rq->actor, rq->project->id, iid, e);
}

static int update_branch(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	const struct landing_request landing = merge_landing(rq);

	if (merge_request_update_branch(&landing, iid, rq->arena, e) < 0)
		return -(int)e->code;
	request_repo_forget(rq);
	return 0;
}

static int revert(struct request *rq, int64_t iid, struct str *to, struct err *e)
{
	const struct landing_request landing = merge_landing(rq);
	int64_t revert_iid = 0;

	if (merge_request_revert(&landing, iid, rq->arena, &revert_iid, e) < 0)
		return -(int)e->code;
	*to = merge_address(rq, revert_iid, ROUTE_merge_request);
	return 0;
}

static int change(struct request *rq, int64_t iid, const struct merge_request_change *in,
		  struct err *e)
{
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return merge_request_update(db, &rq->actor, rq->project->id, iid, in, e);
}

static int close_it(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	return change(rq, iid, &(struct merge_request_change){ .act = MERGE_REQUEST_CLOSE }, e);
}

static int reopen(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	return change(rq, iid, &(struct merge_request_change){ .act = MERGE_REQUEST_REOPEN }, e);
}

static int remove_it(struct request *rq, int64_t iid, struct str *to, struct err *e)
{
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    merge_request_remove(db, &rq->actor, rq->project->id, iid, e) < 0)
		return -(int)e->code;
	*to = url_for(rq->arena, ROUTE_merge_requests, rq->project->path);
	return 0;
}

static int mark_draft(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	return change(rq, iid,
		      &(struct merge_request_change){ .has_draft = true, .is_draft = true }, e);
}

static int mark_ready(struct request *rq, int64_t iid, struct str *to UNUSED, struct err *e)
{
	return change(rq, iid, &(struct merge_request_change){ .has_draft = true }, e);
}

static const struct act acts[] = {
	{ "approve", approve, I18N("Approved.") },
	{ "unapprove", unapprove, I18N("Your approval is taken back.") },
	{ "merge", merge, I18N("Merged.") },
	{ "auto_merge", set_auto_merge, I18N("It will be merged as soon as nothing blocks it.") },
	{ "cancel_auto_merge", cancel_auto_merge, I18N("It will not be merged by itself.") },
	{ "update", update_branch, I18N("The branch has what its target has.") },
	{ "revert", revert, I18N("This merge request takes the other one back.") },
	{ "close", close_it, I18N("The merge request is closed.") },
	{ "reopen", reopen, I18N("The merge request is open.") },
	{ "remove", remove_it, I18N("The merge request is removed.") },
	{ "draft", mark_draft, I18N("It is a draft now: nobody merges it yet.") },
	{ "ready", mark_ready, I18N("It is ready for review.") },
};

static const struct act *find_act(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (str_eq_c(word, acts[i].word))
			return &acts[i];
	return NULL;
}

int page_merge_request_act(struct request *rq, struct err *e)
{
	const struct act *act = find_act(request_form(rq, "act"));
	const int64_t iid = page_id(rq, "merge");
	struct str to = merge_address(rq, iid, ROUTE_merge_request);
	struct view_problem problem = { STR_NONE };
	struct err error = { 0 };

	if (!act)
		return err_set(e, ERR_INVALID, "There is no such button.");
	if (act->run(rq, iid, &to, &error) == 0) {
		page_notice(rq, act->notice);
		return request_redirect(rq, to, e);
	}
	/* A closed gate is for the page to tell, as the gates themselves are. */
	if (error.code == ERR_PRECONDITION)
		error.code = ERR_CONFLICT;
	if (!page_is_problem(rq, &error, &problem, e))
		return -(int)e->code;
	return merge_request_page(rq, &problem, NULL, e);
}
