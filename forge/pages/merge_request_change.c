/*
 * The changes of a merge request. A comment at a line is a link, ?comment=<line
 * code>, that shows the page with a form there, so it works without a script. A
 * thread is shown at its line, in the version it was made on and in every other
 * that has the line unchanged; below the files those whose line is not shown, with
 * a link to the version that shows it.
 */
#include "pages/merge_request_change.h"
#include "pages/merge_request_thread.h"
#include "tmpl/merge_request_changes.h"

#include <inttypes.h>

#define THREADS_MAX 1000
#define THREADS_BELOW_MAX 100

/* What is looked at. */
struct looked {
	struct merge_request mr;
	struct review_subject subject;
	struct thread_versions versions;
	const struct merge_request_version *version;
	struct compare compare;
	struct discussions threads;  /* at lines */
	struct thread_place *places; /* of each, in this version */
	bool *is_placed;             /* one a thread */
};

static int choose_version(struct request *rq, struct looked *l, struct view_merge_changes *v,
			  struct err *e)
{
	const struct str here =
		page_url(rq, merge_address(rq, l->mr.iid, ROUTE_merge_request_changes));
	struct merge_request_version *versions;
	int64_t number = 0;
	struct db *db;
	size_t count;

	if (request_db(rq, &db, e) < 0 ||
	    merge_request_versions(db, l->mr.id, rq->arena, &versions, &count, e) < 0)
		return -(int)e->code;
	l->versions = (struct thread_versions){ versions, count };
	if (!str_to_i64(request_query(rq, "version"), &number))
		number = 0;
	v->versions = ARENA_ARRAY(rq->arena, struct view_version, count + 1);
	for (size_t i = 0; i < count; i++) {
		if (versions[i].number == number || (number == 0 && i == 0))
			l->version = &versions[i];
		v->versions[v->versions_count++] = (struct view_version){
			.number = versions[i].number,
			.short_sha = str_upto(versions[i].head_sha, 8),
			.link = arena_fmt(rq->arena, "%.*s?version=%" PRId64, STR_FMT(here),
					  versions[i].number),
			.is_chosen = l->version == &versions[i],
			.created = versions[i].created_at,
		};
	}
	if (!l->version)
		return err_set(e, ERR_NOT_FOUND, "This merge request has no such version.");
	v->version = l->version->number;
	v->is_latest = l->version == &versions[0];
	return 0;
}

static int read_threads(struct request *rq, struct looked *l, struct err *e)
{
	struct discussions all = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	l->threads.items = ARENA_ARRAY(rq->arena, struct discussion, THREADS_MAX + LISTING_MAX);
	for (int64_t at = 0; at == 0 || (at < all.total && at < THREADS_MAX); at += LISTING_MAX) {
		if (review_list(db, &l->subject, (struct listing){ at, LISTING_MAX }, rq->arena,
				&all, e) < 0)
			return -(int)e->code;
		for (size_t i = 0; i < all.count; i++)
			if (all.items[i].has_position)
				l->threads.items[l->threads.count++] = all.items[i];
	}
	return 0;
}

static struct thread_place place_of(const struct review_position *p)
{
	const bool is_old = p->new_line == 0;

	return (struct thread_place){ .head_sha = p->head_sha,
				      .path = is_old ? p->old_path : p->new_path,
				      .is_old = is_old,
				      .line = is_old ? p->old_line : p->new_line };
}

