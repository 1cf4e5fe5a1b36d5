/* The form of a merge request: a new one from a branch, and changing one. */
#include "domain/member.h"
#include "domain/merge_setting.h"
#include "domain/text.h"
#include "git/commit.h"
#include "git/ref_list.h"
#include "pages/merge_request.h"
#include "tmpl/merge_request_form.h"

#define FORM_BRANCHES 500

static int branch_names(struct request *rq, struct view_merge_form *v, struct err *e)
{
	const struct str folder = STR("refs/heads/");
	const struct ref *first;
	struct repo *repo;
	size_t count;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	count = ref_snapshot_range(repo_refs(repo), folder, &first);
	v->branches = ARENA_ARRAY(rq->arena, struct view_name, FORM_BRANCHES);
	for (size_t i = 0; i < count && i < FORM_BRANCHES; i++)
		v->branches[v->branches_count++].name = str_from(first[i].name, folder.n);
	return 0;
}

static bool is_among(const struct i64_list *ids, int64_t id)
{
	for (size_t i = 0; i < ids->count; i++)
		if (ids->items[i] == id)
			return true;
	return false;
}

static struct view_choices choices(struct request *rq, const struct members *members,
				   const struct i64_list *chosen)
{
	struct view_choices c = { ARENA_ARRAY(rq->arena, struct view_choice, members->count + 1),
				  0 };

	for (size_t i = 0; i < members->count; i++) {
		const struct member *m = members->items[i];

		if (!m->is_blocked)
			c.items[c.count++] = (struct view_choice){ m->user.v, m->username,
								   is_among(chosen, m->user.v) };
	}
	return c;
}

static int form_page(struct request *rq, struct view_merge_form *v,
		     const struct i64_list *assignees, const struct i64_list *reviewers,
		     struct err *e)
{
	const struct member_place place = { .project = rq->project->id };
	struct members members;
	struct str_list labels;
	struct db *db;

