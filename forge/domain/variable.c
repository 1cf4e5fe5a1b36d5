/* Stored variables as people manage them; what a job gets is variable_collect.c. */
#include "domain/variable.h"

#include "base/buf.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/text.h"
#include "domain/variable_private.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/variable.h"

/* ------------------------------------------------------------------------- rules */

static bool is_key_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

int variable_check_key(struct str key, struct err *e)
{
	bool is_good = key.n >= 1 && key.n <= VARIABLE_KEY_MAX;

	for (size_t i = 0; is_good && i < key.n; i++)
		is_good = is_key_char(key.p[i]);
	if (is_good)
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "A variable's key has 1 to %d letters, digits and underscores: A-Z, a-z, "
		       "0-9, _.",
		       VARIABLE_KEY_MAX);
}

int variable_check_value(struct str value, struct err *e)
{
	if (value.n > VARIABLE_VALUE_MAX)
		return err_set(e, ERR_UNPROCESSABLE,
			       "A variable's value has at most %d bytes. Keep larger things in the "
			       "repository, or fetch them in the script.",
			       VARIABLE_VALUE_MAX);
	if (!str_is_utf8_text(value))
		return err_set(e, ERR_UNPROCESSABLE,
			       "A variable's value is UTF-8 text without zero bytes. Encode other "
			       "bytes (base64) and decode them in the script.");
	return 0;
}

static int check_scope(struct str scope, struct err *e)
{
	for (size_t i = 0; i < scope.n; i++)
		if ((unsigned char)scope.p[i] <= ' ' || scope.p[i] == 0x7f)
			return err_set(e, ERR_UNPROCESSABLE,
				       "An environment scope is a name of an environment, without "
				       "spaces; * stands for any run of characters.");
	if (scope.n < 1 || scope.n > VARIABLE_SCOPE_MAX || !str_is_utf8_text(scope))
		return err_set(e, ERR_UNPROCESSABLE,
			       "An environment scope has 1 to %d bytes of UTF-8; * means every "
			       "environment.",
			       VARIABLE_SCOPE_MAX);
	return 0;
}

/* What cannot be found in a log cannot be masked there. */
static int check_masked(struct str value, struct err *e)
{
	bool is_good = value.n >= VARIABLE_MASKED_MIN;

	for (size_t i = 0; i < value.n; i++)
		is_good = is_good && (unsigned char)value.p[i] > ' ' && value.p[i] != 0x7f;
	if (is_good)
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "A masked value must be found in logs to be masked: at least %d characters, "
		       "on one line, without spaces. Change the value, or do not mask it.",
		       VARIABLE_MASKED_MIN);
}

static struct str scope_of(const struct variable *in)
{
	return str_is_empty(in->scope) ? STR("*") : in->scope;
}

int variable_check(const struct variable *in, struct err *e)
{
	if (variable_check_key(in->key, e) < 0 || variable_check_value(in->value, e) < 0 ||
	    check_scope(scope_of(in), e) < 0)
		return -(int)e->code;
	if (in->description.n > VARIABLE_DESCRIPTION_MAX || !str_is_utf8_text(in->description))
		return err_set(e, ERR_UNPROCESSABLE, "A description has at most %d bytes of UTF-8.",
			       VARIABLE_DESCRIPTION_MAX);
	return in->is_masked || in->is_hidden ? check_masked(in->value, e) : 0;
}

/* ----------------------------------------------------------------------- sealing */

struct str variable_seal_context(struct arena *a, int64_t namespace, int64_t project,
				 struct str key)
{
	if (project != 0)
		return str_c(arena_strf(a, "variable project %lld %.*s", (long long)project,
					STR_FMT(key)));
	return str_c(arena_strf(a, "variable group %lld %.*s", (long long)namespace, STR_FMT(key)));
}

static struct str context_of(struct arena *a, const struct variable_owner *owner, struct str key)
{
	return variable_seal_context(a, owner->namespace.v, owner->project.v, key);
}

