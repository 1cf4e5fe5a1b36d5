/*
 * Creating. The project's row is locked first, as a landing does, so that the head
 * that is written is where the source branch really stands: of a landing and a
 * creation one sees the other.
 */
#include "domain/merge_request_private.h"

#include "domain/event.h"
#include "domain/fork.h"
#include "domain/merge_setting.h"
#include "domain/text.h"
#include "store/db.h"

#include "q/merge_request.h"

struct creation {
	const struct actor *actor;
	struct project_id project;
	struct project_id source; /* where the source branch is */
	struct arena *a;
	const struct merge_request_new *new;
	int64_t *iid;
	struct project_access access;
	struct project_access from; /* of a fork */
};

static bool is_from_fork(const struct creation *c)
{
	return c->source.v != c->project.v;
}

/* A fork's branch is its developers' to offer, to a project that they only read. */
static int check_fork(struct db *db, struct creation *c, struct err *e)
{
	struct fork_facts facts;

	if (access_check(c->actor, ACTION_MERGE_REQUEST_OFFER, &c->access.target, e) < 0 ||
	    access_find_project_by_id(db, c->actor, c->source, c->a, &c->from, e) < 0 ||
	    access_check(c->actor, ACTION_MERGE_REQUEST_WRITE, &c->from.target, e) < 0 ||
	    fork_facts_get(db, c->source, c->a, &facts, e) < 0)
		return -(int)e->code;
	if (facts.is_fork && facts.source.v == c->project.v)
		return 0;
	return err_set(
		e, ERR_UNPROCESSABLE,
		"%.*s is no fork of %.*s. A merge request goes to a branch of its own project "
		"or of the one it was forked from.",
		STR_FMT(c->from.project.path), STR_FMT(c->access.project.path));
}

static int check_create(struct db *db, struct creation *c, struct err *e)
{
	if (access_find_project_by_id(db, c->actor, c->project, c->a, &c->access, e) < 0)
		return -(int)e->code;
	if (is_from_fork(c))
		return check_fork(db, c, e);
	return access_check(c->actor, ACTION_MERGE_REQUEST_WRITE, &c->access.target, e);
}

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

