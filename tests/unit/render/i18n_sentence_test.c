#include "render/i18n.h"

#include "support/check.h"

/* A language of our own: the words of ru.po may change. */
static const struct i18n_message messages[] = {
	{ "%s has all commits of %s already.", { "In %2$s ist nichts, was %1$s nicht hat." } },
	{ "%s of %s", { "%s von %s" } },
	{ "It is a draft.", { "Ein Entwurf." } },
	{ "The branch %s is protected.", { "Der Zweig %s ist geschuetzt, zu 100%%." } },
	{ "The branch %s is protected: %s may push to it.", { "%2$s duerfen nach %1$s." } },
	{ "those above", { "die darueber" } },
};
static const struct language german = { .code = "de",
					.messages = messages,
					.count = ARRAY_LEN(messages) };

static void a_sentence_is_found_by_its_words_and_keeps_its_values(void **state UNUSED)
{
	static const struct {
		const char *english, *german;
	} cases[] = {
		{ "It is a draft.", "Ein Entwurf." },
		{ "The branch main is protected.", "Der Zweig main ist geschuetzt, zu 100%." },
		{ "The branch  is protected.", "Der Zweig  ist geschuetzt, zu 100%." },
		{ "The branch main is protected: maintainers may push to it.",
		  "maintainers duerfen nach main." },
		{ "main has all commits of fix already.",
		  "In fix ist nichts, was main nicht hat." },
		{ "The branch a%sb is protected.", "Der Zweig a%sb ist geschuetzt, zu 100%." },
		{ "The branch main is protected: those above may push to it.",
		  "die darueber duerfen nach main." },
		/* What fits nothing, or only what says too little, stays. */
		{ "The branch main is gone.", "The branch main is gone." },
		{ "The branch main is protected", "The branch main is protected" },
		{ "two of three", "two of three" },
		{ "", "" },
	};
	struct arena *a = arena_open(1 << 20);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str text = i18n_sentence(&german, str_c(cases[i].english), a);

		if (!str_eq_c(text, cases[i].german))
			fail_msg("case %zu: %.*s", i, STR_FMT(text));
		check_str(i18n_sentence(language_at(0), str_c(cases[i].english), a),
			  cases[i].english);
	}
	arena_close(a);
}

static void what_blocks_a_merge_is_said_in_russian(void **state UNUSED)
{
	const struct language *russian = language_find(STR("ru"));
	struct str english = STR("Pipeline #71 failed. Retry it, or push a commit that makes it "
				 "succeed.");
	struct arena *a = arena_open(1 << 20);
	struct str text = i18n_sentence(russian, english, a);

	check_false(str_eq(text, english));
	check_true(str_find_str(text, STR("71")) < text.n);
	arena_close(a);
}

RUN_TESTS(TEST(what_blocks_a_merge_is_said_in_russian),
	  TEST(a_sentence_is_found_by_its_words_and_keeps_its_values))
