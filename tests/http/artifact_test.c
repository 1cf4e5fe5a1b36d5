/* Artifacts through the doors of the API: the runner's by job token, people's by their rights. */
#include "support/pipeline.h"
#include "support/web.h"

#define BOUNDARY "----x"
#define TYPE "multipart/form-data; boundary=" BOUNDARY

static const char file[] = "stages: [build, test]\n"
			   "build: {stage: build, script: [make], artifacts: {paths: [out]}}\n"
			   "test: {script: [make check]}\n";

struct fixture {
	struct test_web *w;
	struct actor ann;
	struct project_id project;
	struct runner runner;
	struct job_claimed build;
};

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = test_web_open(NULL) };

	f.ann = domain_user(f.w->world, "ann");
	f.project = domain_project(f.w->world, "team/app", &f.ann, VISIBILITY_PRIVATE);
	f.runner = test_runner(f.w->world, (struct runner_new){ .run_untagged = true });
	test_pipeline(f.w->world, f.project, "main", file);
	f.build = test_job_claim(f.w->world, &f.runner);
	return f;
}

static const char *part(struct fixture *f, const char *name, const char *bytes)
{
	return arena_strf(f->w->arena,
			  "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"; "
			  "filename=\"out.zip\"\r\n\r\n%s\r\n--" BOUNDARY "--\r\n",
			  name, bytes);
}

static struct test_answer upload(struct fixture *f, const char *token, const char *query,
				 const char *body)
{
	const struct test_ask ask = {
		.method = HTTP_POST,
		.target = arena_strf(f->w->arena, "/api/v4/jobs/%lld/artifacts%s",
				     (long long)f->build.id.v, query),
		.headers = { "JOB-TOKEN", token },
		.body = body,
		.body_type = TYPE,
	};

	return test_web_ask(f->w, &ask);
}

static struct test_answer download(struct fixture *f, const char *token)
{
	const struct test_ask ask = {
		.target = arena_strf(f->w->arena, "/api/v4/jobs/%lld/artifacts",
				     (long long)f->build.id.v),
		.headers = { "JOB-TOKEN", token },
	};

	return test_web_ask(f->w, &ask);
}

static const char *token_of(struct fixture *f, const struct job_claimed *job)
{
	return arena_cstr(f->w->arena, job->token);
}

static void a_runner_sends_artifacts_and_another_job_gets_them(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;
	struct job_claimed test;

	a = upload(&f, token_of(&f, &f.build), "?artifact_type=archive&artifact_format=zip",
		   part(&f, "file", "bytes"));
	check_int(a.status, 201);
	check_int(upload(&f, token_of(&f, &f.build), "", part(&f, "file", "bytes")).status, 201);
	check_int(upload(&f, token_of(&f, &f.build), "", part(&f, "file", "others")).status, 400);
	test_job_end(f.w->world, &f.build, true);
	test = test_job_claim(f.w->world, &f.runner);
	a = download(&f, token_of(&f, &test));
	check_int(a.status, 200);
	check_int(a.response->kind, HTTP_FILE);
	check_int(a.response->size, 5);
	check_true(str_starts(test_answer_header(&a, "Content-Disposition"), STR("attachment")));
	test_web_close(f.w);
}

static void what_is_no_upload_of_this_job_is_refused(void **state UNUSED)
{
	struct fixture f = open_fixture();
	const char *token = token_of(&f, &f.build);

	check_int(upload(&f, "glcbt-nobodys", "", part(&f, "file", "x")).status, 403);
	check_int(upload(&f, "", "", part(&f, "file", "x")).status, 403);
	check_int(upload(&f, token, "?artifact_type=virus", part(&f, "file", "x")).status, 400);
	check_int(upload(&f, token, "?expire_in=soon", part(&f, "file", "x")).status, 400);
	check_int(upload(&f, token, "", part(&f, "other", "x")).status, 400);
	check_int(upload(&f, token, "", "--" BOUNDARY "\r\nhalf").status, 400);
	f.w->config.max_artifact_bytes = 3;
	check_int(upload(&f, token, "", part(&f, "file", "1234")).status, 413);
	check_int(download(&f, token).status, 404);
	check_int(test_database_number(f.w->world->database, "SELECT count(*) FROM blob"), 0);
	test_job_end(f.w->world, &f.build, true);
	check_int(upload(&f, token, "", part(&f, "file", "1")).status, 403);
	check_int(download(&f, token).status, 403);
	test_web_close(f.w);
}

RUN_TESTS(TEST(a_runner_sends_artifacts_and_another_job_gets_them),
	  TEST(what_is_no_upload_of_this_job_is_refused))
