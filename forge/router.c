/*
 * The way of a request from its head to its handler. See router.h for the order;
 * each step is a function here, and the first that fails is answered by
 * request_answer_error.
 */
#include "router.h"

#include "base/mem.h"
#include "base/random.h"
#include "domain/landing.h"
#include "http/cookie.h"
#include "request.h"
#include "request_auth.h"
#include "request_body.h"
#include "request_error.h"
#include "router_match.h"
#include "routes.h"

struct router *router_open(struct app *app)
{
	struct router *r = MEM_NEW(struct router);

	r->app = app;
	r->arena = arena_open(1u << 20);
	r->metrics = metrics_open();
	r->patterns = ARENA_ARRAY(r->arena, struct route_pattern, ROUTE_COUNT + 1);
	for (size_t i = 0; i < ROUTE_COUNT; i++)
		route_pattern_parse(routes[i].pattern, &r->patterns[i]);
	site_init(&r->site, app->config, r->arena);
	return r;
}

void router_close(struct router *r)
{
	if (!r)
		return;
	metrics_close(r->metrics);
	arena_close(r->arena);
	mem_free(r);
}

/* ---- the row ---- */

struct candidate {
	const struct route *route;
	struct path_match match;
};

/* Rows that fit path and method, in the table's order, and the methods of all that fit the path. */
struct candidates {
	struct candidate items[8];
	size_t count;
	bool methods[HTTP_OTHER + 1];
	bool has_path;
};

/* "/api/v4/..." is no project's address, whatever is missing there. */
static bool is_for_others(const struct route_pattern *pattern, const struct url_path *path)
{
	return pattern->count > 0 && pattern->segments[0].is_address && path->count > 0 &&
	       namespace_is_reserved(path->segments[0].decoded);
}

static void find_candidates(const struct request *rq, const struct url_path *path,
			    struct candidates *found)
{
	enum http_method method =
		rq->http->head.method == HTTP_HEAD ? HTTP_GET : rq->http->head.method;

	for (size_t i = 0; i < ROUTE_COUNT && found->count < ARRAY_LEN(found->items); i++) {
		struct candidate *c = &found->items[found->count];

		if (is_for_others(&rq->router->patterns[i], path) ||
		    !path_match(&rq->router->patterns[i], path, rq->arena, &c->match))
			continue;
		found->has_path = true;
		found->methods[routes[i].method] = true;
		c->route = &routes[i];
		if (routes[i].method == method)
			found->count++;
		else if (found->count == 0)
			found->items[0].route = &routes[i]; /* whose door an error speaks */
	}
}

static int refuse_method(struct request *rq, const struct candidates *found, struct err *e)
{
	struct buf allow;

	buf_init(&allow, 200);
	for (enum http_method m = HTTP_GET; m < HTTP_OTHER; m++) {
		if (!found->methods[m])
			continue;
		buf_addf(&allow, "%s%s%s", allow.n ? ", " : "", http_method_name(m),
			 m == HTTP_GET ? ", HEAD" : "");
	}
	http_set_header(&rq->http->response, "Allow", arena_str(rq->arena, buf_str(&allow)));
	buf_fini(&allow);
	return err_set(e, ERR_METHOD, "This address does not answer %s.",
		       http_method_name(rq->http->head.method));
}

static void use(struct request *rq, const struct candidate *c)
{
	rq->route = c->route;
	rq->params_count = c->match.count;
	for (size_t i = 0; i < c->match.count; i++)
		rq->params[i] =
			(struct request_param){ c->match.params[i].name, c->match.params[i].value };
}

/* ---- the target ---- */

/* Where the address of the path is an old one, or written in another case. */
struct found_target {
	struct str path; /* of what was found: the true one */
	bool was_moved;
	int32_t unsettled;
};

static bool is_id(const struct request *rq, struct str value, int64_t *id)
{
	return route_door(rq->route) == DOOR_API && str_to_i64(value, id) && *id > 0;
}

