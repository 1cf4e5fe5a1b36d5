/*
 * Borrowed lists of scalars, as they come from and go to PostgreSQL arrays and
 * decoded forms. Whoever made a list says how long it lives; an empty list may
 * have items == NULL.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/str.h"

struct str_list {
	struct str *items;
	size_t count;
};

struct i64_list {
	int64_t *items;
	size_t count;
};

#endif
