/*
 * Contents of files: always the size first, then what of it is wanted.
 * Threads: as the repo.
 */
#ifndef GIT_BLOB_H
#define GIT_BLOB_H

#include "git/repo.h"

#define BLOB_READ_MAX (32u << 20) /* in this process; larger ones go through a git operation */
#define BLOB_PROBE 8000           /* bytes git looks at to tell binary from text */

enum blob_content { BLOB_TEXT, BLOB_LATIN1, BLOB_BINARY };

struct lfs_pointer {
	bool is_lfs;
	struct str sha256; /* 64 hex digits */
	int64_t size;
};

struct blob {
	struct oid oid;
	uint64_t size;
	struct str bytes; /* what was read: all of it, or the first `limit` bytes */
	bool is_cut;
	enum blob_content content; /* LATIN1: text with bytes that are not UTF-8 */
	struct lfs_pointer lfs;
};

/* The header alone. ERR_NOT_FOUND: no such object, or no blob. */
MUST_USE int blob_size(struct repo *repo, const struct oid *oid, uint64_t *size, struct err *e);

/*
 * Reads at most limit bytes into the arena. A blob larger than BLOB_READ_MAX is
 * not inflated at all: bytes is empty, is_cut true, content BINARY.
 */
MUST_USE int blob_read(struct repo *repo, const struct oid *oid, size_t limit, struct arena *a,
		       struct blob *blob, struct err *e);

/*
 * `length` bytes from `from` on, fewer at the end; for raw files and Range.
 * ERR_RANGE if `from` is not in the file (0 of an empty one is), ERR_TOO_LARGE
 * above BLOB_READ_MAX.
 */
MUST_USE int blob_range(struct repo *repo, const struct oid *oid, uint64_t from, size_t length,
			struct arena *a, struct str *bytes, struct err *e);

/* A copy in which every line is valid UTF-8: LATIN1 is converted, text stays. */
struct str blob_text(const struct blob *blob, struct arena *a);

/* What git and the pages call binary: a NUL in the first 8000 bytes. */
enum blob_content blob_classify(struct str bytes);

#endif
