/*
 * libmicrohttpd behind the contract of http.h. Its calls, in a request's order:
 * on_uri (the raw target), on_request for the head, on_request for each piece
 * of the body, on_request for its end (there the answer is queued), on_read
 * for a streamed answer, on_completed. See README.md for what it leaves to us.
 */
#include "http/server.h"

#include "archive/gzip.h"
#include "base/fs.h"
#include "base/mem.h"
#include "http/body_budget.h"
#include "http/connections.h"
#include "http/head.h"
#include "http/network.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define REQUEST_MEMORY (256u << 20)
#define STREAM_BLOCK 131072
#define LINGER_MS 1000
#define STACK_BYTES (1u << 20)
#define HEAD_POOL_BYTES 65536
#define BODIES_LIMIT (256u << 20)

struct http_server {
	struct http_handler handler;
	struct MHD_Daemon *daemon;
	struct connections *connections;
	struct body_budget bodies;
	struct str_list trusted;
	struct arena *arena;
	unsigned per_address_limit;
	int listen_fd;
	int stop_fd;
	_Atomic bool is_draining;
	_Atomic uint64_t refused;
	_Atomic uint64_t malformed;
	void (*complain)(void *closure, const char *sentence);
	void *complain_closure;
};

/* A request at the door: what MHD's con_cls points to. */
struct visit {
	struct http_exchange x; /* first: a handler sees only this */
	struct http_server *server;
	struct connection *connection;
	struct str target;
	bool has_begun;
	bool is_early; /* the answer stood before the body was read */
	bool was_queued;
	uint64_t unwanted;
	struct gunzip *gunzip;
	struct buf collected;
	uint64_t held; /* of the budget for bodies */
};

static void complain(const struct http_server *s, const char *sentence)
{
	if (s->complain)
		s->complain(s->complain_closure, sentence);
}

/* ---- the head ---- */

static void close_visit_parts(void *object)
{
	struct visit *v = object;

	gunzip_close(v->gunzip);
	buf_fini(&v->collected);
	body_budget_return(&v->server->bodies, &v->held);
}

static void *on_uri(void *closure, const char *uri, struct MHD_Connection *connection)
{
	struct arena *a = arena_open(REQUEST_MEMORY);
	struct visit *v = ARENA_NEW(a, struct visit);
	const union MHD_ConnectionInfo *info;

	v->server = closure;
	v->x.arena = a;
	v->x.started_ms = clock_monotonic_ms();
	v->x.head.connection_fd = -1;
	v->x.head.stop_fd = v->server->stop_fd;
	v->target = arena_str(a, str_c(uri));
	arena_link(a, close_visit_parts, v);
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	v->connection = info ? info->socket_context : NULL;
	return v;
}

struct header_taking {
	struct arena *arena;
	struct http_header *items;
	size_t count;
};

static enum MHD_Result take_header(void *closure, enum MHD_ValueKind kind, const char *key,
				   size_t key_size, const char *value, size_t value_size)
{
	struct header_taking *t = closure;

	(void)kind;
	if (t->count > HTTP_HEADERS_MAX)
		return MHD_NO;
	t->items[t->count++] = (struct http_header){
		arena_str(t->arena, str_n(key, key_size)),
		value ? arena_str(t->arena, str_n(value, value_size)) : STR(""),
	};
	return MHD_YES;
}

static void fill_head(struct visit *v, struct MHD_Connection *connection, const char *method,
		      const char *version)
{
	struct http_head *head = &v->x.head;
	struct header_taking t = {
		v->x.arena, ARENA_ARRAY(v->x.arena, struct http_header, HTTP_HEADERS_MAX + 2), 0
	};
	const union MHD_ConnectionInfo *info;

	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header, &t);
	head->headers = t.items;
	head->headers_count = t.count;
	head->method = http_method_parse(str_c(method));
	head->is_http11 = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	head->connection_fd = info ? info->connect_fd : -1;
}

static struct str peer_of(struct visit *v, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return network_address(v->x.arena, info ? info->client_addr : NULL);
}

/* Also what the check refuses is answered; the connection ends after it. */
static void refuse_head(struct visit *v, const struct err *e)
{
	struct str text = arena_fmt(v->x.arena, "%s\n", err_sentence(e));

	atomic_fetch_add(&v->server->malformed, 1);
	http_respond(&v->x, err_http_status(e->code), "text/plain; charset=utf-8", text);
	v->x.response.must_close = true;
}

static void open_body(struct visit *v)
{
	struct str coding = http_header(&v->x.head, "Content-Encoding");
	uint64_t limit = v->x.body.limit;

	if (str_eq_nocase(coding, STR("gzip")) || str_eq_nocase(coding, STR("x-gzip")))
		v->gunzip = gunzip_open(limit);
	if (!v->x.body.sink)
		buf_init(&v->collected, (size_t)limit + 1);
}

