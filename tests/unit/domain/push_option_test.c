/* What `git push -o` says, read. */
#include "domain/push_option.h"

#include "support/check.h"

static struct push_options read_all(struct arena *a, struct str *options, size_t count)
{
	const struct str_list list = { options, count };
	struct push_options read;

	push_options_read(&list, a, &read);
	return read;
}

static void options_about_the_pipeline_are_read(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str options[] = { STR("ci.skip"),
				 STR("ci.variable=A=b=c"),
				 STR("ci.variable=B=2"),
				 STR("ci.unknown=1"),
				 STR("=x"),
				 STR("") };
	struct push_options read = read_all(a, options, ARRAY_LEN(options));

	check_true(read.skips);
	check_false(read.has_no_pipeline);
	check_int(read.variables.count, 2);
	check_str(read.variables.items[0], "A=b=c");
	check_str(read.variables.items[1], "B=2");
	check_false(read.merge_request.is_wanted);
	arena_close(a);
}

static void options_about_the_merge_request_are_read_under_both_names(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str options[] = { STR("mr.create"),
				 STR("merge_request.target=stage"),
				 STR("mr.title=One = two"),
				 STR("merge_request.draft=false"),
				 STR("mr.label=a"),
				 STR("mr.label=b"),
				 STR("mr.target_project=team/app"),
				 STR("merge_request.merge_when_pipeline_succeeds=") };
	struct push_options read = read_all(a, options, ARRAY_LEN(options));

	check_true(read.merge_request.is_wanted);
	check_true(read.merge_request.creates);
	check_str(read.merge_request.target, "stage");
	check_str(read.merge_request.target_project, "team/app");
	check_str(read.merge_request.title, "One = two");
	check_true(read.merge_request.has_draft);
	check_false(read.merge_request.is_draft);
	check_false(read.merge_request.has_squash);
	check_true(read.merge_request.auto_merges);
	check_int(read.merge_request.label.count, 2);
	arena_close(a);
}

static void a_flag_can_be_said_in_several_words(void **state UNUSED)
{
	static const struct {
		const char *option;
		bool skips;
	} cases[] = { { "ci.skip", true },    { "ci.skip=", true },    { "ci.skip=true", true },
		      { "ci.skip=0", false }, { "ci.skip=No", false }, { "ci.skipped", false } };
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str option = str_c(cases[i].option);

		if (read_all(a, &option, 1).skips != cases[i].skips)
			fail_msg("%.*s", STR_FMT(option));
	}
	arena_close(a);
}

RUN_TESTS(TEST(options_about_the_pipeline_are_read),
	  TEST(options_about_the_merge_request_are_read_under_both_names),
	  TEST(a_flag_can_be_said_in_several_words))
