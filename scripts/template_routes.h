/*
 * The site map as the generator needs it: the rows ROUTE(name, METHOD,
 * "/{project}/-/tree/{ref_path}", ... of forge/routes.tbl, read as text.
 */
#ifndef SCRIPTS_TEMPLATE_ROUTES_H
#define SCRIPTS_TEMPLATE_ROUTES_H

#include "base/table.h"
#include "scripts/gen.h"

struct template_route {
	struct str pattern;
	size_t parameters;
};

/* by name: struct template_route. A file that is not there is an empty map. */
MUST_USE int template_routes_read(struct arena *a, const char *path, struct table *routes,
				  struct err *e);

/*
 * Takes the next piece of a pattern: literal text, or {name}. False at the end.
 * keeps_slashes: the value may hold '/' (a path), else it is one segment.
 */
bool template_route_piece(struct str *rest, struct str *literal, struct str *parameter,
			  bool *keeps_slashes);

#endif
