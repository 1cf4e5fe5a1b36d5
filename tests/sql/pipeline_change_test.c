/* What people and time do to whole pipelines and to environments. */
#include "domain/pipeline_change.h"

#include "domain/deployment.h"
#include "support/check.h"
#include "support/pipeline.h"

struct town {
	struct domain *w;
	struct db *db;
	struct arena *a;
	struct actor ann, dan;
	struct project_id project;
	struct runner runner;
};

static struct town open_town(void)
{
	struct town t = { .w = domain_open() };

	t.db = t.w->db;
	t.a = t.w->a;
	t.ann = domain_user(t.w, "ann");
	t.dan = domain_user(t.w, "dan");
	t.project = domain_project(t.w, "ann/site", &t.ann, VISIBILITY_PRIVATE);
	domain_member(t.w, (struct member_place){ .project = t.project }, &t.dan, LEVEL_DEVELOPER);
	t.runner = test_runner(t.w, (struct runner_new){ .run_untagged = true });
	return t;
}

static const char *text_of(struct town *t, const char *sql)
{
	return test_database_text(t->w->database, sql);
}

static int64_t number_of(struct town *t, const char *sql)
{
	return test_database_number(t->w->database, sql);
}

static struct pipeline_made push(struct town *t, const char *branch, int digit, const char *file)
{
	struct pipeline_made made = test_pipeline_by(t->w, t->project, &t->ann, branch, file);

	test_database_exec(t->w->database,
			   arena_strf(t->a,
				      "UPDATE pipeline SET sha = repeat('%d', 40) WHERE id = %lld",
				      digit, (long long)made.id.v));
	return made;
}

static const char *status_of(struct town *t, struct pipeline_made made)
{
	return text_of(t, arena_strf(t->a, "SELECT status FROM pipeline WHERE id = %lld",
				     (long long)made.id.v));
}

static struct environment_id environment_of(struct town *t)
{
	return (struct environment_id){ number_of(t, "SELECT id FROM environment") };
}

static void a_canceled_pipeline_is_retried_as_a_whole(void **state UNUSED)
{
	struct town t = open_town();
	struct pipeline_made made = push(&t, "x", 1,
					 "a: {script: [x]}\nb: {script: [x]}\n"
					 "c: {stage: deploy, script: [x]}");
	struct job_claimed job = test_job_claim(t.w, &t.runner);
	struct err e = { 0 };
	size_t pending;

	check_ok(pipeline_cancel(t.db, &t.dan, t.project, made.id, t.a, &e), &e);
	check_c(status_of(&t, made), "canceling");
	test_job_end(t.w, &job, false);
	check_c(status_of(&t, made), "canceled");
	check_err(pipeline_cancel(t.db, &t.dan, t.project, made.id, t.a, &e), &e, ERR_CONFLICT,
		  "nothing to cancel");
	e = (struct err){ 0 };
	check_ok(pipeline_retry_whole(t.db, &t.dan, t.project, made.id, t.a, &pending, &e), &e);
	check_int(pending, 2);
	for (int i = 0; i < 3; i++)
		(void)test_job_run(t.w, &t.runner, true);
	check_c(status_of(&t, made), "success");
	check_err(pipeline_retry_whole(t.db, &t.dan, t.project, made.id, t.a, &pending, &e), &e,
		  ERR_CONFLICT, "nothing to retry");
	domain_close(t.w);
}

/* The protected branch's rule counts: main is pushed to by maintainers. */
static void who_may_not_change_the_branch_does_not_start_its_jobs(void **state UNUSED)
{
	struct town t = open_town();
	struct actor eve = domain_user(t.w, "eve");
	struct pipeline_made made = push(&t, "main", 1, "a: {script: [x], when: manual}");
	struct job_id job = { number_of(&t, "SELECT id FROM job") };
	struct err e = { 0 };
	size_t pending;

	check_err(pipeline_play_job(t.db, &t.dan, t.project, job, NULL, t.a, &pending, &e), &e,
		  ERR_FORBIDDEN, "The branch main is protected");
	check_err(pipeline_cancel(t.db, &eve, t.project, made.id, t.a, &e), &e, ERR_NOT_FOUND, "");
	check_err(pipeline_remove(t.db, &t.dan, t.project, made.id, t.a, &e), &e, ERR_FORBIDDEN,
		  "");
	e = (struct err){ 0 };
	check_ok(pipeline_play_job(t.db, &t.ann, t.project, job, NULL, t.a, &pending, &e), &e);
	check_int(pending, 1);
	check_c(text_of(&t, "SELECT u.username FROM job j JOIN user_row u ON u.id = j.user_id"),
		"ann");
	domain_close(t.w);
}

