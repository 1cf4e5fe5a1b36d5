#include "domain/merge_result.h"

#include "domain/instance.h"
#include "domain/landing_merge.h"
#include "git/commit.h"
#include "store/db.h"

#include "q/ref.h"

/* Where the ref stands by the last landing; none: there is none. */
static int find_ref(struct db_pool *pool, const struct merge_request *mr, struct arena *a,
		    struct str *oid, struct err *e)
{
	const struct q_ref_find_in in = { mr->project.v, merge_request_result_ref(a, mr->iid) };
	struct q_ref_find_row row = { 0 };
	AUTO_DB db = NULL;
	bool found;

	if (db_acquire(pool, &db, e) < 0 || q_ref_find(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	*oid = found ? row.oid : STR_NONE;
	return 0;
}

static int read_commit(const struct instance *instance, const struct merge_request *mr,
		       struct str sha, struct arena *a, struct commit *commit, struct err *e)
{
	struct repo *repo;
	struct oid oid;
	int failed;

	if (!oid_parse(sha, &oid))
		return err_set(e, ERR_INTERNAL, "a recorded object's name that is none");
	if (repo_acquire(instance->reader, mr->project.v, &repo, e) < 0)
		return -(int)e->code;
	failed = commit_get(repo, &oid, a, commit, e);
	repo_release(repo);
	return failed;
}

static bool is_of_pair(const struct commit *commit, const struct merge_request *mr, struct arena *a)
{
	return commit->parents_count == 2 &&
	       str_eq(oid_hex(a, &commit->parents[0]), mr->target_sha) &&
	       str_eq(oid_hex(a, &commit->parents[1]), mr->head_sha);
}

static int make(const struct instance *instance, const struct merge_request *mr, struct str old,
		struct arena *a, struct str *sha, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = { .db = instance->db,
						 .run = instance->run,
						 .actor = &system,
						 .project = mr->project,
						 .source = PUSH_SOURCE_SYSTEM };
	const struct landing_merge in = {
		.kind = GIT_MERGE_RESULT,
		.ref = merge_request_result_ref(a, mr->iid),
		.ours = mr->target_sha,
		.theirs = mr->head_sha,
		.base = old,
		.message = arena_fmt(a, "Merge %.*s into %.*s\n\nWhat %.*s!%lld would give.",
				     STR_FMT(mr->head_sha), STR_FMT(mr->target_sha),
				     STR_FMT(mr->project_path), (long long)mr->iid),
	};
	struct merge_outcome outcome;

	if (landing_merge(&request, &in, a, &outcome, e) < 0)
		return -(int)e->code;
	*sha = outcome.oid;
	return 0;
}

int merge_result_make(const struct instance *instance, const struct merge_request *mr,
		      struct arena *a, struct str *sha, struct err *e)
{
	struct commit commit;
	struct str old;

	ASSERT(mr->check == MERGE_CLEAN);
	if (find_ref(instance->db, mr, a, &old, e) < 0)
		return -(int)e->code;
	if (str_is_none(old))
		return make(instance, mr, old, a, sha, e);
	if (read_commit(instance, mr, old, a, &commit, e) < 0)
		return -(int)e->code;
	if (!is_of_pair(&commit, mr, a))
		return make(instance, mr, old, a, sha, e);
	*sha = old;
	return 0;
}

int merge_result_drop(const struct landing_request *request, const struct merge_request *mr,
		      struct arena *a, struct err *e)
{
	struct landing_change change = { .name = merge_request_result_ref(a, mr->iid),
					 .new_oid = STR(GIT_ZERO_OID) };

	if (find_ref(request->db, mr, a, &change.old_oid, e) < 0)
		return -(int)e->code;
	return str_is_none(change.old_oid) ? 0 : landing_change_refs(request, &change, 1, e);
}
