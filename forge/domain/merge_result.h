/*
 * What merging a merge request would give, as a commit that its pipeline runs on:
 * refs/merge-requests/<iid>/merge, a merge commit of the target and the head. It
 * stands there while the merge request is open and a pipeline was asked to run on
 * it; it is no part of any branch, and the merge makes its own commit. That has
 * the same files, because both are made of the same pair of commits.
 */
#ifndef DOMAIN_MERGE_RESULT_H
#define DOMAIN_MERGE_RESULT_H

#include "domain/merge_request.h"

/*
 * The commit for the pair head_sha, target_sha; made if the ref shows another
 * pair or does not exist. mr: refreshed, and both sides fit. ERR_CONFLICT: a branch
 * or the ref moved meanwhile; try again. No connection may be held.
 */
MUST_USE int merge_result_make(const struct instance *instance, const struct merge_request *mr,
			       struct arena *a, struct str *sha, struct err *e);

/* Of one that is merged or closed: the ref goes. */
MUST_USE int merge_result_drop(const struct landing_request *request,
			       const struct merge_request *mr, struct arena *a, struct err *e);

#endif
