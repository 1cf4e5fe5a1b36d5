/* See request_error.h. */
#include "request_error.h"

#include "router.h"

#define CSP                                                                               \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " \
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "      \
	"frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'"

/* Before a row is known: the path says who asks. */
static enum door door_of(const struct request *rq)
{
	struct str path = rq->http->head.path;

	if (rq->route)
		return route_door(rq->route);
	(void)str_cut_prefix(&path, rq->site->base_path);
	if (str_starts(path, STR("/api/")))
		return DOOR_API;
	return str_find_str(path, STR(".git/")) < path.n ? DOOR_GIT : DOOR_PAGE;
}

/* ---- API ---- */

static bool is_scope_problem(const struct request *rq, const struct err *e)
{
	return e->code == ERR_FORBIDDEN && rq->route && rq->actor.kind == ACTOR_TOKEN &&
	       !(access_row(rq->route->action)->scopes & rq->actor.scopes);
}

static const char *missing_thing(const struct request *rq)
{
	enum access_target_kind kind;

	if (!rq->route)
		return NULL;
	kind = access_row(rq->route->action)->target;
	if (kind == TARGET_PROJECT && !rq->project)
		return "404 Project Not Found";
	if (kind == TARGET_GROUP && !rq->namespace)
		return "404 Group Not Found";
	return NULL;
}

/* GitLab's clients test for these beginnings; a sentence of ours may follow. */
static struct str api_message(const struct request *rq, const struct err *e)
{
	const char *missing = missing_thing(rq);

	switch (e->code) {
	case ERR_UNAUTHENTICATED:
		return STR("401 Unauthorized");
	case ERR_FORBIDDEN:
		return arena_fmt(rq->arena, "403 Forbidden - %s", err_sentence(e));
	case ERR_NOT_FOUND:
		if (missing)
			return str_c(missing);
		return str_starts(str_c(e->text), STR("404 ")) ? str_c(e->text)
							       : STR("404 Not Found");
	case ERR_METHOD:
		return STR("405 Method Not Allowed");
	default:
		return arena_str(rq->arena, str_c(err_sentence(e)));
	}
}

static void write_scope_problem(const struct request *rq, struct jsonw *w)
{
	jsonw_field_str(w, "error", STR("insufficient_scope"));
	jsonw_field_str(w, "error_description",
			STR("The request requires higher privileges than provided by the access "
			    "token."));
	jsonw_field_str(w, "scope",
			access_row(rq->route->action)->scopes & SCOPE_READ_API ? STR("api read_api")
									       : STR("api"));
}

static void answer_api(struct request *rq, const struct err *e, int status)
{
	struct jsonw *w = request_jsonw(rq);
	struct err ignored;

	jsonw_object(w);
	if (!rq->route && e->code == ERR_NOT_FOUND)
		jsonw_field_str(w, "error", STR("404 Not Found"));
	else if (is_scope_problem(rq, e))
		write_scope_problem(rq, w);
	else if (str_ends(str_c(e->text), STR(" is missing")) ||
		 str_ends(str_c(e->text), STR(" does not have a valid value")))
		jsonw_field_str(w, "error", str_c(e->text));
	else
		jsonw_field_str(w, "message", api_message(rq, e));
	jsonw_end(w);
	if (request_send_json(rq, status, &ignored) < 0)
		http_respond(rq->http, status, "application/json", STR("{}"));
}

/* ---- git and text ---- */

static void answer_text(struct request *rq, const struct err *e, int status)
{
	struct str text = arena_fmt(rq->arena, "%s\n", err_sentence(e));

	if (!err_is_public(e->code))
		text = arena_fmt(rq->arena, "%s (request %.*s)\n", err_sentence(e),
				 STR_FMT(rq->request_id));
	http_respond(rq->http, status, "text/plain; charset=utf-8", text);
	if (status == 401)
		http_set_header(&rq->http->response, "WWW-Authenticate",
				STR("Basic realm=\"Hearth\", charset=\"UTF-8\""));
}

/* ---- pages ---- */

static struct str own_address(const struct request *rq)
{
	struct str path = rq->http->head.path;
	struct str query = rq->http->head.query;

