#include "ci/status.h"
#include "support/check.h"

#define JOBS_MAX 6

/* "success failed? manual?": one job a word; '?' allows failure. */
static size_t jobs_from(const char *text, struct ci_job_state *jobs)
{
	struct str rest = str_c(text);
	struct str word;
	size_t count = 0;

	while (rest.n > 0 && str_cut(&rest, ' ', &word)) {
		struct ci_job_state *job = &jobs[count++];

		*job = (struct ci_job_state){ .allow_failure = str_ends(word, STR("?")) };
		if (job->allow_failure)
			word.n--;
		check_true(ci_status_parse(word, &job->status));
	}
	return count;
}

static void jobs_make_the_state_of_their_pipeline(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "", "success" },
		{ "success success", "success" },
		{ "success skipped", "success" },
		{ "skipped skipped", "skipped" },
		{ "skipped manual?", "skipped" },
		{ "success manual?", "success" },
		{ "success manual", "manual" },
		{ "success failed?", "success" },
		{ "success failed", "failed" },
		{ "failed created", "running" },
		{ "created created", "created" },
		{ "created pending", "pending" },
		{ "success pending", "running" },
		{ "success running", "running" },
		{ "success created", "running" },
		{ "canceled success", "canceled" },
		{ "canceled failed", "failed" },
		{ "canceled? success", "success" },
		{ "manual created", "manual" },
		{ "success scheduled", "scheduled" },
		{ "success waiting_for_resource", "waiting_for_resource" },
		{ "failed canceling", "canceling" },
		{ "failed manual", "manual" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ci_job_state jobs[JOBS_MAX];
		size_t count = jobs_from(cases[i][0], jobs);
		const char *name = ci_status_name(ci_status_of_pipeline(jobs, count));

		if (strcmp(name, cases[i][1]) != 0)
			fail_msg("case %zu: %s gave %s, expected %s", i, cases[i][0], name,
				 cases[i][1]);
	}
}

static void stages_wait_for_the_stages_before(void **state UNUSED)
{
	struct ci_job_state jobs[] = {
		{ .status = CI_STATUS_SUCCESS, .stage = 0 },
		{ .status = CI_STATUS_RUNNING, .stage = 0 },
		{ .status = CI_STATUS_CREATED, .stage = 1 },
		{ .status = CI_STATUS_CREATED, .stage = 2, .when = CI_ALWAYS },
	};
	enum ci_step steps[4];

	check_false(ci_status_advance(jobs, 4, steps));
	jobs[1].status = CI_STATUS_SUCCESS;
	check_true(ci_status_advance(jobs, 4, steps));
	check_int(steps[2], CI_STEP_ENQUEUE);
	check_int(steps[3], CI_STEP_NONE);
}

static void a_failure_skips_what_follows_but_runs_what_waits_for_it(void **state UNUSED)
{
	struct ci_job_state jobs[] = {
		{ .status = CI_STATUS_FAILED, .stage = 0 },
		{ .status = CI_STATUS_CREATED, .stage = 1 },
		{ .status = CI_STATUS_CREATED, .stage = 1, .when = CI_ON_FAILURE },
		{ .status = CI_STATUS_CREATED, .stage = 1, .when = CI_MANUAL },
		{ .status = CI_STATUS_CREATED, .stage = 1, .when = CI_ALWAYS },
		{ .status = CI_STATUS_CREATED, .stage = 2 },
	};
	enum ci_step steps[6];

	check_true(ci_status_advance(jobs, 6, steps));
	check_int(steps[1], CI_STEP_SKIP);
	check_int(steps[2], CI_STEP_ENQUEUE);
	check_int(steps[3], CI_STEP_SKIP);
	check_int(steps[4], CI_STEP_ENQUEUE);
	check_int(steps[5], CI_STEP_NONE);
	jobs[2].status = jobs[4].status = CI_STATUS_SUCCESS;
	check_true(ci_status_advance(jobs, 6, steps));
	check_int(steps[5], CI_STEP_SKIP);
	check_int(ci_status_of_pipeline(jobs, 6), CI_STATUS_FAILED);
}

