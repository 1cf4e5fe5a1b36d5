/*
 * The template parser on any bytes. Asserted: it ends, an error has a place,
 * and a template that is accepted never has a value where none may stand, nor
 * HTML that a value could get out of (quotes, tags) in its own markup.
 */
#include "scripts/template.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Follows the quotes of accepted markup: a value in an attribute is inside a quote. */
static void check_nodes(const struct template_node *node)
{
	for (; node != NULL; node = node->next) {
		if (node->kind == NODE_MARKUP) {
			ASSERT(node->name.n > 0);
			ASSERT(str_find_str(node->name, STR("<style")) == node->name.n);
			ASSERT(!str_has(node->name, '\0'));
		}
		if (node->kind == NODE_MESSAGE)
			ASSERT(node->place == PLACE_TEXT || node->place == PLACE_ATTR);
		if (node->kind == NODE_CSRF || node->kind == NODE_TIME ||
		    node->kind == NODE_INCLUDE)
			ASSERT(node->place == PLACE_TEXT);
		ASSERT(node->args_count <= TEMPLATE_ARGS_MAX);
		check_nodes(node->body);
		check_nodes(node->orelse);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct template template;
	struct err e = { 0 };

	if (template_parse(a, "x.html", str_n((const char *)data, size), &template, &e) == 0) {
		ASSERT(e.code == ERR_NONE);
		check_nodes(template.first);
	} else {
		ASSERT(str_starts(str_c(e.text), STR("x.html:")));
	}
	arena_close(a);
	return 0;
}
