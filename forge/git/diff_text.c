/*
 * A diff as the text `git apply` and `git am` read: raw bytes, nothing left out.
 * What is too large for that is refused, since half a patch is worse than none.
 */
#include "git/diff_private.h"

#include "git/object.h"

#include <time.h>

#define TEXT_FILES_MAX 20000
#define TEXT_FILE_MAX ((size_t)16 << 20)

/* git's quoting of paths in headers (quote.c): only where it is needed. */
static void add_path(struct buf *out, const char *prefix, struct str path)
{
	static const char special[] = "\"\\\a\b\t\n\v\f\r";
	static const char letters[] = "\"\\abtnvfr";
	bool quote = false;

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		quote |= c < ' ' || c >= 0x7f || c == '"' || c == '\\';
	}
	if (!quote) {
		buf_addf(out, "%s%.*s", prefix, STR_FMT(path));
		return;
	}
	buf_addf(out, "\"%s", prefix);
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		const char *at = c ? strchr(special, c) : NULL;

		if (at)
			buf_addf(out, "\\%c", letters[at - special]);
		else if (c < ' ' || c >= 0x7f)
			buf_addf(out, "\\%03o", c);
		else
			buf_add_char(out, (char)c);
	}
	buf_add_char(out, '"');
}

static void add_header(struct buf *out, const struct tree_change *change)
{
	bool renamed = change->similarity > 0;

	buf_add_c(out, "diff --git ");
	add_path(out, "a/", change->old_path);
	buf_add_char(out, ' ');
	add_path(out, "b/", change->path);
	buf_add_char(out, '\n');
	if (change->old_mode == 0)
		buf_addf(out, "new file mode %06o\n", change->new_mode);
	else if (change->new_mode == 0)
		buf_addf(out, "deleted file mode %06o\n", change->old_mode);
	else if (change->old_mode != change->new_mode)
		buf_addf(out, "old mode %06o\nnew mode %06o\n", change->old_mode, change->new_mode);
	if (renamed) {
		buf_addf(out, "similarity index %d%%\nrename from ", change->similarity);
		add_path(out, "", change->old_path);
		buf_add_c(out, "\nrename to ");
		add_path(out, "", change->path);
		buf_add_char(out, '\n');
	}
}

static void add_index(struct buf *out, const struct tree_change *change)
{
	char old[OID_HEX + 1];
	char new[OID_HEX + 1];

	oid_format(&change->old_oid, old);
	oid_format(&change->new_oid, new);
	buf_addf(out, "index %s..%s", old, new);
	if (change->old_mode == change->new_mode)
		buf_addf(out, " %06o", change->new_mode);
	buf_add_char(out, '\n');
}

static void add_names(struct buf *out, const struct tree_change *change)
{
	buf_add_c(out, "--- ");
	if (change->old_mode)
		add_path(out, "a/", change->old_path);
	else
		buf_add_c(out, "/dev/null");
	buf_add_c(out, "\n+++ ");
	if (change->new_mode)
		add_path(out, "b/", change->path);
	else
		buf_add_c(out, "/dev/null");
	buf_add_char(out, '\n');
}

static int add_hunks(struct buf *out, git_patch *patch, struct err *e)
{
	size_t hunks = git_patch_num_hunks(patch);

	for (size_t i = 0; i < hunks; i++) {
		const git_diff_hunk *hunk;
		const git_diff_line *line;
		size_t lines;
		int result = git_patch_get_hunk(&hunk, &lines, patch, i);

		if (result < 0)
			return libgit_error(result, e, "read a hunk");
		buf_add_bytes(out, hunk->header, hunk->header_len);
		for (size_t j = 0; j < lines; j++) {
			result = git_patch_get_line_in_hunk(&line, patch, i, j);
			if (result < 0)
				return libgit_error(result, e, "read a line of a hunk");
			/* The sign of "no newline" lines is in their text. */
			if (line->origin == ' ' || line->origin == '+' || line->origin == '-')
				buf_add_char(out, line->origin);
			buf_add_bytes(out, line->content, line->content_len);
		}
	}
	return 0;
}

static void add_module_lines(struct buf *out, const struct tree_change *change)
{
	char hex[OID_HEX + 1];

	add_names(out, change);
	buf_addf(out, "@@ -%d%s +%d%s @@\n", change->old_mode ? 1 : 0, change->old_mode ? "" : ",0",
		 change->new_mode ? 1 : 0, change->new_mode ? "" : ",0");
	oid_format(&change->old_oid, hex);
	if (change->old_mode)
		buf_addf(out, "-Subproject commit %s\n", hex);
	oid_format(&change->new_oid, hex);
	if (change->new_mode)
		buf_addf(out, "+Subproject commit %s\n", hex);
}

static int add_contents(struct repo *repo, const struct tree_change *change, struct buf *out,
			struct err *e)
{
	struct diff_contents contents;
	int result = 0;

