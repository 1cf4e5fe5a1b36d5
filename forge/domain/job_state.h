/*
 * The states of a job as a table of {from, event, to}. The statements in
 * sql/queries/job.sql compare and set; this table says what they may set, and a
 * test drives every statement through every state and compares.
 * Terminal states absorb: what ran stays over, a retry is a new row. Only a job
 * that was skipped, and so never ran, may be decided anew.
 */
#ifndef DOMAIN_JOB_STATE_H
#define DOMAIN_JOB_STATE_H

#include "ci/status.h"

enum job_event {
	JOB_EVENT_ENQUEUE,   /* what stands before it is done */
	JOB_EVENT_ACTIONIZE, /* ... and a person must start it */
	JOB_EVENT_SCHEDULE,  /* ... and its time must come */
	JOB_EVENT_SKIP,
	JOB_EVENT_PLAY,   /* a person starts it */
	JOB_EVENT_CLAIM,  /* a runner has it */
	JOB_EVENT_RETURN, /* the claim's runner never said a word: back to the queue */
	JOB_EVENT_SUCCEED,
	JOB_EVENT_FAIL,
	JOB_EVENT_CANCEL,
	JOB_EVENT_REFUSE,  /* its environment does not take it, or no runner ever came */
	JOB_EVENT_PROCESS, /* what came before it was retried: it is decided anew */
	JOB_EVENT_COUNT
};

const char *job_event_name(enum job_event event);

/* False: the table has no such row, and nothing may happen. */
MUST_USE bool job_state_next(enum ci_status from, enum job_event event, enum ci_status *to);

#endif
