#include "ci/parts.h"

#include "base/buf.h"
#include "ci/duration.h"

#include <stdarg.h>

#define NESTING_MAX 10
#define ITEMS_MAX 5000
#define VARIABLES_MAX 500
#define VARIABLE_VALUE_MAX (256 * 1024)

int ci_bad(struct ci_planning *p, const char *where, const struct ci_node *node, struct err *e,
	   const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return ci_fail_at(&p->fail, node->mark, e, "%s config %s", where, text);
}

int ci_read_text(struct ci_planning *p, const char *where, const struct ci_node *node,
		 struct str *text, struct err *e)
{
	if (node->kind != CI_TEXT)
		return ci_bad(p, where, node, e, "should be a string, not %s", ci_kind_name(node));
	*text = node->text;
	return 0;
}

int ci_read_bool(struct ci_planning *p, const char *where, const struct ci_node *node, bool *value,
		 struct err *e)
{
	if (node->kind != CI_BOOL)
		return ci_bad(p, where, node, e, "should be a boolean value, not %s",
			      ci_kind_name(node));
	*value = node->boolean;
	return 0;
}

int ci_read_integer(struct ci_planning *p, const char *where, const struct ci_node *node,
		    int64_t least, int64_t most, int64_t *value, struct err *e)
{
	if (node->kind != CI_INT || node->integer < least || node->integer > most)
		return ci_bad(p, where, node, e, "should be a whole number from %lld to %lld",
			      (long long)least, (long long)most);
	*value = node->integer;
	return 0;
}

int ci_read_duration(struct ci_planning *p, const char *where, const struct ci_node *node,
		     int64_t most, int64_t *seconds, struct err *e)
{
	if ((node->kind != CI_TEXT && node->kind != CI_INT) ||
	    !ci_duration_parse(node->text, seconds))
		return ci_bad(p, where, node, e, "should be a duration such as `1h 30m`");
	if (*seconds > most)
		return ci_bad(p, where, node, e, "should not exceed %lld seconds", (long long)most);
	return 0;
}

struct flattening {
	struct ci_planning *p;
	const char *where;
	const struct ci_node **items;
	size_t count;
	size_t room;
};

static void push_item(struct flattening *f, const struct ci_node *node)
{
	if (f->count == f->room) {
		size_t room = f->room ? f->room * 2 : 8;
		const struct ci_node **items =
			ARENA_ARRAY(f->p->arena, const struct ci_node *, room);

		for (size_t i = 0; i < f->count; i++)
			items[i] = f->items[i];
		f->items = items;
		f->room = room;
	}
	f->items[f->count++] = node;
}

static int flatten(struct flattening *f, const struct ci_node *node, int depth, struct err *e)
{
	if (node->kind != CI_LIST) {
		if (f->count >= ITEMS_MAX)
			return ci_bad(f->p, f->where, node, e, "has more than %d items", ITEMS_MAX);
		push_item(f, node);
		return 0;
	}
	if (depth > NESTING_MAX)
		return ci_bad(f->p, f->where, node, e, "is nested deeper than %d levels",
			      NESTING_MAX);
	for (size_t i = 0; i < node->count; i++)
		if (flatten(f, node->items[i], depth + 1, e) < 0)
			return -(int)e->code;
	return 0;
}

int ci_flatten(struct ci_planning *p, const char *where, const struct ci_node *node,
	       const struct ci_node ***items, size_t *count, struct err *e)
{
	struct flattening f = { .p = p, .where = where };

	if (flatten(&f, node, 0, e) < 0)
		return -(int)e->code;
	*items = f.items;
	*count = f.count;
	return 0;
}

int ci_read_texts(struct ci_planning *p, const char *where, const struct ci_node *node,
		  struct ci_texts *texts, struct err *e)
{
	const struct ci_node **items = NULL;
	size_t count = 0;

	if (ci_flatten(p, where, node, &items, &count, e) < 0)
		return -(int)e->code;
	*texts = (struct ci_texts){ ARENA_ARRAY(p->arena, struct str, count), count };
	for (size_t i = 0; i < count; i++) {
		if (items[i]->kind != CI_TEXT)
			return ci_bad(p, where, items[i], e,
				      "should be a string or a nested array of strings up to %d "
				      "levels deep; this is %s",
				      NESTING_MAX, ci_kind_name(items[i]));
		texts->items[i] = items[i]->text;
	}
	return 0;
}

