/*
 * Merging over real repositories: pushes of the real git, merges by the operation,
 * gates in the landing's transaction.
 */
#include "support/check.h"
#include "support/merging.h"

#include "domain/merge_private.h"
#include "domain/pulse.h"

#include <pthread.h>

static void a_merge_commit_has_both_parents_and_deletes_the_source(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct merge_result result;
	struct merge_request mr;
	struct str before = merging_git(w, "rev-parse main feature");

	check_ok(merging_merge(
			 w, &w->bob, iid,
			 (struct merge_options){ .has_remove_source = true, .remove_source = true },
			 &result),
		 &w->e);
	check_str(merging_git(w, "rev-parse main"), arena_cstr(w->a, result.commit));
	check_str(merging_git(w, "rev-parse main^1 main^2"), arena_cstr(w->a, before));
	check_str(merging_git(w, "log -1 --format=%an:%cn:%B main"),
		  "bob:bob:Merge branch 'feature' into 'main'\n\nAdd two\n\n"
		  "See merge request test/project!1");
	check_true(result.removed_source);
	check_int(test_landing_ref(w->t, "refs/heads/feature").n, 0);
	mr = merging_look(w, iid);
	check_int(mr.state, MERGE_REQUEST_MERGED);
	check_str(mr.merge_sha, arena_cstr(w->a, result.commit));
	check_str(mr.merged_by.username, "bob");
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_PRECONDITION);
	merging_events(w);
	check_str(merging_git(w, "rev-parse refs/merge-requests/1/head"),
		  arena_cstr(w->a, mr.head_sha));
	merging_close(w);
}

static void a_squash_is_one_commit_by_its_author(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid;
	struct merge_result result;
	struct str before = merging_git(w, "rev-parse main");

	test_landing_shell(w->t, "cd w;" COMMIT("3") "git push -q origin feature", NULL);
	iid = merging_request(w);
	check_ok(merging_merge(w, &w->bob, iid,
			       (struct merge_options){ .has_squash = true, .squash = true },
			       &result),
		 &w->e);
	check_str(merging_git(w, "rev-parse main^"), arena_cstr(w->a, before));
	check_str(merging_git(w, "log -1 --format=%an:%cn:%s main"), "ada:bob:Add two");
	check_str(merging_git(w, "rev-parse main^{tree}"),
		  arena_cstr(w->a, merging_git(w, "rev-parse feature^{tree}")));
	check_str(merging_look(w, iid).squash_sha, arena_cstr(w->a, result.commit));
	merging_close(w);
}

static void fast_forward_moves_the_branch_and_refuses_when_it_is_behind(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct landing_request rq = merging_by(w, &w->t->actor);
	struct merge_result result;

	merging_set(w, (struct merge_setting){ .method = MERGE_METHOD_FAST_FORWARD });
	test_landing_shell(w->t, "cd w; git switch -q main;" COMMIT("9") "git push -q origin main",
			   NULL);
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_PRECONDITION);
	check_contains(str_c(w->e.text), "Update the source branch");
	check_str(str_c(merge_blockers_word(&(struct merge_blockers){
			  .items = { { MERGE_GATE_FAST_FORWARD, STR("") } }, .count = 1 })),
		  "need_rebase");
	check_ok(merge_request_update_branch(&rq, iid, w->a, &w->e), &w->e);
	check_str(merging_git(w, "log -1 --format=%s feature"),
		  "Merge branch 'main' into 'feature'");
	check_ok(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result), &w->e);
	check_str(merging_git(w, "rev-parse main"),
		  arena_cstr(w->a, merging_git(w, "rev-parse feature")));
	merging_close(w);
}

static void a_conflict_names_the_files_and_blocks(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct merge_result result;
	struct merge_request mr;

	test_landing_shell(w->t,
			   "cd w; git switch -q main; echo other > f2; git add .; git commit -qm o;"
			   "git push -q origin main",
			   NULL);
	mr = merging_look(w, iid);
	check_int(mr.check, MERGE_CONFLICT);
	check_int(mr.conflicts.count, 1);
	check_str(mr.conflicts.items[0], "f2");
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_PRECONDITION);
	check_contains(str_c(w->e.text), "changed the same lines (files: 1).");
	merging_close(w);
}

static void a_person_without_the_right_to_merge_is_told_so(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct merge_result result;

	test_database_exec(w->t->database, "UPDATE member SET level = 30 WHERE level = 40");
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_FORBIDDEN);
	check_contains(str_c(w->e.text), "may merge into it");
	test_database_exec(w->t->database, "UPDATE member SET level = 20 WHERE level = 30");
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_FORBIDDEN);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_OPENED);
	merging_close(w);
}

