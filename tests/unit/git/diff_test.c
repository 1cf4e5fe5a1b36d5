#include "support/random_history.h"
#include "support/reading.h"

#include "git/diff.h"

#include "base/fs.h"

/* As `git diff --numstat -M -z` without the z: added, removed, path. */
static const char *numstat(struct arena *a, const struct diff *diff)
{
	struct str text = STR("");

	for (size_t i = 0; i < diff->files_count; i++) {
		const struct diff_file *f = &diff->files[i];

		text = f->omitted == DIFF_BINARY
			       ? arena_fmt(a, "%.*s-\t-\t%.*s\n", STR_FMT(text),
					   STR_FMT(f->new_path))
			       : arena_fmt(a, "%.*s%zu\t%zu\t%.*s\n", STR_FMT(text), f->added,
					   f->removed, STR_FMT(f->new_path));
	}
	return text.n ? text.p : "";
}

static struct diff diff_of(struct reading *r, const char *old, const char *new,
			   const struct diff_options *options)
{
	struct oid a = old ? reading_commit(r, old) : (struct oid){ 0 };
	struct oid b = reading_commit(r, new);
	struct diff diff = { 0 };
	struct err e = { 0 };

	check_ok(diff_commits(r->repo, &a, &b, options, r->box->arena, &diff, &e), &e);
	return diff;
}

static void numbers_are_those_of_git_over_generated_histories(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;

	random_history(box, 21, 80);
	gitbox_run(box, "cd repo.git; for i in 1 2 3 4 5 6 7 8 9; do git branch r$i main~$i; done");
	r = reading_open(box);
	for (int i = 1; i < 9; i++) {
		const char *old = arena_strf(box->arena, "r%d", i + 1);
		const char *new = arena_strf(box->arena, "r%d", i);
		struct diff diff = diff_of(&r, old, new, NULL);

		check_true(diff.limit.n == 0);
		check_str(
			gitbox_run(box,
				   "git -C repo.git diff -M -z --numstat %s %s | tr '\\0' '\\n' | "
				   "awk -F'\\t' 'want {want--; if (!want) print head $0; next} "
				   "NF == 3 && $3 == \"\" {head = $1 \"\\t\" $2 \"\\t\"; want = 2; "
				   "next} {print}'",
				   old, new),
			numstat(box->arena, &diff));
	}
	reading_close(&r);
}

#define SETUP                                                                                   \
	"git clone -q repo.git w 2>&1; cd w; seq 1 60 >a; seq 1 30 >same; printf 'x\\0y' >bin;" \
	"mkdir -p d/e; echo deep >d/e/f; ln -s a link; printf 'no newline' >nn; echo q >mode;"  \
	"printf 'caf\\351\\n' >latin; git add .; git commit -qm one; git tag one;"              \
	"seq 1 60 | sed 's/^7$/seven/; /^40$/d' >b; git rm -q a; git mv same moved;"            \
	"printf 'x\\0z' >bin; rm -r d; echo file >d; rm link; echo plain >link;"                \
	"printf 'no newline\\nat all' >nn; chmod +x mode; printf 'caf\\351s\\n' >latin;"        \
	"echo new >'n\303\244me \"q\"'; git add -A; git commit -qm two; git tag two;"           \
	"git push -q origin HEAD:main --tags"

static void renames_types_modes_and_binaries_are_told(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct diff diff;

	gitbox_run(box, SETUP);
	r = reading_open(box);
	diff = diff_of(&r, "one", "two", NULL);
	check_str(gitbox_run(box,
			     "git -c core.quotePath=false -C repo.git diff -M --numstat one two"
			     " | sed -e 's/{*a => b}*/b/' -e 's/same => moved/moved/'"
			     " -e 's/\"n/n/; s/\\\\\"/\"/g; s/\"\"$/\"/'"),
		  numstat(box->arena, &diff));
	for (size_t i = 0; i < diff.files_count; i++) {
		const struct diff_file *f = &diff.files[i];

		if (str_eq_c(f->new_path, "b")) {
			check_int(f->status, DIFF_RENAMED);
			check_str(f->old_path, "a");
			check_true(f->similarity > 80 && f->similarity < 100);
		}
		if (str_eq_c(f->new_path, "moved"))
			check_int(f->similarity, 100);
		if (str_eq_c(f->new_path, "bin"))
			check_int(f->omitted, DIFF_BINARY);
		if (str_eq_c(f->new_path, "link"))
			check_int(f->status, DIFF_TYPE_CHANGED);
		if (str_eq_c(f->new_path, "mode"))
			check_true(f->old_mode == 0100644 && f->new_mode == 0100755);
		if (str_eq_c(f->new_path, "latin"))
			check_str(f->hunks[0].lines[0].text, "caf\xC3\xA9");
		if (str_eq_c(f->new_path, "nn"))
			check_int(f->hunks[0].lines[1].kind, DIFF_NO_NEWLINE);
	}
	reading_close(&r);
}

static void the_text_is_applied_by_git(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct err e = { 0 };
	struct oid one, two;
	struct buf out;
	char path[128];

	gitbox_run(box,
		   SETUP "; cd ..; git -C w checkout -q one;"
			 "git -C w rm -q bin; git -C w commit -qm nobin; git -C w tag one2;"
			 "git -C w checkout -q two; git -C w rm -q bin; git -C w commit -qm nobin;"
			 "git -C w tag two2; git -C w push -q origin one2 two2");
	r = reading_open(box);
	one = reading_commit(&r, "one2");
	two = reading_commit(&r, "two2");
	buf_init(&out, 1u << 20);
	check_ok(diff_text(r.repo, &one, &two, &out, &e), &e);
	snprintf(path, sizeof(path), "%s/d.diff", box->folder);
	check_ok(fs_write_atomic(path, buf_str(&out), 0600, &e), &e);
	gitbox_run(box, "cd w; git checkout -q one2; git apply --index ../d.diff;"
			"test $(git write-tree) = $(git rev-parse two2^{tree})");
	buf_fini(&out);
	reading_close(&r);
}

