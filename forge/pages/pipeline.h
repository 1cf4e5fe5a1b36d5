/* Pipelines: the list, one as a graph of its stages and needs, acts. */
#ifndef PAGES_PIPELINE_H
#define PAGES_PIPELINE_H

#include "domain/job_view.h"
#include "pages/status.h"
#include "render/needs_graph.h"

/* Where a pipeline comes from: ref, commit, who, when. Rows of lists and heads of pages share it.
 */
struct view_pipeline {
	struct str project; /* path, for links */
	int64_t id, iid;
	struct view_status status;
	struct str name, subject; /* of the pipeline; of the commit */
	struct str ref_name, oid, short_oid;
	bool is_tag, is_merge_request, has_ref_link;
	struct str source;
	struct str username, user, tile, initials;
	bool has_started, has_finished;
	struct instant created, finished;
	struct str took, queued;
	bool has_config_error;
	bool may_cancel, may_retry;
};

struct view_pipeline_choice {
	const char *word;
	struct str label;
	bool is_chosen;
};

struct view_pipelines {
	struct view_page page;
	struct str ref_name, username;
	bool is_filtered, may_run;
	struct view_pipeline_choice *statuses, *sources;
	size_t statuses_count, sources_count;
	struct view_pipeline *pipelines;
	size_t pipelines_count;
	struct view_pager pager;
};

struct view_pipeline_job {
	int64_t id;
	struct str project;
	struct view_status status;
	struct str name, environment, took, needs;
	bool may_cancel, may_play, may_retry, asks_first;
	int64_t runs;    /* how often it ran, if more than once */
	struct str here; /* the page to come back to after an act */
};

struct view_pipeline_stage {
	struct str name;
	struct view_status status;
	struct view_pipeline_job *jobs;
	size_t jobs_count;
};

struct view_pipeline_show {
	struct view_page page;
	struct view_problem problem;
	struct view_pipeline pipeline;
	struct str config_error, config_place; /* ".gitlab-ci.yml:3:5", or none */
	int64_t jobs;
	struct view_pipeline_stage *stages;
	size_t stages_count;
	struct view_needs_graph needs;
	bool may_remove, may_run, is_over;
	struct str stream; /* where changes are told; none when it is over */
};

/* "push", "merge request", ... in the reader's language. */
struct str pipeline_source_word(const struct request *rq, struct str source);

/* Fills a view; repo may be NULL: then without the commit's subject. */
struct repo;
void pipeline_fill(struct request *rq, struct repo *repo, const struct pipeline *pipeline,
		   struct view_pipeline *view);

/* Tells runners and pages, after an act that made jobs pending or ended them. */
void pipeline_tell(struct request *rq, struct db *db, struct pipeline_id pipeline,
		   struct job_id job, size_t pending);

route_handler page_pipelines;
route_handler page_pipeline;
route_handler page_pipeline_cancel;
route_handler page_pipeline_retry;
route_handler page_pipeline_remove;

#endif
