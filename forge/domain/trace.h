/*
 * A job's log. The bytes are in <data>/traces/<shard>/<job>; the job's row says
 * how many of them exist (trace_length) and the CRC-32 of what the runner sent.
 * An append writes the file and the row under the row's lock, so bytes beyond
 * trace_length were never acknowledged and do not exist.
 *
 * What arrives is masked once more: each secret is overwritten by as many
 * characters, also where a secret came in two pieces. Therefore readers see all
 * but the last trace_hold bytes (the longest secret) until the job is over.
 *
 * The runner appends at exactly the length; it may begin again at 0 only after
 * trace_check told it that its bytes and ours differ. The file may then get
 * shorter: a reader whose offset is beyond the length starts at 0 again.
 *
 * Locks: the job's row. Not in a transaction of the caller.
 * Source: gitlab-compat 1.6, 1.7.
 */
#ifndef DOMAIN_TRACE_H
#define DOMAIN_TRACE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "ci/status.h"
#include "domain/types.h"

struct db;

#define TRACE_BYTES_MAX (INT64_C(100) << 20)

struct trace_append {
	struct job_id job;
	struct str token; /* of the job; masked too */
	int64_t start;    /* of Content-Range */
	struct str bytes;
	bool is_debug; /* the job prints its variables: only developers may read it */
	/* What to mask (domain/trace_mask.h). */
	struct str_list secrets;
};

enum trace_outcome {
	TRACE_TAKEN,
	TRACE_UNKNOWN,   /* no such job, or never with this token */
	TRACE_OVER,      /* the job is over or another claim's; status says how */
	TRACE_ELSEWHERE, /* start is not the length: the runner goes on from it */
	TRACE_TOO_LARGE, /* more than TRACE_BYTES_MAX: the caller ends the job */
};

struct trace_answer {
	enum trace_outcome outcome;
	int64_t length; /* that exist now */
	enum ci_status status;
	struct project_id project;
	struct pipeline_id pipeline;
};

/* data: the data directory. Renews the job's lease, as every word of its runner does. */
MUST_USE int trace_append(struct db *db, const char *data, const struct trace_append *in,
			  struct arena *a, struct trace_answer *answer, struct err *e);

/* What the runner says it sent, with its final state. */
struct trace_sum {
	bool is_given;
	int64_t length;
	uint32_t crc;
};

/* Does it fit what we have? If not, the runner may send all of it again from 0. */
MUST_USE int trace_check(struct db *db, struct job_id job, struct str token,
			 const struct trace_sum *sum, struct arena *a, bool *fits, struct err *e);

/* What a reader may see now. */
struct trace_view {
	int64_t length;
	bool is_over;  /* nothing will be added */
	bool is_debug; /* it shows variables: for developers and above only */
	enum ci_status status;
	struct project_id project;
};

/*
 * ERR_NOT_FOUND: no such job. The caller checks that it is of the project that
 * was asked, and who may read it.
 */
MUST_USE int trace_view(struct db *db, struct job_id job, struct arena *a, struct trace_view *view,
			struct err *e);

/* *fd: the file, the caller's to close; -1: nothing was written yet. */
MUST_USE int trace_open(const char *data, struct job_id job, int *fd, struct err *e);

/* At most room bytes from offset, never beyond view->length; fewer at the end. */
MUST_USE int trace_read(const char *data, struct job_id job, const struct trace_view *view,
			int64_t offset, size_t room, struct arena *a, struct str *bytes,
			struct err *e);

/* After the job's row is gone, or its log was erased. Fine if there is none. */
void trace_remove(const char *data, struct job_id job);

/*
 * For work: one folder of traces/, whose files without a job are removed.
 * *shard goes round and round; start it with 0.
 */
MUST_USE int trace_sweep(struct db *db, const char *data, unsigned *shard, struct arena *a,
			 size_t *removed, struct err *e);

#endif
