/* Merge requests and pushes: pipelines of their own, links, push options. */
#include "support/check.h"
#include "support/landing.h"

#include "domain/instance.h"
#include "domain/merge_request_change.h"
#include "domain/pipeline_request.h"
#include "domain/user.h"
#include "git/repo.h"
#include "secret/secret.h"

#define BOTH                                                                                 \
	"echo 'branch: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == \"push\"}]}'"         \
	" > .gitlab-ci.yml; echo 'request: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == " \
	"\"merge_request_event\", changes: [src/*]}]}' >> .gitlab-ci.yml;"
#define SETUP                                                                                    \
	"git init -q w; cd w; git remote add origin $P;" BOTH                                    \
	"mkdir src; git add .; git commit -qm first; git push -q -o ci.no_pipeline origin main;" \
	"git checkout -q -b topic; echo 1 > src/a; git add .; git commit -qm topic;"             \
	"git push -q -o ci.no_pipeline origin topic"
#define NEXT "cd w; date +%s%N >> src/a; git add .; git commit -qm next;"

static void check_holds(struct str text, const char *part)
{
	if (str_find_str(text, str_c(part)) == text.n)
		fail_msg("\"%s\" is not in:\n%.*s", part, STR_FMT(text));
}

static int64_t count(struct test_landing *t, const char *what)
{
	return test_database_number(
		t->database, arena_strf(t->database->arena, "SELECT count(*) FROM %s", what));
}

static struct test_landing *open_with_topic(void)
{
	struct test_landing *t = test_landing_open();

	test_landing_shell(t, SETUP, NULL);
	return t;
}

static int64_t open_request(struct test_landing *t)
{
	const struct merge_request_new in = { .source_branch = STR("topic"),
					      .target_branch = STR("main"),
					      .title = STR("Topic") };
	struct err e = { 0 };
	int64_t iid = 0;
	AUTO_DB db = NULL;

	check_ok(db_acquire(t->database->pool, &db, &e), &e);
	check_ok(merge_request_create(db, &t->actor, t->project, &in, t->database->arena, &iid, &e),
		 &e);
	return iid;
}

