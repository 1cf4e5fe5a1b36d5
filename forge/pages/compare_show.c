/* What `to` has that `from` has not, since they parted (three dots). */
#include "git/diff.h"
#include "pages/compare.h"
#include "tmpl/compare_show.h"

#define COMPARE_NAMES 200

static void compare_names(struct request *rq, struct repo *repo, struct view_compare *v)
{
	static const char *const folders[] = { "refs/heads/", "refs/tags/" };

	v->refs = ARENA_ARRAY(rq->arena, struct view_name, 2 * COMPARE_NAMES);
	for (size_t f = 0; f < 2; f++) {
		struct str folder = str_c(folders[f]);
		const struct ref *first;
		size_t n = ref_snapshot_range(repo_refs(repo), folder, &first);

		for (size_t i = 0; i < n && i < COMPARE_NAMES; i++)
			v->refs[v->refs_count++].name = str_from(first[i].name, folder.n);
	}
}

static int compare_page(struct request *rq, struct repo *repo, struct view_compare *v,
			struct err *e)
{
	page_frame(rq, &v->page, "compare");
	compare_names(rq, repo, v);
	tmpl_compare_show(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

/* The form; ?from=&to= leads to the address that can be kept. */
int page_compare(struct request *rq, struct err *e)
{
	struct view_compare v = { .from = str_trim(request_query(rq, "from")),
				  .to = str_trim(request_query(rq, "to")) };
	struct repo *repo;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (!str_is_empty(v.from) && !str_is_empty(v.to))
		return request_redirect(rq,
					url_for(rq->arena, ROUTE_compare_show, rq->project->path,
						arena_fmt(rq->arena, "%.*s...%.*s", STR_FMT(v.from),
							  STR_FMT(v.to))),
					e);
	if (str_is_empty(v.from))
		v.from = repo_default_branch(repo);
	return compare_page(rq, repo, &v, e);
}

static void compare_fill(struct request *rq, const struct compare *compare, const struct oid *head,
			 struct view_compare *v)
{
	v->is_done = true;
	v->commits = ARENA_ARRAY(rq->arena, struct view_commit, compare->commits.commits_count + 1);
	for (size_t i = 0; i < compare->commits.commits_count; i++)
		commit_view(rq, &compare->commits.commits[i], &v->commits[v->commits_count++]);
	v->has_more = compare->commits.has_more || compare->commits.gave_up;
	diff_fill(rq, &compare->diff, oid_hex(rq->arena, head), &v->diff);
	v->is_unrelated = !compare->related;
}

int page_compare_show(struct request *rq, struct err *e)
{
	const struct diff_options options = diff_options_of(rq);
	struct str range = request_param(rq, "range_path");
	size_t dots = str_find_str(range, STR("..."));
	struct view_compare v = { .from = str_upto(range, dots), .to = str_from(range, dots + 3) };
	struct compare compare;
	struct err error = { 0 };
	struct oid base, head;
	struct repo *repo;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	v.swap = page_url(
		rq, url_for(rq->arena, ROUTE_compare_show, rq->project->path,
			    arena_fmt(rq->arena, "%.*s...%.*s", STR_FMT(v.to), STR_FMT(v.from))));
	if (repo_resolve(repo, v.from, &base, &error) < 0 ||
	    repo_resolve(repo, v.to, &head, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return compare_page(rq, repo, &v, e);
	}
	if (diff_compare(repo, &base, &head, &options, COMPARE_COMMITS, budget_page(), rq->arena,
			 &compare, e) < 0)
		return -(int)e->code;
	compare_fill(rq, &compare, &head, &v);
	return compare_page(rq, repo, &v, e);
}
