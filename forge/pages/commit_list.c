/* Commits of a ref, of a file's history, and those that fit a search; a page by skip and limit. */
#include "pages/commit.h"
#include "tmpl/commit_list.h"

#define COMMIT_ROWS 40

/* Days are the author's own: the date in the zone the commit was made in. */
static struct str day_of(struct request *rq, const struct commit *commit)
{
	struct instant local = { commit->author.when.us +
				 (int64_t)commit->author.offset_minutes * 60000000 };

	return page_date(rq, local);
}

static int commit_days(struct request *rq, const struct commit_list *list, struct view_commits *v,
		       struct err *e)
{
	struct view_commit *commits =
		ARENA_ARRAY(rq->arena, struct view_commit, list->commits_count + 1);

	v->days = ARENA_ARRAY(rq->arena, struct view_day, list->commits_count + 1);
	for (size_t i = 0; i < list->commits_count; i++) {
		struct str date = day_of(rq, &list->commits[i]);

		if (v->days_count == 0 || !str_eq(v->days[v->days_count - 1].date, date))
			v->days[v->days_count++] = (struct view_day){ date, &commits[i], 0 };
		commit_view(rq, &list->commits[i], &commits[i]);
		v->days[v->days_count - 1].commits_count++;
	}
	return commit_marks(rq, commits, list->commits_count, e);
}

static int commits_page(struct request *rq, struct str ref_path, struct err *e)
{
	struct view_commits v = { .search = str_trim(request_query(rq, "search")),
				  .author = str_trim(request_query(rq, "author")) };
	struct listing slice = page_listing(rq, COMMIT_ROWS);
	struct commit_query query = { .author = v.author,
				      .text = v.search,
				      .skip = (size_t)slice.offset,
				      .limit = (size_t)slice.limit };
	struct commit_list list;
	struct place place;
	struct repo *repo;

	if (code_at(rq, ref_path, &repo, &place, e) < 0)
		return -(int)e->code;
	query.from = place.commit;
	query.path = place.path;
	if (commit_list(repo, &query, budget_page(), rq->arena, &list, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "commits");
	code_bar(rq, repo, &place, false, ROUTE_commits, &v.bar);
	v.is_filtered = !str_is_empty(v.search) || !str_is_empty(v.author);
	v.gave_up = list.gave_up;
	if (commit_days(rq, &list, &v, e) < 0)
		return -(int)e->code;
	v.pager = page_pager(rq, slice, -1, list.has_more);
	tmpl_commit_list(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

int page_commits(struct request *rq, struct err *e)
{
	return commits_page(rq, request_param(rq, "ref_path"), e);
}

int page_commits_default(struct request *rq, struct err *e)
{
	struct repo *repo;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (repo_is_empty(repo))
		return request_redirect(
			rq, url_for(rq->arena, ROUTE_project_show, rq->project->path), e);
	return commits_page(rq, STR(""), e);
}
