/*
 * What of a log a page shows: all of it, or the last LOG_LINES lines, or as many from
 * a line on, or what came after a position. Lines are counted over the whole file, so
 * that a line has one number for ever.
 */
#include "domain/trace.h"
#include "pages/job.h"
#include "tmpl/job_log.h"

#include <unistd.h>

#define LOG_LINES 4000
#define LOG_BYTES (INT64_C(2) << 20)
#define CHUNK 65536

struct log_file {
	int fd; /* -1: nothing was written */
	int64_t length;
};

static void close_file(const struct log_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
}

static ssize_t read_chunk(const struct log_file *file, int64_t offset, char *bytes)
{
	int64_t left = file->length - offset;

	if (left <= 0)
		return 0;
	return pread(file->fd, bytes, left < CHUNK ? (size_t)left : CHUNK, (off_t)offset);
}

/*
 * The first line that has at least this number and begins at least at `least`;
 * without one, the end. Also tells how many ends of lines there are before it.
 */
static void seek_line(const struct log_file *file, int64_t number, int64_t least,
		      struct log_position *at)
{
	char bytes[CHUNK];
	ssize_t n;

	*at = LOG_START;
	if (number <= 1 && least <= 0)
		return;
	for (int64_t offset = 0; (n = read_chunk(file, offset, bytes)) > 0; offset += n) {
		const char *from = bytes;
		const char *end = bytes + n;
		const char *nl;

		while ((nl = memchr(from, '\n', (size_t)(end - from)))) {
			from = nl + 1;
			at->line++;
			at->offset = offset + (from - bytes);
			if (at->line >= number && at->offset >= least)
				return;
		}
	}
	at->offset = file->length;
}

/* How many lines there are; a last one without end counts. */
static int64_t count_lines(const struct log_file *file)
{
	struct log_position end;
	char last = '\n';

	seek_line(file, INT64_MAX, 0, &end);
	if (file->length > 0 && pread(file->fd, &last, 1, (off_t)(file->length - 1)) != 1)
		last = '\n';
	return end.line - 1 + (last != '\n');
}

static struct str log_url(struct request *rq, int64_t line)
{
	struct str id = request_param(rq, "id");
	struct str path = url_for(rq->arena, ROUTE_job, rq->project->path, id);

	return page_url(rq, page_with_query(rq, path, "from",
					    arena_fmt(rq->arena, "%lld", (long long)line)));
}

/* Where the piece that was asked for begins. */
static void find_start(struct request *rq, const struct log_file *file, struct log_position *start,
		       struct view_log *v)
{
	int64_t from = 0;

	if (log_position_parse(request_query(rq, "at"), start)) {
		v->is_reset = start->offset > file->length;
		if (v->is_reset)
			*start = LOG_START;
		return;
	}
	v->lines = count_lines(file);
	if (str_to_i64(request_query(rq, "from"), &from) && from > 0)
		seek_line(file, from, 0, start);
	else
		seek_line(file, v->lines - LOG_LINES + 1, file->length - LOG_BYTES, start);
}

static void add_ways(struct request *rq, const struct log_position *start,
		     const struct log_position *next, struct view_log *v)
{
	v->first = start->line;
	v->last = next->line - 1;
	if (start->line > 1)
		v->earlier = log_url(rq, start->line > LOG_LINES ? start->line - LOG_LINES : 1);
	if (v->lines > 0 && next->line <= v->lines && v->is_over)
		v->later = log_url(rq, next->line);
}

static int read_piece(struct request *rq, const struct log_file *file,
		      const struct trace_view *trace, struct view_log *v, struct err *e)
{
	struct log_position start, next;
	struct log_view view;
	struct str bytes = STR("");
	bool is_whole;

	find_start(rq, file, &start, v);
	if (file->length > start.offset &&
	    trace_read(rq->app->data, (struct job_id){ page_id(rq, "id") }, trace, start.offset,
		       (size_t)LOG_BYTES, rq->arena, &bytes, e) < 0)
		return -(int)e->code;
	is_whole = start.offset + (int64_t)bytes.n >= file->length;
	log_view_make(bytes, &start, LOG_LINES, trace->is_over || !is_whole, rq->arena, &view,
		      &next);
	v->groups = view.groups;
	v->groups_count = view.groups_count;
	v->is_empty = file->length == 0;
	v->next = log_position_text(&next, rq->arena);
	add_ways(rq, &start, &next, v);
	return 0;
}

int job_log_read(struct request *rq, struct db *db, struct job_id id, struct view_log *view,
		 struct err *e)
{
	struct log_file file = { -1, 0 };
	struct trace_view trace;
	struct str number = arena_fmt(rq->arena, "%lld", (long long)id.v);
	int result;

	if (trace_view(db, id, rq->arena, &trace, e) < 0)
		return -(int)e->code;
	if (trace.project.v != rq->project->id.v)
		return err_set(e, ERR_NOT_FOUND, "404 Job Not Found");
	request_db_return(rq);
	view->is_over = trace.is_over;
	view->is_hidden = trace.is_debug && !request_may(rq, ACTION_PIPELINE_RUN);
	view->more = page_url(rq, url_for(rq->arena, ROUTE_job_log, rq->project->path, number));
	if (view->is_hidden)
		return 0;
	if (trace_open(rq->app->data, id, &file.fd, e) < 0)
		return -(int)e->code;
	file.length = file.fd >= 0 ? trace.length : 0;
	result = read_piece(rq, &file, &trace, view, e);
	close_file(&file);
	return result;
}

/* What came since ?at=, for the script of an open page. */
int page_job_log(struct request *rq, struct err *e)
{
	struct job_id id = { page_id(rq, "id") };
	struct view_log v = { 0 };
	struct job job;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    job_get(db, rq->project->id, id, rq->arena, &job, e) < 0 ||
	    job_log_read(rq, db, id, &v, e) < 0)
		return -(int)e->code;
	tmpl_job_log(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
