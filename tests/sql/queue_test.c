/* Who is woken by a job that became pending: the classes of runners that may run it, no others. */
#include "support/pipeline.h"

#include "base/clock.h"
#include "domain/job.h"
#include "domain/pipeline_change.h"
#include "domain/queue.h"
#include "store/live.h"

struct fixture {
	struct domain *w;
	struct live *live;
	struct project_id project;
};

static struct fixture open_fixture(void)
{
	struct live_options options = { 0 };
	struct fixture f = { .w = domain_open() };
	struct actor ann = domain_user(f.w, "ann");
	struct err e = { 0 };

	check_ok(live_open(&options, &f.live, &e), &e);
	f.project = domain_project(f.w, "team/app", &ann, VISIBILITY_PRIVATE);
	return f;
}

static void close_fixture(struct fixture *f)
{
	live_close(f->live);
	domain_close(f->w);
}

static struct runner runner_with(struct fixture *f, const char *tag, struct runner_new in)
{
	struct str tags[] = { str_c(tag) };

	in.tags = (struct str_list){ tags, *tag ? 1 : 0 };
	return test_runner(f->w, in);
}

/* Whether it was woken, not only due to look again. */
static bool is_woken(struct live_watch *watch)
{
	const struct live_ends no_ends = { -1, -1 };
	int64_t deadline = clock_monotonic_ms() + 50;

	return live_wait(watch, &no_ends, deadline) == LIVE_LOOK && clock_monotonic_ms() < deadline;
}

/* A pipeline of one job is announced: does the runner hear of it? */
static bool hears(struct fixture *f, const struct runner *runner, const char *file)
{
	struct str topic = queue_topic(runner, f->w->a);
	struct live_watch *watch;
	struct queue_news news = { .project = f->project, .pending = 1 };
	struct err e = { 0 };
	bool answer;

	check_ok(live_watch(f->live, &topic, 1, &watch, &e), &e);
	news.pipeline = test_pipeline(f->w, f->project, "main", file).id;
	queue_announce(f->w->db, f->live, &news, f->w->a);
	answer = is_woken(watch);
	live_unwatch(watch);
	return answer;
}

static void runners_hear_of_jobs_that_they_may_run(void **state UNUSED)
{
	static const char plain[] = "a: { script: [x] }";
	static const char tagged[] = "a: { script: [x], tags: [linux] }";
	struct fixture f = open_fixture();
	struct runner any = runner_with(&f, "", (struct runner_new){ .run_untagged = true });
	struct runner linux_only = runner_with(&f, "linux", (struct runner_new){ 0 });
	struct runner paused = runner_with(
		&f, "p", (struct runner_new){ .run_untagged = true, .is_paused = true });
	struct runner careful = runner_with(
		&f, "", (struct runner_new){ .run_untagged = true, .is_protected = true });
	struct runner here = runner_with(&f, "",
					 (struct runner_new){ .kind = RUNNER_PROJECT,
							      .project = f.project,
							      .run_untagged = true });
	struct runner group =
		runner_with(&f, "",
			    (struct runner_new){ .kind = RUNNER_GROUP,
						 .namespace = domain_namespace(f.w, "team"),
						 .run_untagged = true });
	struct runner other_group =
		runner_with(&f, "",
			    (struct runner_new){ .kind = RUNNER_GROUP,
						 .namespace = domain_namespace(f.w, "ann"),
						 .run_untagged = true });

	check_true(hears(&f, &any, plain));
	check_false(hears(&f, &any, tagged));
	check_true(hears(&f, &linux_only, tagged));
	check_false(hears(&f, &linux_only, plain));
	check_false(hears(&f, &paused, plain));
	check_false(hears(&f, &careful, plain));
	check_true(hears(&f, &here, plain));
	check_true(hears(&f, &group, plain));
	check_false(hears(&f, &other_group, plain));
	close_fixture(&f);
}

/* What time has done by `sql` is seen by one portion of work's: does the runner hear of it? */
static bool hears_of_time(struct fixture *f, const struct runner *runner, const char *sql)
{
	struct str topic = queue_topic(runner, f->w->a);
	struct live_watch *watch;
	struct err e = { 0 };
	size_t count;
	bool answer;

	test_database_exec(f->w->database, sql);
	check_ok(live_watch(f->live, &topic, 1, &watch, &e), &e);
	check_ok(job_lapse(f->w->db, f->live, f->w->a, &count, &e), &e);
	check_ok(job_start_due(f->w->db, f->live, f->w->a, &count, &e), &e);
	check_ok(pipeline_drop_stuck(f->w->db, f->live, f->w->a, &count, &e), &e);
	answer = is_woken(watch);
	live_unwatch(watch);
	return answer;
}

static void runners_hear_at_once_of_what_time_did(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct runner any = runner_with(&f, "", (struct runner_new){ .run_untagged = true });

	(void)test_pipeline(f.w, f.project, "main",
			    "a: { script: [x], when: delayed, start_in: 1 hour }\n"
			    "b: { stage: deploy, script: [x], when: on_failure }");
	check_false(hears_of_time(&f, &any, "SELECT 1"));
	check_true(hears_of_time(&f, &any, "UPDATE job SET scheduled_at = now()"));
	/* Claimed, never heard of again: it waits anew. */
	check_true(hears_of_time(
		&f, &any,
		"UPDATE job SET status = 'running', started_at = now(), lease_until = now() - "
		"interval '16 s' WHERE name = 'a'"));
	/* Nobody took it for a day: what runs on a failure is next. */
	check_true(hears_of_time(&f, &any,
				 "UPDATE job SET queued_at = now() - interval '25 hours' "
				 "WHERE name = 'a'"));
	check_false(hears_of_time(&f, &any, "SELECT 1"));
	close_fixture(&f);
}

static void a_class_is_the_same_for_tags_in_any_order(void **state UNUSED)
{
	struct str one[] = { STR("a"), STR("b") };
	struct str two[] = { STR("b"), STR("a") };
	struct fixture f = open_fixture();
	struct runner first = test_runner(f.w, (struct runner_new){ .tags = { one, 2 } });
	struct runner second = test_runner(f.w, (struct runner_new){ .tags = { two, 2 } });
	struct runner third =
		test_runner(f.w, (struct runner_new){ .tags = { one, 2 }, .run_untagged = true });

	check_true(str_eq(first.class, second.class));
	check_false(str_eq(first.class, third.class));
	close_fixture(&f);
}

static void a_queue_key_follows_from_token_and_class(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct runner r = test_runner(f.w, (struct runner_new){ .run_untagged = true });
	struct queue_key key = queue_key_of(f.w->keys, &r, f.w->a);
	struct queue_key same = queue_key_of(f.w->keys, &r, f.w->a);
	struct queue_key other;

	check_true(str_eq(key.user, same.user) && str_eq(key.password, same.password));
	check_int(key.password.n, 64);
	r.fingerprint = STR("another token's");
	other = queue_key_of(f.w->keys, &r, f.w->a);
	check_false(str_eq(key.user, other.user));
	check_false(str_eq(key.password, other.password));
	check_true(str_eq(key.stream, other.stream));
	close_fixture(&f);
}

RUN_TESTS(TEST(runners_hear_of_jobs_that_they_may_run), TEST(runners_hear_at_once_of_what_time_did),
	  TEST(a_class_is_the_same_for_tags_in_any_order),
	  TEST(a_queue_key_follows_from_token_and_class))
