/* Pipelines from plans, and jobs through every door: claim, lease, report, retry, cancel, lapse. */
#include "support/check.h"
#include "support/domain.h"

#include "base/buf.h"
#include "ci/plan.h"
#include "domain/job.h"

#include <pthread.h>

struct queue {
	struct domain *w;
	struct db *db;
	struct arena *a;
	struct actor ann;
	struct project_id project;
	struct runner runner;
};

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

static struct runner add_runner(struct queue *q, struct runner_new in)
{
	struct actor actor = actor_system();
	struct runner runner = { 0 };
	struct runner_id id;
	struct err e = { 0 };
	struct str token;
	bool found;

	check_ok(runner_create(q->db, &actor, &in, q->a, &id, &token, &e), &e);
	check_ok(runner_find(q->db, token, q->a, &runner, &found, &e), &e);
	check_true(found);
	return runner;
}

static struct queue *open_queue(void)
{
	struct queue *q = test_malloc(sizeof(*q));

	*q = (struct queue){ .w = domain_open() };
	q->db = q->w->db;
	q->a = q->w->a;
	q->ann = domain_user(q->w, "ann");
	q->project = domain_project(q->w, "ann/site", &q->ann, VISIBILITY_PRIVATE);
	q->runner = add_runner(q, (struct runner_new){ .run_untagged = true });
	return q;
}

static void close_queue(struct queue *q)
{
	domain_close(q->w);
	test_free(q);
}

static struct pipeline_made pipeline_of(struct queue *q, struct project_id project,
					const char *text)
{
	static const struct ci_source nowhere = { NULL, no_file, no_paths, no_changes };
	struct ci_context context = { .repository = &nowhere, .ref_name = STR("main") };
	struct pipeline_new in = { .project = project,
				   .ref = STR("refs/heads/main"),
				   .ref_name = STR("main"),
				   .sha = STR("0123456789012345678901234567890123456789") };
	struct pipeline_made made;
	struct ci_plan plan;
	struct err e = { 0 };

	check_ok(ci_plan(q->a, STR("f"), str_c(text), &context, &plan, &e), &e);
	check_ok(pipeline_create(q->db, &in, &plan, q->a, &made, &e), &e);
	return made;
}

static struct job_claimed claimed(struct queue *q, const struct runner *runner)
{
	struct job_claimed job = { 0 };
	struct err e = { 0 };
	bool found;

	check_ok(job_claim(q->db, runner, 0, q->a, &job, &found, &e), &e);
	return found ? job : (struct job_claimed){ .name = STR("") };
}

static enum job_standing ended(struct queue *q, const struct job_claimed *job,
			       struct job_report report)
{
	struct job_held held;
	struct err e = { 0 };
	size_t pending;

	check_ok(job_finish(q->db, job->id, job->token, &report, q->a, &held, &pending, &e), &e);
	return held.standing;
}

static enum job_standing succeeded(struct queue *q, const struct job_claimed *job)
{
	return ended(q, job, (struct job_report){ .is_success = true });
}

static enum job_standing failed(struct queue *q, const struct job_claimed *job)
{
	return ended(q, job,
		     (struct job_report){ .failure_reason = STR("script_failure"),
					  .has_exit_code = true,
					  .exit_code = 3 });
}

static const char *pipeline_status(struct queue *q, struct pipeline_made made)
{
	return test_database_text(q->w->database,
				  arena_strf(q->a, "SELECT status FROM pipeline WHERE id = %lld",
					     (long long)made.id.v));
}

static const char *job_status(struct queue *q, const char *name)
{
	return test_database_text(q->w->database,
				  arena_strf(q->a,
					     "SELECT status FROM job WHERE name = '%s' "
					     "AND is_latest",
					     name));
}

static const char three[] = "stages: [build, test, deploy]\n"
			    "build: {stage: build, script: [make]}\n"
			    "test: {script: [make check]}\n"
			    "deploy: {stage: deploy, script: [./deploy], when: manual, "
			    "allow_failure: false}\n";

