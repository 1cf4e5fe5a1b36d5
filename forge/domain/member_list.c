#include "domain/member.h"

#include "domain/row.h"
#include "store/db.h"

#include "q/member.h"

static int read_lineage(struct db *db, struct member_place place, struct arena *a,
			struct i64_list *lineage, struct err *e)
{
	struct q_member_lineage_of_project_row of_project = { 0 };
	struct q_member_lineage_of_namespace_row of_namespace = { 0 };
	bool found;
	int code;

	if (place.project.v != 0) {
		code = q_member_lineage_of_project(
			db, &(struct q_member_lineage_of_project_in){ place.project.v }, a,
			&of_project, &found, e);
		*lineage = of_project.lineage;
	} else {
		code = q_member_lineage_of_namespace(
			db, &(struct q_member_lineage_of_namespace_in){ place.namespace.v }, a,
			&of_namespace, &found, e);
		*lineage = of_namespace.lineage;
	}
	if (code < 0)
		return code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "This place does not exist any more.");
}

static struct member member_of_row(const struct q_member_list_row *row)
{
	return (struct member){
		.id = { row->id },
		.user = { row->user_id },
		.username = row->username,
		.name = row->name,
		.email = row->email,
		.is_blocked = row->is_blocked,
		.is_bot = row->is_bot,
		.level = row_level(row->level),
		.is_inherited = !str_is_none(row->inherited_from),
		.inherited_from = row->inherited_from,
		.created_at = row->created_at,
		.has_expires_at = row->has_expires_at,
		.expires_at = row->expires_at,
	};
}

struct question {
	struct member_place place;
	bool with_inherited;
	struct user_id user; /* 0: all */
	struct str search;
	struct listing slice;
};

static int ask(struct db *db, const struct question *q, struct arena *a,
	       struct q_member_list_row **rows, size_t *count, struct err *e)
{
	struct q_member_list_in in = {
		.has_namespace_id = q->place.namespace.v != 0,
		.namespace_id = q->place.namespace.v,
		.has_project_id = q->place.project.v != 0,
		.project_id = q->place.project.v,
		.has_user_id = q->user.v != 0,
		.user_id = q->user.v,
		.search = str_is_empty(q->search) ? STR_NONE : q->search,
		.skip = q->slice.offset,
		.take = q->slice.limit,
	};

	ASSERT((q->place.project.v != 0) != (q->place.namespace.v != 0));
	if (q->with_inherited && read_lineage(db, q->place, a, &in.lineage, e) < 0)
		return -(int)e->code;
	return q_member_list(db, &in, a, rows, count, e);
}

int member_list(struct db *db, struct member_place place, bool with_inherited, struct str search,
		struct listing slice, struct arena *a, struct members *members, struct err *e)
{
	const struct question q = { place, with_inherited, { 0 }, search, slice };
	struct q_member_list_row *rows;
	size_t count;

	if (ask(db, &q, a, &rows, &count, e) < 0)
		return -(int)e->code;
	members->items = ARENA_ARRAY(a, struct member *, count);
	members->count = count;
	members->total = count > 0 ? rows[0].total : 0;
	for (size_t i = 0; i < count; i++) {
		members->items[i] = ARENA_NEW(a, struct member);
		*members->items[i] = member_of_row(&rows[i]);
	}
	return 0;
}

int member_find(struct db *db, struct member_place place, struct user_id user, bool with_inherited,
		struct arena *a, struct member *member, bool *found, struct err *e)
{
	const struct question q = { place, with_inherited, user, STR_NONE, { 0, 1 } };
	struct q_member_list_row *rows;
	size_t count;

	*found = false;
	if (user.v == 0)
		return 0;
	if (ask(db, &q, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*found = count > 0;
	if (*found)
		*member = member_of_row(&rows[0]);
	return 0;
}
