/*
 * Creating and changing. The project's row is locked first, as a landing does, so
 * that the head that is written is where the source branch really stands: of a
 * landing and a creation one sees the other.
 */
#include "domain/merge_request_change.h"

#include "domain/event.h"
#include "domain/merge_request_private.h"
#include "domain/merge_setting.h"
#include "domain/text.h"
#include "store/db.h"

#include "q/merge_request.h"
#include "q/ref.h"

#define LABEL_MAX 255

struct change {
	const struct actor *actor;
	struct project_id project;
	struct arena *a;
	struct project_access access;
	/* create */
	const struct merge_request_new *new;
	int64_t *iid;
	/* update */
	const struct merge_request_change *in;
	struct merge_request mr;
};

static int check_access(struct db *db, struct change *c, struct err *e)
{
	if (access_find_project_by_id(db, c->actor, c->project, c->a, &c->access, e) < 0)
		return -(int)e->code;
	return access_check(c->actor, ACTION_MERGE_REQUEST_WRITE, &c->access.target, e);
}

static int lock_project(struct db *db, const struct change *c, struct err *e)
{
	const struct q_merge_request_lock_project_in in = { c->project.v };
	struct q_merge_request_lock_project_row row;
	bool found;

	if (q_merge_request_lock_project(db, &in, c->a, &row, &found, e) < 0)
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

static int need_tip(struct db *db, const struct change *c, struct str branch, const char *which,
		    struct str *oid, struct err *e)
{
	if (merge_request_find_tip(db, c->project, branch, c->a, oid, e) < 0)
		return -(int)e->code;
	if (!str_is_none(*oid))
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "The %s branch %.*s does not exist in %.*s. Push it first, or choose "
		       "another.",
		       which, STR_FMT(str_upto(branch, 200)), STR_FMT(c->access.project.path));
}

/* ---- texts, labels, people ---- */

static int check_description(struct str text, struct err *e)
{
	if (str_is_none(text) ||
	    (text.n <= MERGE_REQUEST_DESCRIPTION_MAX && str_is_utf8_text(text)))
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "The description is UTF-8 text of at most %d bytes; shorten it.",
		       MERGE_REQUEST_DESCRIPTION_MAX);
}

static int check_labels(struct str_list labels, struct err *e)
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
static struct str_list merge_labels(struct arena *a, struct str_list base, struct str_list more,
				    struct str_list less)
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

