/* Jobs: the list, one with its log, acts. */
#ifndef PAGES_JOB_H
#define PAGES_JOB_H

#include "domain/job_view.h"
#include "pages/artifact.h"
#include "pages/given.h"
#include "pages/pipeline.h"
#include "render/log_view.h"

#define JOB_GIVEN_ROWS 3 /* of the form that starts a manual job */

struct view_job_row {
	struct str project;
	int64_t id, pipeline;
	struct view_status status;
	struct str name, stage, ref_name, oid, short_oid;
	struct str took, runner;
	bool has_took;
	struct instant created;
};

struct view_jobs {
	struct view_page page;
	bool is_filtered;
	struct view_pipeline_choice *statuses;
	size_t statuses_count;
	struct view_job_row *jobs;
	size_t jobs_count;
	struct view_pager pager;
};

struct view_log {
	struct log_group *groups;
	size_t groups_count;
	bool is_empty, is_over, is_hidden, is_reset;
	struct str next;            /* log_position_text: where the next piece begins */
	struct str earlier, later;  /* whole URLs, or none */
	int64_t first, last, lines; /* numbers of lines: shown ones, and how many there are */
	struct str more;            /* where the next piece is fetched */
};

struct view_waiting {
	enum job_wait why;
	struct str subject;
	int64_t number;
	struct instant at;
};

struct view_job_show {
	struct view_page page;
	struct view_problem problem;
	struct str project;
	int64_t id, pipeline;
	struct view_status status, pipeline_status;
	struct str name, stage, ref_name, oid, short_oid, environment;
	bool is_over, is_latest, has_ref_link, is_tag, allow_failure;
	bool may_cancel, may_play, may_retry, rolls_back;
	struct view_given given;   /* fields of who may start it */
	struct view_given started; /* what it was started with, for who may start it */
	bool has_took, has_queued;
	struct str took, queued, timeout;
	struct view_waiting waiting;
	struct str failure, exit_code; /* sentence; the number, or none */
	struct str runner, runner_version;
	struct str *tags;
	size_t tags_count;
	struct str username, user;
	bool has_finished;
	struct instant created, finished;
	struct view_job_row *runs; /* other runs of this job, newest first */
	size_t runs_count;
	struct view_artifacts artifacts;
	struct view_log log;
	struct str stream; /* where changes are told; none when it is over */
};

/*
 * The part of the log that ?at= or ?from= asks for; without both its end. With an
 * is_hidden log nothing was read: the actor may not see it.
 */
MUST_USE int job_log_read(struct request *rq, struct db *db, struct job_id id,
			  struct view_log *view, struct err *e);

route_handler page_jobs;
route_handler page_job;
route_handler page_job_log;
route_handler page_job_cancel;
route_handler page_job_play;
route_handler page_job_retry;

#endif
