/*
 * SHA-256 of bytes that come in pieces (libsodium behind this door).
 * For a text that is there as a whole: secret_sha256.
 * Threads: one object, one thread.
 */
#ifndef SECRET_SHA256_H
#define SECRET_SHA256_H

#include "secret/secret.h"

struct sha256 {
	uint64_t room[16]; /* private */
};

void sha256_begin(struct sha256 *h);
void sha256_add(struct sha256 *h, struct str bytes);
void sha256_end(struct sha256 *h, unsigned char digest[static SECRET_SHA256_SIZE]);

#endif
