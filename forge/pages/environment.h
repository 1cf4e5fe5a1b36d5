/* Environments: list, history, roll back, stop; the contours on a project's home. */
#ifndef PAGES_ENVIRONMENT_H
#define PAGES_ENVIRONMENT_H

#include "domain/deployment.h"
#include "pages/page.h"

struct view_deployment {
	bool is_there;
	int64_t id, iid;
	struct str project, environment;
	struct str sha, short_sha, ref_name;
	bool is_branch;
	int64_t pipeline_id, job_id; /* 0: deleted since */
	struct str job_name;
	struct str username, user_name;
	const char *kind;   /* "deploy", "redeploy", "rollback" */
	const char *status; /* "running", "success", "failed", "canceled" */
	bool is_current;
	struct instant created, finished;
	bool has_finished;
	/* The button: */
	bool may_repeat;
	struct str action;
};

/* One place of the path, or any environment in a list. */
struct view_contour {
	struct str name, link;
	struct str branch; /* where it is deployed from; none: many */
	struct str url;
	bool exists, is_stopped, is_stopping;
	struct view_deployment current, last;
};

struct view_contours {
	struct view_contour *items;
	size_t count;
};

struct view_environments {
	struct view_page page;
	struct view_contours path, others;
	struct str state, search;
	struct view_pager pager;
	bool has_any;
};

/* What the deploy job was handed. */
struct view_environment_artifact {
	struct str job_name, filename, size, sha256, short_sha256;
};

struct view_environment {
	struct view_page page;
	struct view_problem problem;
	struct view_contour contour;
	const char *tier, *state;
	struct str slug, description, rule;
	struct str fetch; /* the command that gives what stands there; none: nothing does */
	struct str tree, tree_short;
	struct view_environment_artifact *artifacts;
	size_t artifacts_count;
	bool has_auto_stop;
	struct instant auto_stop;
	bool may_change, may_stop, may_remove;
	struct str action_stop, action_remove, badge, badge_markdown;
	struct view_deployment *history;
	size_t history_count;
	int64_t total;
	struct view_pager pager;
};

/* The three places of the path, for the project's home. */
MUST_USE int environment_contours(struct request *rq, struct view_contours *contours,
				  struct err *e);
void environment_contour(struct request *rq, const struct environment *environment,
			 const struct deployments *board, struct view_contour *contour);
void environment_deployment(struct request *rq, const struct deployment *deployment,
			    struct view_deployment *view);

route_handler page_environments;
route_handler page_environment;
route_handler page_environment_stop;
route_handler page_environment_remove;
route_handler page_environment_repeat;
route_handler page_badge_pipeline;
route_handler page_badge_environment;

#endif
