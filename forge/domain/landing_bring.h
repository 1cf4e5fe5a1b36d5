/*
 * Bringing branches, tags and heads from one project's repository into another's:
 * an operation pack there, whose pack flows straight into an operation receive
 * here, which judges it like a stranger's and lands it (domain/landing.h). No
 * repository ever reads another's files, and none depends on another's objects.
 *
 * For domain/fork (a fork is filled) and domain/merge_request_fork (the head of a
 * merge request arrives). The caller has checked who may read there and change here.
 *
 * Threads: one call, one thread; it waits for both. No connection may be held.
 */
#ifndef DOMAIN_LANDING_BRING_H
#define DOMAIN_LANDING_BRING_H

#include "domain/landing_merge.h"

struct landing_bring {
	struct project_id from;
	/* By full name; old_oid zeros: must not exist here. new_oid: what a ref there points to. */
	const struct landing_change *changes;
	size_t count;       /* 1 .. LANDING_BRING_MAX */
	landing_gate *gate; /* NULL: none; gets the first change's new_oid */
	void *closure;
};

#define LANDING_BRING_MAX 2000

/*
 * All or nothing, as a push by the system: policy is not asked, no pipelines are
 * made. request->source must be PUSH_SOURCE_SYSTEM. ERR_CONFLICT: a ref here is
 * not where it should be.
 */
MUST_USE int landing_bring(const struct landing_request *request, const struct landing_bring *in,
			   struct err *e);

#endif
