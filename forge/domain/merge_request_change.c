/*
 * Changing, closing, reopening. The project's row is locked first, as a landing
 * does, so that the head that is written is where the source branch really
 * stands: of a landing and a change one sees the other.
 */
#include "domain/merge_request_change.h"

#include "domain/event.h"
#include "domain/merge_request_private.h"
#include "domain/text.h"
#include "store/db.h"

#include "q/merge_request.h"

struct change {
	const struct actor *actor;
	struct project_id project;
	struct arena *a;
	struct project_access access;
	int64_t iid;
	const struct merge_request_change *in;
	struct merge_request mr;
};

struct tips {
	struct str source;
	struct str target;
};

/* Labels and people are the developers' to set. */
static bool sets_marks(const struct merge_request_change *in)
{
	return in->has_labels || in->has_assignees || in->has_reviewers ||
	       in->add_labels.count > 0 || in->remove_labels.count > 0;
}

/* Its author, who need not be a member (a fork), or developers; the row is known by now. */
static int check_update(const struct change *c, struct err *e)
{
	bool is_author = c->actor->user.v > 0 && c->actor->user.v == c->mr.author.id.v;

	if (access_allows(c->actor, ACTION_MERGE_REQUEST_WRITE, &c->access.target))
		return 0;
	if (!is_author ||
	    access_check(c->actor, ACTION_MERGE_REQUEST_OFFER, &c->access.target, e) < 0)
		return access_check(c->actor, ACTION_MERGE_REQUEST_WRITE, &c->access.target, e);
	return sets_marks(c->in) ? merge_request_refuse_marks(c->access.project.path, e) : 0;
}

static int check_change(const struct change *c, struct err *e)
{
	const struct merge_request_change *in = c->in;

	if (!str_is_none(in->title) && text_check_title(str_trim(in->title), "title", e) < 0)
		return -(int)e->code;
	if (merge_request_check_description(in->description, e) < 0)
		return -(int)e->code;
	if (in->act == MERGE_REQUEST_CLOSE && c->mr.state != MERGE_REQUEST_OPENED)
		return err_set(e, ERR_CONFLICT, "!%lld is %s already, so it cannot be closed.",
			       (long long)c->mr.iid, merge_request_state_word(c->mr.state));
	if (in->act == MERGE_REQUEST_REOPEN && c->mr.state == MERGE_REQUEST_MERGED)
		return err_set(e, ERR_CONFLICT,
			       "!%lld was merged, so it cannot be opened again. To take it back, "
			       "revert it; for more changes, open a new one.",
			       (long long)c->mr.iid);
	if (in->act == MERGE_REQUEST_REOPEN && c->mr.state != MERGE_REQUEST_CLOSED)
		return err_set(e, ERR_CONFLICT, "!%lld is open already.", (long long)c->mr.iid);
	return 0;
}

static bool changes_target(const struct change *c)
{
	return !str_is_empty(c->in->target_branch) &&
	       !str_eq(c->in->target_branch, c->mr.target_branch);
}

static int need_target(struct db *db, const struct change *c, struct str branch, struct tips *tips,
		       struct err *e)
{
	const struct merge_request_side side = { "target", c->project, c->access.project.path,
						 branch };

	return merge_request_need_tip(db, &side, c->a, &tips->target, e);
}

static int check_target(struct db *db, const struct change *c, struct tips *tips, struct err *e)
{
	if (c->mr.state == MERGE_REQUEST_MERGED)
		return err_set(e, ERR_CONFLICT,
			       "!%lld was merged, so its target branch stays what it was.",
			       (long long)c->mr.iid);
	if (!merge_request_is_from_fork(&c->mr) &&
	    str_eq(c->in->target_branch, c->mr.source_branch))
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s cannot be merged into itself. Choose another target branch.",
			       STR_FMT(str_upto(c->mr.source_branch, 200)));
	return need_target(db, c, c->in->target_branch, tips, e);
}

static int say_texts(struct db *db, const struct change *c,
		     const struct q_merge_request_set_in *set, struct err *e)
{
	struct str labels = text_label_change(c->a, &c->mr.labels, &set->labels);

	if (!str_eq(set->description, c->mr.description) &&
	    merge_request_say(db, &c->mr, c->actor->user, STR("changed the description"), e) < 0)
		return -(int)e->code;
	return str_is_none(labels) ? 0 : merge_request_say(db, &c->mr, c->actor->user, labels, e);
}

