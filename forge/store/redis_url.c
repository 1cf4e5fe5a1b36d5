#include "store/redis_url.h"

#include "base/url.h"

#define DEFAULT_PORT 6379

static int bad(const char *why, struct err *e)
{
	/* Never with the address: it may hold a password. */
	return err_set(e, ERR_INVALID,
		       "redis_url is not an address of Redis: %s. Write "
		       "redis://[user:password@]host[:port][/database] or "
		       "unix:///path[?db=N&user=U&password=P].",
		       why);
}

/* "user:password@" or nothing, taken off *rest. */
static int parse_credentials(struct arena *a, struct str *rest, struct redis_address *address,
			     struct err *e)
{
	size_t at = str_find_last(*rest, '@');
	struct str user = str_upto(*rest, at);
	struct str password;
	size_t colon;

	if (at == rest->n)
		return 0;
	*rest = str_from(*rest, at + 1);
	colon = str_find(user, ':');
	if (colon == user.n)
		return bad("before the @ stands user:password", e);
	password = str_from(user, colon + 1);
	user = str_upto(user, colon);
	if (!url_decode(a, user, &address->user) || !url_decode(a, password, &address->password))
		return bad("the user or the password has a broken % escape", e);
	if (str_is_empty(address->user))
		address->user = STR_NONE;
	return 0;
}

static int parse_database(struct arena *a, struct str text, struct redis_address *address,
			  struct err *e)
{
	int64_t number;

	if (str_is_empty(text))
		return 0;
	if (!str_to_i64(text, &number) || number < 0 || number > 65535)
		return bad("the database is a number", e);
	address->database = arena_fmt(a, "%lld", (long long)number);
	return 0;
}

static int parse_pair(struct arena *a, const struct url_pair *pair, struct redis_address *address,
		      struct err *e)
{
	if (str_eq_c(pair->name, "db"))
		return parse_database(a, pair->value, address, e);
	if (str_eq_c(pair->name, "user"))
		address->user = pair->value;
	else if (str_eq_c(pair->name, "password"))
		address->password = pair->value;
	else
		return bad("behind the ? stand db=, user= and password=", e);
	return 0;
}

static int parse_unix(struct arena *a, struct str rest, struct redis_address *address,
		      struct err *e)
{
	size_t query = str_find(rest, '?');
	struct str path = str_upto(rest, query);
	struct url_pairs pairs = { NULL, 0 };
	struct err ignored;

	if (path.n == 0 || path.p[0] != '/')
		return bad("the path of a socket begins with /", e);
	address->socket = arena_cstr(a, path);
	if (query < rest.n && url_pairs_parse(a, str_from(rest, query + 1), &pairs, &ignored) < 0)
		return bad("behind the ? stand db=, user= and password=", e);
	for (size_t i = 0; i < pairs.count; i++) {
		if (parse_pair(a, &pairs.items[i], address, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int parse_tcp(struct arena *a, struct str rest, struct redis_address *address, struct err *e)
{
	size_t slash = str_find(rest, '/');
	struct str host = str_upto(rest, slash);
	size_t colon = str_find_last(host, ':');
	int64_t port = DEFAULT_PORT;

	/* [::1]:6379 */
	if (colon < host.n && !str_has(str_from(host, colon), ']')) {
		if (!str_to_i64(str_from(host, colon + 1), &port) || port < 1 || port > 65535)
			return bad("the port is a number from 1 to 65535", e);
		host = str_upto(host, colon);
	}
	if (str_cut_prefix(&host, STR("[")) && host.n > 0)
		host = str_upto(host, host.n - 1);
	if (str_is_empty(host))
		return bad("there is no host", e);
	address->host = arena_cstr(a, host);
	address->port = (int)port;
	return parse_database(a, str_from(rest, slash + 1), address, e);
}

int redis_url_parse(struct arena *a, struct str url, struct redis_address *address, struct err *e)
{
	struct redis_address made = { .database = STR("0") };
	int code;

	if (str_cut_prefix(&url, STR("unix://")))
		code = parse_unix(a, url, &made, e);
	else if (!str_cut_prefix(&url, STR("redis://")))
		code = bad("it begins with neither redis:// nor unix://", e);
	else if (parse_credentials(a, &url, &made, e) < 0)
		code = -(int)e->code;
	else
		code = parse_tcp(a, url, &made, e);
	if (code == 0)
		*address = made;
	return code;
}
