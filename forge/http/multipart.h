/*
 * multipart/form-data (RFC 7578) as it streams in. Own, small, limited: at most
 * MULTIPART_PARTS_MAX parts, MULTIPART_HEAD_MAX bytes of headers a part; what a
 * part may hold is for whoever takes the data to say.
 *
 * Ownership: multipart_open .. multipart_close. Threads: one object, one thread.
 */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "base/arena.h"
#include "base/err.h"

#define MULTIPART_PARTS_MAX 200
#define MULTIPART_HEAD_MAX 8192
#define MULTIPART_BOUNDARY_MAX 200

struct multipart;

/* The head of a part; borrowed for the time of the call. */
struct multipart_part {
	struct str name;
	struct str filename; /* the last component; none if it is a plain field */
	struct str content_type;
};

/* Each part: begin, data any number of times, end. An error stops the parser. */
struct multipart_taker {
	int (*begin)(void *closure, const struct multipart_part *part, struct err *e);
	int (*data)(void *closure, struct str bytes, struct err *e);
	int (*end)(void *closure, struct err *e);
	void *closure;
};

/* The boundary of a Content-Type; STR_NONE if it is no multipart/form-data with a good one. */
struct str multipart_boundary(struct str content_type);

struct multipart *multipart_open(struct str boundary, const struct multipart_taker *taker);
void multipart_close(struct multipart *m); /* NULL is fine */

MUST_USE int multipart_write(struct multipart *m, struct str bytes, struct err *e);
/* ERR_INVALID if the closing boundary has not come. */
MUST_USE int multipart_finish(const struct multipart *m, struct err *e);

#endif
