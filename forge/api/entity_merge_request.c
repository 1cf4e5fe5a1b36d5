#include "api/entity_merge_request.h"

#include "api/api.h"
#include "api/entity.h"
#include "api/entity_ci.h"

static struct str page_of(const struct request *rq, const struct merge_request *mr)
{
	return request_absolute(rq, arena_fmt(rq->arena, "/%.*s/-/merge_requests/%lld",
					      STR_FMT(mr->project_path), (long long)mr->iid));
}

static void write_brief(struct jsonw *w, const struct request *rq, const char *key,
			const struct user_brief *user)
{
	jsonw_key(w, key);
	entity_user_brief(w, rq, user);
}

static void write_people(struct jsonw *w, const struct request *rq, const char *key,
			 const struct merge_people *people)
{
	jsonw_field_array(w, key);
	for (size_t i = 0; i < people->count; i++)
		entity_user_brief(w, rq, &people->items[i]);
	jsonw_end(w);
}

static void write_sha(struct jsonw *w, const char *key, struct str sha)
{
	if (str_is_none(sha))
		jsonw_field_null(w, key);
	else
		jsonw_field_str(w, key, sha);
}

static const char *merge_status(const struct merge_request *mr)
{
	switch (mr->check) {
	case MERGE_CLEAN:
		return "can_be_merged";
	case MERGE_UNCHECKED:
		return "unchecked";
	default:
		return "cannot_be_merged";
	}
}

/* In a list nobody asks the pipelines: what the row alone tells. */
static const char *status_of_row(const struct merge_request *mr)
{
	if (mr->state != MERGE_REQUEST_OPENED)
		return "not_open";
	if (mr->check == MERGE_CONFLICT)
		return "conflict";
	if (mr->is_draft)
		return "draft_status";
	return mr->check == MERGE_CLEAN ? "mergeable" : "unchecked";
}

static void write_texts(struct jsonw *w, const struct merge_request *mr)
{
	jsonw_field_int(w, "id", mr->id.v);
	jsonw_field_int(w, "iid", mr->iid);
	jsonw_field_int(w, "project_id", mr->project.v);
	jsonw_field_str(w, "title", mr->title);
	jsonw_field_str(w, "description", mr->description);
	jsonw_field_str(w, "state", str_c(merge_request_state_word(mr->state)));
	jsonw_field_time(w, "created_at", mr->created_at);
	jsonw_field_time(w, "updated_at", mr->updated_at);
	jsonw_field_str(w, "target_branch", mr->target_branch);
	jsonw_field_str(w, "source_branch", mr->source_branch);
	if (mr->source_project.v)
		jsonw_field_int(w, "source_project_id", mr->source_project.v);
	else
		jsonw_field_null(w, "source_project_id");
	jsonw_field_int(w, "target_project_id", mr->project.v);
	jsonw_field_array(w, "labels");
	for (size_t i = 0; i < mr->labels.count; i++)
		jsonw_str(w, mr->labels.items[i]);
	jsonw_end(w);
	jsonw_field_bool(w, "draft", mr->is_draft);
	jsonw_field_bool(w, "work_in_progress", mr->is_draft);
	jsonw_field_bool(w, "imported", false);
}

static void write_humans(struct jsonw *w, const struct request *rq, const struct merge_request *mr)
{
	static const struct user_brief nobody;

	write_brief(w, rq, "author", &mr->author);
	write_brief(w, rq, "assignee", mr->assignees.count ? &mr->assignees.items[0] : &nobody);
	write_people(w, rq, "assignees", &mr->assignees);
	write_people(w, rq, "reviewers", &mr->reviewers);
	write_brief(w, rq, "merged_by", &mr->merged_by);
	write_brief(w, rq, "merge_user",
		    mr->state == MERGE_REQUEST_OPENED ? &mr->auto_merge_by : &mr->merged_by);
	api_field_time(w, "merged_at", mr->has_merged_at, mr->merged_at);
	write_brief(w, rq, "closed_by", &mr->closed_by);
	api_field_time(w, "closed_at", mr->has_closed_at, mr->closed_at);
}

