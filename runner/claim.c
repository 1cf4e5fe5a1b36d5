#include "runner/claim.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "base/spawn.h"
#include "runner/executor.h"
#include "runner/forge_client.h"
#include "runner/leftover.h"
#include "runner/metrics.h"
#include "runner/queue.h"
#include "runner/version.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>

/* A forge may hold the question open; GitLab's front does so for 50 s. */
#define CLAIM_SECONDS 120L
#define HELD_MS 2000
#define BACK_OFF_MAX_MS (5 * 60 * 1000)
/* Between two questions for a queue, while there is none. */
#define VERIFY_PAUSE_MS 1000
#define VERIFY_PAUSE_MAX_MS 60000

struct source {
	const struct registration *registration;
	struct forge_client *client;
	struct forge_call *call;
	struct arena *arena; /* of the call */
	int64_t asked_at;
	int64_t not_before;
	int failures;
	int running;
	char last_update[128];

	/* NULL: none; then the forge is asked to hold the question (long poll). */
	struct queue *queue;
	struct forge_call *verify; /* that asks for one */
	int64_t verify_at;
	int64_t verify_pause;
};

struct running_job {
	pid_t pid;
	struct source *source;
};

struct claim {
	struct arena *arena;
	const struct runner_config *config;
	const struct log *log;
	struct source *sources;
	struct running_job *jobs; /* config->concurrent of them; pid 0: free */
	int running;
	int stops; /* SIGTERMs so far */
	struct runner_metrics metrics;
	int metrics_fd;
	const char *cgroup_root; /* cgroup.h; NULL: none */
	char architecture[66];
};

/* ------------------------------------------------------------------------- asking */

static void request_body(const struct claim *c, const struct source *s, struct buf *body)
{
	static const char *const features[] = {
		"variables",         "artifacts",         "upload_multiple_artifacts",
		"refspecs",          "masking",           "raw_variables",
		"artifacts_exclude", "multi_build_steps", "trace_reset",
		"trace_checksum",    "trace_size",        "cancelable",
		"return_exit_code",  "cancel_gracefully"
	};
	struct jsonw w = jsonw_to(body);

	jsonw_object(&w);
	jsonw_field_str(&w, "token", str_c(s->registration->token));
	jsonw_field_str(&w, "system_id", str_c(c->config->system_id));
	/* Who has a queue to wait on wants its answer at once. */
	if (s->last_update[0] && !s->queue)
		jsonw_field_str(&w, "last_update", str_c(s->last_update));
	jsonw_field_object(&w, "info");
	jsonw_field_str(&w, "name", STR(RUNNER_NAME));
	jsonw_field_str(&w, "version", STR(RUNNER_VERSION));
	jsonw_field_str(&w, "platform", STR("linux"));
	jsonw_field_str(&w, "architecture", str_c(c->architecture));
	jsonw_field_str(&w, "executor", str_c(s->registration->executor));
	jsonw_field_str(&w, "shell", STR("bash"));
	jsonw_field_object(&w, "features");
	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		jsonw_field_bool(&w, features[i], true);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
}

static void ask(struct claim *c, struct source *s)
{
	struct forge_request request = FORGE_REQUEST_INIT;
	struct err e = { 0 };
	struct buf body;

	buf_init(&body, 65536);
	request_body(c, s, &body);
	s->asked_at = clock_monotonic_ms();
	request.method = "POST";
	request.path = "/jobs/request";
	request.body = buf_str(&body);
	request.token_header = "RUNNER-TOKEN";
	request.token = str_c(s->registration->token);
	request.timeout = CLAIM_SECONDS;
	if (forge_call_start(s->client, &request, &s->call, &e) < 0) {
		s->call = NULL;
		s->not_before = s->asked_at + 1000;
		LOG(c->log, LOG_ERROR, "claim", F_C("runner", s->registration->name), F_ERR(&e));
	}
	buf_fini(&body);
}

/* How many questions are open: each may be answered with a job. */
static int open_questions(const struct claim *c)
{
	int open = 0;

	for (size_t i = 0; i < c->config->registration_count; i++)
		open += c->sources[i].call != NULL;
	return open;
}

static bool has_place(const struct claim *c, const struct source *s)
{
	return c->stops == 0 &&
	       (s->registration->limit == 0 || s->running < s->registration->limit) &&
	       c->running + open_questions(c) < c->config->concurrent;
}

static bool may_ask(const struct claim *c, const struct source *s)
{
	return has_place(c, s) && s->call == NULL && queue_fd(s->queue) < 0 &&
	       clock_monotonic_ms() >= s->not_before;
}

/* ------------------------------------------------------------------------ the queue */

