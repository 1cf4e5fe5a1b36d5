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

#endif
