#include "api/entity_review.h"

#include "api/api.h"
#include "api/entity.h"

static void write_brief(struct jsonw *w, const struct request *rq, const char *key,
			const struct user_brief *user)
{
	jsonw_key(w, key);
	entity_user_brief(w, rq, user);
}

/* Lists of many projects say whose each task is. */
static struct str path_of(const struct request *rq, const struct task *task)
{
	return str_is_empty(task->project_path) ? rq->project->path : task->project_path;
}

static struct str task_page_of(const struct request *rq, const struct task *task)
{
	return request_absolute(rq, arena_fmt(rq->arena, "/%.*s/-/issues/%lld",
					      STR_FMT(path_of(rq, task)), (long long)task->iid));
}

static void write_task_people(struct jsonw *w, const struct request *rq, const struct task *task)
{
	write_brief(w, rq, "author", &task->author);
	write_brief(w, rq, "assignee", &task->assignee);
	jsonw_field_array(w, "assignees");
	if (task->assignee.id.v != 0)
		entity_user_brief(w, rq, &task->assignee);
	jsonw_end(w);
	write_brief(w, rq, "closed_by", &task->closed_by);
}

static void write_task_ticks(struct jsonw *w, struct str text)
{
	int64_t total = 0;
	int64_t done = 0;
	struct str line;

	while (!str_is_none(text) && str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.n < 5 || !strchr("-*+", line.p[0]) || line.p[1] != ' ' ||
		    line.p[2] != '[' || line.p[4] != ']')
			continue;
		total += line.p[3] == ' ' || line.p[3] == 'x' || line.p[3] == 'X';
		done += line.p[3] == 'x' || line.p[3] == 'X';
	}
	jsonw_field_object(w, "task_completion_status");
	jsonw_field_int(w, "count", total);
	jsonw_field_int(w, "completed_count", done);
	jsonw_end(w);
	jsonw_field_bool(w, "has_tasks", total > 0);
}

static void write_task_links(struct jsonw *w, const struct request *rq, const struct task *task)
{
	const struct str project = request_absolute(
		rq, arena_fmt(rq->arena, "/api/v4/projects/%lld", (long long)task->project.v));
	const struct str self =
		arena_fmt(rq->arena, "%.*s/issues/%lld", STR_FMT(project), (long long)task->iid);

	jsonw_field_object(w, "_links");
	jsonw_field_str(w, "self", self);
	jsonw_field_str(w, "notes", arena_fmt(rq->arena, "%.*s/notes", STR_FMT(self)));
	jsonw_field_str(w, "project", project);
	jsonw_end(w);
	jsonw_field_object(w, "references");
	jsonw_field_str(w, "short", arena_fmt(rq->arena, "#%lld", (long long)task->iid));
	jsonw_field_str(w, "relative", arena_fmt(rq->arena, "#%lld", (long long)task->iid));
	jsonw_field_str(w, "full",
			arena_fmt(rq->arena, "%.*s#%lld", STR_FMT(path_of(rq, task)),
				  (long long)task->iid));
	jsonw_end(w);
}

/* What this server does not have, as GitLab writes it when it is not used. */
static void write_task_rest(struct jsonw *w)
{
	jsonw_field_null(w, "milestone");
	jsonw_field_str(w, "type", STR("ISSUE"));
	jsonw_field_str(w, "issue_type", STR("issue"));
	jsonw_field_int(w, "merge_requests_count", 0);
	jsonw_field_int(w, "upvotes", 0);
	jsonw_field_int(w, "downvotes", 0);
	jsonw_field_null(w, "due_date");
	jsonw_field_bool(w, "confidential", false);
	jsonw_field_null(w, "discussion_locked");
	jsonw_field_object(w, "time_stats");
	jsonw_field_int(w, "time_estimate", 0);
	jsonw_field_int(w, "total_time_spent", 0);
	jsonw_field_null(w, "human_time_estimate");
	jsonw_field_null(w, "human_total_time_spent");
	jsonw_end(w);
	jsonw_field_null(w, "weight");
	jsonw_field_str(w, "severity", STR("UNKNOWN"));
	jsonw_field_null(w, "moved_to_id");
	jsonw_field_null(w, "service_desk_reply_to");
}

