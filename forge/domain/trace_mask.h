/*
 * Secrets in a log, overwritten by as many characters, so that offsets stay what
 * they are. Of a log that grows, the last trace_mask_hold bytes are masked again
 * together with what follows them, and until then nobody reads them.
 */
#ifndef DOMAIN_TRACE_MASK_H
#define DOMAIN_TRACE_MASK_H

#include "base/list.h"

/* Shorter ones would make the log unreadable and hide nothing. */
#define TRACE_SECRET_MIN 4
/* Longer ones are masked where they come in one piece, but their start may be read before. */
#define TRACE_HOLD_MAX 16384

void trace_mask(char *bytes, size_t n, struct str_list secrets);

/* How many bytes at the end may be the start of a secret. */
int32_t trace_mask_hold(struct str_list secrets);

#endif
