#include "domain/event_handlers.h"

#include "domain/access.h"
#include "domain/push.h"
#include "domain/task_closing.h"
#include "q/push.h"
#include "q/ref.h"
#include "store/db.h"

#define BRANCHES STR("refs/heads/")

static bool is_created_branch(const struct push_ref *ref)
{
	return str_starts(ref->name, BRANCHES) && str_eq_c(ref->old_oid, GIT_ZERO_OID) &&
	       !str_eq_c(ref->new_oid, GIT_ZERO_OID);
}

/* "master" if it is among them, else the first that was pushed. */
static struct str best_branch(const struct push *push)
{
	struct str best = STR_NONE;

	for (size_t i = 0; i < push->refs_count; i++) {
		struct str name = str_from(push->refs[i].name, BRANCHES.n);

		if (!is_created_branch(&push->refs[i]))
			continue;
		if (str_is_none(best) || str_eq_c(name, "master"))
			best = name;
	}
	return best;
}

static int has_branch(struct db *db, struct project_id project, struct str branch, struct arena *a,
		      bool *found, struct err *e)
{
	const struct q_ref_find_in in = { project.v,
					  arena_fmt(a, "refs/heads/%.*s", STR_FMT(branch)) };
	struct q_ref_find_row row;

	return q_ref_find(db, &in, a, &row, found, e);
}

/* *branch: the new default branch, or none if the promised one stands. */
static int choose_branch(struct db *db, const struct event *event, const struct project *project,
			 struct arena *a, struct str *branch, struct err *e)
{
	const struct q_push_is_first_in first = { event->project.v, event->subject };
	struct q_push_is_first_row is_first;
	struct push push;
	bool stands;

	*branch = STR_NONE;
	if (q_push_is_first(db, &first, a, &is_first, e) < 0 ||
	    has_branch(db, event->project, project->default_branch, a, &stands, e) < 0)
		return -(int)e->code;
	if (!is_first.is_first || stands)
		return 0;
	if (push_get(db, event->project, event->subject, a, &push, e) < 0)
		return -(int)e->code;
	*branch = best_branch(&push);
	return 0;
}

static int follow(const struct event_context *context, const struct event *event, struct str branch,
		  struct arena *a, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = { .db = context->db,
						 .run = context->run,
						 .instance = context->instance,
						 .actor = &system,
						 .project = event->project,
						 .source = PUSH_SOURCE_SYSTEM };
	const struct project_change change = { .default_branch = branch };
	struct project project;
	AUTO_DB db = NULL;

	/* HEAD first: if the row fails, the event comes again. */
	if (landing_set_head(&request, branch, e) < 0 || db_acquire(context->db, &db, e) < 0)
		return -(int)e->code;
	return project_update(db, &system, event->project, &change, a, &project, e);
}

int event_on_push(const struct event_context *context, const struct event *event, struct arena *a,
		  struct err *e)
{
	const struct actor system = actor_system();
	struct project_access access;
	struct str branch = STR_NONE;
	AUTO_DB db = NULL;
	int failed;

	if (db_acquire(context->db, &db, e) < 0 ||
	    access_find_project_by_id(db, &system, event->project, a, &access, e) < 0)
		return -(int)e->code;
	if (!access.target.exists)
		return 0;
	failed = choose_branch(db, event, &access.project, a, &branch, e);
	db_release(db);
	db = NULL;
	if (failed)
		return failed;
	if (!str_is_none(branch) && follow(context, event, branch, a, e) < 0)
		return -(int)e->code;
	return task_closing_arrived(context, event, &access.project, a, e);
}
