/*
 * The manual. A page is web/help/<name>.md and, in Russian, <name>.ru.md; its
 * title is its first line. A new page gets a row here, where the order is.
 */
#include "pages/help.h"
#include "render/asset.h"
#include "render/markdown_page.h"
#include "tmpl/help_show.h"

static const char *const manual[] = {
	"start",      "push",         "keys-and-tokens", "groups-and-members",
	"protection", "code",         "merge-requests",  "pipelines",
	"variables",  "environments", "runners",         "admin",
	"proxy",      "backup",
};
#define MANUAL_PAGES (sizeof(manual) / sizeof(manual[0]))

static const struct asset *help_in_language(const struct request *rq, const char *name)
{
	const struct asset *page =
		help_find(arena_fmt(rq->arena, "%s.%s", name, rq->language->code));

	return page ? page : help_find(str_c(name));
}

static struct str help_title(const struct asset *page)
{
	struct str line = page->bytes;

	line = str_upto(line, str_find(line, '\n'));
	str_cut_prefix(&line, STR("# "));
	return str_trim(line);
}

static void help_links(struct request *rq, const char *chosen, struct view_help *v)
{
	v->pages = ARENA_ARRAY(rq->arena, struct view_help_link, MANUAL_PAGES);
	for (size_t i = 0; i < MANUAL_PAGES; i++) {
		const struct asset *page = help_in_language(rq, manual[i]);

		if (page)
			v->pages[v->pages_count++] =
				(struct view_help_link){ str_c(manual[i]), help_title(page),
							 manual[i] == chosen };
	}
}

static int help_page(struct request *rq, const char *name, struct err *e)
{
	const struct asset *page = help_in_language(rq, name);
	const struct markdown_door door = { .cache = rq->app->markdown };
	const struct markdown_context context = {
		.file_base = page_url(rq, url_of(rq->arena, ROUTE_help)),
		.limit = MARKDOWN_FILE_MAX,
	};
	struct view_help v = { 0 };

	if (!page)
		return err_set(e, ERR_NOT_FOUND, "The manual has no such page.");
	if (markdown_show(&door, page->bytes, &context, rq->arena, &v.text, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "help");
	v.title = help_title(page);
	help_links(rq, name, &v);
	tmpl_help_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

int page_help(struct request *rq, struct err *e)
{
	return help_page(rq, manual[0], e);
}

int page_help_page(struct request *rq, struct err *e)
{
	for (size_t i = 0; i < MANUAL_PAGES; i++)
		if (str_eq_c(request_param(rq, "page"), manual[i]))
			return help_page(rq, manual[i], e);
	return err_set(e, ERR_NOT_FOUND, "The manual has no such page.");
}
