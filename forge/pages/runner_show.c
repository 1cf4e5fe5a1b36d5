#include "pages/runner.h"
#include "tmpl/runner_show.h"

static int find(struct request *rq, struct db **db, struct runner_view *runner, struct err *e)
{
	struct runner_query query = runner_own(rq);

	query.id.v = page_id(rq, "id");
	if (query.id.v == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such runner.");
	if (request_db(rq, db, e) < 0)
		return -(int)e->code;
	return runner_get(*db, &query, rq->arena, runner, e);
}

static struct str list_path(const struct request *rq)
{
	return runner_path(rq, runner_place_of(rq)->list, STR_NONE);
}

static struct str joined(struct request *rq, const struct str_list *words)
{
	struct str text = STR("");

	for (size_t i = 0; i < words->count; i++)
		text = i == 0 ? words->items[i]
			      : arena_fmt(rq->arena, "%.*s, %.*s", STR_FMT(text),
					  STR_FMT(words->items[i]));
	return text;
}

static struct view_runner_form form_of(struct request *rq, const struct runner_view *v)
{
	struct view_runner_form form = {
		.description = v->runner.description,
		.tags = joined(rq, &v->runner.tags),
		.maintenance_note = v->maintenance_note,
		.run_untagged = v->runner.run_untagged,
		.is_protected = v->runner.is_protected,
	};

	if (v->runner.maximum_timeout > 0)
		form.maximum_timeout =
			arena_fmt(rq->arena, "%d", (int)(v->runner.maximum_timeout / 60));
	return form;
}

static int fill_hosts(struct request *rq, struct db *db, struct runner_id id,
		      struct view_runner_show *v, struct err *e)
{
	struct runner_hosts hosts;

	if (runner_list_hosts(db, id, rq->arena, &hosts, e) < 0)
		return -(int)e->code;
	v->hosts = ARENA_ARRAY(rq->arena, struct view_runner_host, hosts.count + 1);
	for (size_t i = 0; i < hosts.count; i++) {
		const struct runner_host *host = &hosts.items[i];

		v->hosts[v->hosts_count++] = (struct view_runner_host){
			.system_id = host->system_id,
			.version = host->version,
			.platform = host->platform,
			.architecture = host->architecture,
			.executor = host->executor,
			.ip = host->ip,
			.state = runner_state_name(host->state),
			.look = runner_look(host->state),
			.contacted = host->contacted_at,
		};
	}
	return 0;
}

static int show(struct request *rq, struct view_runner_show *v, bool keeps_form, struct err *e)
{
	const struct runner_place *place = runner_place_of(rq);
	struct str id = request_param(rq, "id");
	struct runner_view runner;
	struct db *db;

	if (find(rq, &db, &runner, e) < 0 || fill_hosts(rq, db, runner.runner.id, v, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, rq->project ? "settings" : rq->namespace ? "runners" : "admin");
	v->page.section = "runners";
	v->page.project.section = "runners";
	v->runner = runner_row(rq, &runner, true);
	if (!keeps_form)
		v->form = form_of(rq, &runner);
	v->may_change = access_allows(&rq->actor, place->change,
				      place->kind == RUNNER_INSTANCE ? NULL : &rq->target);
	v->list = page_url(rq, list_path(rq));
	v->action = page_url(rq, runner_path(rq, place->show, id));
	v->action_pause = page_url(rq, runner_path(rq, place->pause, id));
	v->action_remove = page_url(rq, runner_path(rq, place->remove, id));
	v->created = runner.created_at;
	tmpl_runner_show(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_runner(struct request *rq, struct err *e)
{
	struct view_runner_show v = { 0 };

	return show(rq, &v, false, e);
}

static int back(struct request *rq, const char *notice, struct err *e)
{
	page_notice(rq, notice);
	return request_redirect(
		rq, runner_path(rq, runner_place_of(rq)->show, request_param(rq, "id")), e);
}

int page_runner_update(struct request *rq, struct err *e)
{
	struct view_runner_show v = { 0 };
	struct runner_change change = { 0 };
	struct runner_view runner;
	struct err error = { 0 };
	int32_t timeout;
	struct db *db;

	if (find(rq, &db, &runner, e) < 0)
		return -(int)e->code;
	if (runner_form(rq, &v.form, &timeout, &error) == 0) {
		change = (struct runner_change){
			.description = v.form.description,
			.maintenance_note = v.form.maintenance_note,
			.has_run_untagged = true,
			.run_untagged = v.form.run_untagged,
			.has_protected = true,
			.is_protected = v.form.is_protected,
			.has_tags = true,
			.tags = runner_tags_of_text(v.form.tags, rq->arena),
			.has_maximum_timeout = true,
			.maximum_timeout = timeout,
		};
		if (runner_update(db, &rq->actor, runner.runner.id, &change, rq->arena, &error) ==
		    0)
			return back(rq, I18N("Saved."), e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return show(rq, &v, true, e);
}

int page_runner_pause(struct request *rq, struct err *e)
{
	bool is_paused = request_form_bool(rq, "paused", true);
	const struct runner_change change = { .has_paused = true, .is_paused = is_paused };
	struct runner_view runner;
	struct db *db;

	if (find(rq, &db, &runner, e) < 0 ||
	    runner_update(db, &rq->actor, runner.runner.id, &change, rq->arena, e) < 0)
		return -(int)e->code;
	return back(rq,
		    is_paused ? I18N("Paused: it gets no new jobs.") : I18N("It gets jobs again."),
		    e);
}

int page_runner_remove(struct request *rq, struct err *e)
{
	struct runner_view runner;
	struct db *db;

	if (find(rq, &db, &runner, e) < 0 || runner_remove(db, &rq->actor, runner.runner.id, e) < 0)
		return -(int)e->code;
	page_notice(rq, I18N("The runner is removed; its token works no longer."));
	return request_redirect(rq, list_path(rq), e);
}
