#include "pages/pipeline.h"
#include "tmpl/pipeline_list.h"

#define PIPELINE_ROWS 20

static const struct {
	const char *word, *label;
} statuses[] = {
	{ "success", I18N("passed") },
	{ "failed", I18N("failed") },
	{ "running", I18N("running") },
	{ "pending", I18N("waits for a runner") },
	{ "canceled", I18N("canceled") },
	{ "skipped", I18N("skipped") },
	{ "manual", I18N("waits for a person") },
};

static const struct {
	const char *word, *label;
} sources[] = {
	{ "push", I18N("push") },
	{ "merge_request_event", I18N("merge request") },
	{ "web", I18N("started by hand") },
	{ "schedule", I18N("schedule") },
	{ "api", I18N("API") },
	{ "trigger", I18N("trigger") },
};

/* The tables have rows of the same two words. */
#define CHOICES(rq, table, chosen, items, count)                                                   \
	do {                                                                                       \
		(items) = ARENA_ARRAY((rq)->arena, struct view_pipeline_choice, ARRAY_LEN(table)); \
		for (size_t i = 0; i < ARRAY_LEN(table); i++)                                      \
			(items)[(count)++] = (struct view_pipeline_choice){                        \
				(table)[i].word, page_text((rq), (table)[i].label),                \
				str_eq_c((chosen), (table)[i].word)                                \
			};                                                                         \
	} while (0)

static void fill(struct request *rq, const struct pipelines *list, struct view_pipelines *v)
{
	struct repo *repo = NULL;
	struct err error = { 0 };

	/* Without it rows have no subject, that is all. */
	if (request_repo(rq, &repo, &error) < 0)
		repo = NULL;
	v->pipelines = ARENA_ARRAY(rq->arena, struct view_pipeline, list->count + 1);
	for (size_t i = 0; i < list->count; i++)
		pipeline_fill(rq, repo, &list->items[i], &v->pipelines[v->pipelines_count++]);
}

int page_pipelines(struct request *rq, struct err *e)
{
	struct listing slice = page_listing(rq, PIPELINE_ROWS);
	const struct pipeline_filter filter = { .ref_name = str_trim(request_query(rq, "ref")),
						.status = request_query(rq, "status"),
						.source = request_query(rq, "source"),
						.username =
							str_trim(request_query(rq, "username")) };
	struct view_pipelines v = { .ref_name = filter.ref_name, .username = filter.username };
	struct pipelines list;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    pipeline_list(db, rq->project->id, &filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	page_frame(rq, &v.page, "pipelines");
	v.is_filtered = !str_is_empty(filter.ref_name) || !str_is_empty(filter.status) ||
			!str_is_empty(filter.source) || !str_is_empty(filter.username);
	v.may_run = request_may(rq, ACTION_PIPELINE_RUN);
	CHOICES(rq, statuses, filter.status, v.statuses, v.statuses_count);
	CHOICES(rq, sources, filter.source, v.sources, v.sources_count);
	fill(rq, &list, &v);
	v.pager = page_pager(rq, slice, list.total, false);
	tmpl_pipeline_list(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
