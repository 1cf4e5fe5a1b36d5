/* Pages of pipelines and jobs: what they show, to whom, and that their buttons act. */
#include "support/check.h"
#include "support/pipeline.h"
#include "support/web.h"

#include "domain/trace.h"

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
	f.runner = test_runner(f.w->world, (struct runner_new){ .run_untagged = true });
	return f;
}

static struct pipeline_made made(struct fixture *f, const char *text)
{
	return test_pipeline_by(f->w->world, f->project, &f->ann, "main", text);
}

/* ID in the path stands for the number. */
static const char *path_of(struct fixture *f, const char *path, int64_t id)
{
	struct str s = str_c(path);
	size_t at = str_find_str(s, STR("ID"));

	if (at == s.n)
		return path;
	return arena_strf(f->w->arena, "%.*s%lld%s", (int)at, path, (long long)id, path + at + 2);
}

static struct test_answer got(struct fixture *f, const char *path, int64_t id)
{
	return test_web_get(f->w, path_of(f, path, id), f->token);
}

static int posted(struct fixture *f, const char *path, int64_t id)
{
	return test_web_post(f->w, path_of(f, path, id), f->token, "").status;
}

static void check_says(const struct test_answer *a, const char *part)
{
	if (str_find_str(a->body, str_c(part)) == a->body.n)
		fail_msg("%d has no \"%s\": %.*s", a->status, part, STR_FMT(a->body));
}

static void check_silent(const struct test_answer *a, const char *part)
{
	if (str_find_str(a->body, str_c(part)) < a->body.n)
		fail_msg("the page has \"%s\"", part);
}

static const char *status_of_job(struct fixture *f, const char *name)
{
	return test_database_text(f->w->world->database,
				  arena_strf(f->w->arena,
					     "SELECT status FROM job WHERE name = '%s' "
					     "AND is_latest",
					     name));
}

static void write_log(struct fixture *f, const struct job_claimed *job, int64_t start,
		      const char *text)
{
	const struct trace_append in = {
		.job = job->id, .token = job->token, .start = start, .bytes = str_c(text)
	};
	struct trace_answer answer;
	struct err e = { 0 };

	check_ok(trace_append(f->w->world->db, f->w->app.data, &in, f->w->world->a, &answer, &e),
		 &e);
	check_int(answer.outcome, TRACE_TAKEN);
}

static void a_pipeline_shows_its_stages_and_a_bad_file_its_place(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made good = made(&f, "build: {stage: build, script: [x]}\n"
					     "unit: {script: [x], needs: [build]}\n");
	struct pipeline_made bad = made(&f, "a:\n  scrip: [x]\n");
	struct test_answer list = got(&f, "/team/app/-/pipelines", 0);
	struct test_answer page = got(&f, "/team/app/-/pipelines/ID", good.id.v);

	check_int(list.status, 200);
	check_says(&list, "invalid file");
	check_says(&list, "waits for a runner");
	check_int(page.status, 200);
	check_says(&page, "after build");
	check_says(&page, "/stream\"");
	page = got(&f, "/team/app/-/pipelines/ID", bad.id.v);
	check_says(&page, "The pipeline file is not valid");
	check_says(&page, ".gitlab-ci.yml:2:");
	check_int(got(&f, "/team/app/-/pipelines/ID", 9999).status, 404);
	list = got(&f, "/team/app/-/pipelines?status=failed", 0);
	check_says(&list, "invalid file");
	check_silent(&list, "class=\"badge warn\"");
	test_web_close(f.w);
}

/* ---- streams end with the right to see the page ---- */

static void forget_members(struct test_web *w)
{
	test_database_exec(w->world->database, "DELETE FROM member WHERE user_id IN (SELECT id "
					       "FROM user_row WHERE username = 'rex')");
}

static void forget_sessions(struct test_web *w)
{
	test_database_exec(w->world->database, "DELETE FROM session");
}

static void block(struct test_web *w)
{
	test_database_exec(w->world->database, "UPDATE users SET state = 'blocked' WHERE id IN "
					       "(SELECT id FROM user_row WHERE username = 'rex')");
}

static void check_stream_ends(struct fixture *f, const char *path, int64_t id,
			      const struct test_ask *who)
{
	struct test_ask ask = *who;
	struct test_answer answer;

	ask.target = path_of(f, path, id);
	answer = test_web_ask(f->w, &ask);
	check_int(answer.status, 200);
	check_says(&answer, "event: change");
	check_silent(&answer, "event: end");
}