static int refuse_second(struct db *db, const struct creation *c, struct str target, struct err *e)
{
	const struct q_merge_request_find_open_in in = { .project_id = c->project.v,
							 .source_project_id = c->source.v,
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

static int check_new(const struct creation *c, struct str target, struct err *e)
{
	const struct merge_request_new *in = c->new;

	if (is_from_fork(c) && (in->labels.count || in->assignees.count || in->reviewers.count) &&
	    !access_allows(c->actor, ACTION_MERGE_REQUEST_WRITE, &c->access.target))
		return merge_request_refuse_marks(c->access.project.path, e);
	if (str_is_empty(in->source_branch))
		return err_set(e, ERR_UNPROCESSABLE, "Say which branch shall be merged.");
	if (!is_from_fork(c) && str_eq(in->source_branch, target))
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s cannot be merged into itself. Choose another source or target "
			       "branch.",
			       STR_FMT(str_upto(target, 200)));
	if (!str_is_empty(in->title) && text_check_title(in->title, "title", e) < 0)
		return -(int)e->code;
	if (merge_request_check_description(in->description, e) < 0)
		return -(int)e->code;
	return merge_request_check_labels(in->labels, e);
}

/* The branches of the path stay; others go as the project has it, unless somebody said no. */
static bool removes_source(const struct creation *c, const struct merge_setting *setting)
{
	bool removes = c->new->has_remove_source ? c->new->remove_source : setting->removes_source;

	return removes && !str_eq(c->new->source_branch, c->access.project.default_branch) &&
	       !str_eq_c(c->new->source_branch, PROJECT_STAGE_BRANCH);
}

struct tips {
	struct str source;
	struct str target;
};

static int take_iid(struct db *db, const struct creation *c, struct err *e)
{
	const struct q_merge_request_next_iid_in counter = { c->project.v };
	struct q_merge_request_next_iid_row next;

	if (q_merge_request_next_iid(db, &counter, c->a, &next, e) < 0)
		return -(int)e->code;
	*c->iid = next.iid;
	return 0;
}

/* *c->iid was taken. */
static int insert(struct db *db, const struct creation *c, struct str target,
		  const struct tips *tips, int64_t *id, struct err *e)
{
	const struct merge_request_new *in = c->new;
	struct q_merge_request_add_row row;
	struct merge_setting setting;
	struct q_merge_request_add_in add;

	if (merge_setting_get(db, c->project, c->a, &setting, e) < 0)
		return -(int)e->code;
	add = (struct q_merge_request_add_in){
		.project_id = c->project.v,
		.iid = *c->iid,
		.source_project_id = c->source.v,
		.source_branch = in->source_branch,
		.target_branch = target,
		.title = str_is_empty(in->title) ? title_of_branch(c->a, in->source_branch)
						 : str_trim(in->title),
		.description = str_is_none(in->description) ? STR("") : in->description,
		.author_id = c->actor->user.v,
		.has_author_id = c->actor->user.v > 0,
		.labels = merge_request_join_labels(c->a, in->labels, (struct str_list){ 0 },
						    (struct str_list){ 0 }),
		.squash = in->has_squash ? in->squash : setting.squash == SQUASH_DEFAULT_ON,
		.remove_source = removes_source(c, &setting),
		.head_sha = tips->source,
	};

	if (q_merge_request_add(db, &add, c->a, &row, e) < 0)
		return -(int)e->code;
	*id = row.id;
	return 0;
}

/* Who opens it need not be who pushed the branch: that one may not approve it. */
static int add_version(struct db *db, const struct creation *c, int64_t id, const struct tips *tips,
		       struct err *e)
{
	struct q_merge_request_add_version_in in = {
		.id = id,
		.head_sha = tips->source,
		.start_sha = str_is_none(tips->target) ? tips->source : tips->target,
	};
	struct user_id pusher;

	if (merge_request_find_pusher(db, c->source, c->new->source_branch, c->a, &pusher, e) < 0)
		return -(int)e->code;
	in.user_id = pusher.v;
	in.has_user_id = pusher.v > 0;
	return q_merge_request_add_version(db, &in, NULL, e);
}

/* What may be, and between which commits. */
static int look(struct db *db, struct creation *c, struct str *target, struct tips *tips,
		struct err *e)
{
	const struct merge_request_new *in = c->new;
	struct merge_request_side from = { "source", c->source, STR_NONE, in->source_branch };
	struct merge_request_side to = { "target", c->project, STR_NONE, STR_NONE };

	*target = in->target_branch;
	if (check_create(db, c, e) < 0 || merge_request_lock_project(db, c->project, c->a, e) < 0)
		return -(int)e->code;
	if (str_is_empty(*target) &&
	    merge_request_propose_target(db, &c->access.project, in->source_branch, c->a, target,
					 e) < 0)
		return -(int)e->code;
	from.place = is_from_fork(c) ? c->from.project.path : c->access.project.path;
	to.place = c->access.project.path;
	to.branch = *target;
	if (check_new(c, *target, e) < 0 ||
	    merge_request_need_tip(db, &from, c->a, &tips->source, e) < 0 ||
	    merge_request_need_tip(db, &to, c->a, &tips->target, e) < 0)
		return -(int)e->code;
	return refuse_second(db, c, *target, e);
}

static int add(struct db *db, struct creation *c, struct str target, const struct tips *tips,
	       struct err *e)
{
	const struct merge_request_new *in = c->new;
	struct merge_request made;
	int64_t id = 0;

	if (insert(db, c, target, tips, &id, e) < 0 || add_version(db, c, id, tips, e) < 0 ||
	    merge_request_set_people(db, id, "assignee", in->assignees, c->a, e) < 0 ||
	    merge_request_set_people(db, id, "reviewer", in->reviewers, c->a, e) < 0 ||
	    event_add(db, EVENT_MERGE_REQUEST, c->project, id, e) < 0 ||
	    merge_request_get(db, c->project, *c->iid, c->a, &made, e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.create", &made, STR_NONE, e);
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct creation *c = closure;
	struct str target;
	struct tips tips;

	if (look(db, c, &target, &tips, e) < 0 || take_iid(db, c, e) < 0)
		return -(int)e->code;
	return add(db, c, target, &tips, e);
}

int merge_request_create(struct db *db, const struct actor *actor, struct project_id project,
			 const struct merge_request_new *in, struct arena *a, int64_t *iid,
			 struct err *e)
{
	struct creation c = {
		.actor = actor, .project = project, .source = project, .a = a, .new = in, .iid = iid
	};

	return db_transaction(db, create, &c, e);
}

/* ---- create, from a fork: first a look, then, with the commits here, all of it again ---- */

struct offer {
	struct creation *creation;
	struct str head;
};

static int look_at_offer(struct db *db, void *closure, struct err *e)
{
	struct offer *o = closure;
	struct str target;
	struct tips tips;

	if (look(db, o->creation, &target, &tips, e) < 0)
		return -(int)e->code;
	o->head = tips.source;
	return take_iid(db, o->creation, e);
}

int merge_request_look_at_offer(struct db *db, const struct actor *actor, struct project_id project,
				const struct merge_request_new *in, struct arena *a, int64_t *iid,
				struct str *head, struct err *e)
{
	struct creation c = { .actor = actor,
			      .project = project,
			      .source = in->source_project,
			      .a = a,
			      .new = in,
			      .iid = iid };
	struct offer o = { .creation = &c };

	if (db_transaction(db, look_at_offer, &o, e) < 0)
		return -(int)e->code;
	*head = o.head;
	return 0;
}

int merge_request_take_offer(struct db *db, const struct actor *actor, struct project_id project,
			     const struct merge_request_new *in, struct str head, struct arena *a,
			     int64_t iid, struct err *e)
{
	struct creation c = { .actor = actor,
			      .project = project,
			      .source = in->source_project,
			      .a = a,
			      .new = in,
			      .iid = &iid };
	struct str target;
	struct tips tips;

	if (look(db, &c, &target, &tips, e) < 0)
		return -(int)e->code;
	/* Pushed to meanwhile: its event finds this row, and brings the rest. */
	tips.source = head;
	return add(db, &c, target, &tips, e);
}
