#include "render/log_view.h"

#include "base/buf.h"

#define BLOCKS_FIRST 8
#define GROUPS_FIRST 4
#define STAMP_BYTES 32 /* "2024-05-22T12:43:46.962646Z 00O " */

struct filling {
	struct log_blocks *blocks;
	size_t room;
};

struct making {
	struct arena *arena;
	struct log_view *view;
	size_t groups_room;
	struct log_position at;
	size_t base; /* depth of the group that is being filled */
	/* Where blocks go at each depth from the group on. */
	struct filling fill[LOG_DEPTH_MAX + 1];
	struct log_block *headers[LOG_DEPTH_MAX + 1];
};

/* ------------------------------------------------------------------------- filling */

static void *grown(struct arena *a, const void *old, size_t count, size_t room, size_t size)
{
	char *more = arena_alloc(a, room * size);

	if (count > 0)
		memcpy(more, old, count * size);
	return more;
}

static struct log_block *add_block(struct making *m)
{
	struct filling *f = &m->fill[m->at.depth];
	struct log_block *block;

	if (f->blocks->count == f->room) {
		f->room = f->room > 0 ? f->room * 2 : BLOCKS_FIRST;
		f->blocks->items = grown(m->arena, f->blocks->items, f->blocks->count, f->room,
					 sizeof(struct log_block));
	}
	block = &f->blocks->items[f->blocks->count++];
	*block = (struct log_block){ 0 };
	return block;
}

static void begin_group(struct making *m, struct str took)
{
	struct log_view *view = m->view;
	struct log_group *group;

	if (view->groups_count == m->groups_room) {
		m->groups_room = m->groups_room > 0 ? m->groups_room * 2 : GROUPS_FIRST;
		view->groups = grown(m->arena, view->groups, view->groups_count, m->groups_room,
				     sizeof(struct log_group));
	}
	group = &view->groups[view->groups_count++];
	*group = (struct log_group){ .depth = (int64_t)m->at.depth, .took = took };
	m->base = m->at.depth;
	m->fill[m->base] = (struct filling){ &group->blocks, 0 };
}

static void add_line(struct making *m, struct str text)
{
	struct log_block *block = add_block(m);
	struct ansi_spans spans;

	ansi_line(text, &m->at.style, m->arena, &spans);
	block->line = (struct log_line){ .number = m->at.line,
					 .spans = spans.items,
					 .spans_count = spans.count,
					 .is_cut = text.n > ANSI_LINE_MAX };
}

/* ------------------------------------------------------------------------ sections */

struct marker {
	bool is_start, is_folded;
	int64_t time;
	struct str name;
};

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '.' || c == '-'))
			return false;
	}
	return s.n > 0 && s.n <= LOG_SECTION_NAME_MAX;
}

/* "section_start:<unix>:<name>[collapsed=true]", the whole of s. */
static bool parse_marker(struct str s, struct marker *marker)
{
	struct str time;
	size_t bracket;

	*marker = (struct marker){ .is_start = str_cut_prefix(&s, STR("section_start:")) };
	if (!marker->is_start && !str_cut_prefix(&s, STR("section_end:")))
		return false;
	if (!str_cut(&s, ':', &time) || !str_to_i64(time, &marker->time) || marker->time < 0 ||
	    str_is_none(s))
		return false;
	bracket = str_find(s, '[');
	marker->name = str_upto(s, bracket);
	marker->is_folded =
		str_find_str(str_from(s, bracket), STR("collapsed=true")) < s.n - bracket;
	return is_name(marker->name);
}

static struct str duration(struct arena *a, int64_t from, int64_t to)
{
	int64_t seconds = to - from;

	if (from <= 0 || seconds < 0 || seconds > 7 * 86400)
		return STR_NONE;
	if (seconds >= 3600)
		return arena_fmt(a, "%lld:%02d:%02d", (long long)(seconds / 3600),
				 (int)(seconds / 60 % 60), (int)(seconds % 60));
	return arena_fmt(a, "%02d:%02d", (int)(seconds / 60), (int)(seconds % 60));
}

/* Deeper than LOG_DEPTH_MAX the text goes on without a section. */
static void open_section(struct making *m, const struct marker *marker, struct str header)
{
	struct log_position *at = &m->at;
	struct log_block *block;

	if (at->depth == LOG_DEPTH_MAX) {
		add_line(m, header);
		return;
	}
	add_line(m, header);
	block = &m->fill[at->depth].blocks->items[m->fill[at->depth].blocks->count - 1];
	block->is_section = true;
	block->is_folded = marker->is_folded;
	block->name = marker->name;
	at->open[at->depth++] =
		(struct log_section_open){ arena_str(m->arena, marker->name), marker->time };
	m->headers[at->depth] = block;
	m->fill[at->depth] = (struct filling){ &block->inside, 0 };
}

static void close_one(struct making *m, int64_t time)
{
	struct log_position *at = &m->at;
	struct str took = duration(m->arena, at->open[at->depth - 1].since, time);
	bool is_of_the_group = at->depth > m->base;

	if (is_of_the_group)
		m->headers[at->depth]->took = took;
	at->depth--;
	if (!is_of_the_group)
		begin_group(m, took);
}