/* What the head alone tells about the body, before any of it is read. */
static void check_announced(struct visit *v, uint64_t length)
{
	struct str coding = http_header(&v->x.head, "Content-Encoding");
	struct http_exchange *x = &v->x;
	const char *text = NULL;
	int status = 413;

	if (length != HTTP_SIZE_UNKNOWN && length > x->body.limit)
		text = "The body is larger than this address takes.\n";
	if (length && !str_is_empty(coding) && !str_eq_nocase(coding, STR("gzip")) &&
	    !str_eq_nocase(coding, STR("x-gzip")) && !str_eq_nocase(coding, STR("identity"))) {
		text = "The only Content-Encoding understood is gzip.\n";
		status = 415;
	}
	if (text && x->response.kind == HTTP_NO_RESPONSE)
		http_respond(x, status, "text/plain; charset=utf-8", str_c(text));
}

static void begin(struct visit *v, struct MHD_Connection *connection, const char *method,
		  const char *version)
{
	struct http_exchange *x = &v->x;
	struct err e = { 0 };

	if (v->connection)
		connection_set_phase(v->connection, CONNECTION_WORKING, 0);
	fill_head(v, connection, method, version);
	http_target_split(v->target, &x->head.path, &x->head.query);
	network_identify(&x->head, peer_of(v, connection), &v->server->trusted);
	if (http_head_check(x->head.headers, x->head.headers_count, v->target, &e) < 0)
		refuse_head(v, &e);
	else
		v->server->handler.begin(v->server->handler.closure, x);
	check_announced(v, http_head_body_length(&x->head));
	open_body(v);
}

/* ---- the body ---- */

static void fail_body(struct visit *v, const struct err *e)
{
	v->x.body.failed = true;
	v->x.body.failure = *e;
}

static int take_decoded(void *closure, struct str bytes, struct err *e)
{
	struct visit *v = closure;
	struct http_body *body = &v->x.body;

	body->received += bytes.n;
	if (body->received > body->limit)
		return err_set(e, ERR_TOO_LARGE, "The body is larger than the limit of %llu bytes.",
			       (unsigned long long)body->limit);
	if (body->sink)
		return body->sink(body->closure, bytes, e);
	if (body_budget_take(&v->server->bodies, &v->held, body->received, e) < 0)
		return -(int)e->code;
	buf_add(&v->collected, bytes);
	return buf_check(&v->collected, "the body", e);
}

/* False: the client sends so much that is not wanted that the connection ends here. */
static bool take_body(struct visit *v, struct str bytes)
{
	struct err e = { 0 };
	int result;

	if (v->connection)
		connection_note_body(v->connection, bytes.n);
	if (v->x.response.kind != HTTP_NO_RESPONSE || v->x.body.failed) {
		v->unwanted += bytes.n;
		return v->unwanted <=
		       (v->x.body.limit > HTTP_DRAIN_MAX ? v->x.body.limit : HTTP_DRAIN_MAX);
	}
	if (v->gunzip)
		result = gunzip_write(v->gunzip, bytes, take_decoded, v, &e);
	else
		result = take_decoded(v, bytes, &e);
	if (result < 0)
		fail_body(v, &e);
	return true;
}

static void finish(struct visit *v)
{
	struct err e = { 0 };

	if (v->connection)
		connection_set_phase(v->connection, CONNECTION_WORKING, 0);
	if (v->x.response.kind != HTTP_NO_RESPONSE)
		return;
	if (v->gunzip && v->x.body.received && !v->x.body.failed &&
	    gunzip_finish(v->gunzip, &e) < 0)
		fail_body(v, &e);
	if (!v->x.body.sink)
		v->x.body.bytes = buf_str(&v->collected);
	v->server->handler.finish(v->server->handler.closure, &v->x);
}

/* ---- the answer ---- */

