/*
 * Whoever ends a job that lost its runner dies at every step, by kill -9 (as
 * landing_test.c does with a push): afterwards the next one ends it, once, and all
 * is as if nobody had died.
 */
#include "support/check.h"
#include "support/pipeline.h"

#include "base/fs.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const steps[] = { "lapse.locked", "lapse.ended", "lapse.followed",
				     "lapse.advanced", "lapse.committed" };

struct lost {
	const char *file;
	bool has_reported;
	const char *after; /* its jobs, and its deployment */
};

static const struct lost losts[] = {
	{ "a: {script: [x]}\nb: {stage: deploy, script: [x]}", true,
	  "a failed stuck_or_timeout_failure, b skipped" },
	{ "a: {script: [x]}\nb: {stage: deploy, script: [x]}", false, "a pending, b created" },
	{ "a: {script: [x], retry: {max: 1, when: stuck_or_timeout_failure}}\n"
	  "b: {stage: deploy, script: [x]}",
	  true, "a failed stuck_or_timeout_failure, b created, a pending" },
	{ "a: {script: [x], environment: preview}\nb: {stage: deploy, script: [x]}", true,
	  "a failed stuck_or_timeout_failure failed, b skipped" },
	{ "a: {script: [x], environment: preview, retry: 2}\nb: {stage: deploy, script: [x]}",
	  false, "a failed stuck_or_timeout_failure failed, b skipped" },
};

struct town {
	struct domain *w;
	struct project_id project;
	struct runner runner;
};

static const char *fault_file(void)
{
	return getenv("HEARTH_FAULT_FILE");
}

/* A process of its own, which may die: it shares no connection with the test. */
static void lapse_and_exit(struct town *t)
{
	const struct db_pool_options options = { .conninfo = t->w->database->conninfo, .size = 1 };
	struct db_pool *pool;
	struct err e = { 0 };
	struct db *db;
	size_t lapsed;

	if (db_pool_open(&options, &pool, &e) < 0 || db_acquire(pool, &db, &e) < 0)
		_exit(9);
	_exit(job_lapse(db, NULL, t->w->a, &lapsed, &e) < 0 ? 8 : 0);
}

static void die_at(struct town *t, const char *step)
{
	int status = 0;
	pid_t pid;

	check_ok(fs_write_atomic(fault_file(), str_c(step), 0600, &t->w->e), &t->w->e);
	pid = fork();
	if (pid == 0)
		lapse_and_exit(t);
	check_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (!WIFSIGNALED(status) || fs_exists(fault_file()))
		fail_msg("nothing reached %s", step);
}

static const char *jobs_of(struct town *t, struct pipeline_made made)
{
	return test_database_text(
		t->w->database,
		arena_strf(t->w->a,
			   "SELECT string_agg(concat_ws(' ', j.name, j.status, j.failure_reason, "
			   "d.status), ', ' ORDER BY j.id) FROM job j "
			   "LEFT JOIN deployment d ON d.job_id = j.id WHERE j.pipeline_id = %lld",
			   (long long)made.id.v));
}

/* What the job's first runner says is not heard any more; whoever has it now ends it. */
static void go_on(struct town *t, const struct job_claimed *job, struct pipeline_made made,
		  bool goes_on)
{
	const struct job_report report = { .is_success = true };
	struct job_held held;
	size_t pending;

	check_ok(job_finish(t->w->db, job->id, job->token, &report, t->w->a, &held, &pending,
			    &t->w->e),
		 &t->w->e);
	check_true(held.standing != JOB_HELD);
	for (int i = 0; goes_on && i < 2; i++)
		(void)test_job_run(t->w, &t->runner, true);
	check_c(test_database_text(t->w->database,
				   arena_strf(t->w->a,
					      "SELECT status FROM pipeline WHERE id = %lld",
					      (long long)made.id.v)),
		goes_on ? "success" : "failed");
}

static void lose(struct town *t, const struct lost *lost, const char *step)
{
	struct pipeline_made made = test_pipeline(t->w, t->project, "main", lost->file);
	struct job_claimed job = test_job_claim(t->w, &t->runner);
	struct job_held held;
	size_t lapsed;

	if (lost->has_reported)
		check_ok(job_heartbeat(t->w->db, job.id, job.token, t->w->a, &held, &t->w->e),
			 &t->w->e);
	test_database_exec(t->w->database,
			   "UPDATE job SET lease_until = now() - interval '16 seconds' "
			   "WHERE lease_until IS NOT NULL");
	die_at(t, step);
	check_ok(job_lapse(t->w->db, NULL, t->w->a, &lapsed, &t->w->e), &t->w->e);
	check_int(lapsed, strcmp(step, "lapse.committed") == 0 ? 0 : 1);
	if (strcmp(jobs_of(t, made), lost->after) != 0)
		fail_msg("after dying at %s: %s instead of %s", step, jobs_of(t, made),
			 lost->after);
	check_ok(job_lapse(t->w->db, NULL, t->w->a, &lapsed, &t->w->e), &t->w->e);
	check_int(lapsed, 0);
	go_on(t, &job, made, strstr(lost->after, "pending") != NULL);
}

static void whoever_dies_ending_a_lost_job_it_ends_once(void **state UNUSED)
{
	struct town t = { .w = domain_open() };
	struct actor ann = domain_user(t.w, "ann");

	t.project = domain_project(t.w, "ann/site", &ann, VISIBILITY_PRIVATE);
	t.runner = test_runner(t.w, (struct runner_new){ .run_untagged = true });
	for (size_t i = 0; i < ARRAY_LEN(losts); i++)
		for (size_t k = 0; k < ARRAY_LEN(steps); k++)
			lose(&t, &losts[i], steps[k]);
	check_int(test_database_number(t.w->database,
				       "SELECT count(*) FROM job WHERE status NOT IN "
				       "('success', 'failed', 'skipped')"),
		  0);
	domain_close(t.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_dies_ending_a_lost_job_it_ends_once),
	};
	char fault_folder[64];
	char path[80];
	struct err e;
	int failed;

	test_folder(fault_folder, sizeof(fault_folder), "hearth-fault");
	snprintf(path, sizeof(path), "%s/step", fault_folder);
	setenv("HEARTH_FAULT_FILE", path, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return fs_remove_tree(fault_folder, &e) < 0 || failed ? 1 : 0;
}
