#include "archive/zip_directory.h"

#include "base/compiler.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define END_SIGNATURE 0x06054b50u
#define END_BYTES 22u
#define COMMENT_MAX 65535u
#define END64_SIGNATURE 0x06064b50u
#define END64_BYTES 56u
#define LOCATOR_SIGNATURE 0x07064b50u
#define LOCATOR_BYTES 20u
#define ENTRY_SIGNATURE 0x02014b50u
#define ENTRY_BYTES 46u
#define ZIP64_EXTRA 1
#define MADE_BY_UNIX 3
#define NAME_MAX_BYTES 4000

/* ---- little-endian numbers ---- */

static uint64_t number(const unsigned char *p, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = bytes; i > 0; i--)
		n = n << 8 | p[i - 1];
	return n;
}

static uint16_t u16(const unsigned char *p)
{
	return (uint16_t)number(p, 2);
}

static uint32_t u32(const unsigned char *p)
{
	return (uint32_t)number(p, 4);
}

static uint64_t u64(const unsigned char *p)
{
	return number(p, 8);
}

static int damaged(struct err *e, const char *what)
{
	return err_set(e, ERR_UNPROCESSABLE, "This is no zip file that can be read: %s.", what);
}

static int read_at(int fd, uint64_t offset, unsigned char *to, size_t n, struct err *e)
{
	while (n > 0) {
		ssize_t got = pread(fd, to, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, errno, "read a zip file");
		if (got == 0)
			return damaged(e, "it ends too early");
		to += got;
		offset += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

/* ---- the end, which says where the directory is ---- */

struct zip_end {
	uint64_t count;
	uint64_t size;
	uint64_t offset;
};

static int read_end64(int fd, uint64_t file, uint64_t end_at, struct zip_end *end, struct err *e)
{
	unsigned char locator[LOCATOR_BYTES];
	unsigned char record[END64_BYTES];
	uint64_t at;

	if (end_at < LOCATOR_BYTES)
		return damaged(e, "its end is missing");
	if (read_at(fd, end_at - LOCATOR_BYTES, locator, sizeof(locator), e) < 0)
		return -(int)e->code;
	at = u64(locator + 8);
	if (u32(locator) != LOCATOR_SIGNATURE || file < END64_BYTES || at > file - END64_BYTES)
		return damaged(e, "its end is not where it says");
	if (read_at(fd, at, record, sizeof(record), e) < 0)
		return -(int)e->code;
	if (u32(record) != END64_SIGNATURE)
		return damaged(e, "its end is not where it says");
	*end = (struct zip_end){ u64(record + 32), u64(record + 40), u64(record + 48) };
	return 0;
}

/* Searched from the back: a comment of up to 64 KiB may stand behind it. */
static int find_end(int fd, uint64_t file, struct arena *a, struct zip_end *end, struct err *e)
{
	size_t n = file < END_BYTES + COMMENT_MAX ? (size_t)file : END_BYTES + COMMENT_MAX;
	unsigned char *tail = arena_alloc(a, n + 1);
	size_t at = n < END_BYTES ? 0 : n - END_BYTES + 1;

	if (n < END_BYTES)
		return damaged(e, "it is too short");
	if (read_at(fd, file - n, tail, n, e) < 0)
		return -(int)e->code;
	while (at > 0 && !(u32(tail + at - 1) == END_SIGNATURE &&
			   at - 1 + END_BYTES + u16(tail + at - 1 + 20) == n))
		at--;
	if (at == 0)
		return damaged(e, "its end is missing");
	tail += at - 1;
	*end = (struct zip_end){ u16(tail + 10), u32(tail + 12), u32(tail + 16) };
	if (end->count == UINT16_MAX || end->size == UINT32_MAX || end->offset == UINT32_MAX)
		return read_end64(fd, file, file - n + at - 1, end, e);
	return 0;
}

/* ---- the directory ---- */

/* Sizes that do not fit in 32 bits stand in an extra field, in this order, only those. */
static bool read_zip64(struct str extra, struct zip_entry *entry)
{
	uint64_t *const wide[] = { &entry->size, &entry->packed, &entry->header };

	while (extra.n >= 4) {
		const unsigned char *p = (const unsigned char *)extra.p;
		size_t n = u16(p + 2);

		if (n > extra.n - 4)
			return false;
		if (u16(p) == ZIP64_EXTRA) {
			const unsigned char *value = p + 4;

			for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
				if (*wide[i] != UINT32_MAX)
					continue;
				if ((size_t)(p + 4 + n - value) < 8)
					return false;
				*wide[i] = u64(value);
				value += 8;
			}
			return true;
		}
		extra = str_from(extra, 4 + n);
	}
	return true;
}

static bool is_plain_path(struct str path)
{
	struct str rest = path;
	struct str step;

	if (path.n == 0 || path.n > NAME_MAX_BYTES || !str_is_utf8_text(path))
		return false;
	while (str_cut(&rest, '/', &step))
		if (step.n == 0 || str_eq_c(step, ".") || str_eq_c(step, ".."))
			return false;
	return true;
}

/* False: it is not listed. */
static bool fill_entry(const unsigned char *p, struct str name, struct zip_entry *entry)
{
	unsigned mode = p[5] == MADE_BY_UNIX ? u32(p + 38) >> 16 : 0;

	entry->is_encrypted = (u16(p + 8) & 1) != 0;
	entry->method = u16(p + 10);
	entry->crc = u32(p + 16);
	entry->is_folder = str_ends(name, STR("/"));
	entry->is_link = S_ISLNK(mode);
	if (entry->is_folder)
		name.n--;
	entry->path = name;
	if (!is_plain_path(name))
		return false;
	return mode == 0 || (mode & S_IFMT) == 0 || S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode);
}

