/*
 * Waiting for work on the forge's Redis: a permit of the runner's class says
 * that it is worth asking. It carries no job, and may be lost or come for
 * nothing; so a wait ends by itself after QUEUE_WAIT_MS, and whatever goes wrong
 * is taken for such an end, after which the runner asks over HTTP.
 *
 * Connecting may take a second; nothing else here blocks. The process ignores
 * SIGPIPE. Source: forge/domain/queue.h.
 */
#ifndef RUNNER_QUEUE_H
#define RUNNER_QUEUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonr.h"

#define QUEUE_WAIT_MS 20000

struct queue;

/*
 * answer: `queue` of the forge's answer to verify: where, as whom, which stream.
 * ERR_INVALID if it is none. consumer: this host's system_id.
 */
MUST_USE int queue_open(const struct jsonr *answer, const char *consumer, struct queue **queue,
			struct err *e);
/* NULL is fine. */
void queue_close(struct queue *queue);

/*
 * Begins to wait; connects first if need be. ERR_UNAVAILABLE: Redis cannot be
 * reached; ERR_FORBIDDEN: it does not know us any more, verify says anew as whom.
 */
MUST_USE int queue_wait(struct queue *queue, struct err *e);
/* Waits no more: what comes from now on is for others. */
void queue_stop(struct queue *queue);
/* To be polled for reading; -1: nobody waits. */
int queue_fd(const struct queue *queue);

enum queue_event {
	QUEUE_NOTHING, /* it still waits */
	QUEUE_PERMIT,  /* ask for work */
	QUEUE_ENDED,   /* nothing came in time */
	QUEUE_LOST,    /* e says why; it waits no more */
};

enum queue_event queue_turn(struct queue *queue, struct err *e);

#endif
