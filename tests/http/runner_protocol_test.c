/* GitLab's runner protocol as runners see it: statuses and headers decide what they do next. */
#include "support/pipeline.h"
#include "support/web.h"

#include "archive/crc32.h"
#include "base/jsonr.h"
#include "domain/runner.h"

struct fixture {
	struct test_web *w;
	struct actor ann;
	struct project_id project;
	struct str runner_token;
	struct str job_token;
	int64_t job;
};

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = test_web_open(NULL) };
	struct runner_new in = { .run_untagged = true };
	struct actor system = actor_system();
	struct runner_id id;
	struct err e = { 0 };

	f.ann = domain_user(f.w->world, "ann");
	f.project = domain_project(f.w->world, "team/app", &f.ann, VISIBILITY_PRIVATE);
	check_ok(runner_create(f.w->world->db, &system, &in, f.w->arena, &id, &f.runner_token, &e),
		 &e);
	return f;
}

static struct test_answer ask(struct fixture *f, enum http_method method, const char *target,
			      const char *json)
{
	struct test_ask a = {
		.method = method, .target = target, .body = json, .body_type = "application/json"
	};

	return test_web_ask(f->w, &a);
}

static const char *with_token(struct fixture *f, const char *more)
{
	return arena_strf(f->w->answers, "{\"token\":\"%.*s\",\"system_id\":\"s_0123456789ab\"%s}",
			  STR_FMT(f->runner_token), more);
}

static const struct jsonr *parse(struct fixture *f, const struct test_answer *a)
{
	const struct jsonr *json = NULL;
	struct err e = { 0 };

	check_ok(jsonr_parse(f->w->answers, a->body, &json, &e), &e);
	return json;
}

/* The pipeline of one job, claimed over HTTP. */
static void claim(struct fixture *f)
{
	struct test_answer a;
	const struct jsonr *json;

	(void)test_pipeline(f->w->world, f->project, "main", "build: { script: [make] }");
	a = ask(f, HTTP_POST, "/api/v4/jobs/request", with_token(f, ""));
	check_int(a.status, 201);
	check_str(test_answer_header(&a, "Content-Type"), "application/json");
	json = parse(f, &a);
	check_true(jsonr_integer(jsonr_get(json, "id"), &f->job));
	f->job_token = arena_str(f->w->arena, jsonr_text(jsonr_get(json, "token")));
	check_true(str_starts(f->job_token, STR("glcbt-")));
}

static struct test_answer patch(struct fixture *f, const char *range, const char *bytes)
{
	struct test_ask a = {
		.method = HTTP_PATCH,
		.target = arena_strf(f->w->answers, "/api/v4/jobs/%lld/trace?debug_trace=false",
				     (long long)f->job),
		.body = bytes,
		.body_type = "text/plain",
		.headers = { "JOB-TOKEN", arena_cstr(f->w->answers, f->job_token),
			     range ? "Content-Range" : NULL, range },
	};

	return test_web_ask(f->w, &a);
}

static struct test_answer put(struct fixture *f, const char *fields)
{
	const char *json =
		arena_strf(f->w->answers, "{\"token\":\"%.*s\",%s}", STR_FMT(f->job_token), fields);

	return ask(f, HTTP_PUT, arena_strf(f->w->answers, "/api/v4/jobs/%lld", (long long)f->job),
		   json);
}

static void verify_knows_good_tokens_and_refuses_others(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a =
		ask(&f, HTTP_POST, "/api/v4/runners/verify", with_token(&f, ",\"info\":{}"));
	int64_t id = 0;

	check_int(a.status, 200);
	check_str(test_answer_header(&a, "Content-Type"), "application/json");
	check_true(jsonr_integer(jsonr_get(parse(&f, &a), "id"), &id));
	check_true(id > 0);
	check_int(ask(&f, HTTP_POST, "/api/v4/runners/verify", "{\"token\":\"glrt-bad\"}").status,
		  403);
	check_int(ask(&f, HTTP_POST, "/api/v4/runners/verify", "{}").status, 400);
	check_int(ask(&f, HTTP_POST, "/api/v4/runners", "{\"token\":\"x\"}").status, 410);
	test_web_close(f.w);
}

