#include "support/check.h"

#include "render/i18n.h"

static void english_is_first_and_needs_no_table(void **state UNUSED)
{
	const struct language *english = language_at(0);

	check_c(english->code, "en");
	check_c(i18n_text(english, "Sign in"), "Sign in");
	check_c(i18n_plural(english, "%n file", "%n files", 1), "%n file");
	check_c(i18n_plural(english, "%n file", "%n files", 0), "%n files");
	check_c(i18n_plural(english, "%n file", "%n files", -1), "%n files");
}

static void the_header_negotiates_and_falls_back_to_english(void **state UNUSED)
{
	static const struct {
		const char *header;
		const char *code;
	} cases[] = {
		{ NULL, "en" },
		{ "", "en" },
		{ "*", "en" },
		{ "en-GB", "en" },
		{ "xx, EN;q=0.5", "en" },
		{ "xx;q=1, yy", "en" },
		{ "en;q=x", "en" },
		{ ",,;q=,", "en" },
		{ "en;q=0.0.9", "en" },
		{ "ru-RU,ru;q=0.9,en;q=0.8", "ru" },
		{ "en;q=0.8, ru;q=0.9", "ru" },
		{ "ru;q=0", "en" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct language *language = language_negotiate(str_c(cases[i].header));

		if (strcmp(language->code, cases[i].code) != 0)
			fail_msg("case %zu: %s", i, language->code);
	}
}

static void a_language_is_found_by_its_code_with_or_without_region(void **state UNUSED)
{
	check_c(language_find(STR("en"))->code, "en");
	check_c(language_find(STR("EN-us"))->code, "en");
	check_true(language_find(STR("xx")) == NULL);
	check_true(language_find(STR("")) == NULL);
	check_true(language_find(STR_NONE) == NULL);
}

static void every_table_is_sorted_and_has_its_forms(void **state UNUSED)
{
	const struct language *language;

	for (size_t i = 1; (language = language_at(i)) != NULL; i++) {
		for (size_t k = 1; k < language->count; k++) {
			if (strcmp(language->messages[k - 1].msgid, language->messages[k].msgid) >=
			    0)
				fail_msg("%s: %s", language->code, language->messages[k].msgid);
		}
		for (int64_t n = -3; n < 1000; n++)
			check_true(language->plural(n) < language->forms);
	}
}

static void russian_counts_in_three_forms(void **state UNUSED)
{
	static const struct {
		int64_t n;
		const char *form;
	} cases[] = {
		{ 0, "%n коммитов" },   { 1, "%n коммит" },    { 2, "%n коммита" },
		{ 4, "%n коммита" },    { 5, "%n коммитов" },  { 11, "%n коммитов" },
		{ 12, "%n коммитов" },  { 21, "%n коммит" },   { 22, "%n коммита" },
		{ 111, "%n коммитов" }, { 1001, "%n коммит" }, { -1, "%n коммит" },
	};
	const struct language *russian = language_find(STR("ru"));

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *form = i18n_plural(russian, "%n commit", "%n commits", cases[i].n);

		if (strcmp(form, cases[i].form) != 0)
			fail_msg("%lld: %s", (long long)cases[i].n, form);
	}
	check_c(i18n_text(russian, "Sign in"), "Войти");
	check_c(i18n_text(russian, "nobody translated this"), "nobody translated this");
}

RUN_TESTS(TEST(english_is_first_and_needs_no_table),
	  TEST(the_header_negotiates_and_falls_back_to_english),
	  TEST(a_language_is_found_by_its_code_with_or_without_region),
	  TEST(every_table_is_sorted_and_has_its_forms), TEST(russian_counts_in_three_forms))
