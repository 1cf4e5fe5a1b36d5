/*
 * libyaml's events, read by one recursive function a kind of node; recursion
 * is bounded by CI_DEPTH_MAX, which is checked before descending. Reading stops
 * at the first event beyond a limit, so that hostile nesting costs little.
 */
#include "ci/yaml.h"

#include <stdarg.h>
#include <yaml.h>

/* Maps of fewer pairs are searched from one end to the other. */
#define INDEXED_FROM 32

struct reader {
	struct arena *arena;
	struct ci_fail *fail;
	struct ci_problems *warnings;
	struct str file;
	yaml_parser_t parser;
	struct table anchors;
	int depth;
};

void ci_warn(struct ci_problems *warnings, struct ci_mark mark, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	if (warnings->count == warnings->room) {
		size_t room = warnings->room ? warnings->room * 2 : 8;
		struct ci_problem *items = ARENA_ARRAY(warnings->arena, struct ci_problem, room);

		if (warnings->count > 0)
			memcpy(items, warnings->items, warnings->count * sizeof(*items));
		warnings->items = items;
		warnings->room = room;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	warnings->items[warnings->count++] =
		(struct ci_problem){ mark, arena_str(warnings->arena, str_c(text)) };
}

int ci_fail_at(struct ci_fail *fail, struct ci_mark mark, struct err *e, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fail->problem = (struct ci_problem){ mark, arena_str(fail->arena, str_c(text)) };
	return err_set(e, ERR_UNPROCESSABLE, "%s", text);
}

const struct ci_pair *ci_map_pair(const struct ci_node *map, struct str key)
{
	if (map == NULL || map->kind != CI_MAP)
		return NULL;
	if (map->index) {
		uintptr_t position = (uintptr_t)table_find(map->index, key);

		return position ? &map->pairs[position - 1] : NULL;
	}
	for (size_t i = 0; i < map->count; i++)
		if (str_eq(map->pairs[i].key, key))
			return &map->pairs[i];
	return NULL;
}

void ci_map_index(struct arena *a, struct ci_node *map)
{
	if (map->count < INDEXED_FROM)
		return;
	if (map->index == NULL) {
		map->index = ARENA_NEW(a, struct table);
		table_init(map->index, a);
	}
	for (size_t i = map->index->count; i < map->count; i++)
		table_set(map->index, map->pairs[i].key, (void *)(uintptr_t)(i + 1));
}

const struct ci_node *ci_map_find(const struct ci_node *map, const char *key)
{
	const struct ci_pair *pair = ci_map_pair(map, str_c(key));

	return pair ? pair->value : NULL;
}

bool ci_is_scalar(const struct ci_node *node)
{
	return node && node->kind != CI_LIST && node->kind != CI_MAP && node->kind != CI_REFERENCE;
}

const char *ci_kind_name(const struct ci_node *node)
{
	static const char *const names[] = {
		[CI_NULL] = "nothing",   [CI_BOOL] = "a boolean",         [CI_INT] = "a number",
		[CI_FLOAT] = "a number", [CI_TEXT] = "a string",          [CI_LIST] = "a list",
		[CI_MAP] = "a map",      [CI_REFERENCE] = "a !reference",
	};

	return names[node->kind];
}

static struct ci_mark mark_at(const struct reader *r, yaml_mark_t at)
{
	return (struct ci_mark){ r->file, int_from_size(at.line) + 1,
				 int_from_size(at.column) + 1 };
}

/* ------------------------------------------------------------------ scalars */

static bool is_one_of(struct str s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_c(s, words[i]))
			return true;
	return false;
}

static bool is_null(struct str s)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	return is_one_of(s, words, ARRAY_LEN(words));
}

static bool is_true(struct str s)
{
	static const char *const words[] = { "yes",  "Yes", "YES", "true", "True",
					     "TRUE", "on",  "On",  "ON" };

	return is_one_of(s, words, ARRAY_LEN(words));
}

