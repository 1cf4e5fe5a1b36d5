/* Commits: one, lists of them, and the row they share. */
#ifndef PAGES_COMMIT_H
#define PAGES_COMMIT_H

#include "git/commit.h"
#include "pages/code.h"
#include "pages/diff.h"
#include "pages/status.h"

struct view_oid {
	struct str oid, short_oid;
};

struct view_commit {
	struct str project; /* path, for links */
	struct str oid, short_oid;
	struct str subject, body;
	struct str author, email, committer, tile, initials;
	bool has_committer; /* somebody else than the author */
	struct instant when, committed;
	const char *signature; /* "GPG", "SSH", "X.509" or NULL */
	struct view_oid *parents;
	size_t parents_count;
	struct view_status pipeline; /* its last one; see commit_marks */
};

struct view_day {
	struct str date;
	struct view_commit *commits;
	size_t commits_count;
};

struct view_commits {
	struct view_page page;
	struct view_code_bar bar;
	struct str search, author;
	bool is_filtered, gave_up;
	struct view_day *days;
	size_t days_count;
	struct view_pager pager;
};

struct view_commit_show {
	struct view_page page;
	struct view_commit commit;
	struct view_diff diff;
};

void commit_view(struct request *rq, const struct commit *commit, struct view_commit *view);

/* Sets the pipeline of each, if the reader may see pipelines: one question to the database. */
MUST_USE int commit_marks(struct request *rq, struct view_commit *commits, size_t count,
			  struct err *e);

/* The last commit that changed the file or folder at a place: the first of its history. */
MUST_USE int commit_view_last(struct request *rq, struct repo *repo, const struct place *place,
			      bool *has_last, struct view_commit *last, struct err *e);

route_handler page_commits;
route_handler page_commits_default;
route_handler page_commit;
route_handler page_commit_diff;
route_handler page_commit_patch;

#endif
