#include "pages/rendered.h"

#include "pages/page.h"
#include "render/markdown_page.h"
#include "render/reference.h"

int rendered_file(struct request *rq, const struct place *place, struct str path, struct str text,
		  struct html *html, struct err *e)
{
	const struct markdown_door door = {
		.cache = rq->app->markdown,
		.run = rq->app->run,
		.user_id = rq->actor.user.v,
		.request_id = arena_cstr(rq->arena, rq->request_id),
	};
	size_t slash = str_find_last(path, '/');
	const struct markdown_context context = {
		.file_base =
			page_url(rq, url_for(rq->arena, ROUTE_blob, rq->project->path, place->ref)),
		.image_base =
			page_url(rq, url_for(rq->arena, ROUTE_raw, rq->project->path, place->ref)),
		.folder = slash == path.n ? STR("") : str_upto(path, slash),
		.limit = MARKDOWN_FILE_MAX,
	};

	request_db_return(rq);
	if (!markdown_is_name(path)) {
		struct buf out;
		int result;

		buf_init(&out, MARKDOWN_OUTPUT_MAX);
		result = markdown_plain(text, &out, e);
		if (result == 0)
			*html = markdown_html(arena_str(rq->arena, buf_str(&out)));
		buf_fini(&out);
		return result;
	}
	return markdown_show(&door, text, &context, rq->arena, html, e);
}

int rendered_comment(struct request *rq, struct str text, struct html *html, struct err *e)
{
	const struct markdown_door door = {
		.cache = rq->app->markdown,
		.run = rq->app->run,
		.user_id = rq->actor.user.v,
		.request_id = arena_cstr(rq->arena, rq->request_id),
	};
	const struct str branch = rq->project->default_branch;
	const struct markdown_context context = {
		.file_base =
			page_url(rq, url_for(rq->arena, ROUTE_blob, rq->project->path, branch)),
		.image_base =
			page_url(rq, url_for(rq->arena, ROUTE_raw, rq->project->path, branch)),
		.folder = STR(""),
		.limit = MARKDOWN_COMMENT_MAX,
		.hard_breaks = true,
	};
	const struct str project =
		request_absolute(rq, arena_fmt(rq->arena, "/%.*s", STR_FMT(rq->project->path)));
	const struct str linked = reference_links(text, project, MARKDOWN_COMMENT_MAX, rq->arena);

	request_db_return(rq);
	return markdown_show(&door, linked, &context, rq->arena, html, e);
}
