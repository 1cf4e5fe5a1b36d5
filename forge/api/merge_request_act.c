/* What is done with a merge request: merge, auto-merge, approve, update the branch, revert. */
#include "api/merge_request.h"
#include "domain/merge_request_remove.h"

#include "api/project.h"
#include "domain/merge.h"

static struct merge_options read_options(const struct request *rq)
{
	return (struct merge_options){
		.sha = request_form(rq, "sha"),
		.message = request_form(rq, "merge_commit_message"),
		.squash_message = request_form(rq, "squash_commit_message"),
		.has_squash = !str_is_none(request_form(rq, "squash")),
		.squash = request_form_bool(rq, "squash", false),
		.has_remove_source = !str_is_none(request_form(rq, "should_remove_source_branch")),
		.remove_source = request_form_bool(rq, "should_remove_source_branch", false),
	};
}

/* GitLab's codes: 401 may not merge into that branch, 405 a gate is closed. */
static int send_refusal(struct request *rq, struct err *e)
{
	struct str text = arena_str(rq->arena, str_c(err_sentence(e)));
	int status = e->code == ERR_FORBIDDEN ? 401 : 405;

	if (e->code != ERR_FORBIDDEN && e->code != ERR_PRECONDITION)
		return -(int)e->code;
	err_clear(e);
	return api_send_message(rq, status, text, e);
}

static bool wants_auto_merge(const struct request *rq)
{
	return request_form_bool(rq, "merge_when_pipeline_succeeds", false) ||
	       request_form_bool(rq, "auto_merge", false);
}

/* Only if something is to be waited for: else it is merged now. */
static int must_wait(struct request *rq, const struct merge_request *mr, bool *waits, struct err *e)
{
	struct merge_blockers blockers;
	struct merge_facts facts;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || merge_gate_load(db, mr, false, rq->arena, &facts, e) < 0)
		return -(int)e->code;
	merge_gate_judge(&facts, rq->arena, &blockers);
	*waits = merge_blockers_wait(&blockers);
	return 0;
}

static int set_auto_merge(struct request *rq, const struct merge_request *mr,
			  const struct merge_options *options, struct err *e)
{
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (merge_request_set_auto_merge(db, &rq->actor, rq->project->id, mr->iid, options, e) < 0)
		return send_refusal(rq, e);
	return api_send_merge_request(rq, 200, mr->iid, e);
}

int api_merge_request_merge(struct request *rq, struct err *e)
{
	const struct merge_options options = read_options(rq);
	struct landing_request landing;
	struct merge_result result;
	struct merge_request mr;
	bool waits = false;

	if (api_merge_request_check(rq, &mr, e) < 0 ||
	    (wants_auto_merge(rq) && must_wait(rq, &mr, &waits, e) < 0))
		return -(int)e->code;
	if (waits)
		return set_auto_merge(rq, &mr, &options, e);
	landing = api_landing(rq);
	if (merge_request_merge(&landing, mr.iid, &options, rq->arena, &result, e) < 0)
		return send_refusal(rq, e);
	request_repo_forget(rq);
	return api_send_merge_request(rq, 200, mr.iid, e);
}

int api_merge_request_remove(struct request *rq, struct err *e)
{
	struct merge_request mr;
	struct db *db = NULL;

	if (api_merge_request_find(rq, &mr, e) < 0 || request_db(rq, &db, e) < 0 ||
	    merge_request_remove(db, &rq->actor, rq->project->id, mr.iid, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

int api_merge_request_cancel_auto_merge(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct merge_request mr;
	struct db *db = NULL;

	if (api_merge_request_find(rq, &mr, e) < 0 || request_db(rq, &db, e) < 0 ||
	    merge_request_cancel_auto_merge(db, &rq->actor, rq->project->id, mr.iid, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	jsonw_field_str(w, "status", STR("success"));
	jsonw_end(w);
	return request_send_json(rq, 201, e);
}

/* ---- approvals ---- */

static int send_approvals(struct request *rq, int status, const struct merge_request *mr,
			  struct err *e)
{
	struct merge_request_version *versions;
	struct merge_blockers blockers;
	struct merge_facts facts;
	struct db *db = NULL;
	size_t count;
	struct str why;

	if (request_db(rq, &db, e) < 0 ||
	    merge_gate_load(db, mr, false, rq->arena, &facts, e) < 0 ||
	    merge_request_versions(db, mr->id, rq->arena, &versions, &count, e) < 0)
		return -(int)e->code;
	merge_gate_judge(&facts, rq->arena, &blockers);
	why = merge_request_why_not_approve(mr, count ? &versions[0] : NULL, &rq->actor,
					    &rq->target, rq->arena);
	entity_merge_approvals(request_jsonw(rq), rq, &facts, &blockers, str_is_none(why));
	return request_send_json(rq, status, e);
}

int api_merge_request_approvals(struct request *rq, struct err *e)
{
	struct merge_request mr;

	if (api_merge_request_check(rq, &mr, e) < 0)
		return -(int)e->code;
	return send_approvals(rq, 200, &mr, e);
}

int api_merge_request_approve(struct request *rq, struct err *e)
{
	struct merge_request mr;
	struct db *db = NULL;

	if (api_merge_request_check(rq, &mr, e) < 0 || request_db(rq, &db, e) < 0 ||
	    merge_request_approve(db, &rq->actor, rq->project->id, mr.iid, request_form(rq, "sha"),
				  e) < 0)
		return -(int)e->code;
	return send_approvals(rq, 201, &mr, e);
}

int api_merge_request_unapprove(struct request *rq, struct err *e)
{
	struct merge_request mr;
	struct db *db = NULL;

	if (api_merge_request_check(rq, &mr, e) < 0 || request_db(rq, &db, e) < 0 ||
	    merge_request_unapprove(db, &rq->actor, rq->project->id, mr.iid, e) < 0)
		return -(int)e->code;
	return send_approvals(rq, 201, &mr, e);
}

/* ---- ours: the source brought up to date, a revert ---- */

int api_merge_request_update_branch(struct request *rq, struct err *e)
{
	struct landing_request landing = api_landing(rq);
	int64_t iid;

	if (api_merge_request_iid(rq, &iid, e) < 0 ||
	    merge_request_update_branch(&landing, iid, rq->arena, e) < 0)
		return -(int)e->code;
	request_repo_forget(rq);
	return api_send_merge_request(rq, 200, iid, e);
}

int api_merge_request_revert(struct request *rq, struct err *e)
{
	struct landing_request landing = api_landing(rq);
	int64_t revert;
	int64_t iid;

	if (api_merge_request_iid(rq, &iid, e) < 0 ||
	    merge_request_revert(&landing, iid, rq->arena, &revert, e) < 0)
		return -(int)e->code;
	request_repo_forget(rq);
	return api_send_merge_request(rq, 201, revert, e);
}
