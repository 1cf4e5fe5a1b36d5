/*
 * sqlgen: SQL in files, typed in C.
 *
 *	sqlgen OUT sql/queries/user.sql sql/queries/key.sql ...
 *
 * reads statements with annotated heads
 *
 *	-- name: user_by_name :one
 *	-- in: name text, id int8?
 *	-- out: id int8, blocked_at timestamptz?
 *	SELECT ...
 *
 * and writes OUT/<file>.h and .c (a parameter struct, a row struct, a const
 * descriptor and a function a statement) and OUT/all.c (the table of all of
 * them). What the functions do lives in forge/store/statement.h. Long lists
 * may go on in a second `-- in:` or `-- out:` line; other comment lines are
 * dropped. Parsing is here, writing in sqlgen_write.c.
 */
#include "scripts/sqlgen.h"

#include "base/table.h"

#include <stdio.h>

struct parser {
	struct arena *arena;
	struct sql_file *file;
	struct sql_statement *current; /* NULL before the first name */
	struct table *names;
	struct gen_place at; /* the line being read */
};

static bool find_type(struct str word, enum statement_type *type)
{
	static const char *const words[] = {
#define TYPE_WORD(name, word, oid) [STATEMENT_##name] = word,
		STATEMENT_TYPES(TYPE_WORD)
#undef TYPE_WORD
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_c(word, words[i])) {
			*type = (enum statement_type)i;
			return true;
		}
	}
	return false;
}

static bool has_field(const struct sql_fields *fields, struct str name)
{
	for (size_t i = 0; i < fields->count; i++) {
		if (str_eq(fields->items[i].name, name))
			return true;
	}
	return false;
}

/* "blocked_at timestamptz?" */
static int parse_field(struct parser *p, struct str text, struct sql_fields *fields, struct err *e)
{
	struct str rest = str_trim(text);
	struct sql_field *f = &fields->items[fields->count];
	struct str word;

	if (fields->count == SQL_FIELDS_MAX)
		return gen_fail(e, p->at, "more than %d fields", SQL_FIELDS_MAX);
	str_cut(&rest, ' ', &f->name);
	word = str_trim(rest);
	f->nullable = str_ends(word, STR("?"));
	if (f->nullable)
		word = str_upto(word, word.n - 1);
	if (!gen_is_name(f->name))
		return gen_fail(e, p->at,
				"\"%.*s\" cannot be a field: lower-case letters, digits and _, "
				"and no word of C; rename it with AS",
				STR_FMT(f->name));
	if (!find_type(word, &f->type))
		return gen_fail(e, p->at, "field %.*s: unknown type \"%.*s\"; see STATEMENT_TYPES",
				STR_FMT(f->name), STR_FMT(word));
	if (has_field(fields, f->name))
		return gen_fail(e, p->at, "field %.*s is there twice", STR_FMT(f->name));
	fields->count++;
	return 0;
}

static int parse_fields(struct parser *p, struct str list, struct sql_fields *fields, struct err *e)
{
	struct str part;

	while (str_cut(&list, ',', &part)) {
		int result = parse_field(p, part, fields, e);

		if (result != 0)
			return result;
	}
	return 0;
}

static bool find_kind(struct str word, enum statement_kind *kind)
{
	static const char *const words[] = {
		[STATEMENT_ONE] = ":one",
		[STATEMENT_FIND] = ":find",
		[STATEMENT_MANY] = ":many",
		[STATEMENT_EXEC] = ":exec",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_c(word, words[i])) {
			*kind = (enum statement_kind)i;
			return true;
		}
	}
	return false;
}

/* "user_by_name :one" starts a statement. */
static int parse_name(struct parser *p, struct str text, struct err *e)
{
	struct sql_statement *st = ARENA_NEW(p->arena, struct sql_statement);
	struct str rest = str_trim(text);
	struct str word;

	str_cut(&rest, ' ', &word);
	if (!gen_is_name(word))
		return gen_fail(e, p->at, "\"%.*s\" cannot name a statement", STR_FMT(word));
	if (!find_kind(str_trim(rest), &st->kind))
		return gen_fail(e, p->at, "%.*s: the kind must be :one, :find, :many or :exec",
				STR_FMT(word));
	if (table_find(p->names, word) != NULL)
		return gen_fail(e, p->at, "there is another statement %.*s", STR_FMT(word));
	st->name = arena_str(p->arena, word);
	st->at = p->at;
	buf_init(&st->text, GEN_FILE_MAX);
	table_set(p->names, word, st);
	if (p->current != NULL)
		p->current->next = st;
	else
		p->file->first = st;
	p->current = st;
	return 0;
}

static int parse_line(struct parser *p, struct str line, struct err *e)
{
	struct str text = str_trim(line);

	if (str_cut_prefix(&text, STR("-- name:")))
		return parse_name(p, text, e);
	if (p->current == NULL) {
		if (text.n > 0 && !str_starts(text, STR("--")))
			return gen_fail(e, p->at, "SQL before the first \"-- name:\"");
		return 0;
	}
	if (str_cut_prefix(&text, STR("-- in:")))
		return parse_fields(p, text, &p->current->in, e);
	if (str_cut_prefix(&text, STR("-- out:")))
		return parse_fields(p, text, &p->current->out, e);
	if (text.n == 0 || str_starts(text, STR("--")))
		return 0;
	if (p->current->text.n > 0)
		buf_add_char(&p->current->text, '\n');
	buf_add(&p->current->text, text);
	return 0;
}