/* Its jobs may see protected variables, and whoever plays one gives it variables. */
static void nor_those_of_a_merge_request_from_it(void **state UNUSED)
{
	struct town t = open_town();
	struct pipeline_made made = push(&t, "main", 1, "a: {script: [x], when: manual}");
	struct job_id job = { number_of(&t, "SELECT id FROM job") };
	struct err e = { 0 };
	size_t pending;

	test_database_exec(t.w->database, "UPDATE pipeline SET ref = 'refs/merge-requests/1/head', "
					  "source = 'merge_request_event'");
	check_err(pipeline_play_job(t.db, &t.dan, t.project, job, NULL, t.a, &pending, &e), &e,
		  ERR_FORBIDDEN, "The branch main is protected");
	check_err(pipeline_cancel(t.db, &t.dan, t.project, made.id, t.a, &e), &e, ERR_FORBIDDEN,
		  "The branch main is protected");
	test_database_exec(t.w->database, "UPDATE pipeline SET ref_name = 'feature'");
	e = (struct err){ 0 };
	check_ok(pipeline_play_job(t.db, &t.dan, t.project, job, NULL, t.a, &pending, &e), &e);
	domain_close(t.w);
}

static void a_job_of_another_project_is_not_found(void **state UNUSED)
{
	struct town t = open_town();
	struct project_id other = domain_project(t.w, "ann/other", &t.ann, VISIBILITY_PRIVATE);
	struct err e = { 0 };
	size_t pending;

	(void)push(&t, "main", 1, "a: {script: [x], when: manual}");
	check_err(pipeline_play_job(t.db, &t.ann, other,
				    (struct job_id){ number_of(&t, "SELECT id FROM job") }, NULL,
				    t.a, &pending, &e),
		  &e, ERR_NOT_FOUND, "404 Job Not Found");
	domain_close(t.w);
}

static void a_pipeline_on_which_production_stands_is_not_deleted(void **state UNUSED)
{
	struct town t = open_town();
	struct pipeline_made first =
		push(&t, "main", 1, "d: {script: [x], environment: production}");
	struct pipeline_made second;
	struct err e = { 0 };

	(void)test_job_run(t.w, &t.runner, true);
	check_err(pipeline_remove(t.db, &t.ann, t.project, first.id, t.a, &e), &e, ERR_CONFLICT,
		  "What stands in production");
	e = (struct err){ 0 };
	second = push(&t, "main", 2, "d: {script: [x], environment: production}");
	(void)test_job_run(t.w, &t.runner, true);
	check_int(number_of(&t, "SELECT count(*) FROM pipeline_deployable"), 2);
	check_ok(pipeline_remove(t.db, &t.ann, t.project, first.id, t.a, &e), &e);
	check_c(status_of(&t, second), "success");
	check_int(number_of(&t, "SELECT count(*) FROM deployment"), 2);
	domain_close(t.w);
}

static size_t redundant(struct town *t, struct pipeline_made by)
{
	struct i64_list canceled = { 0 };
	struct err e = { 0 };

	check_ok(pipeline_cancel_redundant(t->db, by.id, t->a, &canceled, &e), &e);
	return canceled.count;
}

#define AUTO_CANCEL(how) "workflow: {auto_cancel: {on_new_commit: " how "}}\n"

