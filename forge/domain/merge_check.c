/* Whether both sides fit: asked of the repository once for each pair of commits. */
#include "domain/instance.h"
#include "domain/merge_private.h"
#include "git/commit.h"
#include "store/db.h"

#include "q/merge_request.h"

static enum merge_check check_of(uint32_t flags)
{
	if (flags & GIT_MERGE_UNRELATED)
		return MERGE_UNRELATED;
	if (flags & GIT_MERGE_CONTAINED)
		return MERGE_CONTAINED;
	return flags & GIT_MERGE_FITS ? MERGE_CLEAN : MERGE_CONFLICT;
}

static int write_check(struct db *db, const struct merge_request *mr,
		       const struct merge_outcome *out, struct err *e)
{
	const struct q_merge_request_set_check_in in = {
		.id = mr->id.v,
		.head_sha = mr->head_sha,
		.target_sha = mr->target_sha,
		.merge_check = str_c(merge_check_word(check_of(out->flags))),
		.conflicts = out->conflicts,
		.is_behind = (out->flags & GIT_MERGE_BEHIND) != 0,
		.tree_is_tested = (out->flags & GIT_MERGE_SAME_TREE) != 0,
	};
	const struct q_merge_request_set_base_in base = { mr->id.v, mr->head_sha, out->merge_base };

	if (q_merge_request_set_check(db, &in, NULL, e) < 0)
		return -(int)e->code;
	if (str_is_none(out->merge_base))
		return 0;
	return q_merge_request_set_base(db, &base, NULL, e);
}

static int load(const struct landing_request *request, int64_t iid, struct arena *a,
		struct merge_request *mr, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(request->db, &db, e) < 0)
		return -(int)e->code;
	return merge_request_get(db, request->project, iid, a, mr, e);
}

int merge_request_refresh(const struct landing_request *request, int64_t iid, struct arena *a,
			  struct merge_request *mr, struct err *e)
{
	struct merge_outcome out;
	AUTO_DB db = NULL;

	if (load(request, iid, a, mr, e) < 0)
		return -(int)e->code;
	if (mr->state != MERGE_REQUEST_OPENED || str_is_none(mr->source_sha) ||
	    str_is_none(mr->target_sha) || mr->check != MERGE_UNCHECKED)
		return 0;
	if (landing_check_merge(request, mr->target_sha, mr->head_sha, a, &out, e) < 0)
		return err_add(e, "check !%lld", (long long)iid);
	if (db_acquire(request->db, &db, e) < 0 || write_check(db, mr, &out, e) < 0)
		return -(int)e->code;
	return merge_request_get(db, request->project, iid, a, mr, e);
}

static int tree_of(const struct landing_request *request, struct str sha, struct arena *a,
		   struct str *tree, struct err *e)
{
	struct commit commit;
	struct repo *repo;
	struct oid oid;
	int result;

	if (!oid_parse(sha, &oid))
		return err_set(e, ERR_INTERNAL, "a recorded object's name that is none");
	if (repo_acquire(request->instance->reader, request->project.v, &repo, e) < 0)
		return -(int)e->code;
	result = commit_get(repo, &oid, a, &commit, e);
	if (result == 0)
		*tree = oid_hex(a, &commit.tree);
	repo_release(repo);
	return result;
}

int merge_agrees(const struct landing_request *request, const struct merge_request *mr,
		 struct arena *a, bool *agrees, struct err *e)
{
	struct merge_outcome out;
	struct str tree = STR_NONE;

	*agrees = true;
	if (mr->state != MERGE_REQUEST_MERGED || str_is_none(mr->merged_from))
		return 0;
	if (landing_check_merge(request, mr->merged_from, mr->head_sha, a, &out, e) < 0 ||
	    tree_of(request, mr->merged_to, a, &tree, e) < 0)
		return -(int)e->code;
	*agrees = (out.flags & GIT_MERGE_FITS) && str_eq(out.oid, tree);
	return 0;
}
