/* The loop that ends lost jobs: whose lease is over while nobody could look is not lost. */
#include "support/check.h"
#include "support/pipeline.h"

#include "base/clock.h"
#include "work/work.h"

struct looking {
	struct domain *w;
	struct app app;
	struct work work;
};

static struct looking *open_looking(void)
{
	struct looking *l = test_malloc(sizeof(*l));
	struct runner runner;
	struct project_id project;
	struct actor ann;

	*l = (struct looking){ .w = domain_open() };
	l->app = (struct app){ .log = log_to(-1, LOG_ERROR, "work"), .db = l->w->database->pool };
	l->work = (struct work){ .app = &l->app, .stop_fd = -1 };
	ann = domain_user(l->w, "ann");
	project = domain_project(l->w, "ann/site", &ann, VISIBILITY_PRIVATE);
	runner = test_runner(l->w, (struct runner_new){ .run_untagged = true });
	(void)test_pipeline(l->w, project, "main", "a: {script: [x]}");
	(void)test_job_claim(l->w, &runner);
	return l;
}

static void close_looking(struct looking *l)
{
	domain_close(l->w);
	test_free(l);
}

/* As after an hour without a word. */
static void end_leases(struct looking *l)
{
	test_database_exec(l->w->database, "UPDATE job SET lease_until = now() - interval '1 hour' "
					   "WHERE lease_until IS NOT NULL");
}

static void look(struct looking *l, int expected)
{
	struct err e = { 0 };
	bool has_more;

	check_int(work_jobs(&l->work, l->w->a, &has_more, &e), expected);
}

static int64_t running(struct looking *l)
{
	return test_database_number(l->w->database,
				    "SELECT count(*) FROM job WHERE status = 'running'");
}

static void the_first_look_ends_no_job_and_the_next_does(void **state UNUSED)
{
	struct looking *l = open_looking();

	end_leases(l);
	look(l, 0);
	check_int(running(l), 1);
	end_leases(l);
	look(l, 0);
	check_int(running(l), 0);
	check_int(atomic_load(&l->work.jobs_lapsed), 1);
	close_looking(l);
}

static void who_could_not_look_for_long_ends_no_job(void **state UNUSED)
{
	struct looking *l = open_looking();

	look(l, 0);
	end_leases(l);
	atomic_fetch_sub(&l->work.leases_seen_ms, 20001);
	look(l, 0);
	check_int(running(l), 1);
	end_leases(l);
	atomic_fetch_sub(&l->work.leases_seen_ms, 15000);
	look(l, 0);
	check_int(running(l), 0);
	close_looking(l);
}

static void a_look_that_failed_is_none(void **state UNUSED)
{
	struct looking *l = open_looking();
	int64_t seen;

	look(l, 0);
	seen = atomic_fetch_sub(&l->work.leases_seen_ms, 15000) - 15000;
	test_database_exec(l->w->database, "ALTER TABLE job RENAME TO hidden");
	look(l, -ERR_INTERNAL);
	test_database_exec(l->w->database, "ALTER TABLE hidden RENAME TO job");
	check_int(atomic_load(&l->work.leases_seen_ms), seen);
	close_looking(l);
}

RUN_TESTS(TEST(the_first_look_ends_no_job_and_the_next_does),
	  TEST(who_could_not_look_for_long_ends_no_job), TEST(a_look_that_failed_is_none))
