#include "domain/job_state.h"

static const char *const event_names[JOB_EVENT_COUNT] = {
	[JOB_EVENT_ENQUEUE] = "enqueue",   [JOB_EVENT_ACTIONIZE] = "actionize",
	[JOB_EVENT_SCHEDULE] = "schedule", [JOB_EVENT_SKIP] = "skip",
	[JOB_EVENT_PLAY] = "play",         [JOB_EVENT_CLAIM] = "claim",
	[JOB_EVENT_RETURN] = "return",     [JOB_EVENT_SUCCEED] = "succeed",
	[JOB_EVENT_FAIL] = "fail",         [JOB_EVENT_CANCEL] = "cancel",
	[JOB_EVENT_PROCESS] = "process",   [JOB_EVENT_REFUSE] = "refuse",
};

struct row {
	enum ci_status from;
	enum job_event event;
	enum ci_status to;
};

#define ROW(from, event, to)                                        \
	{                                                           \
		CI_STATUS_##from, JOB_EVENT_##event, CI_STATUS_##to \
	}

static const struct row rows[] = {
	ROW(CREATED, ENQUEUE, PENDING),    ROW(CREATED, ACTIONIZE, MANUAL),
	ROW(CREATED, SCHEDULE, SCHEDULED), ROW(CREATED, SKIP, SKIPPED),
	ROW(CREATED, CANCEL, CANCELED),    ROW(MANUAL, PLAY, PENDING),
	ROW(MANUAL, CANCEL, CANCELED),     ROW(SCHEDULED, PLAY, PENDING),
	ROW(SCHEDULED, ENQUEUE, PENDING),  ROW(SCHEDULED, CANCEL, CANCELED),
	ROW(PENDING, CLAIM, RUNNING),      ROW(PENDING, CANCEL, CANCELED),
	ROW(RUNNING, SUCCEED, SUCCESS),    ROW(RUNNING, FAIL, FAILED),
	ROW(RUNNING, RETURN, PENDING),     ROW(RUNNING, CANCEL, CANCELING),
	ROW(CANCELING, SUCCEED, CANCELED), ROW(CANCELING, FAIL, CANCELED),
	ROW(SKIPPED, PROCESS, CREATED),    ROW(CREATED, REFUSE, FAILED),
	ROW(MANUAL, REFUSE, FAILED),       ROW(SCHEDULED, REFUSE, FAILED),
	ROW(PENDING, REFUSE, FAILED),      ROW(PENDING, SKIP, SKIPPED),
	ROW(SCHEDULED, SKIP, SKIPPED),
};

const char *job_event_name(enum job_event event)
{
	ASSERT((size_t)event < ARRAY_LEN(event_names));
	return event_names[event];
}

bool job_state_next(enum ci_status from, enum job_event event, enum ci_status *to)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].from == from && rows[i].event == event) {
			*to = rows[i].to;
			return true;
		}
	}
	return false;
}
