/*
 * The stream of a merge request's page: "change" whenever its state, what blocks it or
 * the pipelines of its head change, "end" when it is merged or closed.
 */
#include "request_stream.h"

#include "domain/pulse.h"
#include "pages/merge_request.h"

struct merge_request_stream {
	int64_t iid;
	char word[64]; /* of the last change that was told */
};

static int read_pulse(struct request *rq, int64_t iid, struct merge_request_pulse *pulse,
		      struct err *e)
{
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return pulse_of_merge_request(db, rq->project->id, iid, rq->arena, pulse, e);
}

static int look(struct request *rq, struct request_stream *stream, struct err *e)
{
	struct merge_request_stream *s = stream->state;
	struct merge_request_pulse pulse;

	if (read_pulse(rq, s->iid, &pulse, e) < 0)
		return -(int)e->code;
	if (!str_eq(pulse.word, str_c(s->word)))
		request_stream_event(stream, "change", pulse.word);
	stream->is_over = !pulse.is_open;
	if (stream->is_over)
		request_stream_event(stream, "end", pulse.word);
	return str_copy(s->word, sizeof(s->word), pulse.word)
		       ? 0
		       : err_set(e, ERR_INTERNAL, "the word of a pulse is too long");
}

int page_merge_request_stream(struct request *rq, struct err *e)
{
	struct request_stream *stream = ARENA_NEW(rq->arena, struct request_stream);
	struct merge_request_stream *s = ARENA_NEW(rq->arena, struct merge_request_stream);
	struct merge_request_pulse pulse;

	s->iid = page_id(rq, "merge");
	if (read_pulse(rq, s->iid, &pulse, e) < 0)
		return -(int)e->code;
	/* Its jobs wake the page at once; all else is seen by the next look. */
	stream->topics[0] = arena_fmt(rq->arena, "pipeline:%lld", (long long)pulse.pipeline.v);
	stream->topics_count = 1;
	stream->look = look;
	stream->state = s;
	return request_send_stream(rq, stream, e);
}
