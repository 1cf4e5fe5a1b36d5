#include "runner/report.h"

#include "base/clock.h"
#include "base/jsonw.h"
#include "runner/version.h"

#define FINISH_MS (15 * 60 * 1000)
/* A forge that comes back must hear of us before the lease is over. */
#define BACK_OFF_MAX_MS 10000

void report_init(struct report *r, struct forge_client *client, struct arena *a,
		 const struct job *job, struct trace *trace)
{
	*r = (struct report){ .client = client,
			      .job = job,
			      .trace = trace,
			      .arena = a,
			      .last_patch = clock_monotonic_ms() - REPORT_SILENCE_MS,
			      .last_taken = clock_monotonic_ms(),
			      .heartbeat_ms = REPORT_HEARTBEAT_MS };
}

void report_fini(struct report *r)
{
	forge_call_close(r->patch);
	forge_call_close(r->update);
	r->patch = r->update = NULL;
}

/* ----------------------------------------------------------------------- sending */

int64_t report_next_pause(int64_t pause_ms, int64_t silent_ms)
{
	if (silent_ms >= REPORT_SILENCE_MS)
		return REPORT_TRACE_PAUSE_LEAST_MS;
	return pause_ms * 2 < REPORT_TRACE_PAUSE_MS ? pause_ms * 2 : REPORT_TRACE_PAUSE_MS;
}

static void start_patch(struct report *r)
{
	struct forge_request request = FORGE_REQUEST_INIT;
	struct str bytes = trace_pending(r->trace);
	struct err e = { 0 };

	request.method = "PATCH";
	request.path = arena_strf(r->arena, "/jobs/%lld/trace", (long long)r->job->id);
	request.body = bytes;
	request.content_type = "text/plain";
	request.token_header = "JOB-TOKEN";
	request.token = r->job->token;
	request.content_range =
		arena_strf(r->arena, "%zu-%zu", r->trace->sent, r->trace->sent + bytes.n - 1);
	request.timeout = REPORT_ANSWER_SECONDS;
	r->patch_bytes = bytes.n;
	r->patch_sent = clock_monotonic_ms();
	r->patch_pause = report_next_pause(r->patch_pause, r->patch_sent - r->last_patch);
	if (forge_call_start(r->client, &request, &r->patch, &e) < 0)
		r->patch = NULL;
}

static void update_body(struct report *r, const char *state, const char *failure_reason,
			int exit_code, struct buf *body)
{
	struct jsonw w = jsonw_to(body);

	jsonw_object(&w);
	jsonw_field_str(&w, "token", r->job->token);
	jsonw_field_str(&w, "state", str_c(state));
	if (failure_reason)
		jsonw_field_str(&w, "failure_reason", str_c(failure_reason));
	if (exit_code != 0)
		jsonw_field_int(&w, "exit_code", exit_code);
	if (strcmp(state, "running") != 0) {
		jsonw_field_object(&w, "output");
		jsonw_field_str(&w, "checksum",
				arena_fmt(r->arena, "crc32:%08x", trace_crc(r->trace)));
		jsonw_field_int(&w, "bytesize", i64_from_size(r->trace->bytes.n));
		jsonw_end(&w);
	}
	jsonw_field_object(&w, "info");
	jsonw_field_str(&w, "name", STR(RUNNER_NAME));
	jsonw_field_str(&w, "version", STR(RUNNER_VERSION));
	jsonw_end(&w);
	jsonw_end(&w);
}

static void start_update(struct report *r, const char *state, const char *failure_reason,
			 int exit_code)
{
	struct forge_request request = FORGE_REQUEST_INIT;
	struct err e = { 0 };
	struct buf body;

	buf_init(&body, 65536);
	update_body(r, state, failure_reason, exit_code, &body);
	request.method = "PUT";
	request.path = arena_strf(r->arena, "/jobs/%lld", (long long)r->job->id);
	request.body = buf_str(&body);
	request.token_header = "JOB-TOKEN";
	request.token = r->job->token;
	request.timeout = REPORT_ANSWER_SECONDS;
	r->update_sent = clock_monotonic_ms();
	if (forge_call_start(r->client, &request, &r->update, &e) < 0)
		r->update = NULL;
	buf_fini(&body);
}

