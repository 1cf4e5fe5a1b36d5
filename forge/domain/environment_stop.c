/* An environment is stopped: by its stop job, at once, or because its time has come. */
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/environment.h"
#include "domain/event.h"
#include "domain/job.h"
#include "domain/pipeline_right.h"
#include "domain/queue.h"
#include "store/db.h"

#include "q/deployment.h"
#include "q/environment.h"

struct stopping {
	const struct actor *actor;
	struct project_id project;
	struct environment environment;
	bool force;
	struct arena *arena;
	struct access_target target;
	struct q_deployment_stop_job_row job;
	bool has_job;
	size_t pending;
};

static int set_state(struct db *db, const struct stopping *s, const char *state, struct err *e)
{
	const struct q_environment_set_state_in in = { .id = s->environment.id.v,
						       .state = str_c(state) };

	return q_environment_set_state(db, &in, NULL, e);
}

static int check_idle(struct db *db, const struct stopping *s, struct err *e)
{
	struct q_deployment_running_row row;
	bool found;

	if (s->environment.state == ENVIRONMENT_STOPPED)
		return err_set(e, ERR_CONFLICT, "%.*s is stopped already.",
			       STR_FMT(str_upto(s->environment.name, 100)));
	if (q_deployment_running(db, &(struct q_deployment_running_in){ s->environment.id.v },
				 s->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (found)
		return err_set(
			e, ERR_CONFLICT,
			"A deployment to %.*s runs. Wait for its end or cancel its job, then "
			"stop the environment.",
			STR_FMT(str_upto(s->environment.name, 100)));
	return 0;
}

/* The right of the ref counts for the job; without one, the right to change environments. */
static int find_job(struct db *db, struct stopping *s, struct err *e)
{
	if (s->force)
		return 0;
	if (q_deployment_stop_job(db, &(struct q_deployment_stop_job_in){ s->environment.id.v },
				  s->arena, &s->job, &s->has_job, e) < 0)
		return -(int)e->code;
	if (!s->has_job)
		return 0;
	return pipeline_check_right(db, s->actor, &s->target, s->project, s->job.ref, s->arena, e);
}

static int start_job(struct db *db, struct stopping *s, struct err *e)
{
	const struct job_id id = { s->job.job_id };
	struct job_id again;

	if (str_eq_c(s->job.status, "manual") || str_eq_c(s->job.status, "scheduled"))
		return job_play(db, id, s->actor->user, NULL, s->arena, &s->pending, e);
	if (str_eq_c(s->job.status, "success") || str_eq_c(s->job.status, "failed") ||
	    str_eq_c(s->job.status, "canceled"))
		return job_retry(db, id, s->actor->user, s->arena, &again, &s->pending, e);
	return err_set(
		e, ERR_CONFLICT,
		"Its stop job is %.*s. Wait for it, or stop the environment without its job.",
		STR_FMT(s->job.status));
}

static int stop(struct db *db, struct stopping *s, struct err *e)
{
	const struct audit_event event = { .act = "environment.stop",
					   .object_kind = "environment",
					   .object_id = s->environment.id.v,
					   .object = s->environment.name,
					   .project = s->project };
	struct err other = { 0 };

	if (check_idle(db, s, e) < 0 || find_job(db, s, e) < 0)
		return -(int)e->code;
	/* Before the job starts: its end, which may come at once, has the last word. */
	if (set_state(db, s, s->has_job ? "stopping" : "stopped", e) < 0 ||
	    (!s->has_job &&
	     event_add(db, EVENT_ENVIRONMENT, s->project, s->environment.id.v, e) < 0))
		return -(int)e->code;
	if (s->has_job && start_job(db, s, e) < 0) {
		(void)set_state(db, s, environment_state_name(s->environment.state), &other);
		return -(int)e->code;
	}
	return audit_record(db, s->actor, &event, e);
}

int environment_stop(struct db *db, const struct actor *actor, struct project_id project,
		     struct environment_id id, bool force, struct arena *a,
		     struct environment *environment, size_t *pending, struct err *e)
{
	struct stopping s = { .actor = actor, .project = project, .force = force, .arena = a };
	struct project_access access;

	*pending = 0;
	if (access_find_project_by_id(db, actor, project, a, &access, e) < 0 ||
	    access_check(actor, ACTION_ENVIRONMENT_CHANGE, &access.target, e) < 0 ||
	    environment_get(db, project, id, a, &s.environment, e) < 0)
		return -(int)e->code;
	s.target = access.target;
	if (stop(db, &s, e) < 0)
		return -(int)e->code;
	*pending = s.pending;
	return environment_get(db, project, id, a, environment, e);
}

/* One that cannot be stopped now (a deployment runs) is tried again at the next look. */
int environment_stop_due(struct db *db, struct live *live, struct arena *a, size_t *stopped,
			 struct err *e)
{
	const struct actor system = actor_system();
	struct q_environment_due_row *rows = NULL;
	size_t count = 0;

	*stopped = 0;
	if (q_environment_due(db, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		const struct project_id project = { rows[i].project_id };
		const struct environment_id id = { rows[i].id };
		struct environment environment;
		struct err why = { 0 };
		size_t more = 0;

		if (environment_stop(db, &system, project, id, false, a, &environment, &more,
				     &why) == 0) {
			*stopped += 1;
			queue_announce(db, live,
				       &(struct queue_news){ .project = project, .pending = more },
				       a);
		} else if (why.code != ERR_CONFLICT && why.code != ERR_FORBIDDEN &&
			   why.code != ERR_NOT_FOUND) {
			*e = why;
			return -(int)e->code;
		}
	}
	return 0;
}
