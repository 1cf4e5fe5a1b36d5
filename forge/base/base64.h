/* Base64 (RFC 4648, with padding). Threads: pure functions. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/arena.h"
#include "base/buf.h"

void base64_encode(struct buf *out, struct str bytes);

/* Padding may be missing; line ends and other foreign bytes are refused. */
MUST_USE bool base64_decode(struct arena *a, struct str text, struct str *bytes);

#endif
