/* Forks over real repositories: made, filled, refused, taken up again. */
#include "support/check.h"
#include "support/forking.h"

#include "domain/landing_bring.h"
#include "domain/member.h"
#include "git/repo.h"
#include "secret/secret.h"

#include <signal.h>

static struct event_context context_of(struct merging *w)
{
	return (struct event_context){ .db = w->t->database->pool,
				       .run = w->t->zygote->folder,
				       .data = w->t->zygote->folder,
				       .instance = &w->instance };
}

static void a_fork_has_every_branch_and_tag_and_depends_on_nobody(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct project fork;
	const struct git_operation_request gone = { .op = GIT_OP_REMOVE,
						    .project_id = w->t->project.v,
						    .user_id = GIT_USER_SYSTEM,
						    .in = -1,
						    .out = -1,
						    .err = -1 };

	test_landing_shell(w->t, "cd w; git tag -am one v1 main; git push -q origin v1", NULL);
	fork = forking_make(w, &w->bob);
	check_int(forking_facts(w, fork.id).state, FORK_COPYING);
	forking_copy(w);
	check_int(forking_facts(w, fork.id).state, FORK_READY);
	check_int(forking_facts(w, fork.id).source.v, w->t->project.v);
	check_int(forking_facts(w, w->t->project).forks, 1);
	for (size_t i = 0; i < 3; i++) {
		static const char *const refs[] = { "main", "feature", "v1" };

		check_str(forking_git(w, fork.id, arena_strf(w->a, "rev-parse %s", refs[i])),
			  arena_cstr(w->a,
				     merging_git(w, arena_strf(w->a, "rev-parse %s", refs[i]))));
	}
	check_str(forking_git(w, fork.id, "symbolic-ref HEAD"), "refs/heads/main");
	check_ok(git_operation_run(w->t->zygote->folder, &gone, &w->e), &w->e);
	forking_git(w, fork.id, "fsck --strict --full");
	check_str(forking_git(w, fork.id, "log --oneline --all --format=%s"), "2\n1");
	git_reader_close(w->reader);
	secret_keys_close(w->instance.secret);
	test_landing_close(w->t);
}

static void a_fork_makes_no_pipeline_and_no_task_of_its_own(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct project fork = forking_make(w, &w->bob);

	forking_copy(w);
	merging_events(w);
	check_int(test_database_number(w->t->database,
				       arena_strf(w->a,
						  "SELECT count(*) FROM pipeline WHERE project_id "
						  "= %lld",
						  (long long)fork.id.v)),
		  0);
	merging_close(w);
}

static void a_fork_is_not_more_visible_than_its_source(void **state UNUSED)
{
	struct merging *w = merging_open();
	const struct fork_new wide = { .has_visibility = true, .visibility = VISIBILITY_PUBLIC };
	const struct project_change wider = { .has_visibility = true,
					      .visibility = VISIBILITY_INTERNAL };
	struct project fork;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_err(project_fork(db, &w->bob, w->t->project, &wide, w->a, &fork, &w->e), &w->e,
		  ERR_UNPROCESSABLE, "is private, so a fork of it cannot be public");
	fork = forking_make(w, &w->bob);
	check_int(fork.visibility, VISIBILITY_PRIVATE);
	check_err(project_update(db, &w->bob, fork.id, &wider, w->a, &fork, &w->e), &w->e,
		  ERR_UNPROCESSABLE, "a fork of one that is private, so it cannot be internal");
	db_release(db);
	db = NULL;
	forking_copy(w);
	merging_close(w);
}

static void who_may_not_read_the_code_may_not_fork(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct actor eve = forking_person(w, "eve");
	const struct fork_new in = { 0 };
	const struct actor nobody = actor_anonymous();
	struct project fork;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_err(project_fork(db, &eve, w->t->project, &in, w->a, &fork, &w->e), &w->e,
		  ERR_NOT_FOUND, "");
	check_err(project_fork(db, &nobody, w->t->project, &in, w->a, &fork, &w->e), &w->e,
		  ERR_FORBIDDEN, "sign in");
	check_int(test_database_number(w->t->database, "SELECT count(*) FROM fork"), 0);
	db_release(db);
	db = NULL;
	merging_close(w);
}

/* T21: the right counts when it is used, not when it was asked for. */
static void a_copy_is_refused_when_the_right_was_lost_before_it_began(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct project fork = forking_make(w, &w->bob);
	struct fork_facts facts;

	test_database_exec(w->t->database,
			   arena_strf(w->a,
				      "DELETE FROM member WHERE project_id = %lld AND "
				      "user_id = %lld",
				      (long long)w->t->project.v, (long long)w->bob.user.v));
	forking_copy(w);
	facts = forking_facts(w, fork.id);
	check_int(facts.state, FORK_FAILED);
	check_contains(facts.error, "may not be read");
	check_int(test_database_number(w->t->database,
				       arena_strf(w->a,
						  "SELECT count(*) FROM ref WHERE project_id = "
						  "%lld",
						  (long long)fork.id.v)),
		  0);
	merging_close(w);
}

