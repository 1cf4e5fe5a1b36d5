/*
 * Paths against patterns. A path is split at '/' while it is still encoded, then
 * each segment is decoded once; "." and ".." and broken escapes are refused
 * before anything compares. The first segment that is "-" ends the address:
 * no {project}, {group} or {namespace} reaches over it.
 *
 * Threads: pure.
 */
#ifndef ROUTER_MATCH_H
#define ROUTER_MATCH_H

#include "base/arena.h"
#include "base/err.h"
#include "render/route_pattern.h"
#include "render/route_url.h"

#define PATH_SEGMENTS_MAX 600

struct path_segment {
	struct str decoded;
	size_t end; /* offset in the raw path behind it */
};

struct url_path {
	struct str raw;
	struct path_segment *segments;
	size_t count;
	size_t dash; /* index of the first "-", or count */
};

/* raw begins with '/'. A final '/' is ignored. */
MUST_USE int url_path_split(struct arena *a, struct str raw, struct url_path *path, struct err *e);

struct path_match {
	struct {
		struct str name;
		struct str value;
	} params[ROUTE_URL_PARAMETERS_MAX];
	size_t count;
	size_t address_end; /* offset in the raw path behind the address, its suffix included */
	struct str address_suffix; /* ".git" */
};

MUST_USE bool path_match(const struct route_pattern *pattern, const struct url_path *path,
			 struct arena *a, struct path_match *match);

#endif
