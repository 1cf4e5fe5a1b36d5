#include "domain/deployment.h"

#include "domain/pipeline_change.h"
#include "store/db.h"

#include "q/deployment.h"

static const char *const status_names[] = {
	[DEPLOYMENT_RUNNING] = "running",
	[DEPLOYMENT_SUCCESS] = "success",
	[DEPLOYMENT_FAILED] = "failed",
	[DEPLOYMENT_CANCELED] = "canceled",
};

static const char *const kind_names[] = {
	[DEPLOYMENT_DEPLOY] = "deploy",
	[DEPLOYMENT_REDEPLOY] = "redeploy",
	[DEPLOYMENT_ROLLBACK] = "rollback",
};

const char *deployment_status_name(enum deployment_status status)
{
	ASSERT((size_t)status < ARRAY_LEN(status_names));
	return status_names[status];
}

bool deployment_status_parse(struct str name, enum deployment_status *status)
{
	for (size_t i = 0; i < ARRAY_LEN(status_names); i++) {
		if (str_eq_c(name, status_names[i])) {
			*status = (enum deployment_status)i;
			return true;
		}
	}
	return false;
}

const char *deployment_kind_name(enum deployment_kind kind)
{
	ASSERT((size_t)kind < ARRAY_LEN(kind_names));
	return kind_names[kind];
}

static enum deployment_kind kind_of(struct str text)
{
	size_t i = 0;

	while (i < ARRAY_LEN(kind_names) && !str_eq_c(text, kind_names[i]))
		i++;
	ASSERT(i < ARRAY_LEN(kind_names));
	return (enum deployment_kind)i;
}

static enum deployment_status status_of(struct str text)
{
	enum deployment_status status = DEPLOYMENT_RUNNING;
	bool is_known = deployment_status_parse(text, &status);

	ASSERT(is_known);
	return status;
}

#define OF_ROW(p, row)                                                             \
	((struct deployment){                                                      \
		.id = { (row)->id },                                               \
		.iid = (row)->iid,                                                 \
		.project = (p),                                                    \
		.environment = { (row)->environment_id },                          \
		.environment_name = (row)->environment,                            \
		.pipeline = { (row)->has_pipeline_id ? (row)->pipeline_id : 0 },   \
		.pipeline_iid = (row)->has_pipeline_iid ? (row)->pipeline_iid : 0, \
		.job = { (row)->has_job_id ? (row)->job_id : 0 },                  \
		.job_name = (row)->job_name,                                       \
		.ref = (row)->ref,                                                 \
		.ref_name = (row)->ref_name,                                       \
		.is_tag = (row)->is_tag,                                           \
		.sha = (row)->sha,                                                 \
		.tree = (row)->tree,                                               \
		.replaced_sha = (row)->replaced_sha,                               \
		.kind = kind_of((row)->kind),                                      \
		.status = status_of((row)->status),                                \
		.user = { .id = { (row)->has_user_id ? (row)->user_id : 0 },       \
			  .username = (row)->username,                             \
			  .name = (row)->user_name },                              \
		.created_at = (row)->created_at,                                   \
		.has_finished_at = (row)->has_finished_at,                         \
		.finished_at = (row)->finished_at,                                 \
		.is_current = (row)->is_current,                                   \
	})

static int list(struct db *db, struct project_id project, const struct q_deployment_list_in *in,
		struct arena *a, struct deployments *list, struct err *e)
{
	struct q_deployment_list_row *rows = NULL;
	size_t count = 0;

