/* Merge requests from forks: opened by who only reads the target, followed, merged. */
#include "support/check.h"
#include "support/forking.h"

#include "domain/merge_request_fork.h"
#include "git/repo.h"

/* eve, who may only read, and her fork with a branch "fix" of one commit more. */
struct world {
	struct merging *w;
	struct actor eve;
	struct project fork;
};

static struct world open_world(void)
{
	struct world x = { .w = merging_open() };

	test_database_exec(x.w->t->database, "UPDATE namespace SET visibility = 'public'");
	test_database_exec(x.w->t->database, "UPDATE project SET visibility = 'public'");
	x.eve = forking_person(x.w, "eve");
	x.fork = forking_make(x.w, &x.eve);
	forking_copy(x.w);
	merging_events(x.w);
	forking_shell(x.w, &x.eve, x.fork.id,
		      "git switch -qc fix;" COMMIT("fix") "git push -q origin fix");
	return x;
}

static int open_request(struct world *x, const struct actor *who, struct merge_request_new in,
			int64_t *iid)
{
	const struct landing_request request = merging_by(x->w, who);

	in.source_project = x->fork.id;
	if (str_is_none(in.source_branch))
		in.source_branch = STR("fix");
	if (str_is_none(in.target_branch))
		in.target_branch = STR("main");
	err_clear(&x->w->e);
	return merge_request_open(&request, &in, x->w->a, iid, &x->w->e);
}

static struct merge_request opened(struct world *x)
{
	int64_t iid = 0;

	check_ok(open_request(x, &x->eve, (struct merge_request_new){ 0 }, &iid), &x->w->e);
	return merging_look(x->w, iid);
}

static struct str fork_tip(struct world *x)
{
	return forking_git(x->w, x->fork.id, "rev-parse fix");
}

static void a_reader_of_the_target_opens_one_and_its_commits_are_there(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_request mr = opened(&x);

	check_int(mr.iid, 1);
	check_int(mr.source_project.v, x.fork.id.v);
	check_str(mr.source_path, "eve/project");
	check_int(mr.check, MERGE_CLEAN);
	check_int(mr.versions, 1);
	check_str(mr.head_sha, arena_cstr(x.w->a, fork_tip(&x)));
	check_str(merging_git(x.w, "rev-parse refs/merge-requests/1/head"),
		  arena_cstr(x.w->a, mr.head_sha));
	check_int(merging_blockers(x.w, 1).count, 0);
	merging_events(x.w);
	merging_close(x.w);
}

static void who_may_not_push_to_the_fork_or_not_see_the_target_opens_none(void **state UNUSED)
{
	struct world x = open_world();
	struct actor mallory = forking_person(x.w, "mallory");
	int64_t one = 1;
	int64_t iid = 0;

	check_int(open_request(&x, &mallory, (struct merge_request_new){ 0 }, &iid),
		  -ERR_FORBIDDEN);
	check_err(open_request(&x, &x.eve, (struct merge_request_new){ .reviewers = { &one, 1 } },
			       &iid),
		  &x.w->e, ERR_FORBIDDEN, "set by developers of test/project");
	check_err(open_request(&x, &x.eve,
			       (struct merge_request_new){ .target_branch = STR("none") }, &iid),
		  &x.w->e, ERR_UNPROCESSABLE, "none does not exist in test/project");
	test_database_exec(x.w->t->database, "UPDATE fork SET source_id = NULL");
	check_err(open_request(&x, &x.eve, (struct merge_request_new){ 0 }, &iid), &x.w->e,
		  ERR_UNPROCESSABLE, "is no fork of test/project");
	test_database_exec(x.w->t->database, arena_strf(x.w->a, "UPDATE fork SET source_id = %lld",
							(long long)x.w->t->project.v));
	test_database_exec(x.w->t->database,
			   "UPDATE project SET visibility = 'private' WHERE segment = 'project'");
	check_int(open_request(&x, &x.eve, (struct merge_request_new){ 0 }, &iid), -ERR_NOT_FOUND);
	check_int(test_database_number(x.w->t->database, "SELECT count(*) FROM merge_request"), 0);
	check_int(test_landing_ref(x.w->t, "refs/merge-requests/1/head").n, 0);
	merging_close(x.w);
}

static void a_second_one_is_refused_with_the_first(void **state UNUSED)
{
	struct world x = open_world();
	int64_t other = 0;

	opened(&x);
	check_int(open_request(&x, &x.eve, (struct merge_request_new){ 0 }, &other), -ERR_CONFLICT);
	check_int(other, 1);
	merging_events(x.w);
	merging_close(x.w);
}

