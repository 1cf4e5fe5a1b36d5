/* Environments as rows: read, made and changed by people. Stopping is environment_stop.c. */
#include "domain/environment.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/event.h"
#include "store/db.h"

#include "q/environment.h"

#define URL_MAX 2000

static struct environment of_row(struct project_id project,
				 const struct q_environment_list_row *row)
{
	struct environment n = {
		.id = { row->id },
		.project = project,
		.name = row->name,
		.slug = row->slug,
		.external_url = row->external_url,
		.description = row->description,
		.has_auto_stop_at = row->has_auto_stop_at,
		.auto_stop_at = row->auto_stop_at,
		.created_at = row->created_at,
		.updated_at = row->updated_at,
	};
	bool is_known = environment_tier_parse(row->tier, &n.tier) &&
			environment_state_parse(row->state, &n.state);

	ASSERT(is_known);
	return n;
}

static int list(struct db *db, const struct q_environment_list_in *in, struct arena *a,
		struct environments *list, struct err *e)
{
	struct q_environment_list_row *rows = NULL;
	size_t count = 0;

	if (q_environment_list(db, in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*list = (struct environments){ .items = ARENA_ARRAY(a, struct environment, count),
				       .count = count,
				       .total = count > 0 ? rows[0].total : 0 };
	for (size_t i = 0; i < count; i++)
		list->items[i] = of_row((struct project_id){ in->project_id }, &rows[i]);
	return 0;
}

int environment_list(struct db *db, struct project_id project,
		     const struct environment_filter *filter, struct listing slice, struct arena *a,
		     struct environments *environments, struct err *e)
{
	const struct q_environment_list_in in = {
		.project_id = project.v,
		.name = str_is_empty(filter->name) ? STR_NONE : filter->name,
		.search = str_is_empty(filter->search) ? STR_NONE : filter->search,
		.state = str_is_empty(filter->state) ? STR_NONE : filter->state,
		.offset = slice.offset,
		.limit = slice.limit,
	};

	return list(db, &in, a, environments, e);
}

static int find(struct db *db, const struct q_environment_list_in *in, struct arena *a,
		struct environment *environment, bool *found, struct err *e)
{
	struct environments one;

	if (list(db, in, a, &one, e) < 0)
		return -(int)e->code;
	*found = one.count > 0;
	if (*found)
		*environment = one.items[0];
	return 0;
}

int environment_find(struct db *db, struct project_id project, struct environment_id id,
		     struct arena *a, struct environment *environment, bool *found, struct err *e)
{
	const struct q_environment_list_in in = {
		.project_id = project.v, .has_id = true, .id = id.v, .limit = 1
	};

	return find(db, &in, a, environment, found, e);
}

int environment_find_by_name(struct db *db, struct project_id project, struct str name,
			     struct arena *a, struct environment *environment, bool *found,
			     struct err *e)
{
	const struct q_environment_list_in in = { .project_id = project.v,
						  .name = name,
						  .limit = 1 };

	*found = false;
	return str_is_none(name) ? 0 : find(db, &in, a, environment, found, e);
}

int environment_get(struct db *db, struct project_id project, struct environment_id id,
		    struct arena *a, struct environment *environment, struct err *e)
{
	bool found;

	if (environment_find(db, project, id, a, environment, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "404 Environment Not Found");
}

/* ------------------------------------------------------------------------ by people */

struct changing {
	const struct actor *actor;
	struct project_id project;
	struct environment_id id;
	const struct environment_new *new;
	const struct environment_change *change;
	struct arena *arena;
	struct environment *out;
};

static int check_change(struct db *db, const struct changing *c, struct err *e)
{
	struct project_access access;

	if (access_find_project_by_id(db, c->actor, c->project, c->arena, &access, e) < 0)
		return -(int)e->code;
	return access_check(c->actor, ACTION_ENVIRONMENT_CHANGE, &access.target, e);
}

static int check_url(struct str url, struct err *e)
{
	bool is_web =
		str_starts_nocase(url, STR("https://")) || str_starts_nocase(url, STR("http://"));

	if (str_is_empty(url) || (is_web && url.n <= URL_MAX))
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "The address of an environment begins with https:// or http:// and has at "
		       "most %d characters.",
		       URL_MAX);
}

static int record(struct db *db, const struct changing *c, const char *act, struct str name,
		  struct err *e)
{
	const struct audit_event event = { .act = act,
					   .object_kind = "environment",
					   .object_id = c->id.v,
					   .object = name,
					   .project = c->project };

	return audit_record(db, c->actor, &event, e);
}

static int add(struct db *db, struct changing *c, struct err *e)
{
	const struct environment_new *in = c->new;
	enum environment_tier tier = in->has_tier ? in->tier : environment_tier_guess(in->name);
	const struct q_environment_add_in add = {
		.project_id = c->project.v,
		.name = in->name,
		.slug = environment_slug(c->arena, in->name),
		.tier = str_c(environment_tier_name(tier)),
		.external_url = str_is_empty(in->external_url) ? STR_NONE : in->external_url,
		.description = str_is_none(in->description) ? STR("") : in->description,
	};
	struct q_environment_add_row row = { 0 };
	bool found;

	if (q_environment_add(db, &add, c->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_CONFLICT, "There is an environment %.*s already.",
			       STR_FMT(str_upto(in->name, 100)));
	c->id.v = row.id;
	return 0;
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;

	if (check_change(db, c, e) < 0 || environment_check_name(c->new->name, e) < 0 ||
	    check_url(c->new->external_url, e) < 0 || add(db, c, e) < 0 ||
	    record(db, c, "environment.create", c->new->name, e) < 0)
		return -(int)e->code;
	return environment_get(db, c->project, c->id, c->arena, c->out, e);
}

int environment_create(struct db *db, const struct actor *actor, struct project_id project,
		       const struct environment_new *in, struct arena *a, struct environment *made,
		       struct err *e)
{
	struct changing c = {
		.actor = actor, .project = project, .new = in, .arena = a, .out = made
	};

	return db_transaction(db, create, &c, e);
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	const struct environment_change *change = c->change;
	const struct q_environment_update_in in = {
		.project_id = c->project.v,
		.id = c->id.v,
		.external_url = change->external_url,
		.description = change->description,
		.tier = change->has_tier ? str_c(environment_tier_name(change->tier)) : STR_NONE,
	};

	if (check_change(db, c, e) < 0 || check_url(change->external_url, e) < 0 ||
	    q_environment_update(db, &in, NULL, e) < 0 ||
	    environment_get(db, c->project, c->id, c->arena, c->out, e) < 0)
		return -(int)e->code;
	return record(db, c, "environment.update", c->out->name, e);
}

int environment_update(struct db *db, const struct actor *actor, struct project_id project,
		       struct environment_id id, const struct environment_change *change,
		       struct arena *a, struct environment *environment, struct err *e)
{
	struct changing c = { .actor = actor,
			      .project = project,
			      .id = id,
			      .change = change,
			      .arena = a,
			      .out = environment };

	return db_transaction(db, update, &c, e);
}

/* Its ref goes by the event, also if that of its stop has not been handled yet. */
static int remove_it(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	const struct q_environment_remove_in in = { c->project.v, c->id.v };
	int64_t affected = 0;

	if (check_change(db, c, e) < 0 ||
	    environment_get(db, c->project, c->id, c->arena, c->out, e) < 0 ||
	    q_environment_remove(db, &in, &affected, e) < 0)
		return -(int)e->code;
	if (affected == 0)
		return err_set(e, ERR_CONFLICT,
			       "%.*s is %s. Stop it first: only a stopped environment is deleted.",
			       STR_FMT(str_upto(c->out->name, 100)),
			       environment_state_name(c->out->state));
	if (event_add(db, EVENT_ENVIRONMENT, c->project, c->id.v, e) < 0)
		return -(int)e->code;
	return record(db, c, "environment.remove", c->out->name, e);
}

int environment_remove(struct db *db, const struct actor *actor, struct project_id project,
		       struct environment_id id, struct err *e)
{
	struct environment environment;
	struct changing c = { .actor = actor,
			      .project = project,
			      .id = id,
			      .arena = arena_open(0),
			      .out = &environment };
	int result = db_transaction(db, remove_it, &c, e);

	arena_close(c.arena);
	return result;
}
