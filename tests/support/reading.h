/*
 * A repository held open for a test: box, reader and repo in one. All in the
 * header, so that tests that read no repository do not link libgit2 for it.
 */
#ifndef SUPPORT_READING_H
#define SUPPORT_READING_H

#include "support/check.h"
#include "support/gitbox.h"

#include "git/repo.h"

struct reading {
	struct gitbox *box;
	struct git_reader *reader;
	struct repo *repo;
};

static inline struct reading reading_open(struct gitbox *box)
{
	struct reading r = { .box = box };
	struct err e = { 0 };

	check_ok(git_reader_open(box->folder, &r.reader, &e), &e);
	check_ok(repo_acquire_path(r.reader, box->repo, &r.repo, &e), &e);
	return r;
}

/* The box too. */
static inline void reading_close(struct reading *r)
{
	repo_release(r->repo);
	git_reader_close(r->reader);
	gitbox_close(r->box);
}

/* The test fails if there is no such name. */
static inline struct oid reading_commit(struct reading *r, const char *name)
{
	struct err e = { 0 };
	struct oid oid = { 0 };

	check_ok(repo_resolve(r->repo, str_c(name), &oid, &e), &e);
	return oid;
}

#endif
