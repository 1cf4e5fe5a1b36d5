/*
 * Telling runners and pages that something changed. The queue itself is the
 * table `job`; this only shortens the wait, and may be lost (design: FLUSHALL
 * costs latency and nothing else).
 *
 * Runners of one class (scope, tags, protected, untagged: column runner.class)
 * may run the same jobs. A job that became pending wakes the parked questions
 * of each class that may run it (topic queue_topic) and adds a permit to the
 * class's Redis stream, which hearth-runner reads; whoever gets the permit asks
 * for work. Permits that got lost are added again from the table (queue_again).
 *
 * Each runner has its own Redis user, which can read the stream of its class
 * and nothing else. Name and password follow from the instance's key, the
 * runner, its token and its class, so any process can make the user anew and
 * nothing of it is stored.
 */
#ifndef DOMAIN_QUEUE_H
#define DOMAIN_QUEUE_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/runner.h"
#include "domain/types.h"

struct db;
struct live;
struct redis_pool;
struct secret_keys;

#define QUEUE_GROUP "runners"

struct queue_news {
	struct project_id project;
	struct pipeline_id pipeline; /* 0: none to look at */
	struct job_id job;           /* 0: none in particular */
	size_t pending;              /* how many jobs of the project became pending */
};

/*
 * After the commit of anything that changed jobs or pipelines, with a
 * connection that is in no transaction: wakes pages ("pipeline:7", "job:5",
 * "project:3") and, if pending is not 0, runners. Never fails.
 */
void queue_announce(struct db *db, struct live *live, const struct queue_news *news,
		    struct arena *a);

/* "queue:<class>", what a parked question of this runner waits for. */
struct str queue_topic(const struct runner *runner, struct arena *a);

/* How a runner's own Redis user signs in, and what it reads. */
struct queue_key {
	struct str user;
	struct str password;
	struct str stream;
};
struct queue_key queue_key_of(const struct secret_keys *keys, const struct runner *runner,
			      struct arena *a);

/* Makes the runner's Redis user and its class's stream. ERR_UNAVAILABLE without Redis. */
MUST_USE int queue_admit(struct redis_pool *redis, const struct queue_key *key, struct arena *a,
			 struct err *e);

/* For work. Makes users and streams of all runners, removes the users of those that are gone. */
MUST_USE int queue_sync(struct db *db, struct redis_pool *redis, const struct secret_keys *keys,
			struct arena *a, struct err *e);
/* For work. Adds permits for jobs that still wait though runners of their class may be free. */
MUST_USE int queue_again(struct db *db, struct live *live, struct arena *a, size_t *added,
			 struct err *e);

#endif