int ci_read_integers(struct ci_planning *p, const char *where, const struct ci_node *node,
		     int64_t **items, size_t *count, struct err *e)
{
	const struct ci_node **nodes = NULL;

	if (ci_flatten(p, where, node, &nodes, count, e) != 0)
		return -(int)e->code;
	*items = ARENA_ARRAY(p->arena, int64_t, *count);
	ASSERT(*count == 0 || nodes != NULL);
	for (size_t i = 0; i < *count; i++)
		if (ci_read_integer(p, where, nodes[i], 0, 255, &(*items)[i], e) < 0)
			return -(int)e->code;
	return 0;
}

int ci_read_word(struct ci_planning *p, const char *where, const struct ci_node *node,
		 const char *const *words, struct str *word, struct err *e)
{
	struct buf list;
	int result;

	for (size_t i = 0; words[i]; i++) {
		if (node->kind == CI_TEXT && str_eq_c(node->text, words[i])) {
			*word = node->text;
			return 0;
		}
	}
	buf_init(&list, 400);
	for (size_t i = 0; words[i]; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", words[i]);
	result = ci_bad(p, where, node, e, "should be one of: %.*s", STR_FMT(buf_str(&list)));
	buf_fini(&list);
	return result;
}

static bool is_listed(struct str key, const char *const *list)
{
	for (size_t i = 0; list && list[i]; i++)
		if (str_eq_c(key, list[i]))
			return true;
	return false;
}

int ci_check_keys(struct ci_planning *p, const char *where, const struct ci_node *map,
		  const char *const *known, const char *const *refused, struct err *e)
{
	if (map->kind != CI_MAP)
		return ci_bad(p, where, map, e, "should be a hash, not %s", ci_kind_name(map));
	for (size_t i = 0; i < map->count; i++) {
		const struct ci_pair *pair = &map->pairs[i];

		if (is_listed(pair->key, known))
			continue;
		if (is_listed(pair->key, refused))
			return ci_fail_at(&p->fail, pair->mark, e,
					  "%s config: the keyword `%.*s` is not supported by this "
					  "version of Hearth; remove it",
					  where, STR_FMT(pair->key));
		return ci_fail_at(&p->fail, pair->mark, e, "%s config contains unknown keys: %.*s",
				  where, STR_FMT(str_upto(pair->key, 200)));
	}
	return 0;
}

static bool is_variable_name(struct str key)
{
	if (key.n == 0 || key.n > 255)
		return false;
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '_'))
			return false;
	}
	return true;
}

static int check_options(struct ci_planning *p, const char *where, const struct ci_node *map,
			 struct str value, struct err *e)
{
	const struct ci_node *options = ci_map_find(map, "options");
	struct ci_texts texts;

	if (options == NULL)
		return 0;
	if (ci_read_texts(p, where, options, &texts, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < texts.count; i++)
		if (str_eq(texts.items[i], value))
			return 0;
	return ci_bad(p, where, options, e, "options must contain the value");
}

/* {value, expand} and, for global ones, {description, options}. */
static int read_long_variable(struct ci_planning *p, const char *where, bool is_global,
			      const struct ci_node *node, struct ci_variable *variable,
			      struct err *e)
{
	static const char *const keys_of_job[] = { "value", "expand", NULL };
	static const char *const keys_of_root[] = { "value", "expand", "description", "options",
						    NULL };
	const struct ci_node *value = ci_map_find(node, "value");
	const struct ci_node *expand = ci_map_find(node, "expand");
	bool expands = true;

