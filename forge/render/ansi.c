#include "render/ansi.h"

#include "base/buf.h"

#define ESCAPE '\x1b'
#define SPANS_FIRST 4
#define NUMBERS_MAX 16

/* ------------------------------------------------------------------------- colours */

static int distance(const unsigned char *a, const unsigned char *b)
{
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return sum;
}

/* xterm's sixteen; a colour of 256 or of 16 million is shown as the nearest of them. */
static unsigned char nearest(const unsigned char rgb[3])
{
	static const unsigned char palette[16][3] = {
		{ 0, 0, 0 },       { 205, 0, 0 },   { 0, 205, 0 },   { 205, 205, 0 },
		{ 0, 0, 238 },     { 205, 0, 205 }, { 0, 205, 205 }, { 229, 229, 229 },
		{ 127, 127, 127 }, { 255, 0, 0 },   { 0, 255, 0 },   { 255, 255, 0 },
		{ 92, 92, 255 },   { 255, 0, 255 }, { 0, 255, 255 }, { 255, 255, 255 },
	};
	unsigned char best = 0;

	for (unsigned char i = 1; i < 16; i++)
		if (distance(rgb, palette[i]) < distance(rgb, palette[best]))
			best = i;
	return (unsigned char)(best + 1);
}

static unsigned char of_256(unsigned n)
{
	static const unsigned char steps[6] = { 0, 95, 135, 175, 215, 255 };
	unsigned char rgb[3];

	if (n < 16)
		return (unsigned char)(n + 1);
	if (n > 255)
		return 0;
	if (n >= 232) {
		memset(rgb, (int)(8 + (n - 232) * 10), sizeof(rgb));
		return nearest(rgb);
	}
	n -= 16;
	rgb[0] = steps[n / 36];
	rgb[1] = steps[n / 6 % 6];
	rgb[2] = steps[n % 6];
	return nearest(rgb);
}

struct numbers {
	unsigned items[NUMBERS_MAX];
	size_t count;
};

/* 38 and 48: "5;n" or "2;r;g;b" follow. Says how many numbers were taken. */
static size_t extended(const struct numbers *n, size_t at, unsigned char *colour)
{
	unsigned char rgb[3];

	if (at + 1 < n->count && n->items[at] == 5) {
		*colour = of_256(n->items[at + 1]);
		return 2;
	}
	if (at + 3 < n->count && n->items[at] == 2) {
		for (size_t i = 0; i < 3; i++)
			rgb[i] = (unsigned char)(n->items[at + 1 + i] & 255);
		*colour = nearest(rgb);
		return 4;
	}
	return n->count - at;
}

static bool colour_of(unsigned n, struct ansi_style *style)
{
	if (n >= 30 && n <= 37)
		style->ink = (unsigned char)(n - 30 + 1);
	else if (n >= 90 && n <= 97)
		style->ink = (unsigned char)(n - 90 + 9);
	else if (n == 39)
		style->ink = 0;
	else if (n >= 40 && n <= 47)
		style->ground = (unsigned char)(n - 40 + 1);
	else if (n >= 100 && n <= 107)
		style->ground = (unsigned char)(n - 100 + 9);
	else if (n == 49)
		style->ground = 0;
	else
		return false;
	return true;
}

static void weight_of(unsigned n, struct ansi_style *style)
{
	switch (n) {
	case 0:
		*style = (struct ansi_style){ 0 };
		break;
	case 1:
	case 2:
	case 22:
		style->is_bold = n == 1;
		style->is_faint = n == 2;
		break;
	case 3:
	case 23:
		style->is_italic = n == 3;
		break;
	case 4:
	case 24:
		style->is_underlined = n == 4;
		break;
	case 9:
	case 29:
		style->is_struck = n == 9;
		break;
	default:
		break;
	}
}

static void apply(const struct numbers *n, struct ansi_style *style)
{
	size_t at = 0;

	while (at < n->count) {
		unsigned number = n->items[at++];

		if (number == 38)
			at += extended(n, at, &style->ink);
		else if (number == 48)
			at += extended(n, at, &style->ground);
		else if (!colour_of(number, style))
			weight_of(number, style);
	}
}

/* ------------------------------------------------------------------------- escapes */

static void read_numbers(struct str text, struct numbers *n)
{
	n->count = 1;
	n->items[0] = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned *last = &n->items[n->count - 1];

		if (text.p[i] >= '0' && text.p[i] <= '9') {
			*last = *last > 9999 ? 9999 : *last * 10 + (unsigned)(text.p[i] - '0');
		} else if (n->count < NUMBERS_MAX) {
			n->items[n->count++] = 0;
		} else {
			return;
		}
	}
}