static void ask_for_queue(struct claim *c, struct source *s)
{
	struct forge_request request = FORGE_REQUEST_INIT;
	struct err e = { 0 };
	struct buf body;
	struct jsonw w;

	buf_init(&body, 65536);
	w = jsonw_to(&body);
	jsonw_object(&w);
	jsonw_field_str(&w, "token", str_c(s->registration->token));
	jsonw_field_str(&w, "system_id", str_c(c->config->system_id));
	jsonw_field_object(&w, "info");
	jsonw_field_str(&w, "name", STR(RUNNER_NAME));
	jsonw_field_str(&w, "version", STR(RUNNER_VERSION));
	jsonw_field_str(&w, "platform", STR("linux"));
	jsonw_field_str(&w, "architecture", str_c(c->architecture));
	jsonw_field_str(&w, "executor", str_c(s->registration->executor));
	jsonw_field_object(&w, "features");
	jsonw_field_bool(&w, "redis_queue", true);
	jsonw_field_bool(&w, "cancel_gracefully", true);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	request.method = "POST";
	request.path = "/runners/verify";
	request.body = buf_str(&body);
	request.token_header = "RUNNER-TOKEN";
	request.token = str_c(s->registration->token);
	if (forge_call_start(s->client, &request, &s->verify, &e) < 0)
		s->verify = NULL;
	buf_fini(&body);
	s->verify_at = clock_monotonic_ms() + s->verify_pause;
	if (s->verify_pause < VERIFY_PAUSE_MAX_MS)
		s->verify_pause *= 2;
}

static void hear_queue(struct claim *c, struct source *s)
{
	const struct forge_answer *answer = forge_call_answer(s->verify);
	const struct jsonr *root;
	struct err e = { 0 };
	struct arena *a;

	if (!answer->is_done)
		return;
	a = arena_open(0);
	if (answer->status == 200 && jsonr_parse(a, buf_str(&answer->body), &root, &e) == 0 &&
	    jsonr_is_object(jsonr_get(root, "queue")) &&
	    queue_open(jsonr_get(root, "queue"), c->config->system_id, &s->queue, &e) == 0)
		s->not_before = clock_monotonic_ms();
	arena_close(a);
	forge_call_close(s->verify);
	s->verify = NULL;
}

/* The forge holds our questions again, and is asked for a queue in a while. */
static void lose_queue(struct claim *c, struct source *s, const struct err *why)
{
	LOG(c->log, LOG_INFO, "asking over HTTP", F_C("runner", s->registration->name), F_ERR(why));
	queue_close(s->queue);
	s->queue = NULL;
	s->verify_at = clock_monotonic_ms() + s->verify_pause;
	s->not_before = clock_monotonic_ms();
}

static void wait_on_queue(struct claim *c, struct source *s)
{
	struct err e = { 0 };

	if (queue_wait(s->queue, &e) < 0)
		lose_queue(c, s, &e);
}

/* A permit is only taken by who has a place for the job. */
static void attend_queue(struct claim *c, struct source *s)
{
	struct err e = { 0 };

	if (s->verify)
		hear_queue(c, s);
	else if (!s->queue && c->stops == 0 && clock_monotonic_ms() >= s->verify_at)
		ask_for_queue(c, s);
	if (queue_fd(s->queue) >= 0 && !has_place(c, s)) {
		queue_stop(s->queue);
		s->not_before = clock_monotonic_ms();
	}
	switch (queue_turn(s->queue, &e)) {
	case QUEUE_NOTHING:
		break;
	case QUEUE_PERMIT:
		c->metrics.permits++;
		s->verify_pause = VERIFY_PAUSE_MS;
		break;
	case QUEUE_ENDED:
		s->verify_pause = VERIFY_PAUSE_MS;
		break;
	case QUEUE_LOST:
		lose_queue(c, s, &e);
		break;
	}
}

/* ------------------------------------------------------------------------ starting */

