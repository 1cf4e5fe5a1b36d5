#include "runner/execution_private.h"

#include "base/clock.h"
#include "runner/step.h"
#include "runner/version.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define AFTER_SCRIPT_SECONDS 300
#define PAUSE_SECONDS 5

/* Why a job that did not succeed did not: GitLab's failure_reason. */
const char execution_reason_system[] = "runner_system_failure";
static const char reason_script[] = "script_failure";
static const char reason_timeout[] = "job_execution_timeout";
static const char reason_canceled[] = "job_canceled";

void execution_fail(struct execution *x, const char *reason, int exit_code)
{
	if (x->failure_reason)
		return;
	x->failure_reason = reason;
	x->exit_code = exit_code;
}

bool execution_is_aborted(const struct execution *x)
{
	return x->report.order == REPORT_ABORT;
}

void execution_say(struct execution *x, const char *format, ...)
{
	size_t from = x->trace.bytes.n;
	va_list args;

	va_start(args, format);
	trace_vsay(&x->trace, format, args);
	va_end(args);
	process_show(x, from);
}

const char *execution_sentence(const struct err *e)
{
	if (e->code == ERR_DISK_FULL)
		return "No space left on device: the disk of this runner is full; whoever keeps "
		       "the runner must make room";
	return err_is_public(e->code) ? e->text : "the runner failed; its own log says why";
}

/* As long as the job has time for it. */
static bool is_forge_away(const struct execution *x)
{
	return x->report.failures > 0 && clock_monotonic_ms() < x->deadline;
}

void execution_pause(struct execution *x, const char *what, int tries)
{
	int64_t seconds = PAUSE_SECONDS * tries;
	int64_t until = clock_monotonic_ms() + seconds * 1000;
	int64_t left;

	execution_say(x, "\033[33;1mWARNING: %s. Trying again in %d seconds.\033[0;m", what,
		      (int)seconds);
	while (((left = until - clock_monotonic_ms()) > 0 || is_forge_away(x)) &&
	       x->report.order == REPORT_GO_ON && !x->was_told_to_stop) {
		struct pollfd signal = { x->signals, POLLIN, 0 };

		report_turn(&x->report, &signal, 1, left > 0 ? (int)left : 1000);
		process_hear_signals(x);
	}
}

/* ---------------------------------------------------------------------- a step */

/*
 * By fork alone: to start this program anew costs 8 ms, most of them for libcurl's
 * libraries, and a step needs none of them.
 */
static int be_step(void *closure)
{
	struct err e = { 0 };
	int status;

	prctl(PR_SET_NAME, "hearth-step");
	status = step_run(closure, &e);
	if (status >= 0)
		return status;
	dprintf(STDERR_FILENO, "hearth-runner: %s\n", e.text);
	return 1;
}

/* What the kernel did to the job because of its limits; each is said once a step. */
static void say_limits_met(struct execution *x, const struct cgroup_events *before)
{
	const struct cgroup_limits *limits = &x->options->config->limits;
	struct cgroup_events now;

	cgroup_count(x->group.path, &now);
	if (now.out_of_memory > before->out_of_memory)
		execution_say(x,
			      "\033[31;1mERROR: out of memory: the job used more than the %lld "
			      "bytes that this runner allows (memory_limit), and the kernel ended "
			      "processes of it\033[0;m",
			      (long long)limits->memory);
	if (now.refused_forks > before->refused_forks)
		execution_say(x,
			      "\033[31;1mERROR: the job tried to have more than the %lld processes "
			      "that this runner allows (process_limit)\033[0;m",
			      (long long)limits->processes);
}

struct script_run {
	int64_t seconds;
	bool needs_lease;
	/* How it ended. */
	bool timed_out;
	bool lost_lease;
};

