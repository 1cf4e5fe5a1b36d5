#include "domain/runner.h"

#include "domain/audit.h"
#include "domain/runner_private.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/runner.h"

#define MANAGER_TEXT_MAX 255
#define TIMEOUT_LEAST 600

static const char *const kinds[] = {
	[RUNNER_INSTANCE] = "instance",
	[RUNNER_GROUP] = "group",
	[RUNNER_PROJECT] = "project",
};

const char *runner_kind_name(enum runner_kind kind)
{
	ASSERT((size_t)kind < ARRAY_LEN(kinds));
	return kinds[kind];
}

enum runner_kind runner_kind_of(struct str text)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_eq_c(text, kinds[i]))
			return (enum runner_kind)i;
	assert_failed("a known kind of runner", __FILE__, __LINE__);
}

int runner_check_new(const struct runner_new *in, struct err *e)
{
	if (in->tags.count > RUNNER_TAGS_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "A runner has at most %d tags.",
			       RUNNER_TAGS_MAX);
	for (size_t i = 0; i < in->tags.count; i++)
		if (in->tags.items[i].n == 0 || in->tags.items[i].n > RUNNER_TAG_BYTES_MAX ||
		    str_has(in->tags.items[i], ','))
			return err_set(e, ERR_UNPROCESSABLE,
				       "A tag has 1 to %d bytes and no comma.",
				       RUNNER_TAG_BYTES_MAX);
	if (!in->run_untagged && in->tags.count == 0)
		return err_set(e, ERR_UNPROCESSABLE,
			       "A runner without tags must run untagged jobs, or it would never "
			       "run any. Give it tags, or let it run untagged jobs.");
	if (in->maximum_timeout != 0 && in->maximum_timeout < TIMEOUT_LEAST)
		return err_set(e, ERR_UNPROCESSABLE, "The maximum timeout is at least %d seconds.",
			       TIMEOUT_LEAST);
	if (in->description.n > 1024 || in->maintenance_note.n > 1024)
		return err_set(e, ERR_UNPROCESSABLE,
			       "Description and maintenance note have at most 1024 bytes.");
	return 0;
}

struct creating {
	const struct actor *actor;
	const struct runner_new *in;
	struct arena *arena;
	struct str sha256;
	struct runner_id id;
};

static struct str or_empty(struct str s)
{
	return str_is_none(s) ? STR("") : s;
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct creating *c = closure;
	const struct runner_new *in = c->in;
	struct q_runner_add_row row;

	if (q_runner_add(
		    db,
		    &(struct q_runner_add_in){ .kind = str_c(runner_kind_name(in->kind)),
					       .has_namespace_id = in->kind == RUNNER_GROUP,
					       .namespace_id = in->namespace.v,
					       .has_project_id = in->kind == RUNNER_PROJECT,
					       .project_id = in->project.v,
					       .token_sha256 = c->sha256,
					       .description = or_empty(in->description),
					       .tags = in->tags,
					       .run_untagged = in->run_untagged,
					       .is_protected = in->is_protected,
					       .is_paused = in->is_paused,
					       .is_locked = in->is_locked,
					       .has_maximum_timeout = in->maximum_timeout != 0,
					       .maximum_timeout = in->maximum_timeout,
					       .maintenance_note = or_empty(in->maintenance_note),
					       .has_created_by = c->actor->user.v != 0,
					       .created_by = c->actor->user.v },
		    c->arena, &row, e) < 0)
		return -(int)e->code;
	c->id.v = row.id;
	return audit_record(db, c->actor,
			    &(struct audit_event){ .act = "runner.create",
						   .object_kind = "runner",
						   .object_id = row.id,
						   .object = or_empty(in->description),
						   .project = in->project,
						   .namespace = in->namespace },
			    e);
}

int runner_create(struct db *db, const struct actor *actor, const struct runner_new *in,
		  struct arena *a, struct runner_id *id, struct str *token, struct err *e)
{
	struct creating c = { .actor = actor, .in = in, .arena = a };
	struct str text = secret_token(a, "glrt-");

	if (runner_check_new(in, e) < 0)
		return -(int)e->code;
	c.sha256 = secret_sha256_bytes(a, text);
	if (db_transaction(db, create, &c, e) < 0)
		return -(int)e->code;
	*id = c.id;
	*token = text;
	return 0;
}

