#include "request_stream.h"

#include "domain/access.h"
#include "request_auth.h"

/* A word now and then, so that proxies do not take the stream for dead. */
#define SILENCE_MS 15000
#define OUT_MAX 65536

void request_stream_event(struct request_stream *s, const char *event, struct str data)
{
	buf_addf(s->out, "event: %s\ndata: %.*s\n\n", event, STR_FMT(data));
}

/* Who asks and what they may, as it is now: signed out, blocked, no member any more. */
static int judge_again(struct request *rq, struct err *e)
{
	struct actor before = rq->actor;
	struct project_access access;
	struct db *db = NULL;
	int result = request_identify(rq, e);

	if (result == 0)
		result = request_db(rq, &db, e);
	if (result == 0)
		result = access_find_project_by_id(db, &rq->actor, rq->project->id, rq->arena,
						   &access, e);
	if (result == 0)
		result = access_check(&rq->actor, rq->route->action, &access.target, e);
	if (result == 0)
		rq->target.level = access.target.level;
	rq->actor = before; /* what was read now is forgotten after the look */
	return result;
}

static int look(struct request_stream *s)
{
	struct arena_mark mark = arena_mark(s->rq->arena);
	struct err e = { 0 };
	int result = judge_again(s->rq, &e);

	if (result == 0)
		result = s->look(s->rq, s, &e);
	request_db_return(s->rq);
	if (result < 0)
		LOG(&s->rq->app->log, LOG_INFO, "stream ends",
		    F_STR("request_id", s->rq->request_id), F_ERR(&e));
	arena_reset(s->rq->arena, mark);
	return result;
}

/* Fills out; false: there is nothing more to come. */
static bool wait_for_more(struct request_stream *s)
{
	const struct http_head *head = &s->rq->http->head;
	const struct live_ends ends = { head->connection_fd, head->stop_fd };

	while (!s->is_over && s->out->n == 0) {
		if (live_wait(s->watch, &ends, s->deadline_ms) != LIVE_LOOK || look(s) < 0)
			return false;
		if (s->out->n == 0 && clock_monotonic_ms() - s->spoke_ms > SILENCE_MS)
			buf_add_c(s->out, ": still here\n\n");
	}
	return s->out->n > 0;
}

static ssize_t read_stream(void *closure, char *to, size_t room)
{
	struct request_stream *s = closure;
	struct str rest;

	if (s->given == s->out->n) {
		buf_clear(s->out);
		s->given = 0;
		if (!wait_for_more(s))
			return 0;
		s->spoke_ms = clock_monotonic_ms();
	}
	rest = str_upto(str_from(buf_str(s->out), s->given), room);
	memcpy(to, rest.p, rest.n);
	s->given += rest.n;
	return (ssize_t)rest.n;
}

static void close_out(void *out)
{
	buf_fini(out);
}

int request_send_stream(struct request *rq, struct request_stream *s, struct err *e)
{
	struct live *live = rq->app->live;

	s->rq = rq;
	s->out = ARENA_NEW(rq->arena, struct buf);
	buf_init(s->out, OUT_MAX);
	arena_link(rq->arena, close_out, s->out);
	if (live_watch(live, s->topics, s->topics_count, &s->watch, e) < 0)
		return -(int)e->code;
	arena_link(rq->arena, live_unwatch_linked, s->watch);
	s->spoke_ms = clock_monotonic_ms();
	s->deadline_ms = s->spoke_ms + REQUEST_STREAM_MS;
	/* The first look is part of the answer: an error of it is one of the request. */
	if (s->look(rq, s, e) < 0)
		return -(int)e->code;
	request_set_cache(rq, "no-store");
	http_set_header(&rq->http->response, "X-Accel-Buffering", STR("no"));
	http_respond_stream(rq->http, 200, "text/event-stream", HTTP_SIZE_UNKNOWN, read_stream, s);
	return 0;
}