static void a_pipeline_runs_stage_by_stage(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct pipeline_made made = pipeline_of(q, q->project, three);
	struct job_claimed job;
	struct err e = { 0 };
	size_t pending;

	check_int(made.iid, 1);
	check_c(pipeline_status(q, made), "pending");
	job = claimed(q, &q->runner);
	check_str(job.name, "build");
	check_true(str_starts(job.token, STR("glcbt-")));
	check_true(str_find_str(job.options, STR("\"script\":[\"make\"]")) < job.options.n);
	check_c(pipeline_status(q, made), "running");
	check_str(claimed(q, &q->runner).name, "");
	check_int(succeeded(q, &job), JOB_HELD);
	job = claimed(q, &q->runner);
	check_str(job.name, "test");
	check_int(succeeded(q, &job), JOB_HELD);
	check_c(job_status(q, "deploy"), "manual");
	check_c(pipeline_status(q, made), "manual");
	check_ok(job_play(q->db,
			  (struct job_id){ test_database_number(
				  q->w->database, "SELECT id FROM job WHERE name = 'deploy'") },
			  (struct user_id){ 0 }, NULL, q->a, &pending, &e),
		 &e);
	check_int(pending, 1);
	job = claimed(q, &q->runner);
	check_int(succeeded(q, &job), JOB_HELD);
	check_c(pipeline_status(q, made), "success");
	check_int(pipeline_of(q, q->project, three).iid, 2);
	close_queue(q);
}

static void a_report_counts_once_and_only_with_the_claims_token(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct pipeline_made made = pipeline_of(q, q->project, "a: {script: [x]}");
	struct job_claimed job = claimed(q, &q->runner);
	struct job_claimed stranger = job;
	struct job_held held;
	struct err e = { 0 };

	stranger.token = STR("glcbt-somebody-else");
	check_int(succeeded(q, &stranger), JOB_UNKNOWN);
	check_ok(job_heartbeat(q->db, job.id, job.token, q->a, &held, &e), &e);
	check_int(held.standing, JOB_HELD);
	check_int(failed(q, &job), JOB_HELD);
	check_int(failed(q, &job), JOB_HELD);
	check_int(succeeded(q, &job), JOB_STALE);
	check_ok(job_heartbeat(q->db, job.id, job.token, q->a, &held, &e), &e);
	check_int(held.standing, JOB_STALE);
	check_int(held.status, CI_STATUS_FAILED);
	check_c(pipeline_status(q, made), "failed");
	close_queue(q);
}

static void a_failed_job_is_retried_as_its_rule_says(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct pipeline_made made = pipeline_of(q, q->project,
						"a: {script: [x], retry: {max: 1, when: "
						"[runner_system_failure], exit_codes: [3]}}\n"
						"b: {script: [x], stage: deploy}\n");
	struct job_claimed job = claimed(q, &q->runner);
	struct job_claimed again;
	struct job_id by_hand;
	struct err e = { 0 };
	size_t pending;

	check_int(failed(q, &job), JOB_HELD);
	again = claimed(q, &q->runner);
	check_str(again.name, "a");
	check_true(again.id.v != job.id.v);
	check_c(pipeline_status(q, made), "running");
	check_int(failed(q, &again), JOB_HELD);
	check_c(pipeline_status(q, made), "failed");
	check_c(job_status(q, "b"), "skipped");
	check_ok(job_retry(q->db, again.id, (struct user_id){ 0 }, q->a, &by_hand, &pending, &e),
		 &e);
	check_err(job_retry(q->db, again.id, (struct user_id){ 0 }, q->a, &by_hand, &pending, &e),
		  &e, ERR_CONFLICT, "retried already");
	check_c(job_status(q, "b"), "created");
	job = claimed(q, &q->runner);
	check_int(succeeded(q, &job), JOB_HELD);
	job = claimed(q, &q->runner);
	check_str(job.name, "b");
	check_int(succeeded(q, &job), JOB_HELD);
	check_c(pipeline_status(q, made), "success");
	close_queue(q);
}

