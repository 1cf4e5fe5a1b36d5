#include "request_trace.h"

int request_trace_view(struct request *rq, struct job_id job, struct trace_view *view,
		       struct err *e)
{
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || trace_view(db, job, rq->arena, view, e) < 0)
		return -(int)e->code;
	if (view->project.v != rq->project->id.v)
		return err_set(e, ERR_NOT_FOUND, "There is no such job.");
	if (view->is_debug && rq->target.level < LEVEL_DEVELOPER && !rq->actor.is_admin)
		return err_set(e, ERR_FORBIDDEN,
			       "This job printed its variables (CI_DEBUG_TRACE), so that its log "
			       "is for developers of the project only; a maintainer can make you "
			       "one.");
	return 0;
}

int request_send_trace(struct request *rq, struct job_id job, struct err *e)
{
	static const char type[] = "text/plain; charset=utf-8";
	struct trace_view view;
	int fd;

	if (request_trace_view(rq, job, &view, e) < 0 || trace_open(rq->app->data, job, &fd, e) < 0)
		return -(int)e->code;
	request_mark_untrusted(rq, STR_NONE);
	request_set_cache(rq, "private, no-store");
	if (fd < 0) {
		if (view.length > 0)
			return err_set(e, ERR_GONE,
				       "The log of this job is not on this server's disk any "
				       "more.");
		return request_send_bytes(rq, 200, type, STR(""), e);
	}
	http_respond_file(rq->http, 200, type, fd, (uint64_t)view.length);
	return 0;
}
