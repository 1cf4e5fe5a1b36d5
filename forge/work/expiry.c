/* What has ended by the clock. */
#include "work/work.h"

#include "domain/housekeeping.h"
#include "store/db.h"

int work_expiry(struct work *w, struct arena *a UNUSED, bool *has_more, struct err *e)
{
	AUTO_DB db = NULL;

	*has_more = false;
	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return housekeeping_expire(db, e);
}
