/* REST of pipelines, jobs, runners and lint: fields, filters, acts, statuses. */
#include "support/check.h"
#include "support/pipeline.h"
#include "support/web.h"

#include "base/jsonr.h"

struct fixture {
	struct test_web *w;
	struct actor ann;
	const char *token;
	struct project_id project;
	struct runner runner;
};

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = test_web_open(NULL) };

	f.ann = domain_user(f.w->world, "ann");
	f.project = domain_project(f.w->world, "team/app", &f.ann, VISIBILITY_PRIVATE);
	f.token = test_web_token(f.w, &f.ann, SCOPE_API);
	f.runner = test_runner(f.w->world, (struct runner_new){ .run_untagged = true,
								.kind = RUNNER_PROJECT,
								.project = f.project,
								.description = STR("host") });
	return f;
}

static const char *path(struct fixture *f, const char *before, int64_t id, const char *after)
{
	return arena_strf(f->w->arena, "/api/v4/%s%lld%s", before, (long long)id, after);
}

#define P "projects/team%2Fapp/"

static const struct jsonr *parsed(struct fixture *f, const struct test_answer *a)
{
	const struct jsonr *json = NULL;
	struct err e = { 0 };

	check_ok(jsonr_parse(f->w->answers, a->body, &json, &e), &e);
	return json;
}

static const struct jsonr *got(struct fixture *f, const char *target)
{
	struct test_answer a = test_web_get(f->w, target, f->token);

	if (a.status != 200)
		fail_msg("%s: %d %.*s", target, a.status, STR_FMT(a.body));
	return parsed(f, &a);
}

static struct test_answer sent(struct fixture *f, enum http_method method, const char *target,
			       const char *json)
{
	const struct test_ask ask = { .method = method,
				      .target = target,
				      .token = f->token,
				      .body = json,
				      .body_type = "application/json" };

	return test_web_ask(f->w, &ask);
}

static struct str text(const struct jsonr *json, const char *key)
{
	return jsonr_text(jsonr_get(json, key));
}

static int64_t number(const struct jsonr *json, const char *key)
{
	int64_t value = -1;

	check_true(jsonr_integer(jsonr_get(json, key), &value));
	return value;
}

static void pipelines_have_gitlab_s_fields(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made made = test_pipeline_by(f.w->world, f.project, &f.ann, "main",
						     "a: {script: [x]}\nb: {script: [x]}\n");
	struct pipeline_made bad = test_pipeline(f.w->world, f.project, "dev", "a:\n  x: 1\n");
	const struct jsonr *list = got(&f, "/api/v4/" P "pipelines?ref=main");
	const struct jsonr *one;

	check_int(jsonr_length(list), 1);
	check_int(number(jsonr_at(list, 0), "id"), made.id.v);
	test_job_run(f.w->world, &f.runner, true);
	test_job_run(f.w->world, &f.runner, true);
	one = got(&f, path(&f, P "pipelines/", made.id.v, ""));
	check_str(text(one, "status"), "success");
	check_str(text(one, "ref"), "main");
	check_int(text(one, "sha").n, 40);
	check_str(text(jsonr_get(one, "user"), "username"), "ann");
	check_str(text(jsonr_get(one, "detailed_status"), "text"), "passed");
	check_true(number(one, "duration") >= 0);
	check_str(text(one, "web_url"),
		  arena_strf(f.w->arena, "http://hearth.test/team/app/-/pipelines/%lld",
			     (long long)made.id.v));
	one = got(&f, "/api/v4/" P "pipelines/latest?ref=dev");
	check_int(number(one, "id"), bad.id.v);
	check_true(str_starts(text(one, "yaml_errors"), STR(".gitlab-ci.yml:2:")));
	check_int(test_web_get(f.w, "/api/v4/" P "pipelines?status=nonsense", f.token).status, 400);
	check_int(test_web_get(f.w, "/api/v4/" P "pipelines/99999", f.token).status, 404);
	test_web_close(f.w);
}

