/* /projects: listing, reading, making and changing. */
#include "api/api.h"
#include "api/entity.h"
#include "api/merge_setting.h"
#include "api/project.h"

#include "base/table.h"
#include "domain/fork.h"

/* ---- writing ---- */

/* The namespaces of a page of projects, each read once. */
static int namespace_of(struct request *rq, struct db *db, struct table *seen,
			const struct project *p, const struct namespace **namespace, struct err *e)
{
	struct str key = arena_fmt(rq->arena, "%lld", (long long)p->namespace.v);
	struct actor system = actor_system();
	struct namespace_access *access = table_find(seen, key);

	if (!access) {
		access = ARENA_NEW(rq->arena, struct namespace_access);
		if (access_find_namespace_by_id(db, &system, p->namespace, rq->arena, access, e) <
		    0)
			return -(int)e->code;
		table_set(seen, key, access);
	}
	*namespace = &access->namespace;
	return 0;
}

/* The source of a fork, if the actor may know of it. */
static int source_of(struct request *rq, struct db *db, const struct fork_facts *facts,
		     const struct project **source, struct err *e)
{
	struct project_access *access;

	*source = NULL;
	if (facts->source.v == 0)
		return 0;
	access = ARENA_NEW(rq->arena, struct project_access);
	if (access_find_project_by_id(db, &rq->actor, facts->source, rq->arena, access, e) < 0)
		return -(int)e->code;
	if (access_sees(&rq->actor, &access->target))
		*source = &access->project;
	return 0;
}

int api_send_project(struct request *rq, int status, const struct project *p, struct err *e)
{
	struct entity_project in = { .project = p, .target = &rq->target };
	struct jsonw *w = request_jsonw(rq);
	struct merge_setting merging;
	struct fork_facts forking;
	struct table seen;
	struct db *db = NULL;

	table_init(&seen, rq->arena);
	if (request_db(rq, &db, e) < 0 || namespace_of(rq, db, &seen, p, &in.namespace, e) < 0 ||
	    merge_setting_get(db, p->id, rq->arena, &merging, e) < 0 ||
	    fork_facts_get(db, p->id, rq->arena, &forking, e) < 0 ||
	    source_of(rq, db, &forking, &in.forked_from, e) < 0)
		return -(int)e->code;
	in.merging = &merging;
	in.forking = &forking;
	entity_project(w, rq, &in, ENTITY_FULL);
	return request_send_json(rq, status, e);
}

static int list_forking(struct request *rq, struct db *db, const struct projects *projects,
			struct fork_facts **facts, size_t *count, struct err *e)
{
	struct i64_list ids = { ARENA_ARRAY(rq->arena, int64_t, projects->count + 1),
				projects->count };

	for (size_t i = 0; i < projects->count; i++)
		ids.items[i] = projects->items[i]->id.v;
	return fork_facts_list(db, ids, rq->arena, facts, count, e);
}

/* NULL: deleted since the list was read. */
static const struct fork_facts *forking_of(const struct fork_facts *facts, size_t count,
					   struct project_id id)
{
	for (size_t i = 0; i < count; i++)
		if (facts[i].project.v == id.v)
			return &facts[i];
	return NULL;
}