static void each_gate_blocks_with_its_sentence(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct merge_result result;
	struct merge_blockers b;
	AUTO_DB db = NULL;

	merging_set(w, (struct merge_setting){ .needs_pipeline = true,
					       .needs_threads_resolved = true,
					       .approvals_required = 1 });
	test_database_exec(w->t->database,
			   "UPDATE merge_request SET title = 'Draft: x', open_threads = 2");
	b = merging_blockers(w, iid);
	check_int(b.count, 4);
	check_int(b.items[0].gate, MERGE_GATE_DRAFT);
	check_int(b.items[1].gate, MERGE_GATE_PIPELINE);
	check_int(b.items[2].gate, MERGE_GATE_THREADS);
	check_int(b.items[3].gate, MERGE_GATE_APPROVALS);
	check_true(merge_blockers_wait(&b));
	check_contains(b.items[3].sentence, "0 of 1 approvals");
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_PRECONDITION);
	test_database_exec(w->t->database,
			   "UPDATE merge_request SET title = 'x', open_threads = 0");
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_approve(db, &w->bob, w->t->project, iid, STR_NONE, &w->e), &w->e);
	db_release(db);
	db = NULL;
	b = merging_blockers(w, iid);
	check_int(b.count, 1);
	check_int(b.items[0].gate, MERGE_GATE_PIPELINE);
	merging_close(w);
}

static void an_approval_counts_only_while_its_giver_may_give_it(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct merge_result result;
	AUTO_DB db = NULL;

	merging_set(w, (struct merge_setting){ .approvals_required = 1 });
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_approve(db, &w->bob, w->t->project, iid, STR_NONE, &w->e), &w->e);
	db_release(db);
	db = NULL;
	check_int(merging_blockers(w, iid).count, 0);
	test_database_exec(w->t->database, "UPDATE member SET level = 20 WHERE level = 40");
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_APPROVALS);
	check_int(merging_merge(w, &w->t->actor, iid, (struct merge_options){ 0 }, &result),
		  -ERR_PRECONDITION);
	test_database_exec(w->t->database, "UPDATE member SET level = 30, expires_at = now() - "
					   "interval '1 second' WHERE level = 20");
	check_int(merging_blockers(w, iid).count, 1);
	test_database_exec(w->t->database, "UPDATE member SET expires_at = NULL");
	check_int(merging_blockers(w, iid).count, 0);
	test_database_exec(w->t->database, "DELETE FROM member WHERE level = 30");
	check_int(merging_blockers(w, iid).count, 1);
	test_database_exec(w->t->database, "UPDATE users SET is_admin = true");
	check_int(merging_blockers(w, iid).count, 0);
	merging_close(w);
}

/* A pipeline of the head, as a push of the branch makes one. */
static void pipeline_is(struct merging *w, const char *status)
{
	test_database_exec(
		w->t->database,
		arena_strf(w->a,
			   "INSERT INTO pipeline (project_id, iid, source, ref, ref_name, is_tag, "
			   "sha, before_sha, status, is_protected) SELECT project_id, "
			   "(SELECT count(*) + 1 FROM pipeline), 'push', 'refs/heads/feature', "
			   "'feature', false, head_sha, repeat('0', 40), '%s', false "
			   "FROM merge_request",
			   status));
}

static void a_green_pipeline_counts_for_the_files_it_ran_on_only(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct merge_result result;
	struct merge_blockers b;

	merging_set(w, (struct merge_setting){ .needs_pipeline = true });
	pipeline_is(w, "running");
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE_RUNS);
	pipeline_is(w, "failed");
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE);
	pipeline_is(w, "success");
	check_int(merging_blockers(w, iid).count, 0);
	test_landing_shell(w->t, "cd w; git switch -q main;" COMMIT("9") "git push -q origin main",
			   NULL);
	b = merging_blockers(w, iid);
	check_int(b.count, 1);
	check_int(b.items[0].gate, MERGE_GATE_PIPELINE_TREE);
	check_contains(b.items[0].sentence, "Update the source branch");
	check_int(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result),
		  -ERR_PRECONDITION);
	test_landing_shell(w->t,
			   "cd w; git switch -q feature;" COMMIT("4") "git push -q origin feature",
			   NULL);
	check_int(merging_blockers(w, iid).items[0].gate, MERGE_GATE_PIPELINE);
	merging_close(w);
}

