#include "api/api.h"

#define PER_PAGE 20
#define TOTALS_MAX 10000 /* above it GitLab sends no totals, and clients are ready for that */

struct listing api_slice(const struct request *rq, struct api_page *page)
{
	struct listing slice = request_listing(rq, PER_PAGE, &page->page);

	page->per_page = slice.limit;
	return slice;
}

static bool is_paging(struct str name)
{
	return str_eq_c(name, "page") || str_eq_c(name, "per_page") ||
	       str_eq_c(name, "private_token");
}

static void add_link(struct request *rq, struct buf *out, const struct api_page *page, int64_t at,
		     const char *rel)
{
	struct str path = rq->http->head.path;

	(void)str_cut_prefix(&path, rq->site->base_path);
	buf_addf(out, "%s<%.*s?", out->n ? ", " : "", STR_FMT(request_absolute(rq, path)));
	for (size_t i = 0; i < rq->query.count; i++) {
		if (is_paging(rq->query.items[i].name))
			continue;
		url_encode(out, rq->query.items[i].name);
		buf_add_char(out, '=');
		url_encode(out, rq->query.items[i].value);
		buf_add_char(out, '&');
	}
	buf_addf(out, "page=%lld&per_page=%lld>; rel=\"%s\"", (long long)at,
		 (long long)page->per_page, rel);
}

static void set_number(struct request *rq, const char *name, int64_t n)
{
	struct str text = n > 0 ? arena_fmt(rq->arena, "%lld", (long long)n) : STR("");

	http_set_header(&rq->http->response, name, text);
}

static void set_link(struct request *rq, const struct buf *links)
{
	if (links->n > 0 && !links->full)
		http_set_header(&rq->http->response, "Link", arena_str(rq->arena, buf_str(links)));
}

static bool is_keyset(const struct request *rq)
{
	return str_eq_c(request_query(rq, "pagination"), "keyset");
}

static void write_headers(struct request *rq, const struct api_page *page, bool has_more,
			  int64_t pages)
{
	struct buf links;

	buf_init(&links, 32768);
	if (page->page > 1 && !is_keyset(rq))
		add_link(rq, &links, page, page->page - 1, "prev");
	if (has_more)
		add_link(rq, &links, page, page->page + 1, "next");
	if (!is_keyset(rq)) {
		add_link(rq, &links, page, 1, "first");
		if (pages > 0)
			add_link(rq, &links, page, pages, "last");
		set_number(rq, "X-Page", page->page);
		set_number(rq, "X-Per-Page", page->per_page);
		set_number(rq, "X-Next-Page", has_more ? page->page + 1 : 0);
		set_number(rq, "X-Prev-Page", page->page - 1);
	}
	set_link(rq, &links);
	buf_fini(&links);
}

void api_page_headers(struct request *rq, const struct api_page *page, int64_t total)
{
	int64_t pages = (total + page->per_page - 1) / page->per_page;

	if (pages == 0)
		pages = 1;
	write_headers(rq, page, (page->page < pages), (total > TOTALS_MAX) ? 0 : pages);
	if (is_keyset(rq) || total > TOTALS_MAX)
		return;
	http_set_header(&rq->http->response, "X-Total",
			arena_fmt(rq->arena, "%lld", (long long)total));
	set_number(rq, "X-Total-Pages", pages);
}

void api_page_headers_open(struct request *rq, const struct api_page *page, bool has_more)
{
	write_headers(rq, page, has_more, 0);
}

int api_need(const struct request *rq, const char *name, struct str *value, struct err *e)
{
	*value = request_form(rq, name);
	if (str_is_none(*value))
		*value = request_query(rq, name);
	if (str_is_empty(*value))
		return err_set(e, ERR_INVALID, "%s is missing", name);
	return 0;
}

int api_need_i64(const struct request *rq, const char *name, int64_t *value, struct err *e)
{
	struct str text;

	if (api_need(rq, name, &text, e) < 0)
		return -(int)e->code;
	if (!str_to_i64(text, value))
		return err_set(e, ERR_INVALID, "%s is invalid", name);
	return 0;
}

