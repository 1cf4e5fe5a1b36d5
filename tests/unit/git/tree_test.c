#include "support/reading.h"

#include "git/blob.h"
#include "git/submodule.h"
#include "git/tree.h"

#define SETUP                                                                                 \
	"git clone -q repo.git w 2>&1; cd w; mkdir -p src/deep b.d; echo int >src/deep/x.c;"  \
	"echo a >a; echo b >b.d/f; echo '#!/bin/sh' >run; chmod +x run; ln -s a link;"        \
	"echo n >'n\366te'; mkdir -p sub;"                                                    \
	"printf '[submodule \"s\"]\\n\\tpath = sub/mod\\n\\turl = https://x.org/mod.git\\n' " \
	">.gitmodules;"                                                                       \
	"git add .; git update-index --add --cacheinfo "                                      \
	"160000,4b825dc642cb6eb9a060e54bf8d69288fbee4904,sub/mod; git commit -qm one;"        \
	"git push -q origin HEAD:main"

static struct str listing_text(struct arena *a, const struct tree_listing *listing)
{
	struct str text = STR("");

	for (size_t i = 0; i < listing->entries_count; i++)
		text = arena_fmt(a, "%.*s%06o %s %.*s\n", STR_FMT(text), listing->entries[i].mode,
				 oid_hex(a, &listing->entries[i].oid).p,
				 STR_FMT(listing->entries[i].path));
	return text;
}

static void a_folder_is_listed_as_git_lists_it(void **state UNUSED)
{
	static const char *const folders[] = { "", "src", "src/deep", "sub" };
	struct gitbox *box = gitbox_open();
	struct tree_listing listing;
	struct reading r;
	struct err e = { 0 };
	struct oid head;

	gitbox_run(box, SETUP);
	r = reading_open(box);
	head = reading_commit(&r, "main");
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		check_ok(tree_list(r.repo, &head, str_c(folders[i]), box->arena, &listing, &e), &e);
		check_str(gitbox_run(box,
				     "git -C repo.git ls-tree -z main %s%s | tr '\\0' '\\n' |"
				     " awk '{t = $2 == \"tree\" ? 0 : 1; print t, $0}' |"
				     " sort -s -k1,1n | cut -d' ' -f2,4- | tr '\\t' ' '",
				     folders[i], folders[i][0] ? "/" : ""),
			  listing_text(box->arena, &listing).p);
	}
	reading_close(&r);
}

static void kinds_labels_and_submodules_are_told(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct tree_entry entry;
	struct reading r;
	struct err e = { 0 };
	struct oid head;

	gitbox_run(box, SETUP);
	r = reading_open(box);
	head = reading_commit(&r, "main");
	check_ok(tree_find(r.repo, &head, STR("run"), box->arena, &entry, &e), &e);
	check_int(entry.kind, ENTRY_EXECUTABLE);
	check_ok(tree_find(r.repo, &head, STR("link"), box->arena, &entry, &e), &e);
	check_int(entry.kind, ENTRY_SYMLINK);
	check_ok(tree_find(r.repo, &head, STR("src/deep"), box->arena, &entry, &e), &e);
	check_int(entry.kind, ENTRY_FOLDER);
	check_str(entry.name, "deep");
	check_ok(tree_find(r.repo, &head, STR("sub/mod"), box->arena, &entry, &e), &e);
	check_int(entry.kind, ENTRY_SUBMODULE);
	check_str(entry.submodule_url, "https://x.org/mod.git");
	check_ok(tree_find(r.repo, &head, STR("n\xF6te"), box->arena, &entry, &e), &e);
	check_str(entry.label, "n\xEF\xBF\xBDte");
	check_ok(tree_find(r.repo, &head, STR(""), box->arena, &entry, &e), &e);
	check_int(entry.kind, ENTRY_FOLDER);
	check_err(tree_find(r.repo, &head, STR("a/x"), box->arena, &entry, &e), &e, ERR_NOT_FOUND,
		  "no such file");
	check_err(tree_find(r.repo, &head, STR("sub/mod/x"), box->arena, &entry, &e), &e,
		  ERR_NOT_FOUND, "no such file");
	reading_close(&r);
}

static void all_files_are_found_within_a_limit(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct tree_paths files;
	struct reading r;
	struct err e = { 0 };
	struct oid head;

	gitbox_run(box, SETUP);
	r = reading_open(box);
	head = reading_commit(&r, "main");
	check_ok(tree_files(r.repo, &head, STR("src"), 10, box->arena, &files, &e), &e);
	check_int(files.paths_count, 1);
	check_str(files.paths[0], "src/deep/x.c");
	check_ok(tree_files(r.repo, &head, STR(""), 3, box->arena, &files, &e), &e);
	check_int(files.paths_count, 3);
	check_true(files.is_cut);
	reading_close(&r);
}

