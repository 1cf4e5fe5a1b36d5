#include "render/reference.h"

#include "base/buf.h"

#include <ctype.h>

#define DIGITS_MAX 9

struct scan {
	struct str text;
	size_t at;
	size_t span;  /* backticks that opened a code span; 0: in none */
	char fence;   /* '`' or '~': in a fenced block */
	bool is_code; /* this line is indented code, or in a block */
	struct str project_url;
	struct buf *out;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static char char_at(const struct scan *s, size_t at)
{
	return at < s->text.n ? s->text.p[at] : '\0';
}

static size_t run_of(const struct scan *s, size_t at, char c)
{
	size_t n = 0;

	while (char_at(s, at + n) == c)
		n++;
	return n;
}

/* At the start of a line: fences and indented code. */
static void begin_line(struct scan *s)
{
	const size_t blanks = run_of(s, s->at, ' ');
	const char c = char_at(s, s->at + blanks);
	const bool is_fence =
		blanks < 4 && (c == '`' || c == '~') && run_of(s, s->at + blanks, c) >= 3;

	s->is_code = s->fence != '\0' || blanks >= 4 || char_at(s, s->at) == '\t';
	if (!is_fence)
		return;
	s->is_code = true;
	s->span = 0;
	if (s->fence == '\0')
		s->fence = c;
	else if (s->fence == c)
		s->fence = '\0';
}

static void backticks(struct scan *s)
{
	const size_t n = run_of(s, s->at, '`');

	if (s->span == 0)
		s->span = n;
	else if (s->span == n)
		s->span = 0;
	buf_add(s->out, str_upto(str_from(s->text, s->at), n));
	s->at += n;
}

static bool may_begin(const struct scan *s)
{
	const char before = s->at > 0 ? s->text.p[s->at - 1] : ' ';

	if (is_word(before) || strchr("/&[!#\\:@", before))
		return false;
	return !(before == '(' && s->at > 1 && s->text.p[s->at - 2] == ']');
}

/* "#12" or "!12" here: written as a link. */
static bool reference(struct scan *s)
{
	const char sign = s->text.p[s->at];
	size_t n = 0;

	if ((sign != '#' && sign != '!') || s->is_code || s->span > 0 || !may_begin(s))
		return false;
	while (n <= DIGITS_MAX && isdigit((unsigned char)char_at(s, s->at + 1 + n)))
		n++;
	if (n == 0 || n > DIGITS_MAX || char_at(s, s->at + 1) == '0' ||
	    is_word(char_at(s, s->at + 1 + n)))
		return false;
	buf_addf(s->out, "[%c%.*s](%.*s/-/%s/%.*s)", sign == '#' ? '#' : '!', (int)n,
		 s->text.p + s->at + 1, STR_FMT(s->project_url),
		 sign == '#' ? "issues" : "merge_requests", (int)n, s->text.p + s->at + 1);
	s->at += 1 + n;
	return true;
}

struct str reference_links(struct str text, struct str project_url, size_t limit, struct arena *a)
{
	struct buf out;
	struct scan s = { .text = text, .project_url = project_url, .out = &out };
	struct str result = text;

	buf_init(&out, limit);
	while (s.at < text.n) {
		if (s.at == 0 || text.p[s.at - 1] == '\n')
			begin_line(&s);
		if (text.p[s.at] == '`' && !s.is_code)
			backticks(&s);
		else if (!reference(&s))
			buf_add_char(&out, text.p[s.at++]);
	}
	if (!out.full)
		result = arena_str(a, buf_str(&out));
	buf_fini(&out);
	return result;
}
