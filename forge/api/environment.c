/* Environments. */
#include "api/api.h"
#include "api/entity_environment.h"
#include "domain/queue.h"

#define MISSING "404 Environment Not Found"

static int path_id(const struct request *rq, struct environment_id *id, struct err *e)
{
	return api_path_id(rq, "environment", MISSING, &id->v, e);
}

/* With what stands there, as GitLab's single environment has it. */
static int send_one(struct request *rq, struct db *db, int status,
		    const struct environment *environment, struct err *e)
{
	struct deployment_standing standing;
	struct jsonw *w = request_jsonw(rq);

	if (deployment_standing(db, rq->project->id, environment->id, rq->arena, &standing, e) < 0)
		return -(int)e->code;
	entity_environment(w, rq, environment, standing.has_current ? &standing.current : NULL);
	return request_send_json(rq, status, e);
}

int api_environment_list(struct request *rq, struct err *e)
{
	const struct environment_filter filter = { .name = request_query(rq, "name"),
						   .search = request_query(rq, "search"),
						   .state = request_query(rq, "states") };
	struct jsonw *w = request_jsonw(rq);
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct environments list;
	enum environment_state state;
	struct db *db;

	if (!str_is_empty(filter.state) && !environment_state_parse(filter.state, &state))
		return err_set(e, ERR_INVALID, "states does not have a valid value");
	if (!str_is_empty(filter.search) && filter.search.n < 3)
		return err_set(e, ERR_INVALID, "search has to be at least 3 characters long");
	if (request_db(rq, &db, e) < 0 ||
	    environment_list(db, rq->project->id, &filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++)
		entity_environment(w, rq, &list.items[i], NULL);
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

int api_environment_get(struct request *rq, struct err *e)
{
	struct environment_id id;
	struct environment environment;
	struct db *db;

	if (path_id(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    environment_get(db, rq->project->id, id, rq->arena, &environment, e) < 0)
		return -(int)e->code;
	return send_one(rq, db, 200, &environment, e);
}

static int read_tier(const struct request *rq, bool *has, enum environment_tier *tier,
		     struct err *e)
{
	struct str text = request_form(rq, "tier");

	*has = !str_is_empty(text);
	if (*has && !environment_tier_parse(text, tier))
		return err_set(e, ERR_INVALID, "tier does not have a valid value");
	return 0;
}

int api_environment_create(struct request *rq, struct err *e)
{
	struct environment_new in = { .external_url = request_form(rq, "external_url"),
				      .description = request_form(rq, "description") };
	struct environment made;
	struct db *db;

	if (api_need(rq, "name", &in.name, e) < 0 || read_tier(rq, &in.has_tier, &in.tier, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    environment_create(db, &rq->actor, rq->project->id, &in, rq->arena, &made, e) < 0)
		return -(int)e->code;
	return send_one(rq, db, 201, &made, e);
}

int api_environment_update(struct request *rq, struct err *e)
{
	struct environment_change change = { .external_url = request_form(rq, "external_url"),
					     .description = request_form(rq, "description") };
	struct environment_id id;
	struct environment environment;
	struct db *db;

	if (path_id(rq, &id, e) < 0 || read_tier(rq, &change.has_tier, &change.tier, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    environment_update(db, &rq->actor, rq->project->id, id, &change, rq->arena,
			       &environment, e) < 0)
		return -(int)e->code;
	return send_one(rq, db, 200, &environment, e);
}

int api_environment_stop(struct request *rq, struct err *e)
{
	struct environment_id id;
	struct environment environment;
	size_t pending;
	struct db *db;

	if (path_id(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    environment_stop(db, &rq->actor, rq->project->id, id,
			     request_form_bool(rq, "force", false), rq->arena, &environment,
			     &pending, e) < 0)
		return -(int)e->code;
	queue_announce(db, rq->app->live,
		       &(struct queue_news){ .project = rq->project->id, .pending = pending },
		       rq->arena);
	return send_one(rq, db, 200, &environment, e);
}

int api_environment_remove(struct request *rq, struct err *e)
{
	struct environment_id id;
	struct db *db;

	if (path_id(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    environment_remove(db, &rq->actor, rq->project->id, id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}