static bool is_false(struct str s)
{
	static const char *const words[] = { "no",    "No",  "NO",  "false", "False",
					     "FALSE", "off", "Off", "OFF" };

	return is_one_of(s, words, ARRAY_LEN(words));
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static int take_base(struct str *s)
{
	if (str_cut_prefix(s, STR("0x")))
		return 16;
	if (str_cut_prefix(s, STR("0b")))
		return 2;
	return s->n > 1 && s->p[0] == '0' ? 8 : 10;
}

/* Decimal, 0octal, 0xhex, 0bbinary, with '_' between digits (YAML 1.1 int). */
static bool to_integer(struct str s, int64_t *value)
{
	bool negative = str_cut_prefix(&s, STR("-"));
	int64_t total = 0;
	size_t digits = 0;
	int base;

	if (!negative)
		(void)str_cut_prefix(&s, STR("+"));
	base = take_base(&s);
	for (size_t i = 0; i < s.n; i++) {
		int digit = digit_of(s.p[i]);

		if (s.p[i] == '_' && i > 0)
			continue;
		if (digit >= base || __builtin_mul_overflow(total, base, &total) ||
		    __builtin_add_overflow(total, digit, &total))
			return false;
		digits++;
	}
	*value = negative ? -total : total;
	return digits > 0;
}

/* [-+]?digits.digits with an optional exponent; a dot is needed, as in YAML 1.1. */
static bool to_float(struct str s, double *value)
{
	char text[64];
	char *end;

	if (s.n == 0 || !str_has(s, '.') || !str_copy(text, sizeof(text), s))
		return false;
	if (strspn(text, "0123456789+-.eE") != s.n || strspn(text, "+-.") == s.n)
		return false;
	if (digit_of(text[0]) > 9 && text[0] != '-' && text[0] != '+' && text[0] != '.')
		return false;
	*value = strtod(text, &end);
	return *end == '\0';
}

/* The shortest text that reads back the same, with a ".0" for whole numbers, as Ruby writes. */
static struct str float_text(struct arena *a, double value)
{
	char text[40];

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) >= value && strtod(text, NULL) <= value)
			break;
	}
	if (!strpbrk(text, ".en"))
		return arena_fmt(a, "%s.0", text);
	return arena_str(a, str_c(text));
}

void ci_scalar_type(struct arena *a, struct str plain, struct ci_node *node)
{
	double real;

	node->text = plain;
	if (is_null(plain)) {
		node->kind = CI_NULL;
		node->text = STR("");
	} else if (is_true(plain) || is_false(plain)) {
		node->kind = CI_BOOL;
		node->boolean = is_true(plain);
		node->text = node->boolean ? STR("true") : STR("false");
	} else if (to_integer(plain, &node->integer)) {
		node->kind = CI_INT;
		node->text = arena_fmt(a, "%lld", (long long)node->integer);
	} else if (to_float(plain, &real)) {
		node->kind = CI_FLOAT;
		node->text = float_text(a, real);
	} else {
		node->kind = CI_TEXT;
	}
}

/* ------------------------------------------------------------------- events */

static int next_event(struct reader *r, yaml_event_t *event, struct err *e)
{
	const yaml_parser_t *p = &r->parser;
	struct ci_mark mark;

	if (yaml_parser_parse(&r->parser, event))
		return 0;
	mark = mark_at(r, p->problem_mark);
	if (p->error == YAML_READER_ERROR)
		mark = (struct ci_mark){ r->file, 0, 0 };
	if (p->context)
		return ci_fail_at(r->fail, mark, e, "invalid YAML: %s %s", p->problem, p->context);
	return ci_fail_at(r->fail, mark, e, "invalid YAML: %s",
			  p->problem ? p->problem : "cannot be read");
}

static int parse_node(struct reader *r, yaml_event_t *event, const struct ci_node **node,
		      struct err *e);

static struct ci_node *new_node(struct reader *r, enum ci_kind kind, yaml_mark_t at)
{
	struct ci_node *node = ARENA_NEW(r->arena, struct ci_node);