	if (ci_check_keys(p, where, node, is_global ? keys_of_root : keys_of_job, NULL, e) < 0)
		return -(int)e->code;
	if (value && (!ci_is_scalar(value) || value->kind == CI_NULL))
		return ci_bad(p, where, value, e, "value should be a string");
	if (expand && ci_read_bool(p, where, expand, &expands, e) < 0)
		return -(int)e->code;
	variable->value = value ? value->text : STR("");
	variable->is_raw = !expands;
	return check_options(p, where, node, variable->value, e);
}

int ci_read_variables(struct ci_planning *p, const char *where, bool is_global,
		      const struct ci_node *node, struct ci_variables *variables, struct err *e)
{
	ci_variables_init(variables, p->arena);
	if (node == NULL || node->kind == CI_NULL)
		return 0;
	if (node->kind != CI_MAP)
		return ci_bad(p, where, node, e, "should be a hash, not %s", ci_kind_name(node));
	if (node->count > VARIABLES_MAX)
		return ci_bad(p, where, node, e, "has more than %d variables", VARIABLES_MAX);
	for (size_t i = 0; i < node->count; i++) {
		const struct ci_pair *pair = &node->pairs[i];
		struct ci_variable variable = { .key = pair->key };

		if (!is_variable_name(pair->key))
			return ci_fail_at(
				&p->fail, pair->mark, e,
				"%s config: `%.*s` is no name of a variable; use letters, "
				"digits and _",
				where, STR_FMT(str_upto(pair->key, 100)));
		if (pair->value->kind == CI_MAP) {
			if (read_long_variable(p, where, is_global, pair->value, &variable, e) < 0)
				return -(int)e->code;
		} else if (!ci_is_scalar(pair->value)) {
			return ci_bad(p, where, pair->value, e,
				      "should be a hash of key value pairs, value can be a hash");
		} else {
			variable.value = pair->value->text;
		}
		if (variable.value.n > VARIABLE_VALUE_MAX)
			return ci_bad(p, where, pair->value, e, "holds a value above %d bytes",
				      VARIABLE_VALUE_MAX);
		ci_variables_set(variables, variable);
	}
	return 0;
}

static int read_need(struct ci_planning *p, const char *where, const struct ci_node *node,
		     struct ci_need *need, struct err *e)
{
	static const char *const known[] = { "job", "artifacts", "optional", NULL };
	static const char *const refused[] = { "project", "ref", "pipeline", "parallel", NULL };
	const struct ci_node *job = ci_map_find(node, "job");
	const struct ci_node *artifacts = ci_map_find(node, "artifacts");
	const struct ci_node *optional = ci_map_find(node, "optional");

	*need = (struct ci_need){ .mark = node->mark, .artifacts = true };
	if (node->kind == CI_TEXT) {
		need->job = node->text;
		return 0;
	}
	if (node->kind != CI_MAP)
		return ci_bad(p, where, node, e, "should be a list of job names or hashes");
	if (ci_check_keys(p, where, node, known, refused, e) < 0)
		return -(int)e->code;
	if (job == NULL)
		return ci_bad(p, where, node, e, "has an entry without `job`");
	if (ci_read_text(p, where, job, &need->job, e) < 0 ||
	    (artifacts && ci_read_bool(p, where, artifacts, &need->artifacts, e) < 0) ||
	    (optional && ci_read_bool(p, where, optional, &need->optional, e) < 0))
		return -(int)e->code;
	return 0;
}

#define NEEDS_MAX 50

int ci_read_needs(struct ci_planning *p, const char *where, const struct ci_node *node,
		  struct ci_needs *needs, struct err *e)
{
	const struct ci_node **items = NULL;
	size_t count = 0;

	if (node->kind == CI_NULL)
		return ci_bad(p, where, node, e, "can not be empty; write [] to wait for nothing");
	if (ci_flatten(p, where, node, &items, &count, e) < 0)
		return -(int)e->code;
	if (count > NEEDS_MAX)
		return ci_bad(p, where, node, e, "has more than %d entries", NEEDS_MAX);
	*needs = (struct ci_needs){ true, ARENA_ARRAY(p->arena, struct ci_need, count), count };
	for (size_t i = 0; i < count; i++) {
		if (read_need(p, where, items[i], &needs->items[i], e) < 0)
			return -(int)e->code;
		for (size_t j = 0; j < i; j++)
			if (str_eq(needs->items[i].job, needs->items[j].job))
				return ci_bad(p, where, items[i], e, "has the job %.*s twice",
					      STR_FMT(needs->items[i].job));
	}
	return 0;
}

int ci_read_allow_failure(struct ci_planning *p, const char *where, const struct ci_node *node,
			  struct ci_allow_failure *value, struct err *e)
{
	static const char *const known[] = { "exit_codes", NULL };
	const struct ci_node *codes = ci_map_find(node, "exit_codes");
	bool allowed = false;

	if (node->kind != CI_MAP) {
		if (ci_read_bool(p, where, node, &allowed, e) < 0)
			return -(int)e->code;
		value->value = allowed ? CI_YES : CI_NO;
		return 0;
	}
	if (ci_check_keys(p, where, node, known, NULL, e) < 0)
		return -(int)e->code;
	if (codes == NULL)
		return ci_bad(p, where, node, e, "should be a boolean or {exit_codes: [...]}");
	value->value = CI_NO;
	return ci_read_integers(p, where, codes, &value->exit_codes, &value->count, e);
}