static void a_new_commit_cancels_what_it_makes_redundant(void **state UNUSED)
{
	static const char plain[] = "a: {script: [x]}\nb: {stage: deploy, script: [x]}";
	static const char soft[] =
		AUTO_CANCEL("interruptible") "a: {script: [x], interruptible: true}\n"
					     "b: {stage: deploy, script: [x]}";
	static const char never[] = AUTO_CANCEL("none") "a: {script: [x]}";
	struct town t = open_town();
	struct pipeline_made waiting = push(&t, "x", 1, plain);
	struct pipeline_made elsewhere = push(&t, "y", 1, plain);
	struct pipeline_made running;
	struct pipeline_made kept;
	struct pipeline_made last;

	check_int(redundant(&t, push(&t, "x", 2, soft)), 1);
	check_c(status_of(&t, waiting), "canceled");
	check_c(status_of(&t, elsewhere), "pending");
	(void)test_job_claim(t.w, &t.runner); /* elsewhere's a: it is older */
	(void)test_job_claim(t.w, &t.runner);
	running = push(&t, "x", 3, plain);
	check_int(redundant(&t, running), 1);
	check_c(text_of(&t, "SELECT status FROM job WHERE is_interruptible"), "canceling");
	test_database_exec(t.w->database, "UPDATE job SET status = 'canceled', lease_until = NULL, "
					  "finished_at = now() WHERE status = 'canceling'");
	(void)test_job_claim(t.w, &t.runner);
	kept = push(&t, "x", 4, never);
	check_int(redundant(&t, kept), 0); /* a firm job has started in `running` */
	check_c(status_of(&t, running), "running");
	last = push(&t, "x", 5, plain);
	check_int(redundant(&t, last), 0);
	check_c(status_of(&t, kept), "pending");
	check_int(number_of(&t, "SELECT count(*) FROM outbox WHERE kind = 'pipeline'"), 6);
	domain_close(t.w);
}

static void one_failure_cancels_the_others_if_the_file_says_so(void **state UNUSED)
{
	struct town t = open_town();
	struct pipeline_made made =
		push(&t, "x", 1,
		     "workflow: {auto_cancel: {on_job_failure: all}}\n"
		     "a: {script: [x], retry: 1}\nb: {script: [x]}\nc: {script: [x]}\n");
	struct job_claimed a = test_job_claim(t.w, &t.runner);
	struct job_claimed b = test_job_claim(t.w, &t.runner);

	test_job_end(t.w, &a, false); /* is retried: no reason to give up */
	check_c(text_of(&t, "SELECT status FROM job WHERE name = 'c'"), "pending");
	test_job_end(t.w, &b, false);
	check_c(text_of(&t, "SELECT status FROM job WHERE name = 'c'"), "canceled");
	check_c(text_of(&t, "SELECT status FROM job WHERE name = 'a' AND is_latest"), "canceled");
	check_c(status_of(&t, made), "failed");
	domain_close(t.w);
}

static void a_job_that_no_runner_takes_is_given_up_after_a_day(void **state UNUSED)
{
	struct town t = open_town();
	struct pipeline_made made = push(&t, "x", 1, "a: {script: [x], tags: [nobody]}");
	struct err e = { 0 };
	size_t dropped;

	check_ok(pipeline_drop_stuck(t.db, NULL, t.a, &dropped, &e), &e);
	check_int(dropped, 0);
	test_database_exec(t.w->database, "UPDATE job SET queued_at = now() - interval '25 hours'");
	check_ok(pipeline_drop_stuck(t.db, NULL, t.a, &dropped, &e), &e);
	check_int(dropped, 1);
	check_c(status_of(&t, made), "failed");
	check_c(text_of(&t, "SELECT failure_reason FROM job"), "stuck_or_timeout_failure");
	domain_close(t.w);
}

static const char review[] =
	"d: {script: [x], environment: {name: review/x, on_stop: s, auto_stop_in: 1 day}}\n"
	"s: {script: [x], when: manual, environment: {name: review/x, action: stop}}";

