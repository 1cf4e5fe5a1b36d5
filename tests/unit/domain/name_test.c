/* Names, texts, e-mail addresses, passwords and scopes: what people type. */
#include "domain/namespace.h"
#include "domain/text.h"
#include "domain/token.h"
#include "domain/user.h"

#include "support/check.h"

static void names_follow_the_rules_of_their_use(void **state UNUSED)
{
	static const struct {
		const char *name;
		enum name_use use;
		const char *part; /* NULL: fine */
	} cases[] = {
		{ "ann", NAME_OF_USER, NULL },
		{ "Ann-2.x_y", NAME_OF_USER, NULL },
		{ "a", NAME_OF_USER, "2 to 64" },
		{ "a", NAME_OF_PROJECT, NULL },
		{ "", NAME_OF_PROJECT, "1 to 100" },
		{ "_x", NAME_OF_GROUP, NULL },
		{ "-x", NAME_OF_GROUP, "begin with" },
		{ ".x", NAME_OF_GROUP, "begin with" },
		{ "x.", NAME_OF_GROUP, "end with" },
		{ "x.git", NAME_OF_PROJECT, "end with" },
		{ "x.atom", NAME_OF_PROJECT, "end with" },
		{ "a b", NAME_OF_PROJECT, "only letters" },
		{ "../x", NAME_OF_GROUP, "only letters" },
		{ "a/b", NAME_OF_GROUP, "only letters" },
		{ "\xc3\xa9t\xc3\xa9", NAME_OF_GROUP, "only letters" },
		{ "admin", NAME_OF_GROUP, "in its own addresses" },
		{ "API", NAME_OF_USER, "in its own addresses" },
		{ "admin", NAME_OF_PROJECT, NULL },
		{ "admin", NAME_OF_SUBGROUP, NULL },
		{ "badges", NAME_OF_PROJECT, "behind the name of a project" },
		{ "Tree", NAME_OF_SUBGROUP, "behind the name of a project" },
		{ "tree", NAME_OF_GROUP, NULL },
	};
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int code = namespace_check_name(str_c(cases[i].name), cases[i].use, &e);

		if (cases[i].part ? code != -ERR_UNPROCESSABLE || !strstr(e.text, cases[i].part)
				  : code != 0)
			fail_msg("case %zu (%s): %d %s", i, cases[i].name, code,
				 code ? e.text : "");
	}
}

static void names_that_are_not_text_are_not_shown(void **state UNUSED)
{
	struct err e;

	check_err(namespace_check_name(STR("a\xff"), NAME_OF_GROUP, &e), &e, ERR_UNPROCESSABLE,
		  "This cannot be the name of a group");
}

static void addresses_of_mail_have_one_at(void **state UNUSED)
{
	static const char *const good[] = { "a@b", "ann.x+y@example.org", "\xc3\xa9@x.org" };
	static const char *const bad[] = { "",      "a",     "@b",    "a@",      "a@b@c",
					   "a b@c", "a@b\n", "<a@b>", "a@b,c@d", "a\xff@b" };
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		check_ok(user_check_email(str_c(good[i]), &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_int(user_check_email(str_c(bad[i]), &e), -ERR_UNPROCESSABLE);
}

static void passwords_have_a_length_and_nothing_else(void **state UNUSED)
{
	struct err e;

	check_ok(user_check_password_rules(STR("aaaaaaaaaaaa"), &e), &e);
	check_err(user_check_password_rules(STR("aaaaaaaaaaa"), &e), &e, ERR_UNPROCESSABLE,
		  "at least 12");
	check_int(user_check_password_rules(str_n("aaaaaaaaaaaa\0b", 14), &e), -ERR_UNPROCESSABLE);
	check_int(user_check_password_rules(STR("aaaaaaaaaaaa\xff"), &e), -ERR_UNPROCESSABLE);
}

static void titles_and_descriptions_are_text(void **state UNUSED)
{
	struct err e;

	check_ok(text_check_title(STR("A name"), "name", &e), &e);
	check_int(text_check_title(STR("  "), "name", &e), -ERR_UNPROCESSABLE);
	check_int(text_check_title(STR("a\nb"), "name", &e), -ERR_UNPROCESSABLE);
	check_ok(text_check_description(STR("a\nb"), &e), &e);
	check_int(text_check_description(STR("a\x01"), &e), -ERR_UNPROCESSABLE);
	check_int(text_length(STR("\xc3\xa9t\xc3\xa9")), 3);
}

static void scopes_are_words_of_the_table(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	uint32_t scopes;
	struct err e;

	check_ok(token_scopes_parse(STR("api, read_user"), &scopes, &e), &e);
	check_int(scopes, SCOPE_API | SCOPE_READ_USER);
	struct str_list list = token_scopes_list(a, scopes);
	check_int(list.count, 2);
	check_str(list.items[0], "api");
	check_ok(token_scopes_from_list(&list, &scopes, &e), &e);
	check_int(scopes, SCOPE_API | SCOPE_READ_USER);
	check_err(token_scopes_parse(STR("api,sudo"), &scopes, &e), &e, ERR_UNPROCESSABLE,
		  "\"sudo\" is no scope");
	check_int(token_scopes_parse(STR("session"), &scopes, &e), -ERR_UNPROCESSABLE);
	check_int(token_scopes_parse(STR(""), &scopes, &e), -ERR_UNPROCESSABLE);
	arena_close(a);
}

RUN_TESTS(TEST(names_follow_the_rules_of_their_use), TEST(names_that_are_not_text_are_not_shown),
	  TEST(addresses_of_mail_have_one_at), TEST(passwords_have_a_length_and_nothing_else),
	  TEST(titles_and_descriptions_are_text), TEST(scopes_are_words_of_the_table))
