/* Reading a request and answering it. The contract is request.h. */
#include "request.h"

#include "request_auth.h"
#include "git/operation.h"
#include "http/cookie.h"
#include "router.h"
#include "secret/secret.h"

#define PAGE_BYTES_MAX (16u << 20)

/* ---- what is lent ---- */

int request_db(struct request *rq, struct db **db, struct err *e)
{
	if (!rq->db && db_acquire(rq->app->db, &rq->db, e) < 0)
		return -(int)e->code;
	*db = rq->db;
	return 0;
}

void request_db_return(struct request *rq)
{
	db_release(rq->db);
	rq->db = NULL;
}

int request_ensure_repository(struct request *rq, struct err *e)
{
	struct project *project = rq->project;
	struct git_operation_request init = {
		.op = GIT_OP_INIT,
		.project_id = project->id.v,
		.user_id = GIT_USER_SYSTEM,
		.request_id = rq->request_id.p,
		.in = -1,
		.out = -1,
		.err = -1,
		.name = arena_cstr(rq->arena, project->default_branch),
	};
	struct db *db = NULL;

	if (project->has_repository)
		return 0;
	request_db_return(rq);
	if (git_operation_run(rq->app->run, &init, e) < 0)
		return err_add(e, "make the repository");
	git_reader_forget(rq->app->reader, project->id.v);
	if (request_db(rq, &db, e) < 0 || project_note_repository(db, project->id, e) < 0)
		return -(int)e->code;
	project->has_repository = true;
	return 0;
}

int request_repo(struct request *rq, struct repo **repo, struct err *e)
{
	ASSERT(rq->project);
	if (!rq->repo) {
		if (request_ensure_repository(rq, e) < 0 ||
		    repo_acquire(rq->app->reader, rq->project->id.v, &rq->repo, e) < 0)
			return -(int)e->code;
		arena_link(rq->arena, repo_closer, rq->repo);
	}
	*repo = rq->repo;
	return 0;
}

void request_repo_forget(struct request *rq)
{
	rq->repo = NULL; /* the arena still holds and releases it */
}

bool request_may(const struct request *rq, enum action action)
{
	return access_allows(&rq->actor, action, &rq->target);
}

/* ---- input ---- */

struct str request_param(const struct request *rq, const char *name)
{
	for (size_t i = 0; i < rq->params_count; i++)
		if (str_eq_c(rq->params[i].name, name))
			return rq->params[i].value;
	return STR_NONE;
}

struct str request_log_path(const struct request *rq)
{
	struct str pattern = rq->route ? rq->route->pattern : STR("");

	return str_find_str(pattern, STR("{secret}")) < pattern.n ? pattern : rq->http->head.path;
}

struct str request_query(const struct request *rq, const char *name)
{
	return url_pairs_get(&rq->query, name);
}

static struct str json_scalar(struct arena *a, const struct jsonr *value)
{
	struct str text = jsonr_text(value);
	int64_t n;
	bool b;

	if (!str_is_none(text))
		return text;
	if (jsonr_integer(value, &n))
		return arena_fmt(a, "%lld", (long long)n);
	if (jsonr_boolean(value, &b))
		return b ? STR("true") : STR("false");
	return STR_NONE;
}

struct str request_form(const struct request *rq, const char *name)
{
	if (rq->json)
		return json_scalar(rq->arena, jsonr_get(rq->json, name));
	return url_pairs_get(&rq->form, name);
}

static struct str_list json_list(const struct request *rq, const char *name)
{
	const struct jsonr *array = jsonr_get(rq->json, name);
	struct str_list list = { ARENA_ARRAY(rq->arena, struct str, jsonr_length(array) + 1), 0 };

	if (!jsonr_is_array(array)) {
		struct str one = json_scalar(rq->arena, array);

		if (!str_is_none(one))
			list.items[list.count++] = one;
		return list;
	}
	for (size_t i = 0; i < jsonr_length(array); i++) {
		struct str one = json_scalar(rq->arena, jsonr_at(array, i));

		if (!str_is_none(one))
			list.items[list.count++] = one;
	}
	return list;
}

struct str_list request_form_list(const struct request *rq, const char *name)
{
	struct str_list list = { NULL, 0 };
	struct str in_brackets = arena_fmt(rq->arena, "%s[]", name);

