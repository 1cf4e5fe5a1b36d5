#include "ci/duration.h"

#define SECONDS_MAX (100LL * 365 * 24 * 3600)

struct unit {
	const char *name;
	double seconds;
};

static const struct unit units[] = {
	{ "s", 1 },         { "sec", 1 },         { "secs", 1 },         { "second", 1 },
	{ "seconds", 1 },   { "m", 60 },          { "min", 60 },         { "mins", 60 },
	{ "minute", 60 },   { "minutes", 60 },    { "h", 3600 },         { "hr", 3600 },
	{ "hrs", 3600 },    { "hour", 3600 },     { "hours", 3600 },     { "d", 86400 },
	{ "day", 86400 },   { "days", 86400 },    { "w", 604800 },       { "wk", 604800 },
	{ "wks", 604800 },  { "week", 604800 },   { "weeks", 604800 },   { "mo", 2592000 },
	{ "mos", 2592000 }, { "month", 2592000 }, { "months", 2592000 }, { "y", 31557600 },
	{ "yr", 31557600 }, { "yrs", 31557600 },  { "year", 31557600 },  { "years", 31557600 },
};

static const char *const number_words[] = {
	"zero",  "one",   "two",  "three", "four",   "five",   "six",
	"seven", "eight", "nine", "ten",   "eleven", "twelve",
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_separators(struct str *s)
{
	while (s->n > 0 && (s->p[0] == ' ' || s->p[0] == ',' || s->p[0] == '\t'))
		*s = str_from(*s, 1);
}

static struct str take_word(struct str *s)
{
	size_t n = 0;
	struct str word;

	while (n < s->n && is_letter(s->p[n]))
		n++;
	word = str_upto(*s, n);
	*s = str_from(*s, n);
	return word;
}

/* "12", "1.5" or "three". */
static bool take_number(struct str *s, double *number)
{
	double unit = 1;
	struct str word;

	*number = 0;
	if (s->n > 0 && is_digit(s->p[0])) {
		for (; s->n > 0 && is_digit(s->p[0]); *s = str_from(*s, 1))
			*number = *number * 10 + (s->p[0] - '0');
		if (!str_cut_prefix(s, STR(".")))
			return true;
		for (; s->n > 0 && is_digit(s->p[0]); *s = str_from(*s, 1))
			*number += (unit /= 10) * (s->p[0] - '0');
		return true;
	}
	word = take_word(s);
	for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
		if (str_eq_nocase(word, str_c(number_words[i]))) {
			*number = (double)i;
			return true;
		}
	}
	return false;
}

static bool unit_seconds(struct str word, double *seconds)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (str_eq_nocase(word, str_c(units[i].name))) {
			*seconds = units[i].seconds;
			return true;
		}
	}
	return false;
}

/* "1:30" is 90 seconds, "1:00:00" an hour. */
static bool parse_clock(struct str text, double *total)
{
	struct str part;
	int parts = 0;

	*total = 0;
	while (str_cut(&text, ':', &part)) {
		int64_t number;

		if (part.n == 0 || part.n > 6 || !is_digit(part.p[0]) || !str_to_i64(part, &number))
			return false;
		*total = *total * 60 + (double)number;
		parts++;
	}
	return parts == 2 || parts == 3;
}

static bool parse_words(struct str text, double *total)
{
	*total = 0;
	while (text.n > 0) {
		double number;
		double seconds = 1;
		struct str word;

		if (!take_number(&text, &number))
			return false;
		skip_separators(&text);
		word = take_word(&text);
		if (word.n > 0 && !unit_seconds(word, &seconds))
			return false;
		*total += number * seconds;
		skip_separators(&text);
		if (str_starts_nocase(text, STR("and ")))
			text = str_from(text, 4);
		skip_separators(&text);
	}
	return true;
}

bool ci_duration_parse(struct str text, int64_t *seconds)
{
	double total;

	text = str_trim(text);
	if (text.n == 0 || text.n > 200)
		return false;
	if (str_has(text, ':') ? !parse_clock(text, &total) : !parse_words(text, &total))
		return false;
	if (!(total >= 1 && total < (double)SECONDS_MAX))
		return false;
	*seconds = (int64_t)(total + 0.5);
	return true;
}
