/*
 * SSH public keys of users. A key belongs to one user; it is compared by its
 * canonical blob (RFC 4253 section 6.6), never by its text.
 *
 * Accepted: ssh-ed25519, ecdsa-sha2-nistp256/384/521, sk-ssh-ed25519 and
 * sk-ecdsa (hardware), ssh-rsa of at least 2048 bits, counted in the modulus.
 * Refused with the reason: DSA, certificates, private keys pasted by mistake.
 */
#ifndef DOMAIN_KEY_H
#define DOMAIN_KEY_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

/* A parsed public key line; strings in the arena. */
struct public_key {
	struct str type;        /* "ssh-ed25519" */
	struct str blob;        /* the binary form */
	struct str base64;      /* of the blob, as in the line */
	struct str comment;     /* may be empty */
	struct str fingerprint; /* "SHA256:..." as ssh-keygen -l writes it */
	int64_t bits;
};

/* "ssh-ed25519 AAAA... comment". Pure. ERR_UNPROCESSABLE with the rule. */
MUST_USE int key_parse(struct arena *a, struct str line, struct public_key *key, struct err *e);
/* The same for the binary form, as SSH brings it. */
MUST_USE int key_parse_blob(struct arena *a, struct str blob, struct public_key *key,
			    struct err *e);
struct str key_fingerprint(struct arena *a, struct str blob);

struct key {
	struct key_id id;
	struct user_id user;
	struct str title;
	struct str text; /* type and base64 */
	struct str fingerprint;
	struct instant created_at;
	bool has_expires_at;
	struct instant expires_at;
	bool has_last_used_at;
	struct instant last_used_at;
};

struct keys {
	struct key **items;
	size_t count;
};

struct key_new {
	struct user_id user;
	struct str title; /* none: the comment of the line */
	struct str line;
	bool has_expires_at;
	struct instant expires_at;
};

/* ERR_CONFLICT if it is anyone's already. */
MUST_USE int key_create(struct db *db, const struct actor *actor, const struct key_new *in,
			struct arena *a, struct key *key, struct err *e);
MUST_USE int key_list(struct db *db, struct user_id user, struct arena *a, struct keys *keys,
		      struct err *e);
/* Of the actor's own, or any by an administrator or the system. */
MUST_USE int key_remove(struct db *db, const struct actor *actor, struct key_id id, struct err *e);

/*
 * For the SSH broker, when a signature was verified (and for the probe before):
 * whose key the blob is. Not found: unknown, expired, its user blocked.
 */
MUST_USE int key_find(struct db *db, struct str blob, struct arena *a, struct actor *actor,
		      bool *found, struct err *e);
/* The actor's key opened a connection. At most one write a minute. */
MUST_USE int key_note_use(struct db *db, const struct actor *actor, struct err *e);

#endif