	if (rq->json)
		return json_list(rq, name);
	list.items = ARENA_ARRAY(rq->arena, struct str, rq->form.count + 1);
	for (size_t i = 0; i < rq->form.count; i++)
		if (str_eq_c(rq->form.items[i].name, name) ||
		    str_eq(rq->form.items[i].name, in_brackets))
			list.items[list.count++] = rq->form.items[i].value;
	return list;
}

static bool is_yes(struct str value)
{
	return str_eq_c(value, "1") || str_eq_nocase(value, STR("true")) ||
	       str_eq_nocase(value, STR("on")) || str_eq_nocase(value, STR("yes"));
}

bool request_form_bool(const struct request *rq, const char *name, bool otherwise)
{
	struct str value = request_form(rq, name);

	return str_is_none(value) ? otherwise : is_yes(value);
}

bool request_form_i64(const struct request *rq, const char *name, int64_t *value)
{
	return str_to_i64(request_form(rq, name), value);
}

struct listing request_listing(const struct request *rq, int32_t per_page, int64_t *page)
{
	int64_t size = per_page;
	int64_t at = 1;

	if (str_to_i64(request_query(rq, "per_page"), &size) && size < 1)
		size = per_page;
	if (size > LISTING_MAX)
		size = LISTING_MAX;
	if (!str_to_i64(request_query(rq, "page"), &at) || at < 1)
		at = 1;
	if (at > 1000000)
		at = 1000000;
	*page = at;
	return (struct listing){ (at - 1) * size, (int32_t)size };
}

/* ---- answers ---- */

static void close_buf(void *object)
{
	buf_fini(object);
}

static struct buf *out_of(struct request *rq)
{
	if (!rq->out) {
		rq->out = ARENA_NEW(rq->arena, struct buf);
		buf_init(rq->out, PAGE_BYTES_MAX);
		arena_link(rq->arena, close_buf, rq->out);
	}
	return rq->out;
}

struct emit *request_emit(struct request *rq)
{
	request_make_csrf(rq);
	buf_clear(out_of(rq));
	rq->emit = (struct emit){ rq->out, rq->language, rq->site->base_path, rq->csrf };
	return &rq->emit;
}

int request_send_page(struct request *rq, int status, struct err *e)
{
	if (buf_check(rq->out, "this page", e) < 0)
		return -(int)e->code;
	http_respond(rq->http, status, "text/html; charset=utf-8", buf_str(rq->out));
	rq->http->response.may_compress = !rq->has_secret;
	return 0;
}

int request_send_picture(struct request *rq, const char *type, struct err *e)
{
	if (buf_check(rq->out, "this picture", e) < 0)
		return -(int)e->code;
	http_respond(rq->http, 200, type, buf_str(rq->out));
	return 0;
}

struct jsonw *request_jsonw(struct request *rq)
{
	buf_clear(out_of(rq));
	rq->jsonw = jsonw_to(rq->out);
	return &rq->jsonw;
}

int request_send_json(struct request *rq, int status, struct err *e)
{
	if (buf_check(rq->out, "this answer", e) < 0)
		return -(int)e->code;
	http_respond(rq->http, status, "application/json", buf_str(rq->out));
	rq->http->response.may_compress = !rq->has_secret;
	return 0;
}

int request_send_bytes(struct request *rq, int status, const char *type, struct str bytes,
		       struct err *e)
{
	(void)e;
	http_respond(rq->http, status, type, bytes);
	rq->http->response.may_compress = !rq->has_secret;
	return 0;
}

int request_send_nothing(struct request *rq, struct err *e)
{
	(void)e;
	http_respond(rq->http, 204, NULL, STR(""));
	return 0;
}

/* RFC 6266 with 5987's form for names that are not plain ASCII. */
static struct str disposition(struct arena *a, struct str filename)
{
	struct buf b;
	struct str text;