static void a_runner_gets_only_what_it_may_run(void **state UNUSED)
{
	struct str linux_tag[] = { STR("linux"), STR("fast") };
	struct queue *q = open_queue();
	struct project_id other = domain_project(q->w, "ann/other", &q->ann, VISIBILITY_PRIVATE);
	struct runner tagged = add_runner(q, (struct runner_new){ .tags = { linux_tag, 2 } });
	struct runner own = add_runner(q, (struct runner_new){ .kind = RUNNER_PROJECT,
							       .project = other,
							       .run_untagged = true });
	struct runner careful =
		add_runner(q, (struct runner_new){ .run_untagged = true, .is_protected = true });
	struct runner paused =
		add_runner(q, (struct runner_new){ .run_untagged = true, .is_paused = true });

	(void)pipeline_of(q, q->project, "a: {script: [x], tags: [linux]}\nb: {script: [x]}");
	check_str(claimed(q, &own).name, "");
	check_str(claimed(q, &careful).name, "");
	check_str(claimed(q, &paused).name, "");
	check_str(claimed(q, &tagged).name, "a");
	check_str(claimed(q, &tagged).name, "");
	check_str(claimed(q, &q->runner).name, "b");
	close_queue(q);
}

static void projects_share_a_runner_fairly(void **state UNUSED)
{
	static const char many[] = "a: {script: [x]}\nb: {script: [x]}\nc: {script: [x]}\n";
	struct queue *q = open_queue();
	struct project_id other = domain_project(q->w, "ann/other", &q->ann, VISIBILITY_PRIVATE);

	(void)pipeline_of(q, q->project, many);
	(void)pipeline_of(q, other, many);
	check_true(claimed(q, &q->runner).project.v == q->project.v);
	check_true(claimed(q, &q->runner).project.v == other.v);
	check_true(claimed(q, &q->runner).project.v == q->project.v);
	check_true(claimed(q, &q->runner).project.v == other.v);
	close_queue(q);
}

static void lapse_everything(struct queue *q, size_t expected)
{
	struct err e = { 0 };
	size_t lapsed;

	test_database_exec(q->w->database,
			   "UPDATE job SET lease_until = now() - interval '16 seconds' "
			   "WHERE lease_until IS NOT NULL");
	check_ok(job_lapse(q->db, NULL, q->a, &lapsed, &e), &e);
	check_int(lapsed, expected);
}

static void a_lost_runner_ends_its_job_or_gives_it_back(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct pipeline_made made = pipeline_of(q, q->project, "a: {script: [x]}");
	struct job_claimed silent = claimed(q, &q->runner);
	struct job_claimed job;
	struct job_held held;
	struct err e = { 0 };
	size_t lapsed;

	check_ok(job_lapse(q->db, NULL, q->a, &lapsed, &e), &e);
	check_int(lapsed, 0);
	lapse_everything(q, 1);
	check_c(job_status(q, "a"), "pending");
	check_int(succeeded(q, &silent), JOB_UNKNOWN);
	job = claimed(q, &q->runner);
	check_ok(job_heartbeat(q->db, job.id, job.token, q->a, &held, &e), &e);
	lapse_everything(q, 1);
	check_c(job_status(q, "a"), "failed");
	check_int(succeeded(q, &job), JOB_STALE);
	check_c(pipeline_status(q, made), "failed");
	close_queue(q);
}

static void an_outage_of_the_forge_itself_ends_no_job(void **state UNUSED)
{
	static const char *const ages[] = { "1 hour", "16 seconds", "14 seconds", "-5 seconds" };
	struct queue *q = open_queue();
	struct err e = { 0 };
	int64_t renewed;

	(void)pipeline_of(q, q->project, "a: {script: [x]}\nb: {script: [x]}");
	(void)claimed(q, &q->runner);
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		test_database_exec(q->w->database,
				   arena_strf(q->a,
					      "UPDATE job SET lease_until = now() - interval '%s' "
					      "WHERE lease_until IS NOT NULL",
					      ages[i]));
		check_ok(job_renew_after_outage(q->db, &renewed, &e), &e);
		/* b is nobody's yet. */
		check_int(renewed, 1);
		check_int(test_database_number(q->w->database,
					       "SELECT count(*) FROM job WHERE lease_until > now() "
					       "+ interval '50 seconds'"),
			  1);
	}
	lapse_everything(q, 1);
	check_ok(job_renew_after_outage(q->db, &renewed, &e), &e);
	check_int(renewed, 0);
	close_queue(q);
}