static int say_changes(struct db *db, const struct change *c, struct str title, struct err *e)
{
	struct str text = STR_NONE;

	if (changes_target(c) &&
	    merge_request_say(db, &c->mr, c->actor->user,
			      arena_fmt(c->a, "changed the target branch from %.*s to %.*s",
					STR_FMT(c->mr.target_branch),
					STR_FMT(c->in->target_branch)),
			      e) < 0)
		return -(int)e->code;
	if (merge_request_title_is_draft(title) != c->mr.is_draft)
		text = c->mr.is_draft ? STR("marked it as ready") : STR("marked it as a draft");
	else if (!str_eq(title, c->mr.title))
		text = STR("changed the title");
	if (str_is_none(text))
		return 0;
	return merge_request_say(db, &c->mr, c->actor->user, text, e);
}

static int write_fields(struct db *db, const struct change *c, struct err *e)
{
	const struct merge_request_change *in = c->in;
	struct str title = str_is_none(in->title) ? c->mr.title : str_trim(in->title);
	const struct str_list none = { 0 };
	struct q_merge_request_set_in set = {
		.id = c->mr.id.v,
		.title = in->has_draft ? merge_request_title_with_draft(title, in->is_draft, c->a)
				       : title,
		.description = str_is_none(in->description) ? c->mr.description : in->description,
		.target_branch = changes_target(c) ? in->target_branch : c->mr.target_branch,
		.labels =
			merge_request_join_labels(c->a, in->has_labels ? in->labels : c->mr.labels,
						  in->add_labels, in->remove_labels),
		.squash = in->has_squash ? in->squash : c->mr.squash,
		.remove_source = in->has_remove_source ? in->remove_source : c->mr.remove_source,
	};

	if (in->has_labels)
		set.labels = merge_request_join_labels(c->a, set.labels, none, in->remove_labels);
	if (merge_request_check_labels(set.labels, e) < 0 ||
	    text_check_title(set.title, "title", e) < 0)
		return -(int)e->code;
	if (q_merge_request_set(db, &set, NULL, e) < 0) {
		if (db_violated(db, "merge_request_open_once"))
			return err_set(e, ERR_CONFLICT,
				       "There is an open merge request from %.*s into %.*s "
				       "already.",
				       STR_FMT(str_upto(c->mr.source_branch, 150)),
				       STR_FMT(str_upto(set.target_branch, 150)));
		return -(int)e->code;
	}
	return say_texts(db, c, &set, e) < 0 ? -(int)e->code : say_changes(db, c, set.title, e);
}

/* Who brought the head may not approve it: who changes the target or opens it again did not. */
static int find_pusher(struct db *db, const struct change *c, bool is_same_head,
		       struct user_id *pusher, struct err *e)
{
	const struct q_merge_request_last_pusher_in in = { c->mr.id.v };
	struct q_merge_request_last_pusher_row row = { 0 };
	bool found;

	if (!is_same_head)
		return merge_request_find_pusher(db, c->mr.source_project, c->mr.source_branch,
						 c->a, pusher, e);
	if (q_merge_request_last_pusher(db, &in, c->a, &row, &found, e) < 0)
		return -(int)e->code;
	pusher->v = found && row.has_user_id ? row.user_id : 0;
	return 0;
}

static int add_version(struct db *db, const struct change *c, int64_t id, const struct tips *tips,
		       struct err *e)
{
	bool is_same_head = str_eq(c->mr.head_sha, tips->source);
	struct q_merge_request_add_version_in in = {
		.id = id,
		.head_sha = tips->source,
		.start_sha = str_is_none(tips->target) ? tips->source : tips->target,
		/* Pushed to while it was closed: nobody knows how, so the old head is kept. */
		.is_forced = !is_same_head,
	};
	struct user_id pusher;

	if (find_pusher(db, c, is_same_head, &pusher, e) < 0)
		return -(int)e->code;
	in.user_id = pusher.v;
	in.has_user_id = pusher.v > 0;
	return q_merge_request_add_version(db, &in, NULL, e);
}