static void a_push_to_the_fork_makes_a_version_once_its_commits_arrived(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_request mr = opened(&x);
	struct merge_blockers blockers;

	merging_events(x.w);
	forking_shell(x.w, &x.eve, x.fork.id, COMMIT("more") "git push -q origin fix");
	blockers = merging_blockers(x.w, 1);
	check_int(blockers.count, 1);
	check_contains(blockers.items[0].sentence, "not here yet");
	merging_events(x.w);
	mr = merging_look(x.w, 1);
	check_int(mr.versions, 2);
	check_str(mr.head_sha, arena_cstr(x.w->a, fork_tip(&x)));
	check_str(merging_git(x.w, "rev-parse refs/merge-requests/1/head"),
		  arena_cstr(x.w->a, mr.head_sha));
	forking_shell(x.w, &x.eve, x.fork.id,
		      "git reset -q --hard HEAD~2;" COMMIT("other") "git push -qf origin fix");
	merging_events(x.w);
	check_int(merging_look(x.w, 1).versions, 3);
	check_str(test_landing_ref(x.w->t, "refs/forge/merge-requests/1/2"),
		  arena_cstr(x.w->a, mr.head_sha));
	check_int(merging_blockers(x.w, 1).count, 0);
	merging_close(x.w);
}

/* The target went private: what is pushed to the fork from now on stays there. */
static void a_right_that_was_lost_ends_the_following(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_request mr = opened(&x);
	struct merge_blockers blockers;

	test_database_exec(x.w->t->database,
			   "UPDATE project SET visibility = 'private' WHERE segment = 'project'");
	forking_shell(x.w, &x.eve, x.fork.id, COMMIT("more") "git push -q origin fix");
	merging_events(x.w);
	check_str(merging_look(x.w, 1).head_sha, arena_cstr(x.w->a, mr.head_sha));
	blockers = merging_blockers(x.w, 1);
	check_contains(blockers.items[0].sentence, "may open merge requests in test/project");
	merging_close(x.w);
}

static void an_owner_merges_it_and_the_author_cannot(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_request mr = opened(&x);
	struct merge_result result;

	merging_events(x.w);
	check_int(merging_merge(x.w, &x.eve, 1, (struct merge_options){ 0 }, &result),
		  -ERR_FORBIDDEN);
	check_ok(merging_merge(
			 x.w, &x.w->bob, 1,
			 (struct merge_options){ .has_remove_source = true, .remove_source = true },
			 &result),
		 &x.w->e);
	/* bob may not push to eve's fork. */
	check_false(result.removed_source);
	check_true(result.source_kept.n > 0);
	check_str(fork_tip(&x), arena_cstr(x.w->a, mr.head_sha));
	check_int(merging_look(x.w, 1).state, MERGE_REQUEST_MERGED);
	check_str(merging_git(x.w, "rev-parse main^2"), arena_cstr(x.w->a, mr.head_sha));
	merging_events(x.w);
	merging_close(x.w);
}

static void who_may_push_to_the_fork_deletes_its_branch_by_the_merge(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_result result;

	opened(&x);
	merging_events(x.w);
	test_database_exec(
		x.w->t->database,
		arena_strf(
			x.w->a,
			"INSERT INTO member (user_id, project_id, level) VALUES (%lld, %lld, 40)",
			(long long)x.w->bob.user.v, (long long)x.fork.id.v));
	check_ok(merging_merge(
			 x.w, &x.w->bob, 1,
			 (struct merge_options){ .has_remove_source = true, .remove_source = true },
			 &result),
		 &x.w->e);
	check_true(result.removed_source);
	check_int(forking_git(x.w, x.fork.id, "rev-parse -q --verify fix || true").n, 0);
	merging_events(x.w);
	merging_close(x.w);
}

/* Between the look and the merge's transaction a push to the fork is seen too. */
static void a_fork_that_moved_on_is_not_merged_unseen(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_result result;

	opened(&x);
	merging_events(x.w);
	forking_shell(x.w, &x.eve, x.fork.id, COMMIT("late") "git push -q origin fix");
	check_err(merging_merge(x.w, &x.w->bob, 1, (struct merge_options){ 0 }, &result), &x.w->e,
		  ERR_PRECONDITION, "not here yet");
	merging_events(x.w);
	check_ok(merging_merge(x.w, &x.w->bob, 1, (struct merge_options){ 0 }, &result), &x.w->e);
	merging_events(x.w);
	merging_close(x.w);
}