static void a_lost_deployment_fails_and_is_never_repeated(void **state UNUSED)
{
	struct queue *q = open_queue();

	(void)pipeline_of(q, q->project, "a: {script: [x], retry: 2, environment: production}");
	(void)claimed(q, &q->runner);
	lapse_everything(q, 1);
	check_c(job_status(q, "a"), "failed");
	check_int(test_database_number(q->w->database, "SELECT count(*) FROM job"), 1);
	close_queue(q);
}

static void a_cancelled_job_ends_when_its_runner_has_ended_it(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct pipeline_made made =
		pipeline_of(q, q->project, "a: {script: [x]}\nb: {script: [x]}");
	struct job_claimed job = claimed(q, &q->runner);
	struct job_held held;
	struct err e = { 0 };
	size_t pending;

	check_ok(job_cancel(q->db, job.id, q->a, &pending, &e), &e);
	check_c(job_status(q, "a"), "canceling");
	check_err(job_cancel(q->db, job.id, q->a, &pending, &e), &e, ERR_CONFLICT,
		  "nothing to cancel");
	check_ok(job_heartbeat(q->db, job.id, job.token, q->a, &held, &e), &e);
	check_int(held.status, CI_STATUS_CANCELING);
	check_int(failed(q, &job), JOB_HELD);
	check_c(job_status(q, "a"), "canceled");
	check_ok(job_cancel(q->db,
			    (struct job_id){ test_database_number(
				    q->w->database, "SELECT id FROM job WHERE name = 'b'") },
			    q->a, &pending, &e),
		 &e);
	check_c(pipeline_status(q, made), "canceled");
	check_str(claimed(q, &q->runner).name, "");
	close_queue(q);
}

static void a_delayed_job_waits_for_its_time(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct err e = { 0 };
	size_t started;

	(void)pipeline_of(q, q->project, "a: {script: [x], when: delayed, start_in: 1 hour}");
	check_c(job_status(q, "a"), "scheduled");
	check_ok(job_start_due(q->db, NULL, q->a, &started, &e), &e);
	check_int(started, 0);
	test_database_exec(q->w->database, "UPDATE job SET scheduled_at = now()");
	check_ok(job_start_due(q->db, NULL, q->a, &started, &e), &e);
	check_int(started, 1);
	check_str(claimed(q, &q->runner).name, "a");
	close_queue(q);
}

static void a_bad_file_makes_a_failed_pipeline_that_says_where(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct pipeline_made made = pipeline_of(q, q->project, "a: {scrpt: [x]}");

	check_int(made.status, CI_STATUS_FAILED);
	check_c(pipeline_status(q, made), "failed");
	check_int(test_database_number(q->w->database, "SELECT config_line FROM pipeline"), 1);
	check_true(strstr(test_database_text(q->w->database, "SELECT config_error FROM pipeline"),
			  "unknown keys: scrpt") != NULL);
	close_queue(q);
}

#define CLAIMERS 6
#define JOBS 60

struct claimer {
	struct queue *q;
	pthread_t thread;
	int got;
	int failed;
};

/* Claims until there is nothing, on a connection of its own; every job ends at once. */
static void *claim_all(void *closure)
{
	struct claimer *c = closure;
	struct arena *a = arena_open(0);
	AUTO_DB db = NULL;
	struct err e = { 0 };
	bool found = db_acquire(c->q->w->database->pool, &db, &e) == 0;

	while (found) {
		struct job_report report = { .is_success = true };
		struct job_claimed job;
		struct job_held held;
		size_t pending;

		if (job_claim(db, &c->q->runner, 0, a, &job, &found, &e) < 0) {
			c->failed++;
			break;
		}
		if (!found)
			break;
		c->got++;
		if (job_finish(db, job.id, job.token, &report, a, &held, &pending, &e) < 0 ||
		    held.standing != JOB_HELD)
			c->failed++;
	}
	arena_close(a);
	return NULL;
}

