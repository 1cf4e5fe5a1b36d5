#include "domain/merge_request_fork.h"

#include "domain/fork.h"
#include "domain/instance.h"
#include "domain/landing_bring.h"
#include "domain/merge_request_private.h"
#include "domain/user.h"
#include "git/commit.h"
#include "git/repo.h"
#include "store/db.h"

#include "q/merge_request.h"

/* ---- opening ---- */

struct opening {
	const struct landing_request *request;
	const struct merge_request_new *in;
	struct arena *a;
	int64_t iid;
};

static int take(struct db *db, int64_t push_id UNUSED, struct str head, void *closure,
		struct err *e)
{
	const struct opening *o = closure;

	return merge_request_take_offer(db, o->request->actor, o->request->project, o->in, head,
					o->a, o->iid, e);
}

static int look(struct opening *o, int64_t *iid, struct str *head, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(o->request->db, &db, e) < 0)
		return -(int)e->code;
	return merge_request_look_at_offer(db, o->request->actor, o->request->project, o->in, o->a,
					   iid, head, e);
}

/* The landing itself is nobody's push: it changes a ref that no person may. */
static struct landing_request as_system(const struct landing_request *request,
					const struct actor *system)
{
	struct landing_request bring = *request;

	bring.actor = system;
	bring.source = PUSH_SOURCE_SYSTEM;
	return bring;
}

static int open_from_fork(struct opening *o, int64_t *iid, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = as_system(o->request, &system);
	struct landing_change head = { .old_oid = STR(GIT_ZERO_OID) };
	const struct landing_bring bring = { .from = o->in->source_project,
					     .changes = &head,
					     .count = 1,
					     .gate = take,
					     .closure = o };

	if (look(o, iid, &head.new_oid, e) < 0)
		return -(int)e->code;
	o->iid = *iid;
	head.name = merge_request_ref(o->a, o->iid);
	return landing_bring(&request, &bring, e);
}

int merge_request_open(const struct landing_request *request, const struct merge_request_new *in,
		       struct arena *a, int64_t *iid, struct err *e)
{
	struct opening o = { .request = request, .in = in, .a = a };
	AUTO_DB db = NULL;

	if (in->source_project.v != 0 && in->source_project.v != request->project.v)
		return open_from_fork(&o, iid, e);
	if (db_acquire(request->db, &db, e) < 0)
		return -(int)e->code;
	return merge_request_create(db, request->actor, request->project, in, a, iid, e);
}

int merge_request_default_target(struct db *db, const struct actor *actor,
				 struct project_id project, struct arena *a,
				 struct project_id *target, struct err *e)
{
	struct project_access source;
	struct fork_facts facts;

	*target = project;
	if (fork_facts_get(db, project, a, &facts, e) < 0)
		return -(int)e->code;
	if (facts.source.v == 0)
		return 0;
	if (access_find_project_by_id(db, actor, facts.source, a, &source, e) < 0)
		return -(int)e->code;
	if (access_allows(actor, ACTION_MERGE_REQUEST_OFFER, &source.target))
		*target = facts.source;
	return 0;
}

/* ---- following ---- */

struct following {
	const struct landing_request *request;
	const struct merge_request *mr;
	struct arena *a;
	struct user_id pusher;
	bool is_forced;
};

/* A right that was taken away since ends what it allowed. */
static int may_offer(struct following *f, struct db *db, bool *may, struct err *e)
{
	const struct merge_request *mr = f->mr;
	struct project_access target;
	struct actor actor;
	struct user user;
	bool found;

	*may = false;
	if (merge_request_find_pusher(db, mr->source_project, mr->source_branch, f->a, &f->pusher,
				      e) < 0)
		return -(int)e->code;
	if (f->pusher.v == 0)
		f->pusher = mr->author.id;
	if (user_find(db, f->pusher, f->a, &user, &found, e) < 0)
		return -(int)e->code;
	if (!found || user.is_blocked)
		return 0;
	actor = user_actor(&user, ACTOR_SESSION);
	if (access_find_project_by_id(db, &actor, mr->project, f->a, &target, e) < 0)
		return -(int)e->code;
	*may = access_allows(&actor, ACTION_MERGE_REQUEST_OFFER, &target.target);
	return 0;
}

