/* A pipeline as lists and its own page show it. */
#include "domain/queue.h"
#include "git/commit.h"
#include "pages/pipeline.h"

/* The subject only decorates: a commit that is gone, or a repository that is busy, shows none. */
static struct str subject_of(struct request *rq, struct repo *repo, struct str sha)
{
	struct commit commit;
	struct err error = { 0 };
	struct oid oid;

	if (!repo || !oid_parse(sha, &oid) ||
	    commit_get(repo, &oid, rq->arena, &commit, &error) < 0)
		return STR_NONE;
	return commit.subject;
}

struct str pipeline_source_word(const struct request *rq, struct str source)
{
	static const struct {
		const char *source, *word;
	} words[] = {
		{ "push", I18N("push") },         { "web", I18N("started by hand") },
		{ "schedule", I18N("schedule") }, { "api", I18N("API") },
		{ "trigger", I18N("trigger") },   { "merge_request_event", I18N("merge request") },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_c(source, words[i].source))
			return page_text(rq, words[i].word);
	return source;
}

void pipeline_fill(struct request *rq, struct repo *repo, const struct pipeline *pipeline,
		   struct view_pipeline *view)
{
	struct str name =
		str_is_empty(pipeline->user.name) ? pipeline->user.username : pipeline->user.name;
	bool is_over = ci_status_is_complete(pipeline->status);
	bool may_run = request_may(rq, ACTION_PIPELINE_RUN);

	*view = (struct view_pipeline){
		.project = rq->project->path,
		.id = pipeline->id.v,
		.iid = pipeline->iid,
		.status = status_of_pipeline(rq, pipeline->id, pipeline->status,
					     pipeline->has_warnings),
		.name = pipeline->name,
		.subject = subject_of(rq, repo, pipeline->sha),
		.ref_name = pipeline->ref_name,
		.oid = pipeline->sha,
		.short_oid = str_upto(pipeline->sha, 8),
		.is_tag = pipeline->is_tag,
		.is_merge_request = str_eq_c(pipeline->source, "merge_request_event"),
		.source = pipeline_source_word(rq, pipeline->source),
		.username = pipeline->user.username,
		.user = name,
		.tile = page_tile(pipeline->user.username),
		.initials = page_initials(rq, name),
		.has_started = pipeline->has_started_at,
		.has_finished = is_over && pipeline->has_finished_at,
		.created = pipeline->created_at,
		.finished = pipeline->finished_at,
		.took = status_duration(rq, pipeline->running_seconds),
		.queued = status_duration(rq, pipeline->queued_seconds),
		.has_config_error = !str_is_none(pipeline->config_error),
		.may_cancel = may_run && !is_over && pipeline->status != CI_STATUS_CANCELING,
		.may_retry = may_run && pipeline->jobs > 0 &&
			     (pipeline->status == CI_STATUS_FAILED ||
			      pipeline->status == CI_STATUS_CANCELED || pipeline->has_warnings),
	};
	view->has_ref_link = !view->is_merge_request;
	if (str_is_empty(view->subject))
		view->subject = arena_fmt(rq->arena, "%.*s", STR_FMT(view->short_oid));
}

void pipeline_tell(struct request *rq, struct db *db, struct pipeline_id pipeline,
		   struct job_id job, size_t pending)
{
	const struct queue_news news = {
		.project = rq->project->id, .pipeline = pipeline, .job = job, .pending = pending
	};

	queue_announce(db, rq->app->live, &news, rq->arena);
}