/* ---- races: the gate closes between looking and landing ---- */

static void of_a_merge_and_a_closing_gate_the_gate_wins(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct merge_result result;
	struct merge_options options = { .sha = merging_look(w, iid).head_sha };

	/* Between look and land: the trigger stands for another transaction that came first. */
	test_database_exec(
		w->t->database,
		"CREATE FUNCTION shut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
		"UPDATE merge_request SET title = 'Draft: wait'; RETURN NEW; END $$; "
		"CREATE TRIGGER shut AFTER INSERT ON push FOR EACH ROW EXECUTE FUNCTION shut()");
	check_int(merging_merge(w, &w->bob, iid, options, &result), -ERR_PRECONDITION);
	check_contains(str_c(w->e.text), "It is a draft");
	test_database_exec(w->t->database, "DROP TRIGGER shut ON push");
	check_int(merging_look(w, iid).state, MERGE_REQUEST_OPENED);
	check_str(merging_git(w, "log -1 --format=%s main"), "1");
	check_ok(merging_merge(w, &w->bob, iid, options, &result), &w->e);
	merging_close(w);
}

struct merger {
	struct merging *w;
	int64_t iid;
	int result;
	pthread_t thread;
	struct arena *a;
};

static void *merge_thread(void *closure)
{
	struct merger *m = closure;
	struct landing_request rq = merging_by(m->w, &m->w->bob);
	const struct merge_options options = { 0 };
	struct merge_result result;
	struct err e = { 0 };

	m->result = merge_request_merge(&rq, m->iid, &options, m->a, &result, &e);
	return NULL;
}

static void of_many_merges_at_once_one_happens(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct merger mergers[4];
	int64_t iid = merging_request(w);
	int merged = 0;

	for (size_t i = 0; i < ARRAY_LEN(mergers); i++) {
		mergers[i] = (struct merger){ .w = w, .iid = iid, .a = arena_open(0) };
		check_int(pthread_create(&mergers[i].thread, NULL, merge_thread, &mergers[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(mergers); i++) {
		pthread_join(mergers[i].thread, NULL);
		merged += mergers[i].result == 0;
		arena_close(mergers[i].a);
	}
	check_int(merged, 1);
	check_str(merging_git(w, "rev-list --count --first-parent main"), "2");
	merging_close(w);
}

static void of_a_push_and_a_merge_at_once_what_is_merged_was_the_head(void **state UNUSED)
{
	struct merging *w = merging_open();

	for (int i = 0; i < 6; i++) {
		struct merger m = { .w = w, .a = arena_open(0) };
		struct merge_request mr;

		test_landing_shell(w->t,
				   arena_strf(w->a,
					      "cd w; git switch -qC b%d main;" COMMIT(
						      "x$RANDOM") "git push -q origin b%d",
					      i, i),
				   NULL);
		m.iid = merging_request_to(w, arena_strf(w->a, "b%d", i), "main");
		check_int(pthread_create(&m.thread, NULL, merge_thread, &m), 0);
		test_landing_shell(
			w->t,
			arena_strf(w->a, "cd w;" COMMIT("y$RANDOM") "git push -q origin b%d", i),
			NULL);
		pthread_join(m.thread, NULL);
		mr = merging_look(w, m.iid);
		check_int(mr.state == MERGE_REQUEST_MERGED, m.result == 0);
		if (m.result == 0)
			check_str(merging_git(w, arena_strf(w->a, "rev-parse %.*s^2",
							    STR_FMT(mr.merge_sha))),
				  arena_cstr(w->a, mr.head_sha));
		arena_close(m.a);
	}
	merging_close(w);
}

/* ---- auto-merge, reverts, pushes that contain it ---- */

static void auto_merge_happens_when_the_last_gate_opens(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	const struct merge_options options = { 0 };
	AUTO_DB db = NULL;

	merging_set(w, (struct merge_setting){ .approvals_required = 1 });
	merging_look(w, iid);
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(
		merge_request_set_auto_merge(db, &w->t->actor, w->t->project, iid, &options, &w->e),
		&w->e);
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_OPENED);
	check_str(merging_look(w, iid).auto_merge_by.username, "ada");
	check_ok(merge_request_approve(db, &w->bob, w->t->project, iid, STR_NONE, &w->e), &w->e);
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_MERGED);
	check_str(merging_look(w, iid).merged_by.username, "ada");
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void auto_merge_follows_the_pipeline(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	const struct merge_options options = { 0 };
	AUTO_DB db = NULL;

	merging_set(w, (struct merge_setting){ .needs_pipeline = true });
	pipeline_is(w, "running");
	merging_look(w, iid);
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_set_auto_merge(db, &w->bob, w->t->project, iid, &options, &w->e),
		 &w->e);
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_OPENED);
	test_database_exec(w->t->database, "UPDATE pipeline SET status = 'success'");
	check_ok(merge_request_note_pipeline(
			 db,
			 (struct pipeline_id){ test_database_number(
				 w->t->database, "SELECT max(id) FROM pipeline") },
			 &w->e),
		 &w->e);
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_MERGED);
	check_str(str_c(test_database_text(w->t->database,
					   "SELECT string_agg(body, ', ' ORDER BY id) FROM note")),
		  arena_strf(w->a, "set it to be merged when everything has passed, merged as %.8s",
			     arena_cstr(w->a, merging_git(w, "rev-parse main"))));
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void auto_merge_takes_any_message_that_a_commit_can_have_and_no_other(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	char *text = arena_alloc(w->a, LANDING_MESSAGE_MAX + 1);
	struct merge_options options = { .message = str_n(text, LANDING_MESSAGE_MAX + 1) };
	AUTO_DB db = NULL;

	/* In JSON it is twice as long. */
	memset(text, '\t', LANDING_MESSAGE_MAX + 1);
	text[0] = 'x';
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	merging_set(w, (struct merge_setting){ .approvals_required = 1 });
	merging_look(w, iid);
	check_int(
		merge_request_set_auto_merge(db, &w->t->actor, w->t->project, iid, &options, &w->e),
		-ERR_UNPROCESSABLE);
	options.message.n--;
	options.squash_message = options.message;
	check_ok(
		merge_request_set_auto_merge(db, &w->t->actor, w->t->project, iid, &options, &w->e),
		&w->e);
	check_ok(merge_request_approve(db, &w->bob, w->t->project, iid, STR_NONE, &w->e), &w->e);
	db_release(db);
	db = NULL;
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_MERGED);
	check_str(merging_git(w, "log -1 --format=%s main"), "x");
	merging_close(w);
}

