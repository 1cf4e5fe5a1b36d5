/*
 * A push over HTTP. The body goes to the receive operation as it comes; what the
 * operation asks is answered by domain/landing in between, what it says
 * meanwhile is kept, because HTTP's answer begins only after the whole body.
 *
 * The operation starts with the fifth byte: git's probe before a large push is
 * a body of "0000", which needs none.
 */
#include "request_relay.h"
#include "api/git_smart.h"
#include "base/fs.h"
#include "domain/landing.h"
#include "git/pktline.h"
#include "router.h"

#define RESULT_TYPE "application/x-git-receive-pack-result"
#define PROBE "0000"
#define PROBE_BYTES 4
#define BODY_ROOM (16u << 20) /* commands and framing beside the pack */
#define PENDING_MAX (4u << 20)

struct git_push {
	struct request_relay relay;
	struct landing_request request;
	struct landing *landing;
	char first[PROBE_BYTES]; /* the bytes before the operation starts */
	size_t first_count;
	struct buf pending; /* said before the answer could begin */
	size_t given;
	bool is_over; /* the landing is done; out may still hold bytes */
	bool has_failed;
	struct err failure;
};

static void close_push(void *object)
{
	struct git_push *p = object;

	landing_close(p->landing);
	buf_fini(&p->pending);
}

static int fail(struct git_push *p, const struct err *e)
{
	if (!p->has_failed) {
		p->has_failed = true;
		p->failure = *e;
	}
	p->is_over = true;
	return 0;
}

static int start(struct git_push *p, struct err *e)
{
	struct request *rq = p->relay.rq;
	const struct config *config = rq->app->config;
	struct git_operation_request want = {
		.op = GIT_OP_RECEIVE,
		.project_id = rq->project->id.v,
		.user_id = rq->actor.user.v,
		.request_id = rq->request_id.p,
		.limits = { .max_pack_bytes = config->max_pack_bytes,
			    .max_file_bytes = config->max_file_bytes },
		.err = -1,
	};

	metrics_add(rq->router->metrics, METRIC_GIT_RECEIVE, 1);
	if (request_relay_start(&p->relay, rq, &want, e) < 0)
		return -(int)e->code;
	p->landing = landing_open(&p->request, p->relay.op);
	return 0;
}

static void step(struct git_push *p)
{
	struct err e = { 0 };

	if (landing_step(p->landing, &p->is_over, &e) == 0)
		return;
	(void)fail(p, &e);
	landing_close(p->landing); /* ends the operation if it is still there, so that out ends */
	p->landing = NULL;
}

/* Keeps what is said while the body still comes; more than fits would be no honest push. */
static void keep_output(struct git_push *p)
{
	char *to = buf_reserve(&p->pending, 65536);
	ssize_t n;

	if (!to)
		return;
	n = request_relay_read(&p->relay, to, 65536);
	if (n > 0)
		buf_added(&p->pending, (size_t)n);
}

/* One round of waiting and doing. bytes: what is to be written; none is fine. */
static int turn(struct git_push *p, struct str *bytes, struct err *e)
{
	struct relay_ready ready;
	bool want_out = p->relay.out >= 0 && p->pending.n < PENDING_MAX - 65536;
	int landing = p->is_over || !p->landing ? -1 : landing_fd(p->landing);

	if (request_relay_wait(&p->relay, bytes->n > 0, want_out, landing, &ready, e) < 0)
		return -(int)e->code;
	if (ready.out)
		keep_output(p);
	if (ready.other)
		step(p);
	if (ready.in)
		request_relay_write(&p->relay, bytes);
	return 0;
}

/* When the operation has ended early (refused), the rest of the body goes into nothing. */
static int write_all(struct git_push *p, struct str bytes, struct err *e)
{
	while (bytes.n > 0 && p->relay.in >= 0 && !p->is_over)
		if (turn(p, &bytes, e) < 0)
			return -(int)e->code;
	return 0;
}

