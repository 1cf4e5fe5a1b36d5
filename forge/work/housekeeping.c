/*
 * Housekeeping of repositories: one a portion, those with many new pushes
 * first, each at least a day after its last push, as a whole once a week.
 * What is done is decided by the operation maintain from what it finds.
 */
#include "work/work.h"

#include "base/fs.h"
#include "domain/housekeeping.h"
#include "git/operation.h"
#include "store/db.h"

#include <errno.h>
#include <sys/mman.h>

static int claim(struct work *w, struct arena *a, struct tidying *tidying, bool *found,
		 struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return housekeeping_claim(db, a, tidying, found, e);
}

static int note_done(struct work *w, const struct tidying *tidying, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return housekeeping_done(db, tidying, e);
}

/* The commits that must stay, as the operation reads them; only when it may remove some. */
static int open_kept(struct work *w, const struct tidying *tidying, struct arena *a, int *fd,
		     struct err *e)
{
	struct str_list kept;
	AUTO_DB db = NULL;
	AUTO_FD file = -1;

	if (!tidying->is_full)
		return 0;
	if (db_acquire(w->app->db, &db, e) < 0 ||
	    housekeeping_list_kept(db, tidying->project, a, &kept, e) < 0)
		return -(int)e->code;
	file = memfd_create("kept", MFD_CLOEXEC);
	if (file < 0)
		return err_errno(e, errno, "memfd");
	for (size_t i = 0; i < kept.count; i++)
		if (fs_write_all(file, kept.items[i], e) < 0 ||
		    fs_write_all(file, STR("\n"), e) < 0)
			return -(int)e->code;
	if (lseek(file, 0, SEEK_SET) < 0)
		return err_errno(e, errno, "seek");
	*fd = file;
	file = -1;
	return 0;
}

static int maintain(struct work *w, const struct tidying *tidying, int kept, struct err *e)
{
	const struct git_operation_request request = { .op = GIT_OP_MAINTAIN,
						       .project_id = tidying->project.v,
						       .user_id = GIT_USER_SYSTEM,
						       .request_id = "housekeeping",
						       .flags = tidying->is_full ? GIT_FLAG_PRUNE
										 : 0,
						       .in = kept,
						       .out = -1,
						       .err = -1 };

	if (git_operation_run(w->app->run, &request, e) == 0 || e->code == ERR_NOT_FOUND)
		return 0;
	return err_add(e, "project %lld", (long long)tidying->project.v);
}

int work_housekeeping(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	struct tidying tidying;
	AUTO_FD kept = -1;

	*has_more = false;
	if (claim(w, a, &tidying, has_more, e) < 0)
		return -(int)e->code;
	if (!*has_more)
		return 0;
	/* A failure leaves the claim: it is due again in three hours. */
	if (open_kept(w, &tidying, a, &kept, e) < 0 || maintain(w, &tidying, kept, e) < 0)
		return -(int)e->code;
	atomic_fetch_add(&w->maintained, 1);
	return note_done(w, &tidying, e);
}
