/*
 * Merge requests and a push: which are open from the pushed branches (the pusher
 * gets their links, and pipelines of their own), and what push options want:
 * open one, or change the open one. Options act after the landing's transaction,
 * each change in its own: what cannot be done is told, the push stands.
 */
#include "domain/landing_private.h"

#include "domain/merge.h"
#include "domain/merge_request_fork.h"
#include "domain/user.h"
#include "store/db.h"

#define HEADS STR("refs/heads/")

bool landing_is_push(const struct landing *l)
{
	return l->rq.source == PUSH_SOURCE_SSH || l->rq.source == PUSH_SOURCE_HTTP;
}

static bool has_requests(const struct landing_ref *ref)
{
	return landing_lands(ref) && str_starts(ref->name, HEADS) &&
	       !str_eq_c(ref->new_oid, GIT_ZERO_OID);
}

int landing_find_requests(struct landing *l, struct err *e)
{
	struct merge_setting setting;
	size_t asked = 0;
	AUTO_DB db = NULL;

	if (db_acquire(l->rq.db, &db, e) < 0)
		return -(int)e->code;
	l->open = ARENA_ARRAY(l->arena, struct merge_requests, l->count + 1);
	for (size_t i = 0; i < l->count && asked < LANDING_PIPELINE_REFS_MAX; i++) {
		if (!has_requests(&l->refs[i]))
			continue;
		asked++;
		if (merge_request_open_for_branch(db, l->rq.project,
						  str_from(l->refs[i].name, HEADS.n), l->arena,
						  &l->open[i], e) < 0)
			return -(int)e->code;
	}
	if (asked == 0)
		return 0;
	if (merge_setting_get(db, l->rq.project, l->arena, &setting, e) < 0)
		return -(int)e->code;
	l->tests_result = setting.tests_result;
	return 0;
}

/* Only the first branches of a push are asked about, and acted on: each costs while refs are
 * locked. */
static bool was_asked(const struct landing *l, size_t at)
{
	return l->open[at].items != NULL;
}

/* ------------------------------------------------------------------------ push options */

struct changing {
	struct landing *l;
	struct db *db;
	/* The pusher; by an SSH key what they ask for in the push is theirs to ask, as in GitLab.
	 */
	struct actor actor;
	const struct push_merge_request *wanted;
	struct project_id target; /* the pushed project, or the one it is a fork of */
	struct i64_list assignees;
};

/* "\n" of two characters, as people type it on a command line. */
static struct str with_line_ends(struct str text, struct arena *a)
{
	char *to = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		bool is_end = text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == 'n';

		to[n++] = is_end ? '\n' : text.p[i];
		i += is_end;
	}
	return str_n(to, n);
}

static struct str title_of(const struct changing *c)
{
	struct str title = c->wanted->title;

	if (str_is_empty(title))
		return STR_NONE;
	return c->wanted->has_draft
		       ? merge_request_title_with_draft(title, c->wanted->is_draft, c->l->arena)
		       : title;
}

static struct str description_of(const struct changing *c)
{
	if (str_is_none(c->wanted->description))
		return STR_NONE;
	return with_line_ends(c->wanted->description, c->l->arena);
}

static int find_users(struct changing *c, const struct str_list *names, struct i64_list *ids,
		      struct err *e)
{
	ids->items = ARENA_ARRAY(c->l->arena, int64_t, names->count + 1);
	for (size_t i = 0; i < names->count; i++) {
		struct user user;
		bool found;

		if (user_find_by_name(c->db, names->items[i], c->l->arena, &user, &found, e) < 0)
			return -(int)e->code;
		if (!found)
			return err_set(e, ERR_UNPROCESSABLE, "there is no user named %.*s",
				       STR_FMT(str_upto(names->items[i], 100)));
		ids->items[ids->count++] = user.id.v;
	}
	return 0;
}

static bool has_id(const struct i64_list *ids, int64_t id)
{
	size_t i = 0;

	while (i < ids->count && ids->items[i] != id)
		i++;
	return i < ids->count;
}

/* Who works on it, those who were added, without those who were taken off it. */
static int join_assignees(struct changing *c, const struct merge_people *now, struct err *e)
{
	struct i64_list more = { 0 };
	struct i64_list less = { 0 };

	if (find_users(c, &c->wanted->assign, &more, e) < 0 ||
	    find_users(c, &c->wanted->unassign, &less, e) < 0)
		return -(int)e->code;
	c->assignees =
		(struct i64_list){ ARENA_ARRAY(c->l->arena, int64_t, now->count + more.count + 1),
				   0 };
	for (size_t i = 0; i < now->count + more.count; i++) {
		int64_t id = i < now->count ? now->items[i].id.v : more.items[i - now->count];

		if (!has_id(&less, id))
			c->assignees.items[c->assignees.count++] = id;
	}
	return 0;
}

