/*
 * What a pusher says with -o, options cut at zero bytes. Asserted: what is read
 * points into what was sent, lists are no longer than it, and a value never
 * becomes another option.
 */
#include "domain/push_option.h"

#define OPTIONS_MAX 64

static void check_list(const struct str_list *list, const struct str_list *sent)
{
	ASSERT(list->count <= sent->count);
	for (size_t i = 0; i < list->count; i++) {
		bool found = false;

		for (size_t k = 0; k < sent->count && !found; k++) {
			struct str option = sent->items[k];

			found = list->items[i].p >= option.p &&
				list->items[i].p + list->items[i].n <= option.p + option.n;
		}
		ASSERT(found || list->items[i].n == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str rest = arena_str(a, str_n((const char *)data, size));
	struct str_list sent = { ARENA_ARRAY(a, struct str, OPTIONS_MAX), 0 };
	struct push_options read;

	while (sent.count < OPTIONS_MAX && str_cut(&rest, '\0', &sent.items[sent.count]))
		sent.count++;
	push_options_read(&sent, a, &read);
	check_list(&read.variables, &sent);
	check_list(&read.merge_request.assign, &sent);
	check_list(&read.merge_request.unassign, &sent);
	check_list(&read.merge_request.label, &sent);
	check_list(&read.merge_request.unlabel, &sent);
	if (read.merge_request.creates)
		ASSERT(read.merge_request.is_wanted);
	arena_close(a);
	return 0;
}
