/* The counters as a line of the log, and what waits in the outbox. */
#include "work/work.h"

#include "domain/event.h"
#include "store/db.h"

int work_report(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	struct event_counts events;
	AUTO_DB db = NULL;

	*has_more = false;
	if (db_acquire(w->app->db, &db, e) < 0 || event_count(db, a, &events, e) < 0)
		return -(int)e->code;
	const struct log_field fields[] = {
#define COUNTER_FIELD(name) F_INT(#name, atomic_load(&w->name)),
		WORK_COUNTERS(COUNTER_FIELD)
#undef COUNTER_FIELD
			F_INT("loops_failed", atomic_load(&w->loops_failed)),
		F_INT("events_waiting", events.waiting),
		F_INT("events_set_aside", events.set_aside),
		F_INT("events_oldest_seconds", events.oldest_seconds),
		{ 0 },
	};

	log_write(&w->app->log, LOG_INFO, "work_counters", fields);
	return 0;
}
