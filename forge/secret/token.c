#include "secret/secret.h"

#include "base/random.h"

#include <sodium.h>

#define RANDOM_CHARACTERS 27u
#define CHECK_CHARACTERS 6u

void secret_sha256(struct str text, unsigned char digest[static SECRET_SHA256_SIZE])
{
	crypto_hash_sha256(digest, (const unsigned char *)text.p, text.n);
}

struct str secret_sha256_bytes(struct arena *a, struct str text)
{
	unsigned char digest[SECRET_SHA256_SIZE];

	secret_sha256(text, digest);
	return arena_str(a, str_n((const char *)digest, sizeof(digest)));
}

/* 36 bits of the SHA-256 of all before, in six characters. */
static void checksum(struct str body, char check[static CHECK_CHARACTERS])
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	unsigned char digest[SECRET_SHA256_SIZE];

	secret_sha256(body, digest);
	for (size_t i = 0; i < CHECK_CHARACTERS; i++)
		check[i] = alphabet[digest[i] & 63];
}

struct str secret_token(struct arena *a, const char *prefix)
{
	struct str random = random_token(a, RANDOM_CHARACTERS);
	struct str body = arena_fmt(a, "%s%.*s", prefix, STR_FMT(random));
	char check[CHECK_CHARACTERS];

	checksum(body, check);
	return arena_fmt(a, "%.*s%.*s", STR_FMT(body), (int)CHECK_CHARACTERS, check);
}

bool secret_token_is_wellformed(struct str token)
{
	char check[CHECK_CHARACTERS];

	if (token.n < RANDOM_CHARACTERS + CHECK_CHARACTERS || token.n > 100)
		return false;
	checksum(str_upto(token, token.n - CHECK_CHARACTERS), check);
	return str_eq(str_from(token, token.n - CHECK_CHARACTERS), str_n(check, sizeof(check)));
}

bool secret_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}