int runner_find(struct db *db, struct str token, struct arena *a, struct runner *runner,
		bool *found, struct err *e)
{
	struct q_runner_find_row row = { 0 };

	*found = false;
	if (!secret_token_is_wellformed(token))
		return 0;
	if (q_runner_find(db, &(struct q_runner_find_in){ secret_sha256_bytes(a, token) }, a, &row,
			  found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	*runner = (struct runner){
		.id = { row.id },
		.kind = runner_kind_of(row.kind),
		.namespace = { row.has_namespace_id ? row.namespace_id : 0 },
		.project = { row.has_project_id ? row.project_id : 0 },
		.description = row.description,
		.tags = row.tags,
		.run_untagged = row.run_untagged,
		.is_protected = row.is_protected,
		.is_paused = row.is_paused,
		.maximum_timeout = row.has_maximum_timeout ? row.maximum_timeout : 0,
		.class = row.class,
		.fingerprint = row.fingerprint,
	};
	return 0;
}

struct removing {
	const struct actor *actor;
	struct runner_id id;
};

static int remove_runner(struct db *db, void *closure, struct err *e)
{
	const struct removing *r = closure;
	int64_t affected;

	if (q_runner_remove(db, &(struct q_runner_remove_in){ r->id.v }, &affected, e) < 0)
		return -(int)e->code;
	if (affected == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such runner.");
	return audit_record(db, r->actor,
			    &(struct audit_event){ .act = "runner.remove",
						   .object_kind = "runner",
						   .object_id = r->id.v,
						   .object = STR("") },
			    e);
}

int runner_remove(struct db *db, const struct actor *actor, struct runner_id id, struct err *e)
{
	struct removing r = { actor, id };

	return db_transaction(db, remove_runner, &r, e);
}

struct resetting {
	const struct actor *actor;
	struct runner_id id;
	struct str sha256;
};

static int reset(struct db *db, void *closure, struct err *e)
{
	const struct resetting *r = closure;
	int64_t affected;

	if (q_runner_reset_token(db, &(struct q_runner_reset_token_in){ r->id.v, r->sha256 },
				 &affected, e) < 0)
		return -(int)e->code;
	if (affected == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such runner.");
	return audit_record(db, r->actor,
			    &(struct audit_event){ .act = "runner.reset_token",
						   .object_kind = "runner",
						   .object_id = r->id.v,
						   .object = STR("") },
			    e);
}

int runner_reset_token(struct db *db, const struct actor *actor, struct runner_id id,
		       struct arena *a, struct str *token, struct err *e)
{
	struct str text = secret_token(a, "glrt-");
	struct resetting r = { actor, id, secret_sha256_bytes(a, text) };

	if (db_transaction(db, reset, &r, e) < 0)
		return -(int)e->code;
	*token = text;
	return 0;
}

int runner_remove_manager(struct db *db, struct runner_id id, struct str system_id, struct err *e)
{
	if (!str_is_utf8_text(system_id))
		return 0;
	return q_runner_manager_remove(db, &(struct q_runner_manager_remove_in){ id.v, system_id },
				       NULL, e);
}

/* A stranger's text about itself: cut, never refused. */
static struct str clean(struct str s)
{
	s = str_upto(s, MANAGER_TEXT_MAX);
	return str_is_none(s) || !str_is_utf8_text(s) ? STR("") : s;
}

int runner_note_contact(struct db *db, struct runner_id runner, const struct runner_manager *m,
			struct arena *a, int64_t *id, struct err *e)
{
	struct q_runner_manager_note_row row;

	*id = 0;
	if (str_is_empty(m->system_id) || m->system_id.n > 64 || !str_is_utf8_text(m->system_id))
		return 0;
	if (q_runner_manager_note(db,
				  &(struct q_runner_manager_note_in){
					  .runner_id = runner.v,
					  .system_id = m->system_id,
					  .version = clean(m->version),
					  .platform = clean(m->platform),
					  .architecture = clean(m->architecture),
					  .executor = clean(m->executor),
					  .ip = clean(m->ip),
					  .can_cancel_gracefully = m->can_cancel_gracefully },
				  a, &row, e) < 0)
		return -(int)e->code;
	*id = row.id;
	return 0;
}