void entity_task(struct jsonw *w, const struct request *rq, const struct task *task)
{
	jsonw_object(w);
	jsonw_field_int(w, "id", task->id.v);
	jsonw_field_int(w, "iid", task->iid);
	jsonw_field_int(w, "project_id", task->project.v);
	jsonw_field_str(w, "title", task->title);
	jsonw_field_str(w, "description", task->description);
	jsonw_field_str(w, "state", task->is_closed ? STR("closed") : STR("opened"));
	jsonw_field_time(w, "created_at", task->created_at);
	jsonw_field_time(w, "updated_at", task->updated_at);
	api_field_time(w, "closed_at", task->is_closed, task->closed_at);
	write_task_people(w, rq, task);
	jsonw_field_array(w, "labels");
	for (size_t i = 0; i < task->labels.count; i++)
		jsonw_str(w, task->labels.items[i]);
	jsonw_end(w);
	jsonw_field_int(w, "user_notes_count", task->notes);
	jsonw_field_str(w, "web_url", task_page_of(rq, task));
	write_task_ticks(w, task->description);
	write_task_rest(w);
	write_task_links(w, rq, task);
	jsonw_end(w);
}

static void write_line(struct jsonw *w, const char *key, int32_t line)
{
	if (line > 0)
		jsonw_field_int(w, key, line);
	else
		jsonw_field_null(w, key);
}

static void write_position(struct jsonw *w, const struct review_position *p)
{
	jsonw_field_object(w, "position");
	jsonw_field_str(w, "base_sha", p->base_sha);
	jsonw_field_str(w, "start_sha", p->start_sha);
	jsonw_field_str(w, "head_sha", p->head_sha);
	jsonw_field_str(w, "old_path", p->old_path);
	jsonw_field_str(w, "new_path", p->new_path);
	jsonw_field_str(w, "position_type", STR("text"));
	write_line(w, "old_line", p->old_line);
	write_line(w, "new_line", p->new_line);
	jsonw_field_null(w, "line_range");
	jsonw_end(w);
}

static struct str note_type(const struct discussion *d)
{
	if (d->has_position)
		return STR("DiffNote");
	return d->is_thread ? STR("DiscussionNote") : STR_NONE;
}

static void write_resolution(struct jsonw *w, const struct request *rq, const struct discussion *d)
{
	jsonw_field_bool(w, "resolvable", d->is_resolvable);
	if (!d->is_resolvable)
		return;
	jsonw_field_bool(w, "resolved", d->is_resolved);
	write_brief(w, rq, "resolved_by", &d->resolved_by);
	api_field_time(w, "resolved_at", d->is_resolved, d->resolved_at);
}

void entity_note(struct jsonw *w, const struct request *rq, const struct review_subject *subject,
		 const struct discussion *discussion, const struct note *note)
{
	const bool is_task = subject->kind == REVIEW_TASK;

	jsonw_object(w);
	jsonw_field_int(w, "id", note->id.v);
	jsonw_field_str(w, "type", note_type(discussion));
	jsonw_field_str(w, "body", note->body);
	jsonw_field_null(w, "attachment");
	write_brief(w, rq, "author", &note->author);
	jsonw_field_time(w, "created_at", note->created_at);
	jsonw_field_time(w, "updated_at", note->updated_at);
	jsonw_field_bool(w, "system", note->is_system);
	jsonw_field_int(w, "noteable_id", subject->id);
	jsonw_field_str(w, "noteable_type", is_task ? STR("Issue") : STR("MergeRequest"));
	jsonw_field_int(w, "project_id", subject->project.v);
	jsonw_field_int(w, "noteable_iid", subject->iid);
	write_resolution(w, rq, discussion);
	if (discussion->has_position)
		write_position(w, &discussion->position);
	jsonw_field_bool(w, "confidential", false);
	jsonw_field_bool(w, "internal", false);
	jsonw_field_object(w, "commands_changes");
	jsonw_end(w);
	jsonw_end(w);
}

void entity_discussion(struct jsonw *w, const struct request *rq,
		       const struct review_subject *subject, const struct discussion *discussion)
{
	jsonw_object(w);
	jsonw_field_str(w, "id", discussion->key);
	jsonw_field_bool(w, "individual_note", !discussion->is_thread);
	jsonw_field_array(w, "notes");
	for (size_t i = 0; i < discussion->notes_count; i++)
		entity_note(w, rq, subject, discussion, &discussion->notes[i]);
	jsonw_end(w);
	jsonw_end(w);
}
