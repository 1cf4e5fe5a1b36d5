/*
 * The stream of a pipeline's page: "change" with the state whenever the pipeline
 * or one of its jobs changes, "end" when it is over.
 */
#include "request_stream.h"

#include "domain/pulse.h"

struct pipeline_stream {
	struct pipeline_id pipeline;
	char word[64]; /* of the last change that was told */
};

static int look(struct request *rq, struct request_stream *stream, struct err *e)
{
	struct pipeline_stream *s = stream->state;
	struct pulse pulse;
	struct db *db = NULL;
	const char *name;

	if (request_db(rq, &db, e) < 0 ||
	    pulse_of_pipeline(db, rq->project->id, s->pipeline, rq->arena, &pulse, e) < 0)
		return -(int)e->code;
	name = ci_status_name(pulse.status);
	if (!str_eq_c(pulse.word, s->word))
		request_stream_event(stream, "change", arena_fmt(rq->arena, "0 %s", name));
	stream->is_over = ci_status_is_complete(pulse.status);
	if (stream->is_over)
		request_stream_event(stream, "end", str_c(name));
	return str_copy(s->word, sizeof(s->word), pulse.word)
		       ? 0
		       : err_set(e, ERR_INTERNAL, "the word of a pulse is too long");
}

int page_pipeline_stream(struct request *rq, struct err *e)
{
	struct request_stream *stream = ARENA_NEW(rq->arena, struct request_stream);
	struct pipeline_stream *s = ARENA_NEW(rq->arena, struct pipeline_stream);

	if (!str_to_i64(request_param(rq, "id"), &s->pipeline.v))
		return err_set(e, ERR_NOT_FOUND, "There is no such pipeline.");
	stream->topics[0] = arena_fmt(rq->arena, "pipeline:%lld", (long long)s->pipeline.v);
	stream->topics_count = 1;
	stream->look = look;
	stream->state = s;
	return request_send_stream(rq, stream, e);
}
