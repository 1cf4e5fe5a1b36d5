#include "git/object.h"

#include "git/tree.h"

static int wrong_object(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "There is no such object in this repository.");
}

int object_read(struct repo *repo, const struct oid *oid, git_object_t kind, size_t limit,
		git_odb_object **object, struct err *e)
{
	AUTO_GIT(odb_object) read = NULL;
	git_oid id = libgit_oid(oid);
	git_object_t type;
	size_t size;
	int result = git_odb_read_header(&size, &type, repo_odb(repo), &id);

	if (result < 0)
		return libgit_error(result, e, "read header of object");
	if (type != kind)
		return wrong_object(e);
	if (size > limit)
		return err_set(e, ERR_TOO_LARGE,
			       "An object of %zu bytes is larger than the limit of %zu bytes.",
			       size, limit);
	result = git_odb_read(&read, repo_odb(repo), &id);
	if (result < 0)
		return libgit_error(result, e, "read object");
	if (git_odb_object_type(read) != kind)
		return wrong_object(e);
	*object = read;
	read = NULL;
	return 0;
}

static enum object_kind kind_of(git_object_t type)
{
	switch (type) {
	case GIT_OBJECT_COMMIT:
		return OBJECT_COMMIT;
	case GIT_OBJECT_TREE:
		return OBJECT_TREE;
	case GIT_OBJECT_BLOB:
		return OBJECT_BLOB;
	case GIT_OBJECT_TAG:
		return OBJECT_TAG;
	default:
		return OBJECT_NONE;
	}
}

int repo_object_kind(struct repo *repo, const struct oid *oid, enum object_kind *kind,
		     struct err *e)
{
	git_oid id = libgit_oid(oid);
	git_object_t type;
	size_t size;
	int result = git_odb_read_header(&size, &type, repo_odb(repo), &id);

	*kind = OBJECT_NONE;
	if (result == GIT_ENOTFOUND)
		return 0;
	if (result < 0)
		return libgit_error(result, e, "read header of object");
	*kind = kind_of(type);
	return 0;
}

struct str object_bytes(git_odb_object *object)
{
	return str_n(git_odb_object_data(object), git_odb_object_size(object));
}

bool raw_is_folder(const struct raw_entry *entry)
{
	return (entry->mode & RAW_MODE_KIND) == RAW_MODE_FOLDER;
}

bool raw_tree_next(struct str *rest, struct raw_entry *entry)
{
	size_t at = 0;
	unsigned mode = 0;
	struct str name;
	size_t end;

	while (at < rest->n && at < 7 && rest->p[at] >= '0' && rest->p[at] <= '7')
		mode = mode * 8 + (unsigned)(rest->p[at++] - '0');
	if (at == 0 || at >= rest->n || rest->p[at] != ' ')
		return false;
	name = str_from(*rest, at + 1);
	end = str_find(name, '\0');
	if (end == 0 || end == name.n || name.n - end - 1 < OID_BYTES)
		return false;
	entry->mode = mode;
	entry->name = str_upto(name, end);
	memcpy(entry->oid.b, name.p + end + 1, OID_BYTES);
	*rest = str_from(name, end + 1 + OID_BYTES);
	return true;
}

bool raw_tree_find(struct str tree, struct str name, struct raw_entry *entry)
{
	struct raw_entry next;

	while (raw_tree_next(&tree, &next)) {
		if (str_eq(next.name, name)) {
			*entry = next;
			return true;
		}
	}
	return false;
}

static unsigned char byte_at(const struct raw_entry *entry, size_t at)
{
	if (at < entry->name.n)
		return (unsigned char)entry->name.p[at];
	return at == entry->name.n && raw_is_folder(entry) ? '/' : '\0';
}

int raw_entry_cmp(const struct raw_entry *a, const struct raw_entry *b)
{
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
	int order = memcmp(a->name.p, b->name.p, n);

	if (order)
		return order;
	order = (int)byte_at(a, n) - (int)byte_at(b, n);
	if (order || a->name.n == b->name.n)
		return order;
	return a->name.n < b->name.n ? -1 : 1;
}

/* One step down. The name in *entry is only valid while the object is, so it is cleared. */
static int step(struct repo *repo, struct str part, bool *found, struct raw_entry *entry,
		struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct err missing = { 0 };
	int result;

	*found = false;
	if (!raw_is_folder(entry))
		return 0;
	result =
		object_read(repo, &entry->oid, GIT_OBJECT_TREE, OBJECT_TREE_MAX, &object, &missing);
	if (result == -ERR_NOT_FOUND)
		return err_set(e, ERR_UNAVAILABLE, "a tree of the repository is missing");
	if (result) {
		*e = missing;
		return result;
	}
	*found = raw_tree_find(object_bytes(object), part, entry);
	entry->name = STR_NONE;
	return 0;
}

int object_at_path(struct repo *repo, const struct oid *tree, struct str path, bool *found,
		   struct raw_entry *entry, struct err *e)
{
	struct raw_entry at = { .mode = RAW_MODE_FOLDER, .oid = *tree, .name = STR_NONE };
	struct str rest = path;
	struct str part;

	*found = true;
	for (unsigned depth = 0; *found && path.n > 0 && str_cut(&rest, '/', &part); depth++) {
		if (depth == TREE_DEPTH_MAX)
			*found = false;
		else if (step(repo, part, found, &at, e))
			return -(int)e->code;
	}
	if (*found)
		*entry = at;
	return 0;
}
