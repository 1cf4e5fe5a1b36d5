/*
 * git's smart HTTP protocol (gitprotocol-http), the front of it.
 *
 * Answered here, from the front's own ref snapshot and without any process: the
 * advertisements of all versions, and v2's ls-refs. Everything with a pack is
 * one git operation, whose bytes are relayed. Errors while git talks are said in
 * git's own words (an ERR packet, or side-band 3), because git shows the body of
 * no HTTP error.
 */
#ifndef API_GIT_SMART_H
#define API_GIT_SMART_H

#include "request.h"

/* ERR_INVALID unless the body says it is a request of this service. */
MUST_USE int git_check_type(const struct request *rq, const char *type, struct err *e);

#endif
