#include "domain/push.h"

#include "base/list.h"
#include "q/push.h"

static struct push from_row(struct project_id project, const struct q_push_by_id_row *row)
{
	return (struct push){ .id = row->id,
			      .project = project,
			      .user = { row->has_user_id ? row->user_id : 0 },
			      .username = row->username,
			      .source = row->source,
			      .created_at = row->created_at };
}

/* One query for the refs of all; rows come grouped in the order of the pushes. */
static int load_refs(struct db *db, struct arena *a, struct push *pushes, size_t count,
		     struct err *e)
{
	struct q_push_refs_in in = { .push_ids = { ARENA_ARRAY(a, int64_t, count + 1), count } };
	struct q_push_refs_row *rows;
	size_t row_count;
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		in.push_ids.items[i] = pushes[i].id;
	if (q_push_refs(db, &in, a, &rows, &row_count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		size_t first = at;

		while (at < row_count && rows[at].push_id == pushes[i].id)
			at++;
		pushes[i].refs_count = at - first;
		pushes[i].refs = ARENA_ARRAY(a, struct push_ref, at - first + 1);
		for (size_t r = 0; r < at - first; r++) {
			const struct q_push_refs_row *row = &rows[first + r];

			pushes[i].refs[r] = (struct push_ref){ row->name, row->old_oid,
							       row->new_oid, row->is_forced };
		}
	}
	return 0;
}

int push_get(struct db *db, struct project_id project, int64_t id, struct arena *a,
	     struct push *push, struct err *e)
{
	const struct q_push_by_id_in in = { project.v, id };
	struct q_push_by_id_row row;
	struct push found;

	if (q_push_by_id(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	found = from_row(project, &row);
	if (load_refs(db, a, &found, 1, e) < 0)
		return -(int)e->code;
	*push = found;
	return 0;
}

int push_list(struct db *db, struct project_id project, const struct listing *listing,
	      struct arena *a, struct push **pushes, size_t *count, struct err *e)
{
	const struct q_push_list_in in = { project.v, listing->offset, listing->limit };
	struct q_push_list_row *rows;
	struct push *found;
	size_t n;

	if (q_push_list(db, &in, a, &rows, &n, e) < 0)
		return -(int)e->code;
	found = ARENA_ARRAY(a, struct push, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct q_push_by_id_row row = { .id = rows[i].id,
						      .user_id = rows[i].user_id,
						      .has_user_id = rows[i].has_user_id,
						      .username = rows[i].username,
						      .source = rows[i].source,
						      .created_at = rows[i].created_at };

		found[i] = from_row(project, &row);
	}
	if (load_refs(db, a, found, n, e) < 0)
		return -(int)e->code;
	*pushes = found;
	*count = n;
	return 0;
}