static int payload_file(struct str payload, struct err *e)
{
	int fd = memfd_create("job", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(e, errno, "memfd");
	if (fs_write_all(fd, payload, e) < 0) {
		close(fd);
		return -(int)e->code;
	}
	if (lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return err_errno(e, errno, "rewind the payload");
	}
	return fd;
}

static struct running_job *free_place(struct claim *c)
{
	for (int64_t i = 0; i < c->config->concurrent; i++)
		if (c->jobs[i].pid == 0)
			return &c->jobs[i];
	ASSERT(false);
	return NULL;
}

static int start_job(struct claim *c, struct source *s, struct str payload, struct err *e)
{
	const char *argv[] = { "/proc/self/exe",
			       "job",
			       "--config",
			       c->config->path,
			       "--name",
			       s->registration->name,
			       c->cgroup_root ? "--cgroup-root" : NULL,
			       c->cgroup_root,
			       NULL };
	struct running_job *job = free_place(c);
	struct spawn spawn = { .argv = argv,
			       .out = STDOUT_FILENO,
			       .err = STDERR_FILENO,
			       .death_signal = SIGTERM,
			       .is_own_group = true };
	AUTO_FD fd = payload_file(payload, e);

	if (fd < 0)
		return -(int)e->code;
	spawn.in = fd;
	if (spawn_start(&spawn, &job->pid, e) < 0) {
		job->pid = 0;
		return -(int)e->code;
	}
	job->source = s;
	s->running++;
	c->running++;
	c->metrics.jobs_started++;
	return 0;
}

static void back_off(struct source *s, int64_t retry_after)
{
	int64_t wait = 1000LL << (s->failures < 9 ? s->failures : 9);

	if (retry_after > 0)
		wait = retry_after * 1000;
	if (wait > BACK_OFF_MAX_MS)
		wait = BACK_OFF_MAX_MS;
	s->failures++;
	s->not_before = clock_monotonic_ms() + wait;
}

static void hear_refusal(struct claim *c, struct source *s, const struct forge_answer *answer)
{
	struct arena *a = arena_open(0);

	LOG(c->log, LOG_WARN, "no work", F_C("runner", s->registration->name),
	    F_C("answer", forge_answer_message(a, answer)));
	arena_close(a);
	c->metrics.claims_failed++;
	back_off(s, answer->retry_after);
}

static void hear_job(struct claim *c, struct source *s, const struct forge_answer *answer)
{
	struct err e = { 0 };

	c->metrics.claims_answered++;
	if (start_job(c, s, buf_str(&answer->body), &e) == 0)
		return;
	LOG(c->log, LOG_ERROR, "job process", F_C("runner", s->registration->name), F_ERR(&e));
	back_off(s, 0);
}

/* A forge that held the question is asked again at once; one that did not, after the interval. */
static void hear_nothing(struct claim *c, struct source *s)
{
	int64_t now = clock_monotonic_ms();
	bool was_held = s->last_update[0] && now - s->asked_at > HELD_MS;

	c->metrics.claims_empty++;
	s->not_before = was_held ? now : now + c->config->check_interval * 1000;
	if (s->queue) {
		s->not_before = now;
		wait_on_queue(c, s);
	}
}

static void hear(struct claim *c, struct source *s)
{
	const struct forge_answer *answer = forge_call_answer(s->call);

	if (!answer->is_done)
		return;
	if (answer->last_update[0])
		memcpy(s->last_update, answer->last_update, sizeof(s->last_update));
	if (answer->status == 201 || answer->status == 204 || answer->status == 409)
		s->failures = 0;
	if (answer->status == 201)
		hear_job(c, s, answer);
	else if (answer->status == 204)
		hear_nothing(c, s);
	else if (answer->status != 409)
		hear_refusal(c, s, answer);
	forge_call_close(s->call);
	s->call = NULL;
}

/* ------------------------------------------------------------------------- signals */

static void job_ended(struct claim *c, pid_t pid, int status)
{
	for (int64_t i = 0; i < c->config->concurrent; i++) {
		struct running_job *job = &c->jobs[i];

		if (job->pid != pid)
			continue;
		job->pid = 0;
		job->source->running--;
		c->running--;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			c->metrics.jobs_succeeded++;
		else
			c->metrics.jobs_failed++;
		if (!WIFEXITED(status))
			LOG(c->log, LOG_ERROR, "job process was killed",
			    F_INT("signal", WTERMSIG(status)));
		return;
	}
}

static void stop_jobs(struct claim *c)
{
	for (int64_t i = 0; i < c->config->concurrent; i++)
		if (c->jobs[i].pid > 0)
			kill(c->jobs[i].pid, SIGTERM);
}

static void read_signals(struct claim *c, int fd)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		c->stops++;
		LOG(c->log, LOG_INFO, c->stops == 1 ? "draining" : "stopping jobs",
		    F_INT("running", c->running));
		if (c->stops > 1)
			stop_jobs(c);
	}
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		job_ended(c, pid, status);
}

static int open_signals(struct err *e)
{
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGQUIT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(e, errno, "signalfd") : fd;
}

/* --------------------------------------------------------------------------- loop */

static int64_t next_due(const struct claim *c)
{
	int64_t now = clock_monotonic_ms();
	int64_t due = now + 5000;

	for (size_t i = 0; i < c->config->registration_count; i++) {
		const struct source *s = &c->sources[i];

		if (s->call == NULL && queue_fd(s->queue) < 0 && s->not_before < due)
			due = s->not_before;
		if (!s->queue && !s->verify && s->verify_at < due)
			due = s->verify_at;
	}
	return due > now ? due - now : c->running < c->config->concurrent ? 0 : 1000;
}

