#include "domain/actor.h"

struct actor actor_anonymous(void)
{
	return (struct actor){ .kind = ACTOR_ANONYMOUS };
}

struct actor actor_system(void)
{
	return (struct actor){ .kind = ACTOR_SYSTEM, .scopes = UINT32_MAX, .is_admin = true };
}

bool actor_is_signed_in(const struct actor *actor)
{
	return actor->kind != ACTOR_ANONYMOUS && actor->kind != ACTOR_SYSTEM;
}

const char *actor_kind_name(enum actor_kind kind)
{
	static const char *const names[] = {
		[ACTOR_ANONYMOUS] = "anonymous", [ACTOR_SESSION] = "session",
		[ACTOR_PASSWORD] = "password",   [ACTOR_KEY] = "key",
		[ACTOR_TOKEN] = "token",         [ACTOR_DEPLOY_TOKEN] = "deploy token",
		[ACTOR_JOB_TOKEN] = "job token", [ACTOR_SYSTEM] = "system",
	};

	ASSERT((size_t)kind < ARRAY_LEN(names));
	return names[kind];
}