/* Runs a script as a step; the exit status, or a negative code. */
static int run_script(struct execution *x, struct str text, struct script_run *run, struct err *e)
{
	struct step step = { .changes_user = x->slot.has_user,
			     .uid = x->slot.uid,
			     .gid = x->slot.gid,
			     .grace = (int)x->options->config->kill_grace,
			     .group = x->group.path };
	/* The lease goes with it: a slot is nobody else's before its last step has ended. */
	struct spawn spawn = { .body = be_step,
			       .closure = &step,
			       .in = -1,
			       .out = -1,
			       .err = -1,
			       .keep = &x->slot.fd,
			       .keep_count = 1,
			       .folder = "/" };
	struct cgroup_events before;
	struct process p;

	if (workspace_write_script(&x->workspace, &x->slot, text, e) < 0 ||
	    x->executor->command(x->arena, &x->workspace, &x->slot, &step.argv, e) < 0)
		return -(int)e->code;
	if (x->group.path)
		cgroup_count(x->group.path, &before);
	if (process_start(x, &spawn, run->seconds, &p, e) < 0)
		return -(int)e->code;
	p.needs_lease = run->needs_lease;
	process_attend(x, &p);
	trace_flush(&x->trace);
	if (x->group.path)
		say_limits_met(x, &before);
	run->timed_out = p.timed_out;
	run->lost_lease = p.lost_lease;
	if (WIFSIGNALED(p.status) && !p.is_stopping)
		return err_set(e, ERR_UNPROCESSABLE,
			       "the process that watches over this step was killed (signal %d)",
			       WTERMSIG(p.status));
	return process_exit_status(&p);
}

static void conclude_step(struct execution *x, int status, const struct script_run *run,
			  const struct err *e)
{
	if (status < 0) {
		LOG(x->options->log, LOG_ERROR, "step", F_INT("job", x->job->id), F_ERR(e));
		execution_say(x, "\033[31;1mERROR: %s\033[0;m", execution_sentence(e));
		execution_fail(x, execution_reason_system, 0);
	} else if (x->report.order == REPORT_CANCEL) {
		execution_fail(x, reason_canceled, 0);
	} else if (run->timed_out) {
		execution_fail(x, reason_timeout, 0);
	} else if (run->lost_lease) {
		execution_say(
			x,
			"\033[31;1mERROR: this job was ended, because the forge was not heard "
			"for %lld seconds and may give its environment or resource group to "
			"another job. Look at what it left half done, and retry it"
			"\033[0;m",
			(long long)x->job->lease_seconds);
		execution_fail(x, execution_reason_system, 0);
	} else if (x->was_told_to_stop) {
		execution_say(x, "\033[31;1mERROR: this runner was told to stop, and ended the job"
				 "\033[0;m");
		execution_fail(x, execution_reason_system, 0);
	} else if (status != 0) {
		execution_fail(x, reason_script, status);
	}
}

static const char *status_word(const struct execution *x)
{
	if (x->failure_reason == reason_canceled)
		return "canceled";
	return x->failure_reason ? "failed" : "success";
}

static bool runs_now(const struct execution *x, enum job_when when)
{
	return when == JOB_ALWAYS || (when == JOB_ON_FAILURE) == (x->failure_reason != NULL);
}

/* The forge may just be starting again; git says so, and what it has stays for the next try. */
static int fetch(struct execution *x, struct str script, struct script_run *run, struct err *e)
{
	for (int tries = 1;; tries++) {
		int status = run_script(x, script, run, e);

		if (status <= 0 || run->timed_out || x->was_told_to_stop ||
		    x->report.order != REPORT_GO_ON || tries == EXECUTION_TRIES_MAX)
			return status;
		execution_pause(x,
				arena_strf(x->arena,
					   "the sources could not be fetched (exit code %d)",
					   status),
				tries);
	}
}

static void get_sources(struct execution *x)
{
	struct script_run run = { .seconds = x->job->timeout };
	struct err e = { 0 };
	struct buf text;
	int status;

	trace_section_start(&x->trace, "get_sources", "Getting source from Git repository");
	buf_init(&text, SCRIPT_MAX);
	status = script_sources(x->arena, x->job, &x->workspace.place, &text, &e);
	if (status == 0)
		status = fetch(x, buf_str(&text), &run, &e);
	buf_fini(&text);
	trace_section_end(&x->trace, "get_sources");
	conclude_step(x, status, &run, &e);
	/* The script has not begun: what failed is not the job's. */
	if (x->failure_reason == reason_script) {
		x->failure_reason = execution_reason_system;
		execution_say(x,
			      "\033[31;1mERROR: the sources could not be fetched (exit code %d)"
			      "\033[0;m",
			      status);
	}
}

