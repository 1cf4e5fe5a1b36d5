/*
 * What a pushing client reads back: progress and lines for the person on band
 * 2, the report on band 1; without side-band only the report. A client that
 * has hung up changes nothing any more: writing then does nothing.
 */
#ifndef ROLES_GIT_REPORT_H
#define ROLES_GIT_REPORT_H

#include "roles/git_commands.h"

#define GIT_OUTPUT_LINES_MAX 10

struct git_report {
	int fd; /* -1: the client is gone */
	bool side_band;
	bool is_wanted; /* the client asked for the report */
	bool is_quiet;
};

/* Bytes as they are. */
void git_report_raw(struct git_report *r, struct str bytes);
/* For the person; already ended by LF or CR. */
void git_report_progress(struct git_report *r, struct str bytes);
/* A packet that says nothing, so that no proxy gives up while we index. */
void git_report_keep_alive(struct git_report *r);
/* Lines for the person between two empty ones; none writes nothing. */
void git_report_lines(struct git_report *r, struct str lines);

struct git_report_ref {
	struct str name;
	struct str reason; /* none: ok */
};
/* unpack: none is "ok". Ends the answer. */
void git_report_finish(struct git_report *r, struct str unpack, const struct git_report_ref *refs,
		       size_t count);

#endif