/* "ESC [ ... m" changes the style; other sequences of control are only passed over. */
static size_t control_sequence(struct str s, struct ansi_style *style)
{
	size_t end = 2;
	struct numbers numbers;
	struct str text;

	while (end < s.n && s.p[end] >= 0x20 && s.p[end] <= 0x3f)
		end++;
	text = str_upto(str_from(s, 2), end - 2);
	/* Private ones ("?25h", ">4m") are no colours. */
	if (end < s.n && s.p[end] == 'm' &&
	    (text.n == 0 || (text.p[0] >= '0' && text.p[0] <= ';'))) {
		read_numbers(text, &numbers);
		apply(&numbers, style);
	}
	return end < s.n ? end + 1 : s.n;
}

/* "ESC ] ... BEL" or "... ESC \": titles and links of terminals. */
static size_t system_command(struct str s)
{
	for (size_t i = 2; i < s.n; i++) {
		if (s.p[i] == '\a')
			return i + 1;
		if (s.p[i] == ESCAPE)
			return i + 1 < s.n && s.p[i + 1] == '\\' ? i + 2 : i;
	}
	return s.n;
}

/* Length of the sequence that s begins with. */
static size_t escape(struct str s, struct ansi_style *style)
{
	if (s.n < 2)
		return s.n;
	if (s.p[1] == '[')
		return control_sequence(s, style);
	if (strchr("]P^_X", s.p[1]))
		return system_command(s);
	/* "ESC ( B" and the like: intermediate bytes, then a last one. */
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x2f)
			return i + 1;
	return s.n;
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 || c == '\t';
}

struct writing {
	struct arena *arena;
	struct ansi_spans *spans;
	size_t room;
};

static void add_span(struct writing *w, struct str text, struct str style)
{
	struct ansi_spans *spans = w->spans;
	struct ansi_span *more;

	if (text.n == 0)
		return;
	if (spans->count == w->room) {
		w->room = w->room > 0 ? w->room * 2 : SPANS_FIRST;
		more = ARENA_ARRAY(w->arena, struct ansi_span, w->room);
		if (spans->count > 0)
			memcpy(more, spans->items, spans->count * sizeof(*more));
		spans->items = more;
	}
	spans->items[spans->count++] = (struct ansi_span){ text, style };
}

void ansi_line(struct str line, struct ansi_style *style, struct arena *a, struct ansi_spans *spans)
{
	struct str text = str_upto(line, ANSI_LINE_MAX);
	struct str classes = ansi_style_text(style, a);
	struct writing w = { .arena = a, .spans = spans };
	size_t begin = 0;
	size_t at = 0;

	*spans = (struct ansi_spans){ 0 };
	while (at < text.n) {
		struct ansi_style before = *style;

		if (is_plain(text.p[at])) {
			at++;
			continue;
		}
		add_span(&w, str_upto(str_from(text, begin), at - begin), classes);
		at += text.p[at] == ESCAPE ? escape(str_from(text, at), style) : 1;
		begin = at;
		if (memcmp(&before, style, sizeof(before)) != 0)
			classes = ansi_style_text(style, a);
	}
	add_span(&w, str_upto(str_from(text, begin), at - begin), classes);
}

/* --------------------------------------------------------------------------- styles */

static void add_word(struct buf *b, bool is_set, const char *word, unsigned number)
{
	if (!is_set)
		return;
	if (b->n > 0)
		buf_add_char(b, ' ');
	buf_add_c(b, word);
	if (number > 0)
		buf_addf(b, "%u", number);
}

struct str ansi_style_text(const struct ansi_style *style, struct arena *a)
{
	static const struct ansi_style plain;
	struct buf b;
	struct str text;

	if (memcmp(style, &plain, sizeof(plain)) == 0)
		return STR("");
	buf_init(&b, 64);
	add_word(&b, style->ink, "f", style->ink);
	add_word(&b, style->ground, "b", style->ground);
	add_word(&b, style->is_bold, "bo", 0);
	add_word(&b, style->is_faint, "fa", 0);
	add_word(&b, style->is_italic, "it", 0);
	add_word(&b, style->is_underlined, "un", 0);
	add_word(&b, style->is_struck, "st", 0);
	text = arena_str(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

static bool parse_colour(struct str word, struct ansi_style *style)
{
	int64_t number;

	if (word.n < 2 || !str_to_i64(str_from(word, 1), &number) || number < 1 || number > 16)
		return false;
	if (word.p[0] == 'f')
		style->ink = (unsigned char)number;
	else if (word.p[0] == 'b')
		style->ground = (unsigned char)number;
	else
		return false;
	return true;
}

bool ansi_style_parse(struct str text, struct ansi_style *style)
{
	struct str word;

	*style = (struct ansi_style){ 0 };
	if (str_is_empty(text))
		return true;
	while (str_cut(&text, ' ', &word)) {
		if (str_eq_c(word, "bo"))
			style->is_bold = true;
		else if (str_eq_c(word, "fa"))
			style->is_faint = true;
		else if (str_eq_c(word, "it"))
			style->is_italic = true;
		else if (str_eq_c(word, "un"))
			style->is_underlined = true;
		else if (str_eq_c(word, "st"))
			style->is_struck = true;
		else if (!parse_colour(word, style))
			return false;
	}
	return true;
}