static void an_environment_is_stopped_by_its_job(void **state UNUSED)
{
	struct town t = open_town();
	struct environment n;
	struct err e = { 0 };
	size_t pending;

	(void)push(&t, "x", 1, review);
	(void)test_job_run(t.w, &t.runner, true);
	check_int(number_of(&t, "SELECT count(*) FROM environment WHERE auto_stop_at > now()"), 1);
	check_ok(environment_stop(t.db, &t.dan, t.project, environment_of(&t), false, t.a, &n,
				  &pending, &e),
		 &e);
	check_int(pending, 1);
	check_int(n.state, ENVIRONMENT_STOPPING);
	check_err(environment_stop(t.db, &t.dan, t.project, environment_of(&t), false, t.a, &n,
				   &pending, &e),
		  &e, ERR_CONFLICT, "Its stop job is pending");
	e = (struct err){ 0 };
	(void)test_job_run(t.w, &t.runner, true);
	check_c(text_of(&t, "SELECT state FROM environment"), "stopped");
	check_ok(environment_remove(t.db, &t.dan, t.project, environment_of(&t), &e), &e);
	check_int(number_of(&t, "SELECT count(*) FROM deployment"), 0);
	domain_close(t.w);
}

/* Its job is one of the branch's: whoever may not change that does not start it here either. */
static void nor_is_it_stopped_by_who_may_not_change_the_branch(void **state UNUSED)
{
	struct town t = open_town();
	struct environment n;
	struct err e = { 0 };
	size_t pending;

	(void)push(&t, "main", 1, review);
	(void)test_job_run(t.w, &t.runner, true);
	test_database_exec(t.w->database,
			   "UPDATE deployment SET ref = 'refs/merge-requests/1/head'");
	check_err(environment_stop(t.db, &t.dan, t.project, environment_of(&t), false, t.a, &n,
				   &pending, &e),
		  &e, ERR_FORBIDDEN, "The branch main is protected");
	test_database_exec(t.w->database, "UPDATE deployment SET ref_name = 'feature'");
	e = (struct err){ 0 };
	check_ok(environment_stop(t.db, &t.dan, t.project, environment_of(&t), false, t.a, &n,
				  &pending, &e),
		 &e);
	check_int(pending, 1);
	domain_close(t.w);
}

static void an_environment_is_stopped_when_its_time_is_over(void **state UNUSED)
{
	struct town t = open_town();
	struct err e = { 0 };
	size_t stopped;

	(void)push(&t, "x", 1, review);
	(void)test_job_run(t.w, &t.runner, true);
	check_ok(environment_stop_due(t.db, NULL, t.a, &stopped, &e), &e);
	check_int(stopped, 0);
	test_database_exec(t.w->database, "UPDATE environment SET auto_stop_at = now()");
	check_ok(environment_stop_due(t.db, NULL, t.a, &stopped, &e), &e);
	check_int(stopped, 1);
	check_int(number_of(&t, "SELECT count(*) FROM job WHERE status = 'pending'"), 1);
	(void)test_job_run(t.w, &t.runner, false); /* a stop that failed leaves it where it was */
	check_c(text_of(&t, "SELECT state FROM environment"), "available");
	domain_close(t.w);
}

static void without_a_stop_job_it_is_stopped_at_once(void **state UNUSED)
{
	struct town t = open_town();
	struct environment_new in = { .name = STR("demo/eu"),
				      .external_url = STR("https://eu.example.org") };
	struct environment n;
	struct err e = { 0 };
	size_t pending;

	check_ok(environment_create(t.db, &t.dan, t.project, &in, t.a, &n, &e), &e);
	check_int(n.tier, ENVIRONMENT_STAGING);
	check_str(n.slug, "demo-eu-r69qs4");
	check_err(environment_create(t.db, &t.dan, t.project, &in, t.a, &n, &e), &e, ERR_CONFLICT,
		  "demo/eu already");
	check_err(environment_remove(t.db, &t.dan, t.project, n.id, &e), &e, ERR_CONFLICT,
		  "Stop it first");
	e = (struct err){ 0 };
	check_ok(environment_stop(t.db, &t.dan, t.project, n.id, false, t.a, &n, &pending, &e), &e);
	check_int(n.state, ENVIRONMENT_STOPPED);
	in.external_url = STR("javascript:alert(1)");
	in.name = STR("other");
	check_err(environment_create(t.db, &t.dan, t.project, &in, t.a, &n, &e), &e,
		  ERR_UNPROCESSABLE, "begins with https://");
	domain_close(t.w);
}