	node->kind = kind;
	node->mark = mark_at(r, at);
	node->weight = 1;
	return node;
}

static void name_anchor(struct reader *r, const yaml_char_t *anchor, struct ci_node *node)
{
	if (anchor)
		table_set(&r->anchors, str_c((const char *)anchor), node);
}

static int add_weight(struct reader *r, struct ci_node *to, const struct ci_node *child,
		      struct err *e)
{
	to->weight += child->weight;
	if (to->weight <= CI_NODES_MAX)
		return 0;
	return ci_fail_at(r->fail, to->mark, e, "the file has more than %d values", CI_NODES_MAX);
}

static int parse_scalar(struct reader *r, const yaml_event_t *event, const struct ci_node **node,
			struct err *e)
{
	struct ci_node *scalar = new_node(r, CI_TEXT, event->start_mark);
	struct str text = arena_str(
		r->arena, str_n((const char *)event->data.scalar.value, event->data.scalar.length));
	const char *tag = (const char *)event->data.scalar.tag;

	if (tag && strcmp(tag, YAML_STR_TAG) != 0 && strcmp(tag, "!") != 0)
		return ci_fail_at(r->fail, scalar->mark, e, "unknown tag %.60s", tag);
	if (memchr(text.p, '\0', text.n))
		return ci_fail_at(r->fail, scalar->mark, e, "a value holds a NUL character");
	if (event->data.scalar.plain_implicit)
		ci_scalar_type(r->arena, text, scalar);
	else
		scalar->text = text;
	name_anchor(r, event->data.scalar.anchor, scalar);
	*node = scalar;
	return 0;
}

static int parse_alias(struct reader *r, const yaml_event_t *event, const struct ci_node **node,
		       struct err *e)
{
	const char *anchor = (const char *)event->data.alias.anchor;

	*node = table_find(&r->anchors, str_c(anchor));
	if (*node == NULL)
		return ci_fail_at(r->fail, mark_at(r, event->start_mark), e,
				  "unknown anchor: %.60s (an anchor holds inside its own file)",
				  anchor);
	return 0;
}

struct growing {
	void *items;
	size_t room;
};

/* Doubles an array in the arena; the old one stays there until the arena goes. */
static void *grown(struct arena *a, struct growing *g, size_t count, size_t size)
{
	if (count == g->room) {
		size_t room = g->room ? g->room * 2 : 8;
		void *items = arena_alloc_array(a, room, size);

		if (count > 0)
			memcpy(items, g->items, count * size);
		g->items = items;
		g->room = room;
	}
	return g->items;
}

static int check_reference(struct reader *r, const struct ci_node *list, struct err *e)
{
	if (list->count < 1)
		return ci_fail_at(r->fail, list->mark, e, "!reference needs [job, key]");
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->kind != CI_TEXT)
			return ci_fail_at(r->fail, list->items[i]->mark, e,
					  "!reference takes names only");
	return 0;
}

static int parse_list(struct reader *r, const yaml_event_t *start, const struct ci_node **node,
		      struct err *e)
{
	const char *tag = (const char *)start->data.sequence_start.tag;
	struct ci_node *list = new_node(r, CI_LIST, start->start_mark);
	struct growing items = { 0 };
	yaml_event_t event;

	if (tag && strcmp(tag, "!reference") == 0)
		list->kind = CI_REFERENCE;
	else if (tag && strcmp(tag, YAML_SEQ_TAG) != 0 && strcmp(tag, "!") != 0)
		return ci_fail_at(r->fail, list->mark, e, "unknown tag %.60s", tag);
	for (;;) {
		const struct ci_node *item;
		bool is_end;

		if (next_event(r, &event, e) < 0)
			return -(int)e->code;
		is_end = event.type == YAML_SEQUENCE_END_EVENT;
		if (is_end)
			yaml_event_delete(&event);
		else if (parse_node(r, &event, &item, e) < 0)
			return -(int)e->code;
		if (is_end)
			break;
		list->items = grown(r->arena, &items, list->count, sizeof(item));
		list->items[list->count++] = item;
		if (add_weight(r, list, item, e) < 0)
			return -(int)e->code;
	}
	name_anchor(r, start->data.sequence_start.anchor, list);
	*node = list;
	return list->kind == CI_REFERENCE ? check_reference(r, list, e) : 0;
}