	if (diff_contents_read(repo, change, TEXT_FILE_MAX, NULL, &contents, e))
		return -(int)e->code;
	if (contents.patch == NULL) {
		buf_add_c(out, "Binary files ");
		add_path(out, change->old_mode ? "a/" : "",
			 change->old_mode ? change->old_path : STR("/dev/null"));
		buf_add_c(out, " and ");
		add_path(out, change->new_mode ? "b/" : "",
			 change->new_mode ? change->path : STR("/dev/null"));
		buf_add_c(out, " differ\n");
	} else {
		if (git_patch_num_hunks(contents.patch) > 0)
			add_names(out, change);
		result = add_hunks(out, contents.patch, e);
	}
	diff_contents_fini(&contents);
	return result;
}

static bool is_module(unsigned mode)
{
	return mode == RAW_MODE_MODULE;
}

static int add_change(struct repo *repo, const struct tree_change *change, struct buf *out,
		      struct err *e);

/* A file that became a link or a module is two changes to git apply. */
static int add_type_change(struct repo *repo, const struct tree_change *change, struct buf *out,
			   struct err *e)
{
	struct tree_change removed = *change;
	struct tree_change added = *change;

	removed.new_mode = 0;
	removed.new_oid = (struct oid){ 0 };
	added.old_mode = 0;
	added.old_oid = (struct oid){ 0 };
	if (add_change(repo, &removed, out, e) || add_change(repo, &added, out, e))
		return -(int)e->code;
	return 0;
}

static int add_change(struct repo *repo, const struct tree_change *change, struct buf *out,
		      struct err *e)
{
	if (change->old_mode && change->new_mode &&
	    (change->old_mode & RAW_MODE_KIND) != (change->new_mode & RAW_MODE_KIND))
		return add_type_change(repo, change, out, e);
	add_header(out, change);
	if (oid_eq(&change->old_oid, &change->new_oid))
		return 0;
	add_index(out, change);
	if (is_module(change->old_mode) || is_module(change->new_mode)) {
		add_module_lines(out, change);
		return 0;
	}
	return add_contents(repo, change, out, e);
}

int diff_text(struct repo *repo, const struct oid *old_commit, const struct oid *new_commit,
	      struct buf *out, struct err *e)
{
	struct arena *a = arena_open(0);
	struct tree_changes changes;
	bool skipped;
	int result = diff_changes(repo, old_commit, new_commit, STR(""), TEXT_FILES_MAX, a,
				  &changes, &skipped, e);

	if (result == 0 && (changes.total > changes.count || changes.is_more))
		result = err_set(e, ERR_TOO_LARGE,
				 "This diff has more than %d files; make it with git.",
				 TEXT_FILES_MAX);
	for (size_t i = 0; result == 0 && i < changes.count; i++) {
		result = add_change(repo, &changes.items[i], out, e);
		if (result == 0)
			result = buf_check(out, "The diff", e);
	}
	arena_close(a);
	return result;
}

/* RFC 5322: a name with more than letters in it is quoted. */
static void add_from(struct buf *out, const struct person *person)
{
	bool plain = true;

	for (size_t i = 0; i < person->name.n; i++) {
		unsigned char c = (unsigned char)person->name.p[i];

		plain &= c == ' ' || c >= 0x80 || (c >= '0' && c <= '9') ||
			 ((c | 32) >= 'a' && (c | 32) <= 'z');
	}
	buf_add_c(out, "From: ");
	if (!plain)
		buf_add_char(out, '"');
	for (size_t i = 0; i < person->name.n; i++) {
		char c = person->name.p[i];

		if (!plain && (c == '"' || c == '\\'))
			buf_add_char(out, '\\');
		buf_add_char(out, (unsigned char)c < ' ' ? ' ' : c);
	}
	buf_addf(out, "%s <%.*s>\n", plain ? "" : "\"", STR_FMT(person->email));
}

static void add_date(struct buf *out, const struct person *person)
{
	int minutes = person->offset_minutes;
	time_t local = (time_t)(instant_seconds(person->when) + minutes * 60);
	struct tm tm;
	char text[64];

	gmtime_r(&local, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S", &tm);
	buf_addf(out, "Date: %s %c%02d%02d\n", text, minutes < 0 ? '-' : '+',
		 (minutes < 0 ? -minutes : minutes) / 60, (minutes < 0 ? -minutes : minutes) % 60);
}

int diff_patch(struct repo *repo, const struct oid *commit, struct buf *out, struct err *e)
{
	struct arena *a = arena_open(0);
	struct oid parent = { 0 };
	struct commit read;
	int result = commit_get(repo, commit, a, &read, e);

	if (result == 0) {
		if (read.parents_count)
			parent = read.parents[0];
		buf_addf(out, "From %s Mon Sep 17 00:00:00 2001\n", oid_hex(a, commit).p);
		add_from(out, &read.author);
		add_date(out, &read.author);
		buf_addf(out,
			 "Subject: [PATCH] %.*s\nMIME-Version: 1.0\n"
			 "Content-Type: text/plain; charset=UTF-8\n"
			 "Content-Transfer-Encoding: 8bit\n\n",
			 STR_FMT(read.subject));
		if (read.body.n)
			buf_addf(out, "%.*s\n", STR_FMT(read.body));
		buf_add_c(out, "---\n\n");
		result = diff_text(repo, &parent, commit, out, e);
	}
	if (result == 0) {
		buf_add_c(out, "-- \nHearth\n\n");
		result = buf_check(out, "The patch", e);
	}
	arena_close(a);
	return result;
}
