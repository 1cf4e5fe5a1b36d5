/*
 * Zip files (libarchive behind this door; zip alone is switched on).
 * Written as streams, so that the target may be a pipe; read from a file, because
 * only the directory at a zip's end tells links from files.
 * Limits hold against bombs: entries, bytes of one entry, bytes together.
 *
 * Threads: one object, one thread.
 */
#ifndef ARCHIVE_ZIP_H
#define ARCHIVE_ZIP_H

#include "base/err.h"
#include "base/str.h"

#define ZIP_ENTRIES_MAX 200000
#define ZIP_ENTRY_BYTES_MAX (8LL << 30)
#define ZIP_BYTES_MAX (16LL << 30)

struct zip_writer;

/* Writes to fd, which stays the caller's. */
MUST_USE int zip_writer_open(int fd, struct zip_writer **writer, struct err *e);
/* Ends the archive and frees the writer, also after an error; NULL is fine. */
MUST_USE int zip_writer_close(struct zip_writer *writer, struct err *e);

/* A file of the bytes behind fd; size is what fstat says. mode: permission bits. */
MUST_USE int zip_add_file(struct zip_writer *writer, const char *path, int fd, int64_t size,
			  unsigned mode, int64_t mtime, struct err *e);
MUST_USE int zip_add_link(struct zip_writer *writer, const char *path, const char *target,
			  int64_t mtime, struct err *e);

/*
 * Unpacks a file below folder, which must be the caller's own. Names that are
 * absolute, hold "..", or go through a link are an error; so are links that
 * point out of the folder or have ".." behind a name, and anything but files,
 * folders and links.
 */
MUST_USE int zip_unpack(int fd, const char *folder, size_t *count, struct err *e);

#endif