/* Whether the step may begin: not on what the forge may have given to another job meanwhile. */
static bool wait_for_lease(struct execution *x, struct script_run *run)
{
	while (report_lease_left(&x->report) <= 0 && x->report.order == REPORT_GO_ON &&
	       !x->was_told_to_stop && !run->timed_out) {
		struct pollfd signal = { x->signals, POLLIN, 0 };

		report_turn(&x->report, &signal, 1, 1000);
		process_hear_signals(x);
		run->timed_out = clock_monotonic_ms() >= x->deadline;
	}
	return report_lease_left(&x->report) > 0;
}

static void run_step(struct execution *x, const struct job_step *step)
{
	bool is_after = str_eq(step->name, STR("after_script"));
	struct script_run run = { .seconds = is_after ? AFTER_SCRIPT_SECONDS : x->job->timeout,
				  .needs_lease = true };
	const char *section = is_after ? "after_script" : "step_script";
	const char *before = x->failure_reason;
	struct err e = { 0 };
	struct buf text;
	int status;

	if (!wait_for_lease(x, &run)) {
		conclude_step(x, EXIT_FAILURE, &run, &e);
		return;
	}
	trace_section_start(&x->trace, section,
			    is_after ? "Running after_script" : "Executing the script of the job");
	buf_init(&text, SCRIPT_MAX);
	script_commands(x->arena, x->job, &x->workspace.place, step,
			is_after ? status_word(x) : "running", &text);
	if (buf_check(&text, "the script", &e) < 0)
		status = -(int)e.code;
	else
		status = run_script(x, buf_str(&text), &run, &e);
	buf_fini(&text);
	trace_section_end(&x->trace, section);
	conclude_step(x, status, &run, &e);
	if (step->allow_failure)
		x->failure_reason = before;
}

/* After a cancel or a time-out, after_script gets its own time. */
static void run_steps(struct execution *x)
{
	for (size_t i = 0; i < x->job->step_count && !execution_is_aborted(x); i++) {
		const struct job_step *step = &x->job->steps[i];
		bool is_after = str_eq(step->name, STR("after_script"));

		if (!runs_now(x, step->when) || step->script.count == 0)
			continue;
		if (is_after) {
			x->deadline = clock_monotonic_ms() + AFTER_SCRIPT_SECONDS * 1000;
			if (x->report.order == REPORT_CANCEL) {
				x->report.order = REPORT_GO_ON;
				x->report.is_cancel_done = true;
			}
		}
		run_step(x, step);
	}
}

/* ------------------------------------------------------------------- the whole */

static void add_secrets(struct execution *x)
{
	const struct job *job = x->job;

	mask_add_secret(&x->trace.mask, job->token);
	mask_add_secret(&x->trace.mask, script_basic_credentials(x->arena, job));
	for (size_t i = 0; i < job->variable_count; i++)
		if (job->variables[i].is_masked)
			mask_add_secret(&x->trace.mask, job->variables[i].value);
	for (size_t i = 0; i < job->mask_prefixes.count; i++)
		mask_add_prefix(&x->trace.mask, job->mask_prefixes.items[i]);
}

static void say_hello(struct execution *x)
{
	execution_say(x,
		      "\033[0KRunning with " RUNNER_NAME " " RUNNER_VERSION
		      "\n  on %s, executor %s, slot %d",
		      x->options->registration->name, x->executor->name, x->slot.number);
	if (x->job->has_image && !x->executor->runs_images)
		execution_say(
			x,
			"\033[33;1mWARNING: the %s executor runs no images; image and services are "
			"left out\033[0;m",
			x->executor->name);
	if (x->job->has_cache)
		execution_say(x,
			      "\033[33;1mWARNING: this runner stores no cache; nothing is restored"
			      "\033[0;m");
}

static void say_end(struct execution *x)
{
	if (x->failure_reason == NULL)
		execution_say(x, "\033[32;1mJob succeeded\033[0;m");
	else if (x->failure_reason == reason_timeout)
		execution_say(x,
			      "\033[31;1mERROR: Job failed: execution took longer than %lld seconds"
			      "\033[0;m",
			      (long long)x->job->timeout);
	else if (x->failure_reason == reason_canceled)
		execution_say(x, "\033[31;1mERROR: Job failed: canceled\033[0;m");
	else if (x->failure_reason == reason_script)
		execution_say(x, "\033[31;1mERROR: Job failed: exit code %d\033[0;m", x->exit_code);
	else
		execution_say(x, "\033[31;1mERROR: Job failed (system failure)\033[0;m");
}