static int set_people(struct db *db, int64_t id, const char *role, struct i64_list given,
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

/* ---- create ---- */

int merge_request_propose_target(struct db *db, const struct project *project, struct str branch,
				 struct arena *a, struct str *target, struct err *e)
{
	struct str stage = STR(PROJECT_STAGE_BRANCH);
	struct str tip;

	*target = project->default_branch;
	if (str_eq(branch, stage) || str_eq(project->default_branch, stage))
		return 0;
	if (merge_request_find_tip(db, project->id, stage, a, &tip, e) < 0)
		return -(int)e->code;
	if (!str_is_none(tip))
		*target = stage;
	return 0;
}

/* "feature/add-a_thing" -> "Add a thing". */
static struct str title_of_branch(struct arena *a, struct str branch)
{
	struct str last =
		str_has(branch, '/') ? str_from(branch, str_find_last(branch, '/') + 1) : branch;
	char *text = arena_cstr(a, str_upto(last, 200));

	for (char *p = text; *p; p++)
		if (*p == '-' || *p == '_')
			*p = ' ';
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return str_trim(str_c(text)).n > 0 ? str_trim(str_c(text)) : branch;
}

static int refuse_second(struct db *db, const struct change *c, struct str target, struct err *e)
{
	const struct q_merge_request_find_open_in in = { .project_id = c->project.v,
							 .source_project_id = c->project.v,
							 .source_branch = c->new->source_branch,
							 .target_branch = target };
	struct q_merge_request_find_open_row row;
	bool found;

	if (q_merge_request_find_open(db, &in, c->a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	*c->iid = row.iid;
	return err_set(e, ERR_CONFLICT,
		       "Another open merge request already exists for this source branch: !%lld",
		       (long long)row.iid);
}

static int check_new(const struct change *c, struct str target, struct err *e)
{
	const struct merge_request_new *in = c->new;

	if (in->source_project.v != 0 && in->source_project.v != c->project.v)
		return err_set(e, ERR_UNPROCESSABLE,
			       "A merge request comes from a branch of its own project. Push the "
			       "branch to %.*s and open it from there.",
			       STR_FMT(c->access.project.path));
	if (str_is_empty(in->source_branch))
		return err_set(e, ERR_UNPROCESSABLE, "Say which branch shall be merged.");
	if (str_eq(in->source_branch, target))
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s cannot be merged into itself. Choose another source or target "
			       "branch.",
			       STR_FMT(str_upto(target, 200)));
	if (!str_is_empty(in->title) && text_check_title(in->title, "title", e) < 0)
		return -(int)e->code;
	if (check_description(in->description, e) < 0)
		return -(int)e->code;
	return check_labels(in->labels, e);
}

/* The branches of the path stay; others go as the project has it, unless somebody said no. */
static bool removes_source(const struct change *c, const struct merge_setting *setting)
{
	bool removes = c->new->has_remove_source ? c->new->remove_source : setting->removes_source;

	return removes && !str_eq(c->new->source_branch, c->access.project.default_branch) &&
	       !str_eq_c(c->new->source_branch, PROJECT_STAGE_BRANCH);
}

struct tips {
	struct str source;
	struct str target;
};

static int insert(struct db *db, const struct change *c, struct str target, const struct tips *tips,
		  int64_t *id, struct err *e)
{
	const struct merge_request_new *in = c->new;
	const struct q_merge_request_next_iid_in counter = { c->project.v };
	struct q_merge_request_next_iid_row next;
	struct q_merge_request_add_row row;
	struct merge_setting setting;
	struct q_merge_request_add_in add;

	if (merge_setting_get(db, c->project, c->a, &setting, e) < 0)
		return -(int)e->code;
	add = (struct q_merge_request_add_in){
		.project_id = c->project.v,
		.source_project_id = c->project.v,
		.source_branch = in->source_branch,
		.target_branch = target,
		.title = str_is_empty(in->title) ? title_of_branch(c->a, in->source_branch)
						 : str_trim(in->title),
		.description = str_is_none(in->description) ? STR("") : in->description,
		.author_id = c->actor->user.v,
		.has_author_id = c->actor->user.v > 0,
		.labels = merge_labels(c->a, in->labels, (struct str_list){ 0 },
				       (struct str_list){ 0 }),
		.squash = in->has_squash ? in->squash : setting.squash == SQUASH_DEFAULT_ON,
		.remove_source = removes_source(c, &setting),
		.head_sha = tips->source,
	};

	if (q_merge_request_next_iid(db, &counter, c->a, &next, e) < 0)
		return -(int)e->code;
	add.iid = next.iid;
	if (q_merge_request_add(db, &add, c->a, &row, e) < 0)
		return -(int)e->code;
	*c->iid = next.iid;
	*id = row.id;
	return 0;
}

static int add_version(struct db *db, const struct change *c, int64_t id, const struct tips *tips,
		       struct err *e)
{
	const struct q_merge_request_add_version_in in = {
		.id = id,
		.head_sha = tips->source,
		.start_sha = str_is_none(tips->target) ? tips->source : tips->target,
		.user_id = c->actor->user.v,
		.has_user_id = c->actor->user.v > 0,
		/* Pushed to while it was closed: nobody knows how, so the old head is kept. */
		.is_forced = c->in && !str_eq(c->mr.head_sha, tips->source),
	};

	return q_merge_request_add_version(db, &in, NULL, e);
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct merge_request_new *in = c->new;
	struct str target = in->target_branch;
	struct merge_request made;
	struct tips tips;
	int64_t id = 0;

	if (check_access(db, c, e) < 0 || lock_project(db, c, e) < 0)
		return -(int)e->code;
	if (str_is_empty(target) &&
	    merge_request_propose_target(db, &c->access.project, in->source_branch, c->a, &target,
					 e) < 0)
		return -(int)e->code;
	if (check_new(c, target, e) < 0 ||
	    need_tip(db, c, in->source_branch, "source", &tips.source, e) < 0 ||
	    need_tip(db, c, target, "target", &tips.target, e) < 0 ||
	    refuse_second(db, c, target, e) < 0 || insert(db, c, target, &tips, &id, e) < 0 ||
	    add_version(db, c, id, &tips, e) < 0 ||
	    set_people(db, id, "assignee", in->assignees, c->a, e) < 0 ||
	    set_people(db, id, "reviewer", in->reviewers, c->a, e) < 0 ||
	    event_add(db, EVENT_MERGE_REQUEST, c->project, id, e) < 0 ||
	    merge_request_get(db, c->project, *c->iid, c->a, &made, e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.create", &made, STR_NONE, e);
}

int merge_request_create(struct db *db, const struct actor *actor, struct project_id project,
			 const struct merge_request_new *in, struct arena *a, int64_t *iid,
			 struct err *e)
{
	struct change c = { .actor = actor, .project = project, .a = a, .new = in, .iid = iid };

	return db_transaction(db, create, &c, e);
}

/* ---- update ---- */

static int check_change(const struct change *c, struct err *e)
{
	const struct merge_request_change *in = c->in;

	if (!str_is_none(in->title) && text_check_title(str_trim(in->title), "title", e) < 0)
		return -(int)e->code;
	if (check_description(in->description, e) < 0)
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

static int check_target(struct db *db, const struct change *c, struct tips *tips, struct err *e)
{
	if (c->mr.state == MERGE_REQUEST_MERGED)
		return err_set(e, ERR_CONFLICT,
			       "!%lld was merged, so its target branch stays what it was.",
			       (long long)c->mr.iid);
	if (str_eq(c->in->target_branch, c->mr.source_branch))
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s cannot be merged into itself. Choose another target branch.",
			       STR_FMT(str_upto(c->mr.source_branch, 200)));
	return need_tip(db, c, c->in->target_branch, "target", &tips->target, e);
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
		.labels = merge_labels(c->a, in->has_labels ? in->labels : c->mr.labels,
				       in->add_labels, in->remove_labels),
		.squash = in->has_squash ? in->squash : c->mr.squash,
		.remove_source = in->has_remove_source ? in->remove_source : c->mr.remove_source,
	};

	if (in->has_labels)
		set.labels = merge_labels(c->a, set.labels, none, in->remove_labels);
	if (check_labels(set.labels, e) < 0 || text_check_title(set.title, "title", e) < 0)
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
	return say_changes(db, c, set.title, e);
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
	struct tips tips;

	if (need_tip(db, c, c->mr.source_branch, "source", &tips.source, e) < 0 ||
	    need_tip(db, c, target, "target", &tips.target, e) < 0)
		return -(int)e->code;
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
	    set_people(db, c->mr.id.v, "assignee", c->in->assignees, c->a, e) < 0)
		return -(int)e->code;
	if (c->in->has_reviewers)
		return set_people(db, c->mr.id.v, "reviewer", c->in->reviewers, c->a, e);
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

	if (check_access(db, c, e) < 0 || lock_project(db, c, e) < 0 ||
	    merge_request_get_locked(db, c->project, *c->iid, c->a, &c->mr, e) < 0)
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
	struct change c = { .actor = actor, .project = project, .in = in, .iid = &iid };
	int result;

	c.a = arena_open(0);
	result = db_transaction(db, update, &c, e);
	arena_close(c.a);
	return result;
}