/* One record; *used says how long it is. */
static int read_entry(struct str bytes, struct zip_entry *entry, bool *is_listed, size_t *used,
		      struct err *e)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t name, extra;

	if (bytes.n < ENTRY_BYTES || u32(p) != ENTRY_SIGNATURE)
		return damaged(e, "its directory is damaged");
	name = u16(p + 28);
	extra = u16(p + 30);
	*used = ENTRY_BYTES + name + extra + u16(p + 32);
	if (*used > bytes.n)
		return damaged(e, "its directory is damaged");
	*entry = (struct zip_entry){ .packed = u32(p + 20),
				     .size = u32(p + 24),
				     .header = u32(p + 42) };
	if (!read_zip64(str_upto(str_from(bytes, ENTRY_BYTES + name), extra), entry))
		return damaged(e, "its directory is damaged");
	*is_listed = fill_entry(p, str_upto(str_from(bytes, ENTRY_BYTES), name), entry);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct zip_entry *x = a;
	const struct zip_entry *y = b;

	return str_cmp(x->path, y->path);
}

static int check_end(const struct zip_end *end, uint64_t file, struct err *e)
{
	if (end->offset > file || end->size > file - end->offset ||
	    end->count > end->size / ENTRY_BYTES)
		return damaged(e, "its directory is not where it says");
	if (end->count > ZIP_LISTED_MAX || end->size > ZIP_DIRECTORY_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE,
			       "The archive holds %llu entries; up to %d can be listed. Download "
			       "it instead.",
			       (unsigned long long)end->count, ZIP_LISTED_MAX);
	return 0;
}

int zip_directory_read(int fd, uint64_t size, struct arena *a, struct zip_directory *directory,
		       struct err *e)
{
	struct zip_directory made = { 0 };
	struct zip_end end = { 0 };
	struct str rest;
	char *bytes;

	if (find_end(fd, size, a, &end, e) < 0 || check_end(&end, size, e) < 0)
		return -(int)e->code;
	bytes = arena_alloc(a, (size_t)end.size + 1);
	if (read_at(fd, end.offset, (unsigned char *)bytes, (size_t)end.size, e) < 0)
		return -(int)e->code;
	rest = str_n(bytes, (size_t)end.size);
	made.entries = ARENA_ARRAY(a, struct zip_entry, (size_t)end.count + 1);
	for (uint64_t i = 0; i < end.count; i++) {
		size_t used = 0;
		bool is_listed = false;

		if (read_entry(rest, &made.entries[made.count], &is_listed, &used, e) < 0)
			return -(int)e->code;
		made.count += is_listed;
		made.left_out += !is_listed;
		rest = str_from(rest, used);
	}
	qsort(made.entries, made.count, sizeof(made.entries[0]), by_path);
	*directory = made;
	return 0;
}

/* ---- looking ---- */

/* The first entry whose path is not less. */
static size_t lower_bound(const struct zip_directory *directory, struct str path)
{
	size_t low = 0, high = directory->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(directory->entries[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct zip_entry *zip_directory_find(const struct zip_directory *directory, struct str path)
{
	size_t at = lower_bound(directory, path);

	return at < directory->count && str_eq(directory->entries[at].path, path)
		       ? &directory->entries[at]
		       : NULL;
}

static int folders_first(const void *a, const void *b)
{
	const struct zip_child *x = a;
	const struct zip_child *y = b;

	if ((x->entry == NULL) != (y->entry == NULL))
		return x->entry == NULL ? -1 : 1;
	return str_cmp(x->name, y->name);
}

/* Everything below "x/" stands together, because the entries are in the order of their bytes;
 * the folder's own entry "x" may stand apart from it, so doubles are dropped after sorting. */
static size_t drop_doubles(struct zip_child *children, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !str_eq(children[kept - 1].path, children[i].path) ||
		    (children[kept - 1].entry == NULL) != (children[i].entry == NULL))
			children[kept++] = children[i];
	return kept;
}

void zip_directory_children(const struct zip_directory *directory, struct str folder,
			    struct arena *a, struct zip_child **children, size_t *count)
{
	struct str prefix = folder.n ? arena_fmt(a, "%.*s/", STR_FMT(folder)) : STR("");
	size_t first = lower_bound(directory, prefix);
	size_t end = first;
	size_t n = 0;

	while (end < directory->count && str_starts(directory->entries[end].path, prefix))
		end++;
	*children = ARENA_ARRAY(a, struct zip_child, end - first + 1);
	for (size_t i = first; i < end; i++) {
		const struct zip_entry *entry = &directory->entries[i];
		struct str rest = str_from(entry->path, prefix.n);
		size_t slash = str_find(rest, '/');
		bool is_file = slash == rest.n && !entry->is_folder;

		if (n > 0 && !is_file && (*children)[n - 1].entry == NULL &&
		    str_eq((*children)[n - 1].name, str_upto(rest, slash)))
			continue;
		(*children)[n++] = (struct zip_child){ str_upto(rest, slash),
						       str_upto(entry->path, prefix.n + slash),
						       is_file ? entry : NULL };
	}
	qsort(*children, n, sizeof(**children), folders_first);
	*count = drop_doubles(*children, n);
}
