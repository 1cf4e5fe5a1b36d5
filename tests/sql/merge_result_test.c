/* Pipelines that run on what a merge would give, and what the gate makes of them. */
#include "support/check.h"
#include "support/merging.h"

#include "domain/merge_private.h"
#include "domain/pipeline_request.h"

#define FILE_OF_REQUESTS                                                           \
	"echo 'x: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == "                \
	"\"merge_request_event\"}]}' > .gitlab-ci.yml; git add .; git commit -qm " \
	"file;"

static int64_t count(struct merging *w, const char *what)
{
	return test_database_number(w->t->database,
				    arena_strf(w->a, "SELECT count(*) FROM %s", what));
}

static void main_moves(struct merging *w, const char *name)
{
	test_landing_shell(
		w->t,
		arena_strf(w->a,
			   "cd w; git switch -q main; echo %s > %s; git add .; git commit -qm %s;"
			   "git push -q origin main; git switch -q feature",
			   name, name, name),
		NULL);
}

static void all_succeed(struct merging *w)
{
	test_database_exec(w->t->database,
			   "UPDATE pipeline SET status = 'success', finished_at = now()");
}

/* feature's file has a job for merge requests; pipelines must succeed. */
static struct merging *open_with_file(bool tests_result)
{
	struct merging *w = merging_open();

	test_landing_shell(w->t, "cd w; " FILE_OF_REQUESTS "git push -q origin feature", NULL);
	merging_set(w,
		    (struct merge_setting){ .needs_pipeline = true, .tests_result = tests_result });
	return w;
}

static void run_asked(struct merging *w, int64_t iid)
{
	const struct merge_request mr = merging_look(w, iid);
	struct pipeline_made made;

	check_ok(pipeline_run_of_request(&w->instance, &w->bob, &mr, w->a, &made, &w->e), &w->e);
}

static void check_tests_pair(struct merging *w)
{
	check_c(test_database_text(w->t->database, "SELECT ref FROM pipeline ORDER BY id DESC "
						   "LIMIT 1"),
		"refs/merge-requests/1/merge");
	check_str(merging_git(w, "rev-parse refs/merge-requests/1/merge^1 "
				 "refs/merge-requests/1/merge^2"),
		  arena_cstr(w->a, merging_git(w, "rev-parse main feature")));
	check_str(merging_git(w, "rev-parse refs/merge-requests/1/merge"),
		  test_database_text(w->t->database,
				     "SELECT sha FROM pipeline ORDER BY id DESC LIMIT 1"));
}

static void a_pipeline_of_the_result_counts_for_exactly_its_pair(void **state UNUSED)
{
	struct merging *w = open_with_file(true);
	int64_t iid = merging_request(w);
	struct merge_result result;
	struct str tested;

	main_moves(w, "m1");
	merging_events(w);
	check_tests_pair(w);
	check_int(count(w, "pipeline"), 1);
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE_RUNS);
	all_succeed(w);
	check_int(merging_blockers(w, iid).count, 0);
	main_moves(w, "m2");
	merging_events(w);
	check_int(count(w, "pipeline"), 1);
	check_int(merging_blockers(w, iid).count, 1);
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE_TREE);
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_PRECONDITION);
	run_asked(w, iid);
	check_tests_pair(w);
	all_succeed(w);
	tested = merging_git(w, "rev-parse refs/merge-requests/1/merge^{tree}");
	check_ok(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result), &w->e);
	check_str(merging_git(w, "rev-parse main^{tree}"), arena_cstr(w->a, tested));
	merging_events(w);
	check_int(test_landing_ref(w->t, "refs/merge-requests/1/merge").n, 0);
	merging_close(w);
}

