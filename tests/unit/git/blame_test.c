/* What `git blame --porcelain` says, as pages show it. */
#include "support/check.h"

#include "git/blame.h"

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

static const char three_lines[] = ONE " 1 1 1\n"
				      "author Ada\nauthor-mail <ada@x.org>\n"
				      "author-time 1700000000\nauthor-tz +0100\n"
				      "committer Ada\nsummary first words\nboundary\n"
				      "filename f\n\tone\n" TWO " 2 2 2\n"
				      "author B\xff\nauthor-mail <b@x.org>\n"
				      "author-time 1700000100\nsummary \n"
				      "previous " ONE " old name\nfilename f\n\ttwo\r\n" TWO
				      " 3 3\n\t\tthree\n" ONE " 4 4 1\n\t\n";

static void lines_of_one_commit_stand_together(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct blame b;

	check_ok(blame_parse(str_c(three_lines), 100, a, &b, &e), &e);
	check_int(b.lines, 4);
	check_int(b.count, 3);
	check_str(b.parts[0].commit->author, "Ada");
	check_str(b.parts[0].commit->email, "ada@x.org");
	check_str(b.parts[0].commit->subject, "first words");
	check_int(instant_seconds(b.parts[0].commit->when), 1700000000);
	check_false(b.parts[0].commit->has_previous);
	check_int(b.parts[1].first, 2);
	check_int(b.parts[1].count, 2);
	check_str(b.parts[1].lines[0], "two");
	check_str(b.parts[1].lines[1], "\tthree");
	check_str(b.parts[1].commit->author, "B\xef\xbf\xbd");
	check_true(b.parts[1].commit->has_previous);
	check_str(b.parts[1].commit->previous_path, "old name");
	check_true(b.parts[2].commit == b.parts[0].commit);
	check_str(b.parts[2].lines[0], "");
	arena_close(a);
}

static void more_lines_than_asked_for_are_cut(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct blame b;

	check_ok(blame_parse(str_c(three_lines), 2, a, &b, &e), &e);
	check_true(b.is_cut);
	check_int(b.lines, 2);
	check_ok(blame_parse(str_c(three_lines), 4, a, &b, &e), &e);
	check_false(b.is_cut);
	check_ok(blame_parse(STR(""), 4, a, &b, &e), &e);
	check_int(b.count, 0);
	arena_close(a);
}

static void half_an_output_is_an_error(void **state UNUSED)
{
	static const char *const halves[] = { "fatal: no such path\n", ONE " 1 1 1\nauthor Ada\n",
					      ONE "\n", "x 1 1\n\tone\n" };
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct blame b;

	for (size_t i = 0; i < ARRAY_LEN(halves); i++)
		check_err(blame_parse(str_c(halves[i]), 9, a, &b, &e), &e, ERR_INTERNAL,
			  "porcelain");
	arena_close(a);
}

RUN_TESTS(TEST(lines_of_one_commit_stand_together), TEST(more_lines_than_asked_for_are_cut),
	  TEST(half_an_output_is_an_error))
