/* What a merge request changes: commits, files, versions, pipelines. */
#include "api/merge_request.h"

#include "api/entity_ci.h"
#include "api/entity_git.h"
#include "api/entity_review.h"
#include "domain/task_closing.h"
#include "git/commit.h"

/* The two sides of the diff; without a known base, where both histories part. */
static int find_sides(struct repo *repo, struct str base_sha, struct str start_sha,
		      struct str head_sha, struct oid *base, struct oid *head, struct err *e)
{
	struct oid start;
	bool found;

	if (!oid_parse(head_sha, head) || !oid_parse(start_sha, &start))
		return err_set(e, ERR_INTERNAL, "a recorded object's name that is none");
	if (!str_is_none(base_sha) && oid_parse(base_sha, base))
		return 0;
	if (commit_merge_base(repo, head, &start, &found, base, e) < 0)
		return -(int)e->code;
	if (!found)
		memset(base, 0, sizeof(*base));
	return 0;
}

static int open_sides(struct request *rq, struct merge_request *mr, struct repo **repo,
		      struct oid *base, struct oid *head, struct err *e)
{
	if (api_merge_request_check(rq, mr, e) < 0 || request_repo(rq, repo, e) < 0)
		return -(int)e->code;
	return find_sides(*repo, mr->base_sha,
			  str_is_none(mr->start_sha) ? mr->head_sha : mr->start_sha, mr->head_sha,
			  base, head, e);
}

