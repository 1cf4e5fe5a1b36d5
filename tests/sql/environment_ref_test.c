/* refs/environments/<slug> over a real repository: what stands there, and nothing when nothing
 * does. */
#include "support/check.h"
#include "support/merging.h"

#include "domain/environment.h"

#define REF "refs/environments/production"

/* The commit of main stands in production. */
static struct environment_id deploy(struct merging *w)
{
	const struct environment_new in = { .name = STR("production") };
	struct environment made;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(environment_create(db, &w->bob, w->t->project, &in, w->a, &made, &w->e), &w->e);
	test_database_exec(
		w->t->database,
		"INSERT INTO deployment (project_id, iid, environment_id, pipeline_number, ref, "
		"ref_name, is_tag, sha, kind, status, finished_at) SELECT n.project_id, 1, n.id, "
		"1, "
		"r.name, 'main', false, r.oid, 'deploy', 'success', now() FROM environment n "
		"JOIN ref r ON r.project_id = n.project_id AND r.name = 'refs/heads/main'");
	test_database_exec(w->t->database,
			   "INSERT INTO outbox (kind, project_id, subject_id) SELECT "
			   "'environment', project_id, id FROM environment");
	merging_events(w);
	return made.id;
}

static void stop(struct merging *w, struct environment_id id)
{
	struct environment stopped;
	AUTO_DB db = NULL;
	size_t pending;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(environment_stop(db, &w->bob, w->t->project, id, true, w->a, &stopped, &pending,
				  &w->e),
		 &w->e);
}

static int try_remove(struct merging *w, struct environment_id id)
{
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	return environment_remove(db, &w->bob, w->t->project, id, &w->e);
}

static void
the_ref_stands_at_what_was_deployed_until_the_environment_is_stopped(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct environment_id id = deploy(w);

	check_str(test_landing_ref(w->t, REF), arena_cstr(w->a, merging_git(w, "rev-parse main")));
	check_int(try_remove(w, id), -ERR_CONFLICT);
	check_contains(str_c(w->e.text), "Stop it first");
	stop(w, id);
	merging_events(w);
	check_int(test_landing_ref(w->t, REF).n, 0);
	merging_close(w);
}

static void one_that_is_removed_at_once_leaves_no_ref(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct environment_id id = deploy(w);

	stop(w, id);
	check_ok(try_remove(w, id), &w->e);
	merging_events(w);
	check_int(test_landing_ref(w->t, REF).n, 0);
	check_int(test_database_number(w->t->database, "SELECT count(*) FROM audit_event WHERE act "
						       "IN ('environment.create', "
						       "'environment.stop', "
						       "'environment.remove')"),
		  3);
	merging_close(w);
}

RUN_TESTS(TEST(the_ref_stands_at_what_was_deployed_until_the_environment_is_stopped),
	  TEST(one_that_is_removed_at_once_leaves_no_ref))
