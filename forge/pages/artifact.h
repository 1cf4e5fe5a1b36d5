/*
 * Artifacts of a job: the panel on the job's page, the list of files, one file.
 * The bytes themselves are sent by request_artifact.h.
 */
#ifndef PAGES_ARTIFACT_H
#define PAGES_ARTIFACT_H

#include "domain/artifact.h"
#include "pages/blob.h"
#include "pages/page.h"

/* For artifact/panel: what a job left and how long it stays. */
struct view_artifacts {
	struct str project;
	int64_t job;
	bool has_any;     /* else the panel is left out */
	bool is_there;    /* the archive can be had */
	bool is_browsing; /* its files stand below */
	bool is_gone;     /* it expired or was removed */
	struct str size;
	bool expires;
	struct instant expires_at;
	bool may_keep, may_remove;
};

/* Fills the panel of a job's page. */
MUST_USE int artifact_view(struct request *rq, struct db *db, struct job_id job,
			   struct view_artifacts *view, struct err *e);

struct view_artifact_crumb {
	struct str name, path; /* path "": the top */
	bool is_last;
};

struct view_artifact_row {
	struct str name, path, size;
	bool is_folder, is_link;
};

/* Both pages: where one is. */
struct view_artifact_place {
	struct str project;
	int64_t job;
	struct str job_name;
	struct view_artifact_crumb *crumbs;
	size_t crumbs_count;
};

struct view_artifact_browse {
	struct view_page page;
	struct view_artifact_place place;
	struct view_artifacts artifacts;
	struct view_artifact_row *rows;
	size_t rows_count, total;
	bool has_parent, is_cut;
	struct str parent;
	size_t left_out;
};

struct view_artifact_file {
	struct view_page page;
	struct view_artifact_place place;
	const char *kind; /* text image empty huge binary link */
	struct str name, path, size, limit, target;
	bool is_cut;
	struct view_line *lines;
	size_t lines_count;
};

route_handler page_artifact_browse;
route_handler page_artifact_browse_top;
route_handler page_artifact_file;
route_handler page_artifact_raw;
route_handler page_artifact_download;
route_handler page_artifact_keep;
route_handler page_artifact_remove;
route_handler page_artifact_latest_download;
route_handler page_artifact_latest_browse;

#endif