static void a_stream_ends_when_the_right_to_see_it_does(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made it = made(&f, "a: {script: [x]}\n");
	struct actor rex = domain_user(f.w->world, "rex");
	int64_t job = test_database_number(f.w->world->database, "SELECT id FROM job");
	struct test_ask ask = { .cookie = test_web_sign_in(f.w, &rex),
				.on_first_bytes = forget_sessions };

	domain_member(f.w->world, (struct member_place){ .project = f.project }, &rex,
		      LEVEL_REPORTER);
	check_stream_ends(&f, "/team/app/-/jobs/ID/trace.stream", job, &ask);
	ask = (struct test_ask){ .token = test_web_token(f.w, &rex, SCOPE_API),
				 .on_first_bytes = forget_members };
	check_stream_ends(&f, "/team/app/-/pipelines/ID/stream", it.id.v, &ask);
	domain_member(f.w->world, (struct member_place){ .project = f.project }, &rex,
		      LEVEL_REPORTER);
	ask.on_first_bytes = block;
	check_stream_ends(&f, "/team/app/-/pipelines/ID/stream", it.id.v, &ask);
	test_web_close(f.w);
}

static void buttons_cancel_and_retry(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made it = made(&f, "a: {script: [x]}\nb: {script: [x], when: manual}\n");
	int64_t b =
		test_database_number(f.w->world->database, "SELECT id FROM job WHERE name = 'b'");
	struct job_claimed job = test_job_run(f.w->world, &f.runner, false);

	check_int(posted(&f, "/team/app/-/jobs/ID/retry", job.id.v), 303);
	check_c(status_of_job(&f, "a"), "pending");
	check_int(posted(&f, "/team/app/-/jobs/ID/retry", job.id.v), 422);
	check_int(posted(&f, "/team/app/-/jobs/ID/play", b), 303);
	check_c(status_of_job(&f, "b"), "pending");
	check_int(posted(&f, "/team/app/-/pipelines/ID/cancel", it.id.v), 303);
	check_c(status_of_job(&f, "a"), "canceled");
	check_int(posted(&f, "/team/app/-/pipelines/ID/retry", it.id.v), 303);
	check_c(status_of_job(&f, "a"), "pending");
	check_int(posted(&f, "/team/app/-/jobs/ID/cancel", b), 422);
	b = test_database_number(f.w->world->database,
				 "SELECT id FROM job WHERE name = 'b' AND is_latest");
	check_int(posted(&f, "/team/app/-/jobs/ID/cancel", b), 303);
	check_c(status_of_job(&f, "b"), "canceled");
	check_c(status_of_job(&f, "a"), "pending");
	test_web_close(f.w);
}

static void a_manual_job_is_started_with_what_its_form_says(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made it UNUSED = made(&f, "b: {script: [x], when: manual}\n");
	int64_t b = test_database_number(f.w->world->database, "SELECT id FROM job");
	const char *play = path_of(&f, "/team/app/-/jobs/ID/play", b);
	struct test_answer page = got(&f, "/team/app/-/jobs/ID", b);

	check_says(&page, "id=\"start\"");
	page = test_web_post(f.w, play, f.token, "key=BAD+NAME&value=kept+words");
	check_int(page.status, 422);
	check_says(&page, "kept words");
	check_c(status_of_job(&f, "b"), "manual");
	page = test_web_post(f.w, play, f.token, "key=VERSION&value=1.2&key=&value=");
	check_int(page.status, 303);
	check_c(status_of_job(&f, "b"), "pending");
	check_c(test_database_text(f.w->world->database,
				   "SELECT string_agg(key, ' ') FROM job_variable"),
		"VERSION");
	page = got(&f, "/team/app/-/jobs/ID", b);
	check_silent(&page, "id=\"start\"");
	check_says(&page, "Started with");
	check_says(&page, "<dd>1.2</dd>");
	test_web_close(f.w);
}

static void what_a_job_was_started_with_is_shown_without_secrets(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made it UNUSED = made(&f, "b: {script: [x], when: manual}\n");
	int64_t b = test_database_number(f.w->world->database, "SELECT id FROM job");
	struct test_answer page;
	struct actor bob;

	page = test_web_post(f.w, "/team/app/-/settings/variables", f.token,
			     "key=PASSWORD&value=hunter2hunter2&scope=*&shown=masked");
	check_int(page.status, 303);
	page = test_web_post(f.w, path_of(&f, "/team/app/-/jobs/ID/play", b), f.token,
			     "key=LOGIN&value=ann:hunter2hunter2&key=VERSION&value=1.2");
	check_int(page.status, 303);
	page = got(&f, "/team/app/-/jobs/ID", b);
	check_says(&page, "<dt class=\"mono\">LOGIN</dt><dd>[MASKED]</dd>");
	check_says(&page, "<dt class=\"mono\">VERSION</dt><dd>1.2</dd>");
	check_silent(&page, "hunter2hunter2");
	bob = domain_user(f.w->world, "bob");
	domain_member(f.w->world, (struct member_place){ .project = f.project }, &bob,
		      LEVEL_REPORTER);
	f.token = test_web_token(f.w, &bob, SCOPE_API);
	page = got(&f, "/team/app/-/jobs/ID", b);
	check_int(page.status, 200);
	check_silent(&page, "VERSION");
	test_web_close(f.w);
}

