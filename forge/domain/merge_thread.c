/* Merge requests and the threads about them: the lock that both take, and the counters. */
#include "domain/merge.h"

#include "store/db.h"

#include "q/merge_thread.h"

int merge_request_lock(struct db *db, struct merge_request_id id, struct arena *a, struct err *e)
{
	const struct q_merge_thread_lock_in in = { id.v };
	struct q_merge_thread_lock_row row;
	bool found;

	if (q_merge_thread_lock(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "The merge request is gone.");
	return 0;
}

int merge_request_note_threads(struct db *db, struct merge_request_id id, int32_t open_threads,
			       int32_t notes, struct err *e)
{
	const struct q_merge_thread_count_in in = { .id = id.v,
						    .open_threads = open_threads,
						    .notes = notes };

	return q_merge_thread_count(db, &in, NULL, e);
}
