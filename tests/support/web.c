#include "support/web.h"

#include "support/check.h"

#include "base/base64.h"
#include "domain/token.h"
#include "http/head.h"
#include "render/markdown_cache.h"
#include "request.h"
#include "router.h"
#include "store/live.h"

#include <fcntl.h>

#define HOST "hearth.test"

static void load_config(struct test_web *w, const char *external_url)
{
	struct err e = { 0 };

	check_ok(config_load(w->arena, "/nonexistent/hearth.conf", &w->config, NULL, &e), &e);
	w->config.external_url = external_url ? external_url : "http://" HOST;
}

/* Wake-ups within the process only: there is no Redis. */
static void open_instance(struct test_web *w)
{
	struct live_options options = { 0 };
	struct err e = { 0 };

	check_ok(live_open(&options, &w->app.live, &e), &e);
	w->instance = (struct instance){
		.db = w->app.db,
		.run = w->app.run,
		.data = w->app.data,
		.live = w->app.live,
		.secret = w->app.secret,
		.url = str_c(w->config.external_url),
		.ssh = str_c(w->config.ssh_external),
		.log = &w->app.log,
	};
	w->app.instance = &w->instance;
}

struct test_web *test_web_open(const char *external_url)
{
	struct arena *a = arena_open(0);
	struct test_web *w = ARENA_NEW(a, struct test_web);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	w->arena = a;
	w->answers = arena_open(0);
	w->world = domain_open();
	load_config(w, external_url);
	w->app = (struct app){
		.role = "web",
		.config = &w->config,
		.log = log_to(nowhere, LOG_INFO, "test"),
		.data = w->world->folder,
		.run = w->world->folder,
		.db = w->world->database->pool,
		.secret = w->world->keys,
		.markdown = markdown_cache_open(1 << 20),
	};
	open_instance(w);
	w->router = router_open(&w->app);
	return w;
}

void test_web_close(struct test_web *w)
{
	arena_close(w->answers);
	router_close(w->router);
	live_close(w->app.live);
	close(w->app.log.fd);
	markdown_cache_close(w->app.markdown);
	domain_close(w->world);
	arena_close(w->arena);
}

void test_web_forget(struct test_web *w)
{
	arena_close(w->answers);
	w->answers = arena_open(0);
}

const char *test_web_sign_in(struct test_web *w, const struct actor *who)
{
	struct session_new in = { .user = who->user, .ip = STR("192.0.2.1"), .days = 1 };
	struct str token;
	struct err e = { 0 };

	check_ok(session_create(w->world->db, &in, w->arena, &token, &e), &e);
	return arena_strf(w->arena, "hearth_session=%.*s", STR_FMT(token));
}

const char *test_web_token(struct test_web *w, const struct actor *who, uint32_t scopes)
{
	struct token_new in = {
		.kind = TOKEN_PERSONAL, .user = who->user, .name = STR("test"), .scopes = scopes
	};
	struct token token;
	struct str text;
	struct err e = { 0 };

	check_ok(token_create(w->world->db, who, &in, w->arena, &token, &text, &e), &e);
	return arena_cstr(w->arena, text);
}

static void close_exchange(void *object)
{
	struct http_exchange *x = object;

	arena_close(x->arena);
}

static void add_header(struct http_exchange *x, const char *name, struct str value)
{
	x->head.headers[x->head.headers_count++] = (struct http_header){ str_c(name), value };
}

static void add_basic(struct http_exchange *x, const char *basic)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_add_c(&b, "Basic ");
	base64_encode(&b, str_c(basic));
	add_header(x, "Authorization", arena_str(x->arena, buf_str(&b)));
	buf_fini(&b);
}

static void fill(struct http_exchange *x, const struct test_ask *ask)
{
	x->head.method = ask->method;
	x->head.headers = ARENA_ARRAY(x->arena, struct http_header, 20);
	x->head.client = STR("192.0.2.1");
	x->head.is_http11 = true;
	x->head.connection_fd = -1;
	x->head.stop_fd = -1;
	x->head.host = STR(HOST);
	http_target_split(str_c(ask->target), &x->head.path, &x->head.query);
	add_header(x, "Host", STR(HOST));
	if (ask->token)
		add_header(x, "PRIVATE-TOKEN", str_c(ask->token));
	if (ask->basic)
		add_basic(x, ask->basic);
	if (ask->cookie)
		add_header(x, "Cookie", str_c(ask->cookie));
	if (ask->body)
		add_header(x, "Content-Type",
			   str_c(ask->body_type ? ask->body_type
						: "application/x-www-form-urlencoded"));
	for (size_t i = 0; i + 1 < ARRAY_LEN(ask->headers) && ask->headers[i]; i += 2) {
		add_header(x, ask->headers[i], str_c(ask->headers[i + 1]));
		if (strcmp(ask->headers[i], "Host") == 0)
			x->head.host = str_c(ask->headers[i + 1]);
	}
}

static void give_body(struct http_exchange *x, const char *body)
{
	struct err e = { 0 };

	if (!body)
		return;
	x->body.received = strlen(body);
	if (x->body.received > x->body.limit) {
		x->body.failed = true;
		err_set(&x->body.failure, ERR_TOO_LARGE, "too large");
	} else if (!x->body.sink) {
		x->body.bytes = str_c(body);
	} else if (x->body.sink(x->body.closure, str_c(body), &e) < 0) {
		x->body.failed = true;
		x->body.failure = e;
	}
}

static struct str read_stream(struct test_web *w, struct http_exchange *x,
			      void (*on_first_bytes)(struct test_web *w))
{
	struct buf b;
	struct str all;
	char room[4096];
	ssize_t n;

	buf_init(&b, 16u << 20);
	while ((n = x->response.reader(x->response.closure, room, sizeof(room))) > 0) {
		if (b.n == 0 && on_first_bytes)
			on_first_bytes(w);
		buf_add_bytes(&b, room, (size_t)n);
	}
	all = arena_str(x->arena, buf_str(&b));
	buf_fini(&b);
	return all;
}

struct test_answer test_web_ask(struct test_web *w, const struct test_ask *ask)
{
	struct http_handler handler = router_handler(w->router);
	struct arena *a = arena_open(0);
	struct http_exchange *x = ARENA_NEW(a, struct http_exchange);
	struct test_answer answer = { 0 };

	x->arena = a;
	arena_link(w->answers, close_exchange, x);
	fill(x, ask);
	handler.begin(handler.closure, x);
	if (x->response.kind == HTTP_NO_RESPONSE && !ask->only_begin) {
		give_body(x, ask->body);
		handler.finish(handler.closure, x);
	}
	if (!ask->only_begin)
		http_complete(x);
	answer.is_entered = ((struct request *)x->state)->is_entered;
	answer.status = x->response.status;
	answer.response = &x->response;
	answer.body = x->response.kind == HTTP_STREAM ? read_stream(w, x, ask->on_first_bytes)
						      : x->response.bytes;
	handler.done(handler.closure, x);
	return answer;
}

struct test_answer test_web_get(struct test_web *w, const char *target, const char *token)
{
	struct test_ask ask = { .method = HTTP_GET, .target = target, .token = token };

	return test_web_ask(w, &ask);
}

struct test_answer test_web_post(struct test_web *w, const char *target, const char *token,
				 const char *body)
{
	struct test_ask ask = {
		.method = HTTP_POST, .target = target, .token = token, .body = body
	};

	return test_web_ask(w, &ask);
}

struct str test_answer_header(const struct test_answer *a, const char *name)
{
	struct str value = http_response_header(a->response, name);

	return str_is_none(value) ? STR("") : value;
}
