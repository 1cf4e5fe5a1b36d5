/* Cookies, RFC 6265: lenient in what is skipped, strict in what is taken. */
#include "http/cookie.h"

#include "base/buf.h"

static bool is_cookie_byte(unsigned char c)
{
	return c == 0x21 || (c >= 0x23 && c <= 0x2B) || (c >= 0x2D && c <= 0x3A) ||
	       (c >= 0x3C && c <= 0x5B) || (c >= 0x5D && c <= 0x7E);
}

static bool is_value(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!is_cookie_byte((unsigned char)value.p[i]))
			return false;
	return true;
}

struct str http_cookie_get(struct str header, struct str name)
{
	struct str part;

	while (!str_is_none(header) && str_cut(&header, ';', &part)) {
		size_t at;
		struct str value;

		part = str_trim(part);
		at = str_find(part, '=');
		if (at == part.n || !str_eq(str_upto(part, at), name))
			continue;
		value = str_from(part, at + 1);
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = str_n(value.p + 1, value.n - 2);
		return is_value(value) ? value : STR_NONE;
	}
	return STR_NONE;
}

struct str http_cookie_format(struct arena *a, const struct http_cookie *cookie)
{
	const char *age = "";

	ASSERT(is_value(cookie->value) && cookie->name.n > 0);
	if (cookie->max_age > 0)
		age = arena_strf(a, "; Max-Age=%lld", (long long)cookie->max_age);
	else if (cookie->max_age < 0)
		age = "; Max-Age=0";
	return arena_fmt(a, "%.*s=%.*s; Path=/%s%s; SameSite=Lax%s", STR_FMT(cookie->name),
			 STR_FMT(cookie->value), age, cookie->for_scripts ? "" : "; HttpOnly",
			 cookie->is_secure ? "; Secure" : "");
}
