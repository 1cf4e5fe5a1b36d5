#include "store/live.h"

#include "base/clock.h"
#include "support/check.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct live_ends no_ends = { -1, -1 };

static struct live *open_live(size_t most)
{
	struct live_options options = { .watches_max = most };
	struct live *live;
	struct err e;

	check_ok(live_open(&options, &live, &e), &e);
	return live;
}

static struct live_watch *watch(struct live *live, const char *topic)
{
	struct str topics[] = { STR("always"), str_c(topic) };
	struct live_watch *w;
	struct err e;

	check_ok(live_watch(live, topics, 2, &w, &e), &e);
	return w;
}

/* How long a wait of at most 300 ms took; whether it looked again before. */
static bool was_woken(struct live_watch *w)
{
	int64_t deadline = clock_monotonic_ms() + 300;

	return live_wait(w, &no_ends, deadline) == LIVE_LOOK && clock_monotonic_ms() < deadline;
}

static void a_published_topic_wakes_who_watches_it_and_nobody_else(void **state UNUSED)
{
	struct live *live = open_live(0);
	struct live_watch *one = watch(live, "job:1");
	struct live_watch *other = watch(live, "job:11");

	live_publish_id(live, "job", 1);
	check_true(was_woken(one));
	check_false(was_woken(other));
	check_false(was_woken(one));
	live_unwatch(one);
	live_unwatch(other);
	live_close(live);
}

static void what_was_published_before_the_wait_is_not_lost(void **state UNUSED)
{
	struct live *live = open_live(0);
	struct live_watch *w = watch(live, "job:1");

	live_publish(live, STR("always"));
	live_publish(live, STR("job:1"));
	check_true(was_woken(w));
	live_unwatch(w);
	live_close(live);
}

static void a_wait_ends_when_the_client_or_the_process_does(void **state UNUSED)
{
	struct live *live = open_live(0);
	struct live_watch *w = watch(live, "job:1");
	struct live_ends ends = { -1, eventfd(1, EFD_CLOEXEC) };

	check_int(live_wait(w, &ends, clock_monotonic_ms() + 5000), LIVE_ENDED);
	live_end(live);
	check_int(live_wait(w, &no_ends, clock_monotonic_ms() + 5000), LIVE_ENDED);
	check_int(live_wait(w, &no_ends, clock_monotonic_ms() - 1), LIVE_EXPIRED);
	close(ends.stop_fd);
	live_unwatch(w);
	live_close(live);
}

static void there_are_no_more_waits_than_places(void **state UNUSED)
{
	struct live *live = open_live(1);
	struct live_watch *w = watch(live, "job:1");
	struct str topic = STR("job:2");
	struct live_watch *second;
	struct live_counts counts;
	struct err e;

	check_err(live_watch(live, &topic, 1, &second, &e), &e, ERR_BUSY, "places");
	live_unwatch(w);
	check_ok(live_watch(live, &topic, 1, &second, &e), &e);
	live_count(live, &counts);
	check_int(counts.watches, 1);
	live_unwatch(second);
	live_close(live);
}

static void *publish_much(void *live)
{
	for (int64_t i = 0; i < 2000; i++)
		live_publish_id(live, "job", i % 3);
	return NULL;
}

static void many_threads_publish_while_watches_come_and_go(void **state UNUSED)
{
	struct live *live = open_live(0);
	struct live_counts counts;
	pthread_t threads[2];

	for (size_t i = 0; i < 2; i++)
		check_int(pthread_create(&threads[i], NULL, publish_much, live), 0);
	for (int i = 0; i < 200; i++) {
		struct live_watch *w = watch(live, "job:1");

		(void)live_wait(w, &no_ends, clock_monotonic_ms() + 1);
		live_unwatch(w);
	}
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	live_count(live, &counts);
	check_int(counts.published, 4000);
	live_close(live);
}

RUN_TESTS(TEST(a_published_topic_wakes_who_watches_it_and_nobody_else),
	  TEST(what_was_published_before_the_wait_is_not_lost),
	  TEST(a_wait_ends_when_the_client_or_the_process_does),
	  TEST(there_are_no_more_waits_than_places),
	  TEST(many_threads_publish_while_watches_come_and_go))