static int open_value(const struct variable_store *store, const struct variable_owner *owner,
		      const struct q_variable_list_row *row, struct arena *a, struct str *value,
		      struct err *e)
{
	if (secret_unseal(store->keys, context_of(a, owner, row->key), row->sealed, a, value, e) <
	    0)
		return err_add(e, "variable %lld", (long long)row->id);
	return 0;
}

/* ----------------------------------------------------------------------- reading */

static struct variable variable_of_row(const struct q_variable_list_row *row)
{
	return (struct variable){
		.id = { row->id },
		.key = row->key,
		.is_file = row->is_file,
		.is_protected = row->is_protected,
		.is_masked = row->is_masked,
		.is_hidden = row->is_hidden,
		.is_raw = row->is_raw,
		.scope = row->scope,
		.description = row->description,
	};
}

static struct q_variable_list_in wanted(const struct variable_owner *owner)
{
	return (struct q_variable_list_in){
		.has_namespace_id = owner->kind == VARIABLE_OF_GROUP,
		.namespace_id = owner->namespace.v,
		.has_project_id = owner->kind == VARIABLE_OF_PROJECT,
		.project_id = owner->project.v,
	};
}

int variable_list(const struct variable_store *store, const struct variable_owner *owner,
		  bool with_values, struct arena *a, struct variables *list, struct err *e)
{
	struct q_variable_list_in in = wanted(owner);
	struct q_variable_list_row *rows;
	size_t count;

	if (q_variable_list(store->db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*list = (struct variables){ ARENA_ARRAY(a, struct variable, count), count };
	for (size_t i = 0; i < count; i++) {
		list->items[i] = variable_of_row(&rows[i]);
		if (with_values && !rows[i].is_hidden &&
		    open_value(store, owner, &rows[i], a, &list->items[i].value, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

/* The one row that is meant. */
static int get_row(const struct variable_store *store, const struct q_variable_list_in *in,
		   struct arena *a, struct q_variable_list_row *row, struct err *e)
{
	struct q_variable_list_row *rows;
	size_t count;

	if (q_variable_list(store->db, in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	if (count == 0)
		return err_set(e, ERR_NOT_FOUND, "404 Variable Not Found");
	if (count > 1)
		return err_set(e, ERR_CONFLICT,
			       "There are multiple variables with provided parameters. Please use "
			       "'filter[environment_scope]'");
	*row = rows[0];
	return 0;
}

static int get(const struct variable_store *store, const struct variable_owner *owner,
	       const struct q_variable_list_in *in, struct arena *a, struct variable *found,
	       struct err *e)
{
	struct q_variable_list_row row;
	struct variable variable;

	if (get_row(store, in, a, &row, e) < 0)
		return -(int)e->code;
	variable = variable_of_row(&row);
	if (!row.is_hidden && open_value(store, owner, &row, a, &variable.value, e) < 0)
		return -(int)e->code;
	*found = variable;
	return 0;
}

int variable_get(const struct variable_store *store, const struct variable_owner *owner,
		 struct str key, struct str scope, struct arena *a, struct variable *found,
		 struct err *e)
{
	struct q_variable_list_in in = wanted(owner);

	in.key = str_is_none(key) ? STR("") : key;
	in.scope = str_is_empty(scope) ? STR_NONE : scope;
	return get(store, owner, &in, a, found, e);
}

int variable_get_by_id(const struct variable_store *store, const struct variable_owner *owner,
		       struct variable_id id, struct arena *a, struct variable *found,
		       struct err *e)
{
	struct q_variable_list_in in = wanted(owner);

	in.has_id = true;
	in.id = id.v;
	return get(store, owner, &in, a, found, e);
}

/* ---------------------------------------------------------------------- changing */

struct changing {
	const struct variable_store *store;
	const struct actor *actor;
	const struct variable_owner *owner;
	struct variable in;
	struct variable *out;
	struct arena *arena;
};

/* The owner as it is now, for this actor: the same answer as the route's, asked again. */
static int check_right(struct db *db, const struct changing *c, struct err *e)
{
	struct project_access project;
	struct namespace_access group;

	switch (c->owner->kind) {
	case VARIABLE_OF_PROJECT:
		if (access_find_project_by_id(db, c->actor, c->owner->project, c->arena, &project,
					      e) < 0)
			return -(int)e->code;
		return access_check(c->actor, ACTION_VARIABLES_CHANGE, &project.target, e);
	case VARIABLE_OF_GROUP:
		if (access_find_namespace_by_id(db, c->actor, c->owner->namespace, c->arena, &group,
						e) < 0)
			return -(int)e->code;
		return access_check(c->actor, ACTION_GROUP_VARIABLES_CHANGE, &group.target, e);
	default:
		return access_check(c->actor, ACTION_ADMIN_CHANGE, NULL, e);
	}
}

static int record(struct db *db, const struct changing *c, const char *act, struct variable_id id,
		  struct str key, struct err *e)
{
	return audit_record(db, c->actor,
			    &(struct audit_event){ .act = act,
						   .object_kind = "variable",
						   .object_id = id.v,
						   .object = key,
						   .project = c->owner->project,
						   .namespace = c->owner->namespace },
			    e);
}

static int say_taken(const struct changing *c, struct err *e)
{
	return err_set(e, ERR_CONFLICT,
		       "(%.*s) has already been taken for the environment scope %.*s. Change that "
		       "variable, or choose another scope.",
		       STR_FMT(c->in.key), STR_FMT(scope_of(&c->in)));
}

static int check_room(struct db *db, const struct changing *c, struct err *e)
{
	struct q_variable_list_in owner = wanted(c->owner);
	struct q_variable_count_row row;

	if (q_variable_count(
		    db,
		    &(struct q_variable_count_in){ .has_namespace_id = owner.has_namespace_id,
						   .namespace_id = owner.namespace_id,
						   .has_project_id = owner.has_project_id,
						   .project_id = owner.project_id },
		    c->arena, &row, e) < 0)
		return -(int)e->code;
	if (row.count < VARIABLES_MAX)
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "There are %d variables here already, which is the most. Remove those that "
		       "no job uses.",
		       VARIABLES_MAX);
}

static int add(struct db *db, const struct changing *c, struct str sealed, int64_t *id,
	       struct err *e)
{
	struct q_variable_list_in owner = wanted(c->owner);
	struct q_variable_add_row row;

	if (q_variable_add(
		    db,
		    &(struct q_variable_add_in){ .has_namespace_id = owner.has_namespace_id,
						 .namespace_id = owner.namespace_id,
						 .has_project_id = owner.has_project_id,
						 .project_id = owner.project_id,
						 .key = c->in.key,
						 .scope = scope_of(&c->in),
						 .sealed = sealed,
						 .is_file = c->in.is_file,
						 .is_protected = c->in.is_protected,
						 .is_masked = c->in.is_masked || c->in.is_hidden,
						 .is_hidden = c->in.is_hidden,
						 .is_raw = c->in.is_raw,
						 .description = str_is_none(c->in.description)
									? STR("")
									: c->in.description },
		    c->arena, &row, e) < 0)
		return db_violated(db, "variable_once") ? say_taken(c, e) : -(int)e->code;
	*id = row.id;
	return 0;
}

static void show(const struct changing *c, struct variable_id id)
{
	*c->out = c->in;
	c->out->id = id;
	c->out->scope = scope_of(&c->in);
	c->out->is_masked = c->in.is_masked || c->in.is_hidden;
	if (c->in.is_hidden)
		c->out->value = STR_NONE;
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	struct variable_id id = { 0 };
	struct str sealed;

	if (check_right(db, c, e) < 0 || check_room(db, c, e) < 0 ||
	    secret_seal(c->store->keys, context_of(c->arena, c->owner, c->in.key), c->in.value,
			c->arena, &sealed, e) < 0 ||
	    add(db, c, sealed, &id.v, e) < 0 ||
	    record(db, c, "variable.create", id, c->in.key, e) < 0)
		return -(int)e->code;
	show(c, id);
	return 0;
}

int variable_create(const struct variable_store *store, const struct actor *actor,
		    const struct variable_owner *owner, const struct variable *in, struct arena *a,
		    struct variable *made, struct err *e)
{
	struct changing c = { store, actor, owner, *in, made, a };

	if (str_is_none(c.in.value))
		c.in.value = STR("");
	if (variable_check(&c.in, e) < 0)
		return -(int)e->code;
	return db_transaction(store->db, create, &c, e);
}

/* What stays: the key, being hidden, and the value unless a new one was given. */
static int keep_old(struct changing *c, const struct q_variable_list_row *row, struct err *e)
{
	c->in.key = row->key;
	c->in.is_hidden = row->is_hidden;
	c->in.is_masked = c->in.is_masked || row->is_hidden;
	if (!str_is_none(c->in.value))
		return 0;
	return open_value(c->store, c->owner, row, c->arena, &c->in.value, e);
}

static int write_change(struct db *db, const struct changing *c, struct err *e)
{
	struct str sealed;

	if (secret_seal(c->store->keys, context_of(c->arena, c->owner, c->in.key), c->in.value,
			c->arena, &sealed, e) < 0)
		return -(int)e->code;
	if (q_variable_change(
		    db,
		    &(struct q_variable_change_in){ .id = c->in.id.v,
						    .scope = scope_of(&c->in),
						    .sealed = sealed,
						    .is_file = c->in.is_file,
						    .is_protected = c->in.is_protected,
						    .is_masked = c->in.is_masked,
						    .is_raw = c->in.is_raw,
						    .description = str_is_none(c->in.description)
									   ? STR("")
									   : c->in.description },
		    NULL, e) < 0)
		return db_violated(db, "variable_once") ? say_taken(c, e) : -(int)e->code;
	return 0;
}

static int change(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	struct q_variable_list_in in = wanted(c->owner);
	struct q_variable_list_row row;

	in.has_id = true;
	in.id = c->in.id.v;
	if (check_right(db, c, e) < 0 || get_row(c->store, &in, c->arena, &row, e) < 0 ||
	    keep_old(c, &row, e) < 0 || variable_check(&c->in, e) < 0 ||
	    write_change(db, c, e) < 0 ||
	    record(db, c, "variable.update", c->in.id, c->in.key, e) < 0)
		return -(int)e->code;
	show(c, c->in.id);
	return 0;
}

int variable_update(const struct variable_store *store, const struct actor *actor,
		    const struct variable_owner *owner, const struct variable *in, struct arena *a,
		    struct variable *changed, struct err *e)
{
	struct changing c = { store, actor, owner, *in, changed, a };

	return db_transaction(store->db, change, &c, e);
}

static int remove_one(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	struct q_variable_list_in owner = wanted(c->owner);
	struct q_variable_remove_row row = { 0 };
	bool found;

	if (check_right(db, c, e) < 0 ||
	    q_variable_remove(
		    db,
		    &(struct q_variable_remove_in){ .has_namespace_id = owner.has_namespace_id,
						    .namespace_id = owner.namespace_id,
						    .has_project_id = owner.has_project_id,
						    .project_id = owner.project_id,
						    .id = c->in.id.v },
		    c->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 Variable Not Found");
	return record(db, c, "variable.remove", c->in.id, row.key, e);
}

int variable_remove(const struct variable_store *store, const struct actor *actor,
		    const struct variable_owner *owner, struct variable_id id, struct err *e)
{
	struct changing c = { .store = store, .actor = actor, .owner = owner, .in = { .id = id } };
	int result;

	c.arena = arena_open(0);
	result = db_transaction(store->db, remove_one, &c, e);
	arena_close(c.arena);
	return result;
}
