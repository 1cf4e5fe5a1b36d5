/*
 * What below causes above: rows of the table outbox, written inside the
 * transaction that causes them and handled afterwards by `work`, at least once
 * each. A handler's effect must be the same if it runs twice.
 *
 * One table (event.c) maps a kind to its handler. A kind without a row is an
 * error of the one who writes it.
 */
#ifndef DOMAIN_EVENT_H
#define DOMAIN_EVENT_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/types.h"

struct db;
struct db_pool;

/* X(NAME, kind as stored, handler) */
#define EVENT_KINDS(X) X(PUSHED, "push", event_on_push)

enum event_kind {
#define EVENT_KIND_ENUM(name, word, handler) EVENT_##name,
	EVENT_KINDS(EVENT_KIND_ENUM)
#undef EVENT_KIND_ENUM
	EVENT_KIND_COUNT
};

/* Inside the caller's transaction. subject: the id the handler needs (a push's). */
MUST_USE int event_add(struct db *db, enum event_kind kind, struct project_id project,
		       int64_t subject, struct err *e);

struct event_context {
	struct db_pool *db;
	const char *run;
	const char *data;
};

struct event {
	int64_t id;
	struct str kind;
	struct project_id project;
	int64_t subject;
	int32_t attempts;
};

/* Runs the handler; what fails is tried again with growing pauses. */
MUST_USE int event_handle(const struct event_context *context, const struct event *event,
			  struct arena *a, struct err *e);

#endif