	if (q_deployment_list(db, in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*list = (struct deployments){ .items = ARENA_ARRAY(a, struct deployment, count),
				      .count = count,
				      .total = count > 0 ? rows[0].total : 0 };
	for (size_t i = 0; i < count; i++)
		list->items[i] = OF_ROW(project, &rows[i]);
	return 0;
}

int deployment_list(struct db *db, struct project_id project,
		    const struct deployment_filter *filter, struct listing slice, struct arena *a,
		    struct deployments *deployments, struct err *e)
{
	const struct q_deployment_list_in in = {
		.project_id = project.v,
		.has_environment_id = filter->environment.v != 0,
		.environment_id = filter->environment.v,
		.environment = filter->environment_name,
		.status = filter->status,
		.is_oldest_first = filter->is_oldest_first,
		.offset = slice.offset,
		.limit = slice.limit,
		.order_by = filter->order_by,
	};

	return list(db, project, &in, a, deployments, e);
}

int deployment_get(struct db *db, struct project_id project, struct deployment_id id,
		   struct arena *a, struct deployment *deployment, struct err *e)
{
	const struct q_deployment_list_in in = {
		.project_id = project.v, .has_id = true, .id = id.v, .limit = 1
	};
	struct deployments found;

	if (list(db, project, &in, a, &found, e) < 0)
		return -(int)e->code;
	if (found.count == 0)
		return err_set(e, ERR_NOT_FOUND, "404 Deployment Not Found");
	*deployment = found.items[0];
	return 0;
}

int deployment_artifacts(struct db *db, struct project_id project, struct deployment_id id,
			 struct arena *a, struct deployment_artifacts *list, struct err *e)
{
	const struct q_deployment_artifacts_in in = { project.v, id.v };
	struct q_deployment_artifacts_row *rows = NULL;
	size_t count = 0;

	if (q_deployment_artifacts(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*list = (struct deployment_artifacts){
		ARENA_ARRAY(a, struct deployment_artifact, count + 1), count
	};
	for (size_t i = 0; i < count; i++)
		list->items[i] = (struct deployment_artifact){ .job_name = rows[i].job_name,
							       .filename = rows[i].filename,
							       .size = rows[i].size,
							       .sha256 = rows[i].sha256 };
	return 0;
}

struct str deployment_ref(struct arena *a, struct str slug)
{
	return arena_fmt(a, "refs/environments/%.*s", STR_FMT(slug));
}

int deployment_board(struct db *db, struct project_id project, const struct i64_list *environments,
		     bool of_path, struct arena *a, struct deployments *board, struct err *e)
{
	const struct q_deployment_board_in in = { .project_id = project.v,
						  .environment_ids = *environments,
						  .of_path = of_path };
	struct q_deployment_board_row *rows = NULL;
	size_t count = 0;

	if (q_deployment_board(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*board = (struct deployments){ .items = ARENA_ARRAY(a, struct deployment, count),
				       .count = count,
				       .total = (int64_t)count };
	for (size_t i = 0; i < count; i++)
		board->items[i] = OF_ROW(project, &rows[i]);
	return 0;
}

struct deployment_standing deployment_standing_of(const struct deployments *board, struct str name)
{
	struct deployment_standing standing = { 0 };

	for (size_t i = 0; i < board->count; i++) {
		const struct deployment *d = &board->items[i];

		if (!str_eq(d->environment_name, name))
			continue;
		if (d->status != DEPLOYMENT_SUCCESS) {
			standing.has_last = true;
			standing.last = *d;
		} else if (d->is_current) {
			standing.has_current = true;
			standing.current = *d;
		}
	}
	return standing;
}

int deployment_standing(struct db *db, struct project_id project, struct environment_id environment,
			struct arena *a, struct deployment_standing *standing, struct err *e)
{
	struct deployments board;

	if (deployment_board(db, project, &(struct i64_list){ &environment.v, 1 }, false, a, &board,
			     e) < 0)
		return -(int)e->code;
	*standing = board.count > 0
			    ? deployment_standing_of(&board, board.items[0].environment_name)
			    : (struct deployment_standing){ 0 };
	return 0;
}

int deployment_repeat(struct db *db, const struct actor *actor, struct project_id project,
		      struct deployment_id id, struct arena *a, struct job_id *job, size_t *pending,
		      struct err *e)
{
	struct q_deployment_job_row row = { 0 };
	struct deployment deployment;
	bool found;

	*pending = 0;
	if (deployment_get(db, project, id, a, &deployment, e) < 0 ||
	    q_deployment_job(db, &(struct q_deployment_job_in){ project.v, id.v }, a, &row, &found,
			     e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(
			e, ERR_CONFLICT,
			"The job of this deployment is gone: its pipeline was deleted. Run a "
			"new pipeline for the commit %.*s instead.",
			STR_FMT(str_upto(deployment.sha, 8)));
	return pipeline_retry_job(db, actor, project, (struct job_id){ row.job_id }, a, job,
				  pending, e);
}
