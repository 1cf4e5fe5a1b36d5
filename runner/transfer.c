/* Artifacts between jobs. Packing and unpacking run as the slot's user (artifact.h). */
#include "runner/execution_private.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/url.h"

#include <errno.h>
#include <fcntl.h>

#define ARTIFACT_SECONDS 600

/* A file that no job can reach: unlinked from its birth. */
static int scratch_file(struct execution *x, struct err *e)
{
	int fd = open(x->options->config->builds_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		err_errno(e, errno, "scratch file in %s", x->options->config->builds_dir);
	return fd;
}

/* Runs `hearth-runner artifact ...` as the slot's user. */
static int run_artifact(struct execution *x, char **words, int in, int out, struct err *e)
{
	struct spawn spawn = { .argv = (const char *const *)words,
			       .in = in,
			       .out = out,
			       .err = -1,
			       .changes_user = x->slot.has_user,
			       .uid = x->slot.uid,
			       .gid = x->slot.gid,
			       .folder = "/" };
	struct process p;

	if (process_start(x, &spawn, ARTIFACT_SECONDS, &p, e) < 0)
		return -(int)e->code;
	process_attend(x, &p);
	if (process_exit_status(&p) != 0)
		return err_set(e, ERR_UNPROCESSABLE, "artifacts could not be handled");
	return 0;
}

/* The forge, or what stands before it, may answer the same question better in a moment. */
static bool may_pass(const struct forge_answer *answer)
{
	return (answer->status == 0 && !answer->is_own_fault) || answer->status == 429 ||
	       answer->status >= 500;
}

/* One try, with the file `fd` from its beginning; *again: another may do better. */
static int try_call(struct execution *x, const struct forge_request *request, int fd, long wanted,
		    bool *again, struct err *e)
{
	const struct forge_answer *answer;
	struct forge_call *call;
	int result = 0;

	*again = false;
	if (lseek(fd, 0, SEEK_SET) < 0 || (request->download >= 0 && ftruncate(fd, 0) < 0))
		return err_errno(e, errno, "rewind artifacts");
	if (forge_call_start(x->client, request, &call, e) < 0)
		return -(int)e->code;
	answer = forge_call_answer(call);
	while (!answer->is_done && !execution_is_aborted(x))
		report_turn(&x->report, NULL, 0, 1000);
	*again = may_pass(answer) && !execution_is_aborted(x);
	if (answer->status != wanted)
		result =
			err_set(e, ERR_UNPROCESSABLE, "%s", forge_answer_message(x->arena, answer));
	forge_call_close(call);
	return result;
}

/* A forge that restarts, or whose disk is full for a moment, costs no job its result. */
static int call_patiently(struct execution *x, const struct forge_request *request, int fd,
			  long wanted, struct err *e)
{
	for (int tries = 1;; tries++) {
		bool again;
		int result = try_call(x, request, fd, wanted, &again, e);

		if (result == 0 || !again || tries == EXECUTION_TRIES_MAX)
			return result;
		execution_pause(x, err_sentence(e), tries);
	}
}

static int download(struct execution *x, const struct job_dependency *dependency, int fd,
		    struct err *e)
{
	struct forge_request request = FORGE_REQUEST_INIT;

	request.method = "GET";
	request.path = arena_strf(x->arena, "/jobs/%lld/artifacts", (long long)dependency->id);
	request.token_header = "JOB-TOKEN";
	request.token = dependency->token;
	request.download = fd;
	request.timeout = ARTIFACT_SECONDS;
	if (call_patiently(x, &request, fd, 200, e) < 0)
		return err_add(e, "artifacts of %.*s", STR_FMT(dependency->name));
	return 0;
}

static int get_artifacts_of(struct execution *x, const struct job_dependency *dependency,
			    struct err *e)
{
	char *words[] = { arena_strdup(x->arena, SELF), arena_strdup(x->arena, "artifact"),
			  arena_strdup(x->arena, "unpack"),
			  arena_strdup(x->arena, x->workspace.place.project), NULL };
	AUTO_FD fd = scratch_file(x, e);

	if (fd < 0)
		return -(int)e->code;
	execution_say(x, "Downloading artifacts for %.*s (%lld)...", STR_FMT(dependency->name),
		      (long long)dependency->id);
	if (download(x, dependency, fd, e) < 0)
		return -(int)e->code;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(e, errno, "rewind artifacts");
	return run_artifact(x, words, fd, -1, e);
}

void transfer_get_artifacts(struct execution *x)
{
	struct err e = { 0 };
	bool any = false;

	for (size_t i = 0; i < x->job->dependency_count && !x->failure_reason; i++) {
		if (str_is_empty(x->job->dependencies[i].filename))
			continue;
		if (!any)
			trace_section_start(&x->trace, "download_artifacts",
					    "Downloading artifacts");
		any = true;
		if (get_artifacts_of(x, &x->job->dependencies[i], &e) < 0) {
			execution_say(x, "\033[31;1mERROR: %s\033[0;m", execution_sentence(&e));
			execution_fail(x, execution_reason_system, 0);
		}
	}
	if (any)
		trace_section_end(&x->trace, "download_artifacts");
}

static char **pack_words(struct execution *x, const struct job_artifact *artifact)
{
	size_t most = 5 + 2 * (artifact->paths.count + artifact->exclude.count);
	char **words = ARENA_ARRAY(x->arena, char *, most);
	const struct script_place *place = &x->workspace.place;
	size_t n = 0;

	words[n++] = arena_strdup(x->arena, SELF);
	words[n++] = arena_strdup(x->arena, "artifact");
	words[n++] = arena_strdup(x->arena, "pack");
	words[n++] = arena_strdup(x->arena, place->project);
	for (size_t i = 0; i < artifact->paths.count; i++) {
		words[n++] = arena_strdup(x->arena, "--path");
		words[n++] = arena_cstr(
			x->arena, script_expand(x->arena, x->job, place, artifact->paths.items[i]));
	}
	for (size_t i = 0; i < artifact->exclude.count; i++) {
		words[n++] = arena_strdup(x->arena, "--exclude");
		words[n++] = arena_cstr(x->arena, script_expand(x->arena, x->job, place,
								artifact->exclude.items[i]));
	}
	return words;
}

static void add_query(struct buf *path, const char *key, struct str value)
{
	if (str_is_empty(value))
		return;
	buf_addf(path, "%c%s=", str_has(buf_str(path), '?') ? '&' : '?', key);
	url_encode(path, value);
}

static int upload(struct execution *x, const struct job_artifact *artifact, int fd, struct err *e)
{
	struct forge_request request = FORGE_REQUEST_INIT;
	struct buf path;
	int result;

	buf_init(&path, 4096);
	buf_addf(&path, "/jobs/%lld/artifacts", (long long)x->job->id);
	add_query(&path, "artifact_format", artifact->format);
	add_query(&path, "artifact_type", artifact->type);
	add_query(&path, "expire_in", artifact->expire_in);
	request.method = "POST";
	request.path = path.p;
	request.token_header = "JOB-TOKEN";
	request.token = x->job->token;
	request.upload = fd;
	request.upload_name =
		arena_strf(x->arena, "%.*s.zip",
			   STR_FMT(script_expand(x->arena, x->job, &x->workspace.place,
						 str_is_empty(artifact->name) ? STR("artifacts")
									      : artifact->name)));
	request.timeout = ARTIFACT_SECONDS;
	result = call_patiently(x, &request, fd, 201, e);
	buf_fini(&path);
	return result < 0 ? err_add(e, "uploading artifacts") : 0;
}

static int put_artifact(struct execution *x, const struct job_artifact *artifact, struct err *e)
{
	AUTO_FD fd = scratch_file(x, e);
	off_t size;

	if (fd < 0)
		return -(int)e->code;
	if (run_artifact(x, pack_words(x, artifact), -1, fd, e) < 0)
		return -(int)e->code;
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0)
		return 0;
	execution_say(x, "Uploading artifacts (%lld bytes)...", (long long)size);
	return x->client ? upload(x, artifact, fd, e) : 0;
}

void transfer_put_artifacts(struct execution *x,
			    bool (*runs_now)(const struct execution *x, enum job_when when))
{
	bool any = false;

	x->deadline = clock_monotonic_ms() + ARTIFACT_SECONDS * 1000;
	for (size_t i = 0; i < x->job->artifact_count && !execution_is_aborted(x); i++) {
		struct err e = { 0 };

		if (!runs_now(x, x->job->artifacts[i].when))
			continue;
		if (!any)
			trace_section_start(&x->trace, "upload_artifacts", "Uploading artifacts");
		any = true;
		if (put_artifact(x, &x->job->artifacts[i], &e) < 0) {
			execution_say(x, "\033[31;1mERROR: %s\033[0;m", execution_sentence(&e));
			execution_fail(x, execution_reason_system, 0);
		}
	}
	if (any)
		trace_section_end(&x->trace, "upload_artifacts");
}
