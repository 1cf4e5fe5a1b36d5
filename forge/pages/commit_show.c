#include "pages/commit.h"
#include "tmpl/commit_show.h"

static int commit_of_path(struct request *rq, struct repo **repo, struct oid *oid, struct err *e)
{
	if (request_repo(rq, repo, e) < 0)
		return -(int)e->code;
	return repo_resolve(*repo, request_param(rq, "sha"), oid, e);
}

int page_commit(struct request *rq, struct err *e)
{
	const struct diff_options options = diff_options_of(rq);
	struct view_commit_show v = { 0 };
	struct commit commit;
	struct diff diff;
	struct oid oid;
	struct repo *repo;

	if (commit_of_path(rq, &repo, &oid, e) < 0 ||
	    commit_get(repo, &oid, rq->arena, &commit, e) < 0 ||
	    diff_of_commit(repo, &oid, &options, rq->arena, &diff, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "commits");
	commit_view(rq, &commit, &v.commit);
	if (commit_marks(rq, &v.commit, 1, e) < 0)
		return -(int)e->code;
	diff_fill(rq, &diff, v.commit.oid, &v.diff);
	tmpl_commit_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

#define COMMIT_TEXT_MAX (32u << 20)

static int send_text(struct request *rq, struct buf *out, int result, struct err *e)
{
	struct str text;

	if (result == 0)
		result = buf_check(out, "The change", e);
	text = result == 0 ? arena_str(rq->arena, buf_str(out)) : STR_NONE;
	buf_fini(out);
	if (result < 0)
		return result;
	request_mark_untrusted(rq, STR_NONE);
	return request_send_bytes(rq, 200, "text/plain; charset=utf-8", text, e);
}

int page_commit_diff(struct request *rq, struct err *e)
{
	struct commit commit;
	struct oid zero = { { 0 } };
	struct buf out;
	struct oid oid;
	struct repo *repo;

	if (commit_of_path(rq, &repo, &oid, e) < 0 ||
	    commit_get(repo, &oid, rq->arena, &commit, e) < 0)
		return -(int)e->code;
	buf_init(&out, COMMIT_TEXT_MAX);
	return send_text(rq, &out,
			 diff_text(repo, commit.parents_count > 0 ? &commit.parents[0] : &zero,
				   &oid, &out, e),
			 e);
}

int page_commit_patch(struct request *rq, struct err *e)
{
	struct buf out;
	struct oid oid;
	struct repo *repo;

	if (commit_of_path(rq, &repo, &oid, e) < 0)
		return -(int)e->code;
	buf_init(&out, COMMIT_TEXT_MAX);
	return send_text(rq, &out, diff_patch(repo, &oid, &out, e), e);
}
