#include "support/check.h"

#include <stdlib.h>

const char *test_temporary(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && folder[0] ? folder : "/tmp";
}

void test_folder(char *to, size_t room, const char *name)
{
	int n = snprintf(to, room, "%s/%s-XXXXXX", test_temporary(), name);

	if (n < 0 || (size_t)n >= room || mkdtemp(to) == NULL)
		fail_msg("no folder %s below %s", name, test_temporary());
}

void check_str_at(struct str actual, const char *expected, const char *file, int line)
{
	if (str_eq_c(actual, expected))
		return;
	print_error("got      \"%.*s\"\nexpected \"%s\"\n", STR_FMT(actual), expected);
	_fail(file, line);
}

void check_ok_at(int result, const struct err *e, const char *call, const char *file, int line)
{
	if (result >= 0)
		return;
	print_error("%s failed: %s: %s\n", call, err_name(e->code), e->text);
	_fail(file, line);
}

void check_err_at(int result, const struct err *e, enum err_code expected, const char *part,
		  const char *call, const char *file, int line)
{
	if (result == -(int)expected && e->code == expected && strstr(e->text, part))
		return;
	print_error("%s gave %d, %s: \"%s\"; expected %s with \"%s\"\n", call, result,
		    result < 0 ? err_name(e->code) : "no error", result < 0 ? e->text : "",
		    err_name(expected), part);
	_fail(file, line);
}
