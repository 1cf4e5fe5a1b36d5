/*
 * Members: a user's access level in a group or project. The effective level in
 * a project is the highest of its own and those of all namespaces above it; a
 * personal namespace's user is its owner. Computed in SQL each time, so a
 * removal works at once.
 *
 * Rules: nobody gives a level above their own or changes a member above them;
 * a group keeps at least one active owner; a membership may end on a date.
 */
#ifndef DOMAIN_MEMBER_H
#define DOMAIN_MEMBER_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

/* Where: exactly one of the two. */
struct member_place {
	struct project_id project;
	struct namespace_id namespace;
};

struct member {
	struct member_id id;
	struct user_id user;
	struct str username;
	struct str name;
	struct str email; /* for administrators and the API's admin view only */
	bool is_blocked;
	bool is_bot;
	enum access_level level;
	bool is_inherited;
	struct str inherited_from; /* path of the group; none if it is direct */
	struct instant created_at;
	bool has_expires_at;
	struct instant expires_at;
};

struct members {
	struct member **items;
	size_t count;
	int64_t total;
};

struct member_change {
	struct user_id user;
	enum access_level level; /* guest .. owner */
	bool has_expires_at;
	struct instant expires_at;
};

/* Each checks PROJECT_MEMBERS_CHANGE or GROUP_MEMBERS_CHANGE. ERR_CONFLICT if there already. */
MUST_USE int member_create(struct db *db, const struct actor *actor, struct member_place place,
			   const struct member_change *in, struct err *e);
MUST_USE int member_update(struct db *db, const struct actor *actor, struct member_place place,
			   const struct member_change *in, struct err *e);
/* Anyone may remove themselves, but not the last owner of a group. */
MUST_USE int member_remove(struct db *db, const struct actor *actor, struct member_place place,
			   struct user_id user, struct err *e);

/* Highest membership of each user; direct ones only, or with the inherited. Bots included. */
MUST_USE int member_list(struct db *db, struct member_place place, bool with_inherited,
			 struct str search, struct listing slice, struct arena *a,
			 struct members *members, struct err *e);
MUST_USE int member_find(struct db *db, struct member_place place, struct user_id user,
			 bool with_inherited, struct arena *a, struct member *member, bool *found,
			 struct err *e);

#endif
