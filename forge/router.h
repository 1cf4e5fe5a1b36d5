/*
 * From a request's head to the handler that answers it. In this order, and the
 * first that fails answers:
 *
 *	head   sub-path of external_url -> raw path split, decoded -> rows that fit ->
 *	       method (405 with Allow) -> who asks (cookie, token, Basic) -> project or
 *	       namespace (renamed: 301) -> access_check of the row's action
 *	body   collected up to the row's limit, or the handler's sink (body GIT)
 *	end    form, JSON or multipart parsed -> CSRF -> handler -> error rendered by door
 *	done   one line in the log, counters
 *
 * Ownership: router_open .. router_close; the app outlives it.
 * Threads: read-only after router_open; requests run on many threads.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "app.h"
#include "base/metrics.h"
#include "http/http.h"
#include "site.h"

struct http_server;
struct route_pattern;

struct router {
	struct app *app;
	struct site site;
	struct metrics *metrics;
	struct http_server *server;     /* for its counts; NULL in tests */
	struct route_pattern *patterns; /* one a row of routes */
	struct arena *arena;
};

struct router *router_open(struct app *app);
void router_close(struct router *router);

/* What the door (or a test) calls. */
struct http_handler router_handler(struct router *router);

#endif
