/*
 * The template parser on any bytes. Asserted: it ends, an error has a place,
 * and in a template that is accepted every value stands where its escaping is
 * right. For that the tree is written out as a page, with a way through its
 * blocks that the input's bytes choose, and a scanner that shares nothing with
 * the parser reads it as a browser would.
 */
#include "scripts/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stand for a value in text and in an attribute; refused in input. */
#define IN_TEXT '\x01'
#define IN_ATTR '\x02'

struct walk {
	struct buf page;
	const uint8_t *choices;
	size_t size;
	size_t next;
};

static unsigned choose(struct walk *w, unsigned ways)
{
	return w->size == 0 ? 0 : w->choices[w->next++ % w->size] % ways;
}

static void write_nodes(struct walk *w, const struct template_node *node)
{
	for (; node != NULL; node = node->next) {
		switch (node->kind) {
		case NODE_MARKUP:
			buf_add(&w->page, node->name);
			break;
		case NODE_IF:
			write_nodes(w, choose(w, 2) ? node->body : node->orelse);
			break;
		case NODE_FOR:
			for (unsigned n = choose(w, 3); n > 0; n--)
				write_nodes(w, node->body);
			break;
		default:
			ASSERT(node->args_count <= TEMPLATE_ARGS_MAX);
			buf_add_char(&w->page, node->place == PLACE_TEXT ? IN_TEXT : IN_ATTR);
		}
	}
}

enum state {
	TEXT,
	TAG,
	QUOTED,
};

/* One byte of a page: the next state; quote is the open one. */
static enum state scan(enum state state, char c, char *quote)
{
	switch (state) {
	case TEXT:
		ASSERT(c != IN_ATTR);
		return c == '<' ? TAG : TEXT;
	case TAG:
		ASSERT(c != IN_TEXT && c != IN_ATTR);
		*quote = c;
		if (c == '"' || c == '\'')
			return QUOTED;
		return c == '>' ? TEXT : TAG;
	case QUOTED:
		ASSERT(c != IN_TEXT && c != '<');
		return c == *quote ? TAG : QUOTED;
	}
	return state;
}

static void check_page(struct str page)
{
	enum state state = TEXT;
	char quote = 0;
	size_t script = str_find_str(page, STR("<script>"));

	/* A doctype may hold quotes that mean nothing; such pages are not followed. */
	if (str_find_str(page, STR("<!")) < page.n)
		return;
	for (size_t i = 0; i < page.n; i++)
		state = scan(state, page.p[i], &quote);
	ASSERT(state == TEXT);
	ASSERT(str_find_str(page, STR("<style>")) == page.n);
	if (script < page.n) {
		struct str rest = str_from(page, script);
		struct str body = str_from(rest, str_find(rest, '>') + 1);

		ASSERT(!str_has(str_upto(body, str_find(body, '<')), IN_TEXT));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct arena *a = arena_open(0);
	struct template template;
	struct err e = { 0 };
	struct walk w = { .choices = data, .size = size };

	buf_init(&w.page, (size_t)1 << 20);
	if (template_parse(a, "x.html", text, &template, &e) != 0) {
		ASSERT(str_starts(str_c(e.text), STR("x.html:")));
	} else if (!str_has(text, IN_TEXT) && !str_has(text, IN_ATTR)) {
		write_nodes(&w, template.first);
		if (!w.page.full)
			check_page(buf_str(&w.page));
	}
	buf_fini(&w.page);
	arena_close(a);
	return 0;
}
