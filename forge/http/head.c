/* The check of a head against everything two servers could read differently. See head.h. */
#include "http/head.h"

static bool is_token(struct str name)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c != '\0' && strchr(others, c))))
			return false;
	}
	return name.n > 0;
}

static bool is_clean(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

static bool is_length(struct str value)
{
	int64_t n;

	return value.n > 0 && value.n <= 18 && value.p[0] != '-' && str_to_i64(value, &n);
}

static int check_target(struct str target, struct err *e)
{
	if (target.n > HTTP_URI_MAX)
		return err_set(e, ERR_TOO_LARGE, "The address is longer than %d bytes.",
			       HTTP_URI_MAX);
	if (target.n == 0)
		return err_set(e, ERR_INVALID, "The request names no address.");
	for (size_t i = 0; i < target.n; i++) {
		unsigned char c = (unsigned char)target.p[i];

		if (c <= 0x20 || c == 0x7F || c == '\\' || c == '#')
			return err_set(e, ERR_INVALID,
				       "The address holds a byte that must be percent-encoded.");
	}
	return 0;
}

struct counts {
	int lengths;
	int hosts;
	int codings;
};

static int check_header(const struct http_header *h, struct counts *seen, struct err *e)
{
	if (!is_token(h->name))
		return err_set(e, ERR_INVALID,
			       "A header's name holds a byte that no name may hold.");
	if (!is_clean(h->value))
		return err_set(e, ERR_INVALID, "A header holds a control character.");
	if (str_eq_nocase(h->name, STR("Host"))) {
		seen->hosts++;
	} else if (str_eq_nocase(h->name, STR("Content-Length"))) {
		seen->lengths++;
		if (!is_length(h->value))
			return err_set(e, ERR_INVALID, "Content-Length is not a number.");
	} else if (str_eq_nocase(h->name, STR("Transfer-Encoding"))) {
		seen->codings++;
		if (!str_eq_nocase(h->value, STR("chunked")))
			return err_set(e, ERR_INVALID,
				       "The only Transfer-Encoding understood is chunked.");
	}
	return 0;
}

int http_head_check(const struct http_header *headers, size_t count, struct str target,
		    struct err *e)
{
	struct counts seen = { 0 };

	if (check_target(target, e) < 0)
		return -(int)e->code;
	if (count > HTTP_HEADERS_MAX)
		return err_set(e, ERR_TOO_LARGE, "The request has more than %d headers.",
			       HTTP_HEADERS_MAX);
	for (size_t i = 0; i < count; i++)
		if (check_header(&headers[i], &seen, e) < 0)
			return -(int)e->code;
	if (seen.lengths > 1 || seen.codings > 1 || seen.hosts > 1)
		return err_set(e, ERR_INVALID,
			       "Host, Content-Length and Transfer-Encoding may stand only once.");
	if (seen.lengths && seen.codings)
		return err_set(e, ERR_INVALID,
			       "Content-Length and Transfer-Encoding exclude each other.");
	return 0;
}

void http_target_split(struct str target, struct str *path, struct str *query)
{
	size_t at;

	if (str_cut_prefix(&target, STR("http://")) || str_cut_prefix(&target, STR("https://"))) {
		target = str_from(target, str_find(target, '/'));
		if (target.n == 0)
			target = STR("/");
	}
	at = str_find(target, '?');
	*path = str_upto(target, at);
	*query = at < target.n ? str_from(target, at + 1) : STR_NONE;
}

uint64_t http_head_body_length(const struct http_head *head)
{
	int64_t n;

	if (!str_is_none(http_header(head, "Transfer-Encoding")))
		return HTTP_SIZE_UNKNOWN;
	if (!str_to_i64(http_header(head, "Content-Length"), &n) || n < 0)
		return 0;
	return (uint64_t)n;
}
