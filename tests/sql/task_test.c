/* Tasks: who opens and changes them, what a change leaves in the discussion. */
#include "support/domain.h"

#include "domain/review.h"
#include "domain/task.h"

struct place {
	struct domain *w;
	struct actor ann; /* owner */
	struct actor bob; /* anybody */
	struct project_id app;
};

static struct place place_open(enum visibility visibility)
{
	struct place p = { .w = domain_open() };

	p.ann = domain_user(p.w, "ann");
	p.bob = domain_user(p.w, "bob");
	p.app = domain_project(p.w, "ann/app", &p.ann, visibility);
	return p;
}

static struct task make(struct place *p, const struct actor *who, const char *title)
{
	const struct task_new in = { .title = str_c(title), .description = STR("why") };
	struct task task;

	check_ok(task_create(p->w->db, who, p->app, &in, p->w->a, &task, &p->w->e), &p->w->e);
	return task;
}

static void tasks_are_numbered_per_project(void **state UNUSED)
{
	struct place p = place_open(VISIBILITY_PUBLIC);
	struct task first = make(&p, &p.ann, "one");
	struct task second = make(&p, &p.bob, "two");

	check_int(first.iid, 1);
	check_int(second.iid, 2);
	check_str(second.author.username, "bob");
	check_str(second.description, "why");
	check_false(second.is_closed);
	domain_close(p.w);
}

static void a_private_project_has_no_tasks_for_strangers(void **state UNUSED)
{
	const struct task_new in = { .title = STR("x") };
	struct place p = place_open(VISIBILITY_PRIVATE);
	struct task task;

	check_err(task_create(p.w->db, &p.bob, p.app, &in, p.w->a, &task, &p.w->e), &p.w->e,
		  ERR_NOT_FOUND, "");
	domain_close(p.w);
}

static void bad_titles_and_labels_are_refused_with_the_rule(void **state UNUSED)
{
	static struct str comma[] = { { "a,b", 3 } };
	const struct task_new no_title = { .title = STR("  ") };
	const struct task_new label = { .title = STR("x"), .labels = { comma, 1 } };
	struct place p = place_open(VISIBILITY_PUBLIC);
	struct task task;

	check_err(task_create(p.w->db, &p.ann, p.app, &no_title, p.w->a, &task, &p.w->e), &p.w->e,
		  ERR_UNPROCESSABLE, "title");
	check_err(task_create(p.w->db, &p.ann, p.app, &label, p.w->a, &task, &p.w->e), &p.w->e,
		  ERR_UNPROCESSABLE, "comma");
	domain_close(p.w);
}

static void labels_are_a_sorted_set(void **state UNUSED)
{
	static struct str labels[] = { { "ui", 2 }, { " bug ", 5 }, { "ui", 2 }, { "", 0 } };
	static struct str gone[] = { { "ui", 2 } };
	static struct str added[] = { { "api", 3 } };
	const struct task_new in = { .title = STR("x"), .labels = { labels, 4 } };
	const struct task_change change = { .add_labels = { added, 1 },
					    .remove_labels = { gone, 1 } };
	struct place p = place_open(VISIBILITY_PUBLIC);
	struct task task;

	check_ok(task_create(p.w->db, &p.ann, p.app, &in, p.w->a, &task, &p.w->e), &p.w->e);
	check_int(task.labels.count, 2);
	check_str(task.labels.items[0], "bug");
	check_ok(task_update(p.w->db, &p.ann, p.app, task.iid, &change, p.w->a, &task, &p.w->e),
		 &p.w->e);
	check_int(task.labels.count, 2);
	check_str(task.labels.items[0], "api");
	check_str(task.labels.items[1], "bug");
	domain_close(p.w);
}

static void the_author_changes_a_task_and_others_do_not(void **state UNUSED)
{
	const struct task_change close = { .has_closed = true, .is_closed = true };
	struct place p = place_open(VISIBILITY_PUBLIC);
	struct task anns = make(&p, &p.ann, "anns");
	struct task bobs = make(&p, &p.bob, "bobs");
	struct task task;

	check_ok(task_update(p.w->db, &p.bob, p.app, bobs.iid, &close, p.w->a, &task, &p.w->e),
		 &p.w->e);
	check_true(task.is_closed);
	check_str(task.closed_by.username, "bob");
	check_err(task_update(p.w->db, &p.bob, p.app, anns.iid, &close, p.w->a, &task, &p.w->e),
		  &p.w->e, ERR_FORBIDDEN, "reporter");
	check_ok(task_update(p.w->db, &p.ann, p.app, bobs.iid,
			     &(struct task_change){ .has_closed = true }, p.w->a, &task, &p.w->e),
		 &p.w->e);
	check_false(task.is_closed);
	domain_close(p.w);
}

