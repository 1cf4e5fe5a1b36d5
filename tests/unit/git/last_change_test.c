#include "support/check.h"
#include "support/gitbox.h"
#include "support/random_history.h"
#include "support/reading.h"

#include "git/tree.h"

static void check_folder(struct gitbox *box, struct repo *repo, const struct oid *commit,
			 const char *folder)
{
	struct err e = { 0 };
	struct tree_listing listing;
	struct last_changes changes;
	const char *hex = oid_hex(box->arena, commit).p;

	if (tree_list(repo, commit, str_c(folder), box->arena, &listing, &e))
		return; /* the folder is not in this history */
	check_ok(tree_last_changes(repo, commit, str_c(folder), &listing, (struct budget){ 0 },
				   box->arena, &changes, &e),
		 &e);
	check_true(changes.complete);
	for (size_t i = 0; i < listing.entries_count; i++) {
		struct str expected =
			str_trim(gitbox_run(box, "git -C repo.git log -1 --format=%%H %s -- '%s'",
					    hex, listing.entries[i].path.p));

		check_str(expected, oid_hex(box->arena, &changes.items[i].commit.oid).p);
	}
}

static void check_all(struct gitbox *box, const char *ref)
{
	static const char *const folders[] = { "", "src", "src/deep", "src/deep/er", "doc", "a.b" };
	struct reading r = reading_open(box);
	struct oid commit = reading_commit(&r, ref);

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		check_folder(box, r.repo, &commit, folders[i]);
	repo_release(r.repo);
	git_reader_close(r.reader);
}

static void answers_are_those_of_git_log(void **state UNUSED)
{
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct gitbox *box = gitbox_open();

		random_history(box, seed, 120);
		check_all(box, "main");
		gitbox_run(box,
			   "git -C repo.git commit-graph write --reachable --changed-paths 2>&1");
		check_all(box, "main");
		gitbox_close(box);
	}
}

static void a_cached_older_head_shortens_the_walk_and_changes_nothing(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct oid older;
	struct oid newer;

	random_history(box, 77, 200);
	gitbox_run(box, "cd repo.git; git branch older main~3; git commit-graph write --reachable "
			"--changed-paths --split 2>&1");
	r = reading_open(box);
	older = reading_commit(&r, "older");
	newer = reading_commit(&r, "main");
	check_folder(box, r.repo, &older, "");
	check_folder(box, r.repo, &older, "src");
	check_folder(box, r.repo, &newer, "");
	check_folder(box, r.repo, &newer, "src");
	check_folder(box, r.repo, &newer, "src"); /* wholly from the cache */
	reading_close(&r);
}

static void a_used_up_budget_gives_names_without_answers(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct tree_listing listing;
	struct last_changes changes;
	struct err e = { 0 };
	struct oid commit;

	gitbox_run(box,
		   "git clone -q repo.git w 2>&1; cd w; echo 1 >old; git add .; git commit -qm 1;"
		   "for i in 2 3 4 5 6 7 8 9; do echo $i >new; git add .; git commit -qm $i; done;"
		   "git push -q origin HEAD:main");
	r = reading_open(box);
	commit = reading_commit(&r, "main");
	check_ok(tree_list(r.repo, &commit, STR(""), box->arena, &listing, &e), &e);
	check_ok(tree_last_changes(r.repo, &commit, STR(""), &listing, (struct budget){ 0, 3 },
				   box->arena, &changes, &e),
		 &e);
	check_false(changes.complete);
	check_str(listing.entries[0].name, "new");
	check_true(changes.items[0].known);
	check_str(changes.items[0].commit.subject, "9");
	check_false(changes.items[1].known);
	reading_close(&r);
}

RUN_TESTS(TEST(answers_are_those_of_git_log),
	  TEST(a_cached_older_head_shortens_the_walk_and_changes_nothing),
	  TEST(a_used_up_budget_gives_names_without_answers))
