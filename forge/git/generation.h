/*
 * Two counters of a repository, shared by all processes of a host through one
 * mmapped file (hearth.generation):
 *  - refs:  changes whenever refs may have changed. The operation that writes
 *    refs bumps it before the first rename and after the last one, so a reader
 *    that sees the same value before and after its scan may keep the result
 *    for as long as the value stays.
 *  - packs: changes when packs were removed; handles opened before hold deleted
 *    files open and are retired.
 *
 * A missing file reads as 0 (a repository that is restored or being made).
 * Not coherent between hosts on a shared file system.
 *
 * Threads: the counters are atomic; open and close as any object.
 */
#ifndef GIT_GENERATION_H
#define GIT_GENERATION_H

#include "base/err.h"

#include <stdbool.h>

struct git_generation; /* a mapping */

/* for_writing creates the file; a reader gets ERR_NOT_FOUND if there is none. */
MUST_USE int git_generation_open(const char *repo_path, bool for_writing,
				 struct git_generation **generation, struct err *e);
void git_generation_close(struct git_generation *g); /* NULL is fine */

uint64_t git_generation_refs(const struct git_generation *g);
uint64_t git_generation_packs(const struct git_generation *g);
void git_generation_bump_refs(struct git_generation *g);
void git_generation_bump_packs(struct git_generation *g);

/* True if the file behind the mapping was replaced or removed: open again. */
bool git_generation_is_stale(const struct git_generation *g, const char *repo_path);

#endif
