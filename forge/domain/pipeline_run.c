#include "domain/pipeline_run.h"

#include "domain/access.h"
#include "domain/pipeline_right.h"
#include "domain/protected_ref.h"
#include "store/db.h"

#define BRANCHES STR("refs/heads/")
#define TAGS STR("refs/tags/")

struct running {
	const struct instance *instance;
	const struct actor *actor;
	const struct pipeline_order *order;
	struct arena *arena;
	struct project project;
	struct pipeline_wish wish;
	struct oid tip;
	struct oid tag; /* the tag object, if the ref is an annotated one */
};

static int find_ref(struct running *r, struct err *e)
{
	const struct ref_snapshot *refs = repo_refs(r->order->repo);
	struct str named = r->order->ref;
	bool is_full = str_starts(named, BRANCHES) || str_starts(named, TAGS);
	const struct ref *found =
		is_full ? ref_snapshot_find(refs, named)
			: ref_snapshot_find(refs,
					    arena_fmt(r->arena, "refs/heads/%.*s", STR_FMT(named)));

	if (!found && !is_full)
		found = ref_snapshot_find(refs,
					  arena_fmt(r->arena, "refs/tags/%.*s", STR_FMT(named)));
	if (!found)
		return err_set(e, ERR_UNPROCESSABLE,
			       "Reference not found: there is no branch or tag named %.*s.",
			       STR_FMT(str_upto(named, 200)));
	r->wish.ref = arena_str(r->arena, found->name);
	r->wish.is_tag = str_starts(found->name, TAGS);
	r->wish.ref_name = str_from(r->wish.ref, r->wish.is_tag ? TAGS.n : BRANCHES.n);
	r->tip = found->peeled;
	if (!oid_eq(&found->oid, &found->peeled))
		r->tag = found->oid;
	return 0;
}

static int check_reached(struct running *r, const struct oid *commit, struct err *e)
{
	bool is_reached;

	if (commit_is_ancestor(r->order->repo, commit, &r->tip, &is_reached, e) < 0)
		return -(int)e->code;
	if (!is_reached)
		return err_set(e, ERR_UNPROCESSABLE,
			       "The commit %.*s is not part of %.*s: choose a branch or tag that "
			       "contains it.",
			       STR_FMT(str_upto(r->order->commit, 40)), STR_FMT(r->wish.ref_name));
	return 0;
}

static int find_commit(struct running *r, struct err *e)
{
	struct oid oid = r->tip;
	struct commit commit;

	if (!str_is_empty(r->order->commit) &&
	    (repo_resolve(r->order->repo, r->order->commit, &oid, e) < 0 ||
	     check_reached(r, &oid, e) < 0))
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_UNPROCESSABLE,
							  "There is no such commit in this "
							  "repository.")
						: -(int)e->code;
	if (commit_get(r->order->repo, &oid, r->arena, &commit, e) < 0)
		return e->code == ERR_NOT_FOUND
			       ? err_set(e, ERR_UNPROCESSABLE, "%.*s leads to no commit.",
					 STR_FMT(r->wish.ref_name))
			       : -(int)e->code;
	r->wish.sha = oid_hex(r->arena, &oid);
	return 0;
}

/* What the database says: the right, the project, whether the ref is protected. */
static int look_up(struct running *r, struct err *e)
{
	struct project_access access;
	struct protected_refs rules;
	struct protected_ref effective;
	AUTO_DB db = NULL;

	if (db_acquire(r->instance->db, &db, e) < 0 ||
	    access_find_project_by_id(db, r->actor, r->order->project, r->arena, &access, e) < 0 ||
	    access_check(r->actor, ACTION_PIPELINE_RUN, &access.target, e) < 0 ||
	    find_ref(r, e) < 0 ||
	    pipeline_check_right(db, r->actor, &access.target, r->order->project, r->wish.ref,
				 r->arena, e) < 0 ||
	    protected_ref_list(db, r->order->project, r->arena, &rules, e) < 0)
		return -(int)e->code;
	r->project = access.project;
	r->wish.is_protected =
		protected_ref_effective(&rules, r->wish.is_tag ? PROTECTED_TAG : PROTECTED_BRANCH,
					r->wish.ref_name, &effective);
	return 0;
}

static int plan(struct running *r, struct pipeline_planned *planned, struct err *e)
{
	const struct commit_subject subject = { .sha = r->wish.sha };

	r->wish.project = &r->project;
	r->wish.source = commit_source_of_repo(r->arena, r->order->repo, &subject);
	if (!oid_is_zero(&r->tag) &&
	    commit_source_tag_message(r->wish.source, oid_hex(r->arena, &r->tag), r->arena,
				      &r->wish.tag_message, e) < 0)
		return -(int)e->code;
	r->wish.why = r->order->why;
	r->wish.actor = r->actor;
	r->wish.variables = r->order->variables;
	if (pipeline_plan(r->instance, &r->wish, r->arena, planned, e) < 0)
		return -(int)e->code;
	return pipeline_planned_check(planned, e);
}

int pipeline_run(const struct instance *instance, const struct actor *actor,
		 const struct pipeline_order *order, struct arena *a, struct pipeline_made *made,
		 struct err *e)
{
	struct running r = { .instance = instance, .actor = actor, .order = order, .arena = a };
	struct pipeline_planned planned;
	AUTO_DB db = NULL;

	if (look_up(&r, e) < 0 || find_commit(&r, e) < 0 || plan(&r, &planned, e) < 0 ||
	    db_acquire(instance->db, &db, e) < 0 ||
	    pipeline_planned_create(db, instance, &planned, a, made, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	pipeline_announce(instance, order->project, made);
	return 0;
}