/* Deeper than TREE_DEPTH_MAX; at 20,000 git itself dies of walking it. */
static void a_tree_deeper_than_any_stack_is_cut(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct tree_paths files;
	struct reading r;
	struct err e = { 0 };
	struct oid head;

	gitbox_run(box,
		   "cd repo.git; { printf 'blob\\nmark :1\\ndata 1\\nx\\ncommit refs/heads/main\\n"
		   "committer C <c@x> 1 +0000\\ndata 1\\nm\\nM 100644 :1 ';"
		   "awk 'BEGIN {for (i = 0; i < 1500; i++) printf \"d/\"; print \"f\"}'; } |"
		   "git fast-import --quiet");
	r = reading_open(box);
	head = reading_commit(&r, "main");
	check_ok(tree_files(r.repo, &head, STR(""), 10, box->arena, &files, &e), &e);
	check_true(files.is_cut);
	check_int(files.paths_count, 0);
	reading_close(&r);
}

static struct blob read_blob(struct reading *r, const char *path, size_t limit)
{
	struct oid head = reading_commit(r, "main");
	struct tree_entry entry;
	struct blob blob = { 0 };
	struct err e = { 0 };

	check_ok(tree_find(r->repo, &head, str_c(path), r->box->arena, &entry, &e), &e);
	check_ok(blob_read(r->repo, &entry.oid, limit, r->box->arena, &blob, &e), &e);
	return blob;
}

static void contents_are_read_by_size_and_kind(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct blob blob;

	gitbox_run(box,
		   "git clone -q repo.git w 2>&1; cd w; printf 'caf\\303\\251' >utf8; : >empty;"
		   "printf 'caf\\351' >latin1; printf 'a\\0b' >binary;"
		   "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%%064d\\nsize "
		   "12\\n' 7 >lfs;"
		   "head -c 33600000 /dev/zero >huge; git add .; git commit -qm m; git push -q "
		   "origin HEAD:main");
	r = reading_open(box);
	blob = read_blob(&r, "utf8", 100);
	check_int(blob.content, BLOB_TEXT);
	check_int(blob.size, 5);
	blob = read_blob(&r, "utf8", 4); /* ends within a character */
	check_true(blob.is_cut);
	check_int(blob.content, BLOB_TEXT);
	blob = read_blob(&r, "latin1", 100);
	check_int(blob.content, BLOB_LATIN1);
	check_str(blob_text(&blob, box->arena), "caf\xC3\xA9");
	check_int(read_blob(&r, "binary", 100).content, BLOB_BINARY);
	check_int(read_blob(&r, "empty", 100).content, BLOB_TEXT);
	blob = read_blob(&r, "lfs", 1000);
	check_true(blob.lfs.is_lfs);
	check_int(blob.lfs.size, 12);
	blob = read_blob(&r, "huge", 100);
	check_true(blob.is_cut);
	check_int(blob.size, 33600000);
	check_int(blob.bytes.n, 0);
	reading_close(&r);
}

static void a_range_of_a_file_is_read(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct str bytes;
	struct blob blob;
	struct err e = { 0 };

	gitbox_run(box, "git clone -q repo.git w 2>&1; cd w; printf 0123456789 >f; git add .;"
			"git commit -qm m; git push -q origin HEAD:main");
	r = reading_open(box);
	blob = read_blob(&r, "f", 0);
	check_ok(blob_range(r.repo, &blob.oid, 3, 4, box->arena, &bytes, &e), &e);
	check_str(bytes, "3456");
	check_ok(blob_range(r.repo, &blob.oid, 8, 100, box->arena, &bytes, &e), &e);
	check_str(bytes, "89");
	check_err(blob_range(r.repo, &blob.oid, 10, 1, box->arena, &bytes, &e), &e, ERR_RANGE,
		  "10 bytes");
	reading_close(&r);
}

RUN_TESTS(TEST(a_folder_is_listed_as_git_lists_it), TEST(kinds_labels_and_submodules_are_told),
	  TEST(all_files_are_found_within_a_limit), TEST(a_tree_deeper_than_any_stack_is_cut),
	  TEST(contents_are_read_by_size_and_kind), TEST(a_range_of_a_file_is_read))
