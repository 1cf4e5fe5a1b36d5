/*
 * The books against the disk. Both lists are in the order of bytes, so one walk
 * over the two finds what differs.
 */
#include "domain/landing_private.h"

#include "git/layout.h"
#include "git/ref_snapshot.h"
#include "q/ref.h"
#include "store/db.h"

struct books {
	struct q_ref_list_row *rows;
	size_t count;
};

static size_t count_visible(const struct ref_snapshot *disk)
{
	size_t count = 0;

	for (size_t i = 0; i < disk->count; i++)
		count += !ref_is_internal(disk->refs[i].name);
	return count;
}

/* Every recorded ref is there with its value, and there is no other. */
static bool agrees(const struct q_ref_list_row *rows, size_t count, const struct ref_snapshot *disk)
{
	if (count != count_visible(disk))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct ref *ref = ref_snapshot_find(disk, rows[i].name);
		char hex[OID_HEX + 1];

		if (!ref)
			return false;
		oid_format(&ref->oid, hex);
		if (!str_eq_c(rows[i].oid, hex))
			return false;
	}
	return true;
}

int landing_agrees(struct db *db, struct project_id project, const struct ref_snapshot *disk,
		   struct arena *a, bool *is_same, struct err *e)
{
	const struct q_ref_list_in in = { project.v };
	struct q_ref_list_row *rows;
	size_t count;

	if (q_ref_list(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*is_same = agrees(rows, count, disk);
	return 0;
}

static int load_books(struct landing *l, struct books *books, struct err *e)
{
	const struct q_ref_list_in in = { l->rq.project.v };
	AUTO_DB db = NULL;

	if (db_acquire(l->rq.db, &db, e) < 0)
		return -(int)e->code;
	return q_ref_list(db, &in, l->arena, &books->rows, &books->count, e);
}

static void add_difference(struct landing *l, struct str name, struct str recorded,
			   struct str found)
{
	struct landing_ref *ref = &l->refs[l->count++];

	*ref = (struct landing_ref){ .name = arena_str(l->arena, name),
				     .old_oid = recorded,
				     .new_oid = found };
}

static void compare(struct landing *l, const struct books *books, const struct ref_snapshot *disk)
{
	const struct str none = STR(GIT_ZERO_OID);
	size_t b = 0;
	size_t d = 0;

	l->refs = ARENA_ARRAY(l->arena, struct landing_ref, books->count + disk->count + 1);
	while (b < books->count || d < disk->count) {
		const struct q_ref_list_row *row = b < books->count ? &books->rows[b] : NULL;
		const struct ref *ref = d < disk->count ? &disk->refs[d] : NULL;
		int order = !row ? 1 : !ref ? -1 : str_cmp(row->name, ref->name);

		if (order < 0) {
			add_difference(l, row->name, row->oid, none);
		} else if (ref && !ref_is_internal(ref->name)) {
			struct str found = oid_hex(l->arena, &ref->oid);

			if (order > 0)
				add_difference(l, ref->name, none, found);
			else if (!str_eq(row->oid, found))
				add_difference(l, ref->name, row->oid, found);
		}
		b += order <= 0;
		d += order >= 0;
	}
}

/* The landing lock is held: neither list can change. */
static int compare_and_record(struct landing *l, const char *data, struct err *e)
{
	char path[PATH_MAX];
	struct ref_snapshot *disk;
	struct books books;

	if (landing_settled_all(l, e) < 0 || git_repo_path(path, data, l->rq.project.v, e) < 0 ||
	    load_books(l, &books, e) < 0 || ref_snapshot_scan(path, NULL, &disk, e) < 0)
		return -(int)e->code;
	compare(l, &books, disk);
	ref_snapshot_unref(disk);
	if (l->count > 0 && (landing_record(l, e) < 0 || landing_clear_unsettled(l, e) < 0))
		return -(int)e->code;
	return landing_say(l, GIT_MSG_GO, e);
}

static int converse(struct landing *l, const char *data, struct err *e)
{
	struct git_message m;
	bool is_done = false;

	while (!is_done) {
		int result = git_operation_next(l->op, &m, &is_done, e);

		if (result == 0 && m.type == GIT_MSG_LOCKED)
			result = landing_send_settles(l, e);
		else if (result == 0 && m.type == GIT_MSG_SETTLED)
			result = compare_and_record(l, data, e);
		if (result < 0)
			return result;
	}
	return 0;
}

int landing_reconcile(const struct landing_request *request, const char *data, size_t *differences,
		      bool *was_busy, struct err *e)
{
	struct landing *l;
	int result;

	*was_busy = false;
	*differences = 0;
	if (landing_start(request, GIT_OP_SETTLE, 0, &l, e) < 0)
		return -(int)e->code;
	result = converse(l, data, e);
	if (result == 0)
		*differences = l->count;
	landing_close(l);
	if (result == -(int)ERR_BUSY) {
		*was_busy = true;
		err_clear(e);
		return 0;
	}
	return result;
}