/* Into the workspace, the only folder that every executor shows to the job. */
static int take_bundle(struct execution *x, struct err *e)
{
	char *path = arena_strf(x->arena, "%s/.head.bundle", x->workspace.root);

	if (link(x->options->bundle, path) < 0)
		return err_errno(e, errno, "link %s", path);
	x->workspace.place.bundle = path;
	return 0;
}

static int prepare(struct execution *x, struct err *e)
{
	const struct runner_config *config = x->options->config;

	x->executor = executor_find(str_c(x->options->registration->executor));
	if (x->executor == NULL)
		return err_set(e, ERR_INVALID, "executor = %s: it is one of %s",
			       x->options->registration->executor, executor_names());
	if (executor_check(x->executor, e) < 0 || slot_take(x->arena, &x->slot, e) < 0)
		return -(int)e->code;
	if (workspace_make(x->arena, config->builds_dir, &x->slot, x->job, &x->workspace, e) < 0)
		return -(int)e->code;
	if (x->options->cgroup_root &&
	    cgroup_make(x->arena, x->options->cgroup_root, x->slot.number, &config->limits,
			&x->group, e) < 0)
		return -(int)e->code;
	return x->options->bundle ? take_bundle(x, e) : 0;
}

static void carry_out(struct execution *x)
{
	say_hello(x);
	get_sources(x);
	if (!x->failure_reason && !execution_is_aborted(x))
		transfer_get_artifacts(x);
	if (x->failure_reason == NULL && !execution_is_aborted(x))
		run_steps(x);
	if (!execution_is_aborted(x))
		transfer_put_artifacts(x, runs_now);
}

static int finish(struct execution *x, struct err *e)
{
	struct err cleaning = { 0 };
	int result;

	say_end(x);
	result = report_finish(&x->report, x->failure_reason, x->exit_code, e);
	if (cgroup_remove(&x->group, &cleaning) < 0)
		LOG(x->options->log, LOG_WARN, "control group left behind", F_ERR(&cleaning));
	if (x->workspace.root && workspace_remove(&x->workspace, &cleaning) < 0)
		LOG(x->options->log, LOG_WARN, "workspace left behind", F_ERR(&cleaning));
	slot_give_back(&x->slot);
	return result;
}

int execution_run(struct arena *a, const struct execution_options *options, const struct job *job,
		  enum execution_result *result, struct err *e)
{
	struct execution x = { .arena = a,
			       .options = options,
			       .job = job,
			       .slot.fd = -1,
			       .group.lock = -1,
			       .deadline = clock_monotonic_ms() + job->timeout * 1000 };
	struct err preparing = { 0 };
	int status;

	x.signals = process_open_signals(e);
	if (x.signals < 0)
		return -(int)e->code;
	if (!options->is_offline && forge_client_open(options->registration->url, &x.client, e) < 0)
		return -(int)e->code;
	trace_init(&x.trace, a, job->variable_count + job->mask_prefixes.count + 2,
		   size_from_i64(options->registration->output_limit));
	add_secrets(&x);
	report_init(&x.report, x.client, a, job, &x.trace);
	if (prepare(&x, &preparing) < 0) {
		execution_say(&x, "\033[31;1mERROR: %s\033[0;m", preparing.text);
		LOG(options->log, LOG_ERROR, "job cannot be prepared", F_INT("job", job->id),
		    F_ERR(&preparing));
		execution_fail(&x, execution_reason_system, 0);
	} else {
		carry_out(&x);
	}
	status = finish(&x, e);
	*result = execution_is_aborted(&x) ? EXECUTION_ABORTED
		  : x.failure_reason       ? EXECUTION_FAILED
					   : EXECUTION_SUCCESS;
	report_fini(&x.report);
	trace_fini(&x.trace);
	forge_client_close(x.client);
	close(x.signals);
	return status;
}
