#include "domain/address.h"

#include "store/db.h"

#include "q/namespace.h"

struct str address_join(struct arena *a, struct str parent, struct str segment)
{
	if (str_is_empty(parent))
		return segment;
	return arena_fmt(a, "%.*s/%.*s", STR_FMT(parent), STR_FMT(segment));
}

static int too_long(struct err *e)
{
	return err_set(e, ERR_UNPROCESSABLE,
		       "The whole path would be longer than %d bytes. Choose a shorter name.",
		       PATH_MAX_BYTES);
}

static int taken(struct str path, struct err *e)
{
	return err_set(
		e, ERR_CONFLICT,
		"%.*s is taken already by a group, a user or a project (letter case does not "
		"count). Choose another name.",
		STR_FMT(path));
}

int address_take(struct db *db, struct str path, struct namespace_id namespace,
		 struct project_id project, struct err *e)
{
	const struct q_address_take_in in = {
		.path = path,
		.has_namespace_id = namespace.v != 0,
		.namespace_id = namespace.v,
		.has_project_id = project.v != 0,
		.project_id = project.v,
	};
	int64_t affected;

	if (path.n > PATH_MAX_BYTES)
		return too_long(e);
	if (q_address_take(db, &in, &affected, e) < 0)
		return -(int)e->code;
	return affected == 1 ? 0 : taken(path, e);
}

int address_move(struct db *db, struct str from, struct str to, struct arena *a, struct err *e)
{
	struct q_address_longest_row longest;
	int64_t left;
	int64_t followed;

	if (str_eq(from, to))
		return 0;
	if (q_address_longest(db, &(struct q_address_longest_in){ from }, a, &longest, e) < 0)
		return -(int)e->code;
	if ((size_t)longest.length + to.n - from.n > PATH_MAX_BYTES)
		return too_long(e);
	if (str_eq_nocase(from, to))
		return q_address_recase(db, &(struct q_address_recase_in){ from, to }, NULL, e);
	if (q_address_leave(db, &(struct q_address_leave_in){ from }, &left, e) < 0 ||
	    q_address_follow(db, &(struct q_address_follow_in){ from, to }, &followed, e) < 0)
		return -(int)e->code;
	/* Fewer: something current stands in the way, and nobody may be without an address. */
	return left > 0 && followed == left ? 0 : taken(to, e);
}
