/* What creating and changing share: branches, texts, labels, people. */
#include "domain/merge_request_private.h"

#include "domain/text.h"
#include "store/db.h"

#include "q/merge_request.h"
#include "q/ref.h"

#define LABEL_MAX 255

int merge_request_lock_project(struct db *db, struct project_id project, struct arena *a,
			       struct err *e)
{
	const struct q_merge_request_lock_project_in in = { project.v };
	struct q_merge_request_lock_project_row row;
	bool found;

	if (q_merge_request_lock_project(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "This project does not exist any more.");
}

int merge_request_find_tip(struct db *db, struct project_id project, struct str branch,
			   struct arena *a, struct str *oid, struct err *e)
{
	const struct q_ref_find_in in = { project.v,
					  arena_fmt(a, "refs/heads/%.*s", STR_FMT(branch)) };
	struct q_ref_find_row row = { 0 };
	bool found;

	if (q_ref_find(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	*oid = found ? row.oid : STR_NONE;
	return 0;
}

int merge_request_need_tip(struct db *db, const struct merge_request_side *side, struct arena *a,
			   struct str *oid, struct err *e)
{
	if (merge_request_find_tip(db, side->project, side->branch, a, oid, e) < 0)
		return -(int)e->code;
	if (!str_is_none(*oid))
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "The %s branch %.*s does not exist in %.*s. Push it first, or choose "
		       "another.",
		       side->which, STR_FMT(str_upto(side->branch, 200)), STR_FMT(side->place));
}

int merge_request_find_pusher(struct db *db, struct project_id project, struct str branch,
			      struct arena *a, struct user_id *pusher, struct err *e)
{
	const struct q_merge_request_pusher_in in = { project.v, arena_fmt(a, "refs/heads/%.*s",
									   STR_FMT(branch)) };
	struct q_merge_request_pusher_row row = { 0 };
	bool found;

	if (q_merge_request_pusher(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	pusher->v = found && row.has_user_id ? row.user_id : 0;
	return 0;
}

int merge_request_refuse_marks(struct str place, struct err *e)
{
	return err_set(e, ERR_FORBIDDEN,
		       "Labels, assignees and reviewers are set by developers of %.*s; leave them "
		       "out.",
		       STR_FMT(place));
}

/* ---- texts, labels, people ---- */

int merge_request_check_description(struct str text, struct err *e)
{
	if (str_is_none(text) ||
	    (text.n <= MERGE_REQUEST_DESCRIPTION_MAX && str_is_utf8_text(text)))
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "The description is UTF-8 text of at most %d bytes; shorten it.",
		       MERGE_REQUEST_DESCRIPTION_MAX);
}

int merge_request_check_labels(struct str_list labels, struct err *e)
{
	if (labels.count > MERGE_REQUEST_LABELS_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "A merge request has at most %d labels.",
			       MERGE_REQUEST_LABELS_MAX);
	for (size_t i = 0; i < labels.count; i++)
		if (labels.items[i].n == 0 || labels.items[i].n > LABEL_MAX ||
		    str_has(labels.items[i], ',') ||
		    text_check_title(labels.items[i], "label", e) < 0)
			return err_set(e, ERR_UNPROCESSABLE,
				       "A label is one line of 1 to %d bytes without a comma.",
				       LABEL_MAX);
	return 0;
}

static bool has_label(struct str_list labels, struct str label)
{
	for (size_t i = 0; i < labels.count; i++)
		if (str_eq(labels.items[i], label))
			return true;
	return false;
}

/* Each once, in the order in which they were given. */
struct str_list merge_request_join_labels(struct arena *a, struct str_list base,
					  struct str_list more, struct str_list less)
{
	struct str_list result = { ARENA_ARRAY(a, struct str, base.count + more.count + 1), 0 };

	for (size_t i = 0; i < base.count + more.count; i++) {
		struct str label =
			str_trim(i < base.count ? base.items[i] : more.items[i - base.count]);

		if (label.n > 0 && !has_label(result, label) && !has_label(less, label))
			result.items[result.count++] = label;
	}
	return result;
}

static int check_people(struct db *db, struct i64_list ids, const char *what, struct arena *a,
			struct err *e)
{
	const struct q_merge_request_count_people_in in = { .user_ids = ids };
	struct q_merge_request_count_people_row row;

	if (ids.count > MERGE_REQUEST_PEOPLE_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "At most %d people can be %s.",
			       MERGE_REQUEST_PEOPLE_MAX, what);
	if (ids.count == 0)
		return 0;
	if (q_merge_request_count_people(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	if (row.count >= i64_from_size(ids.count))
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "One of the people named as %s does not exist or is blocked; take them out "
		       "of the list.",
		       what);
}

static struct i64_list each_once(struct arena *a, struct i64_list ids)
{
	struct i64_list once = { ARENA_ARRAY(a, int64_t, ids.count + 1), 0 };

	for (size_t i = 0; i < ids.count; i++) {
		size_t k = 0;

		while (k < once.count && once.items[k] != ids.items[i])
			k++;
		if (k == once.count)
			once.items[once.count++] = ids.items[i];
	}
	return once;
}

int merge_request_set_people(struct db *db, int64_t id, const char *role, struct i64_list given,
			     struct arena *a, struct err *e)
{
	struct i64_list ids = each_once(a, given);
	const struct q_merge_request_clear_people_in clear = { id, str_c(role), ids };
	const struct q_merge_request_add_people_in add = { id, str_c(role), ids };

	if (check_people(db, ids, strcmp(role, "assignee") == 0 ? "assignees" : "reviewers", a, e) <
		    0 ||
	    q_merge_request_clear_people(db, &clear, NULL, e) < 0)
		return -(int)e->code;
	return q_merge_request_add_people(db, &add, NULL, e);
}