static void put_pair(struct reader *r, struct ci_node *map, struct growing *pairs,
		     struct ci_pair pair)
{
	struct ci_pair *there = (struct ci_pair *)(uintptr_t)ci_map_pair(map, pair.key);

	if (there) {
		if (!pair.is_merged && !there->is_merged)
			ci_warn(r->warnings, pair.mark,
				"key %.*s is there twice; the last one wins", STR_FMT(pair.key));
		*there = pair;
		return;
	}
	map->pairs = grown(r->arena, pairs, map->count, sizeof(pair));
	map->pairs[map->count++] = pair;
	ci_map_index(r->arena, map);
}

static int merge_map(struct reader *r, struct ci_node *map, struct growing *pairs,
		     const struct ci_node *from, struct err *e)
{
	if (from->kind != CI_MAP)
		return ci_fail_at(r->fail, from->mark, e,
				  "<< takes a map or a list of maps, not %s", ci_kind_name(from));
	for (size_t i = 0; i < from->count; i++) {
		struct ci_pair pair = from->pairs[i];

		pair.is_merged = true;
		put_pair(r, map, pairs, pair);
	}
	return 0;
}

/* Psych: a list of maps is merged from its end, so that the first one wins. */
static int merge_key(struct reader *r, struct ci_node *map, struct growing *pairs,
		     const struct ci_node *value, struct err *e)
{
	if (value->kind != CI_LIST)
		return merge_map(r, map, pairs, value, e);
	for (size_t i = value->count; i > 0; i--)
		if (merge_map(r, map, pairs, value->items[i - 1], e) < 0)
			return -(int)e->code;
	return 0;
}

struct key {
	struct str text;
	struct ci_mark mark;
	bool is_merge;
};

static int parse_key(struct reader *r, yaml_event_t *event, struct key *key, struct err *e)
{
	bool is_plain = event->type == YAML_SCALAR_EVENT &&
			event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	const struct ci_node *node;

	key->mark = mark_at(r, event->start_mark);
	if (parse_node(r, event, &node, e) < 0)
		return -(int)e->code;
	if (!ci_is_scalar(node))
		return ci_fail_at(r->fail, key->mark, e, "a key must be a string, not %s",
				  ci_kind_name(node));
	key->text = node->text;
	key->is_merge = is_plain && str_eq(node->text, STR("<<"));
	return 0;
}

/* One `key: value`, or the end of the map. */
static int parse_pair(struct reader *r, struct ci_node *map, struct growing *pairs, bool *is_end,
		      struct err *e)
{
	const struct ci_node *value;
	yaml_event_t event;
	struct key key = { 0 };

	if (next_event(r, &event, e) < 0)
		return -(int)e->code;
	*is_end = event.type == YAML_MAPPING_END_EVENT;
	if (*is_end) {
		yaml_event_delete(&event);
		return 0;
	}
	if (parse_key(r, &event, &key, e) < 0 || next_event(r, &event, e) < 0 ||
	    parse_node(r, &event, &value, e) < 0 || add_weight(r, map, value, e) < 0)
		return -(int)e->code;
	if (key.is_merge)
		return merge_key(r, map, pairs, value, e);
	put_pair(r, map, pairs, (struct ci_pair){ key.text, key.mark, value, false });
	return 0;
}

static int parse_map(struct reader *r, const yaml_event_t *start, const struct ci_node **node,
		     struct err *e)
{
	const char *tag = (const char *)start->data.mapping_start.tag;
	struct ci_node *map = new_node(r, CI_MAP, start->start_mark);
	struct growing pairs = { 0 };
	bool is_end = false;

