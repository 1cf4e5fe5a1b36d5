/* The words shared by all handlers of pages; see page.h. */
#include "pages/page.h"

#include "domain/user.h"

#include <inttypes.h>

struct str page_text(const struct request *rq, const char *msgid)
{
	return str_c(i18n_text(rq->language, msgid));
}

struct str page_sentence(const struct request *rq, struct str sentence)
{
	return i18n_sentence(rq->language, sentence, rq->arena);
}

void page_notice(struct request *rq, const char *msgid)
{
	request_set_notice(rq, page_text(rq, msgid));
}

bool page_is_problem(struct request *rq, const struct err *error, struct view_problem *problem,
		     struct err *e)
{
	switch (error->code) {
	case ERR_INVALID:
	case ERR_FORBIDDEN:
	case ERR_CONFLICT:
	case ERR_GONE:
	case ERR_TOO_LARGE:
	case ERR_NOT_FOUND:
	case ERR_UNPROCESSABLE:
	case ERR_RATE_LIMITED:
	case ERR_BUSY:
		problem->text = page_sentence(rq, str_c(err_sentence(error)));
		return true;
	default:
		*e = *error;
		return false;
	}
}

int page_problem_status(const struct view_problem *problem)
{
	return str_is_empty(problem->text) ? 200 : 422;
}

struct view_problem page_problem(const struct request *rq, const char *msgid)
{
	return (struct view_problem){ page_text(rq, msgid) };
}

struct str page_url(const struct request *rq, struct str path)
{
	return arena_fmt(rq->arena, "%.*s%.*s", STR_FMT(rq->site->base_path), STR_FMT(path));
}

struct str page_with_query(struct request *rq, struct str path, const char *name, struct str value)
{
	struct buf out;
	struct str result;

	buf_init(&out, 64 * 1024);
	buf_add(&out, path);
	buf_add_char(&out, str_has(path, '?') ? '&' : '?');
	buf_add_c(&out, name);
	buf_add_char(&out, '=');
	url_encode(&out, value);
	result = arena_str(rq->arena, buf_str(&out));
	buf_fini(&out);
	return result;
}

struct listing page_listing(const struct request *rq, int32_t rows)
{
	int64_t page;

	return request_listing(rq, rows, &page);
}

static struct str pager_link(struct request *rq, int64_t page)
{
	struct str path = rq->http->head.path;

	for (size_t i = 0; i < rq->query.count; i++) {
		const struct url_pair *pair = &rq->query.items[i];

		if (!str_eq_c(pair->name, "page"))
			path = page_with_query(rq, path, arena_cstr(rq->arena, pair->name),
					       pair->value);
	}
	return page_with_query(rq, path, "page", arena_fmt(rq->arena, "%" PRId64, page));
}

struct view_pager page_pager(struct request *rq, struct listing slice, int64_t total, bool has_more)
{
	struct view_pager pager = { .page = slice.offset / slice.limit + 1 };

	if (total >= 0)
		has_more = slice.offset + slice.limit < total;
	pager.is_needed = has_more || slice.offset > 0;
	if (slice.offset > 0)
		pager.previous = pager_link(rq, pager.page - 1);
	if (has_more)
		pager.next = pager_link(rq, pager.page + 1);
	return pager;
}

struct str page_letter(struct str text)
{
	size_t n = str_utf8_length(text);

	return str_upto(text, n > 0 ? n : (text.n > 0));
}

struct str page_initials(struct request *rq, struct str name)
{
	struct str trimmed = str_trim(name);
	struct str last = str_from(trimmed, str_find_last(trimmed, ' ') + 1);

	if (last.n == 0 || last.n == trimmed.n)
		return page_letter(trimmed);
	return arena_fmt(rq->arena, "%.*s%.*s", STR_FMT(page_letter(trimmed)),
			 STR_FMT(page_letter(last)));
}

struct str page_tile(struct str text)
{
	static const char *const classes[] = { "t0", "t1", "t2", "t3", "t4", "t5" };
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < text.n; i++)
		sum = (sum ^ (unsigned char)text.p[i]) * 16777619u;
	return str_c(classes[(sum >> 8) % 6]);
}

struct str page_size(const struct request *rq, uint64_t bytes)
{
	static const char *const units[] = { I18N("%s B"), I18N("%s KB"), I18N("%s MB"),
					     I18N("%s GB"), I18N("%s TB") };
	struct str format;
	struct str number;
	size_t unit = 0;
	uint64_t tenths = bytes * 10;

	while (tenths >= 10240 && unit < 4) {
		tenths = (tenths + 512) / 1024;
		unit++;
	}
	if (unit == 0 || tenths >= 1000)
		number = arena_fmt(rq->arena, "%" PRIu64, tenths / 10);
	else
		number = arena_fmt(rq->arena, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
	format = page_text(rq, units[unit]);
	return arena_fmt(rq->arena, "%.*s%.*s", STR_FMT(number),
			 STR_FMT(str_from(format, str_find_str(format, STR("%s")) + 2)));
}

struct view_levels page_levels(struct request *rq, enum access_level top, enum access_level chosen)
{
	struct view_levels levels = { ARENA_ARRAY(rq->arena, struct view_level, 5), 0 };

	for (int64_t n = LEVEL_GUEST; n <= LEVEL_OWNER && n <= (int64_t)top; n += 10)
		levels.items[levels.count++] = (struct view_level){ n, n == (int64_t)chosen };
	return levels;
}

int page_writable_namespaces(struct request *rq, bool groups_only, int64_t chosen,
			     struct view_option **options, size_t *count, struct err *e)
{
	const struct namespace_filter filter = { .writable_only = true,
						 .groups_only = groups_only };
	struct namespaces list;
	struct db *db;
	struct view_option *items;

	if (request_db(rq, &db, e) < 0 ||
	    namespace_list(db, &rq->actor, &filter, LISTING_FIRST, rq->arena, &list, e) < 0)
		return -(int)e->code;
	items = ARENA_ARRAY(rq->arena, struct view_option, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		items[i] = (struct view_option){ list.items[i]->id.v, list.items[i]->path,
						 list.items[i]->id.v == chosen };
	*options = items;
	*count = list.count;
	return 0;
}

bool page_form_date(const struct request *rq, const char *name, bool *has, struct instant *at)
{
	struct str text = str_trim(request_form(rq, name));

	*has = !str_is_empty(text);
	return !*has || (text.n == 10 && instant_parse(text, at));
}

struct str page_date(struct request *rq, struct instant at)
{
	char text[INSTANT_TEXT_MAX];

	instant_format(at, text);
	return str_upto(arena_str(rq->arena, str_c(text)), 10);
}

int64_t page_id(const struct request *rq, const char *name)
{
	int64_t id = 0;

	if (!str_to_i64(request_param(rq, name), &id))
		return 0;
	return id;
}

int page_user_door(struct request *rq, struct user_door *door, struct err *e)
{
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	*door = (struct user_door){ db, rq->app->redis, rq->app->secret };
	return 0;
}
