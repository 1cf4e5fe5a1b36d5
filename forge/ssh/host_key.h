/*
 * The server's own keys: ed25519 first (cheapest, and what clients prefer),
 * rsa 3072 and ecdsa 256 for those that know no other. Made at the first
 * start, in OpenSSH's format, mode 0400; never replaced once they are there,
 * since every client remembers them.
 *
 * Threads: one, at start.
 */
#ifndef SSH_HOST_KEY_H
#define SSH_HOST_KEY_H

#include "base/arena.h"
#include "base/err.h"

/*
 * Makes the missing ones among <folder>/ssh_host_{ed25519,rsa,ecdsa}_key, and
 * the folder (0700). The files belong to the calling user.
 */
MUST_USE int host_key_ensure(const char *folder, struct err *e);

/*
 * "SHA256:..." of one key, for pages, `hearth up` and `hearth doctor`. name is
 * "ed25519", "rsa" or "ecdsa". ERR_NOT_FOUND before the first start.
 */
MUST_USE int host_key_fingerprint(struct arena *a, const char *folder, const char *name,
				  struct str *fingerprint, struct err *e);

#endif
