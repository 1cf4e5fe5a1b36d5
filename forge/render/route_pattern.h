/*
 * Patterns of routes, taken apart: the one reading of "/{project}/-/tree/{ref_path}"
 * for the router (matching) and for links (building). tmplgen follows the same
 * rule: project, group, namespace, ref, path and names that end in _path hold
 * several segments, all others one.
 *
 * Threads: pure.
 */
#ifndef RENDER_ROUTE_PATTERN_H
#define RENDER_ROUTE_PATTERN_H

#include "base/str.h"

#define ROUTE_SEGMENTS_MAX 16

struct route_segment {
	struct str literal;   /* in front of the parameter, or all of it */
	struct str parameter; /* its name; none if there is none */
	struct str suffix;    /* behind the parameter: ".git" */
	bool is_many;         /* takes one or more segments of a path */
	bool is_address;      /* project, group or namespace */
};

struct route_pattern {
	struct route_segment segments[ROUTE_SEGMENTS_MAX];
	size_t count;
};

/* For a row of routes.tbl: a pattern that cannot be read is asserted. */
void route_pattern_parse(struct str text, struct route_pattern *pattern);

#endif
