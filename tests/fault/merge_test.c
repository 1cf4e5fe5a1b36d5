/*
 * Every process of a merge dies at every step, by kill -9 (as landing_test.c does
 * with a push): afterwards a merge request is merged exactly if its target has the
 * merge, nothing in between, and what did not happen can be done again.
 */
#include "support/check.h"
#include "support/merging.h"

#include "base/clock.h"
#include "base/fs.h"
#include "store/db.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct death {
	const char *step;
	bool is_merged;
};

static const struct death deaths[] = {
	{ "land.locked", false },      { "land.installed", false },      { "land.prepared", false },
	{ "landing.inserted", false }, { "landing.recorded", true },     { "land.commit", true },
	{ "land.renamed", true },      { "landing.acknowledged", true },
};

static const char *fault_file(void)
{
	return getenv("HEARTH_FAULT_FILE");
}

static void settle(struct merging *w)
{
	const struct landing_request rq = test_landing_request(w->t, PUSH_SOURCE_SYSTEM);
	int64_t deadline = clock_monotonic_ms() + 10000;
	bool was_busy = true;

	while (was_busy && clock_monotonic_ms() < deadline) {
		const struct timespec pause = { 0, 10000000 };

		check_ok(landing_reset(&rq, &was_busy, &w->e), &w->e);
		if (was_busy)
			nanosleep(&pause, NULL);
	}
	check_false(was_busy);
}

/* A front of its own, which may die: it shares no connection with the test. */
static void merge_and_exit(struct merging *w, int64_t iid)
{
	const struct db_pool_options options = { .conninfo = w->t->database->conninfo, .size = 2 };
	const struct merge_options wish = { .has_remove_source = true, .remove_source = true };
	struct landing_request rq = merging_by(w, &w->bob);
	struct merge_result result;
	struct db_pool *pool;
	struct err e = { 0 };

	if (db_pool_open(&options, &pool, &e) < 0)
		_exit(9);
	rq.db = pool;
	w->instance.db = pool;
	_exit(merge_request_merge(&rq, iid, &wish, w->a, &result, &e) < 0 ? 1 : 0);
}

static void merge_elsewhere(struct merging *w, int64_t iid)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		merge_and_exit(w, iid);
	check_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 9)
		fail_msg("the front had no database");
}

static int64_t prepare(struct merging *w, const char *branch)
{
	int64_t iid;

	test_landing_shell(
		w->t,
		arena_strf(w->a,
			   "cd w; git fetch -q origin main; git switch -qc %s FETCH_HEAD;"
			   "echo %s > %s; git add .; git commit -qm %s; git push -q origin %s",
			   branch, branch, branch, branch, branch),
		NULL);
	iid = merging_request_to(w, branch, "main");
	check_int(merging_look(w, iid).check, MERGE_CLEAN);
	return iid;
}

static void check_result(struct merging *w, const struct death *d, int64_t iid, const char *before)
{
	struct merge_request mr = merging_look(w, iid);
	struct str now = merging_git(w, "rev-parse main");
	bool source = test_landing_ref(
			      w->t, arena_strf(w->a, "refs/heads/%.*s", STR_FMT(mr.source_branch)))
			      .n > 0;

	if ((mr.state == MERGE_REQUEST_MERGED) != d->is_merged || source == d->is_merged ||
	    !str_eq(now, d->is_merged ? mr.merged_to : str_c(before)))
		fail_msg("after dying at %s the merge request is %s and main stands at %.*s",
			 d->step, merge_request_state_word(mr.state), STR_FMT(now));
}

static void die_at(struct merging *w, const struct death *d, size_t i)
{
	int64_t iid = prepare(w, arena_strf(w->a, "b%zu", i));
	const char *before = arena_cstr(w->a, merging_git(w, "rev-parse main"));
	struct merge_result result;

	check_ok(fs_write_atomic(fault_file(), str_c(d->step), 0600, &w->e), &w->e);
	merge_elsewhere(w, iid);
	if (fs_exists(fault_file()))
		fail_msg("nothing reached %s", d->step);
	settle(w);
	check_result(w, d, iid, before);
	test_landing_check_sound(w->t);
	if (!d->is_merged)
		check_ok(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
			 &w->e);
}

static void whoever_dies_in_a_merge_it_happened_or_it_did_not(void **state UNUSED)
{
	struct merging *w = merging_open();

	for (size_t i = 0; i < ARRAY_LEN(deaths); i++)
		die_at(w, &deaths[i], i);
	check_int(
		test_database_number(w->t->database,
				     "SELECT count(*) FROM merge_request WHERE state <> 'merged'"),
		0);
	merging_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_dies_in_a_merge_it_happened_or_it_did_not),
	};
	char fault_folder[64];
	char path[80];
	struct err e;
	int failed;

	test_folder(fault_folder, sizeof(fault_folder), "hearth-fault");
	snprintf(path, sizeof(path), "%s/step", fault_folder);
	setenv("HEARTH_FAULT_FOLDER", fault_folder, 1);
	setenv("HEARTH_FAULT_FILE", path, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return fs_remove_tree(fault_folder, &e) < 0 || failed ? 1 : 0;
}
