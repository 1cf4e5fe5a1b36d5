/*
 * What is in a zip file, by its central directory alone, and the bytes of one
 * entry as a stream: for showing files that strangers packed, without unpacking.
 * Own code over pread and zlib, because listing must not depend on what lies
 * between the entries.
 *
 * Left out, and counted: names that are not UTF-8, that are absolute or hold "."
 * or ".." or empty steps, and all that is neither file, folder nor link.
 *
 * Errors: ERR_UNPROCESSABLE: no zip, or damaged, or packed in a way that is not
 * read here; ERR_TOO_LARGE: a limit below.
 * Ownership: the arena. Threads: one object, one thread.
 * Source: PKWARE APPNOTE 4.3 (with zip64).
 */
#ifndef ARCHIVE_ZIP_DIRECTORY_H
#define ARCHIVE_ZIP_DIRECTORY_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

#define ZIP_LISTED_MAX 100000
#define ZIP_DIRECTORY_BYTES_MAX (32u << 20)

struct zip_entry {
	struct str path; /* "a/b.txt"; a folder has no "/" at its end */
	bool is_folder;
	bool is_link;
	uint64_t size;
	uint64_t packed;
	uint32_t crc;
	uint16_t method;
	bool is_encrypted;
	uint64_t header; /* where its local header stands */
};

struct zip_directory {
	struct zip_entry *entries; /* by path, bytewise */
	size_t count;
	size_t left_out;
};

/* fd: a file of that size, read by pread only. */
MUST_USE int zip_directory_read(int fd, uint64_t size, struct arena *a,
				struct zip_directory *directory, struct err *e);

/* NULL if there is none. Folders need no entry of their own: see zip_directory_children. */
const struct zip_entry *zip_directory_find(const struct zip_directory *directory, struct str path);

/* What lies directly in a folder. */
struct zip_child {
	struct str name;
	struct str path;
	const struct zip_entry *entry; /* NULL: a folder */
};

/* folder "": the top. Folders first, by name. *count 0: there is no such folder. */
void zip_directory_children(const struct zip_directory *directory, struct str folder,
			    struct arena *a, struct zip_child **children, size_t *count);

struct zip_reader;

/* The bytes of a file or the target of a link. fd stays the caller's, and open. */
MUST_USE int zip_reader_open(int fd, const struct zip_entry *entry, struct zip_reader **reader,
			     struct err *e);
/* > 0 bytes, 0 at the end (length and CRC are right then), or a negative code. */
MUST_USE ssize_t zip_reader_read(struct zip_reader *r, char *to, size_t room, struct err *e);
void zip_reader_close(struct zip_reader *r); /* NULL is fine */

#endif
