#include "domain/pipeline_view.h"

#include "store/db.h"

#include "q/pipeline_view.h"

static enum ci_status status_of(struct str text)
{
	enum ci_status status = CI_STATUS_CREATED;
	bool is_known = ci_status_parse(text, &status);

	ASSERT(is_known);
	return status;
}

static struct pipeline pipeline_of_row(const struct q_pipeline_by_ids_row *row,
				       struct project_id project)
{
	return (struct pipeline){
		.id = { row->id },
		.iid = row->iid,
		.project = project,
		.source = row->source,
		.ref = row->ref,
		.ref_name = row->ref_name,
		.is_tag = row->is_tag,
		.is_protected = row->is_protected,
		.sha = row->sha,
		.before_sha = row->before_sha,
		.status = status_of(row->status),
		.has_warnings = row->has_warnings,
		.name = row->name,
		.user = { { row->has_user_id ? row->user_id : 0 }, row->username, row->user_name },
		.config_error = row->config_error,
		.config_file = row->config_file,
		.config_line = row->has_config_line ? row->config_line : 0,
		.config_column = row->has_config_column ? row->config_column : 0,
		.jobs = row->jobs,
		.created_at = row->created_at,
		.updated_at = row->updated_at,
		.has_started_at = row->has_started_at,
		.has_finished_at = row->has_finished_at,
		.started_at = row->started_at,
		.finished_at = row->finished_at,
		.running_seconds = row->running_seconds,
		.queued_seconds = row->queued_seconds,
	};
}

static int read_rows(struct db *db, struct project_id project, struct i64_list ids, struct arena *a,
		     struct pipelines *list, struct err *e)
{
	struct q_pipeline_by_ids_row *rows;
	size_t count;

	if (q_pipeline_by_ids(db,
			      &(struct q_pipeline_by_ids_in){ .project_id = project.v, .ids = ids },
			      a, &rows, &count, e) < 0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct pipeline, count);
	list->count = count;
	for (size_t i = 0; i < count; i++)
		list->items[i] = pipeline_of_row(&rows[i], project);
	return 0;
}

/* ------------------------------------------------------------------------- lists */

#define SCOPE_STATUSES_MAX 12

/* GitLab's scopes over several states; the others are of refs. */
static struct str scope_statuses(const char *scope)
{
	struct str word = str_c(scope);

	if (str_eq_c(word, "running"))
		return STR("running,canceling");
	if (str_eq_c(word, "pending"))
		return STR("created,waiting_for_resource,preparing,pending");
	if (str_eq_c(word, "finished"))
		return STR("success,failed,canceled");
	return STR_NONE;
}

static struct str_list split(struct arena *a, struct str words)
{
	struct str_list list = { ARENA_ARRAY(a, struct str, SCOPE_STATUSES_MAX), 0 };
	struct str part;

	if (str_is_empty(words))
		return list;
	while (list.count < SCOPE_STATUSES_MAX && str_cut(&words, ',', &part))
		list.items[list.count++] = part;
	return list;
}

static struct str none_if_empty(struct str s)
{
	return str_is_empty(s) ? STR_NONE : s;
}

static struct q_pipeline_ids_in question(struct project_id project,
					 const struct pipeline_filter *filter, struct arena *a)
{
	struct str scope = str_c(filter->scope);
	struct str statuses =
		str_is_empty(filter->status) ? scope_statuses(filter->scope) : filter->status;
	bool is_tags = str_eq_c(scope, "tags");

	return (struct q_pipeline_ids_in){
		.project_id = project.v,
		.statuses = split(a, statuses),
		.ref_name = none_if_empty(filter->ref_name),
		.source = none_if_empty(filter->source),
		.sha = none_if_empty(filter->sha),
		.username = none_if_empty(filter->username),
		.name = none_if_empty(filter->name),
		.has_is_tag = is_tags || str_eq_c(scope, "branches"),
		.is_tag = is_tags,
		.has_invalid_file = filter->has_invalid_file,
		.has_updated_after = filter->has_updated_after,
		.updated_after = filter->updated_after,
		.has_updated_before = filter->has_updated_before,
		.updated_before = filter->updated_before,
	};
}

static int count_all(struct db *db, const struct q_pipeline_ids_in *in, int64_t most,
		     struct arena *a, int64_t *total, struct err *e)
{
	struct q_pipeline_count_row row;

	if (q_pipeline_count(
		    db,
		    &(struct q_pipeline_count_in){ .project_id = in->project_id,
						   .statuses = in->statuses,
						   .ref_name = in->ref_name,
						   .source = in->source,
						   .sha = in->sha,
						   .username = in->username,
						   .name = in->name,
						   .has_is_tag = in->has_is_tag,
						   .is_tag = in->is_tag,
						   .has_invalid_file = in->has_invalid_file,
						   .has_updated_after = in->has_updated_after,
						   .updated_after = in->updated_after,
						   .has_updated_before = in->has_updated_before,
						   .updated_before = in->updated_before,
						   .most = most },
		    a, &row, e) < 0)
		return -(int)e->code;
	*total = row.count;
	return 0;
}

