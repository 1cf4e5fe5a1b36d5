/* Discussions: comments, threads, who may change and resolve them. */
#include "support/domain.h"

#include "domain/review.h"

#define SHA "1111111111111111111111111111111111111111"

struct talk {
	struct domain *w;
	struct actor ann; /* owner */
	struct actor bob; /* anybody; the author of task and merge request */
	struct actor eve; /* anybody */
	struct project_id app;
	struct review_subject task;
	struct review_subject merge_request;
};

static struct talk talk_open(void)
{
	struct talk t = { .w = domain_open() };
	struct task task;

	t.ann = domain_user(t.w, "ann");
	t.bob = domain_user(t.w, "bob");
	t.eve = domain_user(t.w, "eve");
	t.app = domain_project(t.w, "ann/app", &t.ann, VISIBILITY_PUBLIC);
	check_ok(task_create(t.w->db, &t.bob, t.app, &(struct task_new){ .title = STR("x") },
			     t.w->a, &task, &t.w->e),
		 &t.w->e);
	t.task = review_of_task(&task);
	test_database_exec(t.w->database,
			   "INSERT INTO merge_request (project_id, iid, source_project_id, "
			   "source_branch, target_branch, title, author_id, head_sha) "
			   "SELECT p.id, 1, p.id, 'a', 'main', 'x', u.id, '" SHA "' "
			   "FROM project p, users u WHERE u.username = 'bob'");
	t.merge_request = (struct review_subject){
		.kind = REVIEW_MERGE_REQUEST,
		.id = test_database_number(t.w->database, "SELECT id FROM merge_request"),
		.iid = 1,
		.project = t.app,
		.author = t.bob.user,
	};
	return t;
}

static struct discussion say(struct talk *t, const struct actor *who,
			     const struct review_subject *subject, const char *body, bool is_thread)
{
	const struct note_new in = { .body = str_c(body), .is_thread = is_thread };
	struct discussion made;

	check_ok(review_start(t->w->db, who, subject, &in, t->w->a, &made, &t->w->e), &t->w->e);
	return made;
}

static int64_t open_threads(struct talk *t)
{
	return test_database_number(t->w->database, "SELECT open_threads FROM merge_request");
}

static void an_answered_comment_becomes_a_thread(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussion d = say(&t, &t.bob, &t.task, "why?", false);
	struct note note;

	check_false(d.is_thread);
	check_int(d.key.n, REVIEW_KEY_LENGTH);
	check_ok(review_reply(t.w->db, &t.ann, &t.task, d.key, STR("so"), t.w->a, &note, &t.w->e),
		 &t.w->e);
	check_ok(review_get(t.w->db, &t.task, d.key, t.w->a, &d, &t.w->e), &t.w->e);
	check_true(d.is_thread && !d.is_resolvable);
	check_int(d.notes_count, 2);
	check_str(d.notes[1].body, "so");
	check_str(d.notes[1].author.username, "ann");
	domain_close(t.w);
}

static void a_discussion_is_found_only_through_its_subject(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussion d = say(&t, &t.bob, &t.task, "x", true);
	struct note note;

	check_err(review_get(t.w->db, &t.merge_request, d.key, t.w->a, &d, &t.w->e), &t.w->e,
		  ERR_NOT_FOUND, "no such discussion");
	check_err(review_reply(t.w->db, &t.ann, &t.merge_request, d.key, STR("y"), t.w->a, &note,
			       &t.w->e),
		  &t.w->e, ERR_NOT_FOUND, "no such discussion");
	check_err(
		review_update(t.w->db, &t.bob, &t.merge_request, d.notes[0].id, STR("y"), &t.w->e),
		&t.w->e, ERR_NOT_FOUND, "no such comment");
	domain_close(t.w);
}

static void threads_of_a_merge_request_are_counted_until_resolved(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussion d = say(&t, &t.eve, &t.merge_request, "wrong", true);

	say(&t, &t.eve, &t.merge_request, "only a comment", false);
	check_int(open_threads(&t), 1);
	check_ok(review_resolve(t.w->db, &t.bob, &t.merge_request, d.key, true, &t.w->e), &t.w->e);
	check_int(open_threads(&t), 0);
	check_ok(review_get(t.w->db, &t.merge_request, d.key, t.w->a, &d, &t.w->e), &t.w->e);
	check_true(d.is_resolved);
	check_str(d.resolved_by.username, "bob");
	check_ok(review_resolve(t.w->db, &t.eve, &t.merge_request, d.key, false, &t.w->e), &t.w->e);
	check_int(open_threads(&t), 1);
	check_int(test_database_number(t.w->database, "SELECT notes FROM merge_request"), 2);
	check_ok(review_remove(t.w->db, &t.eve, &t.merge_request, d.notes[0].id, &t.w->e), &t.w->e);
	check_int(open_threads(&t), 0);
	domain_close(t.w);
}

