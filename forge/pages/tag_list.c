#include "domain/protected_ref.h"
#include "git/ref_list.h"
#include "pages/ref_change.h"
#include "pages/tag.h"
#include "tmpl/tag_list.h"

#define TAG_ROWS 30

static void tag_row(struct request *rq, const struct tag *tag, const struct protected_refs *rules,
		    struct view_tag *row)
{
	struct protected_ref rule;

	row->name = tag->name;
	row->message = str_trim(tag->message);
	row->is_protected = protected_ref_effective(rules, PROTECTED_TAG, tag->name, &rule);
	row->is_signed = tag->signature != SIGNATURE_NONE;
	row->may_delete = request_may(rq, ACTION_CODE_WRITE) && !row->is_protected;
	row->has_commit = tag->has_commit;
	row->archive = code_archive(rq, tag->name, "zip");
	if (tag->has_commit) {
		commit_view(rq, &tag->commit, &row->commit);
		row->has_when = true;
		row->when = tag->commit.committer.when;
	}
	if (tag->has_tagger) {
		row->tagger = tag->tagger.name;
		row->has_when = true;
		row->when = tag->tagger.when;
	}
}

static int tags_page(struct request *rq, struct view_tags *v, struct err *e)
{
	struct listing slice = page_listing(rq, TAG_ROWS);
	const struct ref_query query = { .search = str_trim(request_query(rq, "search")),
					 .order = REF_BY_DATE,
					 .skip = (size_t)slice.offset,
					 .limit = (size_t)slice.limit };
	struct protected_refs rules;
	struct tag_list list;
	struct repo *repo;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    protected_ref_list(db, rq->project->id, rq->arena, &rules, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (request_repo(rq, &repo, e) < 0 || tag_list(repo, &query, rq->arena, &list, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "tags");
	v->search = query.search;
	v->may_write = request_may(rq, ACTION_CODE_WRITE) && !repo_is_empty(repo);
	if (str_is_empty(v->from))
		v->from = rq->project->default_branch;
	v->tags = ARENA_ARRAY(rq->arena, struct view_tag, list.tags_count + 1);
	for (size_t i = 0; i < list.tags_count; i++)
		tag_row(rq, &list.tags[i], &rules, &v->tags[v->tags_count++]);
	v->pager = page_pager(rq, slice, (int64_t)list.total, false);
	tmpl_tag_list(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_tags(struct request *rq, struct err *e)
{
	struct view_tags v = { 0 };

	return tags_page(rq, &v, e);
}

int page_tag_create(struct request *rq, struct err *e)
{
	struct view_tags v = { .name = str_trim(request_form(rq, "name")),
			       .from = str_trim(request_form(rq, "from")),
			       .message = str_trim(request_form(rq, "message")) };
	const struct ref_wish wish = { "refs/tags/", v.name, v.from, v.message };
	struct err error = { 0 };

	if (ref_create(rq, &wish, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return tags_page(rq, &v, e);
	}
	page_notice(rq, I18N("The tag is made."));
	return request_redirect(rq, url_for(rq->arena, ROUTE_tags, rq->project->path), e);
}

int page_tag_remove(struct request *rq, struct err *e)
{
	struct view_tags v = { 0 };
	struct err error = { 0 };

	if (ref_remove(rq, "refs/tags/", request_form(rq, "name"), &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return tags_page(rq, &v, e);
	}
	page_notice(rq, I18N("The tag is deleted."));
	return request_redirect(rq, url_for(rq->arena, ROUTE_tags, rq->project->path), e);
}
