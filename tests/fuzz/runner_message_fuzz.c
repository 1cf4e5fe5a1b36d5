/*
 * Any bytes as the body and the range of a runner's call: what is taken is in
 * its bounds, and what is missing is empty, not none.
 */
#include "api/runner_message.h"

#include <stdint.h>

static void check_text(struct str text)
{
	ASSERT(!str_is_none(text));
	ASSERT(text.n == 0 || str_is_utf8_text(text));
}

static void check_body(const struct jsonr *body)
{
	struct runner_manager m = runner_message_manager(body);
	struct job_report report = { .is_success = true };
	struct trace_sum sum;
	struct err e = { 0 };

	check_text(m.system_id);
	check_text(m.version);
	check_text(m.executor);
	(void)runner_message_knows_queue(body);
	if (runner_message_sum(body, &sum, &e) == 0 && !sum.is_given)
		ASSERT(sum.crc == 0);
	if (runner_message_report(body, &report, &e) == 0)
		check_text(report.failure_reason);
	ASSERT(report.is_success);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str text = arena_str(a, str_n((const char *)data, size));
	const struct jsonr *body;
	struct err e = { 0 };
	int64_t start = -1;

	if (runner_message_start(text, &start, &e) == 0)
		ASSERT(start >= 0);
	if (jsonr_parse(a, text, &body, &e) == 0)
		check_body(body);
	check_body(NULL);
	arena_close(a);
	return 0;
}
