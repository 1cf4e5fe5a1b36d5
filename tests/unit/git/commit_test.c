#include "support/check.h"
#include "support/gitbox.h"
#include "support/random_history.h"
#include "support/reading.h"

#include "git/commit_private.h"

/* The hashes of a list, one a line, as `git log --format=%H` prints them. */
static const char *hashes(struct reading *r, const struct commit_query *query)
{
	struct commit_list list;
	struct err e = { 0 };
	struct str text = STR("");

	check_ok(commit_list(r->repo, query, (struct budget){ 0 }, r->box->arena, &list, &e), &e);
	for (size_t i = 0; i < list.commits_count; i++)
		text = arena_fmt(r->box->arena, "%.*s%s\n", STR_FMT(text),
				 oid_hex(r->box->arena, &list.commits[i].oid).p);
	return text.n ? text.p : "";
}

static void check_lists(struct reading *r)
{
	struct gitbox *box = r->box;
	struct commit_query query = { .from = reading_commit(r, "main") };

	check_str(gitbox_run(box, "git -C repo.git log --format=%%H main"), hashes(r, &query));
	query.skip = 20;
	query.limit = 15;
	check_str(gitbox_run(box, "git -C repo.git log --skip=20 -15 --format=%%H main"),
		  hashes(r, &query));
	query = (struct commit_query){ .from = query.from, .first_parent = true };
	check_str(gitbox_run(box, "git -C repo.git log --first-parent --format=%%H main"),
		  hashes(r, &query));
	query = (struct commit_query){ .from = query.from, .author = STR("a1") };
	check_str(gitbox_run(box, "git -C repo.git log -i --author=a1 --format=%%H main"),
		  hashes(r, &query));
	query = (struct commit_query){ .from = query.from, .not_from = reading_commit(r, "b1") };
	check_str(gitbox_run(box, "git -C repo.git log --format=%%H b1..main"), hashes(r, &query));
	query.path = STR("src");
	check_str(gitbox_run(box, "git -C repo.git log --format=%%H b1..main -- src"),
		  hashes(r, &query));
}

static void check_paths(struct reading *r)
{
	static const char *const paths[] = {
		"src", "src/deep/er", "f0", "src/f1", "a.b/f2", "none"
	};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct commit_query query = { .from = reading_commit(r, "main"),
					      .path = str_c(paths[i]) };

		check_str(
			gitbox_run(r->box, "git -C repo.git log --format=%%H main -- %s", paths[i]),
			hashes(r, &query));
	}
}

static void check_relation(struct reading *r, const char *one, const char *two)
{
	struct oid a = reading_commit(r, one);
	struct oid b = reading_commit(r, two);
	struct ahead_behind counted;
	struct err e = { 0 };
	struct oid base;
	bool found;

	check_ok(commit_ahead_behind(r->repo, &a, &b, (struct budget){ 0 }, &counted, &e), &e);
	check_str(gitbox_run(r->box, "git -C repo.git rev-list --left-right --count %s...%s", one,
			     two),
		  arena_strf(r->box->arena, "%zu\t%zu\n", counted.ahead, counted.behind));
	check_ok(commit_merge_base(r->repo, &a, &b, &found, &base, &e), &e);
	check_true(found);
	if (!str_has(
		    str_from(gitbox_run(r->box, "git -C repo.git merge-base --all %s %s", one, two),
			     OID_HEX + 1),
		    '\n'))
		check_str(gitbox_run(r->box, "git -C repo.git merge-base %s %s", one, two),
			  arena_strf(r->box->arena, "%s\n", oid_hex(r->box->arena, &base).p));
	else /* several: one of them */
		gitbox_run(r->box, "git -C repo.git merge-base --all %s %s | grep -q %s", one, two,
			   oid_hex(r->box->arena, &base).p);
}

static void lists_and_relations_are_those_of_git(void **state UNUSED)
{
	for (uint64_t seed = 11; seed < 15; seed++) {
		struct gitbox *box = gitbox_open();
		struct reading r;

		random_history(box, seed, 150);
		gitbox_run(box, "git -C repo.git branch older main~20");
		/* Each other one with a commit-graph: the same answers by another way. */
		if (seed % 2)
			gitbox_run(box, "git -C repo.git commit-graph write --reachable "
					"--changed-paths 2>&1");
		r = reading_open(box);
		check_lists(&r);
		check_paths(&r);
		check_relation(&r, "b0", "b1");
		check_relation(&r, "b2", "b3");
		check_relation(&r, "main", "b1");
		check_relation(&r, "main", "older");
		reading_close(&r);
	}
}

static void ancestors_and_counts_are_right(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct err e = { 0 };
	struct oid head, older;
	size_t count;
	bool yes;

	random_history(box, 5, 60);
	gitbox_run(box, "git -C repo.git branch older main~7");
	r = reading_open(box);
	head = reading_commit(&r, "main");
	older = reading_commit(&r, "older");
	check_ok(commit_is_ancestor(r.repo, &older, &head, &yes, &e), &e);
	check_true(yes);
	check_ok(commit_is_ancestor(r.repo, &head, &older, &yes, &e), &e);
	check_false(yes);
	check_ok(commit_is_ancestor(r.repo, &head, &head, &yes, &e), &e);
	check_true(yes);
	check_ok(commit_count(r.repo, &head, (struct budget){ 0, 3 }, &count, &yes, &e), &e);
	check_false(yes);
	check_ok(commit_count(r.repo, &head, (struct budget){ 0 }, &count, &yes, &e), &e);
	check_str(gitbox_run(box, "git -C repo.git rev-list --count main"),
		  arena_strf(box->arena, "%zu\n", count));
	reading_close(&r);
}

