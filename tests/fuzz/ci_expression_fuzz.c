/* Any bytes as a rule's expression: what evaluates also passes the check alone. */
#include "ci/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str text = arena_str(a, str_n((const char *)data, size));
	struct ci_variables variables;
	struct err e = { 0 };
	bool is_true;

	ci_variables_init(&variables, a);
	ci_variables_set_text(&variables, "A", STR("feature/a"));
	ci_variables_set_text(&variables, "B", STR("/^a+/"));
	if (ci_expression_evaluate(a, text, &variables, &is_true, &e) == 0)
		ASSERT(ci_expression_check(a, text, &e) == 0);
	arena_close(a);
	return 0;
}
