#include "domain/waiting.h"

#include "domain/row.h"
#include "store/db.h"

#include "q/waiting.h"

int waiting_pipelines(struct db *db, const struct actor *actor, int32_t limit, struct arena *a,
		      struct waiting_pipelines *list, struct err *e)
{
	const struct viewer viewer = viewer_of(actor);
	const struct q_waiting_pipelines_in in = { .user_id = actor->user.v,
						   .sees_internal = viewer.sees_internal,
						   .sees_all = viewer.sees_all,
						   .take = limit };
	struct q_waiting_pipelines_row *rows;
	size_t count;

	if (q_waiting_pipelines(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct waiting_pipeline, count);
	list->count = count;
	for (size_t i = 0; i < count; i++)
		list->items[i] = (struct waiting_pipeline){ .id = { rows[i].id },
							    .project_path = rows[i].project_path,
							    .ref_name = rows[i].ref_name,
							    .created_at = rows[i].created_at };
	return 0;
}
