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
struct instance;

/* X(NAME, kind as stored, handler) */
#define EVENT_KINDS(X)                                                           \
	X(PUSHED, "push", event_on_push)                                         \
	X(PIPELINE, "pipeline", event_on_pipeline)                               \
	X(MERGE_REQUEST, "merge_request", event_on_merge_request)                \
	X(MERGE_REQUEST_GONE, "merge_request_gone", event_on_merge_request_gone) \
	X(MERGE_TARGETS, "merge_targets", event_on_merge_targets)                \
	X(ENVIRONMENT, "environment", event_on_environment)

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
	const struct instance *instance;
};

struct event {
	int64_t id;
	struct str kind;
	struct project_id project;
	int64_t subject;
	int32_t attempts;
};

/* After so many attempts an event is set aside, for an administrator to look at. */
#define EVENT_ATTEMPTS_MAX 12

/* The oldest that is due, leased for 10 minutes; one a project at a time. */
MUST_USE int event_claim(struct db *db, struct arena *a, struct event *event, bool *found,
			 struct err *e);
MUST_USE int event_done(struct db *db, const struct event *event, struct err *e);
/* Due again after a pause that grows to an hour. */
MUST_USE int event_retry(struct db *db, const struct event *event, const struct err *why,
			 struct err *e);

struct event_counts {
	int64_t waiting;
	int64_t set_aside;
	int64_t oldest_seconds;
};
MUST_USE int event_count(struct db *db, struct arena *a, struct event_counts *counts,
			 struct err *e);

/* Runs the handler; the caller closes the event. */
MUST_USE int event_handle(const struct event_context *context, const struct event *event,
			  struct arena *a, struct err *e);

#endif
