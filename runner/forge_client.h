/*
 * The forge over HTTP: the runner's only door to libcurl. One multi handle and
 * no threads; a call runs while forge_client_turn is called, together with
 * whatever other descriptors its owner waits for.
 *
 * Only http and https; redirects are followed to the same host (artifacts may
 * be answered by another one: 302 and 307 on GET). The token of a call is never
 * sent to another host.
 */
#ifndef RUNNER_FORGE_CLIENT_H
#define RUNNER_FORGE_CLIENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <poll.h>

#define FORGE_ANSWER_MAX (16u * 1024 * 1024)

struct forge_client;

/* url: the forge's, with or without a path; "/ci" at the end is dropped. */
MUST_USE int forge_client_open(const char *url, struct forge_client **client, struct err *e);
/* A second forge whose calls move on together with those of the first, which must outlive it. */
MUST_USE int forge_client_open_beside(struct forge_client *first, const char *url,
				      struct forge_client **client, struct err *e);
void forge_client_close(struct forge_client *client);

struct forge_request {
	const char *method;
	const char *path;         /* below /api/v4, with its query */
	struct str body;          /* none: no body; copied */
	const char *content_type; /* of body; NULL: application/json */
	const char *token_header; /* "JOB-TOKEN" or "RUNNER-TOKEN", with token */
	struct str token;
	const char *content_range; /* NULL: none */
	int upload;                /* -1, or a file sent as the multipart part `file` */
	const char *upload_name;
	int download; /* -1, or where the body of a 200 goes instead of `body` */
	long timeout; /* seconds for the whole call; 0: 60 */
};

/* With upload and download off. */
#define FORGE_REQUEST_INIT                   \
	{                                    \
		.upload = -1, .download = -1 \
	}

struct forge_answer {
	bool is_done;
	long status; /* 0: no answer came; error says why */
	char error[256];
	bool is_own_fault; /* what came could not be kept here: another try is no better */
	struct buf body;
	char job_status[64];    /* Job-Status */
	char range[64];         /* Range: 0-N */
	char last_update[128];  /* X-GitLab-Last-Update */
	int64_t trace_interval; /* X-GitLab-Trace-Update-Interval; 0: not sent */
	int64_t retry_after;    /* Retry-After in seconds; 0: not sent */
};

struct forge_call;

MUST_USE int forge_call_start(struct forge_client *client, const struct forge_request *request,
			      struct forge_call **call, struct err *e);
/* Its answer, whether done or not. */
const struct forge_answer *forge_call_answer(const struct forge_call *call);
/* Ends it, done or not. NULL is fine. */
void forge_call_close(struct forge_call *call);

/*
 * Moves all calls on; waits at most timeout_ms for them or for any of fds
 * (whose revents are set). Returns early when a call is done.
 */
void forge_client_turn(struct forge_client *client, struct pollfd *fds, size_t count,
		       int timeout_ms);

/* Starts a call and waits for its end; for commands. */
MUST_USE int forge_client_do(struct forge_client *client, const struct forge_request *request,
			     struct forge_call **call, struct err *e);

/* The message of an error answer: {"message": ...} as text, else the status. */
const char *forge_answer_message(struct arena *a, const struct forge_answer *answer);

#endif
