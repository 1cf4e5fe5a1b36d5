#include "render/diff_view.h"

#include "base/sha1.h"

/* Longer lines are not compared within: nobody reads them, and they cost. */
#define WITHIN_MAX 2000

static struct str status_word(enum diff_status status)
{
	switch (status) {
	case DIFF_ADDED:
		return STR("added");
	case DIFF_DELETED:
		return STR("deleted");
	case DIFF_RENAMED:
		return STR("renamed");
	case DIFF_COPIED:
		return STR("copied");
	case DIFF_TYPE_CHANGED:
		return STR("type");
	default:
		return STR("modified");
	}
}

static struct str path_hash(struct arena *a, struct str path)
{
	unsigned char digest[SHA1_BYTES];
	struct buf hex;
	struct str text;

	sha1(path, digest);
	buf_init(&hex, 2 * SHA1_BYTES);
	buf_add_hex(&hex, digest, SHA1_BYTES);
	text = arena_str(a, buf_str(&hex));
	buf_fini(&hex);
	return text;
}

static void one_part(struct diff_row *row, struct str text, struct arena *a)
{
	row->parts = ARENA_ARRAY(a, struct diff_part, 1);
	row->parts[0].text = text;
	row->parts_count = 1;
}

static struct diff_row make_row(const struct diff_line *line, struct str hash, int *old_at,
				int *new_at, struct arena *a)
{
	struct diff_row row = { .kind = STR("context"), .sign = STR(" ") };

	if (line->kind == DIFF_NO_NEWLINE) {
		row.kind = STR("note");
	} else if (line->kind == DIFF_ADD) {
		row.kind = STR("add");
		row.sign = STR("+");
	} else if (line->kind == DIFF_REMOVE) {
		row.kind = STR("remove");
		row.sign = STR("-");
	}
	row.old_line = line->old_line;
	row.new_line = line->new_line;
	row.has_old = line->old_line > 0;
	row.has_new = line->new_line > 0;
	/* As GitLab counts: the side a line is not on keeps the number of the line it would be. */
	if (row.has_old)
		*old_at = line->old_line;
	if (row.has_new)
		*new_at = line->new_line;
	if (line->kind != DIFF_NO_NEWLINE)
		row.line_code = arena_fmt(a, "%.*s_%d_%d", STR_FMT(hash),
					  row.has_old ? *old_at : *old_at + 1,
					  row.has_new ? *new_at : *new_at + 1);
	one_part(&row, line->text, a);
	return row;
}

static bool is_inside_character(struct str s, size_t at)
{
	return at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80;
}

static size_t common_start(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	while (n > 0 && (is_inside_character(a, n) || is_inside_character(b, n)))
		n--;
	return n;
}

static size_t common_end(struct str a, struct str b, size_t start)
{
	size_t n = 0;

	while (n + start < a.n && n + start < b.n && a.p[a.n - n - 1] == b.p[b.n - n - 1])
		n++;
	while (n > 0 && (is_inside_character(a, a.n - n) || is_inside_character(b, b.n - n)))
		n--;
	return n;
}

static void split(struct diff_row *row, struct str text, size_t start, size_t end, struct arena *a)
{
	row->parts = ARENA_ARRAY(a, struct diff_part, 3);
	row->parts_count = 0;
	if (start)
		row->parts[row->parts_count++].text = str_upto(text, start);
	if (start + end < text.n) {
		row->parts[row->parts_count].is_changed = true;
		row->parts[row->parts_count++].text = str_n(text.p + start, text.n - start - end);
	}
	if (end)
		row->parts[row->parts_count++].text = str_from(text, text.n - end);
}

/* Marks what differs between two lines that stand for each other, if most of them is the same. */
static void mark_pair(struct diff_row *old, struct diff_row *new, struct arena *a)
{
	struct str one = old->parts[0].text;
	struct str two = new->parts[0].text;
	size_t start;
	size_t end;

	if (one.n > WITHIN_MAX || two.n > WITHIN_MAX)
		return;
	start = common_start(one, two);
	end = common_end(one, two, start);
	if ((start + end) * 3 < (one.n > two.n ? one.n : two.n))
		return;
	split(old, one, start, end, a);
	split(new, two, start, end, a);
}

