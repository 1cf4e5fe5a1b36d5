/*
 * One request and its answer, as the door (server.h) and everything behind it
 * see them; no socket in here, so that tests drive the same code without one.
 *
 * The order of a request:
 *	1. the head has come     handler.begin: looks at the head; decides how the body is
 *	                         taken (x->body), or answers at once (a response is set)
 *	2. the body comes        collected up to body.limit, or given to body.sink as it comes,
 *	                         with Content-Encoding: gzip undone
 *	3. all has come          handler.finish: sets the response
 *	4. the answer goes       bytes, a file, or a stream that a reader gives out
 *	5. handler.done          once, whatever happened; then the arena is closed
 *
 * Ownership: everything lives in x->arena. A handler links what is not memory
 * (descriptors, operations, repositories) to it.
 * Threads: one request, one thread, from begin to done; it may block.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/url.h"

#define HTTP_URI_MAX 8192
#define HTTP_HEADERS_MAX 100
#define HTTP_DRAIN_MAX                                                            \
	(1u << 20) /* of an unwanted body read so that the client sees the answer \
		    */

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER,
};

enum http_method http_method_parse(struct str word);
const char *http_method_name(enum http_method method);

struct http_header {
	struct str name;
	struct str value;
};

struct http_head {
	enum http_method method;
	struct str path;  /* raw: not decoded, begins with '/' */
	struct str query; /* raw, without '?'; none if there is no '?' */
	bool is_http11;
	struct http_header *headers; /* in order, as sent */
	size_t headers_count;
	struct str client; /* the peer's address, or the one a trusted proxy named */
	bool is_https;     /* as the client sees it */
	struct str host;   /* as the client sent it, or a trusted proxy named it; may be none */
	int connection_fd; /* to poll for POLLRDHUP while waiting; -1: there is none */
	int stop_fd;       /* readable when the server stops: a long wait ends; -1: none */
};

/* Where a body goes that is not collected. An error ends the taking; finish still comes. */
typedef int http_sink(void *closure, struct str bytes, struct err *e);

struct http_body {
	uint64_t limit;  /* after decoding; 0: no body is welcome */
	http_sink *sink; /* NULL: collected */
	void *closure;
	struct str bytes;   /* collected, complete when finish is called */
	uint64_t received;  /* after decoding */
	bool failed;        /* too large, undecodable, or the sink's error */
	struct err failure; /* why */
};

/*
 * Gives out the next bytes of a stream: > 0 their number (at most room), 0 at
 * the end, -1 to cut the connection, so that the client sees that it is not all.
 * May block, watching connection_fd and stop_fd.
 */
typedef ssize_t http_reader(void *closure, char *to, size_t room);

enum http_response_kind { HTTP_NO_RESPONSE, HTTP_BYTES, HTTP_FILE, HTTP_STREAM };

#define HTTP_SIZE_UNKNOWN UINT64_MAX

struct http_response {
	enum http_response_kind kind;
	int status;
	struct http_header headers[48];
	size_t headers_count;
	struct str bytes;
	bool may_compress; /* bytes without secrets: gzip if the client takes it and it is text */
	int file;          /* a descriptor the arena closes */
	uint64_t offset;
	uint64_t size; /* of file or stream; a stream's may be HTTP_SIZE_UNKNOWN */
	http_reader *reader;
	void *closure;
	bool must_close;   /* the connection ends after it */
	bool is_malformed; /* a header could not be written */
};

struct http_exchange {
	struct arena *arena;
	struct http_head head;
	struct http_body body;
	struct http_response response;
	int64_t started_ms;
	uint64_t sent;  /* bytes of the answer's body that were given out */
	bool is_broken; /* the client left before the end */
	void *state;    /* the handler's */
};

struct http_handler {
	void (*begin)(void *closure, struct http_exchange *x);
	void (*finish)(void *closure, struct http_exchange *x);
	void (*done)(void *closure, struct http_exchange *x);
	void *closure;
};

/* The first header of that name, any case; STR_NONE if there is none. */
struct str http_header(const struct http_head *head, const char *name);

/* Adds a header; a value with a control byte makes the whole answer a 500: encode it before. */
void http_set_header(struct http_response *r, const char *name, struct str value);
/* Takes the value away. */
void http_drop_header(struct http_response *r, const char *name);
struct str http_response_header(const struct http_response *r, const char *name);

void http_respond(struct http_exchange *x, int status, const char *type, struct str bytes);
/* Takes the descriptor. Range is obeyed. */
void http_respond_file(struct http_exchange *x, int status, const char *type, int fd,
		       uint64_t size);
/* size may be HTTP_SIZE_UNKNOWN; then a HEAD answer has no length. */
void http_respond_stream(struct http_exchange *x, int status, const char *type, uint64_t size,
			 http_reader *reader, void *closure);

/*
 * Last touches that need no socket: conditional requests (ETag, Last-Modified),
 * Range of files and bytes, gzip, HEAD. The door and the tests call it after finish.
 */
void http_complete(struct http_exchange *x);

#endif