static void a_runner_that_waits_for_nothing_is_answered_at_once(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a = ask(&f, HTTP_POST, "/api/v4/jobs/request", with_token(&f, ""));

	check_int(a.status, 204);
	check_true(test_answer_header(&a, "X-GitLab-Last-Update").n > 0);
	check_int(ask(&f, HTTP_POST, "/api/v4/jobs/request", "{\"token\":\"glrt-bad\"}").status,
		  403);
	test_web_close(f.w);
}

static void a_job_goes_its_way(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;

	claim(&f);
	check_int(ask(&f, HTTP_POST, "/api/v4/jobs/request", with_token(&f, "")).status, 204);
	a = patch(&f, "0-4", "hello");
	check_int(a.status, 202);
	check_str(test_answer_header(&a, "Range"), "0-5");
	check_str(test_answer_header(&a, "Job-Status"), "running");
	check_str(test_answer_header(&a, "X-GitLab-Trace-Update-Interval"), "3");
	a = put(&f, "\"state\":\"running\"");
	check_int(a.status, 200);
	check_str(test_answer_header(&a, "Job-Status"), "running");
	check_int(put(&f, "\"state\":\"success\"").status, 200);
	/* Its answer was lost: the runner says it again. */
	check_int(put(&f, "\"state\":\"success\"").status, 200);
	a = put(&f, "\"state\":\"failed\",\"failure_reason\":\"script_failure\"");
	check_int(a.status, 403);
	check_str(test_answer_header(&a, "Job-Status"), "success");
	test_web_close(f.w);
}

static void a_trace_that_does_not_fit_is_told_where_to_go_on(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;

	claim(&f);
	check_int(patch(&f, "0-4", "hello").status, 202);
	a = patch(&f, "0-4", "hello");
	check_int(a.status, 416);
	check_str(test_answer_header(&a, "Range"), "0-5");
	check_int(patch(&f, "9-10", "xx").status, 416);
	check_int(patch(&f, NULL, "x").status, 400);
	check_int(patch(&f, "x-y", "x").status, 400);
	check_int(patch(&f, "-5", "x").status, 400);
	check_int(patch(&f, "99999999999999999999-5", "x").status, 400);
	test_web_close(f.w);
}

static void a_wrong_checksum_asks_for_the_whole_trace_again(void **state UNUSED)
{
	static const char *const good =
		"\"state\":\"success\",\"output\":{\"checksum\":\"crc32:%08x\","
		"\"bytesize\":5}";
	struct fixture f = open_fixture();
	char fields[200];

	claim(&f);
	check_int(patch(&f, "0-4", "hxllo").status, 202);
	snprintf(fields, sizeof(fields), good, crc32_add(0, STR("hello")));
	check_int(put(&f, fields).status, 412);
	check_int(patch(&f, "0-4", "hello").status, 202);
	check_int(
		put(&f, "\"state\":\"success\",\"output\":{\"checksum\":\"md5:1\",\"bytesize\":5}")
			.status,
		400);
	check_int(put(&f, fields).status, 200);
	test_web_close(f.w);
}

static void strangers_words_change_nothing(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;

	claim(&f);
	f.job_token = STR("glcbt-stale");
	a = put(&f, "\"state\":\"success\"");
	check_int(a.status, 403);
	check_str(test_answer_header(&a, "Job-Status"), "");
	check_int(patch(&f, "0-4", "hello").status, 403);
	f.job += 1000;
	check_int(put(&f, "\"state\":\"running\"").status, 403);
	check_int(put(&f, "\"state\":\"exploded\"").status, 400);
	test_web_close(f.w);
}

