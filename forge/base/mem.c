#define BASE_ALLOCATES
#include "base/mem.h"

static void *must_have(void *p)
{
	ASSERT(p != NULL);
	return p;
}

void *mem_alloc(size_t size)
{
	return mem_alloc_array(1, size);
}

void *mem_alloc_array(size_t count, size_t size)
{
	return must_have((calloc)(count ? count : 1, size ? size : 1));
}

void *mem_grow(void *p, size_t size)
{
	return must_have((realloc)(p, size ? size : 1));
}

char *mem_strdup(const char *c)
{
	return must_have(strdup(c));
}

void mem_free(void *p)
{
	free(p);
}