/* The new target, or what was pushed while it was closed: another diff, no approvals. */
static int renew(struct db *db, const struct change *c, const struct tips *tips, struct err *e)
{
	const struct q_merge_request_forget_approvals_in forget = { c->mr.id.v };

	if (add_version(db, c, c->mr.id.v, tips, e) < 0)
		return -(int)e->code;
	return q_merge_request_forget_approvals(db, &forget, NULL, e);
}

static int close_it(struct db *db, const struct change *c, struct err *e)
{
	const struct q_merge_request_close_in in = { .id = c->mr.id.v,
						     .user_id = c->actor->user.v,
						     .has_user_id = c->actor->user.v > 0 };

	if (q_merge_request_close(db, &in, NULL, e) < 0 ||
	    merge_request_say(db, &c->mr, c->actor->user, STR("closed this merge request"), e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.close", &c->mr, STR_NONE, e);
}

static int reopen(struct db *db, const struct change *c, struct err *e)
{
	struct str target = changes_target(c) ? c->in->target_branch : c->mr.target_branch;
	const struct merge_request_side source = { "source", c->mr.source_project,
						   merge_request_is_from_fork(&c->mr)
							   ? STR("the fork")
							   : c->access.project.path,
						   c->mr.source_branch };
	struct tips tips;

	if (c->mr.source_project.v == 0)
		return err_set(e, ERR_CONFLICT,
			       "The fork it came from was deleted, so it cannot be opened again.");
	if (merge_request_need_tip(db, &source, c->a, &tips.source, e) < 0 ||
	    need_target(db, c, target, &tips, e) < 0)
		return -(int)e->code;
	/* A fork's commits are brought by the event. */
	if (merge_request_is_from_fork(&c->mr))
		tips.source = c->mr.head_sha;
	if (q_merge_request_reopen(db, &(struct q_merge_request_reopen_in){ c->mr.id.v }, NULL, e) <
	    0) {
		if (db_violated(db, "merge_request_open_once"))
			return err_set(e, ERR_CONFLICT,
				       "Another open merge request already exists for this source "
				       "branch and target; close that one first.");
		return -(int)e->code;
	}
	if ((!str_eq(tips.source, c->mr.head_sha) && renew(db, c, &tips, e) < 0) ||
	    merge_request_say(db, &c->mr, c->actor->user, STR("reopened this merge request"), e) <
		    0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.reopen", &c->mr, STR_NONE, e);
}

static int write_people(struct db *db, const struct change *c, struct err *e)
{
	if (c->in->has_assignees &&
	    merge_request_set_people(db, c->mr.id.v, "assignee", c->in->assignees, c->a, e) < 0)
		return -(int)e->code;
	if (c->in->has_reviewers)
		return merge_request_set_people(db, c->mr.id.v, "reviewer", c->in->reviewers, c->a,
						e);
	return 0;
}

static int act(struct db *db, const struct change *c, struct err *e)
{
	switch (c->in->act) {
	case MERGE_REQUEST_CLOSE:
		return close_it(db, c, e);
	case MERGE_REQUEST_REOPEN:
		return reopen(db, c, e);
	default:
		return 0;
	}
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct tips tips;

	if (access_find_project_by_id(db, c->actor, c->project, c->a, &c->access, e) < 0 ||
	    access_check(c->actor, ACTION_MERGE_REQUEST_READ, &c->access.target, e) < 0 ||
	    merge_request_lock_project(db, c->project, c->a, e) < 0 ||
	    merge_request_get_locked(db, c->project, c->iid, c->a, &c->mr, e) < 0 ||
	    check_update(c, e) < 0)
		return -(int)e->code;
	tips = (struct tips){ c->mr.head_sha, c->mr.target_sha };
	if (check_change(c, e) < 0 || (changes_target(c) && check_target(db, c, &tips, e) < 0) ||
	    write_fields(db, c, e) < 0 || (changes_target(c) && renew(db, c, &tips, e) < 0) ||
	    write_people(db, c, e) < 0 || act(db, c, e) < 0)
		return -(int)e->code;
	return event_add(db, EVENT_MERGE_REQUEST, c->project, c->mr.id.v, e);
}

int merge_request_update(struct db *db, const struct actor *actor, struct project_id project,
			 int64_t iid, const struct merge_request_change *in, struct err *e)
{
	struct change c = { .actor = actor, .project = project, .in = in, .iid = iid };
	int result;

	c.a = arena_open(0);
	result = db_transaction(db, update, &c, e);
	arena_close(c.a);
	return result;
}
