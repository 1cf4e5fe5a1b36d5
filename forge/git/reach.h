/*
 * What may be read by its name alone. The object store keeps more than people
 * may see: commits of branches that were deleted or overwritten, perhaps
 * because of a password in them. So an id counts only if a ref that readers see
 * (every ref that is not internal) leads to it; git's own fetch has the same
 * rule (roles/git_wants.h).
 *
 * For commits the answer is a set a repository, kept in the reader: a bit for
 * each commit of the commit-graph file, the names of the others. It grows with
 * the refs; a ref that goes away starts it again, unless a newer one contains
 * what it had. A walk that is not at its end when the budget is, goes on with
 * the next request.
 *
 * Threads: any. Each set has a mutex, held while it grows; the list of sets has
 * another, a leaf, held for a look.
 */
#ifndef GIT_REACH_H
#define GIT_REACH_H

#include "git/repo.h"

/* ERR_BUSY: the history is too long to be known yet. */
MUST_USE int repo_reaches(struct repo *repo, const struct oid *commit, bool *reaches,
			  struct err *e);

/*
 * The same for a file's contents: newest commits first, each folder once. False
 * too when the budget ends; what is older is read by path and commit.
 */
MUST_USE int repo_reaches_blob(struct repo *repo, const struct oid *blob, struct budget budget,
			       bool *reaches, struct err *e);

struct reach_cache;
struct reach_cache *reach_cache_open(void);
void reach_cache_close(struct reach_cache *cache); /* NULL is fine */

#endif
