/* Merge requests over real repositories: opened, approved, changed, listed. */
#include "support/check.h"
#include "support/merging.h"

#include "domain/merge_request_list.h"

static void a_merge_request_knows_its_head_base_and_that_it_fits(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct merge_request mr = merging_look(w, merging_request(w));

	check_int(mr.iid, 1);
	check_int(mr.state, MERGE_REQUEST_OPENED);
	check_int(mr.check, MERGE_CLEAN);
	check_true(mr.tree_is_tested);
	check_false(mr.is_behind);
	check_str(mr.head_sha, arena_cstr(w->a, merging_git(w, "rev-parse feature")));
	check_str(mr.base_sha, arena_cstr(w->a, merging_git(w, "rev-parse main")));
	check_int(mr.versions, 1);
	check_int(merging_blockers(w, 1).count, 0);
	merging_events(w);
	check_str(merging_git(w, "rev-parse refs/merge-requests/1/head"),
		  arena_cstr(w->a, mr.head_sha));
	merging_close(w);
}

static void a_second_one_for_the_same_branches_is_refused_with_the_first(void **state UNUSED)
{
	struct merging *w = merging_open();
	const struct merge_request_new in = { .source_branch = STR("feature"),
					      .target_branch = STR("main") };
	int64_t iid = merging_request(w);
	int64_t other = 0;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_int(merge_request_create(db, &w->t->actor, w->t->project, &in, w->a, &other, &w->e),
		  -ERR_CONFLICT);
	check_int(other, iid);
	check_contains(str_c(w->e.text), "already exists for this source branch: !1");
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void a_push_makes_a_version_and_voids_approvals_even_of_the_old_head(void **state UNUSED)
{
	struct merging *w = merging_open();
	struct merge_request_version *versions;
	int64_t iid = merging_request(w);
	struct merge_request mr = merging_look(w, iid);
	const char *approvals = "SELECT count(*) FROM merge_request_approval";
	size_t count;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_approve(db, &w->bob, w->t->project, iid, mr.head_sha, &w->e), &w->e);
	check_int(test_database_number(w->t->database, approvals), 1);
	test_landing_shell(w->t, "cd w;" COMMIT("3") "git push -q origin feature", NULL);
	check_int(test_database_number(w->t->database, approvals), 0);
	check_int(merge_request_approve(db, &w->bob, w->t->project, iid, mr.head_sha, &w->e),
		  -ERR_CONFLICT);
	test_landing_shell(w->t, "cd w; git reset -q --hard HEAD~1; git push -qf origin feature",
			   NULL);
	check_int(test_database_number(w->t->database, approvals), 0);
	check_ok(merge_request_versions(db, mr.id, w->a, &versions, &count, &w->e), &w->e);
	check_int(count, 3);
	check_str(versions[0].head_sha, arena_cstr(w->a, mr.head_sha));
	check_str(versions[0].pusher.username, "ada");
	merging_events(w);
	check_str(test_landing_ref(w->t, "refs/forge/merge-requests/1/2"),
		  arena_cstr(w->a, versions[1].head_sha));
	check_int(test_landing_ref(w->t, "refs/forge/merge-requests/1/1").n, 0);
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void neither_author_nor_pusher_approves(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_int(merge_request_approve(db, &w->t->actor, w->t->project, iid, STR_NONE, &w->e),
		  -ERR_FORBIDDEN);
	check_contains(str_c(w->e.text), "You opened it");
	test_database_exec(w->t->database, "UPDATE merge_request SET author_id = NULL");
	check_int(merge_request_approve(db, &w->t->actor, w->t->project, iid, STR_NONE, &w->e),
		  -ERR_FORBIDDEN);
	check_contains(str_c(w->e.text), "You pushed its last commit");
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void
who_pushed_the_head_does_not_approve_it_whoever_opened_or_changed_it(void **state UNUSED)
{
	struct merging *w = merging_open();
	const struct merge_request_new in = { .source_branch = STR("feature"),
					      .target_branch = STR("main") };
	const struct merge_request_change changes[] = { { .target_branch = STR("other") },
							{ .act = MERGE_REQUEST_CLOSE },
							{ .act = MERGE_REQUEST_REOPEN } };
	struct merge_request_version *versions;
	int64_t iid = 0;
	size_t count;
	AUTO_DB db = NULL;

	test_landing_shell(w->t, "cd w; git push -q origin main:other", NULL);
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_create(db, &w->bob, w->t->project, &in, w->a, &iid, &w->e), &w->e);
	for (size_t i = 0; i <= ARRAY_LEN(changes); i++) {
		if (i > 0)
			check_ok(merge_request_update(db, &w->bob, w->t->project, iid,
						      &changes[i - 1], &w->e),
				 &w->e);
		/* While it is closed ada pushes once more. */
		if (i == 2) {
			test_landing_shell(w->t, "cd w;" COMMIT("3") "git push -q origin feature",
					   NULL);
			continue;
		}
		check_int(merge_request_approve(db, &w->t->actor, w->t->project, iid, STR_NONE,
						&w->e),
			  -ERR_FORBIDDEN);
		check_contains(str_c(w->e.text), "You pushed its last commit");
	}
	check_ok(
		merge_request_versions(db, merging_look(w, iid).id, w->a, &versions, &count, &w->e),
		&w->e);
	check_int(count, 3);
	check_str(versions[0].pusher.username, "ada");
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void closed_reopened_and_retargeted_it_follows_its_branches(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t iid = merging_request(w);
	const struct merge_request_change close = { .act = MERGE_REQUEST_CLOSE };
	const struct merge_request_change reopen = { .act = MERGE_REQUEST_REOPEN };
	const struct merge_request_change retarget = { .target_branch = STR("other") };
	const struct merge_request_change draft = { .has_draft = true, .is_draft = true };
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_update(db, &w->bob, w->t->project, iid, &close, &w->e), &w->e);
	check_int(merging_look(w, iid).state, MERGE_REQUEST_CLOSED);
	check_int(merge_request_update(db, &w->bob, w->t->project, iid, &close, &w->e),
		  -ERR_CONFLICT);
	test_landing_shell(w->t, "cd w;" COMMIT("3") "git push -q origin feature main:other", NULL);
	check_int(merging_look(w, iid).versions, 1);
	check_ok(merge_request_update(db, &w->bob, w->t->project, iid, &reopen, &w->e), &w->e);
	check_int(merging_look(w, iid).versions, 2);
	check_str(merging_look(w, iid).head_sha,
		  arena_cstr(w->a, merging_git(w, "rev-parse feature")));
	check_ok(merge_request_update(db, &w->bob, w->t->project, iid, &retarget, &w->e), &w->e);
	check_str(merging_look(w, iid).target_branch, "other");
	check_int(merging_look(w, iid).versions, 3);
	check_ok(merge_request_update(db, &w->bob, w->t->project, iid, &draft, &w->e), &w->e);
	check_true(merging_look(w, iid).is_draft);
	check_str(merging_look(w, iid).title, "Draft: Add two");
	db_release(db);
	db = NULL;
	merging_close(w);
}

static void lists_show_what_the_actor_sees_and_waits_for(void **state UNUSED)
{
	struct merging *w = merging_open();
	const struct actor nobody = actor_anonymous();
	const struct merge_request_filter all = { 0 };
	const struct merge_request_filter mine = { .waits_for_me = true };
	const struct merge_request_filter found = { .search = STR("TWO"), .has_state = true };
	struct merge_request_change reviewers = { .has_reviewers = true };
	struct merge_requests list;
	int64_t bob = w->bob.user.v;
	int64_t iid = merging_request(w);
	AUTO_DB db = NULL;

	reviewers.reviewers = (struct i64_list){ &bob, 1 };
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_update(db, &w->t->actor, w->t->project, iid, &reviewers, &w->e),
		 &w->e);
	check_ok(merge_request_list(db, &nobody, &all, LISTING_FIRST, w->a, &list, &w->e), &w->e);
	check_int(list.total, 0);
	check_ok(merge_request_list(db, &w->bob, &mine, LISTING_FIRST, w->a, &list, &w->e), &w->e);
	check_int(list.total, 1);
	check_str(list.items[0].reviewers.items[0].username, "bob");
	check_ok(merge_request_list(db, &w->t->actor, &mine, LISTING_FIRST, w->a, &list, &w->e),
		 &w->e);
	check_int(list.total, 0);
	check_ok(merge_request_list(db, &w->bob, &found, LISTING_FIRST, w->a, &list, &w->e), &w->e);
	check_int(list.total, 1);
	check_ok(merge_request_approve(db, &w->bob, w->t->project, iid, STR_NONE, &w->e), &w->e);
	check_ok(merge_request_list(db, &w->bob, &mine, LISTING_FIRST, w->a, &list, &w->e), &w->e);
	check_int(list.total, 0);
	db_release(db);
	db = NULL;
	merging_close(w);
}

RUN_TESTS(TEST(a_merge_request_knows_its_head_base_and_that_it_fits),
	  TEST(a_second_one_for_the_same_branches_is_refused_with_the_first),
	  TEST(a_push_makes_a_version_and_voids_approvals_even_of_the_old_head),
	  TEST(neither_author_nor_pusher_approves),
	  TEST(who_pushed_the_head_does_not_approve_it_whoever_opened_or_changed_it),
	  TEST(closed_reopened_and_retargeted_it_follows_its_branches),
	  TEST(lists_show_what_the_actor_sees_and_waits_for))