/* Position behind what starts at i if it is a quoted string or a comment; else i. */
static size_t skip_quoted(struct str sql, size_t i)
{
	struct str rest = str_from(sql, i);
	size_t end;

	if (sql.p[i] == '\'' || sql.p[i] == '"') {
		end = str_find(str_from(rest, 1), sql.p[i]);
		return i + 1 + end + 1;
	}
	if (str_starts(rest, STR("--")))
		return i + str_find(rest, '\n') + 1;
	if (str_starts(rest, STR("/*")))
		return i + str_find_str(rest, STR("*/")) + 2;
	return i;
}

/* Reads $n at *i; 0 if there is none. */
static size_t read_placeholder(struct str sql, size_t *i)
{
	size_t n = 0;

	if (sql.p[*i] != '$')
		return 0;
	while (*i + 1 < sql.n && sql.p[*i + 1] >= '0' && sql.p[*i + 1] <= '9' && n < 1000) {
		n = n * 10 + (size_t)(sql.p[*i + 1] - '0');
		++*i;
	}
	return n;
}

/* Every $n has its field and every field its $n. */
static int check_placeholders(const struct sql_statement *st, struct err *e)
{
	struct str sql = buf_str(&st->text);
	bool used[SQL_FIELDS_MAX + 1] = { false };

	for (size_t i = 0; i < sql.n; i++) {
		size_t behind = skip_quoted(sql, i);
		size_t n;

		if (behind > i) {
			i = behind - 1;
			continue;
		}
		if (sql.p[i] == ';')
			return gen_fail(e, st->at, "%.*s holds more than one statement",
					STR_FMT(st->name));
		n = read_placeholder(sql, &i);
		if (n > st->in.count)
			return gen_fail(e, st->at, "%.*s uses $%zu but has %zu parameters",
					STR_FMT(st->name), n, st->in.count);
		used[n] = true;
	}
	for (size_t n = 1; n <= st->in.count; n++) {
		if (!used[n])
			return gen_fail(e, st->at, "%.*s never uses $%zu (%.*s)", STR_FMT(st->name),
					n, STR_FMT(st->in.items[n - 1].name));
	}
	return 0;
}

static int check_statement(struct sql_statement *st, struct err *e)
{
	while (st->text.n > 0 && st->text.p[st->text.n - 1] == ';')
		st->text.p[--st->text.n] = '\0';
	if (st->text.n == 0)
		return gen_fail(e, st->at, "%.*s has no SQL", STR_FMT(st->name));
	if (st->kind == STATEMENT_EXEC && st->out.count > 0)
		return gen_fail(e, st->at, "%.*s is :exec and gives no row, so it has no out",
				STR_FMT(st->name));
	if (st->kind != STATEMENT_EXEC && st->out.count == 0)
		return gen_fail(e, st->at, "%.*s gives rows, so it needs \"-- out:\"",
				STR_FMT(st->name));
	return check_placeholders(st, e);
}

static int parse_file(struct arena *a, struct table *names, struct sql_file *file, struct err *e)
{
	struct parser p = { .arena = a, .file = file, .names = names };
	struct str rest;
	struct str line;
	int result = gen_read(a, file->path, &rest, e);

	p.at.file = file->path;
	while (result == 0 && str_cut(&rest, '\n', &line)) {
		p.at.line++;
		result = parse_line(&p, line, e);
	}
	for (struct sql_statement *st = file->first; result == 0 && st != NULL; st = st->next)
		result = check_statement(st, e);
	return result;
}

static int generate(struct arena *a, const char *folder, char **paths, size_t count, struct err *e)
{
	struct sql_file *files = ARENA_ARRAY(a, struct sql_file, count + 1);
	struct table names;
	int result = 0;

	table_init(&names, a);
	for (size_t i = 0; result == 0 && i < count; i++) {
		files[i].path = paths[i];
		files[i].noun = gen_stem(a, paths[i]);
		if (!gen_is_name(files[i].noun))
			return err_set(e, ERR_INVALID, "%s: the file's name must be a C name",
				       paths[i]);
		result = parse_file(a, &names, &files[i], e);
	}
	if (result == 0)
		result = sqlgen_write(a, folder, files, count, e);
	return result;
}

int main(int argc, char **argv)
{
	struct arena *a;
	struct err e = { 0 };
	int result;

	if (argc < 2) {
		fprintf(stderr, "usage: sqlgen OUT FILE.sql...\n");
		return 2;
	}
	a = arena_open((size_t)1 << 30);
	result = generate(a, argv[1], argv + 2, (size_t)(argc - 2), &e);
	arena_close(a);
	return gen_exit(result, "sqlgen", &e);
}
