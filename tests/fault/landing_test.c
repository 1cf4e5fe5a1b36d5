/*
 * Every process of a push dies at every step, by kill -9 and without luck:
 * builds with HEARTH_FAULTS kill themselves where base/fault.h says. After
 * settling, what was acknowledged is there, what was not recorded is not,
 * disk and database agree, each ref that landed has exactly one pipeline, and
 * the next push works.
 */
#include "support/check.h"
#include "support/landing.h"

#include "base/clock.h"
#include "base/fs.h"

#include <stdlib.h>
#include <time.h>

enum outcome { UNCHANGED, LANDED };

struct death {
	const char *step;
	enum outcome outcome;
	bool is_acknowledged;
};

static const struct death deaths[] = {
	{ "receive.ingested", UNCHANGED, false }, { "land.read", UNCHANGED, false },
	{ "landing.planned", UNCHANGED, false },  { "land.locked", UNCHANGED, false },
	{ "land.installed", UNCHANGED, false },   { "land.prepared", UNCHANGED, false },
	{ "landing.inserted", UNCHANGED, false }, { "landing.recorded", LANDED, false },
	{ "land.commit", LANDED, false },         { "land.renamed", LANDED, false },
	{ "receive.landed", LANDED, false },      { "landing.acknowledged", LANDED, true },
};

static const char *fault_file(void)
{
	return getenv("HEARTH_FAULT_FILE");
}

static void set_fault(const char *step)
{
	struct err e;

	check_ok(fs_write_atomic(fault_file(), str_c(step), 0600, &e), &e);
}

static void check_fault_happened(const char *step)
{
	if (fs_exists(fault_file()))
		fail_msg("nothing reached %s", step);
}

/* The dead operation's group may need a moment to be gone; then the lock is free. */
static void settle(struct test_landing *t)
{
	const struct landing_request rq = test_landing_request(t, PUSH_SOURCE_SYSTEM);
	int64_t deadline = clock_monotonic_ms() + 10000;
	bool was_busy = true;
	struct err e = { 0 };

	while (was_busy && clock_monotonic_ms() < deadline) {
		const struct timespec pause = { 0, 10000000 };

		check_ok(landing_reset(&rq, &was_busy, &e), &e);
		if (was_busy)
			nanosleep(&pause, NULL);
	}
	check_false(was_busy);
}

static void prepare(struct test_landing *t)
{
	test_landing_shell(t,
			   "git init -q w; cd w; git remote add origin $P; echo 1 > f;"
			   "echo 'test: {script: x}' > .gitlab-ci.yml; git add .;"
			   "git commit -qm first; git branch other; git push -q origin main",
			   NULL);
}

/* One for each (push, ref), with its job; none for what did not land or was deleted. */
static void check_pipelines(struct test_landing *t, const char *step)
{
	int64_t landed = test_database_number(
		t->database, "SELECT count(*) FROM push_ref WHERE new_oid <> repeat('0', 40)");
	int64_t whole = test_database_number(
		t->database,
		"SELECT count(*) FROM push_ref r JOIN pipeline p ON p.push_id = r.push_id AND "
		"p.ref = r.name AND p.sha = r.new_oid AND p.status = 'pending' AND "
		"(SELECT count(*) FROM job j WHERE j.pipeline_id = p.id) = 1");
	int64_t all = test_database_number(t->database, "SELECT count(*) FROM pipeline");

	if (whole != landed || all != landed)
		fail_msg(
			"after dying at %s %lld refs landed, %lld have a whole pipeline, there are "
			"%lld",
			step, (long long)landed, (long long)whole, (long long)all);
}

static bool is_acknowledged(struct str out)
{
	return str_find_str(out, STR("main -> main")) < out.n &&
	       str_find_str(out, STR(" ! [")) == out.n;
}

