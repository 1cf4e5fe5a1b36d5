#include "domain/event_handlers.h"

#include "domain/instance.h"
#include "domain/pipeline_change.h"
#include "domain/queue.h"
#include "store/db.h"

/* Outside the landing's transaction, which holds its own locks and must be short. */
int event_on_pipeline(const struct event_context *context, const struct event *event,
		      struct arena *a, struct err *e)
{
	struct i64_list canceled = { 0 };
	AUTO_DB db = NULL;

	if (db_acquire(context->db, &db, e) < 0 ||
	    pipeline_cancel_redundant(db, (struct pipeline_id){ event->subject }, a, &canceled, e) <
		    0)
		return -(int)e->code;
	for (size_t i = 0; i < canceled.count; i++) {
		const struct queue_news news = { .project = event->project,
						 .pipeline = { canceled.items[i] } };

		queue_announce(db, context->instance->live, &news, a);
	}
	return 0;
}
