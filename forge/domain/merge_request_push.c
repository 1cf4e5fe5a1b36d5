/* What a landing means for merge requests: inside its transaction. */
#include "domain/merge.h"

#include "domain/event.h"
#include "domain/merge_request_private.h"
#include "store/db.h"

#include "q/merge_request.h"

#define HEADS STR("refs/heads/")

/* The branches that moved, short; those that were deleted leave their merge requests as they are.
 */
static struct str_list moved_branches(const struct merge_request_pushed *pushed, struct arena *a)
{
	struct str_list branches = { ARENA_ARRAY(a, struct str, pushed->names.count + 1), 0 };

	for (size_t i = 0; i < pushed->names.count; i++) {
		struct str name = pushed->names.items[i];

		if (str_cut_prefix(&name, HEADS) &&
		    !str_eq_c(pushed->new_oids.items[i], GIT_ZERO_OID))
			branches.items[branches.count++] = name;
	}
	return branches;
}

static size_t index_of(const struct merge_request_pushed *pushed, struct str branch)
{
	for (size_t i = 0; i < pushed->names.count; i++) {
		struct str name = pushed->names.items[i];

		if (str_cut_prefix(&name, HEADS) && str_eq(name, branch))
			return i;
	}
	return pushed->names.count;
}

static int say_pushed(struct db *db, const struct merge_request_arrival *in, struct err *e)
{
	const struct merge_request mr = { .id = in->id, .iid = in->iid, .project = in->project };
	char text[100];

	snprintf(text, sizeof(text), "%s: %.*s, was %.*s",
		 in->is_forced ? "pushed another history" : "pushed",
		 STR_FMT(str_upto(in->head, 8)), STR_FMT(str_upto(in->old_head, 8)));
	return merge_request_say(db, &mr, in->pusher, str_c(text), e);
}

int merge_request_move_head(struct db *db, const struct merge_request_arrival *in, struct err *e)
{
	const struct q_merge_request_forget_approvals_in forget = { in->id.v };
	const struct q_merge_request_add_version_in version = {
		.id = in->id.v,
		.head_sha = in->head,
		.start_sha = in->start,
		.push_id = in->push_id,
		.has_push_id = true,
		.user_id = in->pusher.v,
		.has_user_id = in->pusher.v > 0,
		.is_forced = in->is_forced,
	};

	if (q_merge_request_add_version(db, &version, NULL, e) < 0 ||
	    q_merge_request_forget_approvals(db, &forget, NULL, e) < 0)
		return -(int)e->code;
	return say_pushed(db, in, e);
}

static int follow_source(struct db *db, const struct merge_request_pushed *pushed,
			 const struct q_merge_request_lock_sources_row *row, struct err *e)
{
	size_t i = index_of(pushed, row->source_branch);
	struct merge_request_arrival arrival = { .id = { row->id },
						 .iid = row->iid,
						 .project = { row->project_id },
						 .old_head = row->head_sha,
						 .start = row->target_oid,
						 .push_id = pushed->push_id,
						 .pusher = pushed->pusher };

	ASSERT(i < pushed->names.count);
	arrival.head = pushed->new_oids.items[i];
	arrival.is_forced = pushed->forced.items[i] != 0;
	if (str_eq(row->head_sha, arrival.head))
		return 0;
	if (merge_request_move_head(db, &arrival, e) < 0)
		return -(int)e->code;
	return event_add(db, EVENT_MERGE_REQUEST, arrival.project, row->id, e);
}

/* Whoever waits for this target looks again: it may be merged now, or not fit any more. */
static int note_targets(struct db *db, const struct merge_request_pushed *pushed,
			struct str_list branches, struct arena *a, struct err *e)
{
	const struct q_merge_request_has_target_in in = { pushed->project.v, branches };
	struct q_merge_request_has_target_row row;

	if (q_merge_request_has_target(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	if (!row.is_one)
		return 0;
	return event_add(db, EVENT_MERGE_TARGETS, pushed->project, pushed->push_id, e);
}

/* Its commits are brought from the outbox: no landing waits for another repository. */
static int tell_forks(struct db *db, const struct merge_request_pushed *pushed,
		      struct str_list branches, struct arena *a, struct err *e)
{
	const struct q_merge_request_from_fork_in in = { pushed->project.v, branches };
	struct q_merge_request_from_fork_row *rows;
	size_t count;

	if (q_merge_request_from_fork(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		if (event_add(db, EVENT_MERGE_REQUEST, (struct project_id){ rows[i].project_id },
			      rows[i].id, e) < 0)
			return -(int)e->code;
	return 0;
}

int merge_request_note_push(struct db *db, const struct merge_request_pushed *pushed,
			    struct arena *a, struct err *e)
{
	const struct str_list branches = moved_branches(pushed, a);
	const struct q_merge_request_lock_sources_in in = { pushed->project.v, branches };
	struct q_merge_request_lock_sources_row *rows;
	size_t count;

	if (branches.count == 0)
		return 0;
	if (q_merge_request_lock_sources(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		if (follow_source(db, pushed, &rows[i], e) < 0)
			return -(int)e->code;
	if (tell_forks(db, pushed, branches, a, e) < 0)
		return -(int)e->code;
	return note_targets(db, pushed, branches, a, e);
}