static void a_canceled_job_is_told_to_its_runner(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;
	struct err e = { 0 };
	size_t pending;

	claim(&f);
	check_ok(job_cancel(f.w->world->db, (struct job_id){ f.job }, f.w->arena, &pending, &e),
		 &e);
	a = patch(&f, "0-4", "hello");
	check_int(a.status, 202);
	check_str(test_answer_header(&a, "Job-Status"), "canceling");
	a = put(&f, "\"state\":\"failed\",\"failure_reason\":\"job_canceled\"");
	check_int(a.status, 200);
	check_str(test_answer_header(&a, "Job-Status"), "canceled");
	check_int(patch(&f, "5-9", "later").status, 403);
	test_web_close(f.w);
}

static void the_log_is_read_by_members_and_as_text(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct actor bob = domain_user(f.w->world, "bob");
	const char *token = test_web_token(f.w, &f.ann, SCOPE_READ_API);
	struct test_answer a;
	const char *target;

	claim(&f);
	check_int(patch(&f, "0-10", "<b>hello</b>").status, 202);
	check_int(put(&f, "\"state\":\"success\"").status, 200);
	target = arena_strf(f.w->arena, "/api/v4/projects/%lld/jobs/%lld/trace",
			    (long long)f.project.v, (long long)f.job);
	a = test_web_get(f.w, target, token);
	check_int(a.status, 200);
	check_str(test_answer_header(&a, "Content-Type"), "text/plain; charset=utf-8");
	check_str(test_answer_header(&a, "X-Content-Type-Options"), "nosniff");
	check_int(test_web_get(f.w, target, test_web_token(f.w, &bob, SCOPE_API)).status, 404);
	check_int(test_web_get(f.w, target, NULL).status, 401);
	target = arena_strf(
		f.w->arena, "/api/v4/projects/%lld/jobs/%lld/trace",
		(long long)domain_project(f.w->world, "team/other", &f.ann, VISIBILITY_PRIVATE).v,
		(long long)f.job);
	check_int(test_web_get(f.w, target, token).status, 404);
	test_web_close(f.w);
}

static void runners_are_made_where_one_may(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_ask a = {
		.method = HTTP_POST,
		.target = "/api/v4/user/runners",
		.token = test_web_token(f.w, &f.ann, SCOPE_CREATE_RUNNER),
		.body_type = "application/json",
	};
	struct test_answer answer;

	a.body = arena_strf(f.w->arena,
			    "{\"runner_type\":\"project_type\",\"project_id\":%lld,"
			    "\"tag_list\":\"a, b\",\"run_untagged\":false}",
			    (long long)f.project.v);
	answer = test_web_ask(f.w, &a);
	check_int(answer.status, 201);
	check_true(str_starts(jsonr_text(jsonr_get(parse(&f, &answer), "token")), STR("glrt-")));
	a.body = "{\"runner_type\":\"instance_type\"}";
	check_int(test_web_ask(f.w, &a).status, 403);
	a.body = "{\"runner_type\":\"project_type\",\"project_id\":999999}";
	check_int(test_web_ask(f.w, &a).status, 404);
	a.body = "{}";
	check_int(test_web_ask(f.w, &a).status, 400);
	a.body = "{\"runner_type\":\"cosmic_type\"}";
	check_int(test_web_ask(f.w, &a).status, 400);
	test_web_close(f.w);
}

static struct runner_id made_in(struct fixture *f, struct project_id project,
				struct namespace_id namespace)
{
	struct runner_new in = { .kind = project.v ? RUNNER_PROJECT : RUNNER_GROUP,
				 .project = project,
				 .namespace = namespace,
				 .run_untagged = true };
	struct actor system = actor_system();
	struct runner_id id;
	struct str token;
	struct err e = { 0 };

	check_ok(runner_create(f->w->world->db, &system, &in, f->w->arena, &id, &token, &e), &e);
	return id;
}

static int64_t listed(struct fixture *f, const struct actor *actor, const char *query)
{
	struct test_answer a =
		test_web_get(f->w, arena_strf(f->w->arena, "/api/v4/runners%s", query),
			     test_web_token(f->w, actor, SCOPE_API));

	check_int(a.status, 200);
	return (int64_t)jsonr_length(parse(f, &a));
}

