/* The inside of struct secret_keys, for the files of secret/ only. */
#ifndef SECRET_KEYS_H
#define SECRET_KEYS_H

#include "secret/secret.h"

#include <semaphore.h>

#define KEK_SIZE 32u
#define KEKS_MAX 64u
#define HASHES_AT_ONCE 2u

struct kek {
	uint32_t id;
	unsigned char bytes[KEK_SIZE];
};

struct secret_keys {
	uint32_t magic;
	sem_t gate; /* places for password hashes */
	size_t count;
	struct kek *keks; /* ascending by id, in locked memory */
};

const struct kek *secret_newest_kek(const struct secret_keys *keys);
/* NULL if there is none of that id. */
const struct kek *secret_find_kek(const struct secret_keys *keys, uint32_t id);

#endif
