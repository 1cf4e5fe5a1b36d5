/*
 * The answers of last_change.c as bytes in the reader's cache, by (repository,
 * commit, path): complete ones only. Inside forge/git.
 */
#ifndef GIT_LAST_CHANGE_RECORD_H
#define GIT_LAST_CHANGE_RECORD_H

#include "git/tree.h"

struct change_record;

/* In the arena. */
MUST_USE bool change_record_find(struct repo *repo, const struct oid *commit, struct str path,
				 struct arena *a, struct change_record **record);
/* NULL if there is no such name in it. */
const struct commit *change_record_commit(const struct change_record *record, struct str name);
/* With its texts in another arena. */
void change_record_copy(const struct commit *commit, struct arena *a, struct commit *copy);
void change_record_put(struct repo *repo, const struct oid *commit, struct str path,
		       const struct tree_listing *listing, const struct last_change *changes);

#endif
