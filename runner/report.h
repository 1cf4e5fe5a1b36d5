/*
 * What a running job tells the forge, and hears from it: trace, heartbeat and
 * the final state. Never blocks: report_turn moves it on together with the
 * job's own descriptors.
 * Source: gitlab-compat 1.6, 1.7.
 *
 * Lease: a job with lease_seconds is ours so long after the sending of the last
 * word that the forge took. By then the forge counts from a later moment, so it
 * gives what the job holds to nobody before we know that it may.
 */
#ifndef RUNNER_REPORT_H
#define RUNNER_REPORT_H

#include "runner/forge_client.h"
#include "runner/job.h"
#include "runner/trace.h"

/*
 * Between two traces while output keeps coming. The first one goes at once, and
 * after it, or after a silence, the pause grows from short to long: what people
 * wait for are a step's first lines, and a chatty job still costs one request a second.
 */
#define REPORT_TRACE_PAUSE_LEAST_MS 20
#define REPORT_TRACE_PAUSE_MS 1000
#define REPORT_SILENCE_MS 2000
/* Between two words of a silent job: as often as the forge wants them, within these bounds. */
#define REPORT_HEARTBEAT_MS 15000
#define REPORT_HEARTBEAT_LEAST_MS 3000
#define REPORT_TRIES_MAX 10
/* For an answer: a word that gets none is said again well before the lease is over. */
#define REPORT_ANSWER_SECONDS 20L

enum report_order { REPORT_GO_ON, REPORT_CANCEL, REPORT_ABORT };

struct report {
	struct forge_client *client; /* NULL: nothing is told to anybody */
	const struct job *job;
	struct trace *trace;
	struct arena *arena;
	struct forge_call *patch;
	size_t patch_bytes;
	int64_t patch_sent; /* monotonic ms */
	struct forge_call *update;
	int64_t update_sent;
	int64_t lease_until; /* 0: no word was taken yet */
	int64_t last_patch;  /* monotonic ms of the last answer */
	int64_t patch_pause; /* after it */
	int64_t last_taken;  /* of the last word that the forge took */
	int64_t heartbeat_ms;
	int64_t not_before; /* back-off after a failure */
	int failures;
	enum report_order order;
	bool is_cancel_done; /* the script has ended for it; after_script runs on */
};

void report_init(struct report *r, struct forge_client *client, struct arena *a,
		 const struct job *job, struct trace *trace);
void report_fini(struct report *r);

/* The pause after a trace that was sent silent_ms after the one before. */
int64_t report_next_pause(int64_t pause_ms, int64_t silent_ms);

/* Milliseconds for which the job's steps may still run; not above 0: they may not. */
int64_t report_lease_left(const struct report *r);

/* Sends what is due and waits at most timeout_ms for answers or for fds. */
void report_turn(struct report *r, struct pollfd *fds, size_t count, int timeout_ms);

/*
 * All of the trace, then the final state; again as the forge asks. failure_reason
 * NULL: success. ERR_UNPROCESSABLE when the forge could not be told.
 */
MUST_USE int report_finish(struct report *r, const char *failure_reason, int exit_code,
			   struct err *e);

#endif
