/*
 * Links by the name of their route, in C (templates have {{ url name args }}):
 *
 *	struct str to = url_for(rq->arena, ROUTE_project_show, project->path);
 *	struct str to = url_for(rq->arena, ROUTE_commit_show, project->path, oid_hex);
 *	struct str to = url_of(rq->arena, ROUTE_sign_in);        a route without parameters
 *
 * One struct str for each {parameter} of the pattern, in order; project, group,
 * namespace, ref, path and names ending in _path keep their '/', all others are
 * encoded as one segment. The result begins with '/', without the sub-path of
 * external_url: request_redirect and request_absolute put that in front.
 */
#ifndef RENDER_ROUTE_URL_H
#define RENDER_ROUTE_URL_H

#include "base/arena.h"
#include "base/buf.h"

enum route_id {
#define ROUTE(name, method, pattern, action, body, handler) ROUTE_##name,
#include "routes.tbl"
#undef ROUTE
	ROUTE_COUNT
};

#define ROUTE_URL_PARAMETERS_MAX 6

/* values: as many as the pattern has parameters (asserted). */
struct str route_url(struct arena *a, enum route_id id, const struct str *values, size_t count);
void route_url_add(struct buf *out, enum route_id id, const struct str *values, size_t count);

#define url_of(arena, id) route_url((arena), (id), NULL, 0)
#define url_for(arena, id, ...)                                       \
	route_url((arena), (id), (const struct str[]){ __VA_ARGS__ }, \
		  sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))

#endif
