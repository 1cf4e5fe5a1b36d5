/* Finding closing words. What they do is task_arrival.c. */
#include "domain/task_closing.h"

#include <ctype.h>

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The word and its endings; the longest that fits is cut off *s. */
static bool cut_verb(struct str *s)
{
	static const char *const verbs[] = {
		"closes",     "closed",      "closing",      "close",    "fixes",     "fixed",
		"fixing",     "fix",         "resolves",     "resolved", "resolving", "resolve",
		"implements", "implemented", "implementing", "implement"
	};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		struct str verb = str_c(verbs[i]);

		if (!str_starts_nocase(*s, verb) || (s->n > verb.n && is_word(s->p[verb.n])))
			continue;
		*s = str_from(*s, verb.n);
		return true;
	}
	return false;
}

static bool cut_blanks(struct str *s)
{
	size_t n = 0;

	while (n < s->n &&
	       (s->p[n] == ' ' || s->p[n] == '\t' || s->p[n] == '\n' || s->p[n] == '\r'))
		n++;
	*s = str_from(*s, n);
	return n > 0;
}

static bool cut_number(struct str *s, int64_t *number)
{
	size_t n = 0;

	while (n < s->n && isdigit((unsigned char)s->p[n]))
		n++;
	if (n == 0 || (n < s->n && is_word(s->p[n])) || !str_to_i64(str_upto(*s, n), number))
		return false;
	*s = str_from(*s, n);
	return *number > 0;
}

/* "https://any.host/base/group/name/-/issues/12": the address ends with the project's. */
static bool cut_url(struct str *s, struct str project, bool *is_ours)
{
	size_t n = 0;
	size_t at;
	struct str head;

	if (!str_starts(*s, STR("http://")) && !str_starts(*s, STR("https://")))
		return false;
	while (n < s->n && !isspace((unsigned char)s->p[n]))
		n++;
	at = str_find_str(str_upto(*s, n), STR("/-/issues/"));
	if (at == n)
		return false;
	head = str_upto(*s, at);
	*is_ours = head.n > project.n &&
		   str_eq_nocase(str_from(head, head.n - project.n), project) &&
		   head.p[head.n - project.n - 1] == '/';
	*s = str_from(*s, at + strlen("/-/issues/"));
	return true;
}

/* "#12", "group/name#12" or an address. */
static bool cut_reference(struct str *s, struct str project, int64_t *number, bool *is_ours)
{
	struct str rest = *s;
	size_t n = 0;

	if (!cut_url(&rest, project, is_ours)) {
		while (n < rest.n && (is_word(rest.p[n]) || strchr("/.-", rest.p[n])))
			n++;
		if (n >= rest.n || rest.p[n] != '#')
			return false;
		*is_ours = n == 0 || str_eq_nocase(str_upto(rest, n), project);
		rest = str_from(rest, n + 1);
	}
	if (!cut_number(&rest, number))
		return false;
	*s = rest;
	return true;
}

static void cut_issue_word(struct str *s)
{
	struct str rest = *s;

	if (!str_starts_nocase(rest, STR("issue")))
		return;
	rest = str_from(rest, strlen("issue"));
	if (str_starts_nocase(rest, STR("s")))
		rest = str_from(rest, 1);
	if (cut_blanks(&rest))
		*s = rest;
}

/* Between two references: blanks, a comma, "and". */
static void cut_separator(struct str *s)
{
	struct str rest;

	(void)cut_blanks(s);
	if (str_starts(*s, STR(",")))
		*s = str_from(*s, 1);
	(void)cut_blanks(s);
	rest = *s;
	if (!str_starts_nocase(rest, STR("and")))
		return;
	rest = str_from(rest, strlen("and"));
	if (cut_blanks(&rest))
		*s = rest;
}

static void add(struct i64_list *list, int64_t number)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == number)
			return;
	if (list->count < TASK_CLOSING_MAX)
		list->items[list->count++] = number;
}

/* Behind a verb: an optional colon, blanks, then references. */
static void read_references(struct str *s, struct str project, struct i64_list *found)
{
	if (str_starts(*s, STR(":")))
		*s = str_from(*s, 1);
	if (!cut_blanks(s))
		return;
	for (;;) {
		int64_t number;
		bool is_ours;

		cut_issue_word(s);
		if (!cut_reference(s, project, &number, &is_ours))
			return;
		if (is_ours)
			add(found, number);
		cut_separator(s);
	}
}

struct i64_list task_closing_find(struct str text, struct str project_path, struct arena *a)
{
	struct i64_list found = { ARENA_ARRAY(a, int64_t, TASK_CLOSING_MAX), 0 };
	struct str rest = text;
	char before = ' ';

	while (rest.n > 0) {
		if (!is_word(before) && cut_verb(&rest)) {
			read_references(&rest, project_path, &found);
			before = ' ';
			continue;
		}
		before = rest.p[0];
		rest = str_from(rest, 1);
	}
	return found;
}