static void what_was_found_once_about_a_commit_costs_no_walk_again(void **state UNUSED)
{
	const struct budget little = { 0, 3 };
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct commit commit;
	struct oid head;
	struct err e = { 0 };
	size_t count;
	bool yes;

	gitbox_run(box, "git clone -q repo.git w 2>&1; cd w; echo x >once; git add .;"
			"git commit -qm once; for i in 1 2 3 4 5 6 7 8; do echo $i >g; git add .;"
			"git commit -qm $i; done; git push -q origin HEAD:main");
	r = reading_open(box);
	head = reading_commit(&r, "main");
	check_ok(commit_last(r.repo, &head, STR("once"), little, box->arena, &yes, &commit, &e),
		 &e);
	check_false(yes);
	check_ok(commit_last(r.repo, &head, STR("once"), (struct budget){ 0 }, box->arena, &yes,
			     &commit, &e),
		 &e);
	check_true(yes);
	check_ok(commit_count(r.repo, &head, (struct budget){ 0 }, &count, &yes, &e), &e);
	check_ok(commit_last(r.repo, &head, STR("once"), little, box->arena, &yes, &commit, &e),
		 &e);
	check_true(yes);
	check_str(str_trim(gitbox_run(box, "git -C repo.git log -1 --format=%%H main -- once")),
		  oid_hex(box->arena, &commit.oid).p);
	check_ok(commit_count(r.repo, &head, little, &count, &yes, &e), &e);
	check_true(yes);
	reading_close(&r);
}

static void a_used_up_budget_never_lists_what_may_be_excluded(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct commit_query query = { .limit = 50 };
	struct commit_list list;
	struct reading r;
	struct err e = { 0 };

	random_history(box, 9, 100);
	r = reading_open(box);
	query.from = reading_commit(&r, "main");
	check_ok(commit_list(r.repo, &query, (struct budget){ 0, 5 }, box->arena, &list, &e), &e);
	check_true(list.gave_up && list.commits_count > 0);
	query.not_from = reading_commit(&r, "b1");
	check_ok(commit_list(r.repo, &query, (struct budget){ 0, 5 }, box->arena, &list, &e), &e);
	check_true(list.gave_up && list.commits_count == 0);
	reading_close(&r);
}

static void the_newest_change_of_a_file_needs_no_walk_to_the_root(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct commit_query query = { .path = STR("f"), .limit = 1 };
	struct commit_list list;
	struct reading r;
	struct err e = { 0 };

	gitbox_run(box,
		   "git clone -q repo.git w 2>&1; cd w; for i in 1 2 3 4 5 6 7 8; do echo $i >g;"
		   "git add .; git commit -qm $i; done; echo x >f; git add .; git commit -qm last;"
		   "git push -q origin HEAD:main");
	r = reading_open(box);
	query.from = reading_commit(&r, "main");
	check_ok(commit_list(r.repo, &query, (struct budget){ 0, 3 }, box->arena, &list, &e), &e);
	check_int(list.commits_count, 1);
	check_str(list.commits[0].subject, "last");
	check_false(list.gave_up);
	reading_close(&r);
}

static struct commit parse(struct arena *a, const char *text, size_t n)
{
	struct commit commit;
	struct oid oid = { 0 };

	commit_parse(&oid, str_n(text, n), a, &commit);
	return commit;
}
#define PARSE(a, text) parse((a), (text), sizeof(text) - 1)
#define TREE "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"

static void whatever_a_commit_holds_comes_out_as_text(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct commit c =
		PARSE(a, TREE "author  <> 1 +0000\ncommitter J\xE9r\xF4me <j@x> 2 -0130\n"
			      "encoding ISO-8859-1\ngpgsig -----BEGIN SSH SIGNATURE-----\n"
			      " abc\n\n\n  Caf\xE9\r\nline two\n\nbody\n");

	check_str(c.committer.name, "J\xC3\xA9r\xC3\xB4me");
	check_int(c.committer.offset_minutes, -90);
	check_str(c.subject, "Caf\xC3\xA9  line two");
	check_str(c.body, "body");
	check_int(c.signature, SIGNATURE_SSH);
	check_str(c.author.name, "");
	c = PARSE(a, TREE "author A\xFF\0B > <<a@b>> 99999999999999999999 +9\n\nx\0y");
	check_true(str_is_utf8_text(c.author.name));
	check_true(str_is_utf8_text(c.message));
	c = PARSE(a, "");
	check_true(oid_eq(&c.tree, oid_empty_tree()));
	c = PARSE(a, "parent 123\nparent \n");
	check_int(c.parents_count, 0);
	arena_close(a);
}

RUN_TESTS(TEST(lists_and_relations_are_those_of_git), TEST(ancestors_and_counts_are_right),
	  TEST(what_was_found_once_about_a_commit_costs_no_walk_again),
	  TEST(a_used_up_budget_never_lists_what_may_be_excluded),
	  TEST(the_newest_change_of_a_file_needs_no_walk_to_the_root),
	  TEST(whatever_a_commit_holds_comes_out_as_text))
