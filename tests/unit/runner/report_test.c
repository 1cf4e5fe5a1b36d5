/* How often a job's log is sent. */
#include "runner/report.h"

#include "support/check.h"

/* Traces sent, one after the other without a silence, in the first so many milliseconds. */
static int sent_within(int64_t most_ms)
{
	int64_t pause = report_next_pause(0, REPORT_SILENCE_MS);
	int64_t at = 0;
	int count = 1;

	while (at + pause <= most_ms) {
		at += pause;
		count++;
		pause = report_next_pause(pause, pause);
	}
	return count;
}

static void the_first_lines_are_sent_almost_at_once(void **state UNUSED)
{
	check_int(report_next_pause(0, REPORT_SILENCE_MS), REPORT_TRACE_PAUSE_LEAST_MS);
	check_true(sent_within(100) >= 3);
}

static void a_job_that_never_stops_talking_costs_one_request_a_second(void **state UNUSED)
{
	check_int(sent_within(61000) - sent_within(1000), 60);
}

static void after_a_silence_lines_are_sent_soon_again(void **state UNUSED)
{
	int64_t pause = report_next_pause(REPORT_TRACE_PAUSE_MS, REPORT_SILENCE_MS - 1);

	check_int(pause, REPORT_TRACE_PAUSE_MS);
	check_int(report_next_pause(pause, REPORT_SILENCE_MS), REPORT_TRACE_PAUSE_LEAST_MS);
}

RUN_TESTS(TEST(the_first_lines_are_sent_almost_at_once),
	  TEST(a_job_that_never_stops_talking_costs_one_request_a_second),
	  TEST(after_a_silence_lines_are_sent_soon_again))
