/* Pushes of the real git, and changes by pages, land: rows, refs and words agree. */
#include "support/check.h"
#include "support/landing.h"

#include "domain/event.h"
#include "domain/push.h"

#define COMMIT(n) "echo " n " > f" n "; git add .; git commit -qm " n ";"
#define WORK "git init -q w; cd w; git remote add origin $P;" COMMIT("1")

static void check_holds(struct str text, const char *part)
{
	if (str_find_str(text, str_c(part)) == text.n)
		fail_msg("\"%s\" is not in:\n%.*s", part, STR_FMT(text));
}

static struct test_landing *open_with_main(void)
{
	struct test_landing *t = test_landing_open();

	test_landing_shell(t, WORK "git push -q origin main", NULL);
	return t;
}

static void a_push_is_recorded_and_the_first_one_says_where(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(t, WORK "git tag v1; git push origin main v1", NULL);

	check_holds(out, "remote: This is the first push to test/project. Its page:");
	check_holds(out, "[new tag]         v1 -> v1");
	check_int(
		test_database_number(t->database, "SELECT count(*) FROM push WHERE source = 'ssh'"),
		1);
	check_int(test_database_number(t->database, "SELECT count(*) FROM push_ref"), 2);
	check_int(test_database_number(t->database, "SELECT count(*) FROM outbox"), 1);
	test_landing_check_sound(t);
	out = test_landing_shell(t, "cd w;" COMMIT("2") "git push origin main", NULL);
	check_true(str_find_str(out, STR("remote:")) == out.n);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void a_refused_ref_says_why_and_the_others_land(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	int status;
	struct str out = test_landing_shell(
		t,
		"cd w; git checkout -q -b side;" COMMIT(
			"2") "git checkout -q main;"
			     "git commit -q --amend -m other; git push origin +main side",
		&status);

	check_int(status, 1);
	check_holds(out, "[new branch]      side -> side");
	check_holds(out, "! [remote rejected] main -> main (");
	check_int(test_database_number(t->database, "SELECT count(*) FROM ref"), 2);
	out = test_landing_shell(t, "cd w; git push --atomic origin +main side:side2", &status);
	check_int(status, 1);
	check_holds(out, "another ref of this atomic push was refused");
	check_int(test_landing_ref(t, "refs/heads/side2").n, 0);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void forced_pushes_and_deletions_are_recorded_as_such(void **state UNUSED)
{
	struct test_landing *t = open_with_main();

	test_landing_shell(t,
			   "cd w; git push -q origin main:topic; git commit -q --amend -m other;"
			   "git push -q origin +main:topic; git push -q origin :topic",
			   NULL);
	check_int(
		test_database_number(t->database, "SELECT count(*) FROM push_ref WHERE is_forced"),
		1);
	check_int(test_database_number(
			  t->database,
			  "SELECT count(*) FROM push_ref WHERE new_oid = repeat('0', 40)"),
		  1);
	check_int(test_database_number(t->database, "SELECT count(*) FROM ref"), 1);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void names_git_cannot_have_together_are_refused_with_a_sentence(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	int status;
	struct str out;

	test_landing_shell(t, "cd w; git push -q origin main:a/b; git -C $R pack-refs --all", NULL);
	out = test_landing_shell(t, "cd w; git push origin main:a main:a/b/c main:ok", &status);
	check_int(status, 1);
	check_holds(out, "main -> a (refs/heads/a/b exists; git cannot have both names)");
	check_holds(out, "main -> a/b/c (refs/heads/a/b exists; git cannot have both names)");
	check_holds(out, "main -> ok");
	out = test_landing_shell(t, "cd w; git push origin main:x main:x/y", &status);
	check_int(status, 1);
	check_holds(out, "The refs could not be changed");
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void of_two_pushes_to_one_branch_exactly_one_wins(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	struct str out;

	test_landing_shell(
		t,
		"git clone -q w v; cd v; git remote set-url origin $P; echo v > v; git add v;"
		"git commit -qm v; cd ../w; echo w > w; git add w; git commit -qm w",
		NULL);
	out = test_landing_shell(t,
				 "(cd v; git push origin main && echo won) & "
				 "(cd w; git push origin main && echo won) & wait; true",
				 NULL);
	check_holds(out, "won");
	check_holds(out, "fetch");
	check_int(test_database_number(t->database, "SELECT count(*) FROM push"), 2);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static struct str resolve(struct test_landing *t, const char *name)
{
	return arena_str(t->database->arena, test_landing_ref(t, name));
}

static void pages_create_move_and_delete_branches_and_tags(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	const struct landing_request rq = test_landing_request(t, PUSH_SOURCE_PAGE);
	struct str main_oid = resolve(t, "refs/heads/main");
	const struct landing_change make[] = {
		{ .name = STR("refs/heads/topic"),
		  .old_oid = STR(GIT_ZERO_OID),
		  .new_oid = main_oid },
		{ .name = STR("refs/tags/v1"),
		  .new_oid = main_oid,
		  .tag_message = STR("One\n\nwith a body") },
	};
	const struct landing_change again = make[0];
	const struct landing_change drop = { .name = STR("refs/heads/topic"),
					     .new_oid = STR(GIT_ZERO_OID) };
	const struct landing_change bad = { .name = STR("refs/heads/a..b"), .new_oid = main_oid };
	struct err e = { 0 };

	check_ok(landing_change_refs(&rq, make, 2, &e), &e);
	check_true(str_eq(resolve(t, "refs/heads/topic"), main_oid));
	check_holds(test_landing_shell(t, "git -C $R cat-file tag v1", NULL),
		    "tagger ada <ada@example.com>");
	check_err(landing_change_refs(&rq, &again, 1, &e), &e, ERR_CONFLICT, "exists already");
	check_ok(landing_change_refs(&rq, &drop, 1, &e), &e);
	check_err(landing_change_refs(&rq, &drop, 1, &e), &e, ERR_CONFLICT, "does not exist");
	check_true(landing_change_refs(&rq, &bad, 1, &e) < 0);
	check_int(test_database_number(t->database,
				       "SELECT count(*) FROM push WHERE source = 'page'"),
		  2);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void a_person_without_rights_changes_nothing(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	struct landing_request rq = test_landing_request(t, PUSH_SOURCE_PAGE);
	struct actor stranger = t->actor;
	const struct landing_change change = { .name = STR("refs/heads/topic"),
					       .new_oid = resolve(t, "refs/heads/main") };
	struct err e = { 0 };

	stranger.user.v += 1000;
	rq.actor = &stranger;
	check_true(landing_change_refs(&rq, &change, 1, &e) < 0);
	check_int(test_landing_ref(t, "refs/heads/topic").n, 0);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void the_first_branch_becomes_the_default_if_main_was_not_pushed(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	const struct event_context context = { .db = t->database->pool,
					       .run = t->zygote->folder,
					       .data = t->zygote->folder };
	struct event event;
	struct err e = { 0 };
	bool found;
	AUTO_DB db = NULL;

	test_landing_shell(t, WORK "git push -q origin main:trunk", NULL);
	check_ok(db_acquire(t->database->pool, &db, &e), &e);
	check_ok(event_claim(db, t->database->arena, &event, &found, &e), &e);
	check_true(found);
	check_ok(event_handle(&context, &event, t->database->arena, &e), &e);
	check_ok(event_handle(&context, &event, t->database->arena, &e), &e);
	check_ok(event_done(db, &event, &e), &e);
	check_ok(event_claim(db, t->database->arena, &event, &found, &e), &e);
	check_false(found);
	db_release(db);
	db = NULL;
	check_c(test_database_text(t->database, "SELECT default_branch FROM project"), "trunk");
	check_str(test_landing_shell(t, "git -C $R symbolic-ref HEAD", NULL), "refs/heads/trunk\n");
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void what_changed_behind_our_back_is_recorded_as_the_systems(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	const struct landing_request rq = test_landing_request(t, PUSH_SOURCE_SYSTEM);
	struct err e = { 0 };
	size_t differences;
	bool was_busy;

	check_ok(landing_reconcile(&rq, t->zygote->folder, &differences, &was_busy, &e), &e);
	check_int(differences, 0);
	test_landing_shell(t,
			   "cd $R; git update-ref refs/heads/sly refs/heads/main;"
			   "git update-ref -d refs/heads/main",
			   NULL);
	check_ok(landing_reconcile(&rq, t->zygote->folder, &differences, &was_busy, &e), &e);
	check_false(was_busy);
	check_int(differences, 2);
	check_int(test_database_number(
			  t->database,
			  "SELECT count(*) FROM push_ref r JOIN push p ON p.id = r.push_id "
			  "WHERE p.source = 'system'"),
		  2);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void many_refs_make_a_repository_due_at_once(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	const char *due = "SELECT count(*) FROM housekeeping WHERE due_at <= now()";

	check_int(test_database_number(t->database, due), 0);
	test_landing_shell(
		t, "cd w; for i in $(seq 200); do echo main:b$i; done | xargs git push -q origin",
		NULL);
	check_int(test_database_number(t->database, due), 1);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void pushes_are_listed_newest_first_with_their_refs(void **state UNUSED)
{
	struct test_landing *t = open_with_main();
	const struct listing all = LISTING_FIRST;
	struct push *pushes;
	struct err e = { 0 };
	size_t count;
	AUTO_DB db = NULL;

	test_landing_shell(t, "cd w; git push -q origin main:a main:b", NULL);
	check_ok(db_acquire(t->database->pool, &db, &e), &e);
	check_ok(push_list(db, t->project, &all, t->database->arena, &pushes, &count, &e), &e);
	db_release(db);
	db = NULL;
	check_int(count, 2);
	check_int(pushes[0].refs_count, 2);
	check_str(pushes[1].refs[0].name, "refs/heads/main");
	check_str(pushes[0].username, "ada");
	test_landing_close(t);
}

RUN_TESTS(TEST(a_push_is_recorded_and_the_first_one_says_where),
	  TEST(a_refused_ref_says_why_and_the_others_land),
	  TEST(forced_pushes_and_deletions_are_recorded_as_such),
	  TEST(names_git_cannot_have_together_are_refused_with_a_sentence),
	  TEST(of_two_pushes_to_one_branch_exactly_one_wins),
	  TEST(pages_create_move_and_delete_branches_and_tags),
	  TEST(a_person_without_rights_changes_nothing),
	  TEST(the_first_branch_becomes_the_default_if_main_was_not_pushed),
	  TEST(what_changed_behind_our_back_is_recorded_as_the_systems),
	  TEST(many_refs_make_a_repository_due_at_once),
	  TEST(pushes_are_listed_newest_first_with_their_refs))
