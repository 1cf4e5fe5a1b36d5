/* /runners, /projects/:id/runners, /groups/:id/runners: lists, one, changes. */
#include "api/api.h"
#include "api/entity_ci.h"

/* ---------------------------------------------------------------------------- lists */

static int read_type(const struct request *rq, struct runner_query *query, struct err *e)
{
	static const struct {
		const char *type;
		enum runner_kind kind;
	} types[] = {
		{ "instance_type", RUNNER_INSTANCE },
		{ "group_type", RUNNER_GROUP },
		{ "project_type", RUNNER_PROJECT },
	};
	struct str type = request_query(rq, "type");

	if (str_is_empty(type))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!str_eq_c(type, types[i].type))
			continue;
		query->has_kind = true;
		query->kind = types[i].kind;
		return 0;
	}
	return err_set(e, ERR_INVALID, "type does not have a valid value");
}

static int read_state(const struct request *rq, struct runner_query *query, struct err *e)
{
	static const char *const states[] = { "online", "offline", "stale", "never_contacted" };
	struct str status = request_query(rq, "status");

	if (str_is_empty(status))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (str_eq_c(status, states[i]))
			query->state = states[i];
	if (!query->state)
		return err_set(e, ERR_INVALID, "status does not have a valid value");
	return 0;
}

static int send_list(struct request *rq, struct runner_query *query, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct str paused = request_query(rq, "paused");
	struct jsonw *w = request_jsonw(rq);
	struct runner_views list;
	struct db *db = NULL;

	query->has_paused = !str_is_empty(paused);
	query->is_paused = str_eq_c(paused, "true");
	query->tags = runner_tags_of_text(request_query(rq, "tag_list"), rq->arena);
	if (read_type(rq, query, e) < 0 || read_state(rq, query, e) < 0 ||
	    request_db(rq, &db, e) < 0 || runner_list(db, query, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++)
		entity_runner(w, &list.items[i], false);
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

int api_runner_list_all(struct request *rq, struct err *e)
{
	struct runner_query query = { 0 };

	return send_list(rq, &query, e);
}

/* Those of the projects and groups that the asker maintains; never the instance's. */
int api_runner_list(struct request *rq, struct err *e)
{
	struct runner_query query = { .kept_by = rq->actor.user };

	return send_list(rq, &query, e);
}

/* What serves the project, as GitLab has it. */
int api_runner_list_of_project(struct request *rq, struct err *e)
{
	struct runner_query query = { .serves = rq->project->id };

	return send_list(rq, &query, e);
}

int api_runner_list_of_group(struct request *rq, struct err *e)
{
	struct runner_query query = { .namespace = rq->namespace->id };

	return send_list(rq, &query, e);
}

/* ------------------------------------------------------------------------------ one */

static int find(struct request *rq, bool to_change, struct db **db, struct runner_view *runner,
		struct err *e)
{
	struct runner_query query = { 0 };

	if (api_path_id(rq, "runner", "404 Runner Not Found", &query.id.v, e) < 0 ||
	    request_db(rq, db, e) < 0 || runner_get(*db, &query, rq->arena, runner, e) < 0)
		return -(int)e->code;
	return runner_check_access(*db, &rq->actor, &runner->runner, to_change, rq->arena, e);
}

int api_runner_get(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct runner_view runner;
	struct db *db = NULL;

	if (find(rq, false, &db, &runner, e) < 0)
		return -(int)e->code;
	entity_runner(w, &runner, true);
	return request_send_json(rq, 200, e);
}

static bool was_sent(const struct request *rq, const char *name)
{
	return !str_is_none(request_form(rq, name));
}

/* "a,b", or ["a", "b"]. */
static void read_tags(struct request *rq, struct runner_change *change)
{
	struct str_list sent = request_form_list(rq, "tag_list");
	struct str text = STR("");

	change->has_tags = was_sent(rq, "tag_list") || sent.count > 0 ||
			   (rq->json && jsonr_is_array(jsonr_get(rq->json, "tag_list")));
	for (size_t i = 0; i < sent.count; i++)
		text = arena_fmt(rq->arena, "%.*s,%.*s", STR_FMT(text), STR_FMT(sent.items[i]));
	change->tags = runner_tags_of_text(text, rq->arena);
}

static int read_change(struct request *rq, struct runner_change *change, struct err *e)
{
	struct str level = request_form(rq, "access_level");
	int64_t timeout = 0;

	*change = (struct runner_change){
		.description = request_form(rq, "description"),
		.maintenance_note = request_form(rq, "maintenance_note"),
		.has_paused = was_sent(rq, "paused") || was_sent(rq, "active"),
		.is_paused = was_sent(rq, "paused") ? request_form_bool(rq, "paused", false)
						    : !request_form_bool(rq, "active", true),
		.has_run_untagged = was_sent(rq, "run_untagged"),
		.run_untagged = request_form_bool(rq, "run_untagged", true),
		.has_locked = was_sent(rq, "locked"),
		.is_locked = request_form_bool(rq, "locked", false),
		.has_protected = !str_is_empty(level),
		.is_protected = str_eq_c(level, "ref_protected"),
	};
	read_tags(rq, change);
	if (change->has_protected && !change->is_protected && !str_eq_c(level, "not_protected"))
		return err_set(e, ERR_INVALID, "access_level does not have a valid value");
	change->has_maximum_timeout = was_sent(rq, "maximum_timeout");
	if (!str_is_empty(request_form(rq, "maximum_timeout")) &&
	    (!request_form_i64(rq, "maximum_timeout", &timeout) || timeout < 0 ||
	     timeout > INT32_MAX))
		return err_set(e, ERR_INVALID, "maximum_timeout is invalid");
	change->maximum_timeout = (int32_t)timeout;
	return 0;
}

int api_runner_update(struct request *rq, struct err *e)
{
	struct runner_change change;
	struct runner_view runner;
	struct db *db = NULL;

	if (read_change(rq, &change, e) < 0 || find(rq, true, &db, &runner, e) < 0 ||
	    runner_update(db, &rq->actor, runner.runner.id, &change, rq->arena, e) < 0)
		return -(int)e->code;
	return api_runner_get(rq, e);
}

int api_runner_remove(struct request *rq, struct err *e)
{
	struct runner_view runner;
	struct db *db = NULL;

	if (find(rq, true, &db, &runner, e) < 0 ||
	    runner_remove(db, &rq->actor, runner.runner.id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}