static void a_change_is_told_once(void **state UNUSED)
{
	const struct task_change change = { .title = STR("new *title*"),
					    .has_closed = true,
					    .is_closed = true,
					    .because = STR("with !3") };
	struct place p = place_open(VISIBILITY_PUBLIC);
	struct task task = make(&p, &p.ann, "old");
	struct review_subject subject = review_of_task(&task);
	struct discussions list;

	for (int i = 0; i < 2; i++)
		check_ok(task_update(p.w->db, &p.ann, p.app, 1, &change, p.w->a, &task, &p.w->e),
			 &p.w->e);
	check_ok(review_list(p.w->db, &subject, LISTING_FIRST, p.w->a, &list, &p.w->e), &p.w->e);
	check_int(list.total, 2);
	check_str(list.items[0].notes[0].body,
		  "changed the title from **old** to **new \\*title\\***");
	check_str(list.items[1].notes[0].body, "closed this with !3");
	check_true(list.items[1].notes[0].is_system);
	domain_close(p.w);
}

static void an_assignee_must_see_the_project(void **state UNUSED)
{
	struct place p = place_open(VISIBILITY_PRIVATE);
	struct task_change assign = { .has_assignee = true, .assignee = p.bob.user };
	struct task task = make(&p, &p.ann, "x");
	struct tasks waiting;

	check_err(task_update(p.w->db, &p.ann, p.app, 1, &assign, p.w->a, &task, &p.w->e), &p.w->e,
		  ERR_UNPROCESSABLE, "cannot see this project");
	domain_member(p.w, (struct member_place){ .project = p.app }, &p.bob, LEVEL_GUEST);
	check_ok(task_update(p.w->db, &p.ann, p.app, 1, &assign, p.w->a, &task, &p.w->e), &p.w->e);
	check_str(task.assignee.username, "bob");
	check_ok(task_list_waiting(p.w->db, &p.bob, LISTING_FIRST, p.w->a, &waiting, &p.w->e),
		 &p.w->e);
	check_int(waiting.count, 1);
	check_str(waiting.items[0].project_path, "ann/app");
	check_ok(member_remove(p.w->db, &p.ann, (struct member_place){ .project = p.app },
			       p.bob.user, &p.w->e),
		 &p.w->e);
	check_ok(task_list_waiting(p.w->db, &p.bob, LISTING_FIRST, p.w->a, &waiting, &p.w->e),
		 &p.w->e);
	check_int(waiting.count, 0);
	domain_close(p.w);
}

static void a_list_is_filtered_and_counted(void **state UNUSED)
{
	struct place p = place_open(VISIBILITY_PUBLIC);
	const struct task_change close = { .has_closed = true, .is_closed = true };
	struct tasks list;
	struct task_counts counts;
	struct task task = make(&p, &p.ann, "alpha");

	make(&p, &p.bob, "beta");
	make(&p, &p.bob, "gamma");
	check_ok(task_update(p.w->db, &p.ann, p.app, 1, &close, p.w->a, &task, &p.w->e), &p.w->e);
	check_ok(task_list(p.w->db, p.app, &(struct task_filter){ .has_closed = true },
			   LISTING_FIRST, p.w->a, &list, &p.w->e),
		 &p.w->e);
	check_int(list.total, 2);
	check_int(list.items[0].iid, 3);
	check_ok(task_list(p.w->db, p.app,
			   &(struct task_filter){ .author = STR("BOB"), .search = STR("BET") },
			   LISTING_FIRST, p.w->a, &list, &p.w->e),
		 &p.w->e);
	check_int(list.total, 1);
	check_str(list.items[0].title, "beta");
	check_ok(task_count(p.w->db, p.app, p.w->a, &counts, &p.w->e), &p.w->e);
	check_int(counts.opened, 2);
	check_int(counts.closed, 1);
	domain_close(p.w);
}

RUN_TESTS(TEST(tasks_are_numbered_per_project), TEST(a_private_project_has_no_tasks_for_strangers),
	  TEST(bad_titles_and_labels_are_refused_with_the_rule), TEST(labels_are_a_sorted_set),
	  TEST(the_author_changes_a_task_and_others_do_not), TEST(a_change_is_told_once),
	  TEST(an_assignee_must_see_the_project), TEST(a_list_is_filtered_and_counted))
