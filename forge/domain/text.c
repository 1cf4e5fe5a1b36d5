#include "domain/text.h"

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
