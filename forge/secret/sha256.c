#include "secret/sha256.h"

#include <sodium.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(((struct sha256 *)0)->room),
	       "the state fits in struct sha256");

/* room is of the strictest alignment that the state needs. */
static crypto_hash_sha256_state *state_of(struct sha256 *h)
{
	return (crypto_hash_sha256_state *)h->room;
}

void sha256_begin(struct sha256 *h)
{
	crypto_hash_sha256_init(state_of(h));
}

void sha256_add(struct sha256 *h, struct str bytes)
{
	crypto_hash_sha256_update(state_of(h), (const unsigned char *)bytes.p, bytes.n);
}

void sha256_end(struct sha256 *h, unsigned char digest[static SECRET_SHA256_SIZE])
{
	crypto_hash_sha256_final(state_of(h), digest);
}