static void who_keeps_runners_lists_them_and_nobody_elses(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct actor bob = domain_user(f.w->world, "bob");
	struct actor dan = domain_user(f.w->world, "dan");
	struct project_id bobs = domain_project(f.w->world, "shop/site", &bob, VISIBILITY_PUBLIC);

	(void)made_in(&f, f.project, (struct namespace_id){ 0 });
	(void)made_in(&f, bobs, (struct namespace_id){ 0 });
	(void)made_in(&f, (struct project_id){ 0 }, domain_namespace(f.w->world, "shop"));
	domain_member(f.w->world, (struct member_place){ .project = bobs }, &dan, LEVEL_DEVELOPER);
	check_int(listed(&f, &f.ann, ""), 1);
	check_int(listed(&f, &bob, ""), 2);
	check_int(listed(&f, &bob, "?type=group_type"), 1);
	check_int(listed(&f, &dan, ""), 0);
	check_int(test_web_get(f.w, "/api/v4/runners", NULL).status, 401);
	test_web_close(f.w);
}

static void a_token_is_exchanged_for_a_new_one(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct actor boss = domain_admin(f.w->world, "boss");
	struct test_ask by_person = { .method = HTTP_POST,
				      .target = "/api/v4/runners/1/reset_authentication_token",
				      .token = test_web_token(f.w, &f.ann, SCOPE_API) };
	const char *old = arena_strf(f.w->arena, "%s", with_token(&f, ""));
	struct test_answer a =
		ask(&f, HTTP_POST, "/api/v4/runners/reset_authentication_token", old);

	check_int(a.status, 201);
	f.runner_token = arena_str(f.w->arena, jsonr_text(jsonr_get(parse(&f, &a), "token")));
	check_int(ask(&f, HTTP_POST, "/api/v4/runners/verify", old).status, 403);
	check_int(ask(&f, HTTP_POST, "/api/v4/runners/verify", with_token(&f, "")).status, 200);
	check_true(test_web_ask(f.w, &by_person).status >= 403);
	by_person.token = test_web_token(f.w, &boss, SCOPE_API);
	check_int(test_web_ask(f.w, &by_person).status, 201);
	check_int(ask(&f, HTTP_POST, "/api/v4/runners/verify", with_token(&f, "")).status, 403);
	test_web_close(f.w);
}

static void a_runner_leaves_when_it_says_so(void **state UNUSED)
{
	struct fixture f = open_fixture();

	check_int(ask(&f, HTTP_POST, "/api/v4/jobs/request", with_token(&f, "")).status, 204);
	check_int(ask(&f, HTTP_DELETE, "/api/v4/runners/managers", with_token(&f, "")).status, 204);
	check_int(ask(&f, HTTP_POST, "/api/v4/runners/verify", with_token(&f, "")).status, 200);
	check_int(ask(&f, HTTP_DELETE, "/api/v4/runners", with_token(&f, "")).status, 204);
	check_int(ask(&f, HTTP_POST, "/api/v4/runners/verify", with_token(&f, "")).status, 403);
	test_web_close(f.w);
}

RUN_TESTS(TEST(verify_knows_good_tokens_and_refuses_others),
	  TEST(a_runner_that_waits_for_nothing_is_answered_at_once), TEST(a_job_goes_its_way),
	  TEST(a_trace_that_does_not_fit_is_told_where_to_go_on),
	  TEST(a_wrong_checksum_asks_for_the_whole_trace_again),
	  TEST(strangers_words_change_nothing), TEST(a_canceled_job_is_told_to_its_runner),
	  TEST(the_log_is_read_by_members_and_as_text), TEST(runners_are_made_where_one_may),
	  TEST(who_keeps_runners_lists_them_and_nobody_elses),
	  TEST(a_token_is_exchanged_for_a_new_one), TEST(a_runner_leaves_when_it_says_so))
