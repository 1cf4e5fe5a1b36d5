/* Merge requests: list, form, overview with what blocks the merge, commits, pipelines, changes. */
#ifndef PAGES_MERGE_REQUEST_H
#define PAGES_MERGE_REQUEST_H

#include "domain/merge.h"
#include "domain/merge_request_fork.h"
#include "domain/merge_request_list.h"
#include "pages/commit.h"
#include "pages/status.h"
#include "pages/task.h"

struct view_merge_row {
	struct str project; /* path, for links */
	int64_t iid;
	struct str title, source_branch, target_branch;
	bool is_from_fork;
	struct str fork;   /* its path; none: gone, or the reader may not know of it */
	const char *state; /* "opened", "closed", "merged" */
	bool is_draft, is_conflict;
	struct view_status pipeline;
	struct view_labels labels;
	struct view_person author;
	struct view_person *reviewers;
	size_t reviewers_count;
	struct instant created, updated;
	int64_t notes, open_threads;
};

struct view_merge_list {
	struct view_page page;
	struct str state, search, label, target, author, reviewer;
	bool is_filtered, may_create, may_fork;
	int64_t opened, merged, closed;
	struct view_merge_row *rows;
	size_t rows_count;
	struct view_pager pager;
};

/* Over all pages of one: title, state, branches, tabs. */
struct view_merge_head {
	struct view_merge_row row;
	const char *tab; /* "overview", "commits", "pipelines", "changes" */
	bool may_change, source_is_here;
	int64_t versions;
};

struct view_choice {
	int64_t id;
	struct str name;
	bool is_chosen;
};

struct view_choices {
	struct view_choice *items;
	size_t count;
};

struct view_merge_form {
	struct view_page page;
	struct view_problem problem;
	bool is_new;
	int64_t iid;
	struct str action, back;     /* whole URLs */
	struct view_option *targets; /* projects it may go to; none: this one */
	size_t targets_count;
	bool sets_marks; /* labels and people */
	struct str source, target, title, description, labels;
	struct view_name *branches;
	size_t branches_count;
	struct view_name *known_labels;
	size_t known_labels_count;
	struct view_choices assignees, reviewers;
	bool squash, remove_source, is_draft;
	struct str remove_action; /* whole URL; none: may not be removed */
};

struct view_blocker {
	struct str sentence;
	const char *gate; /* its word in the API */
	bool is_untested; /* what the merge would give */
};

/* What can be done now, and what stands in the way. */
struct view_merge_widget {
	struct str action;      /* of all its forms, but: */
	struct str test_action; /* run a pipeline on the result; or none */
	const char *state;
	struct view_status pipeline;
	struct view_blocker *blockers;
	size_t blockers_count;
	int64_t approvals_required;
	struct view_person *approvals;
	size_t approvals_count;
	bool may_approve, has_approved, may_merge, may_auto_merge, may_update, may_cancel_auto;
	bool squash, remove_source, may_change, is_draft, may_revert, offers_message;
	struct str why_not_approve, why_not_merge; /* or none */
	struct str head_sha, message, merge_error;
	bool has_auto_merge;
	struct view_person auto_merge_by, merged_by, closed_by;
	struct instant merged_at, closed_at;
	struct view_oid merged_to;
	struct str *conflicts;
	size_t conflicts_count;
	struct str commands; /* that solve the conflicts by hand; or none */
};

struct view_merge_show {
	struct view_page page;
	struct view_problem problem;
	struct str stream; /* where changes are told; none when it is merged or closed */
	struct view_merge_head head;
	struct view_merge_widget widget;
	struct html description;
	bool has_description;
	struct view_person *assignees;
	size_t assignees_count;
	struct view_talk talk;
};

struct view_merge_commits {
	struct view_page page;
	struct view_merge_head head;
	struct view_commit *commits;
	size_t commits_count;
	bool has_more;
};

struct view_merge_pipeline {
	struct str project;
	int64_t id;
	struct view_status status;
	struct str sha, short_sha, source, took;
	bool is_of_result;
	struct instant created;
};

struct view_merge_pipelines {
	struct view_page page;
	struct view_problem problem;
	bool may_run;
	struct view_merge_head head;
	struct view_merge_pipeline *pipelines;
	size_t pipelines_count;
};

/* Loads it by the route. is_fresh: both sides are checked now if they moved. */
MUST_USE int merge_request_of_route(struct request *rq, bool is_fresh, struct merge_request *mr,
				    struct err *e);
struct landing_request merge_landing(struct request *rq);
/* Where its source is and its pipelines run, if the reader may do this there; else NULL. */
struct project *merge_source(struct request *rq, const struct merge_request *mr,
			     enum action action);
/* "/group/name/-/merge_requests/3", without the sub-path. */
struct str merge_address(struct request *rq, int64_t iid, enum route_id route);
struct view_merge_row merge_row_view(struct request *rq, const struct merge_request *mr);
struct view_merge_head merge_head_view(struct request *rq, const struct merge_request *mr,
				       const char *tab);
struct view_person *people_view(struct request *rq, const struct merge_people *people);
/* The state of the head's last pipeline beside each row. */
MUST_USE int merge_rows_marks(struct request *rq, const struct merge_requests *list,
			      struct view_merge_row *rows, struct err *e);
MUST_USE int merge_widget_fill(struct request *rq, const struct merge_request *mr,
			       const struct merge_request_version *last,
			       struct view_merge_widget *w, struct err *e);

/* The overview with a problem (an act that was refused) or a refused comment; NULL: none. */
MUST_USE int merge_request_page(struct request *rq, const struct view_problem *problem,
				const struct refused *refused, struct err *e);

route_handler page_merge_requests;
route_handler page_merge_request;
route_handler page_merge_request_stream;
route_handler page_merge_request_new;
route_handler page_merge_request_create;
route_handler page_merge_request_edit;
route_handler page_merge_request_update;
route_handler page_merge_request_act;
route_handler page_merge_request_commits;
route_handler page_merge_request_pipelines;
route_handler page_merge_request_pipeline_create;
route_handler page_merge_request_changes;

#endif
