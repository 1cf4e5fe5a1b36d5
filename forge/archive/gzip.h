/*
 * gzip (zlib behind this door): undoing a stream with limits, so that a small
 * bomb stays small, and packing an answer.
 *
 * Ownership: gunzip_open .. gunzip_close. Threads: one object, one thread.
 */
#ifndef ARCHIVE_GZIP_H
#define ARCHIVE_GZIP_H

#include "base/buf.h"
#include "base/err.h"

struct gunzip;

/* limit: of all bytes given out. Beyond 1 MiB given out, more than 200 for each taken is a bomb. */
struct gunzip *gunzip_open(uint64_t limit);
void gunzip_close(struct gunzip *g); /* NULL is fine */

/*
 * Gives what `bytes` unpack to, in pieces, to `take`. ERR_INVALID: no gzip, or
 * bytes behind its end; ERR_TOO_LARGE; or take's own error.
 */
typedef int gunzip_take(void *closure, struct str bytes, struct err *e);
MUST_USE int gunzip_write(struct gunzip *g, struct str bytes, gunzip_take *take, void *closure,
			  struct err *e);
/* ERR_INVALID if the stream has not come to its end. */
MUST_USE int gunzip_finish(const struct gunzip *g, struct err *e);

/* All of `bytes` as one gzip stream; false if out's ceiling is reached. level: 1 to 9. */
MUST_USE bool gzip_add(struct buf *out, struct str bytes, int level);

#endif
