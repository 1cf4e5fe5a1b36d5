/*
 * The whole site without a socket: a request goes through router, access,
 * handler and renderer on a database of its own, and comes back as an answer.
 * There is no git zygote and no repository reader: what needs one answers with
 * an error.
 *
 *	struct test_web *w = test_web_open(NULL);
 *	struct test_answer a = test_web_get(w, "/-/health", NULL);
 *	check_int(a.status, 200);
 *	test_web_close(w);
 *
 * An answer lives until the next test_web_forget or the close.
 */
#ifndef SUPPORT_WEB_H
#define SUPPORT_WEB_H

#include "app.h"
#include "domain/instance.h"
#include "http/http.h"
#include "support/domain.h"

struct test_web {
	struct domain *world; /* for making users, groups and projects */
	struct config config;
	struct app app;
	struct instance instance;
	struct router *router;
	struct arena *arena;
	struct arena *answers;
};

struct test_ask {
	enum http_method method;
	const char *target; /* "/a/b?c=d" */
	/* Each may be NULL. */
	const char *token; /* PRIVATE-TOKEN */
	const char *basic; /* "name:password" */
	const char *cookie;
	const char *body;
	const char *body_type;  /* NULL: a form */
	const char *headers[8]; /* name, value, ... */
	/* Of a stream: called once when its first bytes are there. */
	void (*on_first_bytes)(struct test_web *w);
	bool only_begin; /* stop when the head was judged; nothing is done */
};

struct test_answer {
	int status;
	bool is_entered; /* access was granted */
	struct str body;
	struct http_response *response;
};

/* external_url: NULL is "http://hearth.test". */
struct test_web *test_web_open(const char *external_url);
void test_web_close(struct test_web *w);

struct test_answer test_web_ask(struct test_web *w, const struct test_ask *ask);
/* GET with a token, or without. */
struct test_answer test_web_get(struct test_web *w, const char *target, const char *token);
struct test_answer test_web_post(struct test_web *w, const char *target, const char *token,
				 const char *body);
/* A session's cookie and a token for a user of the world. */
const char *test_web_sign_in(struct test_web *w, const struct actor *who);
const char *test_web_token(struct test_web *w, const struct actor *who, uint32_t scopes);
/* "" if the answer has no such header. */
struct str test_answer_header(const struct test_answer *a, const char *name);
/* Frees the answers so far, for tests that ask thousands of times. */
void test_web_forget(struct test_web *w);

#endif
