/*
 * Variables that refer to each other, and the texts they are put into: names of
 * environments, their addresses. Lines "KEY=VALUE"; the last line is the text.
 * Asserted: it ends, within its limits; a slug is a host's label; a name that is
 * accepted has no byte that could end a path or a header.
 */
#include "ci/variables.h"
#include "domain/environment.h"

#define VARIABLES 40
#define EXPANDED (256u << 10)

static bool is_label(struct str slug)
{
	for (size_t i = 0; i < slug.n; i++) {
		char c = slug.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return slug.n > 0 && slug.n <= 24 && slug.p[0] >= 'a' && slug.p[0] <= 'z' &&
	       slug.p[slug.n - 1] != '-';
}

static void check_name(struct arena *a, struct str name)
{
	struct err e = { 0 };

	if (environment_check_name(name, &e) < 0)
		return;
	ASSERT(is_label(environment_slug(a, name)));
	for (size_t i = 0; i < name.n; i++)
		ASSERT((unsigned char)name.p[i] >= ' ' && !strchr("<>\"'&?#%\\:", name.p[i]));
}

static void add(struct ci_variables *v, struct str line)
{
	struct str key;

	if (!str_cut(&line, '=', &key) || v->count >= VARIABLES)
		return;
	ci_variables_set(v, (struct ci_variable){ .key = key,
						  .value = str_is_none(line) ? STR("") : line,
						  .is_raw = str_ends(key, STR("R")),
						  .is_file = str_ends(key, STR("F")) });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str rest = arena_str(a, str_n((const char *)data, size));
	struct str text = STR("");
	struct ci_variables v;

	ci_variables_init(&v, a);
	while (str_cut(&rest, '\n', &text))
		add(&v, text);
	for (size_t i = 0; i < v.count; i++) {
		struct str value = ci_variables_expand_value(&v, a, &v.items[i]);

		ASSERT(value.n <= EXPANDED || str_eq(value, v.items[i].value));
	}
	check_name(a, ci_variables_expand(&v, a, text));
	check_name(a, text);
	ASSERT(ci_slug(a, text).n <= 63);
	arena_close(a);
	return 0;
}
