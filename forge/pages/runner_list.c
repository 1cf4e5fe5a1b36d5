/* The runners of a place, and making one: its token is shown on the answer, and never again. */
#include "domain/instance.h"
#include "pages/runner.h"
#include "tmpl/runner_list.h"

#define RUNNER_ROWS 50

static int fill_own(struct request *rq, struct db *db, struct view_runners *v, struct err *e)
{
	struct listing slice = page_listing(rq, RUNNER_ROWS);
	struct runner_query query = runner_own(rq);
	struct runner_views list;

	if (runner_list(db, &query, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	v->own = ARENA_ARRAY(rq->arena, struct view_runner, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		v->own[v->own_count++] = runner_row(rq, &list.items[i], true);
	v->pager = page_pager(rq, slice, list.total, false);
	return 0;
}

/* What else serves a project: seen here, changed where it belongs. */
static int fill_others(struct request *rq, struct db *db, struct view_runners *v, struct err *e)
{
	struct runner_query query = { .serves = rq->project->id };
	struct runner_views list;

	if (runner_list(db, &query, LISTING_FIRST, rq->arena, &list, e) < 0)
		return -(int)e->code;
	v->others = ARENA_ARRAY(rq->arena, struct view_runner, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i].runner.kind != RUNNER_PROJECT)
			v->others[v->others_count++] = runner_row(rq, &list.items[i], false);
	return 0;
}

static int runners_page(struct request *rq, struct view_runners *v, struct err *e)
{
	const struct runner_place *place = runner_place_of(rq);
	struct db *db;

	if (request_db(rq, &db, e) < 0 || fill_own(rq, db, v, e) < 0)
		return -(int)e->code;
	if (rq->project && fill_others(rq, db, v, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, rq->project ? "settings" : rq->namespace ? "runners" : "admin");
	v->page.section = "runners";
	v->page.project.section = "runners";
	v->action = page_url(rq, runner_path(rq, place->list, STR_NONE));
	v->is_admin_place = place->kind == RUNNER_INSTANCE;
	v->is_project_place = place->kind == RUNNER_PROJECT;
	v->may_create =
		access_allows(&rq->actor, place->create, v->is_admin_place ? NULL : &rq->target);
	rq->has_secret = !str_is_empty(v->token);
	tmpl_runner_list(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_runners(struct request *rq, struct err *e)
{
	struct view_runners v = { .form = { .run_untagged = true } };

	return runners_page(rq, &v, e);
}

static struct runner_new new_of_form(struct request *rq, const struct view_runner_form *form,
				     int32_t timeout)
{
	struct runner_new in = { .kind = runner_place_of(rq)->kind,
				 .description = form->description,
				 .maintenance_note = form->maintenance_note,
				 .tags = runner_tags_of_text(form->tags, rq->arena),
				 .run_untagged = form->run_untagged,
				 .is_protected = form->is_protected,
				 .maximum_timeout = timeout };

	if (rq->project)
		in.project = rq->project->id;
	else if (rq->namespace)
		in.namespace = rq->namespace->id;
	return in;
}

static struct str jobs_url(const struct request *rq)
{
	const struct instance *instance = rq->app->instance;

	return instance && !str_is_empty(instance->job_url) ? instance->job_url
							    : request_absolute(rq, STR(""));
}

int page_runner_create(struct request *rq, struct err *e)
{
	struct view_runners v = { 0 };
	struct err error = { 0 };
	struct runner_new in;
	struct runner_id id;
	int32_t timeout;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (runner_form(rq, &v.form, &timeout, &error) < 0 ||
	    (in = new_of_form(rq, &v.form, timeout),
	     runner_create(db, &rq->actor, &in, rq->arena, &id, &v.token, &error) < 0)) {
		v.token = STR_NONE;
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return runners_page(rq, &v, e);
	}
	v.command = arena_fmt(rq->arena,
			      "hearth-runner register --url %.*s --token %.*s --executor shell",
			      STR_FMT(jobs_url(rq)), STR_FMT(v.token));
	v.command_gitlab = arena_fmt(rq->arena,
				     "gitlab-runner register --non-interactive --url %.*s --token "
				     "%.*s --executor shell",
				     STR_FMT(jobs_url(rq)), STR_FMT(v.token));
	v.form = (struct view_runner_form){ .run_untagged = true };
	return runners_page(rq, &v, e);
}
