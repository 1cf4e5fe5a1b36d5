#include "support/reading.h"

#include "git/commit.h"
#include "git/generation.h"

#define MAKE_COMMIT "c=$(git -C repo.git commit-tree -m m $(git -C repo.git mktree </dev/null)); "

static struct place locate(struct reading *r, const char *text)
{
	struct place place = { 0 };
	struct err e = { 0 };

	check_ok(repo_locate(r->repo, str_c(text), r->box->arena, &place, &e), &e);
	return place;
}

static void a_place_is_the_longest_existing_ref_and_a_path(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct place place;

	gitbox_run(box,
		   MAKE_COMMIT "cd repo.git; git update-ref refs/heads/main $c;"
			       "git update-ref refs/heads/feature/x $c; git tag -m t feature $c;"
			       "git update-ref refs/merge-requests/7/head $c");
	r = reading_open(box);
	place = locate(&r, "feature/x/src/a.c");
	check_str(place.full_ref, "refs/heads/feature/x");
	check_str(place.path, "src/a.c");
	check_int(place.kind, REF_KIND_BRANCH);
	place = locate(&r, "feature/y/z");
	check_str(place.full_ref, "refs/tags/feature");
	check_str(place.path, "y/z");
	check_true(oid_eq(&place.commit, &repo_refs(r.repo)->head_oid));
	place = locate(&r, "main");
	check_str(place.path, "");
	place = locate(&r, "main/dir/");
	check_str(place.path, "dir");
	place = locate(&r, "");
	check_str(place.ref, "main");
	place = locate(&r, "HEAD/a");
	check_str(place.full_ref, "refs/heads/main");
	place = locate(&r, "refs/merge-requests/7/head/a/b");
	check_str(place.path, "a/b");
	check_int(place.kind, REF_KIND_OTHER);
	reading_close(&r);
}

static void hex_names_a_commit_and_revisions_never_do(void **state UNUSED)
{
	static const char *const bad[] = {
		"main~1",   "main^",   "@{-1}",           ":/m",    "main@{0}", "abc", "..", "-x",
		"\xFF\xFE", "zzzzzzz", "refs/forge/keep", "main:a", "HEAD~"
	};
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct err e = { 0 };
	struct oid oid;
	const char *hex;

	gitbox_run(box, MAKE_COMMIT "cd repo.git; git update-ref refs/heads/main $c;"
				    "git update-ref refs/forge/keep $c");
	r = reading_open(box);
	hex = oid_hex(box->arena, &repo_refs(r.repo)->head_oid).p;
	check_ok(repo_resolve(r.repo, str_c(hex), &oid, &e), &e);
	check_ok(repo_resolve(r.repo, str_n(hex, 7), &oid, &e), &e);
	check_true(oid_eq(&oid, &repo_refs(r.repo)->head_oid));
	check_str(locate(&r, arena_strf(box->arena, "%s/a/b", hex)).path, "a/b");
	/* A tree's name is no commit. */
	check_err(repo_resolve(r.repo, STR("4b825dc642cb6eb9a060e54bf8d69288fbee4904"), &oid, &e),
		  &e, ERR_NOT_FOUND, "no commit");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (repo_resolve(r.repo, str_c(bad[i]), &oid, &e) != -ERR_NOT_FOUND)
			fail_msg("resolved: %s", bad[i]);
	}
	reading_close(&r);
}

static void paths_that_climb_are_refused(void **state UNUSED)
{
	static const char *const bad[] = { "main/../x", "main/a//b", "main/./a", "main/a/.." };
	struct gitbox *box = gitbox_open();
	struct place place;
	struct reading r;
	struct err e = { 0 };

	gitbox_run(box, MAKE_COMMIT "git -C repo.git update-ref refs/heads/main $c");
	r = reading_open(box);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_err(repo_locate(r.repo, str_c(bad[i]), box->arena, &place, &e), &e,
			  ERR_NOT_FOUND, "no such path");
	reading_close(&r);
}

static void an_empty_repository_says_so(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r = reading_open(box);
	struct place place;
	struct err e = { 0 };

	check_true(repo_is_empty(r.repo));
	check_str(repo_default_branch(r.repo), "main");
	check_err(repo_locate(r.repo, STR(""), box->arena, &place, &e), &e, ERR_NOT_FOUND,
		  "no commits yet");
	check_err(repo_locate(r.repo, STR("main/x"), box->arena, &place, &e), &e, ERR_NOT_FOUND,
		  "no commits yet");
	reading_close(&r);
}

