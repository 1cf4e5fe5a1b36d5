/* /projects/:id/ci/lint: the given text, or the file of a commit. Source: gitlab-compat 2.14. */
#include "api/api.h"
#include "domain/pipeline_lint.h"

static void write_texts(struct jsonw *w, const char *key, const struct ci_texts *texts)
{
	jsonw_field_array(w, key);
	for (size_t i = 0; i < texts->count; i++)
		jsonw_str(w, texts->items[i]);
	jsonw_end(w);
}

static void write_problem(struct jsonw *w, struct request *rq, const struct ci_problem *problem)
{
	const struct ci_mark *mark = &problem->mark;

	if (mark->line > 0)
		jsonw_str(w, arena_fmt(rq->arena, "%.*s:%d:%d: %.*s", STR_FMT(mark->file),
				       mark->line, mark->column, STR_FMT(problem->text)));
	else
		jsonw_str(w, problem->text);
}

static void write_job(struct jsonw *w, const struct ci_plan_job *job)
{
	jsonw_object(w);
	jsonw_field_str(w, "name", job->config->name);
	jsonw_field_str(w, "stage", job->config->stage);
	write_texts(w, "before_script", &job->config->before_script);
	write_texts(w, "script", &job->config->script);
	write_texts(w, "after_script", &job->config->after_script);
	write_texts(w, "tag_list", &job->tags);
	jsonw_field_str(w, "environment", job->environment_name);
	jsonw_field_str(w, "when", str_c(ci_when_name(job->when)));
	jsonw_field_bool(w, "allow_failure", job->allow_failure.value == CI_YES);
	jsonw_field_null(w, "only");
	jsonw_field_null(w, "except");
	jsonw_field_array(w, "needs");
	for (size_t i = 0; i < job->needs.count; i++) {
		jsonw_object(w);
		jsonw_field_str(w, "name", job->needs.items[i].job);
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_end(w);
}

static int send_plan(struct request *rq, const struct pipeline_lint *in, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct ci_plan plan;

	if (pipeline_lint(in, rq->arena, &plan, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	jsonw_field_bool(w, "valid", plan.outcome != CI_ERROR);
	jsonw_field_array(w, "errors");
	if (plan.outcome == CI_ERROR)
		write_problem(w, rq, &plan.problem);
	jsonw_end(w);
	jsonw_field_array(w, "warnings");
	for (size_t i = 0; i < plan.warnings.count; i++)
		write_problem(w, rq, &plan.warnings.items[i]);
	jsonw_end(w);
	jsonw_field_str(w, "merged_yaml", in->text);
	jsonw_field_array(w, "includes");
	jsonw_end(w);
	if (in->is_planned) {
		jsonw_field_array(w, "jobs");
		for (size_t i = 0; i < plan.job_count; i++)
			write_job(w, &plan.jobs[i]);
		jsonw_end(w);
	}
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

/* The commit of a ref; none in an empty repository. */
static int commit_at(struct request *rq, struct str ref, struct pipeline_lint *in, struct err *e)
{
	struct oid oid;

	if (!request_may(rq, ACTION_CODE_READ))
		return 0;
	if (request_repo(rq, &in->repo, e) < 0)
		return -(int)e->code;
	if (repo_is_empty(in->repo))
		return 0;
	if (repo_resolve(in->repo, ref, &oid, e) < 0)
		return -(int)e->code;
	in->sha = oid_hex(rq->arena, &oid);
	return 0;
}

static struct str or_default(const struct request *rq, struct str ref)
{
	return str_is_empty(ref) ? rq->project->default_branch : ref;
}

int api_ci_lint(struct request *rq, struct err *e)
{
	struct pipeline_lint in = { .ref_name = or_default(rq, request_form(rq, "ref")) };

	if (api_need(rq, "content", &in.text, e) < 0 || commit_at(rq, in.ref_name, &in, e) < 0)
		return -(int)e->code;
	in.is_planned = request_form_bool(rq, "include_jobs", false);
	return send_plan(rq, &in, e);
}

int api_ci_lint_file(struct request *rq, struct err *e)
{
	struct str sha = request_query(rq, "content_ref");
	struct pipeline_lint in = { .ref_name = or_default(rq, request_query(rq, "dry_run_ref")) };

	if (str_is_empty(sha))
		sha = request_query(rq, "sha");
	if (commit_at(rq, or_default(rq, sha), &in, e) < 0)
		return -(int)e->code;
	if (!in.repo)
		return err_set(e, ERR_FORBIDDEN, "403 Forbidden");
	if (pipeline_file_at(in.repo, in.sha, rq->arena, &in.text, e) < 0)
		return -(int)e->code;
	if (str_is_none(in.text))
		return err_set(e, ERR_NOT_FOUND, "There is no .gitlab-ci.yml at this commit.");
	in.is_planned = str_eq_c(request_query(rq, "include_jobs"), "true");
	return send_plan(rq, &in, e);
}
