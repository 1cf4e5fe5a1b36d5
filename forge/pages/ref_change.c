#include "pages/ref_change.h"

#include "domain/landing.h"

static int ref_land(struct request *rq, const struct landing_change *change, struct err *e)
{
	const struct landing_request landing = {
		.db = rq->app->db,
		.run = rq->app->run,
		.instance = rq->app->instance,
		.actor = &rq->actor,
		.project = rq->project->id,
		.project_path = rq->project->path,
		.source = PUSH_SOURCE_PAGE,
	};

	/* The landing takes a connection of its own; ours must not wait beside it. */
	request_db_return(rq);
	return landing_change_refs(&landing, change, 1, e);
}

int ref_create(struct request *rq, const struct ref_wish *wish, struct err *e)
{
	struct landing_change change = {
		.name = arena_fmt(rq->arena, "%s%.*s", wish->folder, STR_FMT(wish->name)),
		.old_oid = STR(GIT_ZERO_OID),
	};
	struct repo *repo;
	struct oid oid;

	if (str_is_empty(wish->name))
		return err_set(e, ERR_UNPROCESSABLE, "Give it a name.");
	if (request_repo(rq, &repo, e) < 0 || repo_resolve(repo, wish->from, &oid, e) < 0)
		return -(int)e->code;
	if (ref_snapshot_find(repo_refs(repo), change.name))
		return err_set(e, ERR_CONFLICT, "There is already one named %.*s.",
			       STR_FMT(wish->name));
	change.new_oid = oid_hex(rq->arena, &oid);
	if (!str_is_empty(wish->message))
		change.tag_message = wish->message;
	return ref_land(rq, &change, e);
}

int ref_remove(struct request *rq, const char *folder, struct str name, struct err *e)
{
	struct landing_change change = { .name = arena_fmt(rq->arena, "%s%.*s", folder,
							   STR_FMT(name)),
					 .new_oid = STR(GIT_ZERO_OID) };
	const struct ref *ref;
	struct repo *repo;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	ref = ref_snapshot_find(repo_refs(repo), change.name);
	if (!ref)
		return err_set(e, ERR_NOT_FOUND, "There is none named %.*s any more.",
			       STR_FMT(name));
	change.old_oid = oid_hex(rq->arena, &ref->oid);
	return ref_land(rq, &change, e);
}
