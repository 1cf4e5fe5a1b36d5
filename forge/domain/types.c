#include "domain/types.h"

struct level_row {
	enum access_level level;
	const char *name;
};

static const struct level_row levels[] = {
	{ LEVEL_NONE, "no one" },           { LEVEL_GUEST, "guest" },
	{ LEVEL_REPORTER, "reporter" },     { LEVEL_DEVELOPER, "developer" },
	{ LEVEL_MAINTAINER, "maintainer" }, { LEVEL_OWNER, "owner" },
	{ LEVEL_ADMIN, "administrator" },
};

const char *access_level_name(enum access_level level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (levels[i].level == level)
			return levels[i].name;
	}
	assert_failed("a known access level", __FILE__, __LINE__);
}

static bool is_membership(enum access_level level)
{
	return level != LEVEL_NONE && level != LEVEL_ADMIN;
}

bool access_level_from_number(int64_t number, enum access_level *level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if ((int64_t)levels[i].level == number && is_membership(levels[i].level)) {
			*level = levels[i].level;
			return true;
		}
	}
	return false;
}

bool access_level_from_name(struct str name, enum access_level *level)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (str_eq_nocase(str_c(levels[i].name), name) && is_membership(levels[i].level)) {
			*level = levels[i].level;
			return true;
		}
	}
	return false;
}

static const char *const visibilities[] = {
	[VISIBILITY_PRIVATE] = "private",
	[VISIBILITY_INTERNAL] = "internal",
	[VISIBILITY_PUBLIC] = "public",
};

const char *visibility_name(enum visibility v)
{
	ASSERT((size_t)v < ARRAY_LEN(visibilities));
	return visibilities[v];
}

bool visibility_from_name(struct str name, enum visibility *v)
{
	for (size_t i = 0; i < ARRAY_LEN(visibilities); i++) {
		if (str_eq_c(name, visibilities[i])) {
			*v = (enum visibility)i;
			return true;
		}
	}
	return false;
}
