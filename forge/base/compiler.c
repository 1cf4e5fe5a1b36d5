#include "base/compiler.h"

#include <limits.h>

void assert_failed(const char *condition, const char *file, int line)
{
	dprintf(STDERR_FILENO, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

int int_from_size(size_t n)
{
	ASSERT(n <= INT_MAX);
	return (int)n;
}

uint32_t u32_from_size(size_t n)
{
	ASSERT(n <= UINT32_MAX);
	return (uint32_t)n;
}

size_t size_from_i64(int64_t n)
{
	ASSERT(n >= 0);
	return (size_t)n;
}

int64_t i64_from_size(size_t n)
{
	ASSERT(n <= INT64_MAX);
	return (int64_t)n;
}
