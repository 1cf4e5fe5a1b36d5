/*
 * The words all of domain/ shares: wrapped ids, access levels, visibility, and
 * a slice of a list. An id of one noun cannot be passed for another's.
 */
#ifndef DOMAIN_TYPES_H
#define DOMAIN_TYPES_H

#include "base/clock.h"
#include "base/compiler.h"
#include "base/str.h"

struct user_id {
	int64_t v;
};
struct namespace_id {
	int64_t v;
};
struct project_id {
	int64_t v;
};
struct session_id {
	int64_t v;
};
struct token_id {
	int64_t v;
};
struct key_id {
	int64_t v;
};
struct member_id {
	int64_t v;
};
struct protected_ref_id {
	int64_t v;
};
struct variable_id {
	int64_t v;
};
struct runner_id {
	int64_t v;
};
struct pipeline_id {
	int64_t v;
};
struct job_id {
	int64_t v;
};
struct merge_request_id {
	int64_t v;
};
struct environment_id {
	int64_t v;
};
struct deployment_id {
	int64_t v;
};
struct task_id {
	int64_t v;
};
struct discussion_id {
	int64_t v;
};
struct note_id {
	int64_t v;
};

/* A person as rows of other nouns name them. */
struct user_brief {
	struct user_id id; /* 0: nobody, or somebody who is gone */
	struct str username;
	struct str name;
};

/* GitLab's numbers, in SQL and API. */
enum access_level {
	LEVEL_NONE = 0,
	LEVEL_GUEST = 10,
	LEVEL_REPORTER = 20,
	LEVEL_DEVELOPER = 30,
	LEVEL_MAINTAINER = 40,
	LEVEL_OWNER = 50,
	LEVEL_ADMIN = 60, /* only as a requirement (protected refs), never a membership */
};

/* "guest" .. "owner", "administrator"; "no one" for LEVEL_NONE. */
const char *access_level_name(enum access_level level);
/* A membership's level from its number (10..50) or name; false for anything else. */
MUST_USE bool access_level_from_number(int64_t number, enum access_level *level);
MUST_USE bool access_level_from_name(struct str name, enum access_level *level);

enum visibility { VISIBILITY_PRIVATE, VISIBILITY_INTERNAL, VISIBILITY_PUBLIC };

/* "private", "internal", "public", as stored and in the API. */
const char *visibility_name(enum visibility v);
MUST_USE bool visibility_from_name(struct str name, enum visibility *v);

/* Part of a list. limit is 1..LISTING_MAX. */
#define LISTING_MAX 100
struct listing {
	int64_t offset;
	int32_t limit;
};
#define LISTING_FIRST ((struct listing){ 0, LISTING_MAX })

#endif
