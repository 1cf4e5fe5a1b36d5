#include "domain/event.h"

#include "domain/event_handlers.h"
#include "q/outbox.h"

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
