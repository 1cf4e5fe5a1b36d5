/*
 * Stored CI variables of the instance, of groups and of projects: what jobs are
 * given besides their file's variables. Values are sealed (secret.h) and bound
 * to their row; a hidden one is never shown again, not even to who wrote it.
 *
 * A key may stand once per environment scope: "*" (everywhere), a name, or a
 * pattern in which '*' stands for any run of characters. A job gets, of each
 * key, the most specific scope of the nearest owner: instance < outer group <
 * inner group < project. Protected ones go to jobs of protected refs only.
 *
 * Masked values are replaced by [MASKED] in job logs, so they must be something
 * that can be found there: at least 8 characters, one line, no blanks.
 *
 * Source of fields and rules: gitlab-compat 3.3.
 * Rights: each function that changes something checks the actor and writes
 * audit (with the key, never the value). Who may list has been checked by the
 * route. Locks: none; a change is one row.
 */
#ifndef DOMAIN_VARIABLE_H
#define DOMAIN_VARIABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "ci/variables.h"
#include "domain/actor.h"

struct db;
struct secret_keys;

#define VARIABLE_KEY_MAX 255
#define VARIABLE_VALUE_MAX 65536
#define VARIABLE_SCOPE_MAX 255
#define VARIABLE_DESCRIPTION_MAX 255
#define VARIABLE_MASKED_MIN 8
#define VARIABLES_MAX 1000 /* of one owner */

enum variable_owner_kind { VARIABLE_OF_INSTANCE, VARIABLE_OF_GROUP, VARIABLE_OF_PROJECT };

struct variable_owner {
	enum variable_owner_kind kind;
	struct namespace_id namespace; /* of a group */
	struct project_id project;     /* of a project */
	struct str path;               /* of the group or project, for sentences */
};

struct variable {
	struct variable_id id;
	struct str key;
	struct str value; /* none when it is hidden, or was not asked for */
	bool is_file;     /* the job's variable holds the path of a file with the value */
	bool is_protected;
	bool is_masked;
	bool is_hidden; /* implies is_masked; can never be undone */
	bool is_raw;    /* references in the value are not expanded */
	struct str scope;
	struct str description;
};

struct variables {
	struct variable *items;
	size_t count;
};

/* What all of them need: an open connection and the keys that seal. */
struct variable_store {
	struct db *db;
	const struct secret_keys *keys;
};

/* By key, then scope. with_values opens those that are not hidden. */
MUST_USE int variable_list(const struct variable_store *store, const struct variable_owner *owner,
			   bool with_values, struct arena *a, struct variables *list,
			   struct err *e);

/*
 * The one of this key; scope none: of any scope, ERR_CONFLICT if there are
 * several. ERR_NOT_FOUND if there is none. With its value unless hidden.
 */
MUST_USE int variable_get(const struct variable_store *store, const struct variable_owner *owner,
			  struct str key, struct str scope, struct arena *a, struct variable *found,
			  struct err *e);
MUST_USE int variable_get_by_id(const struct variable_store *store,
				const struct variable_owner *owner, struct variable_id id,
				struct arena *a, struct variable *found, struct err *e);

/*
 * in->id is not read; scope none: "*". ERR_UNPROCESSABLE names the rule that
 * the key, value or scope breaks, ERR_CONFLICT a key and scope that are taken.
 */
MUST_USE int variable_create(const struct variable_store *store, const struct actor *actor,
			     const struct variable_owner *owner, const struct variable *in,
			     struct arena *a, struct variable *made, struct err *e);

/*
 * Everything as in `in`, found by in->id; value none leaves the value as it is.
 * A hidden one stays hidden and masked.
 */
MUST_USE int variable_update(const struct variable_store *store, const struct actor *actor,
			     const struct variable_owner *owner, const struct variable *in,
			     struct arena *a, struct variable *changed, struct err *e);

MUST_USE int variable_remove(const struct variable_store *store, const struct actor *actor,
			     const struct variable_owner *owner, struct variable_id id,
			     struct err *e);

/* Which of the stored ones a pipeline or job gets. */
struct variable_use {
	struct project_id project;
	bool is_protected;      /* the ref is: protected variables come along */
	struct str environment; /* of the job; none: only scope "*" */
};

/*
 * Set over `into`, lowest precedence first: for a job's payload, and (without
 * environment) as ci_context.stored of a plan.
 */
MUST_USE int variable_collect(const struct variable_store *store, const struct variable_use *use,
			      struct arena *a, struct ci_variables *into, struct err *e);

/* Pure. How well the scope fits the environment: 0 not at all; more is more specific. */
size_t variable_scope_fits(struct str scope, struct str environment);

/* Pure. The rules for a row, whoever owns it; ERR_UNPROCESSABLE with the one that is broken. */
MUST_USE int variable_check(const struct variable *in, struct err *e);

#endif
