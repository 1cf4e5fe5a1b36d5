#include "domain/text.h"

#include "base/buf.h"

size_t text_length(struct str s)
{
	size_t count = 0;

	/* Every byte that does not continue a character begins one. */
	for (size_t i = 0; i < s.n; i++)
		count += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return count;
}

static bool has_control(struct str s, bool lines_are_fine)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' || c == 0x7f) &&
		    !(lines_are_fine && (c == '\n' || c == '\r' || c == '\t')))
			return true;
	}
	return false;
}

int text_check_title(struct str s, const char *what, struct err *e)
{
	if (str_is_empty(str_trim(s)) || text_length(s) > TITLE_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "The %s must have 1 to %d characters.", what,
			       TITLE_MAX);
	if (!str_is_utf8_text(s) || has_control(s, false))
		return err_set(e, ERR_UNPROCESSABLE,
			       "The %s must be text in one line, without control characters.",
			       what);
	return 0;
}

int text_check_description(struct str s, struct err *e)
{
	if (text_length(s) > DESCRIPTION_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "The description has at most %d characters.",
			       DESCRIPTION_MAX);
	if (!str_is_utf8_text(s) || has_control(s, true))
		return err_set(e, ERR_UNPROCESSABLE,
			       "The description must be text, without control characters.");
	return 0;
}

int text_check_long(struct str s, const char *what, size_t max, struct err *e)
{
	if (text_length(s) > max)
		return err_set(e, ERR_UNPROCESSABLE, "The %s has at most %zu characters.", what,
			       max);
	if (!str_is_utf8_text(s) || has_control(s, true))
		return err_set(e, ERR_UNPROCESSABLE,
			       "The %s must be text, without control characters.", what);
	return 0;
}

static void add_quoted(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (strchr("\\`*_{}[]<>()#+-.!|~&@", text.p[i]))
			buf_add_char(out, '\\');
		buf_add_char(out, text.p[i]);
	}
}

struct str text_quoted(struct arena *a, struct str text)
{
	struct str result;
	struct buf out;

	buf_init(&out, 2 * text.n + 1);
	add_quoted(&out, text);
	result = arena_str(a, buf_str(&out));
	buf_fini(&out);
	return result;
}

static bool has_text(const struct str_list *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i], text))
			return true;
	return false;
}

/* Those of `these` that are not among `those`, after the word. */
static void add_difference(struct buf *out, const char *word, const struct str_list *these,
			   const struct str_list *those)
{
	const char *before = out->n > 0 ? " and " : "";

	for (size_t i = 0; i < these->count; i++) {
		if (has_text(those, these->items[i]))
			continue;
		buf_add_c(out, before);
		if (word)
			buf_add_c(out, word);
		buf_add_c(out, "**");
		add_quoted(out, these->items[i]);
		buf_add_c(out, "**");
		before = ", ";
		word = NULL;
	}
}

#define LABEL_CHANGE_MAX ((size_t)64 << 10)

struct str text_label_change(struct arena *a, const struct str_list *before,
			     const struct str_list *after)
{
	struct str result;
	struct buf out;

	buf_init(&out, LABEL_CHANGE_MAX);
	add_difference(&out, "added the label ", after, before);
	add_difference(&out, "removed the label ", before, after);
	result = out.n > 0 ? arena_str(a, buf_str(&out)) : STR_NONE;
	buf_fini(&out);
	return result;
}
