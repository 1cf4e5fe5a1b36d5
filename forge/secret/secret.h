/*
 * Passwords, tokens and secrets at rest: all of Hearth's cryptography that is
 * not SSH's or TLS's, on libsodium.
 *
 * struct secret_keys holds the key-encryption keys of <data>/keys (files
 * kek-<id>, 0400, 32 bytes; the highest id seals, all of them open) in locked
 * memory, and the gate that lets at most two password hashes run at once.
 *
 * Threads: any.
 */
#ifndef SECRET_SECRET_H
#define SECRET_SECRET_H

#include "base/arena.h"
#include "base/err.h"

struct secret_keys;

/* Reads the keys; makes kek-1 if the folder has none and may_create. */
MUST_USE int secret_keys_open(const char *folder, bool may_create, struct secret_keys **keys,
			      struct err *e);
void secret_keys_close(struct secret_keys *keys);

/*
 * argon2id, 64 MiB, 2 passes. Waits up to a second for one of the two places,
 * then ERR_BUSY. The hash is text that names its parameters.
 */
MUST_USE int secret_password_hash(struct secret_keys *keys, struct str password, struct arena *a,
				  struct str *hash, struct err *e);
/*
 * *is_right says whether password made hash. With a none hash (no such user,
 * no password set) it works as long and says no, so that time tells nothing.
 */
MUST_USE int secret_password_verify(struct secret_keys *keys, struct str hash, struct str password,
				    bool *is_right, struct err *e);
/* True if the hash was made with weaker parameters than today's. */
bool secret_password_is_old(struct str hash);

/* prefix + 27 characters of 64 (162 bits) + 6 characters of checksum: "glpat-...". */
struct str secret_token(struct arena *a, const char *prefix);
/* True if the text has a checksum that fits: a token made by secret_token. */
bool secret_token_is_wellformed(struct str token);

#define SECRET_SHA256_SIZE 32
/* What is stored of a token. */
void secret_sha256(struct str text, unsigned char digest[static SECRET_SHA256_SIZE]);
struct str secret_sha256_bytes(struct arena *a, struct str text);

/* Constant in time for equal lengths. */
bool secret_equal(struct str a, struct str b);

/* HMAC-SHA-256 under a key derived from the instance's, for CSRF and signed links. */
#define SECRET_MAC_SIZE 32
void secret_mac(const struct secret_keys *keys, const char *purpose, struct str text,
		unsigned char mac[static SECRET_MAC_SIZE]);

/*
 * Secrets at rest: XChaCha20-Poly1305 with `context` (project, name, version)
 * as associated data, so that a sealed value cannot be moved to another row.
 * The sealed bytes begin with format and key id. secret_unseal: ERR_INTERNAL
 * if the bytes were changed, moved, or sealed by a key that is not there.
 */
MUST_USE int secret_seal(const struct secret_keys *keys, struct str context, struct str plain,
			 struct arena *a, struct str *sealed, struct err *e);
MUST_USE int secret_unseal(const struct secret_keys *keys, struct str context, struct str sealed,
			   struct arena *a, struct str *plain, struct err *e);

#endif
