#include "base/settings.h"

#include "base/buf.h"

#define PROBLEMS_MAX 100

void settings_problem_add(struct arena *a, struct settings_problems *problems, const char *format,
			  ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	if (problems->count == PROBLEMS_MAX)
		return;
	if (problems->count == problems->room) {
		size_t room = problems->room ? problems->room * 2 : 8;
		struct str *items = ARENA_ARRAY(a, struct str, room);

		if (problems->count > 0)
			memcpy(items, problems->items, problems->count * sizeof(*items));
		problems->items = items;
		problems->room = room;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	problems->items[problems->count++] = arena_str(a, str_c(text));
}

int settings_check(const struct settings_problems *problems, const char *path, struct err *e)
{
	if (problems->count == 0)
		return 0;
	err_set(e, ERR_INVALID, "%s: %.*s", path, STR_FMT(problems->items[0]));
	if (problems->count > 1) {
		size_t used = strlen(e->text);

		snprintf(e->text + used, sizeof(e->text) - used,
			 " (and %zu more; see `config check`)", problems->count - 1);
	}
	return -(int)ERR_INVALID;
}

/* Form of the file */

struct parser {
	struct arena *a;
	struct settings_file *file;
	struct settings_problems *problems;
	struct str section;
	struct str label;
	size_t section_room;
	size_t entry_room;
	int line;
};

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return s.n > 0;
}

static void add_section(struct parser *p)
{
	struct settings_file *f = p->file;

	if (f->section_count == p->section_room) {
		size_t room = p->section_room ? p->section_room * 2 : 8;
		struct settings_section *grown = ARENA_ARRAY(p->a, struct settings_section, room);

		if (f->section_count > 0)
			memcpy(grown, f->sections, f->section_count * sizeof(*grown));
		f->sections = grown;
		p->section_room = room;
	}
	f->sections[f->section_count++] =
		(struct settings_section){ p->section, p->label, p->line };
}

static void parse_section(struct parser *p, struct str line)
{
	struct str inside = str_trim(str_n(line.p + 1, line.n - 2));
	size_t blank = str_find(inside, ' ');

	p->section = str_upto(inside, blank);
	p->label = blank < inside.n ? str_trim(str_from(inside, blank)) : STR_NONE;
	if (!is_name(p->section)) {
		settings_problem_add(
			p->a, p->problems,
			"line %d: \"%.*s\" is no section; write [name] in small letters", p->line,
			STR_FMT(line));
		p->section = STR_NONE;
		return;
	}
	add_section(p);
}

/* The text between double quotes; false if the closing one is missing or not the last. */
static bool unquote(struct arena *a, struct str s, struct str *value)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"') {
			*value = str_n(out, n);
			return i + 1 == s.n;
		}
		if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
			i++;
		out[n++] = s.p[i];
	}
	return false;
}

static void add_entry(struct parser *p, struct str key, struct str value)
{
	struct settings_file *f = p->file;

	for (size_t i = 0; i < f->count; i++) {
		const struct settings_entry *x = &f->entries[i];

		if (str_eq(x->key, key) && str_eq(x->section, p->section) &&
		    str_eq(x->label, p->label)) {
			settings_problem_add(p->a, p->problems,
					     "line %d: %.*s is set already in line %d", p->line,
					     STR_FMT(key), x->line);
			return;
		}
	}
	if (f->count == p->entry_room) {
		size_t room = p->entry_room ? p->entry_room * 2 : 32;
		struct settings_entry *grown = ARENA_ARRAY(p->a, struct settings_entry, room);

		if (f->count > 0)
			memcpy(grown, f->entries, f->count * sizeof(*grown));
		f->entries = grown;
		p->entry_room = room;
	}
	f->entries[f->count++] =
		(struct settings_entry){ p->section, p->label, key, value, p->line };
}

static void parse_pair(struct parser *p, struct str line)
{
	size_t equals = str_find(line, '=');
	struct str key = str_trim(str_upto(line, equals));
	struct str value;

	if (equals == line.n || !is_name(key)) {
		settings_problem_add(p->a, p->problems,
				     "line %d: write `key = value`; this is \"%.*s\"", p->line,
				     STR_FMT(line));
		return;
	}
	if (str_is_none(p->section)) {
		settings_problem_add(p->a, p->problems, "line %d: %.*s stands in no [section]",
				     p->line, STR_FMT(key));
		return;
	}
	value = str_trim(str_from(line, equals + 1));
	if (value.n > 0 && value.p[0] == '"' && !unquote(p->a, value, &value)) {
		settings_problem_add(p->a, p->problems,
				     "line %d: the value of %.*s has no closing quote at its end",
				     p->line, STR_FMT(key));
		return;
	}
	add_entry(p, key, value);
}

