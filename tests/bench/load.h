/*
 * A raw client of git's protocols over HTTP and SSH, for measuring servers:
 * does on the wire what `git` does, without git's own process starts, so that
 * what is timed is the server. Every answer is checked; a wrong one is an
 * error, not a latency.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "base/buf.h"
#include "base/err.h"

enum load_mode { LOAD_REFS, LOAD_PUSH, LOAD_FETCH, LOAD_GET, LOAD_CLAIM };

struct load_target {
	enum load_mode mode;
	bool is_ssh;
	bool keeps; /* get, claim: one connection for all */
	char host[128];
	int port;
	char user[64];   /* SSH */
	char path[1024]; /* of the repository, or the page */
	char basic[256]; /* HTTP: base64 of user:password, or "" */
	const char *key; /* SSH: private key file */
};

#define LOAD_ANSWER_MAX ((size_t)2 * 1024 * 1024 * 1024)

int load_connect(const struct load_target *t, struct err *e);
MUST_USE int load_send(int fd, struct str bytes, struct err *e);
/* The ls-refs request as `git ls-remote` sends it. */
struct str load_ls_refs_request(void);
/* Whether the answer is the success of its mode. */
MUST_USE int load_check(enum load_mode mode, struct str answer, struct err *e);

/* One whole operation over a new connection, or over *fd if it is kept. Adds the bytes read. */
MUST_USE int load_http(const struct load_target *t, int *fd, struct str body, size_t *bytes,
		       struct err *e);
MUST_USE int load_ssh(const struct load_target *t, struct str body, size_t *bytes, struct err *e);

#endif