static void die_at(struct test_landing *t, const struct death *d)
{
	struct arena *a = t->zygote->arena;
	struct str before;
	struct str wanted;
	struct str created;
	struct str deleted;
	struct str out;
	int status;

	test_landing_shell(t, arena_strf(a, "cd w; git push -q origin other:old-%s", d->step),
			   NULL);
	before = test_landing_ref(t, "refs/heads/main");
	set_fault(d->step);
	out = test_landing_shell(
		t,
		arena_strf(a,
			   "cd w; date +%%s%%N >> f; git add f; git commit -qm next;"
			   "git rev-parse HEAD > ../new; git push origin main other:new-%s :old-%s",
			   d->step, d->step),
		&status);
	check_fault_happened(d->step);
	/* A front that dies after the report makes git fail too, but what it printed stands. */
	if (is_acknowledged(out) != d->is_acknowledged || status == 0)
		fail_msg("at %s the push ended with %d:\n%.*s", d->step, status, STR_FMT(out));
	settle(t);
	wanted = str_trim(test_landing_shell(t, "cat new", NULL));
	created = test_landing_ref(t, arena_strf(a, "refs/heads/new-%s", d->step));
	deleted = test_landing_ref(t, arena_strf(a, "refs/heads/old-%s", d->step));
	if (!str_eq(test_landing_ref(t, "refs/heads/main"),
		    d->outcome == LANDED ? wanted : before) ||
	    (created.n > 0) != (d->outcome == LANDED) || (deleted.n > 0) == (d->outcome == LANDED))
		fail_msg("after dying at %s the refs are not what was recorded", d->step);
	test_landing_check_sound(t);
	test_landing_shell(t, "cd w; git push -q origin main", NULL);
	test_landing_check_sound(t);
	check_pipelines(t, d->step);
}

static void whoever_dies_no_acknowledged_push_is_lost(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();

	prepare(t);
	for (size_t i = 0; i < ARRAY_LEN(deaths); i++)
		die_at(t, &deaths[i]);
	test_landing_close(t);
}

static void a_death_while_settling_is_settled_again(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	const struct landing_request rq = test_landing_request(t, PUSH_SOURCE_SYSTEM);
	struct err e = { 0 };
	bool was_busy;
	int status;

	prepare(t);
	set_fault("land.commit");
	test_landing_shell(t, "cd w; git push origin other:b", &status);
	check_true(status != 0);
	set_fault("settle.prepared");
	while (fs_exists(fault_file()))
		check_true(landing_settle(&rq, &was_busy, &e) <= 0);
	settle(t);
	check_int(test_landing_ref(t, "refs/heads/b").n, 40);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void the_next_push_settles_what_a_crash_left(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	int status;

	prepare(t);
	set_fault("land.commit");
	test_landing_shell(t, "cd w; git push origin other:b", &status);
	check_true(status != 0);
	check_int(test_database_number(t->database, "SELECT unsettled FROM project"), 1);
	test_landing_shell(t, "cd w; git push -q origin other:c", NULL);
	check_int(test_landing_ref(t, "refs/heads/b").n, 40);
	settle(t);
	test_landing_check_sound(t);
	test_landing_close(t);
}

/* A trigger ends the backend in the middle of the transaction, once; or in its COMMIT. */
static void end_backend(struct test_landing *t, const char *when)
{
	test_database_exec(
		t->database,
		arena_strf(t->zygote->arena,
			   "CREATE OR REPLACE FUNCTION die() RETURNS trigger LANGUAGE plpgsql "
			   "AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); "
			   "RETURN NULL; END $$; "
			   "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON push %s FOR EACH "
			   "ROW EXECUTE FUNCTION die();",
			   when));
}

static void a_lost_database_connection_never_leaves_a_half_push(void **state UNUSED)
{
	static const char *const moments[] = { "NOT DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED" };
	struct test_landing *t = test_landing_open();

	prepare(t);
	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		struct str before = test_landing_ref(t, "refs/heads/main");
		struct str out;
		int status;

		end_backend(t, moments[i]);
		out = test_landing_shell(t,
					 "cd w; date +%s%N >> f; git add f; git commit -qm next;"
					 "git push origin main",
					 &status);
		check_true(status != 0);
		if (str_find_str(out, STR("[remote rejected]")) == out.n)
			fail_msg("%s: %.*s", moments[i], STR_FMT(out));
		check_true(str_eq(test_landing_ref(t, "refs/heads/main"), before));
		test_database_exec(t->database, "DROP TRIGGER die ON push");
		settle(t);
		test_landing_check_sound(t);
		check_pipelines(t, moments[i]);
	}
	test_landing_shell(t, "cd w; git push -q origin main", NULL);
	test_landing_check_sound(t);
	test_landing_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_dies_no_acknowledged_push_is_lost),
		TEST(a_death_while_settling_is_settled_again),
		TEST(the_next_push_settles_what_a_crash_left),
		TEST(a_lost_database_connection_never_leaves_a_half_push),
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
