/* Networks and trusted proxies. See network.h. */
#include "http/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

struct address {
	unsigned char b[16]; /* IPv4 as ::ffff:a.b.c.d */
	bool is_v4;
};

static bool parse(struct str text, struct address *to)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
	char copy[64];

	if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		text = str_n(text.p + 1, text.n - 2);
	if (!str_copy(copy, sizeof(copy), text))
		return false;
	memcpy(to->b, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, copy, to->b + 12) != 1 && inet_pton(AF_INET6, copy, to->b) != 1)
		return false;
	to->is_v4 = memcmp(to->b, mapped, sizeof(mapped)) == 0;
	return true;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	if (rest == 0)
		return true;
	return ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static bool network_has(struct str network, struct str address)
{
	struct address net, one;
	size_t slash = str_find(network, '/');
	int64_t bits = 128;

	if (str_eq_c(network, "unix") || str_eq_c(address, "unix"))
		return str_eq(network, address);
	if (!parse(str_upto(network, slash), &net) || !parse(address, &one))
		return false;
	if (slash < network.n) {
		if (!str_to_i64(str_from(network, slash + 1), &bits) || bits < 0)
			return false;
		if (net.is_v4)
			bits += 96;
	}
	return bits <= 128 && same_bits(net.b, one.b, (unsigned)bits);
}

bool network_list_has(const struct str_list *networks, struct str address)
{
	for (size_t i = 0; networks && i < networks->count; i++)
		if (network_has(networks->items[i], address))
			return true;
	return false;
}

struct str network_address(struct arena *a, const struct sockaddr *peer)
{
	char text[INET6_ADDRSTRLEN];
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at;

	if (peer && peer->sa_family == AF_INET) {
		memcpy(&at.v4, peer, sizeof(at.v4));
		if (inet_ntop(AF_INET, &at.v4.sin_addr, text, sizeof(text)))
			return arena_str(a, str_c(text));
	}
	if (peer && peer->sa_family == AF_INET6) {
		memcpy(&at.v6, peer, sizeof(at.v6));
		if (inet_ntop(AF_INET6, &at.v6.sin6_addr, text, sizeof(text))) {
			struct str s = str_c(text);

			(void)str_cut_prefix(&s, STR("::ffff:"));
			return arena_str(a, s);
		}
	}
	return STR("unix");
}

/* From the right: each hop appended the address it saw; the first we do not trust is the client. */
static struct str forwarded_client(struct str list, const struct str_list *trusted)
{
	struct str client = STR_NONE;

	while (list.n > 0) {
		size_t comma = str_find_last(list, ',');
		struct str part = comma < list.n ? str_from(list, comma + 1) : list;
		struct address ignored;

		list = comma < list.n ? str_upto(list, comma) : STR_NONE;
		part = str_trim(part);
		if (!parse(part, &ignored))
			break;
		client = part;
		if (!network_list_has(trusted, part))
			break;
	}
	return client;
}

/* A proxy may add a header of its own behind the one a client made up: the last one counts. */
static struct str last_header(const struct http_head *head, const char *name)
{
	for (size_t i = head->headers_count; i > 0; i--)
		if (str_eq_nocase(head->headers[i - 1].name, str_c(name)))
			return head->headers[i - 1].value;
	return STR_NONE;
}

void network_identify(struct http_head *head, struct str peer, const struct str_list *trusted)
{
	struct str value;

	head->client = peer;
	head->is_https = false;
	head->host = http_header(head, "Host");
	if (!network_list_has(trusted, peer))
		return;
	value = forwarded_client(last_header(head, "X-Forwarded-For"), trusted);
	if (!str_is_none(value))
		head->client = value;
	head->is_https = str_eq_nocase(last_header(head, "X-Forwarded-Proto"), STR("https"));
	value = last_header(head, "X-Forwarded-Host");
	if (!str_is_empty(value))
		head->host = value;
}
