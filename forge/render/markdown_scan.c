/*
 * The inputs on which cmark-gfm 0.29.0.gfm.6 is slow, found by measuring
 * (tables of CVE-2023-37463, `![`, `www.`, `<![CDATA[`, `a@`, repeated giant
 * definitions), and limits under which each of them stays below 0.1 s.
 */
#include "render/markdown_private.h"

#define PIPES_MAX 128
#define CELLS_MAX 250000u
#define REPEATS_MAX 2000u
#define DEFINITION_MAX 1024u
#define EXPANSION_MAX (8u << 20)
#define NESTING_MAX 64u
#define ATS_MAX 500u

struct scan {
	size_t pipes;      /* most of a line of this block */
	size_t lines;      /* of this block: lines without an empty one between */
	size_t definition; /* bytes of the definition we are in, 0: none */
	size_t longest_definition;
	size_t brackets;
	size_t images, www, cdata, instructions;
};

static size_t count_char(struct str line, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < line.n; i++)
		count += line.p[i] == c;
	return count;
}

static size_t count_str(struct str line, struct str what)
{
	size_t count = 0;

	for (size_t at; (at = str_find_str(line, what)) < line.n;
	     line = str_from(line, at + what.n))
		count++;
	return count;
}

/* Quotes and list marks at the start of a line, each a level of blocks. */
static bool nests_too_deep(struct str line)
{
	size_t marks = 0;

	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		char next = i + 1 < line.n ? line.p[i + 1] : '\n';

		if (c == '>' ||
		    ((c == '-' || c == '*' || c == '+') && (next == ' ' || next == '\t')))
			marks++;
		else if (c != ' ' && c != '\t' && !(c >= '0' && c <= '9') && c != '.' && c != ')')
			break;
	}
	return marks > NESTING_MAX;
}

static bool definition_is_good(struct scan *s, struct str line)
{
	struct str trimmed = str_trim(line);

	if (str_starts(trimmed, STR("[")) && str_find_str(trimmed, STR("]:")) < trimmed.n)
		s->definition = line.n;
	else if (trimmed.n == 0)
		s->definition = 0;
	else if (s->definition)
		s->definition += line.n;
	if (s->definition > s->longest_definition)
		s->longest_definition = s->definition;
	/* Only what begins like one is judged alone; a paragraph behind it may be long. */
	return !(s->definition == line.n && line.n > DEFINITION_MAX);
}

static bool line_is_good(struct scan *s, struct str line)
{
	size_t pipes = count_char(line, '|');

	if (str_trim(line).n == 0) {
		s->pipes = 0;
		s->lines = 0;
	}
	s->pipes = pipes > s->pipes ? pipes : s->pipes;
	s->lines++;
	s->brackets += count_char(line, '[');
	s->images += count_str(line, STR("!["));
	s->www += count_str(line, STR("www."));
	s->cdata += count_str(line, STR("<![CDATA["));
	s->instructions += count_str(line, STR("<?"));
	return pipes <= PIPES_MAX && (s->pipes + 1) * s->lines <= CELLS_MAX &&
	       s->images <= REPEATS_MAX && s->www <= REPEATS_MAX && s->cdata <= REPEATS_MAX &&
	       s->instructions <= REPEATS_MAX && count_char(line, '@') <= ATS_MAX &&
	       !nests_too_deep(line) && definition_is_good(s, line);
}

bool markdown_scan(struct str text)
{
	struct scan s = { 0 };
	struct str rest = text;
	struct str line;
	size_t longest;

	while (str_cut(&rest, '\n', &line)) {
		if (!line_is_good(&s, line))
			return false;
	}
	longest = s.longest_definition < DEFINITION_MAX ? s.longest_definition : DEFINITION_MAX;
	return longest * s.brackets <= EXPANSION_MAX;
}
