/* The address of a Redis: parsing the setting redis_url. Pure. */
#ifndef STORE_REDIS_URL_H
#define STORE_REDIS_URL_H

#include "base/arena.h"
#include "base/err.h"

struct redis_address {
	const char *socket; /* path of a Unix socket; NULL: host and port */
	const char *host;
	int port;
	struct str user;     /* none: the default user */
	struct str password; /* none: no AUTH */
	struct str database; /* decimal; "0" if it is not given */
};

/*
 * redis://[[user]:password@]host[:port][/database] or
 * unix:///path[?db=N&user=U&password=P]. User and password are
 * percent-decoded. ERR_INVALID with the rule, never with the address.
 */
MUST_USE int redis_url_parse(struct arena *a, struct str url, struct redis_address *address,
			     struct err *e);

#endif
