/*
 * From changed files to a diff a page can show: renames paired, hunks of each
 * file as long as the limits of the whole allow, and a sentence for what they
 * do not allow.
 */
#include "git/diff_private.h"

#include "git/object.h"
#include "git/text.h"

static int tree_of(struct repo *repo, const struct oid *commit, struct oid *tree, struct err *e)
{
	struct arena *a;
	struct commit read;
	int result;

	*tree = (struct oid){ 0 };
	if (oid_is_zero(commit))
		return 0;
	a = arena_open(0);
	result = commit_get(repo, commit, a, &read, e);
	if (result == 0)
		*tree = read.tree;
	arena_close(a);
	return result;
}

int diff_changes(struct repo *repo, const struct oid *old_commit, const struct oid *new_commit,
		 struct str path, size_t limit, struct arena *a, struct tree_changes *changes,
		 bool *renames_skipped, struct err *e)
{
	struct oid old_tree;
	struct oid new_tree;

	*renames_skipped = false;
	if (tree_of(repo, old_commit, &old_tree, e) || tree_of(repo, new_commit, &new_tree, e) ||
	    tree_diff(repo, &old_tree, &new_tree, path, limit, a, changes, e))
		return -(int)e->code;
	/* Of a diff that is cut, the other half of a pair may be behind the cut. */
	if (changes->total > changes->count) {
		*renames_skipped = true;
		return 0;
	}
	return tree_diff_renames(repo, DIFF_RENAMES_MAX, changes, renames_skipped, e);
}

static enum diff_status status_of(const struct tree_change *change)
{
	if (change->old_mode == 0)
		return DIFF_ADDED;
	if (change->new_mode == 0)
		return DIFF_DELETED;
	if (change->similarity || !str_eq(change->path, change->old_path))
		return DIFF_RENAMED;
	if ((change->old_mode & RAW_MODE_KIND) != (change->new_mode & RAW_MODE_KIND))
		return DIFF_TYPE_CHANGED;
	return DIFF_MODIFIED;
}

static bool is_module(unsigned mode)
{
	return (mode & RAW_MODE_KIND) == RAW_MODE_MODULE;
}

static int fill_file(struct repo *repo, const struct tree_change *change,
		     const struct diff_options *options, struct arena *a, struct diff_usage *usage,
		     struct diff_file *file, struct err *e)
{
	*file = (struct diff_file){ .status = status_of(change),
				    .old_path = change->old_path,
				    .new_path = change->path,
				    .label = text_utf8(a, change->path, TREE_PATH_MAX, NULL),
				    .old_label =
					    text_utf8(a, change->old_path, TREE_PATH_MAX, NULL),
				    .old_mode = change->old_mode,
				    .new_mode = change->new_mode,
				    .old_oid = change->old_oid,
				    .new_oid = change->new_oid,
				    .similarity = change->similarity };
	if (is_module(change->old_mode) || is_module(change->new_mode)) {
		file->omitted = DIFF_SUBMODULE;
		return 0;
	}
	if (options && options->names_only)
		return 0;
	if (oid_eq(&change->old_oid, &change->new_oid)) { /* a rename or a mode alone */
		file->counted = true;
		return 0;
	}
	return diff_fill_hunks(repo, change, options, a, usage, file, e);
}

/* What the reader does not see, and why. */
static struct str limit_sentence(const struct diff *diff, const struct tree_changes *changes,
				 struct arena *a)
{
	size_t hidden = 0;
	struct str text = STR("");

	for (size_t i = 0; i < diff->files_count; i++)
		hidden += diff->files[i].omitted == DIFF_OVER_LIMIT;
	if (changes->total > changes->count || changes->is_more)
		text = arena_fmt(a, "Only the first %zu of %s%zu changed files are listed. ",
				 diff->files_count, changes->is_more ? "more than " : "",
				 changes->total);
	if (hidden)
		text = arena_fmt(a,
				 "%.*sThe lines of %zu files are left out, because the whole is "
				 "larger than %u MB or %d lines; open one alone to see it. ",
				 STR_FMT(text), hidden, DIFF_BYTES_MAX >> 20, DIFF_LINES_MAX);
	if (diff->renames_skipped)
		text = arena_fmt(
			a,
			"%.*sRenamed files are shown as deleted and added, because there are "
			"too many to compare them all.",
			STR_FMT(text));
	return str_trim(text);
}

int diff_commits(struct repo *repo, const struct oid *old_commit, const struct oid *new_commit,
		 const struct diff_options *options, struct arena *a, struct diff *diff,
		 struct err *e)
{
	struct tree_changes changes;
	struct diff_usage usage = { 0 };
	struct diff made = { 0 };

	if (diff_changes(repo, old_commit, new_commit, options ? options->path : STR(""),
			 DIFF_FILES_MAX, a, &changes, &made.renames_skipped, e))
		return -(int)e->code;
	made.files = ARENA_ARRAY(a, struct diff_file, changes.count + 1);
	made.files_total = changes.total;
	for (size_t i = 0; i < changes.count; i++) {
		struct diff_file *file = &made.files[made.files_count++];

		if (fill_file(repo, &changes.items[i], options, a, &usage, file, e))
			return -(int)e->code;
		made.added += file->added;
		made.removed += file->removed;
	}
	made.limit = limit_sentence(&made, &changes, a);
	*diff = made;
	return 0;
}

/* The first parent, or zero. */
static int first_parent(struct repo *repo, const struct oid *commit, struct oid *parent,
			struct err *e)
{
	struct arena *a = arena_open(0);
	struct commit read;
	int result = commit_get(repo, commit, a, &read, e);

	*parent = (struct oid){ 0 };
	if (result == 0 && read.parents_count)
		*parent = read.parents[0];
	arena_close(a);
	return result;
}

int diff_of_commit(struct repo *repo, const struct oid *commit, const struct diff_options *options,
		   struct arena *a, struct diff *diff, struct err *e)
{
	struct oid parent;

	if (first_parent(repo, commit, &parent, e))
		return -(int)e->code;
	return diff_commits(repo, &parent, commit, options, a, diff, e);
}

int diff_compare(struct repo *repo, const struct oid *base, const struct oid *head,
		 const struct diff_options *options, size_t commits_limit, struct budget budget,
		 struct arena *a, struct compare *compare, struct err *e)
{
	struct compare made = { 0 };
	struct commit_query query = { .from = *head,
				      .not_from = *base,
				      .path = options ? options->path : STR(""),
				      .limit = commits_limit };

	if (commit_merge_base(repo, base, head, &made.related, &made.merge_base, e))
		return -(int)e->code;
	if (!made.related)
		made.merge_base = (struct oid){ 0 };
	if (commit_list(repo, &query, budget, a, &made.commits, e) ||
	    diff_commits(repo, made.related ? &made.merge_base : base, head, options, a, &made.diff,
			 e))
		return -(int)e->code;
	*compare = made;
	return 0;
}
