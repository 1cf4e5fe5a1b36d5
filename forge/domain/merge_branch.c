/* Branches that Hearth writes for a merge request: the source brought up to date, a revert. */
#include "domain/merge_private.h"

#include "domain/merge_request_change.h"
#include "git/text.h"
#include "store/db.h"

#define NAMES_MAX 20

/* ---- update ---- */

static int check_update(const struct merge_request *mr, struct err *e)
{
	if (mr->state != MERGE_REQUEST_OPENED)
		return err_set(e, ERR_CONFLICT, "!%lld is %s, so its branch stays as it is.",
			       (long long)mr->iid, merge_request_state_word(mr->state));
	if (merge_request_is_from_fork(mr))
		return err_set(
			e, ERR_UNPROCESSABLE,
			"The branch %.*s is in a fork, so whoever can push there brings it up "
			"to date: git fetch the branch %.*s of %.*s; git merge FETCH_HEAD; git "
			"push.",
			STR_FMT(str_upto(mr->source_branch, 150)),
			STR_FMT(str_upto(mr->target_branch, 150)), STR_FMT(mr->project_path));
	if (str_is_none(mr->source_sha) || str_is_none(mr->target_sha))
		return err_set(e, ERR_CONFLICT, "One of the two branches does not exist any more.");
	if (mr->check == MERGE_CONFLICT)
		return err_set(e, ERR_CONFLICT,
			       "Both branches changed the same lines. In a clone: git switch "
			       "%.*s; git merge origin/%.*s; solve the conflicts; git push.",
			       STR_FMT(str_upto(mr->source_branch, 150)),
			       STR_FMT(str_upto(mr->target_branch, 150)));
	if (!mr->is_behind)
		return err_set(e, ERR_CONFLICT, "%.*s has all commits of %.*s already.",
			       STR_FMT(str_upto(mr->source_branch, 150)),
			       STR_FMT(str_upto(mr->target_branch, 150)));
	return 0;
}

int merge_request_update_branch(const struct landing_request *request, int64_t iid, struct arena *a,
				struct err *e)
{
	struct merge_request mr;
	struct merge_outcome outcome;
	struct landing_merge in = { .kind = GIT_MERGE_COMMIT };

	if (merge_request_refresh(request, iid, a, &mr, e) < 0 || check_update(&mr, e) < 0)
		return -(int)e->code;
	in.ref = arena_fmt(a, "refs/heads/%.*s", STR_FMT(mr.source_branch));
	in.ours = mr.head_sha;
	in.theirs = mr.target_sha;
	in.message = arena_fmt(a, "Merge branch '%.*s' into '%.*s'", STR_FMT(mr.target_branch),
			       STR_FMT(mr.source_branch));
	return landing_merge(request, &in, a, &outcome, e);
}

/* ---- revert ---- */

struct revert {
	const struct landing_request *request;
	struct arena *a;
	struct merge_request mr;
	struct str target; /* where the target stands now */
	struct str branch;
};

static int load(struct revert *r, int64_t iid, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(r->request->db, &db, e) < 0 ||
	    merge_request_get(db, r->request->project, iid, r->a, &r->mr, e) < 0)
		return -(int)e->code;
	if (r->mr.state != MERGE_REQUEST_MERGED || str_is_none(r->mr.merged_from))
		return err_set(e, ERR_UNPROCESSABLE,
			       "!%lld was not merged with the button, so what it brought is not "
			       "known. In a clone: git revert, push, and open a merge request.",
			       (long long)iid);
	if (merge_request_find_tip(db, r->mr.project, r->mr.target_branch, r->a, &r->target, e) < 0)
		return -(int)e->code;
	if (str_is_none(r->target))
		return err_set(e, ERR_UNPROCESSABLE, "%.*s does not exist any more.",
			       STR_FMT(str_upto(r->mr.target_branch, 200)));
	for (int i = 1; i <= NAMES_MAX; i++) {
		struct str tip;

		r->branch = arena_fmt(r->a, i == 1 ? "revert-%.*s" : "revert-%.*s-%d",
				      STR_FMT(str_upto(r->mr.merged_to, 8)), i);
		if (merge_request_find_tip(db, r->mr.project, r->branch, r->a, &tip, e) < 0)
			return -(int)e->code;
		if (str_is_none(tip))
			return 0;
	}
	return err_set(e, ERR_CONFLICT, "%.*s and %d more branches for reverting it exist already.",
		       STR_FMT(r->branch), NAMES_MAX - 1);
}

static struct str revert_title(const struct revert *r)
{
	return arena_fmt(r->a, "Revert \"%.*s\"", STR_FMT(text_utf8(r->a, r->mr.title, 240, NULL)));
}

static int explain(const struct revert *r, const struct merge_outcome *out, struct err *e)
{
	bool is_commit = !str_is_none(r->mr.merge_sha);

	if (out->flags & GIT_MERGE_CONTAINED)
		return err_set(e, ERR_CONFLICT, "%.*s has nothing of it any more.",
			       STR_FMT(str_upto(r->mr.target_branch, 200)));
	return err_set(e, ERR_CONFLICT,
		       "Later changes touch the same lines, so it cannot be taken back by itself. "
		       "In a clone: git switch -c %.*s origin/%.*s; git revert %s%.*s%s%.*s; solve "
		       "the conflicts; git push; open a merge request.",
		       STR_FMT(r->branch), STR_FMT(str_upto(r->mr.target_branch, 100)),
		       is_commit ? "-m 1 " : "",
		       STR_FMT(str_upto(is_commit ? r->mr.merge_sha : r->mr.merged_from, 40)),
		       is_commit ? "" : "..",
		       STR_FMT(is_commit ? STR("") : str_upto(r->mr.merged_to, 40)));
}

static int make_branch(const struct revert *r, struct err *e)
{
	struct merge_outcome outcome = { 0 };
	const struct landing_merge in = {
		.kind = GIT_MERGE_REVERT,
		.ref = arena_fmt(r->a, "refs/heads/%.*s", STR_FMT(r->branch)),
		.ours = r->target,
		.theirs = r->mr.merged_to,
		.base = r->mr.merged_from,
		.message = arena_fmt(r->a, "%.*s\n\nThis reverts merge request %.*s!%lld",
				     STR_FMT(revert_title(r)), STR_FMT(r->mr.project_path),
				     (long long)r->mr.iid),
	};

	if (landing_merge(r->request, &in, r->a, &outcome, e) == 0)
		return 0;
	/* Only if it is the lines: a ref that clashes has its own sentence. */
	if (e->code == ERR_CONFLICT &&
	    (outcome.conflicts.count > 0 || outcome.flags & GIT_MERGE_CONTAINED))
		return explain(r, &outcome, e);
	return -(int)e->code;
}

int merge_request_revert(const struct landing_request *request, int64_t iid, struct arena *a,
			 int64_t *revert_iid, struct err *e)
{
	struct revert r = { .request = request, .a = a };
	struct merge_request_new in = { .has_remove_source = true, .remove_source = true };
	AUTO_DB db = NULL;

	if (load(&r, iid, e) < 0 || make_branch(&r, e) < 0 || db_acquire(request->db, &db, e) < 0)
		return -(int)e->code;
	in.source_branch = r.branch;
	in.target_branch = r.mr.target_branch;
	in.title = revert_title(&r);
	in.description = arena_fmt(a, "This reverts merge request %.*s!%lld",
				   STR_FMT(r.mr.project_path), (long long)iid);
	return merge_request_create(db, request->actor, request->project, &in, a, revert_iid, e);
}
