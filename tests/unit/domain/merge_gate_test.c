/* The gates as a table, and the small pure rules around a merge. */
#include "domain/merge.h"
#include "support/check.h"

static struct merge_request good(void)
{
	return (struct merge_request){ .iid = 5,
				       .project_path = STR("g/p"),
				       .source_branch = STR("feature"),
				       .target_branch = STR("main"),
				       .title = STR("Add it"),
				       .head_sha = STR("1111111111111111111111111111111111111111"),
				       .source_sha =
					       STR("1111111111111111111111111111111111111111"),
				       .target_sha =
					       STR("2222222222222222222222222222222222222222"),
				       .check = MERGE_CLEAN,
				       .tree_is_tested = true };
}

static struct merge_blockers judge(const struct merge_facts *facts, struct arena *a)
{
	struct merge_blockers blockers;

	merge_gate_judge(facts, a, &blockers);
	return blockers;
}

struct gate_case {
	enum merge_request_state state;
	bool is_behind, squash, is_draft;
	int32_t open_threads;
	struct merge_setting setting;
	bool has_pipeline;
	enum ci_status status;
	int gate; /* -1: none */
	const char *word;
	bool waits;
};

#define GREEN .setting = { .needs_pipeline = true }
#define PIPELINE(is) .has_pipeline = true, .status = CI_STATUS_##is

static const struct gate_case cases[] = {
	{ .gate = -1, .word = "mergeable" },
	{ .state = MERGE_REQUEST_MERGED, .gate = MERGE_GATE_OPEN, .word = "not_open" },
	{ .state = MERGE_REQUEST_CLOSED, .gate = MERGE_GATE_OPEN, .word = "not_open" },
	{ GREEN, .gate = MERGE_GATE_PIPELINE, .word = "ci_must_pass", .waits = true },
	{ GREEN, PIPELINE(PENDING), .gate = MERGE_GATE_PIPELINE_RUNS, .word = "ci_still_running",
	  .waits = true },
	{ GREEN, PIPELINE(CANCELED), .gate = MERGE_GATE_PIPELINE, .word = "ci_must_pass",
	  .waits = true },
	{ GREEN, PIPELINE(MANUAL), .gate = MERGE_GATE_PIPELINE, .word = "ci_must_pass",
	  .waits = true },
	{ GREEN, PIPELINE(SKIPPED), .gate = MERGE_GATE_PIPELINE, .word = "ci_must_pass",
	  .waits = true },
	{ .setting = { .needs_pipeline = true, .skipped_is_green = true },
	  PIPELINE(SKIPPED),
	  .gate = -1,
	  .word = "mergeable" },
	{ GREEN, PIPELINE(SUCCESS), .gate = -1, .word = "mergeable" },
	{ PIPELINE(FAILED), .gate = -1, .word = "mergeable" },
	{ .is_behind = true,
	  .setting = { .method = MERGE_METHOD_LINEAR },
	  .gate = MERGE_GATE_FAST_FORWARD,
	  .word = "need_rebase" },
	{ .is_behind = true,
	  .squash = true,
	  .setting = { .method = MERGE_METHOD_FAST_FORWARD, .squash = SQUASH_DEFAULT_OFF },
	  .gate = -1,
	  .word = "mergeable" },
	{ .open_threads = 1,
	  .setting = { .needs_threads_resolved = true },
	  .gate = MERGE_GATE_THREADS,
	  .word = "discussions_not_resolved",
	  .waits = true },
	{ .open_threads = 1, .gate = -1, .word = "mergeable" },
	{ .is_draft = true, .gate = MERGE_GATE_DRAFT, .word = "draft_status", .waits = true },
	{ .setting = { .approvals_required = 2 },
	  .gate = MERGE_GATE_APPROVALS,
	  .word = "not_approved",
	  .waits = true },
};

