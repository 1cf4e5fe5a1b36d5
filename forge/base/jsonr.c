#include "base/jsonr.h"

#include <jansson.h>

/* jansson's parser recurses: refuse deep nesting before it sees the text. */
static bool is_too_deep(struct str text)
{
	unsigned depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > JSON_NESTING_MAX)
				return true;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return false;
}

static void release(void *value)
{
	json_decref(value);
}

int jsonr_parse(struct arena *a, struct str text, const struct jsonr **value, struct err *e)
{
	json_error_t error;
	json_t *parsed;

	if (is_too_deep(text))
		return err_set(e, ERR_INVALID, "JSON is nested deeper than %d levels",
			       JSON_NESTING_MAX);
	parsed = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
			    &error);
	if (parsed == NULL)
		return err_set(e, ERR_INVALID, "JSON, line %d, column %d: %s", error.line,
			       error.column, error.text);
	arena_link(a, release, parsed);
	*value = (const struct jsonr *)parsed;
	return 0;
}

static const json_t *as_type(const struct jsonr *j, json_type type)
{
	const json_t *value = (const json_t *)j;

	return value && json_typeof(value) == type ? value : NULL;
}

bool jsonr_is_object(const struct jsonr *j)
{
	return as_type(j, JSON_OBJECT) != NULL;
}

bool jsonr_is_array(const struct jsonr *j)
{
	return as_type(j, JSON_ARRAY) != NULL;
}

bool jsonr_is_null(const struct jsonr *j)
{
	return as_type(j, JSON_NULL) != NULL;
}

const struct jsonr *jsonr_get(const struct jsonr *object, const char *key)
{
	return (const struct jsonr *)json_object_get(as_type(object, JSON_OBJECT), key);
}

size_t jsonr_length(const struct jsonr *array)
{
	return json_array_size(as_type(array, JSON_ARRAY));
}

const struct jsonr *jsonr_at(const struct jsonr *array, size_t at)
{
	return (const struct jsonr *)json_array_get(as_type(array, JSON_ARRAY), at);
}

void jsonr_each(const struct jsonr *object,
		void (*visit)(struct str key, const struct jsonr *value, void *closure),
		void *closure)
{
	/* jansson's iterators take a non-const object though they only read it. */
	json_t *value = (json_t *)(uintptr_t)as_type(object, JSON_OBJECT);

	for (void *at = value ? json_object_iter(value) : NULL; at;
	     at = json_object_iter_next(value, at))
		visit(str_c(json_object_iter_key(at)),
		      (const struct jsonr *)json_object_iter_value(at), closure);
}

struct str jsonr_text(const struct jsonr *j)
{
	const json_t *value = as_type(j, JSON_STRING);

	return value ? str_n(json_string_value(value), json_string_length(value)) : STR_NONE;
}

bool jsonr_integer(const struct jsonr *j, int64_t *value)
{
	const json_t *number = as_type(j, JSON_INTEGER);

	if (number)
		*value = json_integer_value(number);
	return number != NULL;
}

bool jsonr_boolean(const struct jsonr *j, bool *value)
{
	bool is_true = as_type(j, JSON_TRUE) != NULL;

	if (!is_true && as_type(j, JSON_FALSE) == NULL)
		return false;
	*value = is_true;
	return true;
}

bool jsonr_number(const struct jsonr *j, double *value)
{
	const json_t *number = (const json_t *)j;

	if (!number || !json_is_number(number))
		return false;
	*value = json_number_value(number);
	return true;
}
