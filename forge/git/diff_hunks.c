#include "git/diff_private.h"

#include "git/blob.h"
#include "git/object.h"
#include "git/text.h"

#define HEADER_SHOWN_MAX 512

void diff_contents_fini(struct diff_contents *contents)
{
	git_patch_free(contents->patch);
	git_odb_object_free(contents->objects[0]);
	git_odb_object_free(contents->objects[1]);
	*contents = (struct diff_contents){ 0 };
}

static git_diff_options libgit_options(const struct diff_options *options)
{
	git_diff_options converted;
	int context = options ? options->context : 0;

	git_diff_options_init(&converted, GIT_DIFF_OPTIONS_VERSION);
	converted.context_lines = (uint32_t)(context <= 0                 ? DIFF_CONTEXT_DEFAULT
					     : context > DIFF_CONTEXT_MAX ? DIFF_CONTEXT_MAX
									  : context);
	converted.flags = GIT_DIFF_FORCE_TEXT;
	if (options && options->ignore_space)
		converted.flags |= GIT_DIFF_IGNORE_WHITESPACE;
	return converted;
}

static int read_side(struct repo *repo, const struct tree_change *change, int side, size_t limit,
		     struct diff_contents *contents, struct err *e)
{
	const struct oid *oid = side ? &change->new_oid : &change->old_oid;

	contents->sides[side] = STR("");
	if (!(side ? change->new_mode : change->old_mode))
		return 0;
	if (object_read(repo, oid, GIT_OBJECT_BLOB, limit, &contents->objects[side], e))
		return -(int)e->code;
	contents->sides[side] = object_bytes(contents->objects[side]);
	return 0;
}

int diff_contents_read(struct repo *repo, const struct tree_change *change, size_t limit,
		       const struct diff_options *options, struct diff_contents *contents,
		       struct err *e)
{
	git_diff_options converted = libgit_options(options);
	int result;

	*contents = (struct diff_contents){ 0 };
	if (read_side(repo, change, 0, limit, contents, e) ||
	    read_side(repo, change, 1, limit, contents, e)) {
		diff_contents_fini(contents);
		return -(int)e->code;
	}
	if (blob_classify(contents->sides[0]) == BLOB_BINARY ||
	    blob_classify(contents->sides[1]) == BLOB_BINARY)
		return 0;
	result = git_patch_from_buffers(&contents->patch, contents->sides[0].p,
					contents->sides[0].n, NULL, contents->sides[1].p,
					contents->sides[1].n, NULL, &converted);
	if (result < 0) {
		diff_contents_fini(contents);
		return libgit_error(result, e, "compare two files");
	}
	return 0;
}

static struct str without_line_end(struct str line)
{
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static struct diff_line make_line(const git_diff_line *raw, struct arena *a)
{
	struct str text = str_n(raw->content, raw->content_len);
	struct diff_line line = { .kind = DIFF_CONTEXT };

	switch (raw->origin) {
	case GIT_DIFF_LINE_ADDITION:
		line.kind = DIFF_ADD;
		break;
	case GIT_DIFF_LINE_DELETION:
		line.kind = DIFF_REMOVE;
		break;
	case GIT_DIFF_LINE_CONTEXT_EOFNL:
	case GIT_DIFF_LINE_ADD_EOFNL:
	case GIT_DIFF_LINE_DEL_EOFNL:
		line.kind = DIFF_NO_NEWLINE;
		line.text = STR("\\ No newline at end of file");
		return line;
	default:
		break;
	}
	text = without_line_end(text);
	line.old_line = raw->old_lineno > 0 ? raw->old_lineno : 0;
	line.new_line = raw->new_lineno > 0 ? raw->new_lineno : 0;
	line.text = text_latin1(a, text, text.n, NULL);
	return line;
}

static int fill_hunk(git_patch *patch, size_t at, struct arena *a, struct diff_hunk *hunk,
		     struct err *e)
{
	const git_diff_hunk *raw;
	const git_diff_line *line;
	size_t lines;
	struct str header;
	int result = git_patch_get_hunk(&raw, &lines, patch, at);

	if (result < 0)
		return libgit_error(result, e, "read a hunk");
	header = without_line_end(str_n(raw->header, raw->header_len));
	*hunk = (struct diff_hunk){ .header = text_latin1(a, header, HEADER_SHOWN_MAX, NULL),
				    .old_start = raw->old_start,
				    .old_count = raw->old_lines,
				    .new_start = raw->new_start,
				    .new_count = raw->new_lines };
	hunk->lines = ARENA_ARRAY(a, struct diff_line, lines + 1);
	for (size_t i = 0; i < lines; i++) {
		result = git_patch_get_line_in_hunk(&line, patch, at, i);
		if (result < 0)
			return libgit_error(result, e, "read a line of a hunk");
		hunk->lines[hunk->lines_count++] = make_line(line, a);
	}
	return 0;
}

static int fill_from_patch(git_patch *patch, struct arena *a, struct diff_usage *usage,
			   struct diff_file *file, struct err *e)
{
	size_t context;
	size_t hunks = git_patch_num_hunks(patch);
	int result = git_patch_line_stats(&context, &file->added, &file->removed, patch);

	if (result < 0)
		return libgit_error(result, e, "count lines");
	file->counted = true;
	if (usage->lines + context + file->added + file->removed > DIFF_LINES_MAX) {
		file->omitted = DIFF_OVER_LIMIT;
		return 0;
	}
	usage->lines += context + file->added + file->removed;
	file->hunks = ARENA_ARRAY(a, struct diff_hunk, hunks + 1);
	for (size_t i = 0; i < hunks; i++) {
		if (fill_hunk(patch, i, a, &file->hunks[i], e))
			return -(int)e->code;
		file->hunks_count++;
	}
	return 0;
}

static int size_of(struct repo *repo, unsigned mode, const struct oid *oid, uint64_t *size,
		   struct err *e)
{
	*size = 0;
	return mode ? blob_size(repo, oid, size, e) : 0;
}

int diff_fill_hunks(struct repo *repo, const struct tree_change *change,
		    const struct diff_options *options, struct arena *a, struct diff_usage *usage,
		    struct diff_file *file, struct err *e)
{
	struct diff_contents contents;
	uint64_t old_size;
	uint64_t new_size;
	int result;

	if (size_of(repo, change->old_mode, &change->old_oid, &old_size, e) ||
	    size_of(repo, change->new_mode, &change->new_oid, &new_size, e))
		return -(int)e->code;
	if (old_size > DIFF_FILE_BYTES_MAX || new_size > DIFF_FILE_BYTES_MAX)
		file->omitted = DIFF_TOO_LARGE;
	else if (usage->bytes + old_size + new_size > DIFF_BYTES_MAX)
		file->omitted = DIFF_OVER_LIMIT;
	if (file->omitted != DIFF_SHOWN)
		return 0;
	usage->bytes += old_size + new_size;
	if (diff_contents_read(repo, change, DIFF_FILE_BYTES_MAX, options, &contents, e))
		return -(int)e->code;
	if (contents.patch == NULL) {
		file->omitted = DIFF_BINARY;
		result = 0;
	} else {
		result = fill_from_patch(contents.patch, a, usage, file, e);
	}
	diff_contents_fini(&contents);
	return result;
}