static void a_closed_gate_has_its_word_and_a_sentence(void **state UNUSED)
{
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct gate_case *c = &cases[i];
		struct merge_request mr = good();
		const struct merge_facts facts = { .mr = &mr,
						   .setting = c->setting,
						   .has_pipeline = c->has_pipeline,
						   .pipeline_status = c->status };
		struct merge_blockers b;

		mr.state = c->state;
		mr.is_behind = c->is_behind;
		mr.squash = c->squash;
		mr.is_draft = c->is_draft;
		mr.open_threads = c->open_threads;
		b = judge(&facts, a);
		if (b.count != (c->gate >= 0) || strcmp(merge_blockers_word(&b), c->word) != 0 ||
		    merge_blockers_wait(&b) != c->waits)
			fail_msg("case %zu: %zu blockers, %s", i, b.count, merge_blockers_word(&b));
		if (b.count && ((int)b.items[0].gate != c->gate || b.items[0].sentence.n < 10))
			fail_msg("case %zu: gate %d", i, (int)b.items[0].gate);
	}
	arena_close(a);
}

static void without_a_branch_or_a_check_nothing_merges(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct merge_request mr = good();
	const struct merge_facts facts = { .mr = &mr };

	mr.source_sha = STR_NONE;
	check_int(judge(&facts, a).items[0].gate, MERGE_GATE_SOURCE);
	mr = good();
	mr.target_sha = STR_NONE;
	check_int(judge(&facts, a).items[0].gate, MERGE_GATE_TARGET);
	mr = good();
	mr.check = MERGE_UNCHECKED;
	check_int(judge(&facts, a).items[0].gate, MERGE_GATE_CHECKED);
	mr.check = MERGE_CONTAINED;
	check_int(judge(&facts, a).items[0].gate, MERGE_GATE_COMMITS);
	mr.check = MERGE_UNRELATED;
	check_int(judge(&facts, a).items[0].gate, MERGE_GATE_COMMITS);
	mr.check = MERGE_CONFLICT;
	check_int(judge(&facts, a).items[0].gate, MERGE_GATE_CONFLICT);
	check_false(merge_gate_waits(MERGE_GATE_CONFLICT));
	arena_close(a);
}

static void drafts_are_known_by_their_title(void **state UNUSED)
{
	static const struct {
		const char *title;
		bool is_draft;
	} titles[] = { { "Draft: x", true },  { "draft:x", true },   { "[Draft] x", true },
		       { "(dRaFt) x", true }, { " Draft: x", true }, { "Drafty x", false },
		       { "x Draft:", false }, { "WIP: x", false },   { "", false } };
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (merge_request_title_is_draft(str_c(titles[i].title)) != titles[i].is_draft)
			fail_msg("case %zu", i);
	check_str(merge_request_title_with_draft(STR("x"), true, a), "Draft: x");
	check_str(merge_request_title_with_draft(STR("[draft] x"), true, a), "[draft] x");
	check_str(merge_request_title_with_draft(STR("Draft: (Draft) x"), false, a), "x");
	arena_close(a);
}

static void squashing_is_what_the_project_allows(void **state UNUSED)
{
	struct merge_setting s = { .squash = SQUASH_NEVER };

	check_false(merge_setting_squashes(&s, true));
	s.squash = SQUASH_ALWAYS;
	check_true(merge_setting_squashes(&s, false));
	s.squash = SQUASH_DEFAULT_ON;
	check_false(merge_setting_squashes(&s, false));
	s.squash = SQUASH_DEFAULT_OFF;
	check_true(merge_setting_squashes(&s, true));
}

static void the_message_of_a_merge_is_gitlabs(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	const struct merge_request mr = good();

	check_str(merge_default_message(&mr, a),
		  "Merge branch 'feature' into 'main'\n\nAdd it\n\nSee merge request g/p!5");
	arena_close(a);
}

RUN_TESTS(TEST(a_closed_gate_has_its_word_and_a_sentence),
	  TEST(without_a_branch_or_a_check_nothing_merges), TEST(drafts_are_known_by_their_title),
	  TEST(squashing_is_what_the_project_allows), TEST(the_message_of_a_merge_is_gitlabs))