/* An end closes what was opened inside, too; one that fits nothing is ignored. */
static void close_section(struct making *m, const struct marker *marker)
{
	size_t level = m->at.depth;

	while (level > 0 && !str_eq(m->at.open[level - 1].name, marker->name))
		level--;
	while (level > 0 && m->at.depth >= level)
		close_one(m, marker->time);
}

/* --------------------------------------------------------------------------- lines */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What FF_TIMESTAMPS puts before each line. */
static struct str without_stamp(struct str line)
{
	static const char form[STAMP_BYTES + 1] = "0000-00-00T00:00:00.000000Z xxO+";

	if (line.n < STAMP_BYTES)
		return line;
	for (size_t i = 0; i < STAMP_BYTES; i++) {
		char c = line.p[i];
		bool fits = c == form[i];

		if (form[i] == '0')
			fits = is_digit(c);
		else if (form[i] == 'x')
			fits = str_hex_digit(c) >= 0;
		else if (form[i] == 'O')
			fits = c == 'O' || c == 'E';
		else if (form[i] == '+')
			fits = c == '+' || c == ' ';
		if (!fits)
			return line;
	}
	return str_from(line, STAMP_BYTES);
}

static void cut_erase(struct str *s)
{
	while (str_cut_prefix(s, STR("\x1b[0K")) || str_cut_prefix(s, STR("\x1b[K")))
		;
}

/* What stands in the end of text whose '\r' begin it anew. */
static struct str last_writing(struct str line)
{
	struct str text = line;
	size_t at;

	while (text.n > 0 && text.p[text.n - 1] == '\r')
		text.n--;
	at = str_find_last(text, '\r');
	if (at < text.n)
		text = str_from(text, at + 1);
	cut_erase(&text);
	return text;
}

static void take_line(struct making *m, struct str line)
{
	struct str rest = without_stamp(line);
	bool had_marker = false;
	struct marker marker;
	struct marker opened = { 0 };

	for (;;) {
		size_t end = str_find(rest, '\r');

		if (!parse_marker(str_upto(rest, end), &marker))
			break;
		had_marker = true;
		rest = end < rest.n ? str_from(rest, end + 1) : str_from(rest, rest.n);
		cut_erase(&rest);
		if (opened.is_start) /* two in one line: the first has no header */
			open_section(m, &opened, str_upto(rest, 0));
		opened = (struct marker){ 0 };
		if (marker.is_start)
			opened = marker;
		else
			close_section(m, &marker);
	}
	rest = last_writing(rest);
	if (opened.is_start)
		open_section(m, &opened, rest.n > 0 ? rest : opened.name);
	else if (rest.n > 0 || !had_marker)
		add_line(m, rest);
	m->at.line++;
}

/* The end of what has come so far. A mark of a section waits for its whole line. */
static void take_open_line(struct making *m, struct str line)
{
	struct log_blocks *blocks = m->fill[m->at.depth].blocks;
	struct str text = without_stamp(line);

	if (str_starts(text, STR("section_")))
		return;
	add_line(m, last_writing(text));
	blocks->items[blocks->count - 1].line.is_open = true;
}

void log_view_make(struct str bytes, const struct log_position *from, int64_t lines_max,
		   bool is_over, struct arena *a, struct log_view *view, struct log_position *next)
{
	struct making m = { .arena = a, .view = view, .at = *from };

	*view = (struct log_view){ 0 };
	begin_group(&m, STR_NONE);
	while (bytes.n > 0 && m.at.line - from->line < lines_max) {
		size_t end = str_find(bytes, '\n');
		bool has_end = end < bytes.n;

		if (!has_end && !is_over) {
			*next = m.at;
			view->lines = m.at.line - from->line;
			take_open_line(&m, bytes);
			return;
		}
		take_line(&m, str_upto(bytes, end));
		m.at.offset += (int64_t)(end + has_end);
		bytes = str_from(bytes, end + has_end);
	}
	*next = m.at;
	view->lines = m.at.line - from->line;
}

/* ----------------------------------------------------------------------- positions */

struct str log_position_text(const struct log_position *position, struct arena *a)
{
	struct str style = ansi_style_text(&position->style, a);
	struct buf b;
	struct str text;

	buf_init(&b, 4096);
	buf_addf(&b, "%lld~%lld~%.*s", (long long)position->offset, (long long)position->line,
		 STR_FMT(style));
	for (size_t i = 0; i < position->depth; i++)
		buf_addf(&b, "~%lld:%.*s", (long long)position->open[i].since,
			 STR_FMT(position->open[i].name));
	text = arena_str(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

static bool parse_open(struct str text, struct log_section_open *open)
{
	struct str since;

	return str_cut(&text, ':', &since) && str_to_i64(since, &open->since) && open->since >= 0 &&
	       is_name(open->name = text);
}

bool log_position_parse(struct str text, struct log_position *position)
{
	struct str offset, line, style, part;

	*position = LOG_START;
	if (!str_cut(&text, '~', &offset) || !str_cut(&text, '~', &line) ||
	    !str_cut(&text, '~', &style) || !str_to_i64(offset, &position->offset) ||
	    position->offset < 0 || !str_to_i64(line, &position->line) || position->line < 1 ||
	    position->line > INT32_MAX || !ansi_style_parse(style, &position->style))
		return false;
	while (!str_is_none(text) && str_cut(&text, '~', &part)) {
		if (position->depth == LOG_DEPTH_MAX ||
		    !parse_open(part, &position->open[position->depth++]))
			return false;
	}
	return true;
}