static int find_project(struct request *rq, struct str value, struct found_target *found,
			struct err *e)
{
	struct project_access *access = ARENA_NEW(rq->arena, struct project_access);
	struct db *db = NULL;
	int64_t id;
	int result;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (is_id(rq, value, &id))
		result = access_find_project_by_id(db, &rq->actor, (struct project_id){ id },
						   rq->arena, access, e);
	else
		result = access_find_project(db, &rq->actor, value, rq->arena, access, e);
	if (result < 0)
		return result;
	rq->target = access->target;
	*found =
		(struct found_target){ access->project.path, access->was_moved, access->unsettled };
	rq->project = access->target.exists ? &access->project : NULL;
	return 0;
}

static int find_namespace(struct request *rq, struct str value, struct found_target *found,
			  struct err *e)
{
	struct namespace_access *access = ARENA_NEW(rq->arena, struct namespace_access);
	struct db *db = NULL;
	int64_t id;
	int result;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (is_id(rq, value, &id))
		result = access_find_namespace_by_id(db, &rq->actor, (struct namespace_id){ id },
						     rq->arena, access, e);
	else
		result = access_find_namespace(db, &rq->actor, value, rq->arena, access, e);
	if (result < 0)
		return result;
	rq->target = access->target;
	*found = (struct found_target){ access->namespace.path, access->was_moved, 0 };
	rq->namespace = access->target.exists ? &access->namespace : NULL;
	return 0;
}

/* Bytes that no name can hold need no query: they name nothing. */
static int find_target(struct request *rq, struct found_target *found, struct err *e)
{
	enum access_target_kind kind = access_row(rq->route->action)->target;
	struct str project = request_param(rq, "project");
	struct str group = request_param(rq, "group");

	*found = (struct found_target){ 0 };
	rq->target = (struct access_target){ 0 };
	rq->project = NULL;
	rq->namespace = NULL;
	if (str_is_none(group))
		group = request_param(rq, "namespace");
	if ((project.p && !str_is_utf8_text(project)) || (group.p && !str_is_utf8_text(group)))
		return 0;
	if (!str_is_none(project))
		return find_project(rq, project, found, e);
	if (!str_is_none(group))
		return find_namespace(rq, group, found, e);
	ASSERT(kind != TARGET_PROJECT);
	return 0;
}

static bool needs_target(const struct request *rq)
{
	enum access_target_kind kind;

	ASSERT(rq->route != NULL);
	kind = access_row(rq->route->action)->target;
	return kind == TARGET_PROJECT || kind == TARGET_GROUP;
}

/* A wrong answer here must not tell that the thing exists: forget it before the error is shown. */
static int check_access(struct request *rq, struct err *e)
{
	const struct access_target *target = needs_target(rq) ? &rq->target : NULL;

	if (access_check(&rq->actor, rq->route->action, target, e) == 0)
		return 0;
	if (target && !access_sees(&rq->actor, target)) {
		rq->project = NULL;
		rq->namespace = NULL;
	}
	return -(int)e->code;
}

/* Reading by an old address, or a page by another case, goes to the true one. */
static bool redirect_to_true_path(struct request *rq, const struct candidate *c,
				  const struct found_target *found)
{
	struct http_head *head = &rq->http->head;
	struct str raw = head->path;
	struct buf b;
	bool is_page = route_door(rq->route) == DOOR_PAGE;

	if ((head->method != HTTP_GET && head->method != HTTP_HEAD) || c->match.address_end == 0 ||
	    (!found->was_moved && (!is_page || str_eq(found->path, c->match.params[0].value))))
		return false;
	if (!site_cut_base(rq->site, &raw))
		return false;
	buf_init(&b, 3 * HTTP_URI_MAX);
	buf_add(&b, rq->site->base_path);
	if (route_door(rq->route) == DOOR_API) {
		buf_add(&b,
			str_upto(raw, str_find_last(str_upto(raw, c->match.address_end), '/') + 1));
		url_encode(&b, found->path);
	} else {
		buf_add_char(&b, '/');
		url_encode_path(&b, found->path);
	}
	buf_add(&b, c->match.address_suffix);
	buf_add(&b, str_from(raw, c->match.address_end));
	if (!str_is_none(head->query))
		buf_addf(&b, "?%.*s", STR_FMT(head->query));
	http_respond(rq->http, 301, NULL, STR(""));
	http_set_header(&rq->http->response, "Location", arena_str(rq->arena, buf_str(&b)));
	buf_fini(&b);
	return true;
}