static void a_copy_whose_worker_died_is_taken_up_again(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct project fork = forking_make(w, &w->bob);
	struct event_context context = context_of(w);
	bool found;

	/* The claim of one that died: nothing is due, then it is. */
	test_database_exec(w->t->database,
			   "UPDATE fork SET attempts = 1, due_at = now() + interval '2 minutes'");
	check_ok(fork_copy_next(&context, w->a, &found, &w->e), &w->e);
	check_false(found);
	test_database_exec(w->t->database, "UPDATE fork SET due_at = now()");
	check_ok(fork_copy_next(&context, w->a, &found, &w->e), &w->e);
	check_true(found);
	check_int(forking_facts(w, fork.id).state, FORK_READY);
	forking_git(w, fork.id, "rev-parse refs/heads/feature");
	merging_close(w);
}

static void what_was_pushed_into_the_fork_meanwhile_stays(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct project fork = forking_make(w, &w->bob);
	const char *address = arena_strf(w->a, "$URL/%lld", (long long)fork.id.v);
	struct str own;

	forking_init(w, &fork);
	test_landing_shell(w->t,
			   arena_strf(w->a,
				      "export FRONT_USER=%lld; git init -q x; cd x;" COMMIT(
					      "own") "git push -q %s HEAD:refs/heads/feature",
				      (long long)w->bob.user.v, address),
			   NULL);
	own = forking_git(w, fork.id, "rev-parse feature");
	forking_copy(w);
	check_int(forking_facts(w, fork.id).state, FORK_READY);
	check_str(forking_git(w, fork.id, "rev-parse feature"), arena_cstr(w->a, own));
	check_str(forking_git(w, fork.id, "rev-parse main"),
		  arena_cstr(w->a, merging_git(w, "rev-parse main")));
	merging_close(w);
}

static void a_source_that_is_deleted_first_is_told(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct project fork = forking_make(w, &w->bob);
	struct fork_facts facts;

	test_database_exec(w->t->database,
			   arena_strf(w->a,
				      "UPDATE project SET deleted_at = now(), namespace_id = NULL "
				      "WHERE id = %lld",
				      (long long)w->t->project.v));
	forking_copy(w);
	facts = forking_facts(w, fork.id);
	check_int(facts.state, FORK_FAILED);
	check_int(facts.source.v, 0);
	check_contains(facts.error, "is gone");
	git_reader_close(w->reader);
	secret_keys_close(w->instance.secret);
	test_landing_close(w->t);
}

/* More commands than a pipe holds, of which the first is none. */
static void bringing_ends_when_the_receiving_side_ends_at_once(void **state UNUSED)
{
	struct merging *w = merging_open();
	const struct actor system = actor_system();
	struct project fork = forking_make(w, &w->bob);
	struct landing_change *changes =
		ARENA_ARRAY(w->a, struct landing_change, LANDING_BRING_MAX);
	const struct landing_bring in = { .from = w->t->project,
					  .changes = changes,
					  .count = LANDING_BRING_MAX };
	struct landing_request request = merging_by(w, &system);

	signal(SIGPIPE, SIG_IGN);
	forking_init(w, &fork);
	for (size_t i = 0; i < in.count; i++)
		changes[i] = (struct landing_change){
			.name = arena_fmt(w->a, "refs/heads/%0*zu", i == 0 ? 5000 : 50, i),
			.old_oid = STR(GIT_ZERO_OID),
			.new_oid = test_landing_ref(w->t, "refs/heads/main")
		};
	request.project = fork.id;
	request.source = PUSH_SOURCE_SYSTEM;
	check_true(landing_bring(&request, &in, &w->e) < 0);
	check_int(str_find_str(str_c(w->e.text), STR("Broken pipe")), strlen(w->e.text));
	merging_close(w);
}

RUN_TESTS(TEST(bringing_ends_when_the_receiving_side_ends_at_once),
	  TEST(a_fork_has_every_branch_and_tag_and_depends_on_nobody),
	  TEST(a_fork_makes_no_pipeline_and_no_task_of_its_own),
	  TEST(a_fork_is_not_more_visible_than_its_source),
	  TEST(who_may_not_read_the_code_may_not_fork),
	  TEST(a_copy_is_refused_when_the_right_was_lost_before_it_began),
	  TEST(a_copy_whose_worker_died_is_taken_up_again),
	  TEST(what_was_pushed_into_the_fork_meanwhile_stays),
	  TEST(a_source_that_is_deleted_first_is_told))