static int64_t most_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Oldest first is the list from its other end, which the count tells. */
static void turn_around(struct q_pipeline_ids_in *in, struct listing slice, int64_t total)
{
	int64_t end = most_of(total - slice.offset, 0);

	in->skip = most_of(end - slice.limit, 0);
	in->take = (int32_t)(end - in->skip);
}

static void reverse(struct i64_list *ids)
{
	for (size_t i = 0; i < ids->count / 2; i++) {
		int64_t other = ids->items[ids->count - 1 - i];

		ids->items[ids->count - 1 - i] = ids->items[i];
		ids->items[i] = other;
	}
}

int pipeline_list(struct db *db, struct project_id project, const struct pipeline_filter *filter,
		  struct listing slice, struct arena *a, struct pipelines *list, struct err *e)
{
	struct q_pipeline_ids_in in = question(project, filter, a);
	int64_t most = filter->is_oldest_first ? INT64_MAX : PIPELINE_TOTAL_MAX + 1;
	struct q_pipeline_ids_row *rows;
	struct i64_list ids;
	int64_t total = 0;

	in.skip = slice.offset;
	in.take = slice.limit;
	if (count_all(db, &in, most, a, &total, e) < 0)
		return -(int)e->code;
	if (filter->is_oldest_first)
		turn_around(&in, slice, total);
	if (q_pipeline_ids(db, &in, a, &rows, &ids.count, e) < 0)
		return -(int)e->code;
	ids.items = ARENA_ARRAY(a, int64_t, ids.count);
	for (size_t i = 0; i < ids.count; i++)
		ids.items[i] = rows[i].id;
	if (filter->is_oldest_first)
		reverse(&ids);
	if (read_rows(db, project, ids, a, list, e) < 0)
		return -(int)e->code;
	list->total = total;
	return 0;
}

/* --------------------------------------------------------------------------- one */

int pipeline_find(struct db *db, struct project_id project, struct pipeline_id id, struct arena *a,
		  struct pipeline *pipeline, bool *found, struct err *e)
{
	int64_t one = id.v;
	struct pipelines list = { 0 };

	if (read_rows(db, project, (struct i64_list){ &one, 1 }, a, &list, e) < 0)
		return -(int)e->code;
	*found = list.count > 0;
	if (*found)
		*pipeline = list.items[0];
	return 0;
}

int pipeline_get(struct db *db, struct project_id project, struct pipeline_id id, struct arena *a,
		 struct pipeline *pipeline, struct err *e)
{
	bool found = false;

	if (pipeline_find(db, project, id, a, pipeline, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "404 Pipeline Not Found");
}

int pipeline_latest(struct db *db, struct project_id project, struct str ref, struct arena *a,
		    struct pipeline *pipeline, bool *found, struct err *e)
{
	struct q_pipeline_latest_id_row row = { 0 };

	if (q_pipeline_latest_id(
		    db, &(struct q_pipeline_latest_id_in){ .project_id = project.v, .ref = ref }, a,
		    &row, found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	return pipeline_find(db, project, (struct pipeline_id){ row.id }, a, pipeline, found, e);
}

/* ------------------------------------------------------------------------- marks */

/* The two statements have rows of the same columns. */
#define MARKS_OF_ROWS(a, marks, rows, n)                                                         \
	do {                                                                                     \
		(marks)->items = ARENA_ARRAY((a), struct pipeline_mark, (n));                    \
		(marks)->count = (n);                                                            \
		for (size_t i = 0; i < (n); i++)                                                 \
			(marks)->items[i] = (struct pipeline_mark){ (rows)[i].key,               \
								    { (rows)[i].id },            \
								    status_of((rows)[i].status), \
								    (rows)[i].has_warnings };    \
	} while (0)

int pipeline_of_commits(struct db *db, struct project_id project, const struct str_list *shas,
			struct arena *a, struct pipeline_marks *marks, struct err *e)
{
	struct q_pipeline_of_commits_row *rows;
	size_t count;

	if (q_pipeline_of_commits(
		    db,
		    &(struct q_pipeline_of_commits_in){ .project_id = project.v, .shas = *shas }, a,
		    &rows, &count, e) < 0)
		return -(int)e->code;
	MARKS_OF_ROWS(a, marks, rows, count);
	return 0;
}

int pipeline_of_refs(struct db *db, struct project_id project, const struct str_list *refs,
		     struct arena *a, struct pipeline_marks *marks, struct err *e)
{
	struct q_pipeline_of_refs_row *rows;
	size_t count;

	if (q_pipeline_of_refs(
		    db, &(struct q_pipeline_of_refs_in){ .project_id = project.v, .refs = *refs },
		    a, &rows, &count, e) < 0)
		return -(int)e->code;
	MARKS_OF_ROWS(a, marks, rows, count);
	return 0;
}

const struct pipeline_mark *pipeline_mark_of(const struct pipeline_marks *marks, struct str key)
{
	for (size_t i = 0; i < marks->count; i++)
		if (str_eq(marks->items[i].key, key))
			return &marks->items[i];
	return NULL;
}
