/* run, and the job process that it starts. */
#include "runner/command.h"

#include "base/fs.h"
#include "runner/claim.h"
#include "runner/execution.h"

#define PAYLOAD_MAX (16u * 1024 * 1024)

static int run_run(struct invocation *in, struct err *e)
{
	struct runner_config config;
	struct log log;

	if (runner_config_read(in->arena, option_config(in), &config, e) < 0)
		return -(int)e->code;
	log = log_to(STDERR_FILENO, (enum log_level)config.log_level, "runner");
	return claim_run(in->arena, &config, &log, e);
}

static int find_registration(const struct runner_config *config, const char *name,
			     const struct registration **r, struct err *e)
{
	for (size_t i = 0; i < config->registration_count; i++) {
		if (strcmp(config->registrations[i].name, name) == 0) {
			*r = &config->registrations[i];
			return 0;
		}
	}
	return err_set(e, ERR_NOT_FOUND, "%s has no [runner %s]", config->path, name);
}

/* The payload comes on standard input. Exit status: 0 success, 1 failed, 3 taken away. */
static int run_job(struct invocation *in, struct err *e)
{
	struct execution_options options = { .copy_to = -1 };
	enum execution_result result;
	struct runner_config config;
	const char *name;
	struct str payload;
	struct log log;
	struct job job;

	if (option_required(in, "name", &name, e) < 0 ||
	    runner_config_read(in->arena, option_config(in), &config, e) < 0 ||
	    find_registration(&config, name, &options.registration, e) < 0 ||
	    fs_read(in->arena, "/proc/self/fd/0", PAYLOAD_MAX, &payload, e) < 0 ||
	    job_parse(in->arena, payload, &job, e) < 0)
		return -(int)e->code;
	log = log_to(STDERR_FILENO, (enum log_level)config.log_level, "job");
	options.config = &config;
	options.cgroup_root = option_value(in, "cgroup-root");
	options.log = &log;
	LOG(&log, LOG_INFO, "job starts", F_INT("job", job.id), F_C("runner", name));
	if (execution_run(in->arena, &options, &job, &result, e) < 0)
		return -(int)e->code;
	LOG(&log, LOG_INFO, "job ended", F_INT("job", job.id),
	    F_C("result", result == EXECUTION_SUCCESS  ? "success"
			  : result == EXECUTION_FAILED ? "failed"
						       : "taken away"));
	return result == EXECUTION_SUCCESS ? 0 : result == EXECUTION_FAILED ? 1 : 3;
}

const struct command command_run = {
	.name = "run",
	.summary = "Waits for jobs and runs them, until it is told to end (SIGTERM drains).",
	.options = { { "config", "FILE",
		       "the runner's file; " RUNNER_CONFIG_DEFAULT " if not given" } },
	.run = run_run,
};

const struct command command_job = {
	.name = "job",
	.options = { { "config", "FILE", "" },
		     { "name", "NAME", "" },
		     { "cgroup-root", "PATH", "" } },
	.run = run_job,
};
