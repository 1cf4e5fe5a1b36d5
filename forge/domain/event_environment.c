/*
 * refs/environments/<slug> is the commit that stands in an environment: `git
 * fetch origin refs/environments/production` gives what runs there, and its
 * objects stay while it does.
 */
#include "domain/event_handlers.h"

#include "domain/actor.h"
#include "domain/deployment.h"
#include "domain/instance.h"
#include "domain/landing.h"
#include "git/commit.h"
#include "store/db.h"

#include "q/deployment.h"
#include "q/environment.h"
#include "q/ref.h"

#define LOST_MAX 100

struct standing {
	struct q_deployment_of_environment_row row;
	struct str ref;
	struct str recorded; /* where the ref is now; none: there is none */
};

static int look(const struct event_context *context, const struct event *event, struct arena *a,
		struct standing *s, bool *found, struct err *e)
{
	const struct q_deployment_of_environment_in in = { event->project.v, event->subject };
	struct q_ref_find_row ref = { 0 };
	bool has_ref = false;
	AUTO_DB db = NULL;

	if (db_acquire(context->db, &db, e) < 0 ||
	    q_deployment_of_environment(db, &in, a, &s->row, found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	s->ref = deployment_ref(a, s->row.slug);
	if (q_ref_find(db, &(struct q_ref_find_in){ event->project.v, s->ref }, a, &ref, &has_ref,
		       e) < 0)
		return -(int)e->code;
	s->recorded = has_ref ? ref.oid : STR_NONE;
	return 0;
}

/* *is_there: the commit may have gone with its branch since. */
static int find_tree(const struct event_context *context, const struct event *event,
		     const struct standing *s, struct arena *a, struct str *tree, bool *is_there,
		     struct err *e)
{
	struct repo *repo = NULL;
	struct commit commit;
	struct oid oid;
	int result;

	*is_there = false;
	if (!oid_parse(s->row.sha, &oid))
		return err_set(e, ERR_INTERNAL, "a deployment's commit is no object's name");
	if (repo_acquire(context->instance->reader, event->project.v, &repo, e) < 0)
		return -(int)e->code;
	result = commit_get(repo, &oid, a, &commit, e);
	repo_release(repo);
	if (result < 0 && e->code != ERR_NOT_FOUND)
		return -(int)e->code;
	err_clear(e);
	*is_there = result == 0;
	if (*is_there)
		*tree = oid_hex(a, &commit.tree);
	return 0;
}

static int note_tree(const struct event_context *context, const struct standing *s, struct str tree,
		     struct err *e)
{
	const struct q_deployment_set_tree_in in = { s->row.id, tree };
	AUTO_DB db = NULL;

	if (db_acquire(context->db, &db, e) < 0)
		return -(int)e->code;
	return q_deployment_set_tree(db, &in, NULL, e);
}

static int land(const struct event_context *context, const struct event *event,
		const struct landing_change *changes, size_t count, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = { .db = context->db,
						 .run = context->run,
						 .instance = context->instance,
						 .actor = &system,
						 .project = event->project,
						 .source = PUSH_SOURCE_SYSTEM };

	return landing_change_refs(&request, changes, count, e);
}

static int move_ref(const struct event_context *context, const struct event *event,
		    const struct standing *s, struct str to, struct err *e)
{
	const struct landing_change change = { .name = s->ref, .new_oid = to };

	if (str_is_none(s->recorded) ? str_eq_c(to, GIT_ZERO_OID) : str_eq(to, s->recorded))
		return 0;
	return land(context, event, &change, 1, e);
}

/* It was removed, perhaps before the event of its stop came here. */
static int drop_lost_refs(const struct event_context *context, const struct event *event,
			  struct arena *a, struct err *e)
{
	const struct q_environment_lost_refs_in in = { event->project.v, LOST_MAX };
	struct landing_change changes[LOST_MAX];
	struct q_environment_lost_refs_row *rows;
	AUTO_DB db = NULL;
	size_t count;

	if (db_acquire(context->db, &db, e) < 0 ||
	    q_environment_lost_refs(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	for (size_t i = 0; i < count; i++)
		changes[i] = (struct landing_change){ .name = rows[i].name,
						      .new_oid = STR(GIT_ZERO_OID) };
	return land(context, event, changes, count, e);
}

int event_on_environment(const struct event_context *context, const struct event *event,
			 struct arena *a, struct err *e)
{
	struct str tree = STR_NONE;
	struct standing s;
	bool is_there = false;
	bool found;

	if (look(context, event, a, &s, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return drop_lost_refs(context, event, a, e);
	if (s.row.has_id && find_tree(context, event, &s, a, &tree, &is_there, e) < 0)
		return -(int)e->code;
	if (is_there && note_tree(context, &s, tree, e) < 0)
		return -(int)e->code;
	return move_ref(context, event, &s, is_there ? s.row.sha : STR(GIT_ZERO_OID), e);
}
