#include "ci/variables.h"

#include "base/buf.h"

/* Nested values are followed this deep; a cycle ends there as text. */
#define EXPANSION_DEPTH 10
/* References put in while one text is expanded: values that double come to an end, empty ones too.
 */
#define EXPANSION_STEPS 2000
#define EXPANDED_TEXT_MAX 4096
#define EXPANDED_VALUE_MAX (256u << 10)

void ci_variables_init(struct ci_variables *v, struct arena *a)
{
	*v = (struct ci_variables){ .arena = a };
	table_init(&v->index, a);
}

static struct ci_variable *find(const struct ci_variables *v, struct str key)
{
	uintptr_t position = (uintptr_t)table_find(&v->index, key);

	return position ? &v->items[position - 1] : NULL;
}

void ci_variables_set(struct ci_variables *v, struct ci_variable variable)
{
	struct ci_variable *there = find(v, variable.key);

	if (there) {
		*there = variable;
		return;
	}
	if (v->count == v->room) {
		size_t room = v->room ? v->room * 2 : 16;
		struct ci_variable *items = ARENA_ARRAY(v->arena, struct ci_variable, room);

		if (v->count > 0)
			memcpy(items, v->items, v->count * sizeof(*items));
		v->items = items;
		v->room = room;
	}
	v->items[v->count++] = variable;
	table_set(&v->index, variable.key, (void *)(uintptr_t)v->count);
}

void ci_variables_set_text(struct ci_variables *v, const char *key, struct str value)
{
	ci_variables_set(v, (struct ci_variable){ .key = str_c(key), .value = value });
}

void ci_variables_add(struct ci_variables *v, const struct ci_variables *from)
{
	for (size_t i = 0; from && i < from->count; i++)
		ci_variables_set(v, from->items[i]);
}

const struct ci_variable *ci_variables_find(const struct ci_variables *v, struct str key)
{
	return find(v, key);
}

static bool is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static size_t name_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_name_char(s.p[n]))
		n++;
	return n;
}

/* Reads a reference at the start of s; gives its name and whole length, or false. */
static bool take_reference(struct str s, struct str *name, size_t *length)
{
	char open = s.p[0];
	size_t skip = open == '$' && s.n > 1 && s.p[1] == '{' ? 2 : 1;
	size_t n = name_length(str_from(s, skip));

	*name = str_upto(str_from(s, skip), n);
	*length = skip + n;
	if (n == 0)
		return false;
	if (open == '$' && skip == 1)
		return true;
	if (*length >= s.n || s.p[*length] != (open == '%' ? '%' : '}'))
		return false;
	*length += 1;
	return true;
}

/* Whose values are being put in, innermost first: a reference to one of them is a cycle. */
struct expansion {
	struct str key;
	const struct expansion *within;
	int depth;
};

static bool is_within(const struct expansion *within, struct str key)
{
	for (; within; within = within->within)
		if (str_eq(within->key, key))
			return true;
	return false;
}

/* The variable that is put in for a reference; NULL: the reference stays as text. */
static const struct ci_variable *to_put_in(const struct ci_variables *v,
					   const struct expansion *within, struct str name)
{
	const struct ci_variable *variable = find(v, name);

	if (variable == NULL || variable->is_file || is_within(within, name) ||
	    (within && within->depth >= EXPANSION_DEPTH))
		return NULL;
	return variable;
}

struct expanded {
	struct buf text;
	size_t steps;
};

static bool is_too_much(const struct expanded *out)
{
	return out->text.full || out->steps > EXPANSION_STEPS;
}

static void expand_into(const struct ci_variables *v, struct expanded *out, struct str text,
			const struct expansion *within)
{
	for (size_t i = 0; i < text.n && !is_too_much(out);) {
		const struct ci_variable *variable = NULL;
		struct str rest = str_from(text, i);
		size_t length = 1;
		struct str name;

		if (str_starts(rest, STR("$$")))
			length = 2;
		else if ((rest.p[0] == '$' || rest.p[0] == '%') &&
			 take_reference(rest, &name, &length))
			variable = to_put_in(v, within, name);
		else
			length = 1;
		out->steps += variable != NULL;
		if (variable == NULL)
			buf_add(&out->text, str_upto(rest, length));
		else if (variable->is_raw)
			buf_add(&out->text, variable->value);
		else
			expand_into(v, out, variable->value,
				    &(struct expansion){ name, within,
							 within ? within->depth + 1 : 1 });
		i += length;
	}
}

static struct str expand(const struct ci_variables *v, struct arena *a, struct str text,
			 size_t ceiling, const struct expansion *within)
{
	struct expanded out = { 0 };
	struct str expanded;

	if (!str_has(text, '$') && !str_has(text, '%'))
		return text;
	buf_init(&out.text, ceiling);
	expand_into(v, &out, text, within);
	expanded = is_too_much(&out) ? text : arena_str(a, buf_str(&out.text));
	buf_fini(&out.text);
	return expanded;
}

struct str ci_variables_expand(const struct ci_variables *v, struct arena *a, struct str text)
{
	return expand(v, a, text, EXPANDED_TEXT_MAX, NULL);
}

struct str ci_variables_expand_value(const struct ci_variables *v, struct arena *a,
				     const struct ci_variable *variable)
{
	if (variable->is_raw || variable->is_file)
		return variable->value;
	return expand(v, a, variable->value, EXPANDED_VALUE_MAX,
		      &(struct expansion){ variable->key, NULL, 1 });
}

struct str ci_slug(struct arena *a, struct str text)
{
	struct str slug;
	char *to;

	text = str_upto(text, 63);
	to = arena_cstr(a, text);
	for (size_t i = 0; i < text.n; i++) {
		if (to[i] >= 'A' && to[i] <= 'Z')
			to[i] = (char)(to[i] - 'A' + 'a');
		else if (!((to[i] >= 'a' && to[i] <= 'z') || (to[i] >= '0' && to[i] <= '9')))
			to[i] = '-';
	}
	slug = str_n(to, text.n);
	while (str_cut_prefix(&slug, STR("-")))
		;
	while (str_ends(slug, STR("-")))
		slug.n--;
	return arena_str(a, slug);
}
