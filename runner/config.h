/*
 * The runner's file: settings of the whole runner under [global], and one
 * `[runner NAME]` for each registration. `register` adds a section, `unregister`
 * removes it; all else is the administrator's to write.
 */
#ifndef RUNNER_CONFIG_H
#define RUNNER_CONFIG_H

#include "base/settings.h"
#include "runner/cgroup.h"

#define RUNNER_CONFIG_DEFAULT "/etc/hearth-runner/runner.conf"
#define REGISTRATIONS_MAX 16

struct registration {
	const char *name;
	const char *url;
	const char *token;
	const char *executor;
	int64_t limit; /* jobs at once; 0: as many as concurrent allows */
	int64_t output_limit;
};

struct runner_config {
	const char *path;
	int64_t concurrent;
	int64_t check_interval; /* seconds between polls where the forge does not hold them */
	const char *builds_dir;
	const char *metrics_listen;
	int64_t kill_grace; /* seconds between TERM and KILL */
	const char *cgroup_root;
	struct cgroup_limits limits;
	int log_level;
	struct registration *registrations;
	size_t registration_count;
	const char *system_id; /* s_<12 hex>: this host, kept beside the file */
};

/* A file that is not there is an empty one. */
MUST_USE int runner_config_read(struct arena *a, const char *path, struct runner_config *config,
				struct err *e);

/* Adds a section; ERR_CONFLICT if the name is taken. The file is written anew with mode 0600. */
MUST_USE int runner_config_add(struct arena *a, const char *path,
			       const struct registration *registration, struct err *e);
/* Removes one; ERR_NOT_FOUND. */
MUST_USE int runner_config_remove(struct arena *a, const char *path, const char *name,
				  struct err *e);

#endif