int api_send_projects(struct request *rq, const struct project_filter *filter, struct err *e)
{
	bool is_simple = str_eq_c(request_query(rq, "simple"), "true");
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct projects projects;
	struct fork_facts *forking;
	struct table seen;
	struct db *db = NULL;
	size_t count;

	table_init(&seen, rq->arena);
	if (request_db(rq, &db, e) < 0 ||
	    project_list(db, &rq->actor, filter, slice, rq->arena, &projects, e) < 0 ||
	    list_forking(rq, db, &projects, &forking, &count, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < projects.count; i++) {
		const struct project *p = projects.items[i];
		struct entity_project in = { .project = p,
					     .forking = forking_of(forking, count, p->id) };

		if (namespace_of(rq, db, &seen, p, &in.namespace, e) < 0 ||
		    (in.forking && source_of(rq, db, in.forking, &in.forked_from, e) < 0))
			return -(int)e->code;
		entity_project(w, rq, &in, is_simple ? ENTITY_BASIC : ENTITY_FULL);
	}
	jsonw_end(w);
	api_page_headers(rq, &page, projects.total);
	return request_send_json(rq, 200, e);
}

/* ---- reading ---- */

static bool is_true(struct str value)
{
	return str_eq_c(value, "true") || str_eq_c(value, "1") || str_eq_c(value, "yes");
}

int api_project_filter(const struct request *rq, struct project_filter *filter, struct err *e)
{
	struct str archived = request_query(rq, "archived");

	filter->member_only = is_true(request_query(rq, "membership")) ||
			      is_true(request_query(rq, "owned")) ||
			      !str_is_none(request_query(rq, "min_access_level"));
	filter->search = request_query(rq, "search");
	filter->has_archived = !str_is_none(archived);
	filter->is_archived = is_true(archived);
	return api_visibility(rq, &filter->visibility, &filter->has_visibility, e);
}

int api_project_list(struct request *rq, struct err *e)
{
	struct project_filter filter = { 0 };

	if (api_project_filter(rq, &filter, e) < 0)
		return -(int)e->code;
	return api_send_projects(rq, &filter, e);
}

int api_project_list_of_user(struct request *rq, struct err *e)
{
	struct project_filter filter = { 0 };
	struct user user;
	struct db *db = NULL;
	bool found = false;
	int64_t id;

	if (api_project_filter(rq, &filter, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (str_to_i64(request_param(rq, "user"), &id)) {
		if (user_find(db, (struct user_id){ id }, rq->arena, &user, &found, e) < 0)
			return -(int)e->code;
	} else if (user_find_by_name(db, request_param(rq, "user"), rq->arena, &user, &found, e) <
		   0) {
		return -(int)e->code;
	}
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 User Not Found");
	filter.namespace = user.namespace;
	return api_send_projects(rq, &filter, e);
}

int api_project_get(struct request *rq, struct err *e)
{
	return api_send_project(rq, 200, rq->project, e);
}

/* ---- changing ---- */

int api_namespace_of_text(struct request *rq, struct db *db, struct str text,
			  struct namespace_id *id, struct err *e)
{
	struct namespace_access access;
	int result;

	if (str_to_i64(text, &id->v))
		result = access_find_namespace_by_id(db, &rq->actor, *id, rq->arena, &access, e);
	else
		result = access_find_namespace(db, &rq->actor, text, rq->arena, &access, e);
	if (result < 0)
		return result;
	if (!access.target.exists || !access_sees(&rq->actor, &access.target))
		return err_set(e, ERR_NOT_FOUND, "404 Namespace Not Found");
	*id = access.namespace.id;
	return 0;
}

/* Absent: one's own. */
static int target_namespace(struct request *rq, struct db *db, struct namespace_id *id,
			    struct err *e)
{
	struct str text = request_form(rq, "namespace_id");

	*id = rq->actor.namespace;
	return str_is_empty(text) ? 0 : api_namespace_of_text(rq, db, text, id, e);
}

/* A path is made from a name as GitLab does: lower case, other bytes become '-'. */
static struct str path_from_name(struct arena *a, struct str name)
{
	char *to = arena_alloc(a, name.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'))
			c = '-';
		if (c != '-' || (n > 0 && to[n - 1] != '-'))
			to[n++] = c;
	}
	while (n > 0 && to[n - 1] == '-')
		n--;
	return str_n(to, n);
}

int api_project_create(struct request *rq, struct err *e)
{
	struct project_new in = {
		.segment = request_form(rq, "path"),
		.name = request_form(rq, "name"),
		.description = request_form(rq, "description"),
		.default_branch = request_form(rq, "default_branch"),
	};
	struct project *project = ARENA_NEW(rq->arena, struct project);
	struct db *db = NULL;
	bool has_visibility;

	if (str_is_none(in.segment) && str_is_none(in.name))
		return err_set(e, ERR_INVALID,
			       "name, path are missing, at least one parameter must be provided");
	if (!str_is_empty(request_form(rq, "import_url")))
		return err_set(e, ERR_UNPROCESSABLE,
			       "Importing from an address is not offered: create the project, then "
			       "push into it with `git push --mirror`.");
	if (str_is_none(in.segment))
		in.segment = path_from_name(rq->arena, in.name);
	if (api_visibility(rq, &in.visibility, &has_visibility, e) < 0 ||
	    request_db(rq, &db, e) < 0 || target_namespace(rq, db, &in.namespace, e) < 0)
		return -(int)e->code;
	if (project_create(db, &rq->actor, &in, rq->arena, project, e) < 0)
		return e->code == ERR_CONFLICT ? api_send_taken(rq, e) : -(int)e->code;
	rq->project = project;
	rq->target.level = LEVEL_OWNER;
	if (request_ensure_repository(rq, e) < 0)
		return -(int)e->code;
	return api_send_project(rq, 201, project, e);
}

/* The branch must exist once there is any. */
static int check_branch(struct request *rq, struct str branch, struct err *e)
{
	struct repo *repo;

	if (str_is_none(branch) || rq->project->is_empty)
		return 0;
	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (!ref_snapshot_find_in(repo_refs(repo), "refs/heads/", branch))
		return err_set(e, ERR_UNPROCESSABLE,
			       "There is no branch named %.*s: push it first, then make it the "
			       "default.",
			       STR_FMT(branch));
	return 0;
}

int api_project_update(struct request *rq, struct err *e)
{
	struct project_change in = {
		.name = request_form(rq, "name"),
		.description = request_form(rq, "description"),
		.default_branch = request_form(rq, "default_branch"),
	};
	struct str segment = request_form(rq, "path");
	struct project_id id = rq->project->id;
	struct db *db = NULL;

	if (api_visibility(rq, &in.visibility, &in.has_visibility, e) < 0 ||
	    check_branch(rq, in.default_branch, e) < 0 || request_db(rq, &db, e) < 0 ||
	    project_update(db, &rq->actor, id, &in, rq->arena, rq->project, e) < 0 ||
	    api_merge_setting_update(rq, e) < 0)
		return -(int)e->code;
	if (!str_is_none(in.default_branch) && api_set_head(rq, e) < 0)
		return -(int)e->code;
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (!str_is_empty(segment) && !str_eq(segment, rq->project->segment) &&
	    project_rename(db, &rq->actor, id, segment, (struct namespace_id){ 0 }, rq->arena,
			   rq->project, e) < 0)
		return -(int)e->code;
	return api_send_project(rq, 200, rq->project, e);
}

int api_project_transfer(struct request *rq, struct err *e)
{
	struct str text = request_form(rq, "namespace");
	struct namespace_id namespace;
	struct db *db = NULL;

	if (api_need(rq, "namespace", &text, e) < 0 || request_db(rq, &db, e) < 0 ||
	    api_namespace_of_text(rq, db, text, &namespace, e) < 0)
		return -(int)e->code;
	if (project_rename(db, &rq->actor, rq->project->id, STR_NONE, namespace, rq->arena,
			   rq->project, e) < 0)
		return -(int)e->code;
	return api_send_project(rq, 200, rq->project, e);
}

int api_project_remove(struct request *rq, struct err *e)
{
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || project_remove(db, &rq->actor, rq->project->id, e) < 0)
		return -(int)e->code;
	return api_send_message(rq, 202, STR("202 Accepted"), e);
}

static int set_archived(struct request *rq, bool is_archived, struct err *e)
{
	struct db *db = NULL;
	int result;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (rq->project->is_archived != is_archived) {
		result = is_archived ? project_archive(db, &rq->actor, rq->project->id, e)
				     : project_unarchive(db, &rq->actor, rq->project->id, e);
		if (result < 0)
			return result;
	}
	rq->project->is_archived = is_archived;
	return api_send_project(rq, 201, rq->project, e);
}

int api_project_archive(struct request *rq, struct err *e)
{
	return set_archived(rq, true, e);
}

int api_project_unarchive(struct request *rq, struct err *e)
{
	return set_archived(rq, false, e);
}
