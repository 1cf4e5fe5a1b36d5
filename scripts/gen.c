#include "scripts/gen.h"

#include "base/fs.h"

#include <stdarg.h>
#include <stdio.h>

int gen_fail(struct err *e, struct gen_place at, const char *format, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, ERR_TEXT_MAX * 4);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	if (at.column > 0)
		err_set(e, ERR_INVALID, "%s:%zu:%zu: %s", at.file, at.line, at.column, text.p);
	else
		err_set(e, ERR_INVALID, "%s:%zu: %s", at.file, at.line, text.p);
	buf_fini(&text);
	return -ERR_INVALID;
}

int gen_read(struct arena *a, const char *path, struct str *text, struct err *e)
{
	return fs_read(a, path, GEN_FILE_MAX, text, e);
}

static int make_parent(const char *path, struct err *e)
{
	struct str s = str_c(path);
	struct str folder = str_upto(s, str_find_last(s, '/'));
	struct buf copy;
	int result;

	if (folder.n == s.n)
		return 0;
	buf_init(&copy, folder.n + 1);
	buf_add(&copy, folder);
	result = fs_make_folder(copy.p, 0777, e);
	buf_fini(&copy);
	return result;
}

static bool same_bytes(const char *path, struct str text)
{
	struct arena *a = arena_open(4 * GEN_FILE_MAX);
	struct str old;
	struct err e = { 0 };
	bool same = fs_read(a, path, GEN_FILE_MAX, &old, &e) == 0 && str_eq(old, text);

	arena_close(a);
	return same;
}

int gen_write(const char *path, struct str text, struct err *e)
{
	int result;

	if (same_bytes(path, text))
		return 0;
	result = make_parent(path, e);
	if (result == 0)
		result = fs_write_atomic(path, text, 0666, e);
	return result;
}

struct str gen_stem(struct arena *a, const char *path)
{
	struct str s = str_c(path);
	size_t slash = str_find_last(s, '/');

	if (slash < s.n)
		s = str_from(s, slash + 1);
	return arena_str(a, str_upto(s, str_find_last(s, '.')));
}

static bool is_word_of_c(struct str s)
{
	static const char *const words[] = {
		"auto",    "break",  "case",     "char",   "const",    "continue", "default",
		"do",      "double", "else",     "enum",   "extern",   "float",    "for",
		"goto",    "if",     "inline",   "int",    "long",     "register", "restrict",
		"return",  "short",  "signed",   "sizeof", "static",   "struct",   "switch",
		"typedef", "union",  "unsigned", "void",   "volatile", "while",    "bool",
		"true",    "false",  "linux",    "unix",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_c(s, words[i]))
			return true;
	}
	return false;
}

bool gen_is_name(struct str s)
{
	if (s.n == 0 || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return !is_word_of_c(s);
}

void gen_c_string(struct buf *out, struct str s)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n') {
			buf_add_c(out, "\\n");
			if (i + 1 < s.n)
				buf_add_c(out, "\"\n\t\"");
		} else if (c == '"' || c == '\\' || c == '?') {
			/* '?' so that no trigraph can arise */
			buf_addf(out, "\\%c", c);
		} else if (c == '\t') {
			buf_add_c(out, "\\t");
		} else if (c < 0x20 || c >= 0x7f) {
			buf_addf(out, "\\%03o", c);
		} else {
			buf_add_char(out, (char)c);
		}
	}
	buf_add_char(out, '"');
}

void gen_asset_macro(struct buf *out, struct str name)
{
	buf_add_c(out, "ASSET_URL_");
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c >= 'a' && c <= 'z')
			buf_add_char(out, (char)(c - 'a' + 'A'));
		else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			buf_add_char(out, c);
		else
			buf_add_char(out, '_');
	}
}

int gen_exit(int result, const char *program, const struct err *e)
{
	if (result == 0)
		return 0;
	fprintf(stderr, "%s: %s\n", program, e->text);
	return 1;
}
