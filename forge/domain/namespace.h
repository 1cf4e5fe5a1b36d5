/*
 * Namespaces: the folders of the forge's names. One table holds users' personal
 * namespaces and groups; groups nest (20 deep at most). Names are unique
 * case-blind among all that stands beside them, projects included.
 *
 * An *address* is a full path a person can type. Each namespace and project
 * has one; a renamed thing leaves its old address behind, which leads to it
 * until somebody else takes it.
 *
 * A name of a group, user or project: 2 to 100 (users: at most 64, projects: from
 * 1) of [A-Za-z0-9_.-], beginning with a letter, digit or '_', not ending in '.',
 * '.git' or '.atom', and not reserved: first segments that the site itself uses,
 * and words that stand behind a project in addresses (reserved.tbl).
 */
#ifndef DOMAIN_NAMESPACE_H
#define DOMAIN_NAMESPACE_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

enum namespace_kind { NAMESPACE_USER, NAMESPACE_GROUP };

#define NAMESPACE_DEPTH_MAX 20
#define PATH_MAX_BYTES 1024 /* of a whole address */

struct namespace
{
	struct namespace_id id;
	enum namespace_kind kind;
	struct namespace_id parent; /* 0 at the top */
	struct user_id user;        /* of a personal one */
	struct str segment;         /* the last part of its path */
	struct str path;            /* the whole */
	struct str name;            /* as shown */
	struct str full_name;       /* "Parent / Child" */
	struct str description;
	enum visibility visibility;
	struct instant created_at;
};

struct namespaces {
	struct namespace **items;
	size_t count;
	int64_t total;
};

enum name_use { NAME_OF_USER, NAME_OF_GROUP, NAME_OF_SUBGROUP, NAME_OF_PROJECT };

/* Pure. ERR_UNPROCESSABLE with the rule that is broken. */
MUST_USE int namespace_check_name(struct str name, enum name_use use, struct err *e);
/* True for first segments that the site uses itself, case-blind. */
bool namespace_is_reserved(struct str first_segment);

struct group_new {
	struct namespace_id parent; /* 0: at the top */
	struct str segment;
	struct str name; /* none: the segment */
	struct str description;
	enum visibility visibility; /* not wider than the parent's */
};

/* Checks GROUP_CREATE or SUBGROUP_CREATE; the maker becomes owner. */
MUST_USE int group_create(struct db *db, const struct actor *actor, const struct group_new *in,
			  struct arena *a, struct namespace *group, struct err *e);

struct group_change {
	struct str name; /* none: leave as it is */
	struct str description;
	struct str segment; /* renames; the old address leads on, and those below it */
	bool has_visibility;
	enum visibility visibility;
};

/* Checks GROUP_CHANGE. */
MUST_USE int group_update(struct db *db, const struct actor *actor, struct namespace_id id,
			  const struct group_change *in, struct arena *a, struct namespace *group,
			  struct err *e);
/* Checks GROUP_REMOVE; ERR_CONFLICT while anything is in it. */
MUST_USE int group_remove(struct db *db, const struct actor *actor, struct namespace_id id,
			  struct err *e);

struct namespace_filter {
	struct namespace_id parent; /* its direct children; 0: any */
	bool top_only;
	bool groups_only;
	bool writable_only; /* where the actor may make projects */
	struct str search;
};

/* What the actor can see. */
MUST_USE int namespace_list(struct db *db, const struct actor *actor,
			    const struct namespace_filter *filter, struct listing slice,
			    struct arena *a, struct namespaces *list, struct err *e);
/* The namespace and those above it, outermost first; for breadcrumbs. */
MUST_USE int namespace_lineage(struct db *db, struct namespace_id id, struct arena *a,
			       struct namespaces *list, struct err *e);

#endif
