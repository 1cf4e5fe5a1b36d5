#include "support/check.h"

#include <errno.h>

static void context_is_put_before_the_cause(void **state UNUSED)
{
	struct err e = { 0 };

	check_int(err_set(&e, ERR_CONFLICT, "ref %s moved", "main"), -ERR_CONFLICT);
	check_int(err_add(&e, "push %d", 7), -ERR_CONFLICT);
	check_c(e.text, "push 7: ref main moved");
}

static void private_errors_show_only_their_rows_sentence(void **state UNUSED)
{
	struct err e = { 0 };

	err_errno(&e, ENOSPC, "write /secret/path");
	check_true(strstr(e.text, "No space left") != NULL);
	check_true(strstr(err_sentence(&e), "secret") == NULL);
	check_true(strstr(err_sentence(&e), "disk is full") != NULL);
	check_int(err_http_status(e.code), 507);
	check_int(err_errno(&e, EACCES, "write /secret/path"), -ERR_INTERNAL);
	err_set(&e, ERR_FORBIDDEN, "Only maintainers may push to main.");
	check_c(err_sentence(&e), "Only maintainers may push to main.");
	check_int(err_http_status(e.code), 403);
	check_c(err_name(e.code), "FORBIDDEN");
}

static void long_texts_are_cut_at_a_character(void **state UNUSED)
{
	char text[ERR_TEXT_MAX * 2];
	struct err e = { 0 };

	/* One byte before two-byte letters, so that the ceiling falls inside a letter. */
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = i == 0 ? 'x' : (i % 2 ? '\xC3' : '\xA9');
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_INVALID, "%s", text);
	check_true(strlen(e.text) > ERR_TEXT_MAX - 4);
	check_true(str_is_utf8_text(str_c(e.text)));
	err_set(&e, ERR_INVALID, "x%s", text);
	check_true(str_is_utf8_text(str_c(e.text)));
}

RUN_TESTS(TEST(context_is_put_before_the_cause), TEST(private_errors_show_only_their_rows_sentence),
	  TEST(long_texts_are_cut_at_a_character))
