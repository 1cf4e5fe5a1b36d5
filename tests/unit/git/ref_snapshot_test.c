#include "support/check.h"
#include "support/gitbox.h"

#include "git/packed_refs.h"
#include "git/ref_snapshot.h"

#include "base/mem.h"

#define MAKE_COMMIT "c=$(git -C repo.git commit-tree -m m $(git -C repo.git mktree </dev/null)); "

static const struct ref_snapshot *scan(struct gitbox *box)
{
	struct ref_snapshot *s = NULL;
	struct err e = { 0 };

	check_ok(ref_snapshot_scan(box->repo, NULL, &s, &e), &e);
	return s;
}

/* As `git show-ref --dereference` prints it. */
static struct str listing(const struct ref_snapshot *s, struct arena *a)
{
	struct buf out;
	struct str text;

	buf_init(&out, (size_t)64 << 20);
	for (size_t i = 0; i < s->count; i++) {
		const struct ref *ref = &s->refs[i];

		buf_addf(&out, "%s %.*s\n", oid_hex(a, &ref->oid).p, STR_FMT(ref->name));
		if (!oid_eq(&ref->oid, &ref->peeled))
			buf_addf(&out, "%s %.*s^{}\n", oid_hex(a, &ref->peeled).p,
				 STR_FMT(ref->name));
	}
	text = arena_str(a, buf_str(&out));
	buf_fini(&out);
	return text;
}

static void check_same_as_git(struct gitbox *box)
{
	const struct ref_snapshot *s = scan(box);
	struct str expected = gitbox_run(box, "git -C repo.git show-ref --dereference || true");

	check_str(listing(s, box->arena), expected.n ? expected.p : "");
	ref_snapshot_unref(s);
}

static void a_new_repository_has_no_refs_and_an_unborn_head(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	const struct ref_snapshot *s = scan(box);

	check_int(s->count, 0);
	check_str(s->head, "refs/heads/main");
	check_true(oid_is_zero(&s->head_oid));
	ref_snapshot_unref(s);
	gitbox_close(box);
}

static void loose_packed_and_peeled_refs_are_those_of_git(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();

	gitbox_run(box, MAKE_COMMIT
		   "cd repo.git; for i in 1 2 3 4 5 6 7; do git update-ref refs/heads/b$i $c; done;"
		   "git update-ref refs/heads/a.b $c; git update-ref refs/heads/a/b $c;"
		   "git update-ref refs/heads/a-b/c $c; git tag light $c; git tag -m x heavy $c;"
		   "git tag -m y twice heavy");
	check_same_as_git(box);
	gitbox_run(box, "git -C repo.git pack-refs --all");
	check_same_as_git(box);
	gitbox_run(box, MAKE_COMMIT
		   "cd repo.git; d=$(git commit-tree -p $c -m n $(git mktree </dev/null));"
		   "git update-ref refs/heads/b3 $d; git update-ref -d refs/heads/b4;"
		   "git tag -m z heavy2 $d; git update-ref refs/merge-requests/1/head $d");
	check_same_as_git(box);
	gitbox_close(box);
}

static void broken_loose_files_and_locks_are_left_out(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	const struct ref_snapshot *s;

	gitbox_run(
		box, MAKE_COMMIT
		"cd repo.git/refs/heads; echo $c >good; echo $c >x.lock; : >empty; echo junk >junk;"
		"ln -s good link; echo 'ref: refs/heads/good' >symbolic; mkfifo pipe");
	s = scan(box);
	check_int(s->count, 1);
	check_str(s->refs[0].name, "refs/heads/good");
	ref_snapshot_unref(s);
	gitbox_close(box);
}

static void names_and_prefixes_are_found(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	const struct ref_snapshot *s;
	const struct ref *first;

	gitbox_run(
		box, MAKE_COMMIT
		"cd repo.git; for n in f/1 f/2 f0 main; do git update-ref refs/heads/$n $c; done");
	s = scan(box);
	check_int(ref_snapshot_range(s, STR("refs/heads/f/"), &first), 2);
	check_str(first->name, "refs/heads/f/1");
	check_int(ref_snapshot_range(s, STR(""), &first), 4);
	check_int(ref_snapshot_range(s, STR("refs/tags/"), &first), 0);
	check_true(ref_snapshot_find(s, STR("refs/heads/f0")) != NULL);
	check_true(ref_snapshot_find(s, STR("refs/heads/f")) == NULL);
	check_true(ref_snapshot_find_in(s, "refs/heads/", STR("main")) != NULL);
	check_false(oid_is_zero(&s->head_oid));
	ref_snapshot_unref(s);
	gitbox_close(box);
}

static void a_damaged_packed_refs_is_said_with_its_line(void **state UNUSED)
{
	static const char *const texts[] = {
		"# pack-refs with: peeled\nxyz\n",
		"# pack-refs with: peeled\n0123456789012345678901234567890123456789 refs/heads/cut",
		"# pack-refs with: peeled\n^0123\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct scanned_refs refs = { 0 };
		struct err e = { 0 };

		check_err(packed_refs_parse(str_c(texts[i]), &refs, &e), &e, ERR_UNAVAILABLE,
			  "line 2");
		mem_free(refs.items);
	}
}

static void refnames_follow_check_ref_format(void **state UNUSED)
{
	static const char *const bad[] = { "HEAD",
					   "refs/heads/",
					   "refs/heads/.a",
					   "refs/heads/a.",
					   "refs/heads/a..b",
					   "refs/heads/a.lock",
					   "refs/heads/a b",
					   "refs/heads/a//b",
					   "refs/heads/a@{b",
					   "refs/heads/a\x01",
					   "refs/heads/a:b",
					   "refs/heads/a\\b",
					   "xrefs/heads/a" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (ref_name_is_valid(str_c(bad[i])))
			fail_msg("valid: %s", bad[i]);
	}
	check_true(ref_name_is_valid(STR("refs/heads/feature/\xC3\xA9-1.2@x")));
}

RUN_TESTS(TEST(a_new_repository_has_no_refs_and_an_unborn_head),
	  TEST(loose_packed_and_peeled_refs_are_those_of_git),
	  TEST(broken_loose_files_and_locks_are_left_out), TEST(names_and_prefixes_are_found),
	  TEST(a_damaged_packed_refs_is_said_with_its_line), TEST(refnames_follow_check_ref_format))
