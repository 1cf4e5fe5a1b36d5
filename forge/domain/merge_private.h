/* What the files merge*.c share: a merge on its way. */
#ifndef DOMAIN_MERGE_PRIVATE_H
#define DOMAIN_MERGE_PRIVATE_H

#include "domain/landing_merge.h"
#include "domain/merge.h"
#include "domain/merge_request_private.h"

/* ERR_CONFLICT in GitLab's words if a head was named and is not the one. */
MUST_USE int merge_check_sha(const struct merge_request *mr, struct str sha, struct err *e);
/* Messages that a commit cannot have are refused before anything is begun or kept. */
MUST_USE int merge_check_messages(const struct merge_options *options, struct err *e);
/* What was asked for, put into the copy that is judged and merged. */
void merge_apply_options(struct merge_request *mr, const struct merge_setting *setting,
			 const struct merge_options *options);
/* ERR_PRECONDITION with the first blocker's sentence. */
MUST_USE int merge_refuse(const struct merge_blockers *blockers, struct err *e);

/*
 * After a merge, by another operation than the one that made it: has what landed
 * exactly the files that merging gives? True for what was not merged here.
 */
MUST_USE int merge_agrees(const struct landing_request *request, const struct merge_request *mr,
			  struct arena *a, bool *agrees, struct err *e);

/*
 * If auto-merge is set: merges, waits on, or ends it with its reason. An error
 * means that it should be tried again.
 */
MUST_USE int merge_try_auto(const struct landing_request *request, const struct merge_request *mr,
			    struct arena *a, struct err *e);

#endif
