/*
 * SHA-1 of short texts, where a format asks for it (GitLab's line codes are
 * built from the SHA-1 of a path). Not for security, and not for git objects:
 * those are hashed by libgit2, which detects collisions.
 * Threads: pure.
 */
#ifndef BASE_SHA1_H
#define BASE_SHA1_H

#include "base/str.h"

#define SHA1_BYTES 20

void sha1(struct str text, unsigned char digest[static SHA1_BYTES]);

#endif
