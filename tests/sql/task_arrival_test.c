/* Tasks that a change closes once it has come to the default branch. */
#include "support/check.h"
#include "support/merging.h"

#include "domain/task.h"

static int64_t make_task(struct merging *w, const char *title)
{
	const struct task_new in = { .title = str_c(title) };
	struct task task;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(task_create(db, &w->t->actor, w->t->project, &in, w->a, &task, &w->e), &w->e);
	return task.iid;
}

static bool is_closed(struct merging *w, int64_t iid)
{
	struct task task;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(task_get(db, w->t->project, iid, w->a, &task, &w->e), &w->e);
	return task.is_closed;
}

static const char *said(struct merging *w)
{
	return test_database_text(w->t->database,
				  "SELECT n.body FROM note n JOIN discussion d ON d.id = "
				  "n.discussion_id WHERE d.task_id IS NOT NULL ORDER BY n.id DESC "
				  "LIMIT 1");
}

static void describe(struct merging *w, int64_t iid, const char *text)
{
	const struct merge_request_change change = { .description = str_c(text) };
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_update(db, &w->t->actor, w->t->project, iid, &change, &w->e), &w->e);
}

static void a_pushed_commit_closes_the_task_it_names(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t task = make_task(w, "one");
	int64_t other = make_task(w, "two");

	test_landing_shell(w->t,
			   "cd w; git switch -q main; echo x > x; git add .;"
			   "git commit -qm 'Mend it' -m 'Closes #1'; git push -q origin main",
			   NULL);
	merging_events(w);
	check_true(is_closed(w, task));
	check_false(is_closed(w, other));
	check_contains(str_c(said(w)), "closed this with commit ");
	merging_close(w);
}

static void a_feature_closes_its_task_when_stage_comes_to_main(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t task = make_task(w, "one");
	struct merge_result result;
	int64_t feature;

	test_landing_shell(w->t, "cd w; git push -q origin main:stage", NULL);
	feature = merging_request_to(w, "feature", "stage");
	describe(w, feature, "Because.\n\nCloses #1");
	check_ok(merging_merge(w, &w->bob, feature, (struct merge_options){ 0 }, &result), &w->e);
	merging_events(w);
	check_false(is_closed(w, task));
	check_ok(merging_merge(w, &w->bob, merging_request_to(w, "stage", "main"),
			       (struct merge_options){ 0 }, &result),
		 &w->e);
	merging_events(w);
	check_true(is_closed(w, task));
	check_c(said(w), "closed this with !1");
	merging_close(w);
}

static void a_branch_beside_the_way_closes_nothing(void **state UNUSED)
{
	struct merging *w = merging_open();
	int64_t task = make_task(w, "one");

	test_landing_shell(w->t,
			   "cd w; git switch -qc aside main; echo x > x; git add .;"
			   "git commit -qm 'Closes #1'; git push -q origin aside",
			   NULL);
	merging_events(w);
	check_false(is_closed(w, task));
	merging_close(w);
}

RUN_TESTS(TEST(a_pushed_commit_closes_the_task_it_names),
	  TEST(a_feature_closes_its_task_when_stage_comes_to_main),
	  TEST(a_branch_beside_the_way_closes_nothing))
