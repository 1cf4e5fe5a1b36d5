/*
 * The scanner behind ref_snapshot_scan.
 *
 * Order matters: loose refs first, packed-refs second. `git pack-refs` renames
 * the new packed-refs into place before it removes the loose files it holds,
 * so a loose file that vanishes under us is in the packed-refs we read later.
 * If packed-refs changed between our start and its reading we start again,
 * which makes the result one moment rather than two; a few times at most,
 * since either answer is a state some reader of git could have seen.
 */
#include "git/libgit.h"
#include "git/packed_refs.h"
#include "git/ref_snapshot_private.h"

#include "base/fs.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FOLDER_DEPTH_MAX 64
#define PACKED_REFS_MAX (256u << 20)
#define LOOSE_REF_MAX 1100
#define SCAN_TRIES 5

struct scan {
	int root; /* the repository's folder */
	struct arena *arena;
	struct scanned_refs loose;
	struct scanned_refs packed;
	struct str head;
	struct oid head_oid;
};

/* Up to room bytes of a small file; *n = 0 and false if it is not there. */
static bool read_small(int folder, const char *name, char *to, size_t room, size_t *n)
{
	AUTO_FD fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got;

	*n = 0;
	if (fd < 0)
		return false;
	do {
		got = read(fd, to, room);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return false;
	*n = (size_t)got;
	return true;
}

static int add_loose(struct scan *scan, int folder, const char *file, struct str name,
		     struct err *e)
{
	char text[LOOSE_REF_MAX];
	size_t n;
	struct scanned_ref ref = { 0 };

	/* Vanished: packed or deleted meanwhile. Not hex: symbolic, or empty after a power cut. */
	if (!ref_name_is_valid(name) || !read_small(folder, file, text, sizeof(text), &n) ||
	    n < OID_HEX || !oid_parse(str_n(text, OID_HEX), &ref.oid))
		return 0;
	if (n > OID_HEX && text[OID_HEX] != '\n' && text[OID_HEX] != ' ')
		return 0;
	ref.name = arena_str(scan->arena, name);
	ref.peeled = ref.oid;
	return scanned_refs_add(&scan->loose, &ref, e);
}

static int scan_folder(struct scan *scan, int parent, const char *folder, struct buf *prefix,
		       unsigned depth, struct err *e);

static int scan_entry(struct scan *scan, int folder, const struct dirent *entry, struct buf *prefix,
		      unsigned depth, struct err *e)
{
	size_t before = prefix->n;
	unsigned char type = entry->d_type;
	struct stat st;
	int result = 0;

	if (entry->d_name[0] == '.')
		return 0;
	if (type == DT_UNKNOWN && fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		type = S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_UNKNOWN;
	buf_add_c(prefix, entry->d_name);
	if (type == DT_DIR) {
		buf_add_char(prefix, '/');
		if (!prefix->full)
			result = scan_folder(scan, folder, entry->d_name, prefix, depth + 1, e);
	} else if (type == DT_REG && !prefix->full) {
		result = add_loose(scan, folder, entry->d_name, buf_str(prefix), e);
	}
	prefix->n = before;
	prefix->full = false;
	return result;
}

static int scan_folder(struct scan *scan, int parent, const char *folder, struct buf *prefix,
		       unsigned depth, struct err *e)
{
	int fd = openat(parent, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL) {
		int errno_value = errno;

		fs_close(&fd);
		if (errno_value == ENOENT && depth > 0) /* pruned while we came */
			return 0;
		return err_errno(e, errno_value, "read folder of refs");
	}
	if (depth <= FOLDER_DEPTH_MAX) {
		while (result == 0 && (entry = readdir(dir)) != NULL)
			result = scan_entry(scan, fd, entry, prefix, depth, e);
	}
	closedir(dir);
	return result;
}

static int scan_loose(struct scan *scan, struct err *e)
{
	struct buf prefix;
	int result;

	buf_init(&prefix, REF_NAME_MAX + 1);
	buf_add_c(&prefix, "refs/");
	result = scan_folder(scan, scan->root, "refs", &prefix, 0, e);
	buf_fini(&prefix);
	return result;
}

static int read_packed(struct scan *scan, struct stat *seen, struct err *e)
{
	AUTO_FD fd = openat(scan->root, "packed-refs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t n = 0;
	char *text;

	*seen = (struct stat){ 0 };
	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(e, errno, "open packed-refs");
	if (fstat(fd, seen) < 0)
		return err_errno(e, errno, "stat packed-refs");
	if (seen->st_size > (off_t)PACKED_REFS_MAX)
		return err_set(e, ERR_UNAVAILABLE, "packed-refs is larger than %u bytes",
			       PACKED_REFS_MAX);
	text = arena_alloc(scan->arena, (size_t)seen->st_size + 1);
	while (n < (size_t)seen->st_size) {
		ssize_t got = read(fd, text + n, (size_t)seen->st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, errno, "read packed-refs");
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return packed_refs_parse(str_n(text, n), &scan->packed, e);
}

/* "ref: refs/heads/main\n", or an object name. Anything else: no HEAD. */
static void read_head(struct scan *scan)
{
	char text[LOOSE_REF_MAX + 8];
	size_t n;
	struct str line;

	scan->head = STR_NONE;
	if (!read_small(scan->root, "HEAD", text, sizeof(text), &n))
		return;
	line = str_trim(str_n(text, n));
	if (str_cut_prefix(&line, STR("ref:"))) {
		line = str_trim(line);
		if (ref_name_is_valid(line))
			scan->head = arena_str(scan->arena, line);
	} else if (!oid_parse(line, &scan->head_oid)) {
		scan->head_oid = (struct oid){ 0 };
	}
}

static int by_name(const void *a, const void *b)
{
	const struct scanned_ref *one = a;
	const struct scanned_ref *two = b;

	return str_cmp(one->name, two->name);
}

static void sort_refs(struct scanned_refs *refs)
{
	for (size_t i = 1; i < refs->count; i++) {
		if (by_name(&refs->items[i - 1], &refs->items[i]) > 0) {
			qsort(refs->items, refs->count, sizeof(refs->items[0]), by_name);
			return;
		}
	}
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int scan_once(struct scan *scan, bool *changed, struct err *e)
{
	struct stat before = { 0 };
	struct stat seen;

	if (fstatat(scan->root, "packed-refs", &before, AT_SYMLINK_NOFOLLOW) < 0)
		before = (struct stat){ 0 };
	read_head(scan);
	if (scan_loose(scan, e) || read_packed(scan, &seen, e))
		return -(int)e->code;
	*changed = !same_file(&before, &seen);
	return 0;
}

/* Loose wins over packed; both are sorted. */
static struct scanned_refs merge(const struct scanned_refs *loose,
				 const struct scanned_refs *packed)
{
	struct scanned_refs all = { .room = loose->count + packed->count };
	size_t l = 0;
	size_t p = 0;

	all.items = mem_alloc_array(all.room + 1, sizeof(all.items[0]));
	while (l < loose->count || p < packed->count) {
		int order = l == loose->count    ? 1
			    : p == packed->count ? -1
						 : by_name(&loose->items[l], &packed->items[p]);
		const struct scanned_ref *next =
			order <= 0 ? &loose->items[l++] : &packed->items[p++];

		if (order == 0)
			p++;
		/* A damaged file may hold a name twice: the first one counts. */
		if (all.count == 0 || !str_eq(all.items[all.count - 1].name, next->name))
			all.items[all.count++] = *next;
	}
	return all;
}

static struct oid peel(git_repository *repository, const struct oid *oid)
{
	AUTO_GIT(object) object = NULL;
	AUTO_GIT(object) target = NULL;
	git_oid id = libgit_oid(oid);

	if (git_object_lookup(&object, repository, &id, GIT_OBJECT_TAG) < 0 ||
	    git_object_peel(&target, object, GIT_OBJECT_ANY) < 0)
		return *oid;
	return libgit_from_oid(git_object_id(target));
}

/*
 * Branches are commits, and so is what the forge writes; only tags and foreign
 * namespaces can hold a tag object. The repository is opened for the first that
 * the previous snapshot does not answer.
 */
static int peel_all(const char *path, const struct ref_snapshot *previous,
		    struct scanned_refs *refs, struct err *e)
{
	git_repository *repository = NULL;

	for (size_t i = 0; i < refs->count; i++) {
		struct scanned_ref *ref = &refs->items[i];
		const struct ref *known;

		if (ref->peel_known || str_starts(ref->name, STR("refs/heads/")) ||
		    ref_is_unlisted(ref->name) || ref_is_internal(ref->name))
			continue;
		known = previous ? ref_snapshot_find(previous, ref->name) : NULL;
		if (known && oid_eq(&known->oid, &ref->oid)) {
			ref->peeled = known->peeled;
			continue;
		}
		if (repository == NULL && libgit_open_folder(path, &repository, e))
			return -(int)e->code;
		ref->peeled = peel(repository, &ref->oid);
	}
	git_repository_free(repository);
	return 0;
}

static void fill(struct ref_snapshot *snapshot, struct scan *scan, const struct scanned_refs *all)
{
	struct ref *refs = arena_alloc_array(scan->arena, all->count + 1, sizeof(*refs));
	const struct ref *target;

	for (size_t i = 0; i < all->count; i++)
		refs[i] =
			(struct ref){ all->items[i].name, all->items[i].oid, all->items[i].peeled };
	snapshot->refs = refs;
	snapshot->count = all->count;
	snapshot->head = scan->head;
	snapshot->head_is_symbolic = !str_is_none(scan->head);
	snapshot->head_oid = scan->head_oid;
	if (snapshot->head_is_symbolic) {
		target = ref_snapshot_find(snapshot, scan->head);
		snapshot->head_oid = target ? target->oid : (struct oid){ 0 };
	}
}

static int scan_until_still(struct scan *scan, struct err *e)
{
	bool changed = true;

	for (int i = 0; changed && i < SCAN_TRIES; i++) {
		scan->loose.count = 0;
		scan->packed.count = 0;
		if (scan_once(scan, &changed, e))
			return -(int)e->code;
	}
	sort_refs(&scan->loose);
	sort_refs(&scan->packed);
	return 0;
}

int ref_snapshot_scan(const char *repo_path, const struct ref_snapshot *previous,
		      struct ref_snapshot **snapshot, struct err *e)
{
	struct scan scan = { .root = open(repo_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct scanned_refs all = { 0 };
	struct ref_snapshot *made;
	int result;

	if (scan.root < 0)
		return errno == ENOENT ? err_set(e, ERR_NOT_FOUND, "There is no repository here.")
				       : err_errno(e, errno, "open repository");
	result = libgit_open(e);
	if (result) {
		fs_close(&scan.root);
		return result;
	}
	made = ref_snapshot_new(&scan.arena);
	result = scan_until_still(&scan, e);
	if (result == 0) {
		all = merge(&scan.loose, &scan.packed);
		result = peel_all(repo_path, previous, &all, e);
	}
	if (result == 0) {
		fill(made, &scan, &all);
		*snapshot = made;
	} else {
		ref_snapshot_unref(made);
	}
	mem_free(all.items);
	mem_free(scan.loose.items);
	mem_free(scan.packed.items);
	fs_close(&scan.root);
	libgit_close();
	return result;
}
