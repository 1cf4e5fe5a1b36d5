#include "domain/audit.h"

#include "q/audit.h"

/* "session 5": the row that proved the actor. */
static struct str credential(struct arena *a, const struct actor *actor)
{
	switch (actor->kind) {
	case ACTOR_SESSION:
		return arena_fmt(a, "session %lld", (long long)actor->session.v);
	case ACTOR_KEY:
		return arena_fmt(a, "key %lld", (long long)actor->key.v);
	case ACTOR_TOKEN:
	case ACTOR_DEPLOY_TOKEN:
		return arena_fmt(a, "token %lld", (long long)actor->token.v);
	default:
		return STR_NONE;
	}
}

int audit_record(struct db *db, const struct actor *actor, const struct audit_event *event,
		 struct err *e)
{
	struct arena *a = arena_open(0);
	struct q_audit_add_in in = {
		.act = str_c(event->act),
		.actor_kind = str_c(actor_kind_name(actor->kind)),
		.has_actor_user_id = actor->user.v != 0,
		.actor_user_id = actor->user.v,
		.actor_name = actor->username,
		.credential = credential(a, actor),
		.ip = actor->ip,
		.request_id = actor->request_id,
		.object_kind = str_c(event->object_kind),
		.has_object_id = event->object_id != 0,
		.object_id = event->object_id,
		.object = event->object,
		.has_project_id = event->project.v != 0,
		.project_id = event->project.v,
		.has_namespace_id = event->namespace.v != 0,
		.namespace_id = event->namespace.v,
		.detail = str_is_none(event->detail) ? STR("{}") : event->detail,
	};
	int code = q_audit_add(db, &in, NULL, e);

	arena_close(a);
	return code;
}
