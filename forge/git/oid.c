#include "git/oid.h"

#include <string.h>

static const char digits_of[] = "0123456789abcdef";

bool oid_parse(struct str hex, struct oid *oid)
{
	struct oid parsed;

	if (hex.n != OID_HEX || !str_to_bytes(hex, parsed.b, OID_BYTES))
		return false;
	*oid = parsed;
	return true;
}

void oid_format(const struct oid *oid, char text[static OID_HEX + 1])
{
	for (size_t i = 0; i < OID_BYTES; i++) {
		text[2 * i] = digits_of[oid->b[i] >> 4];
		text[2 * i + 1] = digits_of[oid->b[i] & 15];
	}
	text[OID_HEX] = '\0';
}

struct str oid_short(struct arena *a, const struct oid *oid, size_t digits)
{
	char text[OID_HEX + 1];

	ASSERT(digits <= OID_HEX);
	oid_format(oid, text);
	return arena_str(a, str_n(text, digits));
}

struct str oid_hex(struct arena *a, const struct oid *oid)
{
	return oid_short(a, oid, OID_HEX);
}

int oid_cmp(const struct oid *a, const struct oid *b)
{
	return memcmp(a->b, b->b, OID_BYTES);
}

bool oid_eq(const struct oid *a, const struct oid *b)
{
	return oid_cmp(a, b) == 0;
}

bool oid_is_zero(const struct oid *oid)
{
	static const struct oid zero;

	return oid_eq(oid, &zero);
}

const struct oid *oid_empty_tree(void)
{
	static const struct oid empty = { { 0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e,
					    0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6,
					    0x92, 0x88, 0xfb, 0xee, 0x49, 0x04 } };

	return &empty;
}
