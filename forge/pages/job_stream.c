/*
 * The stream of a job's page: "change" with the length of the log and the state
 * whenever either changes, "end" when the job is over. The page fetches the new
 * lines itself.
 */
#include "request_stream.h"
#include "request_trace.h"

struct job_stream {
	struct job_id job;
	bool has_spoken;
	int64_t length;
	enum ci_status status;
};

static int look(struct request *rq, struct request_stream *stream, struct err *e)
{
	struct job_stream *s = stream->state;
	struct trace_view view;

	if (request_trace_view(rq, s->job, &view, e) < 0)
		return -(int)e->code;
	if (!s->has_spoken || view.length != s->length || view.status != s->status)
		request_stream_event(stream, "change",
				     arena_fmt(rq->arena, "%lld %s", (long long)view.length,
					       ci_status_name(view.status)));
	if (view.is_over)
		request_stream_event(stream, "end", str_c(ci_status_name(view.status)));
	s->has_spoken = true;
	s->length = view.length;
	s->status = view.status;
	stream->is_over = view.is_over;
	return 0;
}

int page_job_stream(struct request *rq, struct err *e)
{
	struct request_stream *stream = ARENA_NEW(rq->arena, struct request_stream);
	struct job_stream *s = ARENA_NEW(rq->arena, struct job_stream);

	if (!str_to_i64(request_param(rq, "id"), &s->job.v))
		return err_set(e, ERR_NOT_FOUND, "There is no such job.");
	stream->topics[0] = arena_fmt(rq->arena, "job:%lld", (long long)s->job.v);
	stream->topics_count = 1;
	stream->look = look;
	stream->state = s;
	return request_send_stream(rq, stream, e);
}
