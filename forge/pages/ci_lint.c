#include "pages/ci_lint.h"

#include "domain/pipeline_lint.h"
#include "tmpl/pipeline_lint.h"

static struct view_ci_problem problem_of(struct request *rq, const struct ci_problem *problem)
{
	const struct ci_mark *mark = &problem->mark;
	struct view_ci_problem v = { .text = problem->text };

	if (mark->line > 0)
		v.place = arena_fmt(rq->arena, "%.*s:%d:%d", STR_FMT(mark->file), mark->line,
				    mark->column);
	return v;
}

static void fill_jobs(struct request *rq, const struct ci_plan *plan, struct view_ci_lint *v)
{
	v->jobs = ARENA_ARRAY(rq->arena, struct view_ci_job, plan->job_count + 1);
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct ci_plan_job *job = &plan->jobs[i];

		v->jobs[v->jobs_count++] = (struct view_ci_job){
			.name = job->config->name,
			.stage = job->config->stage,
			.when = job->when == CI_ON_SUCCESS ? STR_NONE
							   : str_c(ci_when_name(job->when)),
			.environment = job->environment_name,
			.may_fail = job->allow_failure.value == CI_YES,
		};
	}
}

static void fill(struct request *rq, const struct ci_plan *plan, struct view_ci_lint *v)
{
	v->is_checked = true;
	v->is_valid = plan->outcome != CI_ERROR;
	v->warnings = ARENA_ARRAY(rq->arena, struct view_ci_problem, plan->warnings.count + 1);
	for (size_t i = 0; i < plan->warnings.count; i++)
		v->warnings[v->warnings_count++] = problem_of(rq, &plan->warnings.items[i]);
	if (plan->outcome == CI_ERROR)
		v->error = problem_of(rq, &plan->problem);
	v->has_no_jobs = plan->outcome == CI_NO_PIPELINE;
	if (v->has_no_jobs)
		v->message = plan->problem.text;
	if (plan->outcome == CI_CREATED)
		fill_jobs(rq, plan, v);
}

/* The commit whose file and includes are meant: ?sha=, else the default branch's. */
static int commit_of(struct request *rq, struct repo **repo, struct str *sha, struct err *e)
{
	struct str wanted = request_query(rq, "sha");
	struct oid oid;

	*sha = STR_NONE;
	if (request_repo(rq, repo, e) < 0)
		return -(int)e->code;
	if (repo_is_empty(*repo))
		return 0;
	if (str_is_empty(wanted))
		wanted = rq->project->default_branch;
	if (repo_resolve(*repo, wanted, &oid, e) < 0) {
		if (e->code != ERR_NOT_FOUND || !str_is_empty(request_query(rq, "sha")))
			return -(int)e->code;
		err_clear(e);
		return 0;
	}
	*sha = oid_hex(rq->arena, &oid);
	return 0;
}

static int send_lint(struct request *rq, struct view_ci_lint *v, struct err *e)
{
	page_frame(rq, &v->page, "pipelines");
	v->ref_name = rq->project->default_branch;
	tmpl_pipeline_lint(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

/* The project's own file, to begin with. */
int page_ci_lint(struct request *rq, struct err *e)
{
	struct view_ci_lint v = { 0 };
	struct repo *repo;
	struct str sha;

	if (!request_may(rq, ACTION_CODE_READ))
		return send_lint(rq, &v, e);
	if (commit_of(rq, &repo, &sha, e) < 0 ||
	    pipeline_file_at(repo, sha, rq->arena, &v.text, e) < 0)
		return -(int)e->code;
	return send_lint(rq, &v, e);
}

int page_ci_lint_check(struct request *rq, struct err *e)
{
	struct view_ci_lint v = { .text = request_form(rq, "content") };
	struct pipeline_lint in = { .text = v.text,
				    .ref_name = rq->project->default_branch,
				    .is_planned = true };
	struct err error = { 0 };
	struct ci_plan plan;

	if (request_may(rq, ACTION_CODE_READ) && commit_of(rq, &in.repo, &in.sha, e) < 0)
		return -(int)e->code;
	if (pipeline_lint(&in, rq->arena, &plan, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return send_lint(rq, &v, e);
	}
	fill(rq, &plan, &v);
	return send_lint(rq, &v, e);
}
