/*
 * Passwords by libsodium's argon2id. The gate is the point: a hash takes
 * 64 MiB and a core for a tenth of a second, so without it a few hundred
 * sign-ins at once would be an outage.
 */
#include "secret/keys.h"

#include <errno.h>
#include <sodium.h>
#include <time.h>

#define OPS crypto_pwhash_OPSLIMIT_INTERACTIVE
#define MEM crypto_pwhash_MEMLIMIT_INTERACTIVE

/* Of a password nobody knows; verified when there is no hash. The same parameters. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$b2axFjda9k4hDt4h+H9wbA$ecJ+"
			     "KwvxBcabz2G5k3AxnKXZ7tybg8LQVTGrXS6PaDY";

static int enter(struct secret_keys *keys, struct err *e)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += 1;
	while (sem_clockwait(&keys->gate, CLOCK_MONOTONIC, &deadline) < 0) {
		if (errno != EINTR)
			return err_set(e, ERR_BUSY,
				       "Too many people sign in at this moment; try again in a few "
				       "seconds.");
	}
	return 0;
}

static void leave(struct secret_keys *keys)
{
	ASSERT(sem_post(&keys->gate) == 0);
}

int secret_password_hash(struct secret_keys *keys, struct str password, struct arena *a,
			 struct str *hash, struct err *e)
{
	char text[crypto_pwhash_STRBYTES];
	int failed;

	if (enter(keys, e) < 0)
		return -(int)e->code;
	failed = crypto_pwhash_str(text, password.p, password.n, OPS, MEM);
	leave(keys);
	if (failed)
		return err_set(e, ERR_UNAVAILABLE, "no memory to hash a password");
	*hash = arena_str(a, str_c(text));
	return 0;
}

int secret_password_verify(struct secret_keys *keys, struct str hash, struct str password,
			   bool *is_right, struct err *e)
{
	char text[crypto_pwhash_STRBYTES];
	bool has_hash = str_copy(text, sizeof(text), hash) && !str_is_empty(hash);
	bool fits;

	if (!has_hash && !str_copy(text, sizeof(text), str_c(nobody)))
		return err_set(e, ERR_INTERNAL, "the hash of nobody is too long");
	if (enter(keys, e) < 0)
		return -(int)e->code;
	fits = crypto_pwhash_str_verify(text, password.p ? password.p : "", password.n) == 0;
	leave(keys);
	*is_right = has_hash && fits;
	return 0;
}

bool secret_password_is_old(struct str hash)
{
	char text[crypto_pwhash_STRBYTES];

	return !str_copy(text, sizeof(text), hash) ||
	       crypto_pwhash_str_needs_rehash(text, OPS, MEM) != 0;
}
