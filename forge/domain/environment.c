/* Environments as rows: read, made and changed by people. Stopping is environment_stop.c. */
#include "domain/environment.h"

#include "domain/access.h"
#include "domain/audit.h"
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

static int check_change(struct db *db, const struct actor *actor, struct project_id project,
			struct arena *a, struct err *e)
{
	struct project_access access;

	if (access_find_project_by_id(db, actor, project, a, &access, e) < 0)
		return -(int)e->code;
	return access_check(actor, ACTION_ENVIRONMENT_CHANGE, &access.target, e);
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

static int record(struct db *db, const struct actor *actor, const char *act,
		  struct project_id project, int64_t id, struct str name, struct err *e)
{
	const struct audit_event event = { .act = act,
					   .object_kind = "environment",
					   .object_id = id,
					   .object = name,
					   .project = project };

	return audit_record(db, actor, &event, e);
}

int environment_create(struct db *db, const struct actor *actor, struct project_id project,
		       const struct environment_new *in, struct arena *a, struct environment *made,
		       struct err *e)
{
	enum environment_tier tier = in->has_tier ? in->tier : environment_tier_guess(in->name);
	struct q_environment_add_row row = { 0 };
	bool found;

	if (check_change(db, actor, project, a, e) < 0 || environment_check_name(in->name, e) < 0 ||
	    check_url(in->external_url, e) < 0)
		return -(int)e->code;
	if (q_environment_add(
		    db,
		    &(struct q_environment_add_in){
			    .project_id = project.v,
			    .name = in->name,
			    .slug = environment_slug(a, in->name),
			    .tier = str_c(environment_tier_name(tier)),
			    .external_url =
				    str_is_empty(in->external_url) ? STR_NONE : in->external_url,
			    .description =
				    str_is_none(in->description) ? STR("") : in->description },
		    a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_CONFLICT, "There is an environment %.*s already.",
			       STR_FMT(str_upto(in->name, 100)));
	if (record(db, actor, "environment.create", project, row.id, in->name, e) < 0)
		return -(int)e->code;
	return environment_get(db, project, (struct environment_id){ row.id }, a, made, e);
}

int environment_update(struct db *db, const struct actor *actor, struct project_id project,
		       struct environment_id id, const struct environment_change *change,
		       struct arena *a, struct environment *environment, struct err *e)
{
	const struct q_environment_update_in in = {
		.project_id = project.v,
		.id = id.v,
		.external_url = change->external_url,
		.description = change->description,
		.tier = change->has_tier ? str_c(environment_tier_name(change->tier)) : STR_NONE,
	};

	if (check_change(db, actor, project, a, e) < 0 || check_url(change->external_url, e) < 0 ||
	    q_environment_update(db, &in, NULL, e) < 0 ||
	    environment_get(db, project, id, a, environment, e) < 0)
		return -(int)e->code;
	return record(db, actor, "environment.update", project, id.v, environment->name, e);
}

int environment_remove(struct db *db, const struct actor *actor, struct project_id project,
		       struct environment_id id, struct err *e)
{
	const struct q_environment_remove_in in = { project.v, id.v };
	struct arena *a = arena_open(0);
	struct environment environment;
	int64_t affected = 0;

	if (check_change(db, actor, project, a, e) == 0 &&
	    environment_get(db, project, id, a, &environment, e) == 0 &&
	    q_environment_remove(db, &in, &affected, e) == 0) {
		if (affected == 0)
			err_set(e, ERR_CONFLICT,
				"%.*s is %s. Stop it first: only a stopped environment is deleted.",
				STR_FMT(str_upto(environment.name, 100)),
				environment_state_name(environment.state));
		else
			(void)record(db, actor, "environment.remove", project, id.v,
				     environment.name, e);
	}
	arena_close(a);
	return -(int)e->code;
}
