/* Traces: appended at exactly their length, masked, held back, checked, sent again, swept. */
#include "support/check.h"
#include "support/domain.h"

#include "archive/crc32.h"
#include "base/buf.h"
#include "base/fs.h"
#include "ci/plan.h"
#include "domain/job.h"
#include "domain/trace.h"

#include "q/trace.h"

#include <fcntl.h>

struct world {
	struct domain *w;
	struct db *db;
	struct arena *a;
	struct job_claimed job;
	struct trace_answer answer; /* of the last append */
};

static int no_paths(void *closure UNUSED, struct arena *a UNUSED, struct ci_paths *paths,
		    struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_changes(void *closure UNUSED, struct arena *a UNUSED, struct str to UNUSED,
		      struct ci_paths *paths, struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_file(void *closure UNUSED, struct arena *a UNUSED, struct str path UNUSED,
		   size_t limit UNUSED, struct str *bytes UNUSED, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "none");
}

/* A project with one job, which runs. */
static struct world *running_job(void)
{
	static const struct ci_source nowhere = { NULL, no_file, no_paths, no_changes };
	struct ci_context context = { .repository = &nowhere, .ref_name = STR("main") };
	struct world *x = test_malloc(sizeof(*x));
	struct runner_new in = { .run_untagged = true };
	struct actor system = actor_system();
	struct pipeline_made made;
	struct runner runner;
	struct runner_id id;
	struct err e = { 0 };
	struct str token;
	struct ci_plan plan;
	struct actor ann;
	bool found;

	*x = (struct world){ .w = domain_open() };
	x->db = x->w->db;
	x->a = x->w->a;
	ann = domain_user(x->w, "ann");
	check_ok(ci_plan(x->a, STR("f"), STR("a: { script: [a] }"), &context, &plan, &e), &e);
	check_ok(pipeline_create(x->db,
				 &(struct pipeline_new){
					 .project = domain_project(x->w, "ann/site", &ann,
								   VISIBILITY_PRIVATE),
					 .ref = STR("refs/heads/main"),
					 .ref_name = STR("main"),
					 .sha = STR("0123456789012345678901234567890123456789") },
				 &plan, x->a, &made, &e),
		 &e);
	check_ok(runner_create(x->db, &system, &in, x->a, &id, &token, &e), &e);
	check_ok(runner_find(x->db, token, x->a, &runner, &found, &e), &e);
	check_ok(job_claim(x->db, &runner, 0, x->a, &x->job, &found, &e), &e);
	check_true(found);
	return x;
}

static void done(struct world *x)
{
	domain_close(x->w);
	test_free(x);
}

static enum trace_outcome append_masked(struct world *x, int64_t start, const char *text,
					const char *secret)
{
	struct str secrets[] = { str_c(secret) };
	struct trace_append in = { .job = x->job.id,
				   .token = x->job.token,
				   .start = start,
				   .bytes = str_c(text),
				   .secrets = { secrets, *secret ? 1 : 0 } };
	struct err e;

	check_ok(trace_append(x->db, x->w->folder, &in, x->a, &x->answer, &e), &e);
	return x->answer.outcome;
}

static enum trace_outcome append(struct world *x, int64_t start, const char *text)
{
	return append_masked(x, start, text, "");
}

static void finish(struct world *x)
{
	struct job_report report = { .is_success = true };
	struct job_held held;
	struct err e;
	size_t pending;

	check_ok(job_finish(x->db, x->job.id, x->job.token, &report, x->a, &held, &pending, &e),
		 &e);
}

static struct str seen(struct world *x)
{
	struct trace_view view;
	struct str bytes;
	struct err e;

	check_ok(trace_view(x->db, x->job.id, x->a, &view, &e), &e);
	check_ok(trace_read(x->w->folder, x->job.id, &view, 0, 1 << 20, x->a, &bytes, &e), &e);
	return bytes;
}

static bool fits(struct world *x, const char *text)
{
	struct trace_sum sum = { .is_given = true,
				 .length = (int64_t)strlen(text),
				 .crc = crc32_add(0, str_c(text)) };
	struct err e;
	bool answer;

	check_ok(trace_check(x->db, x->job.id, x->job.token, &sum, x->a, &answer, &e), &e);
	return answer;
}

static void a_trace_grows_only_at_its_end(void **state UNUSED)
{
	struct world *x = running_job();

	check_int(append(x, 0, "one "), TRACE_TAKEN);
	check_int(append(x, 4, "two"), TRACE_TAKEN);
	check_int(x->answer.length, 7);
	check_int(append(x, 4, "two"), TRACE_ELSEWHERE);
	check_int(x->answer.length, 7);
	check_int(append(x, 0, "one "), TRACE_ELSEWHERE);
	check_int(append(x, 99, "later"), TRACE_ELSEWHERE);
	finish(x);
	check_str(seen(x), "one two");
	done(x);
}

static void bytes_that_the_row_does_not_count_do_not_exist(void **state UNUSED)
{
	struct world *x = running_job();
	AUTO_FD fd = -1;
	struct err e;

	check_int(append(x, 0, "one "), TRACE_TAKEN);
	/* A process died between the file and the commit. */
	fd = open(arena_strf(x->a, "%s/traces/%02x/%lld", x->w->folder,
			     (unsigned)(x->job.id.v % 256), (long long)x->job.id.v),
		  O_WRONLY | O_APPEND);
	check_ok(fs_write_all(fd, STR("garbage that nobody acknowledged"), &e), &e);
	check_int(append(x, 4, "two"), TRACE_TAKEN);
	finish(x);
	check_str(seen(x), "one two");
	done(x);
}

static void a_secret_is_hidden_although_it_came_in_pieces(void **state UNUSED)
{
	static const char whole[] = "key=hunter2hunter2!\n";
	struct world *x = running_job();
	char piece[2] = { 0 };

	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		piece[0] = whole[i];
		check_int(append_masked(x, (int64_t)i, piece, "hunter2hunter2"), TRACE_TAKEN);
		check_int(str_find_str(seen(x), STR("h")), seen(x).n);
	}
	/* What the runner sent is what it is compared with. */
	check_true(fits(x, whole));
	finish(x);
	check_str(seen(x), "key=[MASKED]******!\n");
	done(x);
}

