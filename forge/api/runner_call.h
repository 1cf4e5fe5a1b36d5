/*
 * What the calls of runners share: whose token it is, and what is said about a
 * job. Runners have no session and no scopes; rows of the site map with body
 * RUNNER are theirs, and the token is in the body, the query or a header.
 * Source: gitlab-compat 1.1, 1.2.
 */
#ifndef API_RUNNER_CALL_H
#define API_RUNNER_CALL_H

#include "ci/status.h"
#include "domain/job.h"
#include "request.h"

struct runner_call {
	struct str token;
	struct runner runner;
	int64_t manager; /* the host that calls; 0: it did not say */
};

/* ERR_FORBIDDEN if the token is no runner's. Notes the contact. */
MUST_USE int runner_call_identify(struct request *rq, struct runner_call *call, struct err *e);

/* The job's token: JOB-TOKEN, or `token` of the body. May be none. */
struct str runner_call_job_token(const struct request *rq);

/* Job-Status, and how often traces are welcome. */
void runner_call_say_status(struct request *rq, enum ci_status status);

/* The body says the status once more, as GitLab's does; nobody reads it. */
MUST_USE int runner_call_send(struct request *rq, int status, struct err *e);

/* After the commit: tells pages, and runners if jobs became pending. */
void runner_call_announce(struct request *rq, struct job_id job, const struct job_held *held,
			  size_t pending);

/* 403 in the words that runners know, with Job-Status if the job was the token's once. */
MUST_USE int runner_call_refuse(struct request *rq, bool was_held, enum ci_status status,
				struct err *e);

#endif
