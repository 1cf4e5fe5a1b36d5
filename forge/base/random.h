/* Unpredictable bytes from the kernel (getrandom). Threads: any. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include "base/arena.h"

void random_bytes(void *to, size_t n);

/* 2*n lower-case hex digits. */
struct str random_hex(struct arena *a, size_t n);

/* n characters of [A-Za-z0-9_-]: 6 bits each; 26 are more than 128 bits. */
struct str random_token(struct arena *a, size_t n);

#endif