static void write_merging(struct jsonw *w, const struct merge_request *mr, const char *status)
{
	jsonw_field_bool(w, "merge_when_pipeline_succeeds", mr->auto_merge_by.id.v != 0);
	jsonw_field_str(w, "merge_status", str_c(merge_status(mr)));
	jsonw_field_str(w, "detailed_merge_status", str_c(status));
	jsonw_field_null(w, "merge_after");
	jsonw_field_str(w, "sha", mr->head_sha);
	write_sha(w, "merge_commit_sha", mr->merge_sha);
	write_sha(w, "squash_commit_sha", mr->squash_sha);
	jsonw_field_bool(w, "squash", mr->squash);
	jsonw_field_bool(w, "squash_on_merge", mr->squash);
	jsonw_field_bool(w, "should_remove_source_branch", mr->remove_source);
	jsonw_field_bool(w, "force_remove_source_branch", mr->remove_source);
	jsonw_field_bool(w, "has_conflicts", mr->check == MERGE_CONFLICT);
	jsonw_field_bool(w, "blocking_discussions_resolved", mr->open_threads == 0);
}

/* What this server does not have, as GitLab writes it when it is not used. */
static void write_rest(struct jsonw *w, const struct request *rq, const struct merge_request *mr)
{
	struct str reference = arena_fmt(rq->arena, "!%lld", (long long)mr->iid);

	jsonw_field_null(w, "milestone");
	jsonw_field_int(w, "user_notes_count", mr->notes);
	jsonw_field_int(w, "upvotes", 0);
	jsonw_field_int(w, "downvotes", 0);
	jsonw_field_null(w, "discussion_locked");
	jsonw_field_time(w, "prepared_at", mr->created_at);
	jsonw_field_bool(w, "allow_collaboration", false);
	jsonw_field_str(w, "reference", reference);
	jsonw_field_object(w, "references");
	jsonw_field_str(w, "short", reference);
	jsonw_field_str(w, "relative", reference);
	jsonw_field_str(
		w, "full",
		arena_fmt(rq->arena, "%.*s!%lld", STR_FMT(mr->project_path), (long long)mr->iid));
	jsonw_end(w);
	jsonw_field_str(w, "web_url", page_of(rq, mr));
	jsonw_field_object(w, "time_stats");
	jsonw_field_int(w, "time_estimate", 0);
	jsonw_field_int(w, "total_time_spent", 0);
	jsonw_field_null(w, "human_time_estimate");
	jsonw_field_null(w, "human_total_time_spent");
	jsonw_end(w);
	jsonw_field_object(w, "task_completion_status");
	jsonw_field_int(w, "count", 0);
	jsonw_field_int(w, "completed_count", 0);
	jsonw_end(w);
}

static void write_basic(struct jsonw *w, const struct request *rq, const struct merge_request *mr,
			const char *status)
{
	write_texts(w, mr);
	write_humans(w, rq, mr);
	write_merging(w, mr, status);
	write_rest(w, rq, mr);
}

void entity_merge_request_fields(struct jsonw *w, const struct request *rq,
				 const struct merge_request *mr)
{
	write_basic(w, rq, mr, status_of_row(mr));
}

void entity_merge_request(struct jsonw *w, const struct request *rq, const struct merge_request *mr)
{
	jsonw_object(w);
	entity_merge_request_fields(w, rq, mr);
	jsonw_end(w);
}

static void write_pipeline(struct jsonw *w, const struct request *rq, const char *key,
			   const struct pipeline *pipeline, bool is_full)
{
	jsonw_key(w, key);
	if (pipeline)
		entity_pipeline(w, rq, pipeline, is_full);
	else
		jsonw_null(w);
}

