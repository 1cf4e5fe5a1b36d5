/*
 * Why a job is not running. The order of the questions about runners is the order in
 * which a person would set it right: is there any, has it the tags, the right, is
 * it awake, is it there, is it busy.
 */
#include "domain/job_view.h"
#include "domain/runner_view.h"

#include "store/db.h"

#include "q/job_view.h"

static const char *const sentences[] = {
#define JOB_WAIT_SENTENCE(name, sentence) [JOB_WAIT_##name] = (sentence),
	JOB_WAITS(JOB_WAIT_SENTENCE)
#undef JOB_WAIT_SENTENCE
};

static struct str joined(struct arena *a, const struct str_list *words)
{
	struct str text = STR("");

	for (size_t i = 0; i < words->count; i++)
		text = i == 0 ? words->items[i]
			      : arena_fmt(a, "%.*s, %.*s", STR_FMT(text), STR_FMT(words->items[i]));
	return text;
}

/* The names of the jobs, or of the stages each once. */
static struct str blockers_text(const struct q_job_blockers_row *rows, size_t count, bool by_stage,
				struct arena *a)
{
	struct str_list words = { ARENA_ARRAY(a, struct str, count), 0 };

	for (size_t i = 0; i < count; i++) {
		struct str word = by_stage ? rows[i].stage : rows[i].name;

		if (words.count == 0 || !str_eq(words.items[words.count - 1], word))
			words.items[words.count++] = word;
	}
	return joined(a, &words);
}

static int before_it(struct db *db, const struct job *job, struct arena *a,
		     struct job_waiting *waiting, struct err *e)
{
	struct q_job_blockers_row *rows;
	size_t count;

	if (q_job_blockers(db, &(struct q_job_blockers_in){ job->id.v }, a, &rows, &count, e) < 0)
		return -(int)e->code;
	if (count == 0)
		return 0;
	waiting->why = job->has_needs ? JOB_WAIT_JOBS : JOB_WAIT_STAGES;
	waiting->subject = blockers_text(rows, count, !job->has_needs, a);
	return 0;
}

/* Resource groups and environments are held by one job at a time. */
static int for_a_holder(struct db *db, const struct job *job, struct arena *a,
			struct job_waiting *waiting, struct err *e)
{
	struct q_job_holder_row row = { 0 };
	bool found;

