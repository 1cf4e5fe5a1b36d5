/*
 * What git says of a file's lines, read for a page. However it is broken, parts
 * follow each other without a gap, and all texts are UTF-8.
 */
#include "git/blame.h"

#include "base/arena.h"

#include <stdint.h>

#define LINES_MAX 50

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct blame b;
	struct err e;
	size_t next = 1;

	if (blame_parse(str_n((const char *)data, size), LINES_MAX, a, &b, &e) == 0) {
		ASSERT(b.lines <= LINES_MAX);
		for (size_t i = 0; i < b.count; i++) {
			const struct blame_part *part = &b.parts[i];

			ASSERT(part->first == next && part->count > 0);
			next += part->count;
			for (size_t j = 0; j < part->count; j++)
				ASSERT(str_is_utf8_text(part->lines[j]));
			ASSERT(str_is_utf8_text(part->commit->author) &&
			       str_is_utf8_text(part->commit->subject));
		}
		ASSERT(next == b.lines + 1);
	}
	arena_close(a);
	return 0;
}
