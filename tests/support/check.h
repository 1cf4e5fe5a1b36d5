/*
 * Our words for cmocka's, so that a test reads as a sentence and a failure
 * shows both values. Include this one header in a unit test.
 *
 *	static void cut_keeps_the_empty_part(void **state) { ... check_str(part, "b"); }
 *	TESTS(cut_keeps_the_empty_part, ...)
 */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

#define check_true(condition) assert_true(condition)
#define check_false(condition) assert_false(condition)
#define check_int(actual, expected) assert_int_equal((actual), (expected))
#define check_c(actual, expected) assert_string_equal((actual), (expected))
#define check_str(actual, expected) check_str_at((actual), (expected), __FILE__, __LINE__)
/* The call succeeds; otherwise the error's text is printed. */
#define check_ok(call, e) check_ok_at((call), (e), #call, __FILE__, __LINE__)
/* The call fails with this code and its text holds `part`. */
#define check_err(call, e, expected_code, part) \
	check_err_at((call), (e), (expected_code), (part), #call, __FILE__, __LINE__)

/* Where temporary files go: $TMPDIR, else /tmp. */
const char *test_temporary(void);
/*
 * Makes an empty folder $TMPDIR/<name>-XXXXXX and puts its path in `to`. Who runs the tests
 * removes what they leave in TMPDIR, and counts it as a failure of those that pass.
 */
void test_folder(char *to, size_t room, const char *name);

void check_str_at(struct str actual, const char *expected, const char *file, int line);
void check_ok_at(int result, const struct err *e, const char *call, const char *file, int line);
void check_err_at(int result, const struct err *e, enum err_code expected, const char *part,
		  const char *call, const char *file, int line);

#define TEST(name) cmocka_unit_test(name)
#define RUN_TESTS(...)                                                         \
	int main(void)                                                         \
	{                                                                      \
		const struct CMUnitTest tests[] = { __VA_ARGS__ };             \
		return cmocka_run_group_tests(tests, NULL, NULL) == 0 ? 0 : 1; \
	}

#endif