	if (branch_names(rq, v, e) < 0 || request_db(rq, &db, e) < 0 ||
	    member_list(db, place, true, STR_NONE, LISTING_FIRST, rq->arena, &members, e) < 0 ||
	    task_labels(db, rq->project->id, rq->arena, &labels, e) < 0)
		return -(int)e->code;
	v->assignees = choices(rq, &members, assignees);
	v->reviewers = choices(rq, &members, reviewers);
	v->known_labels = ARENA_ARRAY(rq->arena, struct view_name, labels.count + 1);
	for (size_t i = 0; i < labels.count; i++)
		v->known_labels[v->known_labels_count++].name = labels.items[i];
	page_frame(rq, &v->page, "merge_requests");
	tmpl_merge_request_form(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

static struct i64_list ids_of_form(const struct request *rq, const char *name)
{
	const struct str_list texts = request_form_list(rq, name);
	struct i64_list ids = { ARENA_ARRAY(rq->arena, int64_t, texts.count + 1), 0 };

	for (size_t i = 0; i < texts.count; i++)
		if (str_to_i64(texts.items[i], &ids.items[ids.count]))
			ids.count++;
	return ids;
}

static struct i64_list ids_of_people(struct request *rq, const struct merge_people *people)
{
	struct i64_list ids = { ARENA_ARRAY(rq->arena, int64_t, people->count + 1), people->count };

	for (size_t i = 0; i < people->count; i++)
		ids.items[i] = people->items[i].id.v;
	return ids;
}

static void new_addresses(struct request *rq, struct view_merge_form *v)
{
	v->is_new = true;
	v->action = page_url(rq, url_for(rq->arena, ROUTE_merge_request_create, rq->project->path));
	v->back = page_url(rq, url_for(rq->arena, ROUTE_merge_requests, rq->project->path));
}

static void edit_addresses(struct request *rq, struct view_merge_form *v, int64_t iid)
{
	v->iid = iid;
	v->action = page_url(rq, merge_address(rq, iid, ROUTE_merge_request_update));
	v->back = page_url(rq, merge_address(rq, iid, ROUTE_merge_request));
}

/* The words of the branch's last commit, until somebody writes better ones. */
static int words_of_tip(struct request *rq, struct view_merge_form *v, struct err *e)
{
	struct commit commit;
	struct repo *repo;
	const struct ref *ref;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	ref = ref_snapshot_find_in(repo_refs(repo), "refs/heads/", v->source);
	if (!ref)
		return 0;
	if (commit_get(repo, &ref->oid, rq->arena, &commit, e) < 0)
		return -(int)e->code;
	if (str_is_empty(v->title) && text_length(commit.subject) <= TITLE_MAX)
		v->title = commit.subject;
	if (str_is_empty(v->description))
		v->description = str_trim(commit.body);
	return 0;
}

static struct str either(struct request *rq, const char *plain, const char *bracketed)
{
	const struct str value = request_query(rq, plain);

	return str_trim(str_is_empty(value) ? request_query(rq, bracketed) : value);
}

/*
 * Of a fork: its source and itself. Labels and people are set later then, by who
 * may; a form does not know which of the two will be chosen.
 */
static int list_targets(struct request *rq, struct view_merge_form *v, int64_t chosen,
			struct err *e)
{
	struct project_access source;
	struct project_id id;
	struct db *db;

	v->sets_marks = true;
	if (request_db(rq, &db, e) < 0 ||
	    merge_request_default_target(db, &rq->actor, rq->project->id, rq->arena, &id, e) < 0)
		return -(int)e->code;
	if (id.v == rq->project->id.v)
		return 0;
	if (access_find_project_by_id(db, &rq->actor, id, rq->arena, &source, e) < 0)
		return -(int)e->code;
	v->sets_marks = false;
	v->targets = ARENA_ARRAY(rq->arena, struct view_option, 2);
	v->targets[v->targets_count++] =
		(struct view_option){ id.v, source.project.path, chosen != rq->project->id.v };
	v->targets[v->targets_count++] = (struct view_option){ rq->project->id.v, rq->project->path,
							       chosen == rq->project->id.v };
	return 0;
}

/* The next on the way of the project that is proposed. */
static int propose_target(struct request *rq, struct view_merge_form *v, struct err *e)
{
	struct project_access source;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (v->targets_count == 0)
		return merge_request_propose_target(db, rq->project, v->source, rq->arena,
						    &v->target, e);
	if (access_find_project_by_id(db, &rq->actor, (struct project_id){ v->targets[0].id },
				      rq->arena, &source, e) < 0)
		return -(int)e->code;
	return merge_request_propose_target(db, &source.project, v->source, rq->arena, &v->target,
					    e);
}

int page_merge_request_new(struct request *rq, struct err *e)
{
	struct view_merge_form v = {
		.source = either(rq, "source_branch", "merge_request[source_branch]"),
		.target = either(rq, "target_branch", "merge_request[target_branch]"),
		.title = either(rq, "title", "merge_request[title]"),
		.description = either(rq, "description", "merge_request[description]"),
	};
	const struct i64_list nobody = { NULL, 0 };
	struct merge_setting setting;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    merge_setting_get(db, rq->project->id, rq->arena, &setting, e) < 0 ||
	    list_targets(rq, &v, 0, e) < 0 ||
	    (str_is_empty(v.target) && propose_target(rq, &v, e) < 0))
		return -(int)e->code;
	v.squash = merge_setting_squashes(&setting, setting.squash == SQUASH_DEFAULT_ON);
	v.remove_source = setting.removes_source;
	if (!str_is_empty(v.source) && words_of_tip(rq, &v, e) < 0)
		return -(int)e->code;
	new_addresses(rq, &v);
	return form_page(rq, &v, &nobody, &nobody, e);
}

static void read_form(const struct request *rq, struct view_merge_form *v)
{
	const struct str description = request_form(rq, "description");

	v->source = str_trim(request_form(rq, "source_branch"));
	v->target = str_trim(request_form(rq, "target_branch"));
	v->title = str_trim(request_form(rq, "title"));
	v->description = str_is_none(description) ? STR("") : description;
	v->labels = request_form(rq, "labels");
	v->squash = request_form_bool(rq, "squash", false);
	v->remove_source = request_form_bool(rq, "remove_source", false);
	v->is_draft = request_form_bool(rq, "draft", false);
}

static struct str title_of(struct request *rq, const struct view_merge_form *v)
{
	if (str_is_empty(v->title) || !v->is_draft)
		return v->title;
	return merge_request_title_with_draft(v->title, true, rq->arena);
}

/* To the project that was chosen; which may be, the domain says. */
static int open_request(struct request *rq, const struct merge_request_new *in, int64_t target,
			int64_t *iid, struct str *path, struct err *e)
{
	struct landing_request landing = merge_landing(rq);
	struct project_access access;
	struct db *db;

	landing.project.v = target;
	if (merge_request_open(&landing, in, rq->arena, iid, e) < 0 || request_db(rq, &db, e) < 0 ||
	    access_find_project_by_id(db, &rq->actor, landing.project, rq->arena, &access, e) < 0)
		return -(int)e->code;
	*path = access.project.path;
	return 0;
}

int page_merge_request_create(struct request *rq, struct err *e)
{
	struct view_merge_form v = { 0 };
	struct merge_request_new in;
	struct err error = { 0 };
	int64_t target = rq->project->id.v;
	int64_t iid = 0;
	struct str path;

	read_form(rq, &v);
	if (!request_form_i64(rq, "target_project", &target))
		target = rq->project->id.v;
	in = (struct merge_request_new){
		.source_project = rq->project->id,
		.source_branch = v.source,
		.target_branch = str_is_empty(v.target) ? STR_NONE : v.target,
		.title = str_is_empty(v.title) ? STR_NONE : title_of(rq, &v),
		.description = v.description,
		.labels = labels_of_text(rq, v.labels),
		.assignees = ids_of_form(rq, "assignees"),
		.reviewers = ids_of_form(rq, "reviewers"),
		.has_squash = true,
		.squash = v.squash,
		.has_remove_source = true,
		.remove_source = v.remove_source,
	};
	if (open_request(rq, &in, target, &iid, &path, &error) == 0)
		return request_redirect(rq,
					url_for(rq->arena, ROUTE_merge_request, path,
						arena_fmt(rq->arena, "%lld", (long long)iid)),
					e);
	if (!page_is_problem(rq, &error, &v.problem, e) || list_targets(rq, &v, target, e) < 0)
		return -(int)e->code;
	new_addresses(rq, &v);
	return form_page(rq, &v, &in.assignees, &in.reviewers, e);
}

int page_merge_request_edit(struct request *rq, struct err *e)
{
	struct view_merge_form v = { 0 };
	struct i64_list assignees;
	struct i64_list reviewers;
	struct merge_request mr;

	if (merge_request_of_route(rq, false, &mr, e) < 0)
		return -(int)e->code;
	if (!merge_head_view(rq, &mr, "").may_change &&
	    access_check(&rq->actor, ACTION_MERGE_REQUEST_WRITE, &rq->target, e) < 0)
		return -(int)e->code;
	v.sets_marks = request_may(rq, ACTION_MERGE_REQUEST_WRITE);
	v.source = mr.source_branch;
	v.target = mr.target_branch;
	v.title = merge_request_title_with_draft(mr.title, false, rq->arena);
	v.description = mr.description;
	v.labels = labels_text(rq, &mr.labels);
	v.squash = mr.squash;
	v.remove_source = mr.remove_source;
	v.is_draft = mr.is_draft;
	assignees = ids_of_people(rq, &mr.assignees);
	reviewers = ids_of_people(rq, &mr.reviewers);
	edit_addresses(rq, &v, mr.iid);
	if (mr.state != MERGE_REQUEST_MERGED && request_may(rq, ACTION_MERGE_REQUEST_REMOVE))
		v.remove_action = page_url(rq, merge_address(rq, mr.iid, ROUTE_merge_request_act));
	return form_page(rq, &v, &assignees, &reviewers, e);
}

int page_merge_request_update(struct request *rq, struct err *e)
{
	struct view_merge_form v = { 0 };
	const int64_t iid = page_id(rq, "merge");
	struct merge_request_change in;
	struct err error = { 0 };
	struct db *db;

	read_form(rq, &v);
	v.sets_marks = request_may(rq, ACTION_MERGE_REQUEST_WRITE);
	in = (struct merge_request_change){
		.title = title_of(rq, &v).p ? title_of(rq, &v) : STR(""),
		.description = v.description,
		.target_branch = str_is_empty(v.target) ? STR_NONE : v.target,
		.has_draft = true,
		.is_draft = v.is_draft,
		.has_labels = v.sets_marks,
		.labels = labels_of_text(rq, v.labels),
		.has_assignees = v.sets_marks,
		.assignees = ids_of_form(rq, "assignees"),
		.has_reviewers = v.sets_marks,
		.reviewers = ids_of_form(rq, "reviewers"),
		.has_squash = true,
		.squash = v.squash,
		.has_remove_source = true,
		.remove_source = v.remove_source,
	};
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (merge_request_update(db, &rq->actor, rq->project->id, iid, &in, &error) == 0)
		return request_redirect(rq, merge_address(rq, iid, ROUTE_merge_request), e);
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	edit_addresses(rq, &v, iid);
	return form_page(rq, &v, &in.assignees, &in.reviewers, e);
}
