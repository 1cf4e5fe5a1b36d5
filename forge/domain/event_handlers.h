/*
 * The handlers of domain/event.h's table; called by event_handle only. Each may
 * run more than once for the same event, and must then do no harm.
 */
#ifndef DOMAIN_EVENT_HANDLERS_H
#define DOMAIN_EVENT_HANDLERS_H

#include "domain/event.h"

typedef int event_handler(const struct event_context *context, const struct event *event,
			  struct arena *a, struct err *e);

/*
 * The first branch of a repository becomes its default branch if the one that
 * was promised ("main") was not pushed: HEAD and the project's row follow.
 */
event_handler event_on_push;

/*
 * A merge request is new, or its head, target, approvals or pipeline changed: its
 * ref follows, both sides are checked, auto-merge is tried. subject: its id.
 */
event_handler event_on_merge_request;

/* A merge request was removed: its refs go too. subject: its iid. */
event_handler event_on_merge_request_gone;

/*
 * Branches that merge requests go to moved: what they contain now is merged, and
 * what waits for them is looked at again. subject: a push.
 */
event_handler event_on_merge_targets;

/* A new pipeline makes older ones of its ref redundant; they are canceled as each allows. */
event_handler event_on_pipeline;

/* What stands in an environment changed: its ref follows. subject: the environment. */
event_handler event_on_environment;

#endif