static void its_author_edits_closes_and_reopens_it_but_sets_no_labels(void **state UNUSED)
{
	struct world x = open_world();
	const struct merge_request_change title = { .title = STR("Better") };
	const struct merge_request_change close = { .act = MERGE_REQUEST_CLOSE };
	const struct merge_request_change reopen = { .act = MERGE_REQUEST_REOPEN };
	struct merge_request_change labels = { .has_labels = true };
	struct actor mallory = forking_person(x.w, "mallory");
	struct project_id project = x.w->t->project;
	AUTO_DB db = NULL;

	opened(&x);
	check_ok(db_acquire(x.w->t->database->pool, &db, &x.w->e), &x.w->e);
	check_ok(merge_request_update(db, &x.eve, project, 1, &title, &x.w->e), &x.w->e);
	check_err(merge_request_update(db, &x.eve, project, 1, &labels, &x.w->e), &x.w->e,
		  ERR_FORBIDDEN, "set by developers");
	check_int(merge_request_update(db, &mallory, project, 1, &title, &x.w->e), -ERR_FORBIDDEN);
	check_ok(merge_request_update(db, &x.eve, project, 1, &close, &x.w->e), &x.w->e);
	forking_shell(x.w, &x.eve, x.fork.id, COMMIT("more") "git push -q origin fix");
	merging_events(x.w);
	check_int(merging_look(x.w, 1).versions, 1);
	check_ok(merge_request_update(db, &x.eve, project, 1, &reopen, &x.w->e), &x.w->e);
	db_release(db);
	db = NULL;
	merging_events(x.w);
	check_int(merging_look(x.w, 1).versions, 2);
	check_str(merging_look(x.w, 1).head_sha, arena_cstr(x.w->a, fork_tip(&x)));
	merging_close(x.w);
}

static void a_deleted_fork_leaves_it_readable(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_request mr = opened(&x);
	struct merge_blockers blockers;
	AUTO_DB db = NULL;

	check_ok(db_acquire(x.w->t->database->pool, &db, &x.w->e), &x.w->e);
	check_ok(project_remove(db, &x.eve, x.fork.id, &x.w->e), &x.w->e);
	db_release(db);
	db = NULL;
	merging_events(x.w);
	check_int(merging_look(x.w, 1).source_project.v, 0);
	check_str(merging_git(x.w, "rev-parse refs/merge-requests/1/head"),
		  arena_cstr(x.w->a, mr.head_sha));
	blockers = merging_blockers(x.w, 1);
	check_contains(blockers.items[0].sentence, "The fork it comes from was deleted");
	merging_close(x.w);
}

/* T25: the fork's green counts, and only what ran in the fork. */
static void pipelines_count_where_they_ran_in_the_fork(void **state UNUSED)
{
	struct world x = open_world();
	struct merge_request mr = opened(&x);
	struct merge_setting setting = { .method = MERGE_METHOD_COMMIT,
					 .squash = SQUASH_DEFAULT_OFF,
					 .needs_pipeline = true };
	struct merge_blockers blockers;

	merging_set(x.w, setting);
	blockers = merging_blockers(x.w, 1);
	check_int(blockers.count, 1);
	check_contains(blockers.items[0].sentence, "with the fork's runners and variables");
	test_database_exec(
		x.w->t->database,
		arena_strf(
			x.w->a,
			"INSERT INTO pipeline (project_id, iid, ref, ref_name, sha, before_sha, "
			"source, status, is_tag, is_protected) SELECT %lld, 1, 'refs/heads/fix', "
			"'fix', '%.*s', repeat('0', 40), 'push', 'success', false, false",
			(long long)x.fork.id.v, STR_FMT(mr.head_sha)));
	check_int(merging_blockers(x.w, 1).count, 0);
	merging_events(x.w);
	merging_close(x.w);
}

RUN_TESTS(TEST(a_reader_of_the_target_opens_one_and_its_commits_are_there),
	  TEST(who_may_not_push_to_the_fork_or_not_see_the_target_opens_none),
	  TEST(a_second_one_is_refused_with_the_first),
	  TEST(a_push_to_the_fork_makes_a_version_once_its_commits_arrived),
	  TEST(a_right_that_was_lost_ends_the_following),
	  TEST(an_owner_merges_it_and_the_author_cannot),
	  TEST(who_may_push_to_the_fork_deletes_its_branch_by_the_merge),
	  TEST(a_fork_that_moved_on_is_not_merged_unseen),
	  TEST(its_author_edits_closes_and_reopens_it_but_sets_no_labels),
	  TEST(a_deleted_fork_leaves_it_readable), TEST(pipelines_count_where_they_ran_in_the_fork))