static int carry_threads(struct request *rq, struct looked *l, struct err *e)
{
	struct thread_carrier *carrier;

	l->places = ARENA_ARRAY(rq->arena, struct thread_place, l->threads.count + 1);
	l->is_placed = ARENA_ARRAY(rq->arena, bool, l->threads.count + 1);
	if (thread_carrier_open(rq, &l->versions, l->version, &carrier, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < l->threads.count; i++) {
		l->places[i] = place_of(&l->threads.items[i].position);
		if (!str_eq(l->places[i].head_sha, l->version->head_sha) &&
		    thread_carry(carrier, &l->places[i], e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int read_changes(struct request *rq, struct looked *l, struct err *e)
{
	const struct diff_options options = diff_options_of(rq);
	struct oid start, head;
	struct repo *repo;

	request_db_return(rq);
	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (!oid_parse(l->version->start_sha, &start) || !oid_parse(l->version->head_sha, &head))
		return err_set(e, ERR_INTERNAL, "a version without commits");
	return diff_compare(repo, &start, &head, &options, 1, budget_page(), rq->arena, &l->compare,
			    e);
}

static bool is_at(const struct thread_place *place, const struct diff_file_view *file,
		  const struct diff_row *row)
{
	if (place->is_old)
		return row->has_old && !row->has_new && row->old_line == place->line &&
		       str_eq(place->path, file->file->old_path);
	return row->has_new && row->new_line == place->line &&
	       str_eq(place->path, file->file->new_path);
}

/* The version it was made on, with a link; the line above it says the rest. */
static int thread_view(struct request *rq, const struct looked *l, size_t at,
		       struct view_discussion *view, struct err *e)
{
	const struct discussion *thread = &l->threads.items[at];
	const struct merge_request_version *made =
		thread_version(&l->versions, thread->position.head_sha);

	if (discussion_view(rq, &l->subject, NULL, thread, view, e) < 0)
		return -(int)e->code;
	view->has_position = made != l->version || !l->is_placed[at];
	if (!made || made == l->version)
		return 0;
	if (l->is_placed[at])
		view->from_version = made->number;
	else
		view->is_outdated = true;
	view->link = arena_fmt(rq->arena, "?version=%" PRId64 "#%.*s", made->number,
			       STR_FMT(view->anchor));
	return 0;
}

/* The threads of one line, in the order they were begun. */
static int place_talks(struct request *rq, struct looked *l, const struct diff_file_view *file,
		       struct view_change_line *line, struct err *e)
{
	if (!line->row->has_old && !line->row->has_new)
		return 0;
	for (size_t i = 0; i < l->threads.count; i++) {
		if (l->is_placed[i] || !is_at(&l->places[i], file, line->row))
			continue;
		l->is_placed[i] = true;
		if (!line->talks)
			line->talks = ARENA_ARRAY(rq->arena, struct view_discussion,
						  l->threads.count - i);
		if (thread_view(rq, l, i, &line->talks[line->talks_count++], e) < 0)
			return -(int)e->code;
	}
	return 0;
}

/* Those that no line of this page shows; of one file alone only its own. */
static int list_below(struct request *rq, const struct looked *l, struct view_merge_changes *v,
		      struct err *e)
{
	const struct str file = request_query(rq, "file");

	v->below = ARENA_ARRAY(rq->arena, struct view_discussion, THREADS_BELOW_MAX);
	for (size_t i = 0; i < l->threads.count; i++) {
		if (l->is_placed[i])
			continue;
		if (v->below_count == THREADS_BELOW_MAX ||
		    (!str_is_empty(file) && !str_eq(file, l->places[i].path)))
			v->elsewhere++;
		else if (thread_view(rq, l, i, &v->below[v->below_count++], e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static struct view_line_form line_form(struct request *rq, const struct looked *l,
				       const struct diff_file_view *file,
				       const struct diff_row *row)
{
	return (struct view_line_form){
		.action = page_url(rq, merge_address(rq, l->mr.iid, ROUTE_merge_note_create)),
		.base_sha = oid_hex(rq->arena, &l->compare.merge_base),
		.start_sha = l->version->start_sha,
		.head_sha = l->version->head_sha,
		.old_path = file->file->old_path,
		.new_path = file->file->new_path,
		.old_line = row->has_old ? row->old_line : 0,
		.new_line = row->has_new ? row->new_line : 0,
		.version = l->version->number,
		.cancel = arena_fmt(rq->arena, "?version=%" PRId64 "#%.*s", l->version->number,
				    STR_FMT(row->line_code)),
	};
}

static int fill_file(struct request *rq, struct looked *l, const struct diff_file_view *file,
		     struct view_merge_changes *v, struct view_change_file *view, struct err *e)
{
	const struct str asked = request_query(rq, "comment");
	const bool may_comment = v->may_write && l->compare.related &&
				 str_is_utf8_text(file->file->new_path) &&
				 str_is_utf8_text(file->file->old_path);

	view->file = file;
	if (!file->has_rows)
		return 0;
	view->lines = ARENA_ARRAY(rq->arena, struct view_change_line, file->rows_count + 1);
	for (size_t i = 0; i < file->rows_count; i++) {
		struct view_change_line *line = &view->lines[view->lines_count++];

		line->row = &file->rows[i];
		line->may_comment = may_comment && !str_is_empty(line->row->line_code);
		line->has_form = line->may_comment && str_eq(asked, line->row->line_code);
		if (line->has_form)
			line->form = line_form(rq, l, file, line->row);
		if (place_talks(rq, l, file, line, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int fill_files(struct request *rq, struct looked *l, struct view_merge_changes *v,
		      struct err *e)
{
	const struct diff_view *diff = &v->diff.diff;

	v->files = ARENA_ARRAY(rq->arena, struct view_change_file, diff->files_count + 1);
	for (size_t i = 0; i < diff->files_count; i++)
		if (fill_file(rq, l, &diff->files[i], v, &v->files[v->files_count++], e) < 0)
			return -(int)e->code;
	return list_below(rq, l, v, e);
}

static struct str comment_link(struct request *rq, const struct view_merge_changes *v)
{
	const struct str file = request_query(rq, "file");
	struct str link = arena_fmt(rq->arena, "?version=%" PRId64, v->version);

	if (!str_is_empty(file))
		link = page_with_query(rq, link, "file", file);
	return page_with_query(rq, link, "comment", STR(""));
}

int page_merge_request_changes(struct request *rq, struct err *e)
{
	struct view_merge_changes v = { 0 };
	struct looked l = { 0 };

	if (merge_request_of_route(rq, false, &l.mr, e) < 0)
		return -(int)e->code;
	l.subject = review_of_merge_request(&l.mr);
	v.may_write = review_may_write(&rq->actor, &rq->target, REVIEW_MERGE_REQUEST);
	v.head = merge_head_view(rq, &l.mr, "changes");
	if (choose_version(rq, &l, &v, e) < 0 || read_threads(rq, &l, e) < 0 ||
	    read_changes(rq, &l, e) < 0 || carry_threads(rq, &l, e) < 0)
		return -(int)e->code;
	diff_fill(rq, &l.compare.diff, l.version->head_sha, &v.diff);
	v.diff.only_link = page_with_query(rq, arena_fmt(rq->arena, "?version=%" PRId64, v.version),
					   "file", STR(""));
	if (!v.diff.ignores_space)
		v.diff.space_toggle = page_with_query(
			rq, arena_fmt(rq->arena, "?version=%" PRId64, v.version), "w", STR("1"));
	else
		v.diff.space_toggle = arena_fmt(rq->arena, "?version=%" PRId64, v.version);
	v.comment_link = comment_link(rq, &v);
	if (fill_files(rq, &l, &v, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "merge_requests");
	tmpl_merge_request_changes(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
