/* Events from the outbox to their handlers, one a portion, at least once each. */
#include "work/work.h"

#include "domain/event.h"
#include "store/db.h"

static int claim(struct work *w, struct arena *a, struct event *event, bool *found, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return event_claim(db, a, event, found, e);
}

static int close_event(struct work *w, const struct event *event, const struct err *why,
		       struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return why ? event_retry(db, event, why, e) : event_done(db, event, e);
}

static void log_failure(struct work *w, const struct event *event, const struct err *why)
{
	atomic_fetch_add(&w->events_failed, 1);
	LOG(&w->app->log, event->attempts >= EVENT_ATTEMPTS_MAX ? LOG_ERROR : LOG_WARN,
	    "event_failed", F_INT("id", event->id), F_STR("kind", event->kind),
	    F_INT("project", event->project.v), F_INT("attempt", event->attempts), F_ERR(why));
}

int work_outbox(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	const struct event_context context = { w->app->db, w->app->run, w->app->data,
					       w->app->instance };
	struct event event;
	struct err why = { 0 };
	int failed;

	*has_more = false;
	if (claim(w, a, &event, has_more, e) < 0)
		return -(int)e->code;
	if (!*has_more)
		return 0;
	failed = event_handle(&context, &event, a, &why);
	if (failed)
		log_failure(w, &event, &why);
	else
		atomic_fetch_add(&w->events_done, 1);
	return close_event(w, &event, failed ? &why : NULL, e);
}
