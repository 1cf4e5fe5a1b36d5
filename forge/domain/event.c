#include "domain/event.h"

#include "domain/event_handlers.h"
#include "q/outbox.h"

#define PAUSE_MAX_SECONDS 3600

static const struct {
	const char *word;
	event_handler *handle;
} kinds[] = {
#define KIND_ROW(name, word, handler) [EVENT_##name] = { word, handler },
	EVENT_KINDS(KIND_ROW)
#undef KIND_ROW
};

int event_add(struct db *db, enum event_kind kind, struct project_id project, int64_t subject,
	      struct err *e)
{
	struct q_outbox_add_in in;

	ASSERT((size_t)kind < ARRAY_LEN(kinds));
	in = (struct q_outbox_add_in){ str_c(kinds[kind].word), project.v, subject };
	return q_outbox_add(db, &in, NULL, e);
}

int event_handle(const struct event_context *context, const struct event *event, struct arena *a,
		 struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_eq_c(event->kind, kinds[i].word))
			return kinds[i].handle(context, event, a, e);
	return err_set(e, ERR_INTERNAL, "an event of kind \"%.*s\", which nobody handles",
		       STR_FMT(event->kind));
}

int event_claim(struct db *db, struct arena *a, struct event *event, bool *found, struct err *e)
{
	struct q_outbox_claim_row row;

	if (q_outbox_claim(db, a, &row, found, e) < 0)
		return -(int)e->code;
	if (*found)
		*event = (struct event){
			row.id, row.kind, { row.project_id }, row.subject_id, row.attempts
		};
	return 0;
}

int event_done(struct db *db, const struct event *event, struct err *e)
{
	const struct q_outbox_done_in in = { event->id };

	return q_outbox_done(db, &in, NULL, e);
}

static int32_t pause_after(int32_t attempts)
{
	int32_t seconds =
		attempts < EVENT_ATTEMPTS_MAX ? (int32_t)1 << attempts : PAUSE_MAX_SECONDS;

	return seconds < PAUSE_MAX_SECONDS ? seconds : PAUSE_MAX_SECONDS;
}

int event_retry(struct db *db, const struct event *event, const struct err *why, struct err *e)
{
	const struct q_outbox_retry_in in = { .id = event->id,
					      .attempts = event->attempts,
					      .error = str_c(why->text),
					      .seconds = pause_after(event->attempts),
					      .attempts_max = EVENT_ATTEMPTS_MAX };

	return q_outbox_retry(db, &in, NULL, e);
}

int event_count(struct db *db, struct arena *a, struct event_counts *counts, struct err *e)
{
	struct q_outbox_counts_row row;

	if (q_outbox_counts(db, a, &row, e) < 0)
		return -(int)e->code;
	*counts = (struct event_counts){ row.waiting, row.failed, row.oldest_seconds };
	return 0;
}
