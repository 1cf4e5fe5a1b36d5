/*
 * What a handler gets: the request, understood and allowed. The router has
 * found the route, who asks, the project or namespace of the path, and has
 * checked the route's action, before it calls
 *
 *	int page_x(struct request *rq, struct err *e)
 *
 * A handler reads its input, makes one domain call, fills a view and answers
 * with exactly one request_send_* or request_redirect. An error it returns is
 * rendered by the router as the route's door wants (page, JSON, text).
 *
 * Ownership: all strings and structs live in rq->arena.
 * Threads: one request, one thread.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "app.h"
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "domain/access.h"
#include "domain/session.h"
#include "git/repo.h"
#include "http/http.h"
#include "render/emit.h"
#include "render/route_url.h"
#include "routes.h"
#include "site.h"
#include "store/db.h"

struct router;

struct request_param {
	struct str name;  /* of the {parameter} */
	struct str value; /* decoded */
};

/* A part of a multipart form. */
struct request_file {
	struct str name; /* of the field */
	struct str filename;
	struct str content_type;
	struct str bytes;
};

struct request_files {
	struct request_file *items;
	size_t count;
};

struct request {
	struct app *app;
	struct router *router;
	const struct site *site; /* addresses, cookie names, trusted peers: site.h */
	struct http_exchange *http;
	struct arena *arena;
	const struct route *route;
	struct str request_id;
	struct str ip; /* of the client */

	struct actor actor;
	bool has_session;
	struct session session;

	/* Set when the pattern names one. */
	struct project *project;
	struct namespace *namespace;
	struct access_target target; /* of the project or namespace; for access_allows */

	struct request_param params[ROUTE_URL_PARAMETERS_MAX];
	size_t params_count;
	struct url_pairs query;
	struct url_pairs form;    /* of a form; of JSON's first level too, see request_form */
	const struct jsonr *json; /* the body, if it was JSON; else NULL */
	struct request_files files;

	const struct language *language;
	struct str csrf;   /* for {{ csrf }} and X-CSRF-Token */
	struct str notice; /* what the page before wanted to be said, once; none */
	bool has_secret;   /* the answer shows a secret: never compressed, never stored */

	/*
	 * For rows with body GIT or STREAM, whose handler is called when the head has come:
	 * set when the answer is given after the body, which goes to http->body.sink.
	 */
	int (*finish)(struct request *rq, struct err *e);
	void *state;

	bool is_entered; /* the actor may do this: access was checked */

	/* Private to request.c and router.c. */
	struct db *db;
	struct repo *repo;
	struct buf *out;
	struct emit emit;
	struct jsonw jsonw;
};

/*
 * A database connection, taken at the first call and given back when the
 * handler has returned, before the answer is sent. request_db_return gives it
 * back earlier: before anything that waits (a git operation).
 */
MUST_USE int request_db(struct request *rq, struct db **db, struct err *e);
void request_db_return(struct request *rq);

/* The project's repository, held until the answer has been sent. */
MUST_USE int request_repo(struct request *rq, struct repo **repo, struct err *e);

/* After a change of refs by this request: the next request_repo sees the new ones. */
void request_repo_forget(struct request *rq);

/*
 * The project's folder is made by a git operation after its row; whoever comes
 * first when it is missing has it made.
 */
MUST_USE int request_ensure_repository(struct request *rq, struct err *e);

/* Input. A parameter of the pattern always exists; the others may be none. */
struct str request_param(const struct request *rq, const char *name);
/* The path as the log may show it: of a row with {secret} only the pattern. */
struct str request_log_path(const struct request *rq);
struct str request_query(const struct request *rq, const char *name);
/* A form field, or the text, number or boolean of the same key in a JSON body. */
struct str request_form(const struct request *rq, const char *name);
/* All values of name and of name[] (forms), or of an array (JSON). */
struct str_list request_form_list(const struct request *rq, const char *name);
/* "1", "true", "on", "yes" are true; absent is what otherwise says. */
bool request_form_bool(const struct request *rq, const char *name, bool otherwise);
MUST_USE bool request_form_i64(const struct request *rq, const char *name, int64_t *value);
/* ?page= and ?per_page=, from 1; out of range values become the nearest good ones. */
struct listing request_listing(const struct request *rq, int32_t per_page, int64_t *page);

/* Pages: give the emit to a template, then send. */
struct emit *request_emit(struct request *rq);
MUST_USE int request_send_page(struct request *rq, int status, struct err *e);

/* JSON: give the writer away, then send. */
struct jsonw *request_jsonw(struct request *rq);
MUST_USE int request_send_json(struct request *rq, int status, struct err *e);

/* Borrowed bytes that live as long as the arena. */
MUST_USE int request_send_bytes(struct request *rq, int status, const char *type, struct str bytes,
				struct err *e);
/* What was emitted, as something else than a page: a picture. */
MUST_USE int request_send_picture(struct request *rq, const char *type, struct err *e);
/* 204 */
MUST_USE int request_send_nothing(struct request *rq, struct err *e);
/* Bytes of strangers (raw files, artifacts): sandboxed by headers; filename none: inline. */
void request_mark_untrusted(struct request *rq, struct str filename);
/* For caches: ETag of the content (quoted by us), and for how long without asking. */
void request_set_etag(struct request *rq, struct str tag);
void request_set_cache(struct request *rq, const char *cache_control);

/* 64 hex digits, for the headers and fields that name a content. */
struct str request_sha256(const struct request *rq, struct str bytes);

/* 303 to a path of ours ("/..."; the sub-path is put in front) or to an absolute URL. */
MUST_USE int request_redirect(struct request *rq, struct str to, struct err *e);
/* Said on the next page this browser sees. */
void request_set_notice(struct request *rq, struct str text);
/* A path of ours that a stranger named (?return_to=); anything else gives "/". */
struct str request_safe_return(const struct request *rq, struct str to);

/* Makes a session and its cookie; ends the browser's old one. */
MUST_USE int request_sign_in(struct request *rq, struct user_id user, struct err *e);
MUST_USE int request_sign_out(struct request *rq, struct err *e);
void request_set_language(struct request *rq, struct str code);

/* "https://host/sub" + path, with the host the client used if that is allowed. */
struct str request_absolute(const struct request *rq, struct str path);

/* Is the actor allowed this on the request's target? For showing a button or not. */
bool request_may(const struct request *rq, enum action action);

#endif
