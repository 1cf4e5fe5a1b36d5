/* The panel of a job's artifacts, downloads, and what may be done with them. */
#include "pages/artifact.h"

#include "domain/job_view.h"
#include "request_artifact.h"

int artifact_view(struct request *rq, struct db *db, struct job_id job, struct view_artifacts *view,
		  struct err *e)
{
	struct artifacts list;

	*view = (struct view_artifacts){ .project = rq->project->path, .job = job.v };
	if (artifact_list(db, rq->project->id, job, rq->arena, &list, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < list.count; i++) {
		const struct artifact *artifact = &list.items[i];

		if (!str_eq_c(artifact->type, "archive"))
			continue;
		view->has_any = true;
		view->is_there = !str_is_none(artifact->sha256);
		view->is_gone = !view->is_there;
		view->size = page_size(rq, artifact->size);
		view->expires = artifact->expires;
		view->expires_at = artifact->expires_at;
	}
	view->may_keep = view->is_there && view->expires && request_may(rq, ACTION_ARTIFACT_KEEP);
	view->may_remove = view->is_there && request_may(rq, ACTION_ARTIFACT_REMOVE);
	return 0;
}

static struct job_id job_of_path(const struct request *rq)
{
	return (struct job_id){ page_id(rq, "id") };
}

int page_artifact_download(struct request *rq, struct err *e)
{
	struct artifact artifact;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || artifact_get(db, rq->project->id, job_of_path(rq),
						       STR("archive"), rq->arena, &artifact, e) < 0)
		return -(int)e->code;
	return request_send_artifact(rq, &artifact, e);
}

static int to_job(struct request *rq, const char *notice, struct err *e)
{
	page_notice(rq, notice);
	return request_redirect(
		rq, url_for(rq->arena, ROUTE_job, rq->project->path, request_param(rq, "id")), e);
}

int page_artifact_keep(struct request *rq, struct err *e)
{
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 ||
	    artifact_keep(db, &rq->actor, rq->project->id, job_of_path(rq), e) < 0)
		return -(int)e->code;
	return to_job(rq, I18N("The artifacts are kept."), e);
}

int page_artifact_remove(struct request *rq, struct err *e)
{
	struct db *db = NULL;
	struct job job;
	int64_t count;

	if (request_db(rq, &db, e) < 0 ||
	    job_get(db, rq->project->id, job_of_path(rq), rq->arena, &job, e) < 0 ||
	    artifact_remove(db, &rq->actor, rq->project->id, job.id, &count, e) < 0)
		return -(int)e->code;
	if (count == 0)
		return err_set(e, ERR_CONFLICT,
			       "There are no artifacts to remove: they are gone, or the job is "
			       "still running.");
	return to_job(rq, I18N("The artifacts are removed."), e);
}

/* ---- of the latest good pipeline of a branch or tag ---- */

static int to_latest(struct request *rq, enum route_id route, struct err *e)
{
	struct artifact artifact;
	struct db *db = NULL;

	if (str_is_empty(request_query(rq, "job")))
		return err_set(e, ERR_INVALID, "Say which job: ?job=NAME.");
	if (request_db(rq, &db, e) < 0 ||
	    artifact_get_latest(db, rq->project->id, request_param(rq, "ref_path"),
				request_query(rq, "job"), rq->arena, &artifact, e) < 0)
		return -(int)e->code;
	return request_redirect(rq,
				url_for(rq->arena, route, rq->project->path,
					arena_fmt(rq->arena, "%lld", (long long)artifact.job.v)),
				e);
}

int page_artifact_latest_download(struct request *rq, struct err *e)
{
	return to_latest(rq, ROUTE_artifact_download, e);
}

int page_artifact_latest_browse(struct request *rq, struct err *e)
{
	return to_latest(rq, ROUTE_artifact_browse_top, e);
}