static void what_the_audit_log_does_not_take_does_not_happen(void **state UNUSED)
{
	struct town t = open_town();
	const struct environment_new in = { .name = STR("demo") };
	const struct environment_change change = { .description = STR("new"),
						   .external_url = STR_NONE };
	struct environment n;
	struct err e = { 0 };
	size_t pending;

	check_ok(environment_create(t.db, &t.dan, t.project, &in, t.a, &n, &e), &e);
	check_ok(environment_stop(t.db, &t.dan, t.project, n.id, false, t.a, &n, &pending, &e), &e);
	test_database_exec(t.w->database, "ALTER TABLE audit_event ADD CHECK (false) NOT VALID");
	check_int(environment_remove(t.db, &t.dan, t.project, n.id, &e), -ERR_INTERNAL);
	check_int(environment_update(t.db, &t.dan, t.project, n.id, &change, t.a, &n, &e),
		  -ERR_INTERNAL);
	check_int(environment_create(t.db, &t.dan, t.project,
				     &(struct environment_new){ .name = STR("other") }, t.a, &n,
				     &e),
		  -ERR_INTERNAL);
	check_c(text_of(&t, "SELECT string_agg(name || description, ',') FROM environment"),
		"demo");
	domain_close(t.w);
}

static void a_deployment_is_repeated_by_who_may_change_its_branch(void **state UNUSED)
{
	static const char file[] = "d: {script: [x], when: manual, environment: production}";
	struct town t = open_town();
	struct deployment_id first;
	struct job_id again;
	struct err e = { 0 };
	size_t pending;

	for (int i = 1; i <= 2; i++) {
		struct pipeline_made made = push(&t, "main", i, file);
		struct job_id job = { number_of(
			&t, arena_strf(t.a, "SELECT id FROM job WHERE pipeline_id = %lld",
				       (long long)made.id.v)) };

		check_ok(pipeline_play_job(t.db, &t.ann, t.project, job, NULL, t.a, &pending, &e),
			 &e);
		(void)test_job_run(t.w, &t.runner, true);
	}
	first.v = number_of(&t, "SELECT min(id) FROM deployment");
	check_err(deployment_repeat(t.db, &t.dan, t.project, first, t.a, &again, &pending, &e), &e,
		  ERR_FORBIDDEN, "protected");
	e = (struct err){ 0 };
	check_ok(deployment_repeat(t.db, &t.ann, t.project, first, t.a, &again, &pending, &e), &e);
	check_int(pending, 1);
	(void)test_job_run(t.w, &t.runner, true);
	check_c(text_of(&t, "SELECT kind || ' ' || left(sha, 1) FROM deployment ORDER BY id DESC "
			    "LIMIT 1"),
		"rollback 1");
	domain_close(t.w);
}

RUN_TESTS(TEST(a_canceled_pipeline_is_retried_as_a_whole),
	  TEST(who_may_not_change_the_branch_does_not_start_its_jobs),
	  TEST(nor_those_of_a_merge_request_from_it), TEST(a_job_of_another_project_is_not_found),
	  TEST(a_pipeline_on_which_production_stands_is_not_deleted),
	  TEST(a_new_commit_cancels_what_it_makes_redundant),
	  TEST(one_failure_cancels_the_others_if_the_file_says_so),
	  TEST(a_job_that_no_runner_takes_is_given_up_after_a_day),
	  TEST(an_environment_is_stopped_by_its_job),
	  TEST(nor_is_it_stopped_by_who_may_not_change_the_branch),
	  TEST(what_the_audit_log_does_not_take_does_not_happen),
	  TEST(an_environment_is_stopped_when_its_time_is_over),
	  TEST(without_a_stop_job_it_is_stopped_at_once),
	  TEST(a_deployment_is_repeated_by_who_may_change_its_branch))