static void a_log_is_shown_and_goes_on_from_where_it_was(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made it UNUSED = made(&f, "a: {script: [x]}");
	struct job_claimed job = test_job_claim(f.w->world, &f.runner);
	struct test_answer page;

	page = got(&f, "/team/app/-/jobs/ID", job.id.v);
	check_says(&page, "Nothing was written yet");
	write_log(&f, &job, 0, "section_start:100:one\r\x1b[0KHead\n\x1b[31m<b>red\n");
	test_job_end(f.w->world, &job, false);
	page = got(&f, "/team/app/-/jobs/ID", job.id.v);
	check_says(&page, "<details class=\"fold-log\" open>");
	check_says(&page, "<i class=\"f2\">&lt;b&gt;red</i>");
	check_says(&page, "id=\"L2\"");
	check_says(&page, "A command of the script failed.");
	page = got(&f, "/team/app/-/jobs/ID/log?at=31~2~~100%3Aone", job.id.v);
	check_int(page.status, 200);
	check_says(&page, "data-depth=\"1\"");
	check_silent(&page, "Head");
	page = got(&f, "/team/app/-/jobs/ID/log?at=99999~2~", job.id.v);
	check_says(&page, "data-reset");
	test_web_close(f.w);
}

static void a_huge_log_shows_its_end_and_leads_to_the_rest(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made it UNUSED = made(&f, "a: {script: [x]}");
	struct job_claimed job = test_job_claim(f.w->world, &f.runner);
	struct test_answer page;
	struct buf log;

	buf_init(&log, 1 << 20);
	for (int i = 1; i <= 9000; i++)
		buf_addf(&log, "line %d of many\n", i);
	write_log(&f, &job, 0, arena_cstr(f.w->arena, buf_str(&log)));
	buf_fini(&log);
	test_job_end(f.w->world, &job, true);
	page = got(&f, "/team/app/-/jobs/ID", job.id.v);
	check_says(&page, "line 9000 of many");
	check_silent(&page, "line 5000 of many");
	check_says(&page, "lines 5001 to 9000 of 9000");
	check_says(&page, "?from=1001");
	page = got(&f, "/team/app/-/jobs/ID?from=1001", job.id.v);
	check_says(&page, "id=\"L1001\"");
	check_says(&page, "line 5000 of many");
	check_says(&page, "?from=5001");
	check_silent(&page, "line 9000 of many");
	test_web_close(f.w);
}

static void what_waits_says_why(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made it UNUSED = made(&f, "a: {script: [x], tags: [gpu]}");
	int64_t a = test_database_number(f.w->world->database, "SELECT max(id) FROM job");
	struct test_answer page = got(&f, "/team/app/-/jobs/ID", a);

	check_says(&page, "No runner has all of its tags: gpu.");
	page = got(&f, "/team/app/-/jobs?status=pending", 0);
	check_says(&page, ">a</a>");
	page = got(&f, "/team/app/-/jobs?status=failed", 0);
	check_says(&page, "None fits the search.");
	test_web_close(f.w);
}

static void a_reporter_sees_but_has_no_buttons(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct actor bob = domain_user(f.w->world, "bob");
	struct pipeline_made it = made(&f, "a: {script: [x]}");
	struct test_answer page;

	domain_member(f.w->world, (struct member_place){ .project = f.project }, &bob,
		      LEVEL_REPORTER);
	f.token = test_web_token(f.w, &bob, SCOPE_API);
	page = got(&f, "/team/app/-/pipelines/ID", it.id.v);
	check_int(page.status, 200);
	check_silent(&page, "/cancel\"");
	check_int(posted(&f, "/team/app/-/pipelines/ID/cancel", it.id.v), 403);
	test_web_close(f.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipeline_shows_its_stages_and_a_bad_file_its_place),
		cmocka_unit_test(a_stream_ends_when_the_right_to_see_it_does),
		cmocka_unit_test(buttons_cancel_and_retry),
		cmocka_unit_test(a_manual_job_is_started_with_what_its_form_says),
		cmocka_unit_test(what_a_job_was_started_with_is_shown_without_secrets),
		cmocka_unit_test(a_log_is_shown_and_goes_on_from_where_it_was),
		cmocka_unit_test(a_huge_log_shows_its_end_and_leads_to_the_rest),
		cmocka_unit_test(what_waits_says_why),
		cmocka_unit_test(a_reporter_sees_but_has_no_buttons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
