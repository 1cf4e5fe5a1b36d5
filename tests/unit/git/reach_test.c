#include "support/random_history.h"
#include "support/reading.h"

#include "git/reach.h"

#include <string.h>

/* Every commit of the store, as the reader and as git says it is reached by a visible ref. */
static void compare_with_git(struct git_reader *reader, struct gitbox *box, const char *when)
{
	struct str rest = gitbox_run(box, "cd repo.git; git cat-file --batch-all-objects "
					  "--batch-check='%%(objecttype) %%(objectname)' |"
					  "sed -n 's/^commit //p'");
	struct str reached = gitbox_run(box, "cd repo.git; git for-each-ref "
					     "--format='%%(objectname)' | grep . |"
					     "git rev-list --stdin");
	struct repo *repo = NULL;
	struct err e = { 0 };
	struct str line;

	check_ok(repo_acquire_path(reader, box->repo, &repo, &e), &e);
	while (str_cut(&rest, '\n', &line)) {
		const bool expected = memmem(reached.p, reached.n, line.p, line.n) != NULL;
		struct oid oid;
		bool reaches;

		if (!oid_parse(line, &oid))
			continue;
		check_ok(repo_reaches(repo, &oid, &reaches, &e), &e);
		if (reaches != expected)
			fail_msg("%s: %.*s is %s", when, STR_FMT(line),
				 expected ? "reached" : "not reached");
	}
	repo_release(repo);
}

static void a_commit_counts_while_a_ref_leads_to_it_as_git_says(void **state UNUSED)
{
	static const char *const steps[] = {
		"true",
		"git update-ref refs/heads/new $(git commit-tree -p main -m new main^{tree})",
		"git update-ref -d refs/heads/b1",
		"git update-ref refs/heads/main main~3",
		"git update-ref -d refs/heads/new; git tag -a -m t kept b2",
		"git update-ref -d refs/heads/b2",
		"git commit-graph write --reachable 2>&1; git repack -adkq",
		"git update-ref refs/heads/b3 $(git commit-tree -p b3 -m on b3^{tree})",
		"git update-ref refs/heads/m $(git commit-tree -p main -p b3 -m merge main^{tree});"
		"git update-ref -d refs/heads/b3",
		"git update-ref -d refs/heads/m",
		"git tag -d kept; git update-ref refs/heads/main main~2",
		"for r in $(git for-each-ref --format='%(refname)' refs/heads); do"
		" git update-ref -d $r; done",
	};

	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct gitbox *box = gitbox_open();
		struct git_reader *reader = NULL;
		struct err e = { 0 };

		random_history(box, seed, 60);
		if (seed == 2)
			gitbox_run(box, "git -C repo.git commit-graph write --reachable 2>&1");
		check_ok(git_reader_open(box->folder, &reader, &e), &e);
		for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
			gitbox_run(box, "cd repo.git; %s", steps[i]);
			compare_with_git(reader, box, steps[i]);
		}
		git_reader_close(reader);
		gitbox_close(box);
	}
}

static void an_id_of_a_deleted_branch_is_no_name_any_more(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct place place;
	struct reading r;
	struct oid oid;
	struct err e = { 0 };
	struct str gone;

	gone = str_trim(gitbox_run(box, "cd repo.git; t=$(git mktree </dev/null);"
					"git update-ref refs/heads/main $(git commit-tree -m m $t);"
					"git commit-tree -p main -m gone $t"));
	gitbox_run(box, "git -C repo.git update-ref refs/forge/keep %.*s", STR_FMT(gone));
	r = reading_open(box);
	check_err(repo_resolve(r.repo, gone, &oid, &e), &e, ERR_NOT_FOUND, "no branch, tag");
	check_err(repo_resolve(r.repo, str_upto(gone, 8), &oid, &e), &e, ERR_NOT_FOUND,
		  "no branch, tag");
	check_err(repo_locate(r.repo, gone, box->arena, &place, &e), &e, ERR_NOT_FOUND,
		  "no branch, tag");
	repo_release(r.repo);
	gitbox_run(box, "git -C repo.git update-ref refs/merge-requests/1/head %.*s",
		   STR_FMT(gone));
	check_ok(repo_acquire_path(r.reader, box->repo, &r.repo, &e), &e);
	check_ok(repo_resolve(r.repo, str_upto(gone, 8), &oid, &e), &e);
	reading_close(&r);
}

static bool reaches_blob(struct reading *r, struct str hex)
{
	struct err e = { 0 };
	struct oid oid;
	bool reaches = false;

	assert_true(oid_parse(str_trim(hex), &oid));
	check_ok(repo_reaches_blob(r->repo, &oid, budget_page(), &reaches, &e), &e);
	return reaches;
}

static void contents_count_if_a_commit_of_a_ref_has_them(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct str old, in_folder, gone, tree;
	struct reading r;

	gitbox_run(box, "git clone -q repo.git w 2>&1; cd w; mkdir d; echo 1 >a; echo 2 >d/b;"
			"git add .; git commit -qm 1; echo 3 >a; git commit -qam 2;"
			"git push -q origin HEAD:main; echo secret >s; git add s; git commit -qm s;"
			"git push -q origin HEAD:oops; git push -q origin :oops");
	old = gitbox_run(box, "git -C repo.git rev-parse main~1:a");
	in_folder = gitbox_run(box, "git -C repo.git rev-parse main:d/b");
	tree = gitbox_run(box, "git -C repo.git rev-parse main:d");
	gone = gitbox_run(box, "cd w; git rev-parse HEAD:s; git -C ../repo.git cat-file -e "
			       "$(git rev-parse HEAD:s)");
	r = reading_open(box);
	check_true(reaches_blob(&r, old));
	check_true(reaches_blob(&r, in_folder));
	check_false(reaches_blob(&r, tree));
	check_false(reaches_blob(&r, gone));
	reading_close(&r);
}

RUN_TESTS(TEST(a_commit_counts_while_a_ref_leads_to_it_as_git_says),
	  TEST(an_id_of_a_deleted_branch_is_no_name_any_more),
	  TEST(contents_count_if_a_commit_of_a_ref_has_them))