int api_path_id(const struct request *rq, const char *name, const char *missing, int64_t *id,
		struct err *e)
{
	if (!str_to_i64(request_param(rq, name), id) || *id <= 0)
		return err_set(e, ERR_NOT_FOUND, "%s", missing);
	return 0;
}

int api_visibility(const struct request *rq, enum visibility *v, bool *has, struct err *e)
{
	struct str text = request_form(rq, "visibility");

	if (str_is_none(text))
		text = request_query(rq, "visibility");
	*has = !str_is_none(text);
	if (*has && !visibility_from_name(text, v))
		return err_set(e, ERR_INVALID, "visibility does not have a valid value");
	return 0;
}

int api_date(const struct request *rq, const char *name, struct instant *t, bool *has,
	     struct err *e)
{
	struct str text = request_form(rq, name);

	*has = !str_is_empty(text);
	if (*has && !instant_parse(text, t))
		return err_set(e, ERR_INVALID, "%s is invalid", name);
	return 0;
}

void api_field_day(struct jsonw *w, const char *key, bool has, struct instant t)
{
	char text[INSTANT_TEXT_MAX];

	if (!has) {
		jsonw_field_null(w, key);
		return;
	}
	instant_format(t, text);
	jsonw_field_str(w, key, str_n(text, 10));
}

void api_field_time(struct jsonw *w, const char *key, bool has, struct instant t)
{
	if (has)
		jsonw_field_time(w, key, t);
	else
		jsonw_field_null(w, key);
}

int api_send_message(struct request *rq, int status, struct str text, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	jsonw_object(w);
	jsonw_field_str(w, "message", text);
	jsonw_end(w);
	return request_send_json(rq, status, e);
}

int api_send_taken(struct request *rq, struct err *e)
{
	static const char *const fields[] = { "name", "path" };
	struct jsonw *w = request_jsonw(rq);

	err_clear(e);
	jsonw_object(w);
	jsonw_field_object(w, "message");
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		jsonw_field_array(w, fields[i]);
		jsonw_str(w, STR("has already been taken"));
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_end(w);
	return request_send_json(rq, 400, e);
}

struct str_list api_labels(const struct request *rq, const char *name, bool *has)
{
	const struct str_list given = request_form_list(rq, name);
	struct str_list labels = { NULL, 0 };
	size_t room = 1;

	*has = given.count > 0 || jsonr_is_array(jsonr_get(rq->json, name)) ||
	       !str_is_none(request_form(rq, name));
	for (size_t i = 0; i < given.count; i++)
		room += given.items[i].n / 2 + 1;
	if (given.count == 0)
		room += request_form(rq, name).n / 2 + 1;
	labels.items = ARENA_ARRAY(rq->arena, struct str, room);
	for (size_t i = 0; i < given.count || (i == 0 && *has); i++) {
		struct str rest = given.count > 0 ? given.items[i] : request_form(rq, name);
		struct str part;

		while (!str_is_none(rest) && str_cut(&rest, ',', &part))
			if (!str_is_empty(str_trim(part)))
				labels.items[labels.count++] = str_trim(part);
	}
	return labels;
}

struct str_list api_query_labels(const struct request *rq)
{
	struct str rest = request_query(rq, "labels");
	struct str_list labels = { ARENA_ARRAY(rq->arena, struct str, rest.n / 2 + 2), 0 };
	struct str part;

	while (!str_is_empty(rest) && str_cut(&rest, ',', &part))
		if (!str_is_empty(str_trim(part)))
			labels.items[labels.count++] = str_trim(part);
	return labels;
}

int api_check_is_group(const struct request *rq, struct err *e)
{
	if (rq->namespace->kind == NAMESPACE_GROUP)
		return 0;
	return err_set(e, ERR_NOT_FOUND, "404 Group Not Found");
}
