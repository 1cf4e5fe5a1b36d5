/* Artifacts whose time is over, and blobs that nobody links any more. */
#include "domain/artifact.h"

#include "store/db.h"

#include "q/artifact.h"

#define PORTION 200

struct removing {
	const char *blobs;
	struct str sha256;
	struct arena *arena;
	bool found;
};

/* The file goes while its row is locked: whoever links the same bytes waits and writes them anew.
 */
static int remove_blob(struct db *db, void *closure, struct err *e)
{
	struct removing *r = closure;
	struct q_blob_lock_unused_row row;

	if (q_blob_lock_unused(db, &(struct q_blob_lock_unused_in){ r->sha256 }, r->arena, &row,
			       &r->found, e) < 0)
		return -(int)e->code;
	if (!r->found)
		return 0;
	if (blob_file_remove(r->blobs, r->sha256, e) < 0)
		return -(int)e->code;
	return q_blob_remove(db, &(struct q_blob_remove_in){ r->sha256 }, NULL, e);
}

static int remove_unused(struct db *db, const char *blobs, struct arena *a, int64_t *removed,
			 struct err *e)
{
	struct q_blob_unused_row *rows;
	size_t count;

	if (q_blob_unused(db, &(struct q_blob_unused_in){ PORTION }, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct removing r = { .blobs = blobs, .sha256 = rows[i].sha256, .arena = a };

		if (db_transaction(db, remove_blob, &r, e) < 0)
			return -(int)e->code;
		*removed += r.found;
	}
	return 0;
}

int artifact_expire(struct db *db, const char *blobs, struct arena *a, int64_t *removed,
		    bool *has_more, struct err *e)
{
	int64_t expired = 0;
	int64_t unused = 0;

	if (q_artifact_expire(db, &(struct q_artifact_expire_in){ PORTION }, &expired, e) < 0 ||
	    remove_unused(db, blobs, a, &unused, e) < 0)
		return -(int)e->code;
	*removed = expired + unused;
	*has_more = expired == PORTION || unused == PORTION;
	return 0;
}

int artifact_adopt_strays(struct db *db, const char *blobs, unsigned subfolder, struct arena *a,
			  struct err *e)
{
	struct str_list strays;

	if (blob_file_list_old(blobs, subfolder, a, &strays, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < strays.count; i++)
		if (q_blob_adopt(db, &(struct q_blob_adopt_in){ strays.items[i] }, NULL, e) < 0)
			return -(int)e->code;
	return 0;
}