	if (str_is_none(query))
		return path;
	return arena_fmt(rq->arena, "%.*s?%.*s", STR_FMT(path), STR_FMT(query));
}

static bool send_to_sign_in(struct request *rq)
{
	struct buf b;
	struct str to;
	struct err ignored;
	bool is_reading = rq->http->head.method == HTTP_GET || rq->http->head.method == HTTP_HEAD;

	buf_init(&b, 3 * HTTP_URI_MAX + 100);
	buf_add_c(&b, "/users/sign_in");
	if (is_reading) {
		buf_add_c(&b, "?return_to=");
		url_encode(&b, own_address(rq));
	}
	to = arena_str(rq->arena, buf_str(&b));
	buf_fini(&b);
	return request_redirect(rq, to, &ignored) == 0;
}

static void answer_page(struct request *rq, const struct err *e, int status)
{
	struct err failure = { 0 };

	if (e->code == ERR_UNAUTHENTICATED && rq->actor.kind == ACTOR_ANONYMOUS &&
	    str_is_empty(http_header(&rq->http->head, "Authorization")) && send_to_sign_in(rq))
		return;
	request_db_return(rq);
	if (page_error(rq, status, e, &failure) < 0)
		answer_text(rq, e, status);
}

/* ---- all ---- */

static int status_of(const struct request *rq, const struct err *e, enum door door)
{
	(void)rq;
	if (door == DOOR_API && e->code == ERR_UNPROCESSABLE)
		return 400; /* as GitLab: clients test for it */
	return err_http_status(e->code);
}

static void reset(struct request *rq)
{
	static const char *const of_content[] = { "Content-Disposition", "ETag", "Last-Modified",
						  "Content-Security-Policy", "Cache-Control" };

	for (size_t i = 0; i < ARRAY_LEN(of_content); i++)
		http_drop_header(&rq->http->response, of_content[i]);
}

void request_answer_error(struct request *rq, const struct err *e)
{
	enum door door = door_of(rq);
	int status = status_of(rq, e, door);

	reset(rq);
	if (err_http_status(e->code) >= 500)
		LOG(&rq->app->log, LOG_ERROR, "request failed", F_STR("request_id", rq->request_id),
		    F_STR("path", request_log_path(rq)), F_ERR(e));
	if (door == DOOR_API)
		answer_api(rq, e, status);
	else if (door == DOOR_PAGE)
		answer_page(rq, e, status);
	else
		answer_text(rq, e, status);
	if (e->code == ERR_BUSY || e->code == ERR_RATE_LIMITED)
		http_set_header(&rq->http->response, "Retry-After", STR("5"));
}

static void set_if_absent(struct http_response *r, const char *name, struct str value)
{
	if (str_is_none(http_response_header(r, name)))
		http_set_header(r, name, value);
}

void request_finish_headers(struct request *rq)
{
	struct http_response *r = &rq->http->response;
	bool is_open = rq->actor.kind == ACTOR_ANONYMOUS && !rq->has_secret;

	http_set_header(r, "X-Request-Id", rq->request_id);
	set_if_absent(r, "X-Content-Type-Options", STR("nosniff"));
	set_if_absent(r, "Cache-Control",
		      is_open ? STR("private, no-cache") : STR("private, no-store"));
	if (rq->site->is_https)
		set_if_absent(r, "Strict-Transport-Security", STR("max-age=63072000"));
	set_if_absent(r, "Referrer-Policy", STR("same-origin"));
	if (door_of(rq) != DOOR_PAGE) {
		set_if_absent(r, "Content-Security-Policy",
			      STR("default-src 'none'; frame-ancestors 'none'"));
		return;
	}
	set_if_absent(r, "Content-Security-Policy", STR(CSP));
	set_if_absent(r, "Cross-Origin-Opener-Policy", STR("same-origin"));
	set_if_absent(r, "Cross-Origin-Resource-Policy", STR("same-origin"));
	set_if_absent(r, "X-Frame-Options", STR("DENY"));
	set_if_absent(r, "Permissions-Policy",
		      STR("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
}
