#include "support/pipeline.h"

#include "ci/plan.h"

static int no_paths(void *closure UNUSED, struct arena *a UNUSED, struct ci_paths *paths,
		    struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_changes(void *closure UNUSED, struct arena *a UNUSED, struct str to UNUSED,
		      struct ci_paths *paths, struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_file(void *closure UNUSED, struct arena *a UNUSED, struct str path UNUSED,
		   size_t limit UNUSED, struct str *bytes UNUSED, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "none");
}

static struct pipeline_made make(struct domain *w, struct pipeline_new *in, const char *text)
{
	static const struct ci_source nowhere = { NULL, no_file, no_paths, no_changes };
	struct ci_context context = { .repository = &nowhere, .ref_name = in->ref_name };
	struct pipeline_made made;
	struct ci_plan plan;
	struct err e = { 0 };

	check_ok(ci_plan(w->a, STR(".gitlab-ci.yml"), str_c(text), &context, &plan, &e), &e);
	check_ok(pipeline_create(w->db, in, &plan, w->a, &made, &e), &e);
	return made;
}

static struct pipeline_new pipeline_for(struct domain *w, struct project_id project,
					const char *branch)
{
	return (struct pipeline_new){ .project = project,
				      .ref = arena_fmt(w->a, "refs/heads/%s", branch),
				      .ref_name = str_c(branch),
				      .sha = STR(TEST_SHA) };
}

struct pipeline_made test_pipeline(struct domain *w, struct project_id project, const char *branch,
				   const char *text)
{
	struct pipeline_new in = pipeline_for(w, project, branch);

	return make(w, &in, text);
}

struct pipeline_made test_pipeline_by(struct domain *w, struct project_id project,
				      const struct actor *who, const char *branch, const char *text)
{
	struct pipeline_new in = pipeline_for(w, project, branch);

	in.user = who->user;
	return make(w, &in, text);
}

struct runner test_runner(struct domain *w, struct runner_new in)
{
	struct actor actor = actor_system();
	struct runner runner = { 0 };
	struct runner_id id;
	struct err e = { 0 };
	struct str token;
	bool found = false;

	check_ok(runner_create(w->db, &actor, &in, w->a, &id, &token, &e), &e);
	check_ok(runner_find(w->db, token, w->a, &runner, &found, &e), &e);
	check_true(found);
	return runner;
}

struct job_claimed test_job_claim(struct domain *w, const struct runner *runner)
{
	struct job_claimed job = { 0 };
	struct err e = { 0 };
	bool found = false;

	check_ok(job_claim(w->db, runner, 0, w->a, &job, &found, &e), &e);
	check_true(found);
	return job;
}

void test_job_end(struct domain *w, const struct job_claimed *job, bool is_success)
{
	struct job_report report = { .is_success = is_success,
				     .failure_reason = STR("script_failure"),
				     .has_exit_code = true,
				     .exit_code = is_success ? 0 : 1 };
	struct job_held held;
	struct err e = { 0 };
	size_t pending;

	check_ok(job_finish(w->db, job->id, job->token, &report, w->a, &held, &pending, &e), &e);
	check_int(held.standing, JOB_HELD);
}

struct job_claimed test_job_run(struct domain *w, const struct runner *runner, bool is_success)
{
	struct job_claimed job = test_job_claim(w, runner);

	test_job_end(w, &job, is_success);
	return job;
}
