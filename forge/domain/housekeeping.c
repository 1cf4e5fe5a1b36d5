#include "domain/housekeeping.h"

#include "domain/session.h"
#include "q/housekeeping.h"
#include "q/rate.h"

#define FULL_DAYS 7
/* Each push leaves a pack; git's lookups slow down with many. */
#define PUSHES_MAX 50
/* So many refs are a push's weight: 200 loose ones are too many, too. */
#define REFS_A_PUSH 4
#define WEIGHT_MAX 10000
#define KEPT_DEPLOYMENTS 50
#define KEPT_MAX 20000

int housekeeping_note_push(struct db *db, struct project_id project, size_t refs, struct err *e)
{
	size_t weight = 1 + refs / REFS_A_PUSH;
	const struct q_housekeeping_note_push_in in = {
		project.v, (int32_t)(weight < WEIGHT_MAX ? weight : WEIGHT_MAX), PUSHES_MAX
	};

	return q_housekeeping_note_push(db, &in, NULL, e);
}

int housekeeping_claim(struct db *db, struct arena *a, struct tidying *tidying, bool *found,
		       struct err *e)
{
	const struct q_housekeeping_claim_in in = { FULL_DAYS };
	struct q_housekeeping_claim_row row;

	if (q_housekeeping_claim(db, &in, a, &row, found, e) < 0)
		return -(int)e->code;
	if (*found)
		*tidying = (struct tidying){ { row.project_id }, row.pushes, row.is_full };
	return 0;
}

int housekeeping_done(struct db *db, const struct tidying *tidying, struct err *e)
{
	const struct q_housekeeping_done_in in = { tidying->project.v, tidying->pushes,
						   tidying->is_full };

	return q_housekeeping_done(db, &in, NULL, e);
}

int housekeeping_list_kept(struct db *db, struct project_id project, struct arena *a,
			   struct str_list *commits, struct err *e)
{
	const struct q_housekeeping_kept_in in = { project.v, HOUSEKEEPING_KEEP_DAYS,
						   KEPT_DEPLOYMENTS, KEPT_MAX };
	struct q_housekeeping_kept_row *rows;
	size_t count;

	if (q_housekeeping_kept(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*commits = (struct str_list){ ARENA_ARRAY(a, struct str, count + 1), count };
	for (size_t i = 0; i < count; i++)
		commits->items[i] = rows[i].sha;
	return 0;
}

int housekeeping_list_removable(struct db *db, struct arena *a, struct project_id **ids,
				size_t *count, struct err *e)
{
	struct q_housekeeping_removable_row *rows;
	size_t n;

	if (q_housekeeping_removable(db, a, &rows, &n, e) < 0)
		return -(int)e->code;
	*ids = ARENA_ARRAY(a, struct project_id, n + 1);
	for (size_t i = 0; i < n; i++)
		(*ids)[i].v = rows[i].project_id;
	*count = n;
	return 0;
}

int housekeeping_note_removed(struct db *db, struct project_id project, struct err *e)
{
	const struct q_housekeeping_removed_in in = { project.v };

	return q_housekeeping_removed(db, &in, NULL, e);
}

int housekeeping_list_repositories(struct db *db, struct project_id after, struct arena *a,
				   struct project_id **ids, size_t *count, struct err *e)
{
	const struct q_housekeeping_repositories_in in = { after.v };
	struct q_housekeeping_repositories_row *rows;
	size_t n;

	if (q_housekeeping_repositories(db, &in, a, &rows, &n, e) < 0)
		return -(int)e->code;
	*ids = ARENA_ARRAY(a, struct project_id, n + 1);
	for (size_t i = 0; i < n; i++)
		(*ids)[i].v = rows[i].project_id;
	*count = n;
	return 0;
}

int housekeeping_expire(struct db *db, struct err *e)
{
	int64_t removed;

	if (session_remove_expired(db, &removed, e) < 0 ||
	    q_housekeeping_remove_links(db, NULL, e) < 0)
		return -(int)e->code;
	return q_rate_remove_expired(db, NULL, e);
}