static void a_result_of_another_pair_never_opens_the_gate(void **state UNUSED)
{
	struct merging *w = open_with_file(true);
	int64_t iid = merging_request(w);
	struct merge_result result;
	struct merge_options options = { 0 };

	main_moves(w, "m1");
	merging_events(w);
	all_succeed(w);
	/* Another push to the target, between looking and landing: the lock sees it. */
	options.sha = merging_look(w, iid).head_sha;
	test_database_exec(w->t->database, "UPDATE pipeline SET target_sha = repeat('a', 40)");
	check_int(merging_merge(w, &w->bob, iid, options, &result), -ERR_PRECONDITION);
	check_contains(str_c(w->e.text), "moved on");
	test_database_exec(w->t->database,
			   "UPDATE pipeline SET source_sha = repeat('a', 40), target_sha = sha");
	check_int(merging_merge(w, &w->bob, iid, options, &result), -ERR_PRECONDITION);
	check_contains(str_c(w->e.text), "No pipeline ran on commit");
	merging_close(w);
}

/* The head has everything now, but what was tested was another target's result. */
static void a_result_of_a_target_that_was_rewritten_does_not_count(void **state UNUSED)
{
	struct merging *w = open_with_file(true);
	int64_t iid = merging_request(w);

	main_moves(w, "m1");
	merging_events(w);
	all_succeed(w);
	test_database_exec(w->t->database, "UPDATE protected_ref SET force_level = 40");
	test_landing_shell(w->t, "cd w; git push -q --force origin main~1:main", NULL);
	check_true(merging_look(w, iid).tree_is_tested);
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE_TREE);
	merging_close(w);
}

static void auto_merge_tests_again_when_the_target_moves(void **state UNUSED)
{
	struct merging *w = open_with_file(true);
	const struct merge_options options = { 0 };
	int64_t iid = merging_request(w);
	AUTO_DB db = NULL;

	main_moves(w, "m1");
	merging_events(w);
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_set_auto_merge(db, &w->bob, w->t->project, iid, &options, &w->e),
		 &w->e);
	db_release(db);
	db = NULL;
	main_moves(w, "m2");
	all_succeed(w);
	merging_events(w);
	check_int(count(w, "pipeline"), 2);
	check_tests_pair(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_OPENED);
	all_succeed(w);
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_note_pipeline(
			 db,
			 (struct pipeline_id){ test_database_number(
				 w->t->database, "SELECT max(id) FROM pipeline") },
			 &w->e),
		 &w->e);
	db_release(db);
	db = NULL;
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_MERGED);
	merging_close(w);
}

static void what_does_not_fit_is_tested_by_its_head(void **state UNUSED)
{
	struct merging *w = open_with_file(true);

	merging_request(w);
	main_moves(w, "f2");
	merging_events(w);
	check_int(count(w, "pipeline"), 1);
	check_int(count(w, "pipeline WHERE ref = 'refs/merge-requests/1/head' AND source_sha IS "
			   "NULL"),
		  1);
	merging_close(w);
}

static void a_push_has_its_result_tested_and_may_skip_it(void **state UNUSED)
{
	struct merging *w = open_with_file(true);

	merging_request(w);
	merging_events(w);
	check_int(count(w, "pipeline"), 1);
	test_landing_shell(w->t, "cd w;" COMMIT("5") "git push -q origin feature", NULL);
	check_int(count(w, "pipeline"), 1);
	merging_events(w);
	check_int(count(w, "pipeline"), 2);
	check_tests_pair(w);
	test_landing_shell(w->t,
			   "cd w; echo 6 > f6; git add .; git commit -qm 'x [skip ci]';"
			   "git push -q origin feature",
			   NULL);
	merging_events(w);
	check_tests_pair(w);
	check_int(count(w, "pipeline WHERE status = 'skipped' AND source_sha IS NOT NULL"), 1);
	merging_close(w);
}

static void asked_for_it_runs_on_the_result_only_if_there_is_another(void **state UNUSED)
{
	struct merging *w = open_with_file(false);
	int64_t iid = merging_request(w);

	run_asked(w, iid);
	check_int(count(w, "pipeline WHERE ref = 'refs/merge-requests/1/head'"), 1);
	all_succeed(w);
	main_moves(w, "m1");
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE_TREE);
	run_asked(w, iid);
	check_tests_pair(w);
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE_RUNS);
	all_succeed(w);
	check_int(merging_blockers(w, iid).count, 0);
	run_asked(w, iid);
	check_tests_pair(w);
	check_int(count(w, "push WHERE source = 'system' AND id IN (SELECT push_id FROM push_ref "
			   "WHERE name = 'refs/merge-requests/1/merge')"),
		  1);
	merging_close(w);
}