static bool is_kind(const struct diff_row *row, const char *kind)
{
	return str_eq_c(row->kind, kind);
}

/* n removed lines followed by n added ones: line i stands for line i. */
static void mark_changes(struct diff_row *rows, size_t count, struct arena *a)
{
	size_t at = 0;

	while (at < count) {
		size_t removed = 0;
		size_t added = 0;

		while (at + removed < count && is_kind(&rows[at + removed], "remove"))
			removed++;
		while (at + removed + added < count && is_kind(&rows[at + removed + added], "add"))
			added++;
		for (size_t i = 0; removed == added && i < removed; i++)
			mark_pair(&rows[at + i], &rows[at + removed + i], a);
		at += removed + added ? removed + added : 1;
	}
}

static void fill_rows(const struct diff_file *file, struct str hash, struct arena *a,
		      struct diff_file_view *view)
{
	size_t count = 0;

	for (size_t i = 0; i < file->hunks_count; i++)
		count += file->hunks[i].lines_count + 1;
	view->rows = ARENA_ARRAY(a, struct diff_row, count + 1);
	for (size_t i = 0; i < file->hunks_count; i++) {
		const struct diff_hunk *hunk = &file->hunks[i];
		struct diff_row *row = &view->rows[view->rows_count++];
		size_t first = view->rows_count;
		int old_at = hunk->old_start - 1;
		int new_at = hunk->new_start - 1;

		*row = (struct diff_row){ .kind = STR("hunk"), .sign = STR("") };
		one_part(row, hunk->header, a);
		for (size_t j = 0; j < hunk->lines_count; j++)
			view->rows[view->rows_count++] =
				make_row(&hunk->lines[j], hash, &old_at, &new_at, a);
		mark_changes(view->rows + first, view->rows_count - first, a);
	}
	view->has_rows = view->rows_count > 0;
}

static void fill_file(const struct diff_file *file, struct arena *a, struct diff_file_view *view)
{
	struct str hash = path_hash(a, file->new_path);

	view->file = file;
	view->anchor = arena_fmt(a, "diff-%.*s", STR_FMT(hash));
	view->path = file->label;
	view->old_path = file->old_label;
	view->url_path = file->new_path;
	view->status = status_word(file->status);
	view->is_added = file->status == DIFF_ADDED;
	view->is_deleted = file->status == DIFF_DELETED;
	view->is_renamed = file->status == DIFF_RENAMED || file->status == DIFF_COPIED;
	view->is_binary = file->omitted == DIFF_BINARY;
	view->is_too_large = file->omitted == DIFF_TOO_LARGE;
	view->is_over_limit = file->omitted == DIFF_OVER_LIMIT;
	view->is_submodule = file->omitted == DIFF_SUBMODULE;
	view->mode_changed = file->old_mode && file->new_mode && file->old_mode != file->new_mode;
	view->counted = file->counted;
	view->old_mode = arena_fmt(a, "%06o", file->old_mode);
	view->new_mode = arena_fmt(a, "%06o", file->new_mode);
	view->old_short = oid_short(a, &file->old_oid, 8);
	view->new_short = oid_short(a, &file->new_oid, 8);
	view->similarity = file->similarity;
	view->added = i64_from_size(file->added);
	view->removed = i64_from_size(file->removed);
	fill_rows(file, hash, a, view);
}

void diff_view_make(const struct diff *diff, struct arena *a, struct diff_view *view)
{
	*view = (struct diff_view){ .files_total = i64_from_size(diff->files_total),
				    .added = i64_from_size(diff->added),
				    .removed = i64_from_size(diff->removed),
				    .limit = diff->limit,
				    .has_limit = diff->limit.n > 0 };
	view->files = ARENA_ARRAY(a, struct diff_file_view, diff->files_count + 1);
	for (size_t i = 0; i < diff->files_count; i++)
		fill_file(&diff->files[i], a, &view->files[view->files_count++]);
}
