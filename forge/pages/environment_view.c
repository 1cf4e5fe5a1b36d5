/* Environments and deployments as templates take them. */
#include "domain/promotion.h"
#include "pages/environment.h"

static struct str id_text(struct request *rq, int64_t id)
{
	return arena_fmt(rq->arena, "%lld", (long long)id);
}

void environment_deployment(struct request *rq, const struct deployment *d,
			    struct view_deployment *v)
{
	const struct str project = rq->project->path;

	*v = (struct view_deployment){
		.is_there = true,
		.id = d->id.v,
		.iid = d->iid,
		.project = project,
		.environment = d->environment_name,
		.sha = d->sha,
		.short_sha = str_upto(d->sha, 8),
		.ref_name = d->ref_name,
		.is_branch = str_starts(d->ref, STR("refs/heads/")),
		.job_name = d->job_name,
		.pipeline_id = d->pipeline.v,
		.job_id = d->job.v,
		.username = d->user.username,
		.user_name = str_is_empty(d->user.name) ? d->user.username : d->user.name,
		.kind = deployment_kind_name(d->kind),
		.status = deployment_status_name(d->status),
		.is_current = d->is_current,
		.created = d->created_at,
		.has_finished = d->has_finished_at,
		.finished = d->finished_at,
		.may_repeat = d->job.v != 0 && d->status != DEPLOYMENT_RUNNING &&
			      request_may(rq, ACTION_PIPELINE_RUN),
	};
	v->action = page_url(rq, url_for(rq->arena, ROUTE_environment_repeat, project,
					 id_text(rq, d->environment.v), id_text(rq, d->id.v)));
}

static struct str path_branch(const struct request *rq, struct str name)
{
	size_t at = promotion_index(name);

	return at < PROMOTION_STEPS ? promotion_branch(rq->project->default_branch, at) : STR_NONE;
}

/* environment NULL: nothing was ever deployed there. */
static void contour(struct request *rq, struct str name, const struct environment *environment,
		    const struct deployments *board, struct view_contour *v)
{
	struct deployment_standing standing;

	*v = (struct view_contour){ .name = name, .branch = path_branch(rq, name) };
	if (!environment)
		return;
	standing = deployment_standing_of(board, name);
	v->exists = true;
	v->is_stopped = environment->state == ENVIRONMENT_STOPPED;
	v->is_stopping = environment->state == ENVIRONMENT_STOPPING;
	v->url = environment->external_url;
	v->link = page_url(rq, url_for(rq->arena, ROUTE_environment, rq->project->path,
				       id_text(rq, environment->id.v)));
	if (standing.has_current)
		environment_deployment(rq, &standing.current, &v->current);
	if (standing.has_last)
		environment_deployment(rq, &standing.last, &v->last);
}

void environment_contour(struct request *rq, const struct environment *environment,
			 const struct deployments *board, struct view_contour *v)
{
	contour(rq, environment->name, environment, board, v);
}

int environment_contours(struct request *rq, struct view_contours *contours, struct err *e)
{
	const struct environment_filter all = { 0 };
	const struct i64_list none = { 0 };
	struct environments list;
	struct deployments board;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    environment_list(db, rq->project->id, &all, (struct listing){ 0, PROMOTION_STEPS },
			     rq->arena, &list, e) < 0 ||
	    deployment_board(db, rq->project->id, &none, true, rq->arena, &board, e) < 0)
		return -(int)e->code;
	contours->items = ARENA_ARRAY(rq->arena, struct view_contour, PROMOTION_STEPS);
	contours->count = PROMOTION_STEPS;
	for (size_t i = 0; i < PROMOTION_STEPS; i++) {
		const struct environment *environment = NULL;

		for (size_t j = 0; j < list.count; j++)
			if (str_eq(list.items[j].name, promotion_step(i)))
				environment = &list.items[j];
		contour(rq, promotion_step(i), environment, &board, &contours->items[i]);
	}
	return 0;
}
