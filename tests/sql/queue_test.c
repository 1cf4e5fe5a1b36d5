/* Who is woken by a job that became pending: the classes of runners that may run it, no others. */
#include "support/pipeline.h"

#include "base/clock.h"
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

/* A pipeline of one job is announced: does the runner hear of it? */
static bool hears(struct fixture *f, const struct runner *runner, const char *file)
{
	const struct live_ends no_ends = { -1, -1 };
	struct str topic = queue_topic(runner, f->w->a);
	struct live_watch *watch;
	struct queue_news news = { .project = f->project, .pending = 1 };
	int64_t deadline;
	struct err e = { 0 };
	bool answer;

	check_ok(live_watch(f->live, &topic, 1, &watch, &e), &e);
	news.pipeline = test_pipeline(f->w, f->project, "main", file).id;
	queue_announce(f->w->db, f->live, &news, f->w->a);
	deadline = clock_monotonic_ms() + 50;
	answer = live_wait(watch, &no_ends, deadline) == LIVE_LOOK &&
		 clock_monotonic_ms() < deadline;
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

RUN_TESTS(TEST(runners_hear_of_jobs_that_they_may_run),
	  TEST(a_class_is_the_same_for_tags_in_any_order),
	  TEST(a_queue_key_follows_from_token_and_class))