/* ----------------------------------------------------------------------- answers */

static void hear_order(struct report *r, const struct forge_answer *answer)
{
	struct str status = str_c(answer->job_status);

	if (answer->status == 403 || str_eq(status, STR("canceled")) ||
	    str_eq(status, STR("failed")))
		r->order = REPORT_ABORT;
	else if (str_eq(status, STR("canceling")) && !r->is_cancel_done)
		r->order = REPORT_CANCEL;
}

static void back_off(struct report *r, const struct forge_answer *answer)
{
	int64_t wait = 200LL << (r->failures < 8 ? r->failures : 8);

	if (wait > BACK_OFF_MAX_MS)
		wait = BACK_OFF_MAX_MS;
	if (answer->retry_after > 0 && answer->retry_after < 600)
		wait = answer->retry_after * 1000;
	r->failures++;
	r->not_before = clock_monotonic_ms() + wait;
}

/* A cancel is heard with an answer: a forge that wants words often is heard soon. */
static void hear_interval(struct report *r, const struct forge_answer *answer)
{
	int64_t seconds = answer->trace_interval;

	if (seconds <= 0)
		return;
	r->heartbeat_ms =
		seconds > REPORT_HEARTBEAT_MS / 1000 ? REPORT_HEARTBEAT_MS : seconds * 1000;
	if (r->heartbeat_ms < REPORT_HEARTBEAT_LEAST_MS)
		r->heartbeat_ms = REPORT_HEARTBEAT_LEAST_MS;
}

static bool is_taken(const struct forge_answer *answer)
{
	return answer->status == 200 || answer->status == 202;
}

/* Only a word that was taken renews a lease, here and there. */
static void hear_lease(struct report *r, const struct forge_answer *answer, int64_t sent)
{
	if (!is_taken(answer))
		return;
	r->last_taken = clock_monotonic_ms();
	r->lease_until = sent + r->job->lease_seconds * 1000;
}

int64_t report_lease_left(const struct report *r)
{
	if (r->client == NULL || r->job->lease_seconds == 0)
		return INT64_MAX;
	return r->lease_until - clock_monotonic_ms();
}

static bool is_answered(struct report *r, const struct forge_answer *answer, int64_t sent)
{
	if (answer->status == 0 || answer->status >= 500 || answer->status == 429) {
		back_off(r, answer);
		return false;
	}
	r->failures = 0;
	hear_order(r, answer);
	hear_interval(r, answer);
	hear_lease(r, answer, sent);
	return true;
}

/* "0-123": the forge has 123 bytes. */
static bool stored_size(const struct forge_answer *answer, size_t *size)
{
	struct str range = str_c(answer->range);
	int64_t n;

	if (!str_to_i64(str_from(range, str_find(range, '-') + 1), &n) || n < 0)
		return false;
	*size = size_from_i64(n);
	return true;
}

static void hear_patch(struct report *r)
{
	const struct forge_answer *answer = forge_call_answer(r->patch);
	size_t size;

	if (!answer->is_done)
		return;
	r->last_patch = clock_monotonic_ms();
	if (is_answered(r, answer, r->patch_sent)) {
		if (answer->status == 202)
			r->trace->sent += r->patch_bytes;
		else if (answer->status == 416 && stored_size(answer, &size) &&
			 size <= r->trace->bytes.n)
			r->trace->sent = size;
		else if (r->order == REPORT_GO_ON)
			back_off(r, answer);
	}
	forge_call_close(r->patch);
	r->patch = NULL;
}

static void hear_heartbeat(struct report *r)
{
	const struct forge_answer *answer = forge_call_answer(r->update);

	if (!answer->is_done)
		return;
	if (is_answered(r, answer, r->update_sent) && !is_taken(answer) && r->order != REPORT_ABORT)
		back_off(r, answer);
	forge_call_close(r->update);
	r->update = NULL;
}

static void hear(struct report *r)
{
	if (r->patch)
		hear_patch(r);
	if (r->update)
		hear_heartbeat(r);
}