static void a_push_ends_auto_merge_and_a_lost_right_ends_it_with_its_reason(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	const struct merge_options options = { 0 };
	AUTO_DB db = NULL;

	merging_set(w, (struct merge_setting){ .needs_pipeline = true });
	merging_look(w, iid);
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_set_auto_merge(db, &w->bob, w->t->project, iid, &options, &w->e),
		 &w->e);
	test_landing_shell(w->t, "cd w;" COMMIT("3") "git push -q origin feature", NULL);
	check_int(merging_look(w, iid).auto_merge_by.id.v, 0);
	check_ok(merge_request_set_auto_merge(db, &w->bob, w->t->project, iid, &options, &w->e),
		 &w->e);
	test_database_exec(w->t->database, "UPDATE member SET level = 20 WHERE level = 40");
	pipeline_is(w, "success");
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_OPENED);
	check_int(merging_look(w, iid).auto_merge_by.id.v, 0);
	check_contains(merging_look(w, iid).merge_error, "you need to be at least");
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void a_revert_takes_back_exactly_what_the_merge_brought(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct landing_request rq = merging_by(w, &w->bob);
	struct merge_result result;
	struct merge_request mr;
	int64_t revert;

	check_ok(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result), &w->e);
	test_landing_shell(w->t,
			   "cd w; git switch -q main; git pull -q origin main;" COMMIT(
				   "7") "git push -q origin main",
			   NULL);
	check_ok(merge_request_revert(&rq, iid, w->a, &revert, &w->e), &w->e);
	mr = merging_look(w, revert);
	check_str(mr.title, "Revert \"Add two\"");
	check_int(mr.check, MERGE_CLEAN);
	check_ok(merging_merge(w, &w->bob, revert, (struct merge_options){ 0 }, &result), &w->e);
	check_str(merging_git(w, "ls-tree --name-only main"), "f1\nf7");
	check_int(merge_request_revert(&rq, iid, w->a, &revert, &w->e), -ERR_CONFLICT);
	check_contains(str_c(w->e.text), "has nothing of it any more");
	merging_close(w);
}

