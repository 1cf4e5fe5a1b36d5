/*
 * Sentences that came ready from the domain ("The branch main is protected: ...") in the
 * reader's language. The catalogue has them with %s where values stand; the one whose fixed
 * words fit, and of several the one with most of them, is taken, and its translation gets the
 * values. So nothing below pages needs to know of languages. What fits none stays as it is.
 *
 * A value ends where the next fixed words begin first; a value that holds them itself gives
 * an odd sentence, never more than that: values are escaped as every text.
 */
#include "render/i18n.h"

#define VALUES_MAX 8
#define FIXED_MIN 8 /* bytes; less says too little to be sure */

struct fit {
	struct str values[VALUES_MAX];
	size_t count, fixed;
};

/* The fixed words at the start of a msgid; it goes on behind their %s. */
static struct str cut_fixed(struct str *msgid, bool *has_value)
{
	size_t end = str_find_str(*msgid, STR("%s"));
	struct str fixed = str_upto(*msgid, end);

	*has_value = end < msgid->n;
	*msgid = str_from(*msgid, end + 2);
	return fixed;
}

static bool fits(struct str msgid, struct str text, struct fit *fit)
{
	bool has_value;
	struct str fixed = cut_fixed(&msgid, &has_value);

	*fit = (struct fit){ .fixed = fixed.n };
	if (!str_cut_prefix(&text, fixed))
		return false;
	while (has_value) {
		size_t end;

		if (fit->count == VALUES_MAX)
			return false;
		fixed = cut_fixed(&msgid, &has_value);
		/* The last fixed words are the end of the text. */
		end = has_value ? str_find_str(text, fixed) : text.n - fixed.n;
		if (fixed.n > text.n || (has_value && (fixed.n == 0 || end == text.n)) ||
		    !str_starts(str_from(text, end), fixed))
			return false;
		fit->values[fit->count++] = str_upto(text, end);
		fit->fixed += fixed.n;
		text = str_from(text, end + fixed.n);
	}
	return text.n == 0;
}

/* Some words of ours, too; names of branches and their like have no blanks. */
static struct str value_of(const struct language *language, struct str value, struct arena *a)
{
	return str_has(value, ' ') ? str_c(i18n_text(language, arena_cstr(a, value))) : value;
}

/* %s the next value, %2$s the second. */
static struct str filled(const struct language *language, struct str form, const struct fit *fit,
			 struct arena *a)
{
	struct str text = STR("");
	size_t next = 0;

	for (;;) {
		size_t plain = str_find(form, '%');
		size_t which = next;
		size_t length = 2;

		text = arena_fmt(a, "%.*s%.*s", STR_FMT(text), STR_FMT(str_upto(form, plain)));
		form = str_from(form, plain);
		if (form.n < 2)
			return text;
		if (form.n >= 4 && form.p[2] == '$') {
			which = (size_t)(form.p[1] - '1');
			length = 4;
		} else if (form.p[1] == 's') {
			next++;
		}
		if (form.p[1] == '%')
			text = arena_fmt(a, "%.*s%%", STR_FMT(text));
		else if (which < fit->count)
			text = arena_fmt(a, "%.*s%.*s", STR_FMT(text),
					 STR_FMT(value_of(language, fit->values[which], a)));
		form = str_from(form, length);
	}
}

struct str i18n_sentence(const struct language *language, struct str english, struct arena *a)
{
	const char *whole = arena_cstr(a, english);
	const char *same = i18n_text(language, whole);
	const struct i18n_message *best = NULL;
	struct fit best_fit = { .fixed = FIXED_MIN - 1 };

	if (same != whole)
		return str_c(same);
	for (size_t i = 0; i < language->count; i++) {
		const struct i18n_message *message = &language->messages[i];
		struct fit fit;

		if (!message->forms[1] && strchr(message->msgid, '%') &&
		    fits(str_c(message->msgid), english, &fit) && fit.fixed > best_fit.fixed) {
			best = message;
			best_fit = fit;
		}
	}
	return best ? filled(language, str_c(best->forms[0]), &best_fit, a) : str_c(whole);
}
