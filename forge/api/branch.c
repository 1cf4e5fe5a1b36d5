/* Branches and tags: reading, making and removing. Changes are landings, as pushes are. */
#include "api/api.h"
#include "api/entity_git.h"
#include "api/project.h"
#include "api/repository.h"

#define HEADS "refs/heads/"
#define TAGS "refs/tags/"

static int load_rules(struct request *rq, struct protected_refs *refs, struct err *e)
{
	struct db *db = NULL;
	int result;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	result = protected_ref_list(db, rq->project->id, rq->arena, refs, e);
	request_db_return(rq);
	return result;
}

static struct ref_query query_of(const struct request *rq, struct api_page *page)
{
	struct listing slice = api_slice(rq, page);
	struct str search = request_query(rq, "search");
	struct str sort = request_query(rq, "sort");
	struct ref_query query = {
		.search = str_is_none(search) ? STR("") : search,
		.order = str_starts(sort, STR("updated_")) ? REF_BY_DATE : REF_BY_NAME,
		.skip = (size_t)slice.offset,
		.limit = (size_t)slice.limit,
	};

	if (str_eq_c(request_query(rq, "order_by"), "updated"))
		query.order = REF_BY_DATE;
	return query;
}

/* ---- reading ---- */

int api_branch_list(struct request *rq, struct err *e)
{
	struct api_page page;
	struct ref_query query = query_of(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct protected_refs rules;
	struct branch_list list;
	struct repo *repo;

	if (load_rules(rq, &rules, e) < 0 || request_repo(rq, &repo, e) < 0 ||
	    branch_list(repo, &query, true, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.branches_count; i++)
		entity_branch(w, rq, &list.branches[i], &rules);
	jsonw_end(w);
	api_page_headers(rq, &page, (int64_t)list.total);
	return request_send_json(rq, 200, e);
}

static int send_branch(struct request *rq, int status, struct str name, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct protected_refs rules;
	struct branch branch;
	struct repo *repo;

	if (load_rules(rq, &rules, e) < 0 || request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (branch_get(repo, name, rq->arena, &branch, e) < 0)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Branch Not Found")
						: -(int)e->code;
	entity_branch(w, rq, &branch, &rules);
	return request_send_json(rq, status, e);
}

int api_branch_get(struct request *rq, struct err *e)
{
	return send_branch(rq, 200, request_param(rq, "branch"), e);
}

int api_tag_list(struct request *rq, struct err *e)
{
	struct api_page page;
	struct ref_query query = query_of(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct protected_refs rules;
	struct tag_list list;
	struct repo *repo;

	if (load_rules(rq, &rules, e) < 0 || request_repo(rq, &repo, e) < 0 ||
	    tag_list(repo, &query, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.tags_count; i++)
		entity_tag(w, rq, &list.tags[i], &rules);
	jsonw_end(w);
	api_page_headers(rq, &page, (int64_t)list.total);
	return request_send_json(rq, 200, e);
}

static int send_tag(struct request *rq, int status, struct str name, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct protected_refs rules;
	struct tag tag;
	struct repo *repo;

	if (load_rules(rq, &rules, e) < 0 || request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (tag_get(repo, name, rq->arena, &tag, e) < 0)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Tag Not Found")
						: -(int)e->code;
	entity_tag(w, rq, &tag, &rules);
	return request_send_json(rq, status, e);
}

int api_tag_get(struct request *rq, struct err *e)
{
	return send_tag(rq, 200, request_param(rq, "tag"), e);
}

/* ---- changing ---- */

/* What the handle saw is old after a landing: the next request_repo takes a new one. */
static int land(struct request *rq, const struct landing_change *change, struct err *e)
{
	struct landing_request landing = api_landing(rq);

	if (landing_change_refs(&landing, change, 1, e) < 0)
		return -(int)e->code;
	request_repo_forget(rq);
	return 0;
}

static int create(struct request *rq, const char *folder, struct str name, const char *exists,
		  struct err *e)
{
	struct str message =
		request_form(rq, "message"); /* of a tag: it becomes an annotated one */
	struct landing_change change = { .old_oid = STR(GIT_ZERO_OID) };
	struct str ref;
	struct repo *repo;
	struct oid oid;

	if (api_need(rq, "ref", &ref, e) < 0 || request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (ref_snapshot_find_in(repo_refs(repo), folder, name))
		return err_set(e, ERR_INVALID, "%s already exists", exists);
	if (repo_resolve(repo, ref, &oid, e) < 0)
		return err_set(e, ERR_INVALID, "Invalid reference name: %.*s", STR_FMT(ref));
	change.name = arena_fmt(rq->arena, "%s%.*s", folder, STR_FMT(name));
	change.new_oid = oid_hex(rq->arena, &oid);
	if (strcmp(folder, TAGS) == 0 && !str_is_empty(message))
		change.tag_message = message;
	return land(rq, &change, e);
}

static int remove_ref(struct request *rq, const char *folder, struct str name, const char *missing,
		      struct err *e)
{
	struct landing_change change = { .new_oid = STR(GIT_ZERO_OID) };
	const struct ref *ref;
	struct repo *repo;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	ref = ref_snapshot_find_in(repo_refs(repo), folder, name);
	if (!ref)
		return err_set(e, ERR_NOT_FOUND, "%s", missing);
	change.name = arena_fmt(rq->arena, "%s%.*s", folder, STR_FMT(name));
	change.old_oid = oid_hex(rq->arena, &ref->oid);
	if (land(rq, &change, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

int api_branch_create(struct request *rq, struct err *e)
{
	struct str name;

	if (api_need(rq, "branch", &name, e) < 0 || create(rq, HEADS, name, "Branch", e) < 0)
		return -(int)e->code;
	return send_branch(rq, 201, name, e);
}

int api_branch_remove(struct request *rq, struct err *e)
{
	return remove_ref(rq, HEADS, request_param(rq, "branch"), "404 Branch Not Found", e);
}

int api_tag_create(struct request *rq, struct err *e)
{
	struct str name;

	if (api_need(rq, "tag_name", &name, e) < 0 ||
	    create(rq, TAGS, name, arena_strf(rq->arena, "Tag %.*s", STR_FMT(name)), e) < 0)
		return -(int)e->code;
	return send_tag(rq, 201, name, e);
}

int api_tag_remove(struct request *rq, struct err *e)
{
	return remove_ref(rq, TAGS, request_param(rq, "tag"), "404 Tag Not Found", e);
}
