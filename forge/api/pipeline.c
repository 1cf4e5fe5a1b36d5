/* /projects/:id/pipelines: lists, one, its jobs, and what is done to it. */
#include "api/api.h"
#include "api/entity_ci.h"
#include "domain/pipeline_change.h"
#include "domain/queue.h"

static int id_of(const struct request *rq, struct pipeline_id *id, struct err *e)
{
	return api_path_id(rq, "pipeline", "404 Pipeline Not Found", &id->v, e);
}

/* ---------------------------------------------------------------------------- lists */

static const char *scope_of(const struct request *rq)
{
	static const char *const scopes[] = { "running", "pending", "finished", "branches",
					      "tags" };

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (str_eq_c(request_query(rq, "scope"), scopes[i]))
			return scopes[i];
	return NULL;
}

static int check_words(const struct request *rq, const struct pipeline_filter *filter,
		       struct err *e)
{
	struct str scope = request_query(rq, "scope");
	struct str sort = request_query(rq, "sort");
	enum ci_pipeline_source source;
	enum ci_status status;

	if (!str_is_empty(scope) && !filter->scope)
		return err_set(e, ERR_INVALID, "scope does not have a valid value");
	if (!str_is_empty(filter->status) && !ci_status_parse(filter->status, &status))
		return err_set(e, ERR_INVALID, "status does not have a valid value");
	if (!str_is_empty(filter->source) && !ci_pipeline_source_parse(filter->source, &source))
		return err_set(e, ERR_INVALID, "source does not have a valid value");
	if (!str_is_empty(sort) && !str_eq_c(sort, "asc") && !str_eq_c(sort, "desc"))
		return err_set(e, ERR_INVALID, "sort does not have a valid value");
	return 0;
}

static int moment_of(const struct request *rq, const char *name, bool *has, struct instant *at,
		     struct err *e)
{
	struct str text = request_query(rq, name);

	*has = !str_is_empty(text);
	if (*has && !instant_parse(text, at))
		return err_set(e, ERR_INVALID, "%s is invalid", name);
	return 0;
}

static int read_filter(const struct request *rq, struct pipeline_filter *filter, struct err *e)
{
	*filter = (struct pipeline_filter){
		.ref_name = request_query(rq, "ref"),
		.status = request_query(rq, "status"),
		.source = request_query(rq, "source"),
		.sha = request_query(rq, "sha"),
		.username = request_query(rq, "username"),
		.name = request_query(rq, "name"),
		.scope = scope_of(rq),
		.has_invalid_file = str_eq_c(request_query(rq, "yaml_errors"), "true"),
		.is_oldest_first = str_eq_c(request_query(rq, "sort"), "asc"),
	};
	if (check_words(rq, filter, e) < 0 ||
	    moment_of(rq, "updated_after", &filter->has_updated_after, &filter->updated_after, e) <
		    0 ||
	    moment_of(rq, "updated_before", &filter->has_updated_before, &filter->updated_before,
		      e) < 0)
		return -(int)e->code;
	return 0;
}

int api_pipeline_list(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct pipeline_filter filter;
	struct pipelines list;
	struct db *db = NULL;

	if (read_filter(rq, &filter, e) < 0 || request_db(rq, &db, e) < 0 ||
	    pipeline_list(db, rq->project->id, &filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++)
		entity_pipeline(w, rq, &list.items[i], false);
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

/* ------------------------------------------------------------------------------ one */

static int send_pipeline(struct request *rq, struct db *db, struct pipeline_id id, int status,
			 struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct pipeline pipeline;

	if (pipeline_get(db, rq->project->id, id, rq->arena, &pipeline, e) < 0)
		return -(int)e->code;
	entity_pipeline(w, rq, &pipeline, true);
	return request_send_json(rq, status, e);
}

int api_pipeline_get(struct request *rq, struct err *e)
{
	struct pipeline_id id;
	struct db *db = NULL;

	if (id_of(rq, &id, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return send_pipeline(rq, db, id, 200, e);
}

/* Of ?ref=, or of the default branch; a tag if there is no such branch. */
int api_pipeline_latest(struct request *rq, struct err *e)
{
	struct str ref = request_query(rq, "ref");
	struct pipeline pipeline;
	struct db *db = NULL;
	bool found = false;

	if (str_is_empty(ref))
		ref = rq->project->default_branch;
	if (request_db(rq, &db, e) < 0 ||
	    pipeline_latest(db, rq->project->id,
			    arena_fmt(rq->arena, "refs/heads/%.*s", STR_FMT(ref)), rq->arena,
			    &pipeline, &found, e) < 0)
		return -(int)e->code;
	if (!found && pipeline_latest(db, rq->project->id,
				      arena_fmt(rq->arena, "refs/tags/%.*s", STR_FMT(ref)),
				      rq->arena, &pipeline, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 Pipeline Not Found");
	return send_pipeline(rq, db, pipeline.id, 200, e);
}

/* ----------------------------------------------------------------------------- acts */

static void tell(struct request *rq, struct db *db, struct pipeline_id id, size_t pending)
{
	const struct queue_news news = { .project = rq->project->id,
					 .pipeline = id,
					 .pending = pending };

	queue_announce(db, rq->app->live, &news, rq->arena);
}

int api_pipeline_cancel(struct request *rq, struct err *e)
{
	struct pipeline_id id;
	struct db *db = NULL;

	if (id_of(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    pipeline_cancel(db, &rq->actor, rq->project->id, id, rq->arena, e) < 0)
		return -(int)e->code;
	tell(rq, db, id, 0);
	return send_pipeline(rq, db, id, 200, e);
}

int api_pipeline_retry(struct request *rq, struct err *e)
{
	struct pipeline_id id;
	struct db *db = NULL;
	size_t pending = 0;

	if (id_of(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    pipeline_retry_whole(db, &rq->actor, rq->project->id, id, rq->arena, &pending, e) < 0)
		return -(int)e->code;
	tell(rq, db, id, pending);
	return send_pipeline(rq, db, id, 201, e);
}

int api_pipeline_remove(struct request *rq, struct err *e)
{
	struct pipeline_id id;
	struct db *db = NULL;

	if (id_of(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    pipeline_remove(db, &rq->actor, rq->project->id, id, rq->arena, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}
