/*
 * A backup's container: a tar file compressed with zstd, plain files and
 * folders only. Written to a descriptor while an instance runs, so files may
 * grow, shrink or vanish while they are read.
 *
 * Reading trusts nothing: names must be relative, without "..", of one of the
 * first folders that the caller allows; links, devices and names that are
 * there already are refused. (libarchive's door beside archive/README.md.)
 *
 * Threads: one writer, one thread.
 */
#ifndef ARCHIVE_BUNDLE_H
#define ARCHIVE_BUNDLE_H

#include "base/err.h"
#include "base/list.h"

struct bundle;

/* Writes to fd, which stays the caller's. */
MUST_USE int bundle_open(int fd, struct bundle **bundle, struct err *e);
/* Writes the end. Without it the file is not whole. */
MUST_USE int bundle_finish(struct bundle *bundle, struct err *e);
/* After finish, or to give up. NULL is fine. */
void bundle_close(struct bundle *bundle);

MUST_USE int bundle_add_bytes(struct bundle *bundle, const char *name, struct str bytes,
			      struct err *e);
/*
 * The file as long as it is now. ERR_NOT_FOUND if it is gone (nothing was
 * written); what disappears from its end while it is read becomes zero bytes.
 */
MUST_USE int bundle_add_file(struct bundle *bundle, const char *name, const char *path,
			     struct err *e);
MUST_USE int bundle_add_folder(struct bundle *bundle, const char *name, struct err *e);

struct bundle_counts {
	uint64_t files;
	uint64_t bytes;
};
struct bundle_counts bundle_count(const struct bundle *bundle);

/*
 * Unpacks fd below folder. Only names equal to one of `allowed` or below one
 * of them. Files are made 0600 (0400 below keys/), folders 0700.
 */
MUST_USE int bundle_extract(int fd, const char *folder, const struct str_list *allowed,
			    struct bundle_counts *counts, struct err *e);

#endif
