#include "domain/job_state.h"
#include "support/check.h"

static bool is_known(enum ci_status status)
{
	return status != CI_STATUS_WAITING_FOR_RESOURCE && status != CI_STATUS_PREPARING;
}

static void every_state_is_reached(void **state UNUSED)
{
	bool reached[CI_STATUS_SCHEDULED + 1] = { [CI_STATUS_CREATED] = true };
	bool again = true;

	while (again) {
		again = false;
		for (int from = 0; from <= CI_STATUS_SCHEDULED; from++) {
			for (int event = 0; event < JOB_EVENT_COUNT; event++) {
				enum ci_status to;

				if (!reached[from] ||
				    !job_state_next((enum ci_status)from, (enum job_event)event,
						    &to) ||
				    reached[to])
					continue;
				print_message("%s -%s-> %s\n", ci_status_name((enum ci_status)from),
					      job_event_name((enum job_event)event),
					      ci_status_name(to));
				reached[to] = again = true;
			}
		}
	}
	for (int i = 0; i <= CI_STATUS_SCHEDULED; i++)
		check_int(reached[i], is_known((enum ci_status)i));
}

static void what_ran_stays_over(void **state UNUSED)
{
	static const enum ci_status over[] = { CI_STATUS_SUCCESS, CI_STATUS_FAILED,
					       CI_STATUS_CANCELED };
	enum ci_status to;

	for (size_t i = 0; i < ARRAY_LEN(over); i++)
		for (int event = 0; event < JOB_EVENT_COUNT; event++)
			check_false(job_state_next(over[i], (enum job_event)event, &to));
}

RUN_TESTS(TEST(every_state_is_reached), TEST(what_ran_stays_over))
