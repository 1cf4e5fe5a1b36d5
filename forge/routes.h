/*
 * The site map. A row of routes.tbl is
 *
 *	ROUTE(name, METHOD, "/pattern", ACTION, BODY, handler)
 *
 *	name     of the route, for {{ url name }} and url_for()
 *	METHOD   GET (answers HEAD too), POST, PUT, PATCH, DELETE
 *	pattern  literal text and {parameters}; below
 *	ACTION   of domain/access_actions.h: asked before the handler is called
 *	BODY     NONE, FORM, UPLOAD, API, STREAM, RUNNER, GIT, TEXT: a row of ROUTE_BODIES
 *	         below; GIT and STREAM: the handler is called at the head, before the body;
 *	         RUNNER: nobody is identified, the handler judges the token
 *	handler  int handler(struct request *rq, struct err *e)
 *
 * Patterns. {project}, {group} and {namespace} are whole addresses ("group/sub/name")
 * and are loaded by the router; under /api/ they are one segment, an id or an
 * encoded address. Names that end in _path, and outside of /api/ {ref} and {path},
 * take one or more segments; any other parameter is one (or a part of one:
 * "{project}.git"). The raw path is split first, each segment decoded once.
 * {secret} is a credential: the log shows the pattern instead of the path.
 *
 * Of several rows that fit, the first whose project or namespace exists is
 * taken; if none exists, the first row answers, as access_check says.
 */
#ifndef ROUTES_H
#define ROUTES_H

#include "base/str.h"
#include "domain/access_actions.h"
#include "http/http.h"
#include "render/route_url.h"

struct request;

/* Who is spoken to: decides how errors look and what an anonymous is answered. */
enum door {
	DOOR_PAGE, /* HTML; anonymous goes to sign-in */
	DOOR_API,  /* JSON */
	DOOR_GIT,  /* text; anonymous is asked for credentials */
	DOOR_TEXT, /* text: health, metrics */
};

/* X(NAME, door, limit of the body, CSRF token is asked for) */
#define ROUTE_BODIES(X)                      \
	X(NONE, DOOR_PAGE, 0, false)         \
	X(FORM, DOOR_PAGE, 1 << 20, true)    \
	X(UPLOAD, DOOR_PAGE, 32 << 20, true) \
	X(API, DOOR_API, 16 << 20, true)     \
	X(STREAM, DOOR_API, 0, false)        \
	X(RUNNER, DOOR_API, 4 << 20, false)  \
	X(GIT, DOOR_GIT, 0, false)           \
	X(TEXT, DOOR_TEXT, 0, false)

enum route_body {
#define ROUTE_BODY_ENUM(name, door, limit, csrf) BODY_##name,
	ROUTE_BODIES(ROUTE_BODY_ENUM)
#undef ROUTE_BODY_ENUM
};

struct route_body_row {
	enum door door;
	uint64_t limit;
	bool needs_csrf;
};

typedef int route_handler(struct request *rq, struct err *e);

struct route {
	const char *name;
	enum http_method method;
	struct str pattern;
	enum action action;
	enum route_body body;
	route_handler *handler;
};

/* Every handler, declared by the table. */
#define ROUTE(name, method, pattern, action, body, handler) route_handler handler;
#include "routes.tbl"
#undef ROUTE

extern const struct route routes[ROUTE_COUNT];

const struct route_body_row *route_body_row(enum route_body body);
enum door route_door(const struct route *route);

#endif