	if (str_is_none(job->resource_group) && str_is_none(job->environment))
		return 0;
	if (q_job_holder(db, &(struct q_job_holder_in){ job->id.v }, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	waiting->why = row.is_environment ? JOB_WAIT_ENVIRONMENT : JOB_WAIT_RESOURCE;
	waiting->subject = row.is_environment ? job->environment : job->resource_group;
	return 0;
}

static enum job_wait why_pending(const struct q_job_runners_left_row *left, bool has_tags)
{
	if (left->is_archived)
		return JOB_WAIT_ARCHIVED;
	if (left->serving == 0)
		return JOB_WAIT_NO_RUNNER;
	if (left->with_tags == 0)
		return has_tags ? JOB_WAIT_NO_TAGS : JOB_WAIT_NO_UNTAGGED;
	if (left->with_right == 0)
		return JOB_WAIT_NO_UNPROTECTED;
	if (left->awake == 0)
		return JOB_WAIT_PAUSED;
	if (left->seen == 0)
		return JOB_WAIT_NEVER_SEEN;
	return left->is_online ? JOB_WAIT_TURN : JOB_WAIT_OFFLINE;
}

static int for_a_runner(struct db *db, const struct job *job, struct arena *a,
			struct job_waiting *waiting, struct err *e)
{
	struct q_job_runners_left_row left = { 0 };
	bool found;

	if (for_a_holder(db, job, a, waiting, e) < 0)
		return -(int)e->code;
	if (waiting->why != JOB_WAIT_NOTHING)
		return 0;
	if (q_job_runners_left(db,
			       &(struct q_job_runners_left_in){
				       .id = job->id.v, .online_seconds = RUNNER_ONLINE_SECONDS },
			       a, &left, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	waiting->why = why_pending(&left, job->tags.count > 0);
	waiting->subject = joined(a, &job->tags);
	waiting->number = left.jobs_before;
	waiting->at = left.last_seen;
	return 0;
}

int job_why_waiting(struct db *db, const struct job *job, struct arena *a,
		    struct job_waiting *waiting, struct err *e)
{
	*waiting = (struct job_waiting){ .why = JOB_WAIT_NOTHING };
	switch (job->status) {
	case CI_STATUS_CREATED:
		return before_it(db, job, a, waiting, e);
	case CI_STATUS_PREPARING:
	case CI_STATUS_PENDING:
		return for_a_runner(db, job, a, waiting, e);
	case CI_STATUS_WAITING_FOR_RESOURCE:
		waiting->why = JOB_WAIT_RESOURCE;
		waiting->subject = job->resource_group;
		return 0;
	case CI_STATUS_MANUAL:
		waiting->why = JOB_WAIT_PERSON;
		return 0;
	case CI_STATUS_SCHEDULED:
		waiting->why = JOB_WAIT_TIME;
		waiting->at = job->scheduled_at;
		return 0;
	case CI_STATUS_CANCELING:
		waiting->why = JOB_WAIT_STOPPING;
		return 0;
	case CI_STATUS_RUNNING:
	case CI_STATUS_SUCCESS:
	case CI_STATUS_FAILED:
	case CI_STATUS_CANCELED:
	case CI_STATUS_SKIPPED:
		return 0;
	}
	return 0;
}

/* What stands for the %s of the sentence. */
static struct str argument_of(const struct job_waiting *waiting, struct arena *a)
{
	char time[INSTANT_TEXT_MAX];

	if (waiting->why == JOB_WAIT_TIME || waiting->why == JOB_WAIT_OFFLINE) {
		instant_format(waiting->at, time);
		return arena_str(a, str_c(time));
	}
	if (waiting->why == JOB_WAIT_TURN)
		return arena_fmt(a, "%lld", (long long)waiting->number);
	return waiting->subject;
}

struct str job_waiting_text(const struct job_waiting *waiting, struct arena *a)
{
	struct str sentence = str_c(sentences[waiting->why]);
	size_t at = str_find(sentence, '%');
	struct str argument;

	if (sentence.n == 0)
		return STR_NONE;
	if (at == sentence.n)
		return sentence;
	argument = argument_of(waiting, a);
	return arena_fmt(a, "%.*s%.*s%.*s", STR_FMT(str_upto(sentence, at)), STR_FMT(argument),
			 STR_FMT(str_from(sentence, at + 2)));
}

static const struct {
	const char *reason;
	const char *text;
} failures[] = {
	{ "script_failure", "A command of the script failed." },
	{ "runner_system_failure",
	  "The runner could not run the job: the end of the log says what it lacked. "
	  "Retrying may help." },
	{ "job_execution_timeout",
	  "The job ran longer than its timeout. Make it shorter, or raise `timeout`." },
	{ "image_pull_failure", "The runner could not get the image of the job." },
	{ "unknown_failure", "The runner gave no reason. The end of the log may tell more." },
	{ "runner_configuration_error",
	  "The runner is set up wrongly: whoever looks after it reads its log." },
	{ "job_canceled", "The job was canceled while it ran." },
	{ "runner_unsupported", "The runner cannot do what the job asks for." },
	{ "stuck_or_timeout_failure",
	  "The runner that had the job was not heard of any more. Retrying gives it to "
	  "another one." },
	{ "missing_dependency_failure",
	  "Artifacts it needs are gone or expired. Retry the jobs that make them." },
	{ "data_integrity_failure",
	  "The server could not put the job together for a runner; its log says why." },
	{ "failed_outdated_deployment_job",
	  "A newer commit of this branch was deployed meanwhile, so this one was not." },
	{ "protected_environment_failure",
	  "The rule of the environment does not let this branch be deployed there." },
	{ "trace_size_exceeded", "The log became larger than this server takes." },
};

const char *job_failure_text(struct str failure_reason)
{
	for (size_t i = 0; i < ARRAY_LEN(failures); i++)
		if (str_eq_c(failure_reason, failures[i].reason))
			return failures[i].text;
	return NULL;
}
