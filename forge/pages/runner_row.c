/* What the pages of runners share: the place, a row, the form. */
#include "pages/runner.h"

static const struct runner_place of_project = {
	RUNNER_PROJECT,
	ROUTE_project_runners,
	ROUTE_project_runner,
	ROUTE_project_runner_pause,
	ROUTE_project_runner_remove,
	ACTION_RUNNERS_CREATE,
	ACTION_RUNNERS_CHANGE,
};
static const struct runner_place of_group = {
	RUNNER_GROUP,
	ROUTE_group_runners,
	ROUTE_group_runner,
	ROUTE_group_runner_pause,
	ROUTE_group_runner_remove,
	ACTION_GROUP_RUNNERS_CREATE,
	ACTION_GROUP_RUNNERS_CHANGE,
};
static const struct runner_place of_server = {
	RUNNER_INSTANCE,
	ROUTE_admin_runners,
	ROUTE_admin_runner,
	ROUTE_admin_runner_pause,
	ROUTE_admin_runner_remove,
	ACTION_ADMIN_RUNNERS_CREATE,
	ACTION_ADMIN_RUNNERS_CHANGE,
};

const struct runner_place *runner_place_of(const struct request *rq)
{
	if (rq->project)
		return &of_project;
	return rq->namespace ? &of_group : &of_server;
}

struct str runner_path(const struct request *rq, enum route_id route, struct str id)
{
	struct str values[2];
	size_t count = 0;

	if (rq->project)
		values[count++] = rq->project->path;
	else if (rq->namespace)
		values[count++] = rq->namespace->path;
	if (!str_is_none(id))
		values[count++] = id;
	return route_url(rq->arena, route, values, count);
}

/* An administrator's page has those of groups and projects too. */
struct runner_query runner_own(const struct request *rq)
{
	struct runner_query query = { 0 };

	if (rq->project)
		query.project = rq->project->id;
	else if (rq->namespace)
		query.namespace = rq->namespace->id;
	return query;
}

const char *runner_look(enum runner_state state)
{
	switch (state) {
	case RUNNER_ONLINE:
		return "ok";
	case RUNNER_OFFLINE:
	case RUNNER_STALE:
		return "warn";
	case RUNNER_NEVER_CONTACTED:
		break;
	}
	return "";
}

struct view_runner runner_row(struct request *rq, const struct runner_view *v, bool is_own)
{
	const struct runner *runner = &v->runner;
	struct str id = arena_fmt(rq->arena, "%lld", (long long)runner->id.v);
	struct view_runner row = {
		.id = runner->id.v,
		.name = str_is_empty(runner->description)
				? arena_fmt(rq->arena, "#%.*s", STR_FMT(id))
				: runner->description,
		.state = runner_state_name(v->state),
		.kind = runner_kind_name(runner->kind),
		.look = runner_look(v->state),
		.place = v->place,
		.tags = runner->tags.items,
		.tags_count = runner->tags.count,
		.run_untagged = runner->run_untagged,
		.is_protected = runner->is_protected,
		.is_paused = runner->is_paused,
		.has_contacted = v->has_contacted_at,
		.contacted = v->contacted_at,
		.version = v->version,
		.busy = v->busy,
		.managers = v->managers,
	};

	if (is_own)
		row.url = page_url(rq, runner_path(rq, runner_place_of(rq)->show, id));
	return row;
}

int runner_form(struct request *rq, struct view_runner_form *form, int32_t *timeout, struct err *e)
{
	int64_t minutes = 0;

	*form = (struct view_runner_form){
		.description = str_trim(request_form(rq, "description")),
		.tags = str_trim(request_form(rq, "tags")),
		.maintenance_note = str_trim(request_form(rq, "maintenance_note")),
		.maximum_timeout = str_trim(request_form(rq, "maximum_timeout")),
		.run_untagged = request_form_bool(rq, "run_untagged", false),
		.is_protected = request_form_bool(rq, "is_protected", false),
	};
	*timeout = 0;
	if (str_is_empty(form->maximum_timeout))
		return 0;
	if (!str_to_i64(form->maximum_timeout, &minutes) || minutes < 10 || minutes > 60 * 24 * 30)
		return err_set(e, ERR_UNPROCESSABLE,
			       "The longest time of a job is a number of minutes, at least 10.");
	*timeout = (int32_t)(minutes * 60);
	return 0;
}
