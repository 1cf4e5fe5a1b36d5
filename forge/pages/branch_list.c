#include "git/ref_list.h"
#include "domain/protected_ref.h"
#include "pages/branch.h"
#include "pages/ref_change.h"
#include "tmpl/branch_list.h"

#define BRANCH_ROWS 30

static const char *environment_of(const struct request *rq, struct str branch)
{
	if (str_eq(branch, rq->project->default_branch))
		return "production";
	return str_eq_c(branch, PROJECT_STAGE_BRANCH) ? "staging" : NULL;
}

static void branch_rows(struct request *rq, const struct branch_list *list,
			const struct protected_refs *rules, struct view_branches *v)
{
	bool may_write = request_may(rq, ACTION_CODE_WRITE);

	v->branches = ARENA_ARRAY(rq->arena, struct view_branch, list->branches_count + 1);
	for (size_t i = 0; i < list->branches_count; i++) {
		const struct branch *branch = &list->branches[i];
		struct view_branch *row = &v->branches[v->branches_count++];
		struct protected_ref rule;

		row->name = branch->name;
		row->is_default = branch->is_default;
		row->is_protected =
			protected_ref_effective(rules, PROTECTED_BRANCH, branch->name, &rule);
		row->may_delete = may_write && !row->is_default && !row->is_protected;
		row->environment = environment_of(rq, branch->name);
		row->ahead = (int64_t)branch->against_default.ahead;
		row->behind = (int64_t)branch->against_default.behind;
		row->compare =
			arena_fmt(rq->arena, "%.*s...%.*s", STR_FMT(rq->project->default_branch),
				  STR_FMT(branch->name));
		commit_view(rq, &branch->commit, &row->commit);
	}
}

/* The last pipeline of each branch itself, not of its commit. */
static int branch_marks(struct request *rq, struct view_branches *v, struct err *e)
{
	struct str_list refs = { ARENA_ARRAY(rq->arena, struct str, v->branches_count + 1), 0 };
	struct pipeline_marks marks;
	struct db *db;

	if (v->branches_count == 0 || !request_may(rq, ACTION_PIPELINE_READ))
		return 0;
	for (size_t i = 0; i < v->branches_count; i++)
		refs.items[refs.count++] =
			arena_fmt(rq->arena, "refs/heads/%.*s", STR_FMT(v->branches[i].name));
	if (request_db(rq, &db, e) < 0 ||
	    pipeline_of_refs(db, rq->project->id, &refs, rq->arena, &marks, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < v->branches_count; i++)
		v->branches[i].commit.pipeline = status_of_mark(rq, &marks, refs.items[i]);
	return 0;
}

static int branches_page(struct request *rq, struct view_branches *v, struct err *e)
{
	struct listing slice = page_listing(rq, BRANCH_ROWS);
	const struct ref_query query = { .search = str_trim(request_query(rq, "search")),
					 .order = REF_BY_DATE,
					 .skip = (size_t)slice.offset,
					 .limit = (size_t)slice.limit };
	struct protected_refs rules;
	struct branch_list list;
	struct repo *repo;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    protected_ref_list(db, rq->project->id, rq->arena, &rules, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (request_repo(rq, &repo, e) < 0 ||
	    branch_list(repo, &query, true, rq->arena, &list, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "branches");
	v->search = query.search;
	v->may_write = request_may(rq, ACTION_CODE_WRITE) && !repo_is_empty(repo);
	v->may_request = request_may(rq, ACTION_MERGE_REQUEST_WRITE);
	if (str_is_empty(v->from))
		v->from = rq->project->default_branch;
	branch_rows(rq, &list, &rules, v);
	if (branch_marks(rq, v, e) < 0)
		return -(int)e->code;
	v->pager = page_pager(rq, slice, (int64_t)list.total, false);
	tmpl_branch_list(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_branches(struct request *rq, struct err *e)
{
	struct view_branches v = { 0 };

	return branches_page(rq, &v, e);
}

int page_branch_create(struct request *rq, struct err *e)
{
	struct view_branches v = { .name = str_trim(request_form(rq, "name")),
				   .from = str_trim(request_form(rq, "from")) };
	const struct ref_wish wish = { "refs/heads/", v.name, v.from, STR_NONE };
	struct err error = { 0 };

	if (ref_create(rq, &wish, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return branches_page(rq, &v, e);
	}
	page_notice(rq, I18N("The branch is made."));
	if (!str_is_empty(request_form(rq, "return_to_project")))
		return request_redirect(
			rq, url_for(rq->arena, ROUTE_project_show, rq->project->path), e);
	return request_redirect(rq, url_for(rq->arena, ROUTE_tree, rq->project->path, v.name), e);
}

int page_branch_remove(struct request *rq, struct err *e)
{
	struct view_branches v = { 0 };
	struct err error = { 0 };

	if (ref_remove(rq, "refs/heads/", request_form(rq, "name"), &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return branches_page(rq, &v, e);
	}
	page_notice(rq, I18N("The branch is deleted."));
	return request_redirect(rq, url_for(rq->arena, ROUTE_branches, rq->project->path), e);
}
