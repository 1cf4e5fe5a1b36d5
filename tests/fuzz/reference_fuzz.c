/* What people write: references become links and nothing else changes; closing words are bounded.
 */
#include "domain/task_closing.h"
#include "render/reference.h"

#define LINK "](u/-/"

/* "[#12" before LINK */
static bool is_link(struct str rest, size_t end)
{
	if (rest.p[0] != '[' || end == rest.n || end >= 12 || end < 3 ||
	    (rest.p[1] != '#' && rest.p[1] != '!'))
		return false;
	for (size_t i = 2; i < end; i++)
		if (rest.p[i] < '0' || rest.p[i] > '9')
			return false;
	return true;
}

/* The text again: each link that was made is cut back to its reference. */
static struct str without_links(struct arena *a, struct str linked)
{
	char *out = arena_alloc(a, linked.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < linked.n;) {
		struct str rest = str_from(linked, i);
		size_t end = str_find_str(rest, STR(LINK));

		if (is_link(rest, end)) {
			memcpy(out + n, rest.p + 1, end - 1);
			n += end - 1;
			i += str_find(rest, ')') + 1;
			continue;
		}
		out[n++] = linked.p[i++];
	}
	return str_n(out, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str text = arena_str(a, str_n((const char *)data, size));
	struct str linked = reference_links(text, STR("u"), 1 << 20, a);
	struct i64_list closed = task_closing_find(text, STR("team/app"), a);

	if (str_find_str(text, STR(LINK)) == text.n)
		ASSERT(str_eq(without_links(a, linked), text));
	ASSERT(closed.count <= TASK_CLOSING_MAX);
	for (size_t i = 0; i < closed.count; i++)
		ASSERT(closed.items[i] > 0);
	arena_close(a);
	return 0;
}