static struct repo *acquire(struct git_reader *reader, struct gitbox *box)
{
	struct repo *repo = NULL;
	struct err e = { 0 };

	check_ok(repo_acquire_path(reader, box->repo, &repo, &e), &e);
	return repo;
}

static void a_snapshot_is_kept_until_the_generation_moves(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct git_generation *generation = NULL;
	struct git_reader *reader = NULL;
	const struct ref_snapshot *first;
	struct repo *repo;
	struct err e = { 0 };

	gitbox_run(box, MAKE_COMMIT "git -C repo.git update-ref refs/heads/main $c");
	check_ok(git_generation_open(box->repo, true, &generation, &e), &e);
	check_ok(git_reader_open(box->folder, &reader, &e), &e);
	repo = acquire(reader, box);
	first = repo_refs(repo);
	ref_snapshot_ref(first);
	repo_release(repo);
	repo = acquire(reader, box);
	check_true(repo_refs(repo) == first);
	repo_release(repo);
	gitbox_run(box, MAKE_COMMIT "git -C repo.git update-ref refs/heads/next $c");
	git_generation_bump_refs(generation);
	repo = acquire(reader, box);
	check_int(repo_refs(repo)->count, 2);
	check_int(first->count, 1);
	repo_release(repo);
	ref_snapshot_unref(first);
	git_reader_close(reader);
	git_generation_close(generation);
	gitbox_close(box);
}

static void a_moved_head_or_packed_refs_is_seen_without_the_counter(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct git_generation *generation = NULL;
	struct git_reader *reader = NULL;
	struct repo *repo;
	struct err e = { 0 };

	check_ok(git_generation_open(box->repo, true, &generation, &e), &e);
	check_ok(git_reader_open(box->folder, &reader, &e), &e);
	repo_release(acquire(reader, box));
	gitbox_run(box, "git -C repo.git symbolic-ref HEAD refs/heads/other");
	repo = acquire(reader, box);
	check_str(repo_default_branch(repo), "other");
	repo_release(repo);
	gitbox_run(box,
		   MAKE_COMMIT "cd repo.git; git update-ref refs/heads/x $c; git pack-refs --all");
	repo = acquire(reader, box);
	check_int(repo_refs(repo)->count, 1);
	repo_release(repo);
	git_reader_close(reader);
	git_generation_close(generation);
	gitbox_close(box);
}

static void a_repository_made_anew_is_not_read_through_the_old_handle(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct git_reader *reader = NULL;
	struct commit commit;
	struct repo *repo;
	struct oid oid;
	struct err e = { 0 };

	gitbox_run(box, MAKE_COMMIT "git -C repo.git update-ref refs/heads/main $c");
	check_ok(git_reader_open(box->folder, &reader, &e), &e);
	repo = acquire(reader, box);
	check_ok(repo_resolve(repo, STR("main"), &oid, &e), &e);
	check_ok(commit_get(repo, &oid, box->arena, &commit, &e), &e);
	repo_release(repo);
	gitbox_run(box,
		   "rm -rf repo.git; git init -q --bare repo.git;"
		   "c=$(git -C repo.git commit-tree -m other $(git -C repo.git mktree </dev/null));"
		   "git -C repo.git update-ref refs/heads/main $c");
	repo = acquire(reader, box);
	check_err(commit_get(repo, &oid, box->arena, &commit, &e), &e, ERR_NOT_FOUND, "commit");
	check_ok(repo_resolve(repo, STR("main"), &oid, &e), &e);
	check_ok(commit_get(repo, &oid, box->arena, &commit, &e), &e);
	check_str(commit.subject, "other");
	repo_release(repo);
	gitbox_run(box, "rm -rf repo.git");
	check_err(repo_acquire_path(reader, box->repo, &repo, &e), &e, ERR_NOT_FOUND, "repository");
	git_reader_close(reader);
	gitbox_run(box, "mkdir repo.git");
	gitbox_close(box);
}

RUN_TESTS(TEST(a_place_is_the_longest_existing_ref_and_a_path),
	  TEST(hex_names_a_commit_and_revisions_never_do), TEST(paths_that_climb_are_refused),
	  TEST(an_empty_repository_says_so), TEST(a_snapshot_is_kept_until_the_generation_moves),
	  TEST(a_moved_head_or_packed_refs_is_seen_without_the_counter),
	  TEST(a_repository_made_anew_is_not_read_through_the_old_handle))
