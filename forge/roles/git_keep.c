#include "roles/git_keep.h"

#include "base/fs.h"
#include "git/layout.h"
#include "git/lock.h"
#include "git/oid.h"
#include "git/ref_snapshot.h"
#include "roles/git_ref_update.h"

#include <errno.h>

#define KEEP_REF "refs/forge/keep"
#define LIST_MAX (4u << 20)
#define PARENTS_MAX 64
#define COMMIT_MAX 8192
#define LOCK_WAIT_MS 60000
/* Always the same words and time: the same list is the same chain. */
#define PERSON "Hearth <hearth@localhost> 0 +0000"

static int run(struct git_child *c, const char *const *args, struct str input, struct str *out,
	       struct err *e)
{
	struct git_command command = git_child_command(c, args);
	struct git_result result;

	if (git_run_ok(&command, "keep commits", input, LIST_MAX * 2, c->arena, &result, e) < 0)
		return -(int)e->code;
	*out = str_trim(result.out);
	return 0;
}

static int read_list(struct git_child *c, struct buf *list, struct err *e)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(c->in, bytes, sizeof(bytes))) > 0)
		buf_add_bytes(list, bytes, (size_t)n);
	return n < 0 ? err_errno(e, errno, "read the commits to keep")
		     : buf_check(list, "The list of commits to keep", e);
}

/* "<oid> commit" lines to `next` in turn; other kinds and missing ones are skipped. */
static bool next_commit(struct str *lines, struct oid *oid)
{
	struct str line;

	while (lines->n > 0) {
		if (!str_cut(lines, '\n', &line)) {
			line = *lines;
			*lines = STR_NONE;
		}
		if (str_ends(line, STR(" commit")) && oid_parse(str_upto(line, OID_HEX), oid))
			return true;
	}
	return false;
}

/* One link: a commit over the one before and the next commits; false: none is left. */
static bool write_link(struct buf *text, struct str tree, struct str before, struct str *lines,
		       size_t *count)
{
	struct oid oid;
	size_t parents = 0;

	buf_clear(text);
	buf_addf(text, "tree %.*s\n", STR_FMT(tree));
	if (!str_is_none(before))
		buf_addf(text, "parent %.*s\n", STR_FMT(before));
	while (parents < PARENTS_MAX && next_commit(lines, &oid)) {
		char hex[OID_HEX + 1];

		oid_format(&oid, hex);
		buf_addf(text, "parent %s\n", hex);
		parents++;
	}
	buf_addf(text, "author " PERSON "\ncommitter " PERSON "\n\nkeep\n");
	*count += parents;
	return parents > 0;
}

/*
 * *tip: none if there is nothing to keep. The links have the files of the first commit:
 * writing an object that is there, as an empty tree, would make its whole pack young,
 * and what is young stays.
 */
static int write_chain(struct git_child *c, struct str lines, struct str *tip, size_t *count,
		       struct err *e)
{
	static const char *const write[] = { "hash-object", "-t", "commit", "-w", "--stdin", NULL };
	const char *tree_of[] = { "rev-parse", "--verify", NULL, NULL };
	char hex[OID_HEX + 1];
	struct str rest = lines;
	struct str tree;
	struct buf text;
	struct oid first;
	int failed;

	*tip = STR_NONE;
	if (!next_commit(&rest, &first))
		return 0;
	oid_format(&first, hex);
	tree_of[2] = arena_strf(c->arena, "%s^{tree}", hex);
	buf_init(&text, COMMIT_MAX);
	failed = run(c, tree_of, STR_NONE, &tree, e);
	while (!failed && write_link(&text, tree, *tip, &lines, count))
		failed = run(c, write, buf_str(&text), tip, e);
	buf_fini(&text);
	return failed;
}

/* Under the landing lock, as every change of a ref. */
static int set_ref(struct git_child *c, const char *oid, struct err *e)
{
	struct git_ref_update update;
	AUTO_FD lock = -1;
	int failed;

	if (git_lock_take(c->repo, GIT_LANDING_LOCK_NAME, true, LOCK_WAIT_MS, &lock, e) < 0)
		return -(int)e->code;
	git_ref_update_init(&update, c);
	git_ref_update_add(&update, STR(KEEP_REF), "", oid);
	failed = git_ref_update_prepare(&update, lock, e);
	if (!failed)
		failed = git_ref_update_commit(&update, e);
	git_ref_update_fini(&update);
	return failed ? failed : git_ref_update_sync_folder(c, STR(KEEP_REF), e);
}

static int has_ref(struct git_child *c, bool *has, struct err *e)
{
	struct ref_snapshot *now;

	if (ref_snapshot_scan(c->repo, NULL, &now, e) < 0)
		return -(int)e->code;
	*has = ref_snapshot_find(now, STR(KEEP_REF)) != NULL;
	ref_snapshot_unref(now);
	return 0;
}

static int keep_listed(struct git_child *c, struct str list, size_t *count, struct err *e)
{
	static const char *const check[] = { "cat-file",
					     "--batch-check=%(objectname) %(objecttype)", NULL };
	struct str lines = STR_NONE;
	struct str tip;
	bool has = false;

	if (list.n > 0 && run(c, check, list, &lines, e) < 0)
		return -(int)e->code;
	if (write_chain(c, lines, &tip, count, e) < 0 || has_ref(c, &has, e) < 0)
		return -(int)e->code;
	if (str_is_none(tip))
		return has ? set_ref(c, GIT_ZERO_OID, e) : 0;
	return set_ref(c, arena_cstr(c->arena, tip), e);
}

int git_keep(struct git_child *c, size_t *count, struct err *e)
{
	struct buf list;
	int failed;

	*count = 0;
	if (c->in < 0)
		return 0;
	buf_init(&list, LIST_MAX);
	failed = read_list(c, &list, e);
	if (!failed)
		failed = keep_listed(c, buf_str(&list), count, e);
	buf_fini(&list);
	return failed;
}
