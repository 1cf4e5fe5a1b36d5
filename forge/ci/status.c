/*
 * The composite is a list of questions about the *set* of states that occur,
 * asked in order; the first that holds decides. Sets are bits.
 */
#include "ci/status.h"

enum {
	WARNINGS = CI_STATUS_SCHEDULED + 1, /* failed or canceled, but allowed to */
	IGNORED,                            /* manual, and nobody waits for it */
};

#define BIT(state) (1u << (state))
#define S(name) BIT(CI_STATUS_##name)

static const char *const names[] = {
#define CI_STATUS_NAME(name, word) [CI_STATUS_##name] = word,
	CI_STATUSES(CI_STATUS_NAME)
#undef CI_STATUS_NAME
};

const char *ci_status_name(enum ci_status status)
{
	return names[status];
}

bool ci_status_parse(struct str name, enum ci_status *status)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_eq_c(name, names[i])) {
			*status = (enum ci_status)i;
			return true;
		}
	}
	return false;
}

bool ci_status_is_complete(enum ci_status status)
{
	return (BIT(status) & (S(SUCCESS) | S(FAILED) | S(CANCELED) | S(SKIPPED))) != 0;
}

bool ci_status_is_active(enum ci_status status)
{
	return (BIT(status) & (S(WAITING_FOR_RESOURCE) | S(PREPARING) | S(PENDING) | S(RUNNING) |
			       S(CANCELING))) != 0;
}

static unsigned bit_of(const struct ci_job_state *job)
{
	if (job->allow_failure && (BIT(job->status) & (S(FAILED) | S(CANCELED))))
		return BIT(WARNINGS);
	if (job->allow_failure && job->status == CI_STATUS_MANUAL)
		return BIT(IGNORED);
	return BIT(job->status);
}

static bool only(unsigned set, unsigned allowed)
{
	return (set & ~allowed) == 0;
}

struct question {
	unsigned allowed; /* holds if the set has nothing else */
	unsigned wanted;  /* holds if the set has one of these */
	enum ci_status answer;
};

#define QUIET (BIT(WARNINGS) | BIT(IGNORED))

static const struct question questions[] = {
	{ S(SKIPPED) | BIT(IGNORED), 0, CI_STATUS_SKIPPED },
	{ S(SUCCESS) | S(SKIPPED) | QUIET, 0, CI_STATUS_SUCCESS },
	{ S(CREATED) | QUIET, 0, CI_STATUS_CREATED },
	{ S(PREPARING) | QUIET, 0, CI_STATUS_PREPARING },
	{ S(CANCELED) | S(SUCCESS) | S(SKIPPED) | QUIET, 0, CI_STATUS_CANCELED },
	{ S(PENDING) | S(CREATED) | S(SKIPPED) | QUIET, 0, CI_STATUS_PENDING },
	{ 0, S(RUNNING) | S(PENDING), CI_STATUS_RUNNING },
	{ 0, S(WAITING_FOR_RESOURCE), CI_STATUS_WAITING_FOR_RESOURCE },
	{ 0, S(MANUAL), CI_STATUS_MANUAL },
	{ 0, S(SCHEDULED), CI_STATUS_SCHEDULED },
	{ 0, S(PREPARING), CI_STATUS_PREPARING },
	{ 0, S(CREATED), CI_STATUS_RUNNING },
	{ 0, S(CANCELING), CI_STATUS_CANCELING },
};

static enum ci_status composite(unsigned set)
{
	if (set == 0)
		return CI_STATUS_SUCCESS;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		const struct question *q = &questions[i];

		if (q->wanted ? (set & q->wanted) != 0 : only(set, q->allowed))
			return q->answer;
	}
	return CI_STATUS_FAILED;
}

/* Of needed jobs: one that was skipped or is left to a person skips what needs it. */
static enum ci_status composite_of_needs(unsigned set)
{
	if (set & (S(SKIPPED) | BIT(IGNORED)))
		return CI_STATUS_SKIPPED;
	if (!only(set, S(SUCCESS) | S(FAILED) | S(CANCELED) | BIT(WARNINGS)))
		return CI_STATUS_PENDING;
	return composite(set);
}

enum ci_status ci_status_of_pipeline(const struct ci_job_state *jobs, size_t count)
{
	unsigned set = 0;

	for (size_t i = 0; i < count; i++)
		set |= bit_of(&jobs[i]);
	return composite(set);
}

enum ci_status ci_status_of_stage(const struct ci_job_state *jobs, size_t count, size_t stage)
{
	unsigned set = 0;

	for (size_t i = 0; i < count; i++)
		if (jobs[i].stage == stage)
			set |= bit_of(&jobs[i]);
	return composite(set);
}

/* What stands before a job: the jobs it needs, or all jobs of earlier stages. */
static enum ci_status before(const struct ci_job_state *jobs, size_t count,
			     const struct ci_job_state *job)
{
	unsigned set = 0;

	if (job->has_needs) {
		for (size_t i = 0; i < job->needs_count; i++)
			set |= bit_of(&jobs[job->needs[i]]);
		return composite_of_needs(set);
	}
	for (size_t i = 0; i < count; i++)
		if (jobs[i].stage < job->stage)
			set |= bit_of(&jobs[i]);
	return composite(set);
}

static bool may_start(const struct ci_job_state *job, enum ci_status previous)
{
	unsigned set = BIT(previous);

	switch (job->when) {
	case CI_ON_FAILURE:
		return (set & S(FAILED)) != 0;
	case CI_ALWAYS:
		return (set & (S(SUCCESS) | S(FAILED) | S(SKIPPED))) != 0;
	default:
		return (set & (job->has_needs ? S(SUCCESS) : S(SUCCESS) | S(SKIPPED))) != 0;
	}
}

static enum ci_step step_of(const struct ci_job_state *job, enum ci_status previous)
{
	if (!ci_status_is_complete(previous))
		return CI_STEP_NONE;
	if (!may_start(job, previous))
		return CI_STEP_SKIP;
	if (job->when == CI_MANUAL)
		return CI_STEP_MANUAL;
	return job->when == CI_DELAYED ? CI_STEP_SCHEDULE : CI_STEP_ENQUEUE;
}

static enum ci_status status_after(enum ci_step step)
{
	switch (step) {
	case CI_STEP_ENQUEUE:
		return CI_STATUS_PENDING;
	case CI_STEP_MANUAL:
		return CI_STATUS_MANUAL;
	case CI_STEP_SCHEDULE:
		return CI_STATUS_SCHEDULED;
	case CI_STEP_SKIP:
		return CI_STATUS_SKIPPED;
	default:
		return CI_STATUS_CREATED;
	}
}

/* Each round takes at least one step, and a job takes one at most: it ends. */
bool ci_status_advance(struct ci_job_state *jobs, size_t count, enum ci_step *steps)
{
	bool any = false;
	bool again = true;

	for (size_t i = 0; i < count; i++)
		steps[i] = CI_STEP_NONE;
	while (again) {
		again = false;
		for (size_t i = 0; i < count; i++) {
			enum ci_step step;

			if (jobs[i].status != CI_STATUS_CREATED)
				continue;
			step = step_of(&jobs[i], before(jobs, count, &jobs[i]));
			if (step == CI_STEP_NONE)
				continue;
			steps[i] = step;
			jobs[i].status = status_after(step);
			again = any = true;
		}
	}
	return any;
}
