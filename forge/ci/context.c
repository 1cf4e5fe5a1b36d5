#include "ci/context.h"

#include "base/clock.h"

static const char *const source_names[] = {
	[CI_SOURCE_PUSH] = "push",         [CI_SOURCE_WEB] = "web",
	[CI_SOURCE_SCHEDULE] = "schedule", [CI_SOURCE_API] = "api",
	[CI_SOURCE_TRIGGER] = "trigger",   [CI_SOURCE_MERGE_REQUEST] = "merge_request_event",
};

const char *ci_pipeline_source_name(enum ci_pipeline_source source)
{
	return source_names[source];
}

bool ci_pipeline_source_parse(struct str name, enum ci_pipeline_source *source)
{
	for (size_t i = 0; i < ARRAY_LEN(source_names); i++) {
		if (str_eq_c(name, source_names[i])) {
			*source = (enum ci_pipeline_source)i;
			return true;
		}
	}
	return false;
}

void ci_planning_init(struct ci_planning *p, struct arena *a, const struct ci_context *context)
{
	*p = (struct ci_planning){ .arena = a,
				   .began_ms = clock_thread_ms(),
				   .scratch = arena_open(0),
				   .context = context,
				   .fail.arena = a,
				   .warnings.arena = a };
	table_init(&p->changed_paths, a);
}

int ci_planning_check_time(struct ci_planning *p, struct ci_mark mark, struct err *e)
{
	if (clock_thread_ms() - p->began_ms <= CI_RULES_MS)
		return 0;
	return ci_fail_at(
		&p->fail, mark, e,
		"the rules of this file take more than %d seconds to decide: use fewer or "
		"simpler patterns",
		CI_RULES_MS / 1000);
}

void ci_planning_fini(struct ci_planning *p)
{
	arena_close(p->scratch);
	p->scratch = NULL;
}
