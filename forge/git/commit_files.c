#include "git/commit_files.h"

#include "git/blob.h"
#include "git/commit.h"
#include "git/object.h"
#include "git/text.h"
#include "git/tree.h"
#include "git/tree_diff.h"

int commit_file(struct repo *repo, const struct oid *commit, struct str path, size_t limit,
		struct arena *a, struct str *bytes, struct err *e)
{
	struct tree_entry entry;
	struct blob blob;

	if (tree_find(repo, commit, path, a, &entry, e) < 0)
		return -(int)e->code;
	if (entry.kind != ENTRY_FILE && entry.kind != ENTRY_EXECUTABLE)
		return err_set(e, ERR_NOT_FOUND, "There is no such file in this commit.");
	if (blob_read(repo, &entry.oid, limit, a, &blob, e) < 0)
		return -(int)e->code;
	if (blob.is_cut)
		return err_set(e, ERR_TOO_LARGE, "The file has more than %zu bytes.", limit);
	*bytes = blob.bytes;
	return 0;
}

int commit_files(struct repo *repo, const struct oid *commit, struct arena *a,
		 struct commit_paths *files, struct err *e)
{
	struct tree_paths found;

	if (tree_files(repo, commit, STR(""), COMMIT_FILES_MAX, a, &found, e) < 0)
		return -(int)e->code;
	*files = (struct commit_paths){ { found.paths, found.paths_count }, found.is_cut };
	return 0;
}

/* Zero: an empty tree. */
static int tree_of(struct repo *repo, const struct oid *commit, struct arena *a, struct oid *tree,
		   struct err *e)
{
	struct commit read;

	*tree = (struct oid){ 0 };
	if (oid_is_zero(commit))
		return 0;
	if (commit_get(repo, commit, a, &read, e) < 0)
		return -(int)e->code;
	*tree = read.tree;
	return 0;
}

int commit_changed(struct repo *repo, const struct oid *other, const struct oid *commit,
		   bool from_base, struct arena *a, struct commit_paths *changed, struct err *e)
{
	struct tree_changes changes = { 0 };
	struct oid old = *other;
	struct oid trees[2];
	bool is_related = true;

	if (from_base && !oid_is_zero(other) &&
	    commit_merge_base(repo, other, commit, &is_related, &old, e) < 0)
		return -(int)e->code;
	if (!is_related)
		old = (struct oid){ 0 };
	if (tree_of(repo, &old, a, &trees[0], e) < 0 ||
	    tree_of(repo, commit, a, &trees[1], e) < 0 ||
	    tree_diff(repo, &trees[0], &trees[1], STR(""), COMMIT_CHANGED_MAX, a, &changes, e) < 0)
		return -(int)e->code;
	*changed = (struct commit_paths){ { ARENA_ARRAY(a, struct str, changes.count + 1),
					    changes.count },
					  changes.total > changes.count || changes.is_more };
	for (size_t i = 0; i < changes.count; i++)
		changed->paths.items[i] = changes.items[i].path;
	return 0;
}

#define TAG_CHAIN_MAX 16
#define TAG_BYTES_MAX ((size_t)8 << 20)

/* "object <oid>" is the first line of a tag. */
static int follow_tag(struct repo *repo, struct oid *oid, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct str line;

	if (object_read(repo, oid, GIT_OBJECT_TAG, TAG_BYTES_MAX, &object, e) < 0)
		return -(int)e->code;
	line = object_bytes(object);
	line = str_upto(line, str_find(line, '\n'));
	if (!str_cut_prefix(&line, STR("object ")) || !oid_parse(line, oid))
		return err_set(e, ERR_NOT_FOUND, "The tag does not lead to a commit.");
	return 0;
}

int commit_bytes(struct repo *repo, const struct oid *oid, struct arena *a, struct oid *commit,
		 struct str *bytes, struct err *e)
{
	struct oid at = *oid;

	for (int i = 0; i < TAG_CHAIN_MAX; i++) {
		AUTO_GIT(odb_object) object = NULL;

		if (object_read(repo, &at, GIT_OBJECT_COMMIT, OBJECT_COMMIT_MAX, &object, e) == 0) {
			*bytes = arena_str(a, object_bytes(object));
			*commit = at;
			return 0;
		}
		if (e->code != ERR_NOT_FOUND)
			return -(int)e->code;
		if (follow_tag(repo, &at, e) < 0)
			return e->code == ERR_NOT_FOUND
				       ? err_set(e, ERR_NOT_FOUND,
						 "It does not lead to a commit of this repository.")
				       : -(int)e->code;
		err_clear(e);
	}
	return err_set(e, ERR_NOT_FOUND, "The tag leads to more tags than anybody needs.");
}

int tag_message(struct repo *repo, const struct oid *tag, struct arena *a, struct str *message,
		struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct str text;

	if (object_read(repo, tag, GIT_OBJECT_TAG, TAG_BYTES_MAX, &object, e) < 0)
		return -(int)e->code;
	text = object_bytes(object);
	text = str_from(text, str_find_str(text, STR("\n\n")) + 2);
	text = str_upto(text, str_find_str(text, STR("-----BEGIN ")));
	*message = text_utf8(a, str_trim(text), TAG_MESSAGE_SHOWN_MAX, NULL);
	return 0;
}