	buf_init(&b, 16384);
	buf_add_c(&b, "attachment; filename*=UTF-8''");
	url_encode(&b, str_upto(filename, 1024));
	text = arena_str(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

void request_mark_untrusted(struct request *rq, struct str filename)
{
	struct http_response *r = &rq->http->response;

	http_set_header(r, "Content-Security-Policy",
			STR("default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
			    "media-src data:; sandbox"));
	http_set_header(r, "Cross-Origin-Resource-Policy", STR("same-origin"));
	if (!str_is_none(filename))
		http_set_header(r, "Content-Disposition", disposition(rq->arena, filename));
}

void request_set_etag(struct request *rq, struct str tag)
{
	http_set_header(&rq->http->response, "ETag",
			arena_fmt(rq->arena, "\"%.*s\"", STR_FMT(tag)));
}

void request_set_cache(struct request *rq, const char *cache_control)
{
	http_set_header(&rq->http->response, "Cache-Control", str_c(cache_control));
}

struct str request_sha256(const struct request *rq, struct str bytes)
{
	unsigned char digest[SECRET_SHA256_SIZE];
	struct buf hex;
	struct str text;

	secret_sha256(bytes, digest);
	buf_init(&hex, 2 * sizeof(digest) + 1);
	buf_add_hex(&hex, digest, sizeof(digest));
	text = arena_str(rq->arena, buf_str(&hex));
	buf_fini(&hex);
	return text;
}

int request_redirect(struct request *rq, struct str to, struct err *e)
{
	if (to.n > 0 && to.p[0] == '/')
		to = arena_fmt(rq->arena, "%.*s%.*s", STR_FMT(rq->site->base_path), STR_FMT(to));
	(void)e;
	http_respond(rq->http, 303, NULL, STR(""));
	http_set_header(&rq->http->response, "Location", to);
	return 0;
}

/* "/" and then neither '/' nor '\\', also after decoding: browsers take those for a host. */
static bool is_own_path(const struct request *rq, struct str to)
{
	struct str decoded;

	if (to.n == 0 || to.n > 2000 || to.p[0] != '/' || !str_is_utf8_text(to) ||
	    !url_decode(rq->arena, to, &decoded))
		return false;
	if (decoded.n > 1 && (decoded.p[1] == '/' || decoded.p[1] == '\\'))
		return false;
	for (size_t i = 0; i < to.n; i++)
		if ((unsigned char)to.p[i] <= 0x20 || to.p[i] == '\\' || to.p[i] == 0x7F)
			return false;
	return true;
}

struct str request_safe_return(const struct request *rq, struct str to)
{
	struct str rest = to;

	if (!is_own_path(rq, to))
		return STR("/");
	if (rq->site->base_path.n == 0 || !str_cut_prefix(&rest, rq->site->base_path))
		return to;
	if (rest.n == 0 || !is_own_path(rq, rest))
		return STR("/"); /* request_redirect puts the sub-path in front */
	return rest;
}

struct str request_absolute(const struct request *rq, struct str path)
{
	struct str base = site_base(rq->site, &rq->http->head, rq->arena);

	return arena_fmt(rq->arena, "%.*s%.*s", STR_FMT(base), STR_FMT(path));
}

/* ---- cookies ---- */

static void set_cookie(struct request *rq, struct str name, struct str value, int64_t max_age)
{
	struct http_cookie c = {
		.name = name,
		.value = value,
		.is_secure = rq->site->is_https,
		.max_age = max_age,
	};

	http_set_header(&rq->http->response, "Set-Cookie", http_cookie_format(rq->arena, &c));
}

void request_set_notice(struct request *rq, struct str text)
{
	struct buf b;

	buf_init(&b, 3000);
	url_encode(&b, str_upto(text, 900));
	if (!b.full)
		set_cookie(rq, rq->site->notice_cookie, arena_str(rq->arena, buf_str(&b)), 60);
	buf_fini(&b);
}

void request_set_language(struct request *rq, struct str code)
{
	const struct language *language = language_find(code);

	if (language)
		set_cookie(rq, rq->site->language_cookie, str_c(language->code), 365 * 86400);
}

int request_sign_in(struct request *rq, struct user_id user, struct err *e)
{
	struct str agent = http_header(&rq->http->head, "User-Agent");
	struct session_new in = {
		.user = user,
		.ip = rq->ip,
		.user_agent = str_is_utf8_text(agent) ? agent : STR_NONE,
		.days = rq->app->config->session_days,
	};
	struct str token;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (rq->has_session && session_remove(db, &rq->actor, rq->session.id, e) < 0)
		return -(int)e->code;
	if (session_create(db, &in, rq->arena, &token, e) < 0)
		return -(int)e->code;
	set_cookie(rq, rq->site->session_cookie, token, in.days * 86400);
	set_cookie(rq, rq->site->csrf_cookie, STR(""), -1);
	return 0;
}

int request_sign_out(struct request *rq, struct err *e)
{
	struct db *db = NULL;

	set_cookie(rq, rq->site->session_cookie, STR(""), -1);
	if (!rq->has_session)
		return 0;
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return session_remove(db, &rq->actor, rq->session.id, e);
}
