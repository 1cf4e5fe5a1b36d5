/*
 * Filling forks: branches and tags that the source has and the fork has not, a
 * portion at a time, each a landing. So a copy that died goes on where it stopped.
 */
#include "domain/fork.h"

#include "domain/instance.h"
#include "domain/landing_bring.h"
#include "domain/user.h"
#include "store/db.h"

#include "q/fork.h"

#define PAUSE_SECONDS 5 /* doubled with each attempt */

struct copying {
	const struct event_context *context;
	struct arena *a;
	struct q_fork_claim_row claim;
	struct project_access to;
	bool is_hopeless; /* trying again would not help */
};

static int give_up(struct copying *c, struct err *e, const char *sentence)
{
	c->is_hopeless = true;
	return err_set(e, ERR_UNPROCESSABLE, "%s", sentence);
}

/* Whoever forked may read the source now, not only when they asked. */
static int check_source(struct copying *c, struct db *db, struct err *e)
{
	const struct project_id source = { c->claim.has_source_id ? c->claim.source_id : 0 };
	struct project_access from;
	struct actor actor;
	struct user user;
	bool found;

	if (source.v == 0 || !c->claim.has_user_id)
		return give_up(c, e, "The project it was forked from is gone.");
	if (user_find(db, (struct user_id){ c->claim.user_id }, c->a, &user, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return give_up(c, e, "Who forked it is gone.");
	actor = user_actor(&user, ACTOR_SESSION);
	if (access_find_project_by_id(db, &actor, source, c->a, &from, e) < 0)
		return -(int)e->code;
	if (!access_allows(&actor, ACTION_CODE_READ, &from.target))
		return give_up(
			c, e,
			"The project it was forked from is gone, or its code may not be read "
			"by who forked it any more.");
	return 0;
}

/* The folder; what is there already stays as it is. */
static int make_repository(struct copying *c, struct err *e)
{
	const struct git_operation_request init = {
		.op = GIT_OP_INIT,
		.project_id = c->claim.project_id,
		.user_id = GIT_USER_SYSTEM,
		.request_id = "fork",
		.in = -1,
		.out = -1,
		.err = -1,
		.name = arena_cstr(c->a, c->to.project.default_branch),
	};
	AUTO_DB db = NULL;

	if (git_operation_run(c->context->run, &init, e) < 0 ||
	    db_acquire(c->context->db, &db, e) < 0)
		return -(int)e->code;
	return project_note_repository(db, c->to.project.id, e);
}

static int list_missing(struct copying *c, struct landing_change *changes, size_t *count,
			struct err *e)
{
	const struct q_fork_missing_refs_in in = { c->claim.project_id, c->claim.source_id,
						   LANDING_BRING_MAX };
	struct q_fork_missing_refs_row *rows;
	AUTO_DB db = NULL;

	if (db_acquire(c->context->db, &db, e) < 0 ||
	    q_fork_missing_refs(db, &in, c->a, &rows, count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < *count; i++)
		changes[i] = (struct landing_change){ .name = rows[i].name,
						      .old_oid = STR(GIT_ZERO_OID),
						      .new_oid = rows[i].oid };
	return 0;
}

static int bring(struct copying *c, const struct landing_change *changes, size_t count,
		 struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = { .db = c->context->db,
						 .run = c->context->run,
						 .instance = c->context->instance,
						 .actor = &system,
						 .project = c->to.project.id,
						 .source = PUSH_SOURCE_SYSTEM };
	const struct landing_bring in = { .from = { c->claim.source_id },
					  .changes = changes,
					  .count = count };

	return landing_bring(&request, &in, e);
}

static int look(struct copying *c, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;

	if (db_acquire(c->context->db, &db, e) < 0 || check_source(c, db, e) < 0)
		return -(int)e->code;
	return access_find_project_by_id(db, &system, (struct project_id){ c->claim.project_id },
					 c->a, &c->to, e);
}

/* The right is asked for each portion: the source may have been closed meanwhile. */
static int copy(struct copying *c, struct err *e)
{
	struct landing_change *changes =
		ARENA_ARRAY(c->a, struct landing_change, LANDING_BRING_MAX);
	size_t count = 0;

	do {
		if (look(c, e) < 0)
			return -(int)e->code;
		if (!c->to.target.exists)
			return 0;
		if (!c->to.project.has_repository && make_repository(c, e) < 0)
			return -(int)e->code;
		if (list_missing(c, changes, &count, e) < 0 ||
		    (count > 0 && bring(c, changes, count, e) < 0))
			return -(int)e->code;
	} while (count == LANDING_BRING_MAX);
	return 0;
}

static int note(struct copying *c, const struct err *why, struct err *e)
{
	const struct q_fork_ready_in ready = { c->claim.project_id };
	struct q_fork_retry_in again = { .project_id = c->claim.project_id };
	struct q_fork_failed_in failed = { .project_id = c->claim.project_id };
	AUTO_DB db = NULL;

	if (db_acquire(c->context->db, &db, e) < 0)
		return -(int)e->code;
	if (!why)
		return q_fork_ready(db, &ready, NULL, e);
	/* The owner reads it: what is for the log only stays there. */
	failed.error = again.error = str_c(err_sentence(why));
	if (c->is_hopeless || c->claim.attempts >= FORK_ATTEMPTS_MAX)
		return q_fork_failed(db, &failed, NULL, e);
	again.seconds = PAUSE_SECONDS << c->claim.attempts;
	return q_fork_retry(db, &again, NULL, e);
}

static int claim(struct copying *c, bool *found, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(c->context->db, &db, e) < 0)
		return -(int)e->code;
	return q_fork_claim(db, c->a, &c->claim, found, e);
}

int fork_copy_next(const struct event_context *context, struct arena *a, bool *found, struct err *e)
{
	struct copying c = { .context = context, .a = a };
	struct err why = { 0 };
	int failed;

	if (claim(&c, found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	failed = copy(&c, &why);
	if (failed && context->instance->log)
		LOG(context->instance->log, LOG_WARN, "fork_failed",
		    F_INT("project", c.claim.project_id), F_INT("attempt", c.claim.attempts),
		    F_ERR(&why));
	return note(&c, failed ? &why : NULL, e);
}
