#include "domain/promotion.h"
#include "domain/queue.h"
#include "pages/environment.h"
#include "tmpl/environment_show.h"

#define HISTORY_ROWS 20

static struct str rule_of(struct request *rq, struct str name)
{
	size_t at = promotion_index(name);

	if (at == PROMOTION_STEPS)
		return STR_NONE;
	return str_is_none(promotion_branch(rq->project->default_branch, at))
		       ? page_text(rq, I18N("Merge requests and every branch that is not on the "
					    "path itself are deployed here."))
		       : page_text(rq, I18N("Only this branch is deployed here:"));
}

static void fill(struct request *rq, const struct environment *environment,
		 const struct deployments *board, struct view_environment *v)
{
	const struct str id = arena_fmt(rq->arena, "%lld", (long long)environment->id.v);
	const struct str project = rq->project->path;
	bool may_change = request_may(rq, ACTION_ENVIRONMENT_CHANGE);
	struct str badge = url_for(rq->arena, ROUTE_badge_environment, project, environment->name);

	environment_contour(rq, environment, board, &v->contour);
	v->tier = environment_tier_name(environment->tier);
	v->state = environment_state_name(environment->state);
	v->slug = environment->slug;
	v->description = environment->description;
	v->rule = rule_of(rq, environment->name);
	v->has_auto_stop = environment->has_auto_stop_at;
	v->auto_stop = environment->auto_stop_at;
	v->may_change = may_change;
	v->may_stop = may_change && environment->state != ENVIRONMENT_STOPPED;
	v->may_remove = may_change && environment->state == ENVIRONMENT_STOPPED;
	v->action_stop = page_url(rq, url_for(rq->arena, ROUTE_environment_stop, project, id));
	v->action_remove = page_url(rq, url_for(rq->arena, ROUTE_environment_remove, project, id));
	v->badge = page_url(rq, badge);
	v->badge_markdown = arena_fmt(
		rq->arena, "[![%.*s](%.*s)](%.*s)", STR_FMT(environment->name),
		STR_FMT(request_absolute(rq, badge)),
		STR_FMT(request_absolute(rq, url_for(rq->arena, ROUTE_environment, project, id))));
}

static int add_history(struct request *rq, struct db *db, struct environment_id id,
		       struct view_environment *v, struct err *e)
{
	const struct deployment_filter filter = { .environment = id };
	struct listing slice = page_listing(rq, HISTORY_ROWS);
	struct deployments list;

	if (deployment_list(db, rq->project->id, &filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	v->history = ARENA_ARRAY(rq->arena, struct view_deployment, list.count + 1);
	v->history_count = list.count;
	for (size_t i = 0; i < list.count; i++)
		environment_deployment(rq, &list.items[i], &v->history[i]);
	v->total = list.total;
	v->pager = page_pager(rq, slice, list.total, false);
	return 0;
}

/* What exactly stands here: the files' tree, the archives, how to fetch it. */
static int add_contents(struct request *rq, struct db *db, const struct environment *environment,
			const struct deployments *board, struct view_environment *v, struct err *e)
{
	const struct deployment_standing standing =
		deployment_standing_of(board, environment->name);
	struct deployment_artifacts list;

	if (!standing.has_current)
		return 0;
	if (deployment_artifacts(db, rq->project->id, standing.current.id, rq->arena, &list, e) < 0)
		return -(int)e->code;
	v->tree = standing.current.tree;
	v->tree_short = str_upto(v->tree, 10);
	v->fetch = arena_fmt(rq->arena, "git fetch origin %.*s",
			     STR_FMT(deployment_ref(rq->arena, environment->slug)));
	v->artifacts_count = list.count;
	v->artifacts = ARENA_ARRAY(rq->arena, struct view_environment_artifact, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		v->artifacts[i] = (struct view_environment_artifact){
			.job_name = list.items[i].job_name,
			.filename = list.items[i].filename,
			.size = page_size(rq, (uint64_t)list.items[i].size),
			.sha256 = list.items[i].sha256,
			.short_sha256 = str_upto(list.items[i].sha256, 12),
		};
	return 0;
}

static int show(struct request *rq, struct view_environment *v, struct err *e)
{
	struct environment_id id = { page_id(rq, "id") };
	struct environment environment;
	struct deployments board;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (environment_get(db, rq->project->id, id, rq->arena, &environment, e) < 0)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND,
							  "There is no such environment; somebody "
							  "may have deleted it.")
						: -(int)e->code;
	if (deployment_board(db, rq->project->id, &(struct i64_list){ &id.v, 1 }, false, rq->arena,
			     &board, e) < 0 ||
	    add_history(rq, db, id, v, e) < 0 ||
	    add_contents(rq, db, &environment, &board, v, e) < 0)
		return -(int)e->code;
	fill(rq, &environment, &board, v);
	page_frame(rq, &v->page, "environments");
	tmpl_environment_show(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_environment(struct request *rq, struct err *e)
{
	struct view_environment v = { 0 };

	return show(rq, &v, e);
}

/* What the state does not allow is said on the page itself. */
static int done(struct request *rq, const struct err *error, const char *notice, struct err *e)
{
	struct view_environment v = { 0 };

	if (error->code == ERR_NONE) {
		page_notice(rq, notice);
		return request_redirect(rq,
					url_for(rq->arena, ROUTE_environment, rq->project->path,
						request_param(rq, "id")),
					e);
	}
	if (!page_is_problem(rq, error, &v.problem, e))
		return -(int)e->code;
	return show(rq, &v, e);
}

int page_environment_stop(struct request *rq, struct err *e)
{
	struct environment environment;
	struct err error = { 0 };
	size_t pending = 0;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (environment_stop(db, &rq->actor, rq->project->id,
			     (struct environment_id){ page_id(rq, "id") },
			     request_form_bool(rq, "force", false), rq->arena, &environment,
			     &pending, &error) < 0)
		return done(rq, &error, NULL, e);
	queue_announce(db, rq->app->live,
		       &(struct queue_news){ .project = rq->project->id, .pending = pending },
		       rq->arena);
	return done(rq, &error,
		    environment.state == ENVIRONMENT_STOPPED ? I18N("The environment is stopped.")
							     : I18N("The stop job is on its way."),
		    e);
}

int page_environment_remove(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (environment_remove(db, &rq->actor, rq->project->id,
			       (struct environment_id){ page_id(rq, "id") }, &error) < 0)
		return done(rq, &error, NULL, e);
	page_notice(rq, I18N("The environment is deleted."));
	return request_redirect(rq, url_for(rq->arena, ROUTE_environments, rq->project->path), e);
}

int page_environment_repeat(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	size_t pending = 0;
	struct job_id job = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (deployment_repeat(db, &rq->actor, rq->project->id,
			      (struct deployment_id){ page_id(rq, "deployment") }, rq->arena, &job,
			      &pending, &error) < 0)
		return done(rq, &error, NULL, e);
	queue_announce(
		db, rq->app->live,
		&(struct queue_news){ .project = rq->project->id, .job = job, .pending = pending },
		rq->arena);
	return done(rq, &error,
		    I18N("Its deploy job is on its way; it stands here when the job has ended."),
		    e);
}