/* Both are in the fork, unless it has forgotten the old one by now. */
static int find_forced(struct following *f, struct err *e)
{
	struct oid old_head;
	struct oid head;
	struct repo *repo;
	bool is_ancestor = false;
	int result;

	f->is_forced = true;
	if (!oid_parse(f->mr->head_sha, &old_head) || !oid_parse(f->mr->source_sha, &head))
		return err_set(e, ERR_INTERNAL, "a recorded object's name that is none");
	if (repo_acquire(f->request->instance->reader, f->mr->source_project.v, &repo, e) < 0)
		return -(int)e->code;
	result = commit_is_ancestor(repo, &old_head, &head, &is_ancestor, e);
	repo_release(repo);
	if (result < 0 && e->code != ERR_NOT_FOUND)
		return result;
	err_clear(e);
	f->is_forced = !is_ancestor;
	return 0;
}

static int arrive(struct db *db, int64_t push_id, struct str head, void *closure, struct err *e)
{
	const struct following *f = closure;
	struct merge_request_arrival arrival = { .id = f->mr->id,
						 .iid = f->mr->iid,
						 .project = f->mr->project,
						 .head = head,
						 .push_id = push_id,
						 .pusher = f->pusher,
						 .is_forced = f->is_forced };
	struct merge_request now;

	if (merge_request_get_locked(db, f->mr->project, f->mr->iid, f->a, &now, e) < 0)
		return -(int)e->code;
	if (now.state != MERGE_REQUEST_OPENED || !str_eq(now.head_sha, f->mr->head_sha))
		return err_set(e, ERR_CONFLICT, "!%lld changed while its commits were brought.",
			       (long long)now.iid);
	arrival.old_head = now.head_sha;
	arrival.start = str_is_none(now.target_sha) ? head : now.target_sha;
	return merge_request_move_head(db, &arrival, e);
}

static int bring(struct following *f, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = as_system(f->request, &system);
	const struct landing_change head = { .name = merge_request_ref(f->a, f->mr->iid),
					     .old_oid = f->mr->head_sha,
					     .new_oid = f->mr->source_sha };
	const struct landing_bring in = { .from = f->mr->source_project,
					  .changes = &head,
					  .count = 1,
					  .gate = arrive,
					  .closure = f };

	return landing_bring(&request, &in, e);
}

int merge_request_follow_fork(const struct landing_request *request, const struct merge_request *mr,
			      struct arena *a, bool *moved, struct err *e)
{
	struct following f = { .request = request, .mr = mr, .a = a };
	AUTO_DB db = NULL;
	bool may;

	*moved = false;
	if (!merge_request_is_from_fork(mr) || mr->state != MERGE_REQUEST_OPENED ||
	    str_is_none(mr->source_sha) || str_eq(mr->source_sha, mr->head_sha))
		return 0;
	if (db_acquire(request->db, &db, e) < 0 || may_offer(&f, db, &may, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	if (!may)
		return 0;
	if (find_forced(&f, e) < 0 || bring(&f, e) < 0)
		return -(int)e->code;
	*moved = true;
	return 0;
}

/* ---- after the merge ---- */

/* Others that come from it keep the branch; the fork's own rules say the rest. */
static int check_removal(const struct landing_request *request, const struct merge_request *mr,
			 struct arena *a, struct str *kept, struct err *e)
{
	const struct q_merge_request_count_sources_in in = { mr->source_project.v,
							     mr->source_branch };
	struct q_merge_request_count_sources_row others;
	AUTO_DB db = NULL;

	if (db_acquire(request->db, &db, e) < 0 ||
	    q_merge_request_count_sources(db, &in, a, &others, e) < 0)
		return -(int)e->code;
	/* This one is merged by now, so it does not count. */
	if (others.count > 0)
		*kept = arena_fmt(a,
				  "%.*s is the source of another open merge request, so it stays.",
				  STR_FMT(mr->source_branch));
	return 0;
}

void merge_request_remove_fork_branch(const struct landing_request *request,
				      const struct merge_request *mr, struct arena *a,
				      struct str *kept)
{
	struct landing_request in_fork = *request;
	const struct landing_change removal = { .name = arena_fmt(a, "refs/heads/%.*s",
								  STR_FMT(mr->source_branch)),
						.old_oid = mr->head_sha,
						.new_oid = STR(GIT_ZERO_OID) };
	struct err e = { 0 };

	*kept = STR_NONE;
	in_fork.project = mr->source_project;
	in_fork.project_path = mr->source_path;
	in_fork.source = PUSH_SOURCE_PAGE;
	if (check_removal(request, mr, a, kept, &e) < 0 ||
	    (str_is_none(*kept) && landing_change_refs(&in_fork, &removal, 1, &e) < 0))
		*kept = arena_str(a, str_c(err_sentence(&e)));
}