static void write_blockers(struct jsonw *w, const struct merge_blockers *blockers)
{
	jsonw_field_array(w, "merge_blockers");
	for (size_t i = 0; i < blockers->count; i++) {
		jsonw_object(w);
		jsonw_field_str(w, "status", str_c(merge_gate_word(blockers->items[i].gate)));
		jsonw_field_str(w, "message", blockers->items[i].sentence);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void entity_merge_request_full(struct jsonw *w, const struct request *rq,
			       const struct entity_merge_request_full *in)
{
	const struct merge_request *mr = in->mr;

	jsonw_object(w);
	write_basic(w, rq, mr, merge_blockers_word(in->blockers));
	jsonw_field_bool(w, "subscribed", false);
	jsonw_field_null(w, "changes_count");
	api_field_time(w, "latest_build_started_at", in->pipeline && in->pipeline->has_started_at,
		       in->pipeline ? in->pipeline->started_at : (struct instant){ 0 });
	api_field_time(w, "latest_build_finished_at", in->pipeline && in->pipeline->has_finished_at,
		       in->pipeline ? in->pipeline->finished_at : (struct instant){ 0 });
	jsonw_field_null(w, "first_deployed_to_production_at");
	write_pipeline(w, rq, "pipeline", in->pipeline, false);
	write_pipeline(w, rq, "head_pipeline", in->pipeline, true);
	jsonw_field_object(w, "diff_refs");
	write_sha(w, "base_sha", mr->base_sha);
	jsonw_field_str(w, "head_sha", mr->head_sha);
	write_sha(w, "start_sha", mr->start_sha);
	jsonw_end(w);
	write_sha(w, "merge_error", mr->merge_error);
	jsonw_field_bool(w, "first_contribution", false);
	jsonw_field_object(w, "user");
	jsonw_field_bool(w, "can_merge", in->can_merge);
	jsonw_end(w);
	/* Ours: why it cannot be merged, in whole sentences. */
	write_blockers(w, in->blockers);
	jsonw_end(w);
}

void entity_merge_request_version(struct jsonw *w, const struct merge_request *mr,
				  const struct merge_request_version *version)
{
	jsonw_field_int(w, "id", version->id);
	jsonw_field_str(w, "head_commit_sha", version->head_sha);
	write_sha(w, "base_commit_sha", version->base_sha);
	jsonw_field_str(w, "start_commit_sha", version->start_sha);
	jsonw_field_time(w, "created_at", version->created_at);
	jsonw_field_int(w, "merge_request_id", mr->id.v);
	jsonw_field_str(w, "state", STR("collected"));
	jsonw_field_null(w, "real_size");
	jsonw_field_null(w, "patch_id_sha");
}

static bool has_approved(const struct request *rq, const struct merge_facts *facts)
{
	for (size_t i = 0; i < facts->approvals_count; i++)
		if (facts->approvals[i].user.id.v == rq->actor.user.v)
			return true;
	return false;
}

static void write_approved_by(struct jsonw *w, const struct request *rq,
			      const struct merge_facts *facts)
{
	jsonw_field_array(w, "approved_by");
	for (size_t i = 0; i < facts->approvals_count; i++) {
		jsonw_object(w);
		write_brief(w, rq, "user", &facts->approvals[i].user);
		jsonw_field_time(w, "approved_at", facts->approvals[i].created_at);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void entity_merge_approvals(struct jsonw *w, const struct request *rq,
			    const struct merge_facts *facts, const struct merge_blockers *blockers,
			    bool can_approve)
{
	static const char *const lists[] = { "suggested_approvers", "approvers", "approver_groups",
					     "approval_rules_left" };
	const struct merge_request *mr = facts->mr;
	int64_t required = facts->setting.approvals_required;
	int64_t given = i64_from_size(facts->approvals_count);

	jsonw_object(w);
	jsonw_field_int(w, "id", mr->id.v);
	jsonw_field_int(w, "iid", mr->iid);
	jsonw_field_int(w, "project_id", mr->project.v);
	jsonw_field_str(w, "title", mr->title);
	jsonw_field_str(w, "description", mr->description);
	jsonw_field_str(w, "state", str_c(merge_request_state_word(mr->state)));
	jsonw_field_time(w, "created_at", mr->created_at);
	jsonw_field_time(w, "updated_at", mr->updated_at);
	jsonw_field_str(w, "merge_status", str_c(merge_status(mr)));
	jsonw_field_str(w, "detailed_merge_status", str_c(merge_blockers_word(blockers)));
	jsonw_field_bool(w, "approved", given >= required);
	jsonw_field_int(w, "approvals_required", required);
	jsonw_field_int(w, "approvals_left", given >= required ? 0 : required - given);
	jsonw_field_bool(w, "require_password_to_approve", false);
	write_approved_by(w, rq, facts);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		jsonw_field_array(w, lists[i]);
		jsonw_end(w);
	}
	jsonw_field_bool(w, "user_has_approved", has_approved(rq, facts));
	jsonw_field_bool(w, "user_can_approve", can_approve && !has_approved(rq, facts));
	jsonw_field_bool(w, "has_approval_rules", required > 0);
	jsonw_end(w);
}