static void check_told(struct merging *w, const char *variable, const char *value)
{
	const char *pair = arena_strf(w->a, "{\"key\":\"CI_MERGE_REQUEST_%s\",\"value\":\"%s\"}",
				      variable, value);

	check_contains(str_c(test_database_text(w->t->database,
						"SELECT variables FROM pipeline_predefined "
						"ORDER BY pipeline_id DESC LIMIT 1")),
		       pair);
}

/* Of head and result alike, whether it is trusted or not. */
static void a_job_is_told_which_of_both_branches_are_protected(void **state UNUSED)
{
	struct merging *w = open_with_file(false);
	int64_t iid = merging_request(w);

	merging_events(w);
	check_told(w, "EVENT_TYPE", "detached");
	check_told(w, "SOURCE_BRANCH_PROTECTED", "false");
	check_told(w, "TARGET_BRANCH_PROTECTED", "true");
	test_database_exec(w->t->database, "UPDATE protected_ref SET pattern = 'feature' "
					   "WHERE pattern = 'main'");
	test_landing_shell(w->t, "cd w;" COMMIT("5") "git push -q origin feature", NULL);
	check_told(w, "SOURCE_BRANCH_PROTECTED", "true");
	check_told(w, "TARGET_BRANCH_PROTECTED", "false");
	main_moves(w, "m1");
	run_asked(w, iid);
	check_told(w, "EVENT_TYPE", "merged_result");
	check_told(w, "SOURCE_BRANCH_PROTECTED", "true");
	merging_close(w);
}

static void what_a_push_merges_needs_no_result_any_more(void **state UNUSED)
{
	struct merging *w = open_with_file(true);
	int64_t iid = merging_request(w);

	main_moves(w, "m1");
	merging_events(w);
	check_tests_pair(w);
	test_landing_shell(w->t,
			   "cd w; git switch -q main; git merge -q --no-ff -m m feature;"
			   "git push -q origin main",
			   NULL);
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_MERGED);
	check_int(test_landing_ref(w->t, "refs/merge-requests/1/merge").n, 0);
	merging_close(w);
}

/* main is protected, feature is not: its file decides what the result runs. */
static void a_result_is_trusted_only_if_both_branches_are_protected(void **state UNUSED)
{
	struct merging *w = open_with_file(true);
	int64_t iid;

	test_landing_shell(w->t,
			   "cd w; git switch -q main; " FILE_OF_REQUESTS
			   "git push -q origin main; git switch -q feature; echo y > y; git add .;"
			   "git commit -qm y; git push -q origin feature",
			   NULL);
	test_database_exec(w->t->database, "DELETE FROM pipeline");
	iid = merging_request_to(w, "main", "feature");
	merging_events(w);
	check_int(count(w, "pipeline WHERE source_sha IS NOT NULL AND NOT is_protected"), 1);
	test_database_exec(
		w->t->database,
		"INSERT INTO protected_ref (project_id, kind, pattern, push_level, "
		"merge_level, force_level) SELECT project_id, kind, 'feature', push_level, "
		"merge_level, force_level FROM protected_ref WHERE pattern = 'main'");
	run_asked(w, iid);
	check_int(count(w, "pipeline WHERE source_sha IS NOT NULL AND is_protected"), 1);
	merging_close(w);
}

RUN_TESTS(TEST(a_pipeline_of_the_result_counts_for_exactly_its_pair),
	  TEST(a_result_of_another_pair_never_opens_the_gate),
	  TEST(a_result_of_a_target_that_was_rewritten_does_not_count),
	  TEST(auto_merge_tests_again_when_the_target_moves),
	  TEST(what_does_not_fit_is_tested_by_its_head),
	  TEST(a_push_has_its_result_tested_and_may_skip_it),
	  TEST(asked_for_it_runs_on_the_result_only_if_there_is_another),
	  TEST(a_job_is_told_which_of_both_branches_are_protected),
	  TEST(what_a_push_merges_needs_no_result_any_more),
	  TEST(a_result_is_trusted_only_if_both_branches_are_protected))
