#include "support/check.h"

#include "base/sha1.h"
#include "render/diff_view.h"

static struct diff_view view_of(struct arena *a, struct diff_line *lines, size_t count)
{
	struct diff_hunk *hunk = ARENA_NEW(a, struct diff_hunk);
	struct diff_file *file = ARENA_NEW(a, struct diff_file);
	struct diff diff = { .files = file, .files_count = 1, .files_total = 1 };
	struct diff_view view;

	*hunk = (struct diff_hunk){ .header = STR("@@ -10,3 +10,3 @@"),
				    .old_start = 10,
				    .new_start = 10,
				    .lines = lines,
				    .lines_count = count };
	*file = (struct diff_file){ .new_path = STR("a.c"),
				    .label = STR("a.c"),
				    .status = DIFF_MODIFIED,
				    .hunks = hunk,
				    .hunks_count = 1 };
	diff_view_make(&diff, a, &view);
	return view;
}

static void changed_words_of_paired_lines_are_marked(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct diff_line lines[] = { { DIFF_CONTEXT, 10, 10, STR("same") },
				     { DIFF_REMOVE, 11, 0, STR("int caf\xC3\xA9 = 1;") },
				     { DIFF_ADD, 0, 11, STR("int caf\xC3\xA8 = 1;") } };
	struct diff_view view = view_of(a, lines, ARRAY_LEN(lines));
	struct diff_row *rows = view.files[0].rows;

	check_int(view.files[0].rows_count, 4);
	check_str(rows[0].kind, "hunk");
	check_str(rows[2].kind, "remove");
	check_int(rows[2].parts_count, 3);
	check_str(rows[2].parts[0].text, "int caf");
	check_str(rows[2].parts[1].text, "\xC3\xA9");
	check_true(rows[2].parts[1].is_changed);
	check_str(rows[3].parts[1].text, "\xC3\xA8");
	arena_close(a);
}

static void lines_that_share_little_are_left_whole(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct diff_line lines[] = { { DIFF_REMOVE, 11, 0, STR("return a(b, c);") },
				     { DIFF_ADD, 0, 11, STR("x = y + zzzzzzzzzz;") } };
	struct diff_view view = view_of(a, lines, ARRAY_LEN(lines));

	check_int(view.files[0].rows[1].parts_count, 1);
	arena_close(a);
}

static void line_codes_are_those_of_gitlab(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct diff_line lines[] = { { DIFF_CONTEXT, 10, 10, STR("c") },
				     { DIFF_REMOVE, 11, 0, STR("r") },
				     { DIFF_REMOVE, 12, 0, STR("r") },
				     { DIFF_ADD, 0, 11, STR("a") } };
	struct diff_view view = view_of(a, lines, ARRAY_LEN(lines));
	struct diff_row *rows = view.files[0].rows;

	check_str(rows[1].line_code, "2e5e828ebf29441ab1d17abe9b59440764703bd5_10_10");
	check_true(str_ends(rows[2].line_code, STR("_11_11")));
	check_true(str_ends(rows[3].line_code, STR("_12_11")));
	check_true(str_ends(rows[4].line_code, STR("_13_11")));
	arena_close(a);
}

static void sha1_gives_the_digests_of_the_standard(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *hex;
	} cases[] = {
		{ "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
		{ "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned char got[SHA1_BYTES];
		unsigned char expected[SHA1_BYTES];

		sha1(str_c(cases[i].text), got);
		check_true(str_to_bytes(str_c(cases[i].hex), expected, SHA1_BYTES));
		if (memcmp(got, expected, SHA1_BYTES) != 0)
			fail_msg("case %zu", i);
	}
}

RUN_TESTS(TEST(changed_words_of_paired_lines_are_marked),
	  TEST(lines_that_share_little_are_left_whole), TEST(line_codes_are_those_of_gitlab),
	  TEST(sha1_gives_the_digests_of_the_standard))