static void many_claimers_get_every_job_once(void **state UNUSED)
{
	struct claimer claimers[CLAIMERS] = { 0 };
	struct queue *q = open_queue();
	struct buf text;
	int got = 0;

	buf_init(&text, 100000);
	for (int i = 0; i < JOBS; i++)
		buf_addf(&text, "job%d: {script: [x]}\n", i);
	(void)pipeline_of(q, q->project, text.p);
	(void)pipeline_of(q, domain_project(q->w, "ann/other", &q->ann, VISIBILITY_PRIVATE),
			  text.p);
	for (size_t i = 0; i < CLAIMERS; i++) {
		claimers[i].q = q;
		check_int(pthread_create(&claimers[i].thread, NULL, claim_all, &claimers[i]), 0);
	}
	for (size_t i = 0; i < CLAIMERS; i++) {
		check_int(pthread_join(claimers[i].thread, NULL), 0);
		check_int(claimers[i].failed, 0);
		got += claimers[i].got;
	}
	check_int(got, 2 * JOBS);
	check_int(test_database_number(q->w->database,
				       "SELECT count(*) FROM job WHERE status = 'success'"),
		  2 * JOBS);
	check_int(test_database_number(q->w->database,
				       "SELECT count(*) FROM pipeline WHERE status = 'success'"),
		  2);
	buf_fini(&text);
	close_queue(q);
}

struct holding {
	struct queue *q;
	struct pipeline_id id;
	struct job_claimed meanwhile;
};

/* On another connection than the claim. */
static int hold_and_claim(struct db *db, void *closure, struct err *e)
{
	struct holding *h = closure;
	enum ci_status status;
	bool found;

	check_ok(pipeline_lock(db, h->id, h->q->a, &found, &status, e), e);
	h->meanwhile = claimed(h->q, &h->q->runner);
	return 0;
}

static struct job_claimed claimed_while_held(struct queue *q, struct pipeline_made made)
{
	struct holding h = { .q = q, .id = made.id };
	AUTO_DB db = NULL;
	struct err e = { 0 };

	check_ok(db_acquire(q->w->database->pool, &db, &e), &e);
	check_ok(db_transaction(db, hold_and_claim, &h, &e), &e);
	return h.meanwhile;
}

static void a_claim_passes_by_a_pipeline_that_somebody_holds(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct project_id other = domain_project(q->w, "ann/other", &q->ann, VISIBILITY_PRIVATE);
	struct pipeline_made held;

	held = pipeline_of(q, q->project, "a: {script: [x]}\nb: {script: [x]}");
	(void)pipeline_of(q, other, "c: {script: [x]}");
	check_str(claimed_while_held(q, held).name, "c");
	check_str(claimed(q, &q->runner).name, "a");
	check_str(claimed(q, &q->runner).name, "b");
	close_queue(q);
}

static void other_peoples_tags_do_not_stand_before_a_runners_jobs(void **state UNUSED)
{
	struct str linux_tag[] = { STR("linux") };
	struct queue *q = open_queue();
	struct runner tagged = add_runner(q, (struct runner_new){ .tags = { linux_tag, 1 } });
	struct buf text;

	buf_init(&text, 100000);
	for (int i = 0; i < JOBS; i++)
		buf_addf(&text, "job%d: {script: [x], tags: [mac, slot%d]}\n", i, i % 3);
	buf_addf(&text, "last: {script: [x], tags: [linux]}\n");
	(void)pipeline_of(q, q->project, text.p);
	check_str(claimed(q, &tagged).name, "last");
	buf_fini(&text);
	close_queue(q);
}

RUN_TESTS(TEST(a_pipeline_runs_stage_by_stage),
	  TEST(a_report_counts_once_and_only_with_the_claims_token),
	  TEST(a_failed_job_is_retried_as_its_rule_says), TEST(a_runner_gets_only_what_it_may_run),
	  TEST(projects_share_a_runner_fairly), TEST(a_lost_runner_ends_its_job_or_gives_it_back),
	  TEST(an_outage_of_the_forge_itself_ends_no_job),
	  TEST(a_lost_deployment_fails_and_is_never_repeated),
	  TEST(a_cancelled_job_ends_when_its_runner_has_ended_it),
	  TEST(a_delayed_job_waits_for_its_time),
	  TEST(a_bad_file_makes_a_failed_pipeline_that_says_where),
	  TEST(a_claim_passes_by_a_pipeline_that_somebody_holds),
	  TEST(other_peoples_tags_do_not_stand_before_a_runners_jobs),
	  TEST(many_claimers_get_every_job_once))