	if (tag && strcmp(tag, YAML_MAP_TAG) != 0 && strcmp(tag, "!") != 0)
		return ci_fail_at(r->fail, map->mark, e, "unknown tag %.60s", tag);
	while (!is_end)
		if (parse_pair(r, map, &pairs, &is_end, e) < 0)
			return -(int)e->code;
	name_anchor(r, start->data.mapping_start.anchor, map);
	*node = map;
	return 0;
}

/* Takes the event over and deletes it. */
static int parse_node(struct reader *r, yaml_event_t *event, const struct ci_node **node,
		      struct err *e)
{
	int result;

	if (++r->depth > CI_DEPTH_MAX) {
		result = ci_fail_at(r->fail, mark_at(r, event->start_mark), e,
				    "the file is nested deeper than %d levels", CI_DEPTH_MAX);
	} else if (event->type == YAML_SCALAR_EVENT) {
		result = parse_scalar(r, event, node, e);
	} else if (event->type == YAML_ALIAS_EVENT) {
		result = parse_alias(r, event, node, e);
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		result = parse_list(r, event, node, e);
	} else {
		ASSERT(event->type == YAML_MAPPING_START_EVENT);
		result = parse_map(r, event, node, e);
	}
	r->depth--;
	yaml_event_delete(event);
	return result;
}

/* Skips the stream's and document's start; *is_empty if there is no document. */
static int open_document(struct reader *r, yaml_event_t *event, bool *is_empty, struct err *e)
{
	do {
		if (next_event(r, event, e) < 0)
			return -(int)e->code;
		*is_empty = event->type == YAML_STREAM_END_EVENT;
		if (event->type != YAML_STREAM_START_EVENT &&
		    event->type != YAML_DOCUMENT_START_EVENT && !*is_empty)
			return 0;
		yaml_event_delete(event);
	} while (!*is_empty);
	return 0;
}

static int close_document(struct reader *r, struct err *e)
{
	yaml_event_t event;
	bool is_end;

	do {
		if (next_event(r, &event, e) < 0)
			return -(int)e->code;
		is_end = event.type == YAML_STREAM_END_EVENT;
		if (!is_end && event.type != YAML_DOCUMENT_END_EVENT) {
			struct ci_mark mark = mark_at(r, event.start_mark);

			yaml_event_delete(&event);
			return ci_fail_at(
				r->fail, mark, e,
				"a second document (---): spec headers are not supported");
		}
		yaml_event_delete(&event);
	} while (!is_end);
	return 0;
}

static int parse_document(struct reader *r, const struct ci_node **root, struct err *e)
{
	yaml_event_t event;
	bool is_empty;

	if (open_document(r, &event, &is_empty, e) < 0)
		return -(int)e->code;
	if (is_empty) {
		struct ci_node *nothing = ARENA_NEW(r->arena, struct ci_node);

		nothing->mark = (struct ci_mark){ r->file, 1, 1 };
		*root = nothing;
		return 0;
	}
	if (parse_node(r, &event, root, e) < 0)
		return -(int)e->code;
	return close_document(r, e);
}

int ci_yaml_parse(struct ci_fail *fail, struct ci_problems *warnings, struct str file,
		  struct str text, const struct ci_node **root, struct err *e)
{
	struct reader r = {
		.arena = fail->arena, .fail = fail, .warnings = warnings, .file = file
	};
	struct ci_mark whole = { file, 0, 0 };
	int result;

	if (text.n > CI_FILE_MAX)
		return ci_fail_at(fail, whole, e, "the file is larger than %u bytes", CI_FILE_MAX);
	table_init(&r.anchors, r.arena);
	if (!yaml_parser_initialize(&r.parser))
		return err_set(e, ERR_INTERNAL, "yaml_parser_initialize failed");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.p ? text.p : ""),
				     text.n);
	result = parse_document(&r, root, e);
	yaml_parser_delete(&r.parser);
	return result;
}