static void what_landed_is_compared_with_what_merging_gives(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct landing_request rq = merging_by(w, &w->bob);
	struct merge_result result;
	struct merge_request mr;
	bool agrees = false;

	check_ok(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result), &w->e);
	mr = merging_look(w, iid);
	check_ok(merge_agrees(&rq, &mr, w->a, &agrees, &w->e), &w->e);
	check_true(agrees);
	mr.merged_to = mr.merged_from;
	check_ok(merge_agrees(&rq, &mr, w->a, &agrees, &w->e), &w->e);
	check_false(agrees);
	merging_close(w);
}

static void a_revert_that_conflicts_says_how_to_do_it_by_hand(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct landing_request rq = merging_by(w, &w->bob);
	struct merge_result result;
	int64_t revert;

	check_ok(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result), &w->e);
	test_landing_shell(w->t,
			   "cd w; git switch -q main; git pull -q origin main; echo z > f2;"
			   "git commit -qam z; git push -q origin main",
			   NULL);
	check_int(merge_request_revert(&rq, iid, w->a, &revert, &w->e), -ERR_CONFLICT);
	check_contains(str_c(w->e.text), "git revert -m 1");
	merging_close(w);
}

static void a_push_that_contains_the_head_merges_it(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);

	test_landing_shell(w->t,
			   "cd w; git switch -q main; git merge -q --no-ff -m m feature;"
			   "git push -q origin main",
			   NULL);
	merging_events(w);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_MERGED);
	check_str(merging_look(w, iid).merged_by.username, "ada");
	merging_close(w);
}

/* The word of the page's stream: whether it is another one than last time. */
static bool pulse_moved(struct merging *w, int64_t iid, struct str *last)
{
	struct merge_request_pulse pulse;
	struct str before = *last;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(pulse_of_merge_request(db, w->t->project, iid, w->a, &pulse, &w->e), &w->e);
	*last = pulse.word;
	return !str_eq(before, pulse.word);
}

static void the_pulse_moves_with_what_the_page_says_and_only_then(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	struct str word = STR("");
	struct merge_result result;

	merging_look(w, iid);
	check_true(pulse_moved(w, iid, &word));
	check_false(pulse_moved(w, iid, &word));
	pipeline_is(w, "running");
	check_true(pulse_moved(w, iid, &word));
	test_database_exec(w->t->database, "UPDATE pipeline SET status = 'success'");
	check_true(pulse_moved(w, iid, &word));
	test_database_exec(w->t->database, "UPDATE merge_request SET updated_at = now()");
	check_false(pulse_moved(w, iid, &word));
	test_database_exec(w->t->database,
			   "UPDATE pipeline SET source_sha = sha, target_sha = sha,"
			   " sha = repeat('a', 40), ref = 'refs/merge-requests/1/merge'");
	check_false(pulse_moved(w, iid, &word));
	test_database_exec(w->t->database, "UPDATE pipeline SET status = 'failed'");
	check_true(pulse_moved(w, iid, &word));
	check_ok(merging_merge(w, &w->bob, iid, (struct merge_options){ 0 }, &result), &w->e);
	check_true(pulse_moved(w, iid, &word));
	merging_close(w);
}

RUN_TESTS(TEST(a_merge_commit_has_both_parents_and_deletes_the_source),
	  TEST(a_squash_is_one_commit_by_its_author),
	  TEST(fast_forward_moves_the_branch_and_refuses_when_it_is_behind),
	  TEST(a_conflict_names_the_files_and_blocks),
	  TEST(a_person_without_the_right_to_merge_is_told_so),
	  TEST(each_gate_blocks_with_its_sentence),
	  TEST(an_approval_counts_only_while_its_giver_may_give_it),
	  TEST(a_green_pipeline_counts_for_the_files_it_ran_on_only),
	  TEST(of_a_merge_and_a_closing_gate_the_gate_wins),
	  TEST(of_many_merges_at_once_one_happens),
	  TEST(of_a_push_and_a_merge_at_once_what_is_merged_was_the_head),
	  TEST(auto_merge_happens_when_the_last_gate_opens), TEST(auto_merge_follows_the_pipeline),
	  TEST(auto_merge_takes_any_message_that_a_commit_can_have_and_no_other),
	  TEST(a_push_ends_auto_merge_and_a_lost_right_ends_it_with_its_reason),
	  TEST(a_revert_takes_back_exactly_what_the_merge_brought),
	  TEST(what_landed_is_compared_with_what_merging_gives),
	  TEST(a_revert_that_conflicts_says_how_to_do_it_by_hand),
	  TEST(a_push_that_contains_the_head_merges_it),
	  TEST(the_pulse_moves_with_what_the_page_says_and_only_then))
