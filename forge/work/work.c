#include "work/work.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define FAILURE_PAUSE_FIRST_MS 1000
#define FAILURE_PAUSE_MAX_MS (5 * MINUTE)

struct loop {
	const char *name;
	int pause_ms;
	work_loop *run;
};

static const struct loop loops[] = {
	{ "outbox", SECOND / 2, work_outbox },
	{ "settle", 10 * SECOND, work_settle },
	{ "reconcile", 10 * MINUTE, work_reconcile },
	{ "housekeeping", 5 * SECOND, work_housekeeping },
	{ "repositories", 10 * SECOND, work_repositories },
	{ "forks", SECOND, work_forks },
	{ "jobs", 2 * SECOND, work_jobs },
	{ "queue", 3 * SECOND, work_queue },
	{ "traces", MINUTE, work_traces },
	{ "expiry", 10 * MINUTE, work_expiry },
	{ "artifacts", MINUTE, work_artifacts },
	{ "report", 10 * MINUTE, work_report },
};

struct thread {
	pthread_t id;
	struct work *work;
	const struct loop *loop;
};

/* True when the role shall stop. */
static bool wait_for(const struct work *w, int ms)
{
	struct pollfd p = { .fd = w->stop_fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

bool work_is_stopping(const struct work *w)
{
	return wait_for(w, 0);
}

static int run_once(struct thread *t, bool *has_more)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	int failed = t->loop->run(t->work, a, has_more, &e);

	if (failed) {
		atomic_fetch_add(&t->work->loops_failed, 1);
		LOG(&t->work->app->log, LOG_ERROR, "work_failed", F_C("loop", t->loop->name),
		    F_ERR(&e));
	}
	arena_close(a);
	return failed;
}

static void *run_loop(void *closure)
{
	struct thread *t = closure;
	int failure_pause = FAILURE_PAUSE_FIRST_MS;
	int pause = 0;

	while (!wait_for(t->work, pause)) {
		bool has_more = false;

		if (run_once(t, &has_more) == 0) {
			failure_pause = FAILURE_PAUSE_FIRST_MS;
			pause = has_more ? 0 : t->loop->pause_ms;
			continue;
		}
		pause = failure_pause;
		if (failure_pause < FAILURE_PAUSE_MAX_MS)
			failure_pause *= 2;
	}
	return NULL;
}

static int run_all(struct work *w, struct err *e)
{
	struct thread threads[ARRAY_LEN(loops)];
	size_t started = 0;
	int failed = 0;

	while (!failed && started < ARRAY_LEN(loops)) {
		threads[started] = (struct thread){ .work = w, .loop = &loops[started] };
		failed = pthread_create(&threads[started].id, NULL, run_loop, &threads[started]);
		started += failed == 0;
	}
	if (failed)
		/* The threads that run would go on without their siblings: better none. */
		return err_errno(e, failed, "start the thread of %s", loops[started].name);
	app_ready(w->app);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i].id, NULL);
	return 0;
}

int role_work(struct app *app)
{
	struct work w = { .app = app };
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	bool has_more;

	if (app_stop_fd(app, &w.stop_fd, &e) < 0 || run_all(&w, &e) < 0 ||
	    work_report(&w, a, &has_more, &e) < 0) {
		LOG(&app->log, LOG_ERROR, "work", F_ERR(&e));
		arena_close(a);
		return 1;
	}
	arena_close(a);
	return 0;
}
