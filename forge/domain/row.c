#include "domain/row.h"

enum visibility row_visibility(struct str text)
{
	enum visibility v = VISIBILITY_PRIVATE;

	ASSERT(visibility_from_name(text, &v));
	return v;
}

enum access_level row_level(int32_t number)
{
	enum access_level level = LEVEL_NONE;

	ASSERT(number == 0 || access_level_from_number(number, &level));
	return level;
}

enum namespace_kind row_namespace_kind(struct str text)
{
	return str_eq_c(text, "user") ? NAMESPACE_USER : NAMESPACE_GROUP;
}

struct viewer viewer_of(const struct actor *actor)
{
	bool is_person = actor->user.v != 0 && !actor->is_bot;

	return (struct viewer){
		.user_id = actor->user.v,
		.sees_internal = is_person && actor->kind != ACTOR_JOB_TOKEN,
		.sees_all = actor->kind == ACTOR_SYSTEM ||
			    (is_person && actor->is_admin && actor->kind != ACTOR_JOB_TOKEN),
	};
}