static void a_bystander_resolves_nothing(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussion d = say(&t, &t.ann, &t.merge_request, "wrong", true);
	struct discussion comment = say(&t, &t.ann, &t.merge_request, "hm", false);

	check_err(review_resolve(t.w->db, &t.eve, &t.merge_request, d.key, true, &t.w->e), &t.w->e,
		  ERR_FORBIDDEN, "author of the merge request");
	check_err(review_resolve(t.w->db, &t.ann, &t.merge_request, comment.key, true, &t.w->e),
		  &t.w->e, ERR_UNPROCESSABLE, "Only a thread");
	domain_close(t.w);
}

static void a_note_is_changed_by_its_author_or_a_maintainer(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussion d = say(&t, &t.bob, &t.task, "x", false);
	struct note_id id = d.notes[0].id;

	check_err(review_update(t.w->db, &t.eve, &t.task, id, STR("y"), &t.w->e), &t.w->e,
		  ERR_FORBIDDEN, "its author");
	check_ok(review_update(t.w->db, &t.bob, &t.task, id, STR("y"), &t.w->e), &t.w->e);
	check_ok(review_get(t.w->db, &t.task, d.key, t.w->a, &d, &t.w->e), &t.w->e);
	check_true(d.notes[0].is_edited);
	check_str(d.notes[0].body, "y");
	check_ok(review_remove(t.w->db, &t.ann, &t.task, id, &t.w->e), &t.w->e);
	check_err(review_get(t.w->db, &t.task, d.key, t.w->a, &d, &t.w->e), &t.w->e, ERR_NOT_FOUND,
		  "");
	domain_close(t.w);
}

static void what_hearth_noted_is_not_changed(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussions list;
	struct note note;

	check_ok(review_say(t.w->db, &t.task, t.bob.user, STR("closed this"), &t.w->e), &t.w->e);
	check_ok(review_list(t.w->db, &t.task, LISTING_FIRST, t.w->a, &list, &t.w->e), &t.w->e);
	check_err(review_update(t.w->db, &t.ann, &t.task, list.items[0].notes[0].id, STR("y"),
				&t.w->e),
		  &t.w->e, ERR_FORBIDDEN, "Hearth");
	check_err(review_reply(t.w->db, &t.ann, &t.task, list.items[0].key, STR("y"), t.w->a, &note,
			       &t.w->e),
		  &t.w->e, ERR_NOT_FOUND, "cannot be answered");
	domain_close(t.w);
}

static void a_place_in_the_diff_is_whole_or_refused(void **state UNUSED)
{
	const struct review_position whole = { .base_sha = STR(SHA),
					       .start_sha = STR(SHA),
					       .head_sha = STR(SHA),
					       .old_path = STR("a.c"),
					       .new_path = STR("a.c"),
					       .new_line = 7 };
	struct review_position part = whole;
	struct note_new in = { .body = STR("x"), .position = &whole };
	struct talk t = talk_open();
	struct discussion d;

	check_ok(review_start(t.w->db, &t.eve, &t.merge_request, &in, t.w->a, &d, &t.w->e),
		 &t.w->e);
	check_true(d.has_position && d.is_resolvable);
	check_int(d.position.new_line, 7);
	check_int(d.position.old_line, 0);
	check_err(review_start(t.w->db, &t.eve, &t.task, &in, t.w->a, &d, &t.w->e), &t.w->e,
		  ERR_UNPROCESSABLE, "Only a comment on a merge request");
	part.new_line = 0;
	in.position = &part;
	check_err(review_start(t.w->db, &t.eve, &t.merge_request, &in, t.w->a, &d, &t.w->e),
		  &t.w->e, ERR_UNPROCESSABLE, "an old or a new line");
	domain_close(t.w);
}

static void a_note_knows_where_it_stands_in_the_list(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussion second;
	int64_t rank;

	say(&t, &t.bob, &t.task, "one", false);
	say(&t, &t.bob, &t.merge_request, "elsewhere", false);
	second = say(&t, &t.bob, &t.task, "two", false);
	check_ok(review_rank(t.w->db, &t.task, second.notes[0].id, t.w->a, &rank, &t.w->e),
		 &t.w->e);
	check_int(rank, 2);
	domain_close(t.w);
}

static void an_empty_comment_is_none(void **state UNUSED)
{
	struct talk t = talk_open();
	struct discussion d;

	check_err(review_start(t.w->db, &t.bob, &t.task, &(struct note_new){ .body = STR(" \n") },
			       t.w->a, &d, &t.w->e),
		  &t.w->e, ERR_UNPROCESSABLE, "has a text");
	domain_close(t.w);
}

RUN_TESTS(TEST(an_answered_comment_becomes_a_thread),
	  TEST(a_discussion_is_found_only_through_its_subject),
	  TEST(threads_of_a_merge_request_are_counted_until_resolved),
	  TEST(a_bystander_resolves_nothing), TEST(a_note_is_changed_by_its_author_or_a_maintainer),
	  TEST(what_hearth_noted_is_not_changed), TEST(a_place_in_the_diff_is_whole_or_refused),
	  TEST(a_note_knows_where_it_stands_in_the_list), TEST(an_empty_comment_is_none))