void settings_parse(struct arena *a, struct str text, struct settings_file *file,
		    struct settings_problems *problems)
{
	struct parser p = { .a = a, .file = file, .problems = problems };
	struct str rest = text;
	struct str line;

	while (str_cut(&rest, '\n', &line)) {
		p.line++;
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (!str_is_utf8_text(line))
			settings_problem_add(a, problems, "line %d: this is no UTF-8 text", p.line);
		else if (line.p[0] == '[' && line.p[line.n - 1] == ']')
			parse_section(&p, line);
		else
			parse_pair(&p, line);
	}
}

/* What the tables do not know */

static const struct setting *find_row(const struct settings_table *const *tables, size_t count,
				      struct str key)
{
	for (size_t t = 0; t < count; t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			if (str_eq_c(key, tables[t]->rows[i].key))
				return &tables[t]->rows[i];
		}
	}
	return NULL;
}

static bool has_section(const struct settings_table *const *tables, size_t count,
			struct str section)
{
	for (size_t t = 0; t < count; t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			if (str_eq_c(section, tables[t]->rows[i].section))
				return true;
		}
	}
	return false;
}

void settings_unknown(struct arena *a, const struct settings_table *const *tables, size_t count,
		      const struct settings_file *file, struct settings_problems *problems)
{
	for (size_t i = 0; i < file->section_count; i++) {
		const struct settings_section *s = &file->sections[i];

		if (!has_section(tables, count, s->section))
			settings_problem_add(a, problems, "line %d: there is no section [%.*s]",
					     s->line, STR_FMT(s->section));
	}
	for (size_t i = 0; i < file->count; i++) {
		const struct settings_entry *x = &file->entries[i];
		const struct setting *row = find_row(tables, count, x->key);

		if (!has_section(tables, count, x->section))
			continue;
		if (!row)
			settings_problem_add(a, problems, "line %d: there is no setting %.*s",
					     x->line, STR_FMT(x->key));
		else if (!str_eq_c(x->section, row->section))
			settings_problem_add(a, problems, "line %d: %.*s belongs to [%s]", x->line,
					     STR_FMT(x->key), row->section);
	}
}

/* Looking up the values */

static const struct settings_entry *find_entry(const struct settings_file *file, struct str label,
					       const struct setting *row)
{
	for (size_t i = 0; file && i < file->count; i++) {
		const struct settings_entry *x = &file->entries[i];

		if (str_eq_c(x->key, row->key) && str_eq_c(x->section, row->section) &&
		    (str_is_none(x->label) ? str_is_none(label) : str_eq(x->label, label)))
			return x;
	}
	return NULL;
}

static const char *find_environment(struct arena *a, const struct settings_table *table,
				    const struct setting *row, const char **name)
{
	char *upper;
	const char *value;

	if (!table->environment)
		return NULL;
	upper = arena_strf(a, "%s%s", table->environment, row->key);
	for (char *c = upper; *c; c++) {
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	}
	*name = upper;
	value = getenv(upper);
	return value && *value ? value : NULL;
}

void settings_apply(struct arena *a, const struct settings_table *table,
		    const struct settings_file *file, struct str label, void *target,
		    struct setting_value *values, struct settings_problems *problems)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct setting *row = &table->rows[i];
		void *field = (char *)target + row->offset;
		const struct settings_entry *x = find_entry(file, label, row);
		const char *name = NULL;
		const char *from_environment = find_environment(a, table, row, &name);
		struct setting_value v = { SETTING_FROM_DEFAULT, 0, row->default_text };
		struct err e;

		/* The default is set first: it stays when the value is bad. */
		ASSERT(setting_store(a, row, row->default_text, field, &e) == 0);
		if (from_environment)
			v = (struct setting_value){ SETTING_FROM_ENVIRONMENT, 0, from_environment };
		else if (x && x->value.n > 0)
			v = (struct setting_value){ SETTING_FROM_FILE, x->line,
						    arena_cstr(a, x->value) };
		if (values)
			values[i] = v;
		if (v.origin == SETTING_FROM_DEFAULT ||
		    setting_store(a, row, v.text, field, &e) == 0)
			continue;
		if (v.origin == SETTING_FROM_ENVIRONMENT)
			settings_problem_add(a, problems, "environment %s: %s", name, e.text);
		else
			settings_problem_add(a, problems, "line %d: %s", v.line, e.text);
	}
}