static void a_push_to_its_branch_runs_the_request_too_once(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();
	struct str out;

	check_int(open_request(t), 1);
	out = test_landing_shell(t, NEXT "git push origin topic", NULL);
	check_holds(out, "remote: View merge request for topic:");
	check_holds(out, "remote:   http://localhost/test/project/-/merge_requests/1");
	check_holds(out, "remote: Pipeline for topic (1 job):");
	check_holds(out, "remote: Pipeline for the merge request of topic (1 job):");
	check_int(count(t, "pipeline"), 2);
	check_int(count(t, "pipeline WHERE source = 'merge_request_event' AND ref = "
			   "'refs/merge-requests/1/head' AND ref_name = 'topic' AND NOT is_tag AND "
			   "push_id IS NOT NULL"),
		  1);
	check_c(test_database_text(
			t->database,
			"SELECT string_agg(j.name || ' ' || p.source, ', ' ORDER BY j.id) "
			"FROM job j JOIN pipeline p ON p.id = j.pipeline_id"),
		"branch push, request merge_request_event");
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void a_file_without_rules_for_it_makes_none(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();

	open_request(t);
	test_landing_shell(t,
			   "cd w; echo 'x: {script: x}' > .gitlab-ci.yml; git add .;"
			   "git commit -qm plain; git push -q origin topic",
			   NULL);
	check_int(count(t, "pipeline WHERE source = 'push'"), 1);
	check_int(count(t, "pipeline"), 1);
	test_landing_close(t);
}

static void a_branch_without_one_gets_the_link_to_make_it(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();
	struct str out = test_landing_shell(t, NEXT "git push origin topic:a/b topic:main", NULL);

	check_holds(out, "remote: To create a merge request for a/b, visit:");
	check_holds(out,
		    "remote:   http://localhost/test/project/-/merge_requests/new?merge_request"
		    "%5Bsource_branch%5D=a%2Fb");
	if (str_find_str(out, STR("merge request for main")) < out.n)
		fail_msg("the default branch goes nowhere:\n%.*s", STR_FMT(out));
	test_landing_close(t);
}

static void an_option_opens_one_and_the_next_changes_it(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();
	struct str out = test_landing_shell(
		t,
		NEXT "git push -o merge_request.create -o mr.target=main -o mr.title='My title' "
		     "-o 'mr.description=one\\ntwo' -o mr.label=a -o mr.draft origin topic",
		NULL);

	check_holds(out, "remote: View merge request for topic:");
	check_c(test_database_text(t->database, "SELECT title FROM merge_request"),
		"Draft: My title");
	check_c(test_database_text(t->database, "SELECT description FROM merge_request"),
		"one\ntwo");
	out = test_landing_shell(t,
				 NEXT "git push -o mr.title='Better' -o mr.label=b -o mr.unlabel=a "
				      "-o mr.create origin topic",
				 NULL);
	check_holds(out, "remote:   http://localhost/test/project/-/merge_requests/1");
	check_c(test_database_text(t->database, "SELECT title FROM merge_request"), "Better");
	check_int(count(t, "merge_request"), 1);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void add_bob(struct test_landing *t)
{
	const struct actor system = actor_system();
	const struct user_new in = { .username = STR("bob"), .email = STR("bob@example.com") };
	struct user_door door = { 0 };
	struct err e = { 0 };
	struct user user;
	AUTO_DB db = NULL;

	check_ok(db_acquire(t->database->pool, &db, &e), &e);
	door.db = db;
	check_ok(user_create(&door, &system, &in, t->database->arena, &user, &e), &e);
}

static void an_option_adds_an_assignee_and_takes_one_off(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();
	const char *names =
		"SELECT coalesce(string_agg(u.username, ' ' ORDER BY u.username), '') FROM "
		"merge_request_person p JOIN users u ON u.id = p.user_id";

	add_bob(t);
	test_landing_shell(t, NEXT "git push -o mr.create -o mr.assign=ada origin topic", NULL);
	check_c(test_database_text(t->database, names), "ada");
	test_landing_shell(t, NEXT "git push -o mr.assign=bob origin topic", NULL);
	check_c(test_database_text(t->database, names), "ada bob");
	test_landing_shell(t, NEXT "git push -o mr.unassign=ada origin topic", NULL);
	check_c(test_database_text(t->database, names), "bob");
	test_landing_shell(t, NEXT "git push -o mr.unassign=bob origin topic", NULL);
	check_c(test_database_text(t->database, names), "");
	test_landing_close(t);
}

static void options_count_for_the_first_branches_of_a_push(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();
	struct str out = test_landing_shell(t,
					    NEXT "for i in 1 2 3 4 5 6; do git branch b$i; done;"
						 "git push -o mr.create origin b1 b2 b3 b4 b5 b6",
					    NULL);

	check_holds(out, "such options count for the first 4 branches of a push");
	check_int(count(t, "merge_request"), 4);
	check_int(count(t, "ref WHERE name LIKE 'refs/heads/b%'"), 6);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void what_an_option_cannot_do_is_told_and_the_push_stands(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();
	struct str out = test_landing_shell(
		t, NEXT "git push -o mr.create -o mr.target=nowhere origin topic", NULL);

	check_holds(out, "remote: WARNING: merge_request: ");
	check_int(count(t, "merge_request"), 0);
	out = test_landing_shell(t, NEXT "git push -o mr.title=x origin topic", NULL);
	check_holds(out, "there is no open merge request for topic");
	out = test_landing_shell(t, NEXT "git push -o mr.create -o mr.assign=nobody origin topic",
				 NULL);
	check_holds(out, "there is no user named nobody");
	test_landing_check_sound(t);
	test_landing_close(t);
}

/* By a person as often as wanted, but only while it is open. */
static void run_asked(struct test_landing *t, const struct instance *instance)
{
	struct arena *a = t->database->arena;
	struct pipeline_made made;
	struct merge_request mr;
	struct err e = { 0 };
	AUTO_DB db = NULL;

	check_ok(db_acquire(t->database->pool, &db, &e), &e);
	check_ok(merge_request_get(db, t->project, 1, a, &mr, &e), &e);
	db_release(db);
	db = NULL;
	check_ok(pipeline_run_of_request(instance, &t->actor, &mr, a, &made, &e), &e);
	check_int(count(t, "pipeline WHERE source = 'merge_request_event'"), 2);
	mr.state = MERGE_REQUEST_CLOSED;
	check_err(pipeline_run_of_request(instance, &t->actor, &mr, a, &made, &e), &e, ERR_CONFLICT,
		  "This merge request is closed");
	mr.state = MERGE_REQUEST_OPENED;
	t->actor.user.v += 1000;
	check_true(pipeline_run_of_request(instance, &t->actor, &mr, a, &made, &e) < 0);
	check_int(count(t, "pipeline WHERE source = 'merge_request_event'"), 2);
}

static void one_that_is_opened_gets_its_pipeline_once(void **state UNUSED)
{
	struct test_landing *t = open_with_topic();
	struct arena *a = t->database->arena;
	struct instance instance = { .db = t->database->pool,
				     .url = STR("http://localhost"),
				     .ssh = STR("localhost:22") };
	struct secret_keys *keys;
	struct err e = { 0 };

	open_request(t);
	check_ok(secret_keys_open(arena_strf(a, "%s/keys", t->zygote->folder), true, &keys, &e),
		 &e);
	check_ok(git_reader_open(t->zygote->folder, &instance.reader, &e), &e);
	instance.secret = keys;
	for (int i = 0; i < 2; i++) {
		const struct merge_request_id id = { test_database_number(
			t->database, "SELECT id FROM merge_request") };
		struct pipeline_made made;
		bool is_made;

		check_ok(pipeline_run_for_request(&instance, id, a, &is_made, &made, &e), &e);
		check_int(is_made, i == 0);
	}
	check_int(count(t, "pipeline WHERE source = 'merge_request_event' AND push_id IS NULL"), 1);
	run_asked(t, &instance);
	git_reader_close(instance.reader);
	secret_keys_close(keys);
	test_landing_close(t);
}

RUN_TESTS(TEST(a_push_to_its_branch_runs_the_request_too_once),
	  TEST(a_file_without_rules_for_it_makes_none),
	  TEST(a_branch_without_one_gets_the_link_to_make_it),
	  TEST(an_option_opens_one_and_the_next_changes_it),
	  TEST(an_option_adds_an_assignee_and_takes_one_off),
	  TEST(options_count_for_the_first_branches_of_a_push),
	  TEST(what_an_option_cannot_do_is_told_and_the_push_stands),
	  TEST(one_that_is_opened_gets_its_pipeline_once))