/* A landing died or is alive: finish the one, serve the old refs beside the other. */
static int settle(struct request *rq, struct err *e)
{
	struct landing_request request = {
		.db = rq->app->db,
		.run = rq->app->run,
		.instance = rq->app->instance,
		.actor = &rq->actor,
		.project = rq->project->id,
		.project_path = rq->project->path,
	};
	bool was_busy;

	request_db_return(rq);
	if (landing_settle(&request, &was_busy, e) == 0)
		return 0;
	LOG(&rq->app->log, LOG_WARN, "settle failed", F_STR("request_id", rq->request_id),
	    F_STR("project", rq->project->path), F_ERR(e));
	err_clear(e);
	return 0;
}

/* ---- begin ---- */

static void fill_language(struct request *rq)
{
	struct str cookies = http_header(&rq->http->head, "Cookie");
	struct str code = http_cookie_get(cookies, rq->site->language_cookie);

	rq->language = str_is_none(code) ? NULL : language_find(code);
	if (!rq->language)
		rq->language = language_negotiate(http_header(&rq->http->head, "Accept-Language"));
}

static void take_notice(struct request *rq)
{
	struct str cookies = http_header(&rq->http->head, "Cookie");
	struct str value = http_cookie_get(cookies, rq->site->notice_cookie);
	struct http_cookie gone = { .name = rq->site->notice_cookie,
				    .value = STR(""),
				    .is_secure = rq->site->is_https,
				    .max_age = -1 };

	if (str_is_empty(value) || rq->http->head.method != HTTP_GET ||
	    route_door(rq->route) != DOOR_PAGE || !url_decode_form(rq->arena, value, &rq->notice))
		return;
	http_set_header(&rq->http->response, "Set-Cookie", http_cookie_format(rq->arena, &gone));
}

static struct request *make_request(struct router *router, struct http_exchange *x)
{
	struct request *rq = ARENA_NEW(x->arena, struct request);

	rq->app = router->app;
	rq->router = router;
	rq->site = &router->site;
	rq->http = x;
	rq->arena = x->arena;
	rq->ip = x->head.client;
	rq->request_id = random_hex(x->arena, 12);
	rq->actor = actor_anonymous();
	x->state = rq;
	fill_language(rq);
	return rq;
}

static int find_rows(struct request *rq, struct candidates *found, struct err *e)
{
	struct str raw = rq->http->head.path;
	struct url_path path;

	if (raw.n == 0 || raw.p[0] != '/' || !site_cut_base(rq->site, &raw))
		return err_set(e, ERR_NOT_FOUND, "There is nothing at this address.");
	if (url_path_split(rq->arena, raw, &path, e) < 0)
		return -(int)e->code;
	find_candidates(rq, &path, found);
	if (!found->has_path)
		return err_set(e, ERR_NOT_FOUND, "There is nothing at this address.");
	if (found->count == 0) {
		rq->route = found->items[0].route;
		return refuse_method(rq, found, e);
	}
	return 0;
}

/*
 * The first row whose target exists. If none does, the first row answers as it
 * would for what must not be seen: the two are not told apart.
 */
static int choose_row(struct request *rq, const struct candidates *found,
		      const struct candidate **chosen, struct found_target *target, struct err *e)
{
	for (size_t i = 0; i < found->count; i++) {
		*chosen = &found->items[i];
		use(rq, *chosen);
		if (find_target(rq, target, e) < 0)
			return -(int)e->code;
		if (!needs_target(rq) || rq->target.exists)
			return 0;
	}
	*chosen = &found->items[0];
	use(rq, *chosen);
	*target = (struct found_target){ 0 };
	return 0;
}