static ssize_t on_read(void *closure, uint64_t at, char *to, size_t room)
{
	struct visit *v = closure;
	struct http_response *r = &v->x.response;
	ssize_t n;

	(void)at;
	if (v->connection)
		connection_set_phase(v->connection, CONNECTION_WORKING, 0);
	n = r->reader(r->closure, to, room);
	if (v->connection)
		connection_set_phase(v->connection, CONNECTION_SENDING, n > 0 ? (uint64_t)n : 0);
	if (n > 0)
		v->x.sent += (uint64_t)n;
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static struct MHD_Response *make_response(struct visit *v)
{
	struct http_response *r = &v->x.response;
	uint64_t size = r->size == HTTP_SIZE_UNKNOWN ? MHD_SIZE_UNKNOWN : r->size;
	int fd;

	if (r->kind == HTTP_STREAM && v->x.head.method == HTTP_HEAD && size == MHD_SIZE_UNKNOWN)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (r->kind == HTTP_STREAM)
		return MHD_create_response_from_callback(size, STREAM_BLOCK, on_read, v, NULL);
	if (r->kind == HTTP_BYTES)
		return MHD_create_response_from_buffer(r->bytes.n,
						       (void *)(uintptr_t)(const void *)r->bytes.p,
						       MHD_RESPMEM_PERSISTENT);
	fd = fcntl(r->file, F_DUPFD_CLOEXEC, 0); /* MHD closes the one it is given */
	if (fd < 0)
		return NULL;
	return MHD_create_response_from_fd_at_offset64(size, fd, r->offset);
}

static bool add_headers(struct visit *v, struct MHD_Response *response)
{
	const struct http_response *r = &v->x.response;

	for (size_t i = 0; i < r->headers_count; i++) {
		/* MHD refuses an empty value; a blank is none to whoever reads it. */
		const char *value =
			r->headers[i].value.n ? arena_cstr(v->x.arena, r->headers[i].value) : " ";

		if (MHD_add_response_header(response, r->headers[i].name.p, value) != MHD_YES)
			return false;
	}
	if (r->must_close || atomic_load(&v->server->is_draining))
		return MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close") ==
		       MHD_YES;
	return true;
}

static uint64_t bytes_to_send(const struct http_response *r)
{
	if (r->kind == HTTP_BYTES)
		return r->bytes.n;
	return r->kind == HTTP_FILE ? r->size : 0;
}

static enum MHD_Result queue(struct visit *v, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	http_complete(&v->x);
	response = make_response(v);
	if (!response || !add_headers(v, response)) {
		if (response)
			MHD_destroy_response(response);
		complain(v->server, "an answer could not be made; the connection is cut");
		return MHD_NO;
	}
	if (v->x.response.kind != HTTP_STREAM && v->x.head.method != HTTP_HEAD)
		v->x.sent = bytes_to_send(&v->x.response);
	if (v->connection)
		connection_set_phase(v->connection, CONNECTION_SENDING,
				     bytes_to_send(&v->x.response));
	v->was_queued = true;
	result = MHD_queue_response(connection, (unsigned)v->x.response.status, response);
	MHD_destroy_response(response);
	return result;
}

/* A body that is small, or asked about with Expect, leaves the connection usable. */
static bool must_answer_at_once(const struct visit *v)
{
	uint64_t length = http_head_body_length(&v->x.head);

	if (v->x.response.kind == HTTP_NO_RESPONSE || length == 0)
		return false;
	return length > HTTP_DRAIN_MAX || !str_is_none(http_header(&v->x.head, "Expect"));
}

static enum MHD_Result on_request(void *closure, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *bytes,
				  size_t *size, void **context)
{
	struct visit *v = *context;

	(void)closure;
	(void)url;
	if (!v->has_begun) {
		v->has_begun = true;
		begin(v, connection, method, version);
		if (must_answer_at_once(v)) {
			v->is_early = true;
			v->x.response.must_close = true;
			return queue(v, connection);
		}
		if (v->connection)
			connection_set_phase(v->connection, CONNECTION_BODY, 0);
		return MHD_YES;
	}
	if (*size > 0) {
		bool goes_on = take_body(v, str_n(bytes, *size));

		*size = 0;
		return goes_on ? MHD_YES : MHD_NO;
	}
	if (v->was_queued)
		return MHD_YES;
	finish(v);
	return queue(v, connection);
}

/* The answer is out, the body is not in: a close now would reset, and the client lose the answer.
 */
static void linger(const struct visit *v)
{
	int fd = v->x.head.connection_fd;
	int64_t end = clock_monotonic_ms() + LINGER_MS;
	char room[16384];

	shutdown(fd, SHUT_WR);
	for (uint64_t taken = 0; taken < 8 * HTTP_DRAIN_MAX;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - clock_monotonic_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return;
		n = recv(fd, room, sizeof(room), MSG_DONTWAIT);
		if (n <= 0)
			return;
		taken += (uint64_t)n;
	}
}

static void on_completed(void *closure, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode how)
{
	struct visit *v = *context;
	struct http_server *s = closure;

	(void)connection;
	if (!v)
		return;
	*context = NULL;
	v->x.is_broken = how != MHD_REQUEST_TERMINATED_COMPLETED_OK;
	if (v->is_early && !v->x.is_broken)
		linger(v);
	if (v->has_begun && s->handler.done)
		s->handler.done(s->handler.closure, &v->x);
	if (v->connection)
		connection_set_phase(v->connection, CONNECTION_WAITING, 0);
	arena_close(v->x.arena);
}

/* ---- connections ---- */

static void on_connection(void *closure, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = closure;
	const union MHD_ConnectionInfo *fd, *peer;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context)
			connections_remove(s->connections, *context);
		*context = NULL;
		return;
	}
	fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	*context = connections_add(s->connections, fd->connect_fd, peer ? peer->client_addr : NULL);
}

