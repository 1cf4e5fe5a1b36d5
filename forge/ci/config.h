/*
 * The pipeline file as data: every value checked, every job complete with what
 * `default` gives it. Which jobs run is plan.h's question.
 */
#ifndef CI_CONFIG_H
#define CI_CONFIG_H

#include "ci/parts.h"

#define CI_JOBS_MAX 500
#define CI_TIMEOUT_MAX (30LL * 24 * 3600)

struct ci_retry {
	int64_t max;
	struct ci_texts when; /* failure reasons; empty: always */
	int64_t *exit_codes;
	size_t exit_code_count;
};

enum ci_environment_action {
	CI_ENVIRONMENT_START,
	CI_ENVIRONMENT_PREPARE,
	CI_ENVIRONMENT_VERIFY,
	CI_ENVIRONMENT_ACCESS,
	CI_ENVIRONMENT_STOP,
};

const char *ci_environment_action_name(enum ci_environment_action action);

struct ci_environment {
	struct ci_mark mark;
	struct str name; /* none if the job has no environment */
	struct str url;
	struct str on_stop;
	struct str tier;
	enum ci_environment_action action;
	int64_t auto_stop_in; /* seconds; 0: never */
};

struct ci_artifacts {
	bool is_set;
	struct str name;
	struct ci_texts paths;
	struct ci_texts exclude;
	bool untracked;
	struct str when;   /* on_success, on_failure, always */
	int64_t expire_in; /* seconds; 0: the instance's default, -1: never */
};

struct ci_image {
	struct str name; /* none if there is no image */
	struct str alias;
	struct ci_texts entrypoint;
	struct ci_texts command;
	struct ci_texts pull_policy;
	struct ci_variables variables;
};

struct ci_cache {
	struct str key;
	struct str key_prefix;
	struct ci_texts key_files; /* the key is made of their contents then */
	struct ci_texts paths;
	struct ci_texts fallback_keys;
	bool untracked;
	struct str policy;
	struct str when;
};

struct ci_job {
	struct str name;
	struct ci_mark mark;
	struct str stage;
	struct ci_mark stage_mark;
	struct ci_texts script;
	struct ci_texts before_script;
	struct ci_texts after_script;
	struct ci_texts tags;
	struct ci_variables variables;
	enum ci_tristate inherits_variables; /* CI_UNSET: only those of inherited_variables */
	struct ci_texts inherited_variables;
	struct ci_rules rules;
	struct ci_ref_filter only;
	struct ci_ref_filter except;
	bool has_when;
	enum ci_when when;
	int64_t start_in;
	struct ci_allow_failure allow_failure;
	struct ci_needs needs;
	bool has_dependencies;
	struct ci_mark dependencies_mark;
	struct ci_texts dependencies;
	struct ci_retry retry;
	int64_t timeout; /* seconds; 0: the project's */
	bool interruptible;
	struct str resource_group;
	struct ci_environment environment;
	struct ci_artifacts artifacts;
	struct ci_image image;
	struct ci_image *services;
	size_t service_count;
	struct ci_cache *caches;
	size_t cache_count;
};

enum ci_auto_cancel { CI_CANCEL_CONSERVATIVE, CI_CANCEL_INTERRUPTIBLE, CI_CANCEL_NONE };

struct ci_config {
	struct ci_texts stages; /* .pre first, .post last */
	struct ci_variables variables;
	struct ci_rules workflow_rules;
	struct str workflow_name;
	enum ci_auto_cancel on_new_commit;
	bool cancels_on_job_failure;
	struct ci_job *jobs; /* in the order of the file; hidden ones left out */
	size_t job_count;
};

MUST_USE int ci_config_read(struct ci_planning *p, const struct ci_node *root,
			    struct ci_config *config, struct err *e);

/* One job, with `default` merged in; config.c calls it for each. */
MUST_USE int ci_job_read(struct ci_planning *p, struct str name, struct ci_mark mark,
			 const struct ci_node *node, struct ci_job *job, struct err *e);

/* environment, artifacts, image, services, cache: the keywords that are small languages. */
MUST_USE int ci_environment_read(struct ci_planning *p, const char *where,
				 const struct ci_node *node, struct ci_environment *environment,
				 struct err *e);
MUST_USE int ci_artifacts_read(struct ci_planning *p, const char *where, const struct ci_node *node,
			       struct ci_artifacts *artifacts, struct err *e);
MUST_USE int ci_image_read(struct ci_planning *p, const char *where, const struct ci_node *node,
			   struct ci_image *image, struct err *e);
MUST_USE int ci_services_read(struct ci_planning *p, const char *where, const struct ci_node *node,
			      struct ci_job *job, struct err *e);
MUST_USE int ci_caches_read(struct ci_planning *p, const char *where, const struct ci_node *node,
			    struct ci_job *job, struct err *e);

#endif
