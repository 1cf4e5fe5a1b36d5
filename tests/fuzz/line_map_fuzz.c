/*
 * Two texts, cut at the first zero byte, compared as versions of a merge request are; comments
 * on the old one's lines are carried over. Asserted: a line that is found is the same line,
 * lines keep their order, none is outside of the text, and what is the same as a whole moves
 * nowhere.
 */
#include "git/line_map.h"

#include <stdint.h>

#include <git2.h>

#define LINES_MAX 500

struct text {
	struct str lines[LINES_MAX];
	int count;
	struct str bytes;
};

static bool cut(struct str bytes, struct text *text)
{
	struct str rest = bytes;

	text->bytes = bytes;
	text->count = 0;
	while (rest.n > 0 && text->count < LINES_MAX) {
		size_t n = str_find(rest, '\n');

		n += n < rest.n;
		text->lines[text->count++] = str_upto(rest, n);
		rest = str_from(rest, n);
	}
	return rest.n == 0;
}

static void fill(git_patch *patch, size_t at, struct diff_hunk *hunk, struct arena *a)
{
	const git_diff_hunk *raw;
	size_t count;
	int failed = git_patch_get_hunk(&raw, &count, patch, at);

	ASSERT(!failed);
	*hunk = (struct diff_hunk){ .old_start = raw->old_start,
				    .old_count = raw->old_lines,
				    .new_start = raw->new_start,
				    .new_count = raw->new_lines,
				    .lines = ARENA_ARRAY(a, struct diff_line, count),
				    .lines_count = count };
	for (size_t i = 0; i < count; i++) {
		const git_diff_line *line;

		failed = git_patch_get_line_in_hunk(&line, patch, at, i);
		ASSERT(!failed);
		hunk->lines[i] = (struct diff_line){
			.kind = line->origin == GIT_DIFF_LINE_CONTEXT    ? DIFF_CONTEXT
				: line->origin == GIT_DIFF_LINE_ADDITION ? DIFF_ADD
				: line->origin == GIT_DIFF_LINE_DELETION ? DIFF_REMOVE
									 : DIFF_NO_NEWLINE,
			.old_line = line->old_lineno,
			.new_line = line->new_lineno,
		};
	}
}

static void compare(const struct text *old, const struct text *new, unsigned context,
		    struct arena *a, struct diff_file *file)
{
	git_diff_options options;
	git_patch *patch;
	int failed = git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);

	ASSERT(!failed);
	options.context_lines = context;
	options.flags = GIT_DIFF_FORCE_TEXT;
	failed = git_patch_from_buffers(&patch, old->bytes.p, old->bytes.n, "f", new->bytes.p,
					new->bytes.n, "f", &options);
	ASSERT(!failed);
	file->hunks_count = git_patch_num_hunks(patch);
	file->hunks = ARENA_ARRAY(a, struct diff_hunk, file->hunks_count);
	for (size_t i = 0; i < file->hunks_count; i++)
		fill(patch, i, &file->hunks[i], a);
	git_patch_free(patch);
}

static void check(const struct text *old, const struct text *new, const struct diff_file *file)
{
	bool is_same = str_eq(old->bytes, new->bytes);
	int last = 0;

	for (int line = 1; line <= old->count; line++) {
		int at = line_map(file, line);

		ASSERT(!is_same || at == line);
		if (at == 0)
			continue;
		ASSERT(at > last && at <= new->count);
		ASSERT(str_eq(old->lines[line - 1], new->lines[at - 1]));
		last = at;
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc UNUSED, char ***argv UNUSED)
{
	return git_libgit2_init() > 0 ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str both = str_n(size ? (const char *)data : "", size);
	struct arena *a = arena_open(0);
	struct text *texts = ARENA_ARRAY(a, struct text, 2);

	if (cut(str_upto(both, str_find(both, '\0')), &texts[0]) &&
	    cut(str_from(both, texts[0].bytes.n + 1), &texts[1])) {
		for (unsigned context = 0; context < 4; context += 3) {
			struct diff_file file = { 0 };

			compare(&texts[0], &texts[1], context, a, &file);
			check(&texts[0], &texts[1], &file);
		}
	}
	arena_close(a);
	return 0;
}