int api_merge_request_commits(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct compare compare = { 0 };
	struct merge_request mr;
	struct repo *repo;
	struct oid base;
	struct oid head;
	int64_t i;

	if (open_sides(rq, &mr, &repo, &base, &head, e) < 0 ||
	    diff_compare(repo, &base, &head, &(struct diff_options){ .names_only = true },
			 (size_t)(slice.offset + slice.limit + 1), budget_page(), rq->arena,
			 &compare, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (i = slice.offset; i < slice.offset + slice.limit; i++)
		if (i < i64_from_size(compare.commits.commits_count))
			entity_commit(w, rq, &compare.commits.commits[i], NULL);
	jsonw_end(w);
	api_page_headers_open(rq, &page, i < i64_from_size(compare.commits.commits_count));
	return request_send_json(rq, 200, e);
}

#define CLOSING_TEXT_MAX ((size_t)1 << 20)
#define CLOSING_COMMITS 250

/* What the description and the commits say, one after the other. */
static int closing_text(struct request *rq, struct merge_request *mr, struct str *text,
			struct err *e)
{
	struct compare compare = { 0 };
	struct repo *repo;
	struct oid base;
	struct oid head;
	struct buf out;

	if (open_sides(rq, mr, &repo, &base, &head, e) < 0 ||
	    diff_compare(repo, &base, &head, &(struct diff_options){ .names_only = true },
			 CLOSING_COMMITS, budget_page(), rq->arena, &compare, e) < 0)
		return -(int)e->code;
	buf_init(&out, CLOSING_TEXT_MAX);
	buf_add(&out, mr->description);
	for (size_t i = 0; i < compare.commits.commits_count; i++) {
		buf_add_char(&out, '\n');
		buf_add(&out, compare.commits.commits[i].message);
	}
	*text = arena_str(rq->arena, buf_str(&out));
	buf_fini(&out);
	return 0;
}

/* The open tasks that it closes once it is on the default branch. */
int api_merge_request_closes(struct request *rq, struct err *e)
{
	struct task_filter filter = { .has_closed = true, .is_oldest_first = true };
	struct jsonw *w = request_jsonw(rq);
	struct tasks tasks = { 0 };
	struct merge_request mr;
	struct db *db = NULL;
	struct str text;

	if (closing_text(rq, &mr, &text, e) < 0)
		return -(int)e->code;
	filter.iids = task_closing_find(text, rq->project->path, rq->arena);
	if (filter.iids.count > 0 && request_may(rq, ACTION_TASK_VIEW) &&
	    (request_db(rq, &db, e) < 0 ||
	     task_list(db, rq->project->id, &filter, (struct listing){ 0, TASK_CLOSING_MAX },
		       rq->arena, &tasks, e) < 0))
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < tasks.count; i++)
		entity_task(w, rq, &tasks.items[i]);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

static void write_files(struct jsonw *w, const struct request *rq, const struct diff *diff,
			struct listing slice)
{
	for (int64_t i = slice.offset; i < slice.offset + slice.limit; i++)
		if (i < i64_from_size(diff->files_count))
			entity_diff_file(w, rq, &diff->files[i]);
}

int api_merge_request_diffs(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct merge_request mr;
	struct diff diff;
	struct repo *repo;
	struct oid base;
	struct oid head;

	if (open_sides(rq, &mr, &repo, &base, &head, e) < 0 ||
	    diff_commits(repo, &base, &head, NULL, rq->arena, &diff, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	write_files(w, rq, &diff, slice);
	jsonw_end(w);
	api_page_headers(rq, &page, i64_from_size(diff.files_count));
	return request_send_json(rq, 200, e);
}

/* GitLab's older form: the merge request with all its files. */
int api_merge_request_changes(struct request *rq, struct err *e)
{
	const struct listing all = { 0, DIFF_FILES_MAX };
	struct jsonw *w = request_jsonw(rq);
	struct merge_request mr;
	struct diff diff;
	struct repo *repo;
	struct oid base;
	struct oid head;

	if (open_sides(rq, &mr, &repo, &base, &head, e) < 0 ||
	    diff_commits(repo, &base, &head, NULL, rq->arena, &diff, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	entity_merge_request_fields(w, rq, &mr);
	jsonw_field_str(w, "changes_count",
			arena_fmt(rq->arena, "%zu%s", diff.files_count,
				  diff.files_total > diff.files_count ? "+" : ""));
	jsonw_field_bool(w, "overflow", !str_is_empty(diff.limit));
	jsonw_field_array(w, "changes");
	write_files(w, rq, &diff, all);
	jsonw_end(w);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

#define TEXT_MAX (16u << 20)

int api_merge_request_raw_diffs(struct request *rq, struct err *e)
{
	struct merge_request mr;
	struct repo *repo;
	struct oid base;
	struct oid head;
	struct buf out;
	struct str text;
	int failed;

	if (open_sides(rq, &mr, &repo, &base, &head, e) < 0)
		return -(int)e->code;
	buf_init(&out, TEXT_MAX);
	failed = diff_text(repo, &base, &head, &out, e);
	text = failed ? STR_NONE : arena_str(rq->arena, buf_str(&out));
	buf_fini(&out);
	if (failed)
		return failed;
	request_mark_untrusted(rq, STR_NONE);
	return request_send_bytes(rq, 200, "text/plain; charset=utf-8", text, e);
}

/* ---- versions ---- */

static int load_versions(struct request *rq, struct merge_request *mr,
			 struct merge_request_version **versions, size_t *count, struct err *e)
{
	struct db *db = NULL;

	if (api_merge_request_check(rq, mr, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return merge_request_versions(db, mr->id, rq->arena, versions, count, e);
}

int api_merge_request_version_list(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct merge_request_version *versions;
	struct merge_request mr;
	size_t count;

	if (load_versions(rq, &mr, &versions, &count, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < count; i++) {
		jsonw_object(w);
		entity_merge_request_version(w, &mr, &versions[i]);
		jsonw_end(w);
	}
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

static int send_version(struct request *rq, const struct merge_request *mr,
			const struct merge_request_version *version, struct err *e)
{
	const struct listing all = { 0, DIFF_FILES_MAX };
	struct jsonw *w = request_jsonw(rq);
	struct compare compare = { 0 };
	struct diff diff;
	struct repo *repo;
	struct oid base;
	struct oid head;

	if (request_repo(rq, &repo, e) < 0 ||
	    find_sides(repo, version->base_sha, version->start_sha, version->head_sha, &base, &head,
		       e) < 0 ||
	    diff_commits(repo, &base, &head, NULL, rq->arena, &diff, e) < 0 ||
	    diff_compare(repo, &base, &head, &(struct diff_options){ .names_only = true },
			 LISTING_MAX, budget_page(), rq->arena, &compare, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	entity_merge_request_version(w, mr, version);
	jsonw_field_array(w, "commits");
	for (size_t i = 0; i < compare.commits.commits_count; i++)
		entity_commit(w, rq, &compare.commits.commits[i], NULL);
	jsonw_end(w);
	jsonw_field_array(w, "diffs");
	write_files(w, rq, &diff, all);
	jsonw_end(w);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

int api_merge_request_version_get(struct request *rq, struct err *e)
{
	struct merge_request_version *versions;
	struct merge_request mr;
	int64_t id;
	size_t count;

	if (api_path_id(rq, "version", "404 Not found", &id, e) < 0 ||
	    load_versions(rq, &mr, &versions, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		if (versions[i].id == id)
			return send_version(rq, &mr, &versions[i], e);
	return err_set(e, ERR_NOT_FOUND, "404 Not found");
}

/* ---- pipelines: of its heads, and of what merging them gives ---- */

int api_merge_request_pipelines(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct pipeline_filter filter = { 0 };
	struct jsonw *w = request_jsonw(rq);
	struct pipelines list;
	struct merge_request mr;
	struct db *db = NULL;
	bool may;

	if (api_merge_request_find(rq, &mr, e) < 0 || request_db(rq, &db, e) < 0 ||
	    api_merge_request_enter_pipelines(rq, &mr, &may, e) < 0)
		return -(int)e->code;
	if (!may)
		return err_set(e, ERR_FORBIDDEN,
			       "The pipelines of this merge request run in its fork, which you may "
			       "not see.");
	filter.ref_name = mr.source_branch;
	if (pipeline_list(db, rq->project->id, &filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++)
		entity_pipeline(w, rq, &list.items[i], false);
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

int api_merge_request_participants(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct merge_request mr;

	if (api_merge_request_find(rq, &mr, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	if (mr.author.id.v)
		entity_user_brief(w, rq, &mr.author);
	for (size_t i = 0; i < mr.assignees.count; i++)
		if (mr.assignees.items[i].id.v != mr.author.id.v)
			entity_user_brief(w, rq, &mr.assignees.items[i]);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}
