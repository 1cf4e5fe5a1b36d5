/* The frame of every page: who is here, in which project or group, under which tab. */
#include "http/cookie.h"
#include "pages/page.h"

static struct str frame_theme(const struct request *rq)
{
	struct str theme = http_cookie_get(http_header(&rq->http->head, "Cookie"), STR("theme"));

	if (str_eq_c(theme, "light") || str_eq_c(theme, "dark"))
		return theme;
	return STR_NONE;
}

/* Path and query as asked, without the sub-path: what return_to takes. */
static struct str frame_here(const struct request *rq)
{
	struct str path = rq->http->head.path;

	if (rq->http->head.method != HTTP_GET)
		return STR("/");
	if (!site_cut_base(rq->site, &path))
		return STR("/");
	if (str_is_empty(rq->http->head.query))
		return path;
	return arena_fmt(rq->arena, "%.*s?%.*s", STR_FMT(path), STR_FMT(rq->http->head.query));
}

/* "a/b/c" -> crumbs a (a), b (a/b), c (a/b/c) */
static void frame_crumbs(struct request *rq, struct str path, struct view_crumb **crumbs,
			 size_t *count)
{
	struct view_crumb *items =
		ARENA_ARRAY(rq->arena, struct view_crumb, NAMESPACE_DEPTH_MAX + 2);
	struct str rest = path;
	struct str part;
	size_t n = 0;

	while (!str_is_empty(path) && n < NAMESPACE_DEPTH_MAX + 2 && str_cut(&rest, '/', &part)) {
		items[n].name = part;
		items[n].path = str_upto(path, (size_t)(part.p - path.p) + part.n);
		n++;
	}
	*crumbs = items;
	*count = n;
}

static void frame_project(struct request *rq, struct view_project_head *head, const char *tab)
{
	const struct project *project = rq->project;

	head->path = project->path;
	head->name = project->name;
	head->full_name = project->full_name;
	head->description = project->description;
	head->default_branch = project->default_branch;
	head->visibility.name = str_c(visibility_name(project->visibility));
	head->is_archived = project->is_archived;
	head->tile = page_tile(project->path);
	head->initial = page_letter(project->name);
	head->tab = tab;
	head->may_read_code = request_may(rq, ACTION_CODE_READ);
	head->may_see_pipelines = request_may(rq, ACTION_PIPELINE_READ);
	head->may_see_runners = request_may(rq, ACTION_RUNNERS_VIEW);
	head->may_see_members = request_may(rq, ACTION_PROJECT_MEMBERS_VIEW);
	head->may_see_settings = request_may(rq, ACTION_PROJECT_SETTINGS_VIEW);
	head->may_see_protection = request_may(rq, ACTION_PROTECTED_REFS_VIEW);
	head->may_see_variables = request_may(rq, ACTION_VARIABLES_VIEW);
	frame_crumbs(rq, project->namespace_path, &head->crumbs, &head->crumbs_count);
}

static void frame_group(struct request *rq, struct view_group_head *head, const char *tab)
{
	const struct namespace *group = rq->namespace;

	head->id = group->id.v;
	head->path = group->path;
	head->name = group->name;
	head->full_name = group->full_name;
	head->description = group->description;
	head->visibility.name = str_c(visibility_name(group->visibility));
	head->tile = page_tile(group->path);
	head->initial = page_letter(group->name);
	head->tab = tab;
	head->may_see_members = request_may(rq, ACTION_GROUP_MEMBERS_VIEW);
	head->may_see_runners = request_may(rq, ACTION_GROUP_RUNNERS_VIEW);
	head->may_change = request_may(rq, ACTION_GROUP_CHANGE);
	head->may_see_variables = request_may(rq, ACTION_GROUP_VARIABLES_VIEW);
	frame_crumbs(rq, str_upto(group->path, str_find_last(group->path, '/')), &head->crumbs,
		     &head->crumbs_count);
	if (!str_has(group->path, '/'))
		head->crumbs_count = 0;
}

void page_frame(struct request *rq, struct view_page *page, const char *tab)
{
	page->language = rq->language->code;
	page->theme = frame_theme(rq);
	page->notice = rq->notice;
	page->here = frame_here(rq);
	page->tab = tab;
	page->signed_in = actor_is_signed_in(&rq->actor);
	page->is_admin = rq->actor.is_admin;
	page->username = rq->actor.username;
	page->name = str_is_empty(rq->actor.name) ? rq->actor.username : rq->actor.name;
	page->initials = page_initials(rq, page->name);
	page->tile = page_tile(page->username);
	page->has_project = rq->project != NULL;
	page->has_group = rq->project == NULL && rq->namespace != NULL &&
			  rq->namespace->kind == NAMESPACE_GROUP;
	if (page->has_project)
		frame_project(rq, &page->project, tab);
	if (page->has_group)
		frame_group(rq, &page->group, tab);
}