static int open_request(struct changing *c, struct str branch, int64_t *iid, struct err *e)
{
	const struct push_merge_request *w = c->wanted;
	const struct merge_request_new in = { .source_project = c->l->rq.project,
					      .source_branch = branch,
					      .target_branch = w->target,
					      .title = title_of(c),
					      .description = description_of(c),
					      .labels = w->label,
					      .assignees = c->assignees,
					      .has_squash = w->has_squash,
					      .squash = w->squashes,
					      .has_remove_source = w->has_remove,
					      .remove_source = w->removes_source };
	const struct merge_request_change draft = { .has_draft = true, .is_draft = true };
	struct landing_request request = c->l->rq;

	request.actor = &c->actor;
	request.project = c->target;
	/* It may land in the other project, which takes a connection of its own. */
	db_release(c->db);
	c->db = NULL;
	if (merge_request_open(&request, &in, c->l->arena, iid, e) < 0 ||
	    db_acquire(c->l->rq.db, &c->db, e) < 0)
		return -(int)e->code;
	/* Without a title of its own it has one from its branch by now. */
	if (!w->is_draft || !str_is_empty(w->title))
		return 0;
	return merge_request_update(c->db, &c->actor, c->target, *iid, &draft, e);
}

static int change_request(struct changing *c, int64_t iid, struct err *e)
{
	const struct push_merge_request *w = c->wanted;
	const struct merge_request_change in = { .title = title_of(c),
						 .description = description_of(c),
						 .target_branch = w->target,
						 .has_draft =
							 w->has_draft && str_is_empty(w->title),
						 .is_draft = w->is_draft,
						 .add_labels = w->label,
						 .remove_labels = w->unlabel,
						 .has_assignees =
							 w->assign.count + w->unassign.count > 0,
						 .assignees = c->assignees,
						 .has_squash = w->has_squash,
						 .squash = w->squashes,
						 .has_remove_source = w->has_remove,
						 .remove_source = w->removes_source };

	return merge_request_update(c->db, &c->actor, c->target, iid, &in, e);
}

/* The first that is of the target: what the options mean if there are several. NULL: none is. */
static const struct merge_request *find_open(const struct landing *l, size_t at,
					     struct project_id target)
{
	for (size_t i = 0; i < l->open[at].count; i++)
		if (l->open[at].items[i].project.v == target.v)
			return &l->open[at].items[i];
	return NULL;
}

/* Named, or as GitLab has it: from a fork to its source. */
static int find_target(struct changing *c, struct err *e)
{
	const struct actor *actor = &c->actor;
	struct str wanted = c->wanted->target_project;
	struct project_access access;
	int result;

	if (str_is_empty(wanted))
		return merge_request_default_target(c->db, actor, c->l->rq.project, c->l->arena,
						    &c->target, e);
	if (str_to_i64(wanted, &c->target.v))
		result =
			access_find_project_by_id(c->db, actor, c->target, c->l->arena, &access, e);
	else
		result = access_find_project(c->db, actor, wanted, c->l->arena, &access, e);
	if (result < 0)
		return result;
	if (!access_sees(actor, &access.target))
		return err_set(e, ERR_UNPROCESSABLE, "there is no project %.*s that you may see",
			       STR_FMT(str_upto(wanted, 200)));
	c->target = access.project.id;
	return 0;
}

static int change_branch(struct changing *c, size_t at, struct err *e)
{
	struct landing *l = c->l;
	struct str branch = str_from(l->refs[at].name, HEADS.n);
	const struct merge_options options = { .sha = l->refs[at].new_oid };
	const struct merge_people nobody = { 0 };
	const struct merge_request *open;
	int64_t iid = 0;

	if (find_target(c, e) < 0)
		return -(int)e->code;
	open = find_open(l, at, c->target);
	if (join_assignees(c, open ? &open->assignees : &nobody, e) < 0)
		return -(int)e->code;
	if (open) {
		iid = open->iid;
		if (change_request(c, iid, e) < 0)
			return -(int)e->code;
	} else if (!c->wanted->creates) {
		return err_set(e, ERR_UNPROCESSABLE,
			       "there is no open merge request for %.*s; add -o "
			       "merge_request.create",
			       STR_FMT(branch));
	} else if (open_request(c, branch, &iid, e) < 0) {
		return -(int)e->code;
	}
	if (c->wanted->auto_merges &&
	    merge_request_set_auto_merge(c->db, &c->actor, c->target, iid, &options, e) < 0)
		return -(int)e->code;
	return merge_request_open_for_branch(c->db, l->rq.project, branch, l->arena, &l->open[at],
					     e);
}

void landing_change_requests(struct landing *l)
{
	struct changing c = { .l = l, .wanted = &l->push_options.merge_request };
	struct err e = { 0 };

	if (!l->open || !l->was_committed || !landing_is_push(l) || !c.wanted->is_wanted)
		return;
	c.actor = *l->rq.actor;
	if (c.actor.kind == ACTOR_KEY)
		c.actor.scopes |= SCOPE_API;
	for (size_t i = 0; i < l->count; i++) {
		if (!has_requests(&l->refs[i]))
			continue;
		if (!was_asked(l, i)) {
			l->request_problem = arena_fmt(l->arena,
						       "such options count for the first %d "
						       "branches of a push; push the others by "
						       "themselves",
						       LANDING_PIPELINE_REFS_MAX);
			break;
		}
		err_clear(&e);
		if ((!c.db && db_acquire(l->rq.db, &c.db, &e) < 0) || change_branch(&c, i, &e) < 0)
			l->request_problem = arena_str(l->arena, str_c(err_sentence(&e)));
	}
	db_release(c.db);
}
