/*
 * The directory of blobs: files whose name is the SHA-256 of their bytes,
 *
 *	<data>/blobs/<2 hex digits>/<62 hex digits>      <data>/blobs/new/   being written
 *
 * The truth is the table blob: a file is there if its row is, and nobody looks
 * at a file without a row. A file appears (blob_writer_keep) and goes
 * (blob_file_remove) while its row is locked, so a new link to a blob and the
 * removal of the same blob by whoever found it unused exclude each other; who
 * calls them holds that lock (domain/artifact).
 *
 * The directory may be shared between hosts: only write, fsync, rename, unlink.
 *
 * Errors: ERR_TOO_LARGE above the limit; ERR_NOT_FOUND; ERR_INTERNAL.
 * Threads: one writer, one thread; the rest any.
 */
#ifndef STORE_BLOB_H
#define STORE_BLOB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#define BLOB_SHA256_SIZE 32

struct blob_writer;

/* folder: <data>/blobs. limit in bytes. */
MUST_USE int blob_writer_open(const char *folder, uint64_t limit, struct blob_writer **writer,
			      struct err *e);
MUST_USE int blob_writer_add(struct blob_writer *w, struct str bytes, struct err *e);

struct blob_made {
	struct str sha256; /* 32 bytes, as the column is */
	uint64_t size;
};

/* All is written and on disk, under no name yet. The bytes may be read: blob_writer_fd. */
MUST_USE int blob_writer_end(struct blob_writer *w, struct arena *a, struct blob_made *made,
			     struct err *e);
/* The writer's; -1 after blob_writer_keep. */
int blob_writer_fd(const struct blob_writer *w);
/* Under the lock of the row: gives it its name. The same bytes again are fine. */
MUST_USE int blob_writer_keep(struct blob_writer *w, struct err *e);
/* Removes what was not kept. NULL is fine. */
void blob_writer_close(struct blob_writer *w);

/* Read-only; the caller's to close. */
MUST_USE int blob_file_open(const char *folder, struct str sha256, int *fd, uint64_t *size,
			    struct err *e);

/* Under the lock of the row. A file that is not there is fine. */
MUST_USE int blob_file_remove(const char *folder, struct str sha256, struct err *e);

/*
 * For the search for files that nobody knows (a crash between rename and commit):
 * the names in one of the 256 subfolders that are older than a day. Removes
 * what is left of writers that died.
 */
MUST_USE int blob_file_list_old(const char *folder, unsigned subfolder, struct arena *a,
				struct str_list *sha256s, struct err *e);

#endif
