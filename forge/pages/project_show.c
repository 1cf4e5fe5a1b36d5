/* A project's home: the exact commands while it is empty, then files, README and the way to
 * production. */
#include "domain/key.h"
#include "domain/member.h"
#include "git/ref_list.h"
#include "pages/project.h"
#include "tmpl/project_show.h"

struct view_clone project_clone(struct request *rq)
{
	return (struct view_clone){
		.http = request_absolute(
			rq, arena_fmt(rq->arena, "/%.*s.git", STR_FMT(rq->project->path))),
		.ssh = site_ssh_url(rq->site, rq->project->path, rq->arena),
	};
}

static struct view_empty_commands empty_commands(const struct request *rq, struct str address,
						 bool is_ssh)
{
	return (struct view_empty_commands){
		.is_ssh = is_ssh,
		.address = address,
		.branch = rq->project->default_branch,
		.folder = rq->project->segment,
		.id_folder = is_ssh ? STR("ssh-folder") : STR("http-folder"),
		.id_repository = is_ssh ? STR("ssh-repository") : STR("http-repository"),
		.id_new = is_ssh ? STR("ssh-new") : STR("http-new"),
	};
}

static int show_empty(struct request *rq, struct view_project_show *v, struct err *e)
{
	struct keys keys = { 0 };
	struct db *db;

	v->is_empty = true;
	v->may_push = request_may(rq, ACTION_GIT_WRITE);
	if (v->may_push &&
	    (request_db(rq, &db, e) < 0 || key_list(db, rq->actor.user, rq->arena, &keys, e) < 0))
		return -(int)e->code;
	v->has_no_key = keys.count == 0;
	v->commands_ssh = empty_commands(rq, v->clone.ssh, true);
	v->commands_http = empty_commands(rq, v->clone.http, false);
	return 0;
}

static int show_counts(struct request *rq, struct repo *repo, const struct oid *head,
		       struct view_project_show *v, struct err *e)
{
	const struct member_place place = { .project = rq->project->id };
	const struct ref_snapshot *refs = repo_refs(repo);
	const struct ref *first;
	struct members members;
	struct db *db;
	size_t commits;

	if (request_db(rq, &db, e) < 0 ||
	    member_list(db, place, true, STR_NONE, (struct listing){ 0, 1 }, rq->arena, &members,
			e) < 0 ||
	    commit_count(repo, head, budget_page(), &commits, &v->commits_complete, e) < 0)
		return -(int)e->code;
	v->commits = (int64_t)commits;
	v->branches = (int64_t)ref_snapshot_range(refs, STR("refs/heads/"), &first);
	v->tags = (int64_t)ref_snapshot_range(refs, STR("refs/tags/"), &first);
	v->members = members.total;
	v->has_stage = ref_snapshot_find_in(refs, "refs/heads/", STR(PROJECT_STAGE_BRANCH)) != NULL;
	v->offers_stage = !v->has_stage && request_may(rq, ACTION_CODE_WRITE) &&
			  ref_snapshot_find_in(refs, "refs/heads/", rq->project->default_branch);
	return 0;
}

/* The default branch; while it does not exist (only others were pushed), the newest one. */
static int show_place(struct request *rq, struct repo *repo, struct place *place, struct err *e)
{
	const struct ref_query newest = { .order = REF_BY_DATE, .limit = 1 };
	struct branch_list list;

	if (ref_snapshot_find_in(repo_refs(repo), "refs/heads/", repo_default_branch(repo)))
		return repo_locate(repo, STR(""), rq->arena, place, e);
	if (branch_list(repo, &newest, false, rq->arena, &list, e) < 0)
		return -(int)e->code;
	if (list.branches_count == 0)
		return err_set(e, ERR_NOT_FOUND,
			       "The project has tags and no branch; look under Tags.");
	return repo_locate(repo, list.branches[0].name, rq->arena, place, e);
}

static int show_code(struct request *rq, struct view_project_show *v, struct err *e)
{
	struct place place;
	struct repo *repo;

	if (!rq->project->has_repository && project_make_repository(rq, rq->project, e) < 0)
		return -(int)e->code;
	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (repo_is_empty(repo))
		return show_empty(rq, v, e);
	if (show_place(rq, repo, &place, e) < 0 || show_counts(rq, repo, &place.commit, v, e) < 0)
		return -(int)e->code;
	if (request_may(rq, ACTION_PIPELINE_READ) && environment_contours(rq, &v->contours, e) < 0)
		return -(int)e->code;
	return tree_view(rq, repo, &place, &v->tree, e);
}

int page_project_show(struct request *rq, struct err *e)
{
	struct view_project_show v = { .may_read_code = request_may(rq, ACTION_CODE_READ) };

	v.clone = project_clone(rq);
	if (fork_view(rq, &v.fork, e) < 0 || (v.may_read_code && show_code(rq, &v, e) < 0))
		return -(int)e->code;
	page_frame(rq, &v.page, "files");
	tmpl_project_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
