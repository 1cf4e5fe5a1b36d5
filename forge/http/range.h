/*
 * Range and conditional headers (RFC 9110, sections 13 and 14), as pure
 * functions over their texts. One range only: several give the whole, which is
 * allowed and keeps a stranger from asking for thousands.
 */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include "base/clock.h"
#include "base/str.h"

enum http_range { HTTP_RANGE_WHOLE, HTTP_RANGE_PART, HTTP_RANGE_IMPOSSIBLE };

/* "bytes=0-99" of `size` bytes; on PART *offset and *length are inside of it, length > 0. */
enum http_range http_range_parse(struct str header, uint64_t size, uint64_t *offset,
				 uint64_t *length);

/* Does a list of tags ("W/\"a\", \"b\"" or "*") hold this one? weak: W/ does not count. */
bool http_etag_list_has(struct str list, struct str etag, bool weak);

/* "Sun, 06 Nov 1994 08:49:37 GMT", the one form that is written today. */
MUST_USE bool http_date_parse(struct str text, struct instant *t);

#endif
