/* A push of the real git makes pipelines: one a ref, told to the pusher, in the same transaction.
 */
#include "support/check.h"
#include "support/landing.h"

#define WORK "git init -q w; cd w; git remote add origin $P; echo 1 > f;"
#define COMMIT "git add -A; git commit -qm work;"
#define FILE_OF(text) "printf '" text "' > .gitlab-ci.yml;"
#define TWO_JOBS FILE_OF("build:\\n  script: make\\ntest:\\n  script: make check\\n")

static void check_holds(struct str text, const char *part)
{
	if (str_find_str(text, str_c(part)) == text.n)
		fail_msg("\"%s\" is not in:\n%.*s", part, STR_FMT(text));
}

static void check_lacks(struct str text, const char *part)
{
	if (str_find_str(text, str_c(part)) < text.n)
		fail_msg("\"%s\" is in:\n%.*s", part, STR_FMT(text));
}

static int64_t count(struct test_landing *t, const char *what)
{
	return test_database_number(
		t->database, arena_strf(t->database->arena, "SELECT count(*) FROM %s", what));
}

static void a_push_makes_the_pipeline_of_its_file_and_says_where(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(t, WORK TWO_JOBS COMMIT "git push origin main", NULL);

	check_holds(out, "remote: Pipeline for main (2 jobs):");
	check_holds(out, "remote:   http://localhost/test/project/-/pipelines/1");
	check_int(count(t, "pipeline WHERE source = 'push' AND ref = 'refs/heads/main' AND "
			   "status = 'pending' AND push_id IS NOT NULL AND user_id IS NOT NULL AND "
			   "is_protected AND before_sha = repeat('0', 40)"),
		  1);
	check_int(count(t, "job WHERE status = 'pending'"), 2);
	check_c(test_database_text(t->database, "SELECT sha FROM pipeline"),
		arena_cstr(t->database->arena, test_landing_ref(t, "refs/heads/main")));
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void a_commit_without_the_file_gets_none(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(t, WORK COMMIT "git push origin main", NULL);

	check_lacks(out, "ipeline");
	check_int(count(t, "pipeline"), 0);
	out = test_landing_shell(t, "cd w; ln -s f .gitlab-ci.yml;" COMMIT "git push origin main",
				 NULL);
	check_lacks(out, "ipeline");
	test_landing_close(t);
}

static void a_file_that_is_not_valid_is_told_and_refuses_nothing(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(
		t, WORK FILE_OF("build:\\n  scripts: make\\n") COMMIT "git push origin main", NULL);

	check_holds(out, "remote: The pipeline file is not valid, so no job runs for main:");
	check_holds(out, "remote:   .gitlab-ci.yml:2:3: jobs:build config contains unknown keys: "
			 "scripts");
	check_holds(out, "remote:   http://localhost/test/project/-/pipelines/1");
	check_holds(out, "[new branch]      main -> main");
	check_int(count(t, "pipeline WHERE status = 'failed' AND config_error IS NOT NULL AND "
			   "config_line = 2 AND finished_at IS NOT NULL"),
		  1);
	check_int(count(t, "job"), 0);
	test_landing_check_sound(t);
	test_landing_close(t);
}

/* 40 kB of file, 24 MB of scripts. */
#define MANY                                                                                   \
	"{ echo '.x: &x {script: ['; for i in $(seq 100); do printf \"'%0400d',\\n\" 0; done;" \
	"echo ']}'; for i in $(seq 450); do echo \"j$i: *x\"; done; } > .gitlab-ci.yml;"

static void scripts_without_end_are_the_files_fault(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(t, WORK MANY COMMIT "git push origin main", NULL);

	check_holds(out, "the jobs of the pipeline hold more than 8 MB of scripts");
	check_holds(out, "[new branch]      main -> main");
	check_int(count(t, "pipeline WHERE status = 'failed'"), 1);
	test_landing_close(t);
}

static void files_are_read_from_what_is_only_being_pushed(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();

	test_landing_shell(
		t,
		WORK
		"mkdir -p ci/deep a; echo 'one: {script: x}' > ci/deep/one.yml;"
		"echo 'two: {script: x, rules: [{exists: [a/*.txt]}]}' > ci/two.yml;"
		"echo 'nope: {script: x, rules: [{exists: [b/*.txt]}]}' > ci/nope.yml;"
		"echo > a/x.txt; echo 'include: [{local: ci/**/*.yml}]' > .gitlab-ci.yml;" COMMIT
		"git push -q origin main",
		NULL);
	check_c(test_database_text(t->database,
				   "SELECT string_agg(name, ' ' ORDER BY id) FROM job"),
		"one two");
	test_landing_close(t);
}

#define CHANGES                                                                        \
	"echo 'docs: {script: x, rules: [{changes: [docs/**/*]}]}'"                    \
	" > .gitlab-ci.yml; echo 'code: {script: x, rules: [{changes: [src/*]}]}' >> " \
	".gitlab-ci.yml;"

static void changes_are_those_of_the_push(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	const char *names = "SELECT coalesce(string_agg(name, ' ' ORDER BY id), '') FROM job "
			    "WHERE pipeline_id = (SELECT max(id) FROM pipeline)";
	struct str out;

	test_landing_shell(t, WORK CHANGES COMMIT "git push -q origin main", NULL);
	check_c(test_database_text(t->database, names), "docs code");
	test_landing_shell(
		t, "cd w; mkdir -p docs/a src; echo > docs/a/b;" COMMIT "git push -q origin main",
		NULL);
	check_c(test_database_text(t->database, names), "docs");
	test_landing_shell(t, "cd w; git mv docs/a/b src/b;" COMMIT "git push -q origin main",
			   NULL);
	check_c(test_database_text(t->database, names), "docs code");
	out = test_landing_shell(t, "cd w; echo 2 > f;" COMMIT "git push origin main", NULL);
	check_holds(out, "remote: No pipeline for main: The pipeline did not run: no job is left.");
	check_int(count(t, "pipeline"), 3);
	test_landing_close(t);
}

static void each_branch_and_tag_of_a_push_has_its_own_up_to_four(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(
		t,
		WORK TWO_JOBS COMMIT
		"git tag -a -m tag v1; git tag v2; git tag blob HEAD:f; git push origin main v1 v2",
		NULL);

	check_holds(out, "remote: Pipeline for v1 (2 jobs):");
	check_int(count(t, "pipeline"), 3);
	check_int(count(t, "pipeline WHERE is_tag AND ref = 'refs/tags/v1'"), 1);
	check_int(count(t, "pipeline_predefined WHERE variables LIKE '%\"value\":\"tag\"%'"), 1);
	check_int(test_database_number(t->database, "SELECT count(DISTINCT sha) FROM pipeline"), 1);
	test_landing_shell(t, "cd w; git push -q origin blob; git push -q origin :v2", NULL);
	check_int(count(t, "pipeline"), 3);
	out = test_landing_shell(
		t, "cd w; git push origin main:a main:b main:c main:d main:e main:f", NULL);
	check_holds(out, "remote: Only the first 4 branches and tags of a push get pipelines.");
	check_int(count(t, "pipeline"), 7);
	check_int(count(t, "pipeline WHERE ref_name = 'e'"), 0);
	test_landing_check_sound(t);
	test_landing_close(t);
}

static void a_refused_ref_gets_none(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	int status;

	test_landing_shell(t, WORK TWO_JOBS COMMIT "git push -q origin main", NULL);
	test_landing_shell(t,
			   "cd w; git checkout -q -b side; echo 2 > f;" COMMIT
			   "git checkout -q main; git commit -q --amend -m other;"
			   "git push origin +main side",
			   &status);
	check_int(status, 1);
	check_int(count(t, "pipeline"), 2);
	check_int(count(t, "pipeline WHERE ref_name = 'side'"), 1);
	test_landing_close(t);
}

static void a_pusher_may_ask_for_none_or_a_skipped_one(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(
		t, WORK TWO_JOBS COMMIT "git push -o ci.no_pipeline origin main", NULL);

	check_lacks(out, "ipeline");
	check_int(count(t, "pipeline"), 0);
	out = test_landing_shell(t, "cd w; git push -o ci.skip origin main:a", NULL);
	check_holds(out, "remote: The pipeline for a was skipped, as you asked:");
	out = test_landing_shell(t,
				 "cd w; git commit -q --allow-empty -m 'Tidy [Skip CI]';"
				 "git push origin HEAD:b",
				 NULL);
	check_holds(out, "remote: The pipeline for b was skipped, as you asked:");
	check_int(count(t, "pipeline WHERE status = 'skipped' AND finished_at IS NOT NULL"), 2);
	check_int(count(t, "job"), 0);
	test_landing_close(t);
}

static void variables_of_a_push_reach_the_rules(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(
		t,
		WORK
		"echo 'go: {script: x, rules: [{if: $GO == \"a=b\"}]}' > .gitlab-ci.yml;" COMMIT
		"git push -q origin main; git push -o ci.variable=GO=a=b origin main:topic",
		NULL);

	check_holds(out, "remote: Pipeline for topic (1 job):");
	check_int(count(t, "pipeline"), 1);
	test_landing_close(t);
}

static void the_environments_a_push_reaches_are_named(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(
		t,
		WORK FILE_OF("x:\\n  script: x\\n  environment: staging\\n"
			     "y:\\n  script: x\\n  environment: review/$CI_COMMIT_BRANCH\\n"
			     "z:\\n  script: x\\n  environment: staging\\n") COMMIT
		"git push origin main",
		NULL);

	check_holds(out, "remote: Pipeline for main (3 jobs), which deploys to staging, "
			 "review/main:");
	test_landing_close(t);
}

static void what_the_pusher_reads_has_at_most_ten_lines(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out =
		test_landing_shell(t,
				   WORK FILE_OF("build:\\n  scripts: make\\n") COMMIT
				   "git push origin main main:a main:b main:c main:d > ../out 2>&1;"
				   "grep -c '^remote: *[^ ]' ../out; cat ../out",
				   NULL);
	int64_t lines;

	check_true(str_to_i64(str_upto(out, str_find(out, '\n')), &lines));
	check_true(lines <= 10);
	check_holds(out, "remote: More: http://localhost/test/project/-/pipelines");
	test_landing_close(t);
}

RUN_TESTS(TEST(a_push_makes_the_pipeline_of_its_file_and_says_where),
	  TEST(a_commit_without_the_file_gets_none),
	  TEST(a_file_that_is_not_valid_is_told_and_refuses_nothing),
	  TEST(scripts_without_end_are_the_files_fault),
	  TEST(files_are_read_from_what_is_only_being_pushed), TEST(changes_are_those_of_the_push),
	  TEST(each_branch_and_tag_of_a_push_has_its_own_up_to_four), TEST(a_refused_ref_gets_none),
	  TEST(a_pusher_may_ask_for_none_or_a_skipped_one),
	  TEST(variables_of_a_push_reach_the_rules),
	  TEST(the_environments_a_push_reaches_are_named),
	  TEST(what_the_pusher_reads_has_at_most_ten_lines))
