/*
 * Artifacts that expired, blobs that nobody links, and files that nobody knows:
 * one of the 256 folders of blobs a portion, so that each is looked at several
 * times a day.
 */
#include "work/work.h"

#include "base/clock.h"
#include "domain/artifact.h"
#include "store/db.h"

int work_artifacts(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	const char *blobs = arena_strf(a, "%s/blobs", w->app->data);
	unsigned subfolder = (unsigned)(clock_monotonic_ms() / 1000 / 60) & 255;
	AUTO_DB db = NULL;
	int64_t removed;

	*has_more = false;
	if (db_acquire(w->app->db, &db, e) < 0 ||
	    artifact_expire(db, blobs, a, &removed, has_more, e) < 0)
		return -(int)e->code;
	atomic_fetch_add(&w->artifacts_removed, removed);
	return artifact_adopt_strays(db, blobs, subfolder, a, e);
}
