/*
 * Public keys from strangers, as a line and as a blob. Whatever is accepted has
 * one form: parsed again it gives the same, and its RSA modulus is long enough.
 */
#include "domain/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_one_form(struct arena *a, const struct public_key *key)
{
	struct str line = arena_fmt(a, "%.*s %.*s x", STR_FMT(key->type), STR_FMT(key->base64));
	struct public_key again;
	struct err e;

	ASSERT(key_parse(a, line, &again, &e) == 0);
	ASSERT(str_eq(again.blob, key->blob) && str_eq(again.fingerprint, key->fingerprint));
	ASSERT(key->bits >= 256 && (!str_eq_c(key->type, "ssh-rsa") || key->bits >= 2048));
	ASSERT(str_is_utf8_text(key->comment) && !str_has(key->comment, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_n((const char *)data, size);
	struct arena *a = arena_open(0);
	struct public_key key;
	struct err e;

	if (key_parse(a, input, &key, &e) == 0)
		check_one_form(a, &key);
	if (key_parse_blob(a, input, &key, &e) == 0)
		check_one_form(a, &key);
	arena_close(a);
	return 0;
}