static int enter(struct request *rq, struct err *e)
{
	const struct candidate *chosen = NULL;
	struct candidates found = { 0 };
	struct found_target target = { 0 };

	if (find_rows(rq, &found, e) < 0)
		return -(int)e->code;
	use(rq, &found.items[0]);
	if (!str_is_none(rq->http->head.query) &&
	    url_pairs_parse(rq->arena, rq->http->head.query, &rq->query, e) < 0)
		return -(int)e->code;
	if (request_identify(rq, e) < 0 || choose_row(rq, &found, &chosen, &target, e) < 0 ||
	    check_access(rq, e) < 0)
		return -(int)e->code;
	rq->is_entered = true;
	if (redirect_to_true_path(rq, chosen, &target))
		return 0;
	take_notice(rq);
	if (target.unsettled > 0 && rq->project && settle(rq, e) < 0)
		return -(int)e->code;
	rq->http->body.limit = route_body_row(rq->route->body)->limit;
	return 0;
}

static void answer(struct request *rq, int (*handler)(struct request *, struct err *))
{
	struct err e = { 0 };

	if (handler(rq, &e) < 0)
		request_answer_error(rq, &e);
	request_db_return(rq);
}

/* The handler says what becomes of the body. */
static bool is_called_at_the_head(const struct request *rq)
{
	return rq->route->body == BODY_GIT || rq->route->body == BODY_STREAM;
}

static void begin(void *closure, struct http_exchange *x)
{
	struct router *router = closure;
	struct request *rq = make_request(router, x);
	struct err e = { 0 };

	metrics_add(router->metrics, METRIC_HTTP_ACTIVE, 1);
	if (enter(rq, &e) < 0)
		request_answer_error(rq, &e);
	else if (x->response.kind == HTTP_NO_RESPONSE && is_called_at_the_head(rq))
		answer(rq, rq->route->handler);
	request_db_return(rq);
	if (x->response.kind != HTTP_NO_RESPONSE)
		request_finish_headers(rq);
}

/* ---- finish ---- */

static int read_body(struct request *rq, struct err *e)
{
	bool is_unsafe = rq->http->head.method != HTTP_GET && rq->http->head.method != HTTP_HEAD;

	if (rq->http->body.failed) {
		*e = rq->http->body.failure;
		return -(int)e->code;
	}
	if (request_parse_body(rq, e) < 0)
		return -(int)e->code;
	return is_unsafe && route_body_row(rq->route->body)->needs_csrf ? request_check_csrf(rq, e)
									: 0;
}

static void finish(void *closure, struct http_exchange *x)
{
	struct request *rq = x->state;
	struct err e = { 0 };

	(void)closure;
	if (rq->finish)
		answer(rq, rq->finish);
	else if (read_body(rq, &e) < 0)
		request_answer_error(rq, &e);
	else
		answer(rq, rq->route->handler);
	request_finish_headers(rq);
}

/* ---- done ---- */

static enum metric class_of(int status)
{
	if (status < 300)
		return METRIC_HTTP_2XX;
	if (status < 400)
		return METRIC_HTTP_3XX;
	return status < 500 ? METRIC_HTTP_4XX : METRIC_HTTP_5XX;
}

/* The query is left out: it may hold a token; so may the path. */
static void done(void *closure, struct http_exchange *x)
{
	struct router *router = closure;
	struct request *rq = x->state;
	int64_t ms = clock_monotonic_ms() - x->started_ms;

	if (!rq)
		return;
	request_db_return(rq);
	metrics_add(router->metrics, METRIC_HTTP_ACTIVE, -1);
	metrics_add(router->metrics, class_of(x->response.status), 1);
	metrics_add(router->metrics, METRIC_HTTP_MS, ms);
	metrics_add(router->metrics, METRIC_HTTP_SENT, (int64_t)x->sent);
	metrics_add(router->metrics, METRIC_HTTP_RECEIVED, (int64_t)x->body.received);
	LOG(&router->app->log, LOG_INFO, "http", F_STR("request_id", rq->request_id),
	    F_C("method", http_method_name(x->head.method)), F_STR("path", request_log_path(rq)),
	    F_C("route", rq->route ? rq->route->name : "none"), F_INT("status", x->response.status),
	    F_INT("ms", ms), F_INT("sent", (int64_t)x->sent), F_STR("ip", rq->ip),
	    F_STR("user", rq->actor.username), F_INT("broken", x->is_broken));
}

struct http_handler router_handler(struct router *router)
{
	return (struct http_handler){ begin, finish, done, router };
}
