/*
 * Bytes out of repositories, made safe to show. Threads: pure functions.
 */
#ifndef GIT_TEXT_H
#define GIT_TEXT_H

#include "base/arena.h"

/* At most `limit` bytes of valid UTF-8: bad bytes and NULs become U+FFFD. *cut (may be NULL). */
struct str text_utf8(struct arena *a, struct str bytes, size_t limit, bool *cut);
/* As ISO-8859-1 if it is not UTF-8 already: what old files and commits mostly are. */
struct str text_latin1(struct arena *a, struct str bytes, size_t limit, bool *cut);

/* Contains, letters compared without case (ASCII). An empty part is always contained. */
bool text_contains_nocase(struct str text, struct str part);

#endif