static void jobs_are_listed_and_acted_on(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made made = test_pipeline_by(f.w->world, f.project, &f.ann, "main",
						     "a: {script: [x]}\n"
						     "m: {script: [x], when: manual}\n");
	struct job_claimed job = test_job_run(f.w->world, &f.runner, false);
	const struct jsonr *jobs = got(&f, path(&f, P "pipelines/", made.id.v, "/jobs"));
	const struct jsonr *one = got(&f, path(&f, P "jobs/", job.id.v, ""));
	struct test_answer a;
	int64_t manual;

	check_int(jsonr_length(jobs), 2);
	manual = number(jsonr_at(jobs, 1), "id");
	check_str(text(one, "status"), "failed");
	check_str(text(one, "failure_reason"), "script_failure");
	check_str(text(jsonr_get(one, "runner"), "description"), "host");
	check_int(number(jsonr_get(one, "pipeline"), "id"), made.id.v);
	check_true(jsonr_is_array(jsonr_get(one, "tag_list")));
	check_int(jsonr_length(got(&f, "/api/v4/" P "jobs?scope[]=failed&scope[]=running")), 1);
	a = sent(&f, HTTP_POST, path(&f, P "jobs/", job.id.v, "/retry"), "{}");
	check_int(a.status, 201);
	check_true(number(parsed(&f, &a), "id") > job.id.v);
	check_int(sent(&f, HTTP_POST, path(&f, P "jobs/", job.id.v, "/play"), "{}").status, 400);
	check_int(sent(&f, HTTP_POST, path(&f, P "jobs/", manual, "/play"),
		       "{\"job_variables_attributes\": [{\"key\": \"A B\", \"value\": \"1\"}]}")
			  .status,
		  400);
	check_int(sent(&f, HTTP_POST, path(&f, P "jobs/", manual, "/play"),
		       "{\"job_variables_attributes\": [{\"key\": \"A\", \"value\": \"1\"}]}")
			  .status,
		  200);
	check_c(test_database_text(f.w->world->database, "SELECT key FROM job_variable"), "A");
	check_int(sent(&f, HTTP_POST, path(&f, P "jobs/", manual, "/cancel"), "{}").status, 201);
	check_int(sent(&f, HTTP_POST, path(&f, P "pipelines/", made.id.v, "/cancel"), "{}").status,
		  200);
	check_int(sent(&f, HTTP_POST, path(&f, P "pipelines/", made.id.v, "/retry"), "{}").status,
		  201);
	jobs = got(&f, path(&f, P "pipelines/", made.id.v, "/jobs?include_retried=true"));
	check_int(jsonr_length(jobs), 5);
	test_web_close(f.w);
}

static void runners_are_read_and_changed(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct actor bob = domain_user(f.w->world, "bob");
	const char *runner = path(&f, "runners/", f.runner.id.v, "");
	const struct jsonr *list = got(&f, "/api/v4/" P "runners");
	const struct jsonr *one;
	struct test_answer a;

	check_int(jsonr_length(list), 1);
	check_str(text(jsonr_at(list, 0), "runner_type"), "project_type");
	check_str(text(jsonr_at(list, 0), "status"), "never_contacted");
	a = sent(&f, HTTP_PUT, runner,
		 "{\"paused\": true, \"tag_list\": [\"x\", \"y\"], \"run_untagged\": false}");
	check_int(a.status, 200);
	one = parsed(&f, &a);
	check_int(jsonr_length(jsonr_get(one, "tag_list")), 2);
	check_int(sent(&f, HTTP_PUT, runner, "{\"tag_list\": []}").status, 400);
	check_int(test_web_get(f.w, "/api/v4/runners/all", f.token).status, 403);
	check_int(test_web_get(f.w, runner, test_web_token(f.w, &bob, SCOPE_API)).status, 404);
	check_int(sent(&f, HTTP_DELETE, runner, NULL).status, 204);
	check_int(test_web_get(f.w, runner, f.token).status, 404);
	test_web_close(f.w);
}

static void runner_pages_make_one_and_show_its_token_once(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a = test_web_post(f.w, "/team/app/-/settings/runners", f.token,
					     "description=host+2&tags=linux%2Cbig&run_untagged=1");
	const char *page = arena_strf(f.w->arena, "/team/app/-/settings/runners/%lld",
				      (long long)f.runner.id.v);

	check_int(a.status, 200);
	check_true(str_find_str(a.body, STR("hearth-runner register --url")) < a.body.n);
	check_true(str_find_str(a.body, STR("glrt-")) < a.body.n);
	a = test_web_get(f.w, "/team/app/-/settings/runners", f.token);
	check_true(str_find_str(a.body, STR("host 2")) < a.body.n);
	check_true(str_find_str(a.body, STR("glrt-")) == a.body.n);
	a = test_web_post(f.w, "/team/app/-/settings/runners", f.token, "description=none");
	check_int(a.status, 422);
	check_int(test_web_post(f.w, arena_strf(f.w->arena, "%s/pause", page), f.token, "paused=1")
			  .status,
		  303);
	a = test_web_get(f.w, page, f.token);
	check_true(str_find_str(a.body, STR("Give it jobs again")) < a.body.n);
	check_int(test_web_post(f.w, page, f.token, "tags=&description=x").status, 422);
	check_int(test_web_post(f.w, arena_strf(f.w->arena, "%s/remove", page), f.token, "").status,
		  303);
	check_int(test_web_get(f.w, page, f.token).status, 404);
	test_web_close(f.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipelines_have_gitlab_s_fields),
		cmocka_unit_test(jobs_are_listed_and_acted_on),
		cmocka_unit_test(runners_are_read_and_changed),
		cmocka_unit_test(runner_pages_make_one_and_show_its_token_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