static void the_token_of_the_job_is_hidden_and_short_secrets_are_left(void **state UNUSED)
{
	struct world *x = running_job();
	const char *text = arena_strf(x->a, "a-%.*s-abc", STR_FMT(x->job.token));

	check_int(append_masked(x, 0, text, "abc"), TRACE_TAKEN);
	finish(x);
	check_true(str_starts(seen(x), STR("a-[MASKED]***")));
	check_true(str_ends(seen(x), STR("*-abc")));
	check_int(seen(x).n, strlen(text));
	done(x);
}

static void nobody_sees_what_may_be_the_start_of_a_secret(void **state UNUSED)
{
	struct world *x = running_job();
	size_t hold = x->job.token.n - 1;
	const char *text = arena_strf(x->a, "%060d", 0);

	check_int(append(x, 0, text), TRACE_TAKEN);
	check_int(seen(x).n, 60 - hold);
	finish(x);
	check_int(seen(x).n, 60);
	done(x);
}

static void a_trace_that_differs_may_be_sent_again_from_the_start(void **state UNUSED)
{
	struct world *x = running_job();

	check_int(append(x, 0, "wrong and long"), TRACE_TAKEN);
	check_int(append(x, 0, "right"), TRACE_ELSEWHERE);
	check_false(fits(x, "right"));
	check_int(append(x, 0, "ri"), TRACE_TAKEN);
	check_int(x->answer.length, 2);
	check_int(append(x, 0, "ri"), TRACE_ELSEWHERE);
	check_int(append(x, 2, "ght"), TRACE_TAKEN);
	check_true(fits(x, "right"));
	finish(x);
	check_str(seen(x), "right");
	done(x);
}

static void a_job_that_is_over_and_a_stranger_add_nothing(void **state UNUSED)
{
	struct world *x = running_job();
	struct trace_append in = { .job = x->job.id,
				   .token = STR("glcbt-other"),
				   .bytes = STR("x") };
	struct err e;

	check_ok(trace_append(x->db, x->w->folder, &in, x->a, &x->answer, &e), &e);
	check_int(x->answer.outcome, TRACE_UNKNOWN);
	check_int(append(x, 0, "one"), TRACE_TAKEN);
	finish(x);
	check_int(append(x, 3, "two"), TRACE_OVER);
	check_int(x->answer.status, CI_STATUS_SUCCESS);
	check_str(seen(x), "one");
	done(x);
}

static void a_trace_has_a_limit(void **state UNUSED)
{
	struct world *x = running_job();
	struct err e = { 0 };

	check_int(append(x, 0, "one"), TRACE_TAKEN);
	check_ok(q_trace_set(x->db,
			     &(struct q_trace_set_in){ .id = x->job.id.v,
						       .trace_length = TRACE_BYTES_MAX - 2,
						       .lease_seconds = 60 },
			     NULL, &e),
		 &e);
	check_int(append(x, TRACE_BYTES_MAX - 2, "two"), TRACE_TOO_LARGE);
	/* The file does not have what the row says: that is no silent success. */
	check_err(trace_append(x->db, x->w->folder,
			       &(struct trace_append){ .job = x->job.id,
						       .token = x->job.token,
						       .start = TRACE_BYTES_MAX - 2,
						       .bytes = STR("2") },
			       x->a, &x->answer, &e),
		  &e, ERR_INTERNAL, "shorter than its row");
	done(x);
}

static void files_without_a_job_are_swept_away(void **state UNUSED)
{
	struct world *x = running_job();
	unsigned shard = (unsigned)(x->job.id.v % 256);
	struct job_id stray = { x->job.id.v + 256 };
	size_t removed;
	struct err e;
	int fd;

	check_int(append(x, 0, "kept"), TRACE_TAKEN);
	check_ok(fs_write_atomic(arena_strf(x->a, "%s/traces/%02x/%lld", x->w->folder, shard,
					    (long long)stray.v),
				 STR("stray"), 0600, &e),
		 &e);
	check_ok(trace_sweep(x->db, x->w->folder, &shard, x->a, &removed, &e), &e);
	check_int(removed, 1);
	check_ok(trace_open(x->w->folder, stray, &fd, &e), &e);
	check_int(fd, -1);
	finish(x);
	check_str(seen(x), "kept");
	done(x);
}

RUN_TESTS(TEST(a_trace_grows_only_at_its_end), TEST(bytes_that_the_row_does_not_count_do_not_exist),
	  TEST(a_secret_is_hidden_although_it_came_in_pieces),
	  TEST(the_token_of_the_job_is_hidden_and_short_secrets_are_left),
	  TEST(nobody_sees_what_may_be_the_start_of_a_secret),
	  TEST(a_trace_that_differs_may_be_sent_again_from_the_start),
	  TEST(a_job_that_is_over_and_a_stranger_add_nothing), TEST(a_trace_has_a_limit),
	  TEST(files_without_a_job_are_swept_away))