static void an_allowed_failure_holds_nothing_up(void **state UNUSED)
{
	struct ci_job_state jobs[] = {
		{ .status = CI_STATUS_FAILED, .stage = 0, .allow_failure = true },
		{ .status = CI_STATUS_MANUAL, .stage = 0, .allow_failure = true },
		{ .status = CI_STATUS_CREATED, .stage = 1 },
		{ .status = CI_STATUS_CREATED, .stage = 1, .when = CI_ON_FAILURE },
		{ .status = CI_STATUS_CREATED, .stage = 1, .when = CI_DELAYED },
	};
	enum ci_step steps[5];

	check_true(ci_status_advance(jobs, 5, steps));
	check_int(steps[2], CI_STEP_ENQUEUE);
	check_int(steps[3], CI_STEP_SKIP);
	check_int(steps[4], CI_STEP_SCHEDULE);
}

static void needs_go_past_stages_and_skip_with_what_was_skipped(void **state UNUSED)
{
	static const size_t on_first[] = { 0 };
	static const size_t on_skipped[] = { 1 };
	struct ci_job_state jobs[] = {
		{ .status = CI_STATUS_SUCCESS, .stage = 0 },
		{ .status = CI_STATUS_SKIPPED, .stage = 0 },
		{ .status = CI_STATUS_RUNNING, .stage = 1 },
		{ .status = CI_STATUS_CREATED,
		  .stage = 2,
		  .has_needs = true,
		  .needs = on_first,
		  .needs_count = 1 },
		{ .status = CI_STATUS_CREATED,
		  .stage = 2,
		  .has_needs = true,
		  .needs = on_skipped,
		  .needs_count = 1 },
		{ .status = CI_STATUS_CREATED, .stage = 2, .has_needs = true },
	};
	enum ci_step steps[6];

	check_true(ci_status_advance(jobs, 6, steps));
	check_int(steps[3], CI_STEP_ENQUEUE);
	check_int(steps[4], CI_STEP_SKIP);
	check_int(steps[5], CI_STEP_ENQUEUE);
}

static void a_blocking_manual_job_holds_the_next_stage(void **state UNUSED)
{
	struct ci_job_state jobs[] = {
		{ .status = CI_STATUS_CREATED, .stage = 0, .when = CI_MANUAL },
		{ .status = CI_STATUS_CREATED, .stage = 1 },
	};
	enum ci_step steps[2];

	check_true(ci_status_advance(jobs, 2, steps));
	check_int(steps[0], CI_STEP_MANUAL);
	check_int(steps[1], CI_STEP_NONE);
	check_int(ci_status_of_pipeline(jobs, 2), CI_STATUS_MANUAL);
}

/* Whatever the states are, advancing ends and leaves nothing that could still step. */
static void advancing_twice_is_advancing_once(void **state UNUSED)
{
	for (unsigned seed = 0; seed < 20000; seed++) {
		struct ci_job_state jobs[4];
		enum ci_step steps[4];
		unsigned bits = seed * 2654435761u;

		for (size_t i = 0; i < 4; i++, bits = bits >> 7 | bits << 25)
			jobs[i] = (struct ci_job_state){
				.status = (bits & 1) ? CI_STATUS_CREATED
						     : (enum ci_status)((bits >> 1) % 12),
				.stage = i / 2,
				.when = (enum ci_when)((bits >> 5) % 5),
			};
		(void)ci_status_advance(jobs, 4, steps);
		check_false(ci_status_advance(jobs, 4, steps));
	}
}

RUN_TESTS(TEST(jobs_make_the_state_of_their_pipeline), TEST(stages_wait_for_the_stages_before),
	  TEST(a_failure_skips_what_follows_but_runs_what_waits_for_it),
	  TEST(an_allowed_failure_holds_nothing_up),
	  TEST(needs_go_past_stages_and_skip_with_what_was_skipped),
	  TEST(a_blocking_manual_job_holds_the_next_stage), TEST(advancing_twice_is_advancing_once))
