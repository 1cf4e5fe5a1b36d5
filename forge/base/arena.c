/*
 * Blocks in a list, newest first; an allocation that does not fit the newest
 * block starts another. Blocks double from 4 KiB to 256 KiB, so that a small
 * request costs one allocation and a large one few.
 */
#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>

#define ARENA_MAGIC 0x6172656eu
#define FIRST_BLOCK 4096u
#define LARGEST_BLOCK (256u * 1024)
#define DEFAULT_CEILING (256u * 1024 * 1024)

struct block {
	struct block *older;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct link {
	struct link *older;
	void (*closer)(void *object);
	void *object;
};

struct arena {
	uint32_t magic;
	struct block *newest;
	struct link *links;
	size_t total;
	size_t ceiling;
};

struct arena *arena_open(size_t ceiling)
{
	struct arena *a = MEM_NEW(struct arena);

	a->magic = ARENA_MAGIC;
	a->ceiling = ceiling ? ceiling : DEFAULT_CEILING;
	return a;
}

static void run_links(struct arena *a, const struct link *stop)
{
	while (a->links != stop) {
		struct link *link = a->links;

		ASSERT(link != NULL);
		a->links = link->older;
		link->closer(link->object);
	}
}

static void drop_blocks(struct arena *a, const struct block *stop)
{
	while (a->newest != stop) {
		struct block *block = a->newest;

		ASSERT(block != NULL);
		a->newest = block->older;
		a->total -= block->used;
		mem_free(block);
	}
}

void arena_close(struct arena *a)
{
	if (a == NULL)
		return;
	ASSERT(a->magic == ARENA_MAGIC);
	run_links(a, NULL);
	drop_blocks(a, NULL);
	a->magic = 0;
	mem_free(a);
}

static void add_block(struct arena *a, size_t need)
{
	size_t size = a->newest ? a->newest->size * 2 : FIRST_BLOCK;
	struct block *block;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < need)
		size = need;
	block = mem_alloc(sizeof(*block) + size);
	block->older = a->newest;
	block->size = size;
	a->newest = block;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	void *p;

	ASSERT(a->magic == ARENA_MAGIC);
	ASSERT(size <= a->ceiling);
	size = (size + align - 1) / align * align;
	ASSERT(a->total + size <= a->ceiling + align);
	if (a->newest == NULL || a->newest->size - a->newest->used < size)
		add_block(a, size);
	p = a->newest->bytes + a->newest->used;
	a->newest->used += size;
	a->total += size;
	return p;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	ASSERT(!__builtin_mul_overflow(count, size, &total));
	return arena_alloc(a, total);
}

char *arena_cstr(struct arena *a, struct str s)
{
	char *p;

	ASSERT(s.n < SIZE_MAX);
	p = arena_alloc(a, s.n + 1);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	return str_is_none(s) ? STR_NONE : (struct str){ arena_cstr(a, s), s.n };
}

char *arena_strdup(struct arena *a, const char *c)
{
	return c ? arena_cstr(a, str_c(c)) : NULL;
}

PRINTF_LIKE(2, 0)
static struct str format_into(struct arena *a, const char *format, va_list args)
{
	va_list again;
	int length;
	char *p;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	ASSERT(length >= 0);
	p = arena_alloc(a, (size_t)length + 1);
	vsnprintf(p, (size_t)length + 1, format, args);
	return (struct str){ p, (size_t)length };
}

char *arena_strf(struct arena *a, const char *format, ...)
{
	va_list args;
	struct str s;

	va_start(args, format);
	s = format_into(a, format, args);
	va_end(args);
	return (char *)(uintptr_t)s.p;
}

struct str arena_fmt(struct arena *a, const char *format, ...)
{
	va_list args;
	struct str s;

	va_start(args, format);
	s = format_into(a, format, args);
	va_end(args);
	return s;
}

void arena_link(struct arena *a, void (*closer)(void *object), void *object)
{
	struct link *link = ARENA_NEW(a, struct link);

	link->older = a->links;
	link->closer = closer;
	link->object = object;
	a->links = link;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->newest, a->newest ? a->newest->used : 0, a->links };
}

void arena_reset(struct arena *a, struct arena_mark mark)
{
	run_links(a, mark.link);
	drop_blocks(a, mark.block);
	if (a->newest != NULL) {
		a->total -= a->newest->used - mark.used;
		memset(a->newest->bytes + mark.used, 0, a->newest->used - mark.used);
		a->newest->used = mark.used;
	}
}

size_t arena_used(const struct arena *a)
{
	return a->total;
}
