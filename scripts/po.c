#include "scripts/po.h"

struct reader {
	struct arena *arena;
	struct po_file *file;
	struct gen_place at;
	struct po_entry *entry; /* being read */
	struct buf text;        /* of the string being read */
	struct str *target;     /* where it goes; NULL before the first */
	bool is_fuzzy;          /* the next entry is */
};

static void finish_string(struct reader *r)
{
	if (r->target != NULL)
		*r->target = arena_str(r->arena, buf_str(&r->text));
	r->target = NULL;
	buf_clear(&r->text);
}

static int finish_entry(struct reader *r, struct err *e)
{
	struct po_entry *entry = r->entry;

	finish_string(r);
	r->entry = NULL;
	if (entry == NULL || entry->msgid.n == 0)
		return 0;
	if (entry->forms_count == 0)
		return gen_fail(e, entry->at, "this msgid has no msgstr");
	if (table_find(&r->file->entries, entry->msgid) != NULL)
		return gen_fail(e, entry->at, "this msgid is there twice");
	table_set(&r->file->entries, entry->msgid, entry);
	return 0;
}

static char unescaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* "text" is added to the string being read. */
static int add_string(struct reader *r, struct str text, struct err *e)
{
	text = str_trim(text);
	if (r->target == NULL)
		return gen_fail(e, r->at, "a string without a keyword");
	if (text.n < 2 || text.p[0] != '"' || text.p[text.n - 1] != '"')
		return gen_fail(e, r->at, "a string in quotes must stand here");
	for (size_t i = 1; i + 1 < text.n; i++) {
		char c = text.p[i];

		if (c == '\\' && i + 2 < text.n)
			c = unescaped(text.p[++i]);
		else if (c == '\\' || c == '"')
			return gen_fail(e, r->at, "this string ends too early");
		buf_add_char(&r->text, c);
	}
	return 0;
}

static int start_entry(struct reader *r, struct str text, struct err *e)
{
	int result = finish_entry(r, e);

	if (result != 0)
		return result;
	r->entry = ARENA_NEW(r->arena, struct po_entry);
	r->entry->at = r->at;
	r->entry->is_fuzzy = r->is_fuzzy;
	r->is_fuzzy = false;
	r->target = &r->entry->msgid;
	return add_string(r, text, e);
}

/* Behind "msgstr": ' "text"' or '[1] "text"'. */
static int start_form(struct reader *r, struct str text, struct err *e)
{
	int64_t n = 0;

	finish_string(r);
	if (str_cut_prefix(&text, STR("["))) {
		struct str number;

		if (!str_cut(&text, ']', &number) || !str_to_i64(number, &n) || n < 0 ||
		    n >= PO_FORMS_MAX)
			return gen_fail(e, r->at, "msgstr[n] with n from 0 to %d",
					PO_FORMS_MAX - 1);
	}
	if (r->entry->forms_count != (size_t)n)
		return gen_fail(e, r->at, "the forms of a plural come in order");
	r->entry->forms_count++;
	r->target = &r->entry->forms[n];
	return add_string(r, text, e);
}

static int read_line(struct reader *r, struct str line, struct err *e)
{
	struct str text = str_trim(line);

	if (text.n == 0)
		return 0;
	if (text.p[0] == '#') {
		if (str_starts(text, STR("#,")) && str_find_str(text, STR("fuzzy")) < text.n)
			r->is_fuzzy = true;
		return 0;
	}
	if (text.p[0] == '"')
		return add_string(r, text, e);
	if (str_starts(text, STR("msgctxt")))
		return gen_fail(e, r->at, "msgctxt is not used: write another English sentence");
	if (r->entry == NULL && !str_starts(text, STR("msgid ")))
		return gen_fail(e, r->at, "an entry begins with msgid");
	if (str_cut_prefix(&text, STR("msgid_plural "))) {
		finish_string(r);
		r->target = &r->entry->plural;
		return add_string(r, text, e);
	}
	if (str_cut_prefix(&text, STR("msgid ")))
		return start_entry(r, text, e);
	if (str_cut_prefix(&text, STR("msgstr")))
		return start_form(r, text, e);
	return gen_fail(e, r->at, "msgid, msgid_plural or msgstr must stand here");
}

int po_read(struct arena *a, const char *path, struct po_file *file, struct err *e)
{
	struct reader r = { .arena = a, .file = file, .at = { .file = path } };
	struct str rest;
	struct str line;
	int result = gen_read(a, path, &rest, e);

	table_init(&file->entries, a);
	buf_init(&r.text, GEN_FILE_MAX);
	while (result == 0 && str_cut(&rest, '\n', &line)) {
		r.at.line++;
		result = read_line(&r, line, e);
	}
	if (result == 0)
		result = finish_entry(&r, e);
	buf_fini(&r.text);
	return result;
}

struct counts {
	size_t values; /* how many %s a caller must give */
	bool has_number;
	bool is_bad;
};

static struct counts count_placeholders(struct str s)
{
	struct counts c = { 0 };

	for (size_t i = 0; i < s.n; i++) {
		char next = i + 1 < s.n ? s.p[i + 1] : '\0';

		if (s.p[i] != '%')
			continue;
		i++;
		if (next == 's') {
			c.values++;
		} else if (next == 'n') {
			c.has_number = true;
		} else if (next >= '1' && next <= '9' && i + 2 < s.n && s.p[i + 1] == '$' &&
			   s.p[i + 2] == 's') {
			/* each is used once, so the count is the same */
			c.values++;
			i += 2;
		} else if (next != '%') {
			c.is_bad = true;
		}
	}
	return c;
}

int po_check(const struct po_entry *entry, struct err *e)
{
	struct counts one = count_placeholders(entry->msgid);
	struct counts other = count_placeholders(entry->plural);
	size_t values = one.values > other.values ? one.values : other.values;

	for (size_t i = 0; i < entry->forms_count; i++) {
		struct counts form = count_placeholders(entry->forms[i]);

		if (entry->forms[i].n == 0)
			continue;
		if (form.is_bad || form.values != values ||
		    (form.has_number && str_is_none(entry->plural)))
			return gen_fail(e, entry->at,
					"msgstr[%zu] has other placeholders than its msgid", i);
	}
	return 0;
}

void po_write(struct buf *out, const char *keyword, struct str text)
{
	buf_addf(out, "%s \"", keyword);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\n')
			buf_add_c(out, "\\n");
		else if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", c);
		else
			buf_add_char(out, c);
	}
	buf_add_c(out, "\"\n");
}