static void drop_questions(struct claim *c)
{
	for (size_t i = 0; i < c->config->registration_count; i++) {
		forge_call_close(c->sources[i].call);
		c->sources[i].call = NULL;
		forge_call_close(c->sources[i].verify);
		c->sources[i].verify = NULL;
		queue_close(c->sources[i].queue);
		c->sources[i].queue = NULL;
	}
}

/* Signals first, then metrics, then whoever waits on a queue. */
static size_t fill_polled(const struct claim *c, int signals, struct pollfd *fds)
{
	size_t count = 0;

	fds[count++] = (struct pollfd){ signals, POLLIN, 0 };
	if (c->metrics_fd >= 0)
		fds[count++] = (struct pollfd){ c->metrics_fd, POLLIN, 0 };
	for (size_t i = 0; i < c->config->registration_count; i++)
		if (queue_fd(c->sources[i].queue) >= 0)
			fds[count++] = (struct pollfd){ queue_fd(c->sources[i].queue), POLLIN, 0 };
	return count;
}

static void loop(struct claim *c, int signals)
{
	while (c->stops == 0 || c->running > 0) {
		struct pollfd fds[2 + REGISTRATIONS_MAX];
		size_t count;
		int64_t due;

		for (size_t i = 0; i < c->config->registration_count; i++) {
			attend_queue(c, &c->sources[i]);
			if (may_ask(c, &c->sources[i]))
				ask(c, &c->sources[i]);
		}
		due = c->stops ? 1000 : next_due(c);
		count = fill_polled(c, signals, fds);
		forge_client_turn(c->sources[0].client, fds, count, due < 10 ? 10 : (int)due);
		for (size_t i = 0; i < c->config->registration_count; i++)
			if (c->sources[i].call)
				hear(c, &c->sources[i]);
		read_signals(c, signals);
		if (c->stops)
			drop_questions(c);
		if (c->metrics_fd >= 0 && fds[1].revents)
			runner_metrics_answer(&c->metrics, c->running, c->metrics_fd);
	}
}

static int open_sources(struct claim *c, struct err *e)
{
	for (size_t i = 0; i < c->config->registration_count; i++) {
		const struct registration *r = &c->config->registrations[i];
		const struct executor *executor = executor_find(str_c(r->executor));
		struct source *s = &c->sources[i];
		int result;

		if (executor == NULL)
			return err_set(e, ERR_INVALID, "[runner %s] executor = %s: it is one of %s",
				       r->name, r->executor, executor_names());
		if (executor_check(executor, e) < 0)
			return err_add(e, "[runner %s]", r->name);
		s->registration = r;
		s->verify_pause = VERIFY_PAUSE_MS;
		result = i == 0 ? forge_client_open(r->url, &s->client, e)
				: forge_client_open_beside(c->sources[0].client, r->url, &s->client,
							   e);
		if (result < 0)
			return err_add(e, "[runner %s]", r->name);
	}
	return 0;
}

static void close_sources(struct claim *c)
{
	for (size_t i = c->config->registration_count; i > 0; i--)
		forge_client_close(c->sources[i - 1].client);
}

int claim_run(struct arena *a, const struct runner_config *config, const struct log *log,
	      struct err *e)
{
	struct claim c = { .arena = a, .config = config, .log = log, .metrics_fd = -1 };
	struct utsname host;
	int signals;

	if (config->registration_count == 0)
		return err_set(e, ERR_INVALID,
			       "%s has no registration; add one with "
			       "`hearth-runner register`",
			       config->path);
	uname(&host);
	snprintf(c.architecture, sizeof(c.architecture), "%s",
		 strcmp(host.machine, "x86_64") == 0 ? "amd64" : host.machine);
	c.sources = ARENA_ARRAY(a, struct source, config->registration_count);
	c.jobs = ARENA_ARRAY(a, struct running_job, size_from_i64(config->concurrent));
	if (cgroup_open_root(a, config->cgroup_root, &config->limits, &c.cgroup_root, e) < 0)
		return err_add(e, "%s", config->path);
	leftover_remove(config, c.cgroup_root, log);
	signals = open_signals(e);
	if (signals < 0)
		return -(int)e->code;
	if (open_sources(&c, e) < 0 ||
	    runner_metrics_listen(config->metrics_listen, &c.metrics_fd, e) < 0) {
		close_sources(&c);
		close(signals);
		return -(int)e->code;
	}
	LOG(log, LOG_INFO, "waiting for jobs",
	    F_INT("runners", (int64_t)config->registration_count),
	    F_INT("concurrent", config->concurrent),
	    F_C("control_groups", c.cgroup_root ? c.cgroup_root : "none"));
	loop(&c, signals);
	drop_questions(&c);
	close_sources(&c);
	fs_close(&c.metrics_fd);
	close(signals);
	LOG(log, LOG_INFO, "ended", F_INT("jobs", c.metrics.jobs_started));
	return 0;
}
