/*
 * Pipelines of merge requests (source merge_request_event): of the head of an
 * open one, on refs/merge-requests/<iid>/head, compared with its target; or of
 * what merging it would give, on refs/merge-requests/<iid>/merge. A file
 * takes part by its rules (`if: $CI_PIPELINE_SOURCE == "merge_request_event"`);
 * one without such rules has none, its branch pipeline counts instead.
 *
 * A push to the source branch makes it in the push's own landing
 * (domain/landing_plan.c); a merge request that is opened gets it from the outbox
 * (domain/event_merge_request.c). Either way a head has at most one of its own accord.
 *
 * On the result: if the project says so (merge_setting.tests_result) those of their
 * own accord, made from the outbox as soon as both sides fit, and once more for
 * each new state of the target while auto-merge waits. One that a person asks for
 * also if the target has moved on: only then is there another result to test.
 */
#ifndef DOMAIN_PIPELINE_REQUEST_H
#define DOMAIN_PIPELINE_REQUEST_H

#include "domain/merge_request.h"
#include "domain/pipeline_plan.h"
#include "domain/protected_ref.h"

/*
 * Fills what follows from the merge request and its project's protected refs: ref,
 * why, facts, and what `changed` compares with. The caller has set project, actor,
 * sha, is_protected, obeys_skip, and of a result source_sha and target_sha.
 */
void pipeline_wish_for_request(const struct merge_request *mr, const struct protected_refs *rules,
			       struct arena *a, struct pipeline_wish *wish,
			       struct commit_subject *subject);

/* Whether it is to be made: that the file is not valid is told by the branch's pipeline. */
bool pipeline_is_for_request(const struct pipeline_planned *planned);

/*
 * For a merge request whose source is in its own project, refreshed. *is_made false:
 * it has one for its head already, is not open any more, or its file wants none.
 */
MUST_USE int pipeline_run_for_request(const struct instance *instance, struct merge_request_id id,
				      struct arena *a, bool *is_made, struct pipeline_made *made,
				      struct err *e);

/*
 * The same asked for by a person, as often as wanted; mr: refreshed. ERR_FORBIDDEN: PIPELINE_RUN is
 * not the actor's, or the source branch is protected from them; ERR_CONFLICT: it is
 * not open; ERR_UNPROCESSABLE: its file has nothing for merge requests, or is not
 * valid, or its source is a fork.
 */
MUST_USE int pipeline_run_of_request(const struct instance *instance, const struct actor *actor,
				     const struct merge_request *mr, struct arena *a,
				     struct pipeline_made *made, struct err *e);

#endif