static void a_patch_is_taken_by_git_am(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct err e = { 0 };
	struct oid two;
	struct buf out;
	char path[128];

	gitbox_run(
		box,
		"git clone -q repo.git w 2>&1; cd w; echo a >f; git add .; git commit -qm one;"
		"git tag one; echo b >>f; git commit -qam 'zwei \303\244\n\nbody, more' --author="
		"'J, \"R\" <j@x.org>' --date='1600000000 -0330'; git push -q origin HEAD:main "
		"--tags");
	r = reading_open(box);
	two = reading_commit(&r, "main");
	buf_init(&out, 1u << 20);
	check_ok(diff_patch(r.repo, &two, &out, &e), &e);
	snprintf(path, sizeof(path), "%s/p.patch", box->folder);
	check_ok(fs_write_atomic(path, buf_str(&out), 0600, &e), &e);
	gitbox_run(box, "cd w; git format-patch -q -o .. one; git log -1 "
			"--format='%%an|%%ae|%%ad|%%B' >../want;"
			"git checkout -q one; git am -q ../p.patch;"
			"git log -1 --format='%%an|%%ae|%%ad|%%B' >../got; cmp ../want ../got");
	buf_fini(&out);
	reading_close(&r);
}

static void what_is_over_a_limit_is_said(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct diff diff;

	gitbox_run(box, "git clone -q repo.git w 2>&1; cd w; seq 1 300000 >huge;"
			"for i in 1 2 3 4; do seq 1 20000 >l$i; done; mkdir many;"
			"(cd many; seq 1 3100 | while read i; do echo $i >$i; done);"
			"git add .; git commit -qm x; git push -q origin HEAD:main");
	r = reading_open(box);
	diff = diff_of(&r, NULL, "main", NULL);
	check_int(diff.files_count, DIFF_FILES_MAX);
	check_int(diff.files_total, 3105);
	check_int(diff.files[0].omitted, DIFF_TOO_LARGE);
	check_int(diff.files[1].omitted, DIFF_SHOWN);
	check_int(diff.files[3].omitted, DIFF_OVER_LIMIT);
	check_true(str_starts(diff.limit,
			      STR("Only the first 3000 of 3105 changed files are listed.")));
	check_true(str_find_str(diff.limit, STR("files are left out")) < diff.limit.n);
	diff = diff_of(&r, NULL, "main", &(struct diff_options){ .path = STR("l4") });
	check_int(diff.files_count, 1);
	check_int(diff.files[0].added, 20000);
	check_int(diff.files[0].omitted, DIFF_SHOWN);
	reading_close(&r);
}

/* 1,500 folders deep: no stack is used up, and what is below the limit is said to be there. */
static void a_tree_deeper_than_the_limit_is_cut(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct diff diff;

	gitbox_run(box,
		   "cd repo.git; { printf 'blob\\nmark :1\\ndata 1\\nx\\ncommit refs/heads/main\\n"
		   "committer C <c@x> 1 +0000\\ndata 1\\nm\\nM 100644 :1 a\\nM 100644 :1 ';"
		   "awk 'BEGIN {for (i = 0; i < 1500; i++) printf \"d/\"; print \"f\"}'; } |"
		   "git fast-import --quiet");
	r = reading_open(box);
	diff = diff_of(&r, NULL, "main", NULL);
	check_int(diff.files_count, 1);
	check_str(diff.files[0].new_path, "a");
	check_true(str_starts(diff.limit, STR("Only the first 1 of more than 1 changed files")));
	reading_close(&r);
}

static void compare_is_three_dots(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct compare compare;
	struct err e = { 0 };
	struct oid a, b;

	gitbox_run(box,
		   "git clone -q repo.git w 2>&1; cd w; echo 1 >f; git add .; git commit -qm base;"
		   "git checkout -qb topic; echo 2 >t; git add .; git commit -qm t1;"
		   "echo 3 >t; git commit -qam t2; git checkout -q main; echo 9 >f;"
		   "git commit -qam m1; git push -q origin main topic");
	r = reading_open(box);
	a = reading_commit(&r, "main");
	b = reading_commit(&r, "topic");
	check_ok(diff_compare(r.repo, &a, &b, NULL, 100, (struct budget){ 0 }, box->arena, &compare,
			      &e),
		 &e);
	check_true(compare.related);
	check_int(compare.commits.commits_count, 2);
	check_str(compare.commits.commits[0].subject, "t2");
	check_int(compare.diff.files_count, 1);
	check_str(compare.diff.files[0].new_path, "t");
	reading_close(&r);
}

RUN_TESTS(TEST(numbers_are_those_of_git_over_generated_histories),
	  TEST(renames_types_modes_and_binaries_are_told), TEST(the_text_is_applied_by_git),
	  TEST(a_patch_is_taken_by_git_am), TEST(what_is_over_a_limit_is_said),
	  TEST(compare_is_three_dots), TEST(a_tree_deeper_than_the_limit_is_cut))
