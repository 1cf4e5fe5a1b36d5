/* The site map as a table. What a row means is told in routes.h. */
#include "routes.h"

const struct route routes[ROUTE_COUNT] = {
#define ROUTE(name, method, pattern, action, body, handler)                 \
	{ #name,           HTTP_##method, { pattern, sizeof(pattern) - 1 }, \
	  ACTION_##action, BODY_##body,   handler },
#include "routes.tbl"
#undef ROUTE
};

static const struct route_body_row bodies[] = {
#define ROUTE_BODY_ROW(name, door, limit, csrf) { door, limit, csrf },
	ROUTE_BODIES(ROUTE_BODY_ROW)
#undef ROUTE_BODY_ROW
};

const struct route_body_row *route_body_row(enum route_body body)
{
	return &bodies[body];
}

enum door route_door(const struct route *route)
{
	return bodies[route->body].door;
}