static enum MHD_Result on_accept(void *closure, const struct sockaddr *peer, socklen_t size)
{
	struct http_server *s = closure;
	struct arena *a;
	bool is_trusted;

	(void)size;
	if (s->per_address_limit == 0)
		return MHD_YES;
	a = arena_open(4096);
	is_trusted = network_list_has(&s->trusted, network_address(a, peer));
	arena_close(a);
	if (is_trusted || connections_count_of(s->connections, peer) < s->per_address_limit)
		return MHD_YES;
	atomic_fetch_add(&s->refused, 1);
	return MHD_NO;
}

static void on_log(void *closure, const char *format, va_list args) PRINTF_LIKE(2, 0);

static void on_log(void *closure, const char *format, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\r\n")] = '\0';
	complain(closure, text);
}

/* ---- life ---- */

static struct str_list copy_list(struct arena *a, const struct str_list *list)
{
	struct str_list copy = { NULL, list ? list->count : 0 };

	copy.items = ARENA_ARRAY(a, struct str, copy.count + 1);
	for (size_t i = 0; i < copy.count; i++)
		copy.items[i] = arena_str(a, list->items[i]);
	return copy;
}

static struct http_server *make_server(const struct http_server_options *o,
				       const struct http_handler *handler)
{
	struct http_server *s = MEM_NEW(struct http_server);
	struct connection_limits limits = {
		.head_ms = o->head_ms ? o->head_ms : 15000,
		.idle_ms = (o->idle_seconds ? o->idle_seconds : 60) * 1000,
		.rate = o->body_rate ? o->body_rate : 1024,
	};

	s->handler = *handler;
	s->arena = arena_open(1u << 20);
	s->trusted = copy_list(s->arena, o->trusted_proxies);
	s->per_address_limit = o->per_address_limit;
	s->complain = o->complain;
	s->complain_closure = o->complain_closure;
	s->listen_fd = o->listen_fd;
	s->stop_fd = eventfd(0, EFD_CLOEXEC);
	ASSERT(s->stop_fd >= 0);
	s->connections = connections_open(&limits);
	s->bodies.limit = o->bodies_limit ? o->bodies_limit : BODIES_LIMIT;
	return s;
}

static void free_server(struct http_server *s)
{
	connections_close(s->connections);
	fs_close(&s->listen_fd);
	fs_close(&s->stop_fd);
	arena_close(s->arena);
	mem_free(s);
}

int http_server_start(const struct http_server_options *options, const struct http_handler *handler,
		      struct http_server **server, struct err *e)
{
	struct http_server *s = make_server(options, handler);
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			 MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG;

	s->daemon = MHD_start_daemon(
		flags, 0, on_accept, s, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
		MHD_OPTION_LISTEN_SOCKET, options->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
		options->connection_limit, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_POOL_BYTES,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, s, MHD_OPTION_URI_LOG_CALLBACK, on_uri, s, MHD_OPTION_END);
	if (!s->daemon) {
		free_server(s);
		return err_set(e, ERR_INTERNAL, "the HTTP server does not start (see the log)");
	}
	*server = s;
	return 0;
}

void http_server_quiesce(struct http_server *s)
{
	MHD_socket fd = MHD_quiesce_daemon(s->daemon);

	atomic_store(&s->is_draining, true);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	s->listen_fd = -1;
}

void http_server_stop(struct http_server *s, int64_t wait_ms)
{
	int64_t end = clock_monotonic_ms() + wait_ms;

	while (connections_end_waiting(s->connections) > 0 && clock_monotonic_ms() < end)
		poll(NULL, 0, 20);
	ASSERT(eventfd_write(s->stop_fd, 1) == 0);
	MHD_stop_daemon(s->daemon);
	free_server(s);
}

void http_server_count(struct http_server *s, struct http_counts *counts)
{
	*counts = (struct http_counts){
		.connections = connections_total(s->connections),
		.open = connections_number(s->connections),
		.refused = atomic_load(&s->refused),
		.swept = connections_swept(s->connections),
		.malformed = atomic_load(&s->malformed),
	};
}
