/*
 * Answers about history that can never change, in the reader's cache: a question
 * about a commit of a repository, and a path. Inside forge/git.
 */
#ifndef GIT_HISTORY_RECORD_H
#define GIT_HISTORY_RECORD_H

#include "base/buf.h"
#include "git/repo.h"

/* question: a word of its own for each kind of answer. The caller ends *key. */
void history_record_key(struct repo *repo, const char *question, const struct oid *commit,
			struct str path, struct buf *key);

/* Of a fixed size; false if it is not known. */
MUST_USE bool history_record_find(struct repo *repo, const char *question, const struct oid *commit,
				  struct str path, void *answer, size_t size);
void history_record_put(struct repo *repo, const char *question, const struct oid *commit,
			struct str path, const void *answer, size_t size);

#endif
