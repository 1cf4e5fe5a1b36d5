/* /repository/commits: history, one commit, what it changed. */
#include "api/api.h"
#include "api/entity_git.h"
#include "api/repository.h"

static bool is_true(struct str value)
{
	return str_eq_c(value, "true") || str_eq_c(value, "1");
}

static int read_moment(const struct request *rq, const char *name, struct instant *t, struct err *e)
{
	struct str text = request_query(rq, name);

	if (!str_is_empty(text) && !instant_parse(text, t))
		return err_set(e, ERR_INVALID, "%s is invalid", name);
	return 0;
}

static struct str or_empty(struct str s)
{
	return str_is_none(s) ? STR("") : s;
}

int api_commit_list(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct commit_query query = {
		.path = or_empty(request_query(rq, "path")),
		.author = or_empty(request_query(rq, "author")),
		.text = STR(""),
		.first_parent = is_true(request_query(rq, "first_parent")),
		.skip = (size_t)slice.offset,
		.limit = (size_t)slice.limit,
	};
	struct jsonw *w = request_jsonw(rq);
	struct commit_list list = { 0 };
	struct repo *repo;

	if (read_moment(rq, "since", &query.since, e) < 0 ||
	    read_moment(rq, "until", &query.until, e) < 0 || request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (!repo_is_empty(repo) || !str_is_empty(request_query(rq, "ref_name"))) {
		if (api_ref_commit(rq, repo, request_query(rq, "ref_name"), &query.from, e) < 0 ||
		    commit_list(repo, &query, budget_page(), rq->arena, &list, e) < 0)
			return -(int)e->code;
	}
	jsonw_array(w);
	for (size_t i = 0; i < list.commits_count; i++)
		entity_commit(w, rq, &list.commits[i], NULL);
	jsonw_end(w);
	api_page_headers_open(rq, &page, list.has_more);
	return request_send_json(rq, 200, e);
}

static int get_commit(struct request *rq, struct repo **repo, struct oid *oid, struct err *e)
{
	if (request_repo(rq, repo, e) < 0)
		return -(int)e->code;
	return api_ref_commit(rq, *repo, request_param(rq, "sha"), oid, e);
}

/* For those who may see pipelines. */
static int last_pipeline(struct request *rq, const struct oid *oid, struct pipeline *pipeline,
			 bool *found, struct err *e)
{
	struct str sha = oid_hex(rq->arena, oid);
	const struct str_list one = { &sha, 1 };
	struct pipeline_marks marks;
	struct db *db = NULL;

	*found = false;
	if (!request_may(rq, ACTION_PIPELINE_READ))
		return 0;
	if (request_db(rq, &db, e) < 0 ||
	    pipeline_of_commits(db, rq->project->id, &one, rq->arena, &marks, e) < 0)
		return -(int)e->code;
	if (marks.count == 0)
		return 0;
	return pipeline_find(db, rq->project->id, marks.items[0].id, rq->arena, pipeline, found, e);
}

int api_commit_get(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct entity_commit_alone alone = { 0 };
	struct pipeline pipeline;
	bool has_pipeline;
	struct commit commit;
	struct diff diff;
	struct repo *repo;
	struct oid oid;

	if (get_commit(rq, &repo, &oid, e) < 0 ||
	    commit_get(repo, &oid, rq->arena, &commit, e) < 0 ||
	    diff_of_commit(repo, &oid, NULL, rq->arena, &diff, e) < 0 ||
	    last_pipeline(rq, &oid, &pipeline, &has_pipeline, e) < 0)
		return -(int)e->code;
	alone.diff = &diff;
	if (has_pipeline)
		alone.pipeline = &pipeline;
	entity_commit(w, rq, &commit, &alone);
	return request_send_json(rq, 200, e);
}

int api_commit_diff(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct diff diff;
	struct repo *repo;
	struct oid oid;

	if (get_commit(rq, &repo, &oid, e) < 0 ||
	    diff_of_commit(repo, &oid, NULL, rq->arena, &diff, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (int64_t i = slice.offset; i < slice.offset + slice.limit; i++)
		if (i < (int64_t)diff.files_count)
			entity_diff_file(w, rq, &diff.files[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, (int64_t)diff.files_count);
	return request_send_json(rq, 200, e);
}

/* GitLab's answer for a commit without a verified signature. */
int api_commit_signature(struct request *rq, struct err *e)
{
	(void)rq;
	return err_set(e, ERR_NOT_FOUND, "404 Signature Not Found");
}