/* --------------------------------------------------------------------- the turn */

/* Starts what is due; gives the milliseconds until something will be. */
static int64_t start_due(struct report *r)
{
	int64_t now = clock_monotonic_ms();
	int64_t trace_due = r->last_patch + r->patch_pause;
	int64_t heartbeat_due = r->last_taken + r->heartbeat_ms;

	if (r->order == REPORT_ABORT)
		return 1000;
	if (now < r->not_before)
		return r->not_before - now;
	/* A log that is refused (a full disk) must not cost the lease. */
	if (r->failures > 0 && r->patch == NULL && r->update == NULL && now >= heartbeat_due) {
		start_update(r, "running", NULL, 0);
		return 1000;
	}
	if (r->patch == NULL && trace_pending(r->trace).n > 0) {
		if (now >= trace_due)
			start_patch(r);
		else
			return trace_due - now;
	}
	if (r->patch == NULL && r->update == NULL) {
		if (now < heartbeat_due)
			return heartbeat_due - now;
		start_update(r, "running", NULL, 0);
	}
	return 1000;
}

void report_turn(struct report *r, struct pollfd *fds, size_t count, int timeout_ms)
{
	struct arena_mark mark = arena_mark(r->arena);
	int64_t due;

	if (r->client == NULL) {
		(void)poll(fds, count, timeout_ms);
		return;
	}
	due = start_due(r);
	forge_client_turn(r->client, fds, count, due < timeout_ms ? (int)due : timeout_ms);
	hear(r);
	arena_reset(r->arena, mark);
}

/* --------------------------------------------------------------------- the end */

static void send_rest(struct report *r, int64_t until)
{
	while (r->order != REPORT_ABORT && clock_monotonic_ms() < until &&
	       (r->patch || r->update || trace_pending(r->trace).n > 0)) {
		r->last_patch -= REPORT_TRACE_PAUSE_MS;
		report_turn(r, NULL, 0, 100);
	}
}

enum final_try { FINAL_TAKEN, FINAL_REFUSED, FINAL_NOT_HEARD };

static enum final_try try_final(struct report *r, const char *failure_reason, int exit_code)
{
	enum report_order order = r->order;
	const struct forge_answer *answer;
	bool is_heard;
	long status;

	start_update(r, failure_reason ? "failed" : "success", failure_reason, exit_code);
	if (r->update == NULL)
		return FINAL_REFUSED;
	answer = forge_call_answer(r->update);
	while (!answer->is_done)
		forge_client_turn(r->client, NULL, 0, 1000);
	status = answer->status;
	is_heard = is_answered(r, answer, r->update_sent);
	if (is_heard && status == 412)
		r->trace->sent = 0;
	/* What the forge then says of the job is what it has just been told. */
	if (status == 200)
		r->order = order;
	forge_call_close(r->update);
	r->update = NULL;
	return status == 200 ? FINAL_TAKEN : is_heard ? FINAL_REFUSED : FINAL_NOT_HEARD;
}

/* Only answers count as tries: a forge that is away or busy is waited for. */
int report_finish(struct report *r, const char *failure_reason, int exit_code, struct err *e)
{
	int64_t until = clock_monotonic_ms() + FINISH_MS;
	int refusals = 0;

	if (r->client == NULL)
		return 0;
	while (refusals < REPORT_TRIES_MAX && clock_monotonic_ms() < until) {
		enum final_try outcome;

		send_rest(r, until);
		if (r->order == REPORT_ABORT)
			return 0;
		while (clock_monotonic_ms() < r->not_before)
			forge_client_turn(r->client, NULL, 0,
					  (int)(r->not_before - clock_monotonic_ms()));
		outcome = try_final(r, failure_reason, exit_code);
		if (outcome == FINAL_TAKEN || r->order == REPORT_ABORT)
			return 0;
		refusals += outcome == FINAL_REFUSED;
	}
	return err_set(e, ERR_UNPROCESSABLE,
		       "the forge could not be told how job %lld ended; it will find out when "
		       "its lease lapses",
		       (long long)r->job->id);
}
