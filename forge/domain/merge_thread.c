/* Merge requests and the threads about them: the lock that both take, and the counters. */
#include "domain/merge.h"

#include "domain/event.h"
#include "store/db.h"

#include "q/merge_request.h"

int merge_request_lock(struct db *db, struct merge_request_id id, struct arena *a, struct err *e)
{
	const struct q_merge_request_lock_in in = { id.v };
	struct q_merge_request_lock_row row;
	bool found;

	if (q_merge_request_lock(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "This merge request is gone.");
}

int merge_request_note_threads(struct db *db, struct merge_request_id id, int32_t open_threads,
			       int32_t notes, struct err *e)
{
	const struct q_merge_request_set_threads_in in = { id.v, open_threads, notes };
	struct q_merge_request_waits_row row = { 0 };
	struct arena *a = arena_open(0);
	bool found = false;
	int result = q_merge_request_set_threads(db, &in, NULL, e);

	if (result == 0)
		result = q_merge_request_waits(db, &(struct q_merge_request_waits_in){ id.v }, a,
					       &row, &found, e);
	if (result == 0 && found)
		result = event_add(db, EVENT_MERGE_REQUEST, (struct project_id){ row.project_id },
				   id.v, e);
	arena_close(a);
	return result;
}