static int take_body(void *closure, struct str bytes, struct err *e)
{
	struct git_push *p = closure;

	if (p->is_over)
		return 0;
	if (!p->landing) {
		struct str head = str_upto(bytes, PROBE_BYTES - p->first_count);

		memcpy(p->first + p->first_count, head.p, head.n);
		p->first_count += head.n;
		bytes = str_from(bytes, head.n);
		if (bytes.n == 0)
			return 0;
		if (start(p, e) < 0)
			return fail(p, e);
		if (write_all(p, str_n(p->first, p->first_count), e) < 0)
			return -(int)e->code;
	}
	return write_all(p, bytes, e);
}

/* The failure in git's words: band 3 is shown as "remote: ..." and ends the push. */
static void add_failure(struct git_push *p)
{
	struct request *rq = p->relay.rq;
	struct str text = arena_fmt(rq->arena, "%s\n", err_sentence(&p->failure));

	LOG(&rq->app->log, err_is_public(p->failure.code) ? LOG_INFO : LOG_ERROR, "push failed",
	    F_STR("request_id", rq->request_id), F_STR("project", rq->project->path),
	    F_ERR(&p->failure));
	pkt_add_band(&p->pending, 3, text);
	pkt_add_flush(&p->pending);
}

static bool give_pending(struct git_push *p, char *to, size_t room, ssize_t *n)
{
	struct str left = str_upto(str_from(buf_str(&p->pending), p->given), room);

	if (left.n == 0)
		return false;
	memcpy(to, left.p, left.n);
	p->given += left.n;
	*n = (ssize_t)left.n;
	return true;
}

static ssize_t read_push(void *closure, char *to, size_t room)
{
	struct git_push *p = closure;
	struct err e = { 0 };
	ssize_t n;

	for (;;) {
		struct str nothing = STR_NONE;

		if (give_pending(p, to, room, &n))
			return n;
		buf_clear(&p->pending);
		p->given = 0;
		if (p->is_over && p->relay.out < 0) {
			if (!p->has_failed)
				return 0;
			add_failure(p);
			p->has_failed = false;
			continue;
		}
		if (turn(p, &nothing, &e) < 0)
			return -1;
	}
}

static int finish_push(struct request *rq, struct err *e)
{
	struct git_push *p = rq->state;

	(void)e;
	request_set_cache(rq, "no-cache, max-age=0, must-revalidate");
	if (rq->http->body.failed)
		(void)fail(p, &rq->http->body.failure);
	if (!p->landing && !p->has_failed) {
		struct str body = str_n(p->first, p->first_count);
		struct err bad = { 0 };

		if (body.n == 0 || str_eq_c(body, PROBE)) {
			http_respond(rq->http, 200, RESULT_TYPE, STR(""));
			return 0;
		}
		(void)err_set(&bad, ERR_INVALID, "The client sent half a packet.");
		(void)fail(p, &bad);
	}
	if (p->has_failed && p->landing) {
		landing_close(p->landing); /* kills what still runs */
		p->landing = NULL;
		request_relay_close_pipes(&p->relay);
	}
	fs_close(&p->relay.in);
	http_respond_stream(rq->http, 200, RESULT_TYPE, HTTP_SIZE_UNKNOWN, read_push, p);
	return 0;
}

int git_receive_pack(struct request *rq, struct err *e)
{
	struct git_push *p = ARENA_NEW(rq->arena, struct git_push);

	if (git_check_type(rq, "application/x-git-receive-pack-request", e) < 0 ||
	    request_ensure_repository(rq, e) < 0)
		return -(int)e->code;
	p->relay = (struct request_relay){ rq, NULL, -1, -1 };
	p->request = (struct landing_request){
		.db = rq->app->db,
		.run = rq->app->run,
		.instance = rq->app->instance,
		.actor = &rq->actor,
		.project = rq->project->id,
		.project_path = rq->project->path,
		.project_url = request_absolute(
			rq, arena_fmt(rq->arena, "/%.*s", STR_FMT(rq->project->path))),
		.source = PUSH_SOURCE_HTTP,
	};
	buf_init(&p->pending, PENDING_MAX + PKT_MAX);
	arena_link(rq->arena, close_push, p);
	rq->state = p;
	rq->http->body.limit = (uint64_t)rq->app->config->max_pack_bytes + BODY_ROOM;
	rq->http->body.sink = take_body;
	rq->http->body.closure = p;
	rq->finish = finish_push;
	return 0;
}
