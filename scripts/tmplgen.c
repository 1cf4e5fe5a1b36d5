/*
 * tmplgen: pages as templates, checked when they are compiled.
 *
 *	tmplgen OUT ROUTES FOLDER FOLDER/project/show.html ...
 *
 * writes OUT/project_show.h and .c with
 *
 *	void tmpl_project_show(struct emit *out, const struct view_project_show *v);
 *
 * for each template. The language is in template.h; what a value becomes is in
 * render/emit.h. #line brings the compiler's word about a wrong field back to
 * the template. ROUTES is forge/routes.tbl, which {{ url }} is checked against.
 */
#include "scripts/template.h"
#include "scripts/template_routes.h"

#include <stdio.h>

struct page {
	struct str path; /* "project/show" */
	struct str name; /* "project_show" */
	struct template template;
	struct str header;
	struct str source;
};

struct writer {
	struct arena *arena;
	struct table routes;
	struct table pages; /* by path */
	struct buf out;
	size_t depth;
};

static int write_nodes(struct writer *w, const struct template_node *node, struct err *e);

static void indent(struct writer *w)
{
	for (size_t i = 0; i < w->depth; i++)
		buf_add_char(&w->out, '\t');
}

static void write_line(struct writer *w, struct gen_place at)
{
	buf_addf(&w->out, "#line %zu \"%s\"\n", at.line, at.file);
	indent(w);
}

/* v.head.name -> v->head.name; c -> (*c) */
static void write_value(struct writer *w, const struct template_value *value)
{
	size_t dot = str_find(value->text, '.');

	if (value->kind == VALUE_STRING) {
		gen_c_string(&w->out, value->text);
	} else if (value->kind != VALUE_PATH || str_has(str_upto(value->text, dot), '-')) {
		buf_add(&w->out, value->text);
	} else if (dot == value->text.n) {
		buf_addf(&w->out, "(*%.*s)", STR_FMT(value->text));
	} else {
		buf_addf(&w->out, "%.*s->%.*s", STR_FMT(str_upto(value->text, dot)),
			 STR_FMT(str_from(value->text, dot + 1)));
	}
}

static void write_macro(struct writer *w, const char *macro, const struct template_value *value)
{
	buf_addf(&w->out, "%s(", macro);
	write_value(w, value);
	buf_add_char(&w->out, ')');
}

static void write_emit(struct writer *w, enum template_place place,
		       const struct template_value *value)
{
	static const char *const macros[] = {
		[PLACE_TEXT] = "EMIT_TEXT", [PLACE_ATTR] = "EMIT_ATTR",   [PLACE_URL] = "EMIT_URL",
		[PLACE_PATH] = "EMIT_PATH", [PLACE_QUERY] = "EMIT_QUERY",
	};

	buf_addf(&w->out, "%s(out, ", macros[place]);
	write_value(w, value);
	buf_add_c(&w->out, ");\n");
}

static void write_markup(struct writer *w, struct str text)
{
	if (text.n == 0)
		return;
	indent(w);
	buf_add_c(&w->out, "emit_markup(out, ");
	gen_c_string(&w->out, text);
	buf_addf(&w->out, ", %zu);\n", text.n);
}

static void write_test(struct writer *w, const struct template_node *node)
{
	static const char *const macros[] = {
		[VALUE_PATH] = "EMIT_VALUE",
		[VALUE_STRING] = "EMIT_STR",
		[VALUE_NUMBER] = "EMIT_INTEGER",
		[VALUE_CONSTANT] = "EMIT_INTEGER",
	};

	buf_add_c(&w->out, "if (");
	if (node->test == TEST_NOT || node->test == TEST_DIFFERENT)
		buf_add_char(&w->out, '!');
	if (node->test == TEST_TRUE || node->test == TEST_NOT) {
		write_macro(w, "EMIT_TRUE", &node->args[0]);
	} else {
		const char *macro = macros[node->args[1].kind];

		buf_add_c(&w->out, "emit_equal(");
		write_macro(w, macro, &node->args[0]);
		buf_add_c(&w->out, ", ");
		write_macro(w, macro, &node->args[1]);
		buf_add_char(&w->out, ')');
	}
	buf_add_c(&w->out, ") {\n");
}

static int write_if(struct writer *w, const struct template_node *node, struct err *e)
{
	int result;

	write_line(w, node->at);
	write_test(w, node);
	w->depth++;
	result = write_nodes(w, node->body, e);
	w->depth--;
	indent(w);
	buf_add_c(&w->out, "}\n");
	if (result != 0 || node->orelse == NULL)
		return result;
	indent(w);
	buf_add_c(&w->out, "else {\n");
	w->depth++;
	result = write_nodes(w, node->orelse, e);
	w->depth--;
	indent(w);
	buf_add_c(&w->out, "}\n");
	return result;
}

/* "v.items" counts "v.count", "v.x" counts "v.x_count" */
static struct template_value count_of(struct writer *w, const struct template_value *array)
{
	struct template_value count = *array;

	if (str_ends(array->text, STR(".items")))
		count.text = arena_fmt(w->arena, "%.*s.count",
				       STR_FMT(str_upto(array->text, array->text.n - 6)));
	else
		count.text = arena_fmt(w->arena, "%.*s_count", STR_FMT(array->text));
	return count;
}

static int write_for(struct writer *w, const struct template_node *node, struct err *e)
{
	struct template_value count = count_of(w, &node->args[0]);
	int result;

	write_line(w, node->at);
	buf_addf(&w->out, "for (size_t i_%.*s = 0; i_%.*s < (size_t)(", STR_FMT(node->name),
		 STR_FMT(node->name));
	write_value(w, &count);
	buf_addf(&w->out, "); i_%.*s++) {\n", STR_FMT(node->name));
	w->depth++;
	write_line(w, node->at);
	buf_add_c(&w->out, "const __typeof__(");
	write_value(w, &node->args[0]);
	buf_addf(&w->out, "[0]) *%.*s = &", STR_FMT(node->name));
	write_value(w, &node->args[0]);
	buf_addf(&w->out, "[i_%.*s];\n", STR_FMT(node->name));
	indent(w);
	buf_addf(&w->out, "(void)%.*s;\n", STR_FMT(node->name));
	result = write_nodes(w, node->body, e);
	w->depth--;
	indent(w);
	buf_add_c(&w->out, "}\n");
	return result;
}

static int write_include(struct writer *w, const struct template_node *node, struct err *e)
{
	const struct page *page = table_find(&w->pages, node->name);

	if (page == NULL)
		return gen_fail(e, node->at, "there is no template %.*s", STR_FMT(node->name));
	write_line(w, node->at);
	buf_addf(&w->out, "tmpl_%.*s(out", STR_FMT(page->name));
	if (str_is_none(page->template.view)) {
		if (node->args_count > 0)
			return gen_fail(e, node->at, "%.*s has {{ view none }} and takes no value",
					STR_FMT(node->name));
	} else {
		if (node->args_count == 0)
			return gen_fail(e, node->at, "%.*s shows a struct %.*s: pass one",
					STR_FMT(node->name), STR_FMT(page->template.view));
		buf_addf(&w->out, ", EMIT_INCLUDE(struct %.*s, ", STR_FMT(page->template.view));
		write_value(w, &node->args[0]);
		buf_add_char(&w->out, ')');
	}
	buf_add_c(&w->out, ");\n");
	return 0;
}

static void write_message(struct writer *w, const struct template_node *node)
{
	bool is_plural = !str_is_none(node->other);

	write_line(w, node->at);
	buf_add_c(&w->out, "emit_message(out, &(const struct emit_message){ .one = ");
	gen_c_string(&w->out, node->name);
	if (is_plural) {
		buf_add_c(&w->out, ", .other = ");
		gen_c_string(&w->out, node->other);
	}
	buf_addf(&w->out, ", .in_attribute = %s }, ", node->place == PLACE_TEXT ? "false" : "true");
	if (node->args_count == 0) {
		buf_add_c(&w->out, "NULL, 0);\n");
		return;
	}
	buf_add_c(&w->out, "(const struct emit_value[]){ ");
	for (size_t i = 0; i < node->args_count; i++) {
		write_macro(w, is_plural && i == 0 ? "EMIT_INTEGER" : "EMIT_VALUE", &node->args[i]);
		buf_add_c(&w->out, ", ");
	}
	buf_addf(&w->out, "}, %zu);\n", node->args_count);
}

static int write_url(struct writer *w, const struct template_node *node, struct err *e)
{
	const struct template_route *route = table_find(&w->routes, node->name);
	struct str rest;
	struct str literal;
	struct str parameter;
	bool keeps_slashes;
	size_t i = 0;

	if (route == NULL)
		return gen_fail(e, node->at, "there is no route %.*s in forge/routes.tbl",
				STR_FMT(node->name));
	if (route->parameters != node->args_count)
		return gen_fail(e, node->at, "route %.*s is \"%.*s\": it needs %zu values, not %zu",
				STR_FMT(node->name), STR_FMT(route->pattern), route->parameters,
				node->args_count);
	write_line(w, node->at);
	buf_add_c(&w->out, "emit_base_path(out);\n");
	rest = route->pattern;
	while (template_route_piece(&rest, &literal, &parameter, &keeps_slashes)) {
		write_markup(w, literal);
		if (str_is_none(parameter))
			continue;
		write_line(w, node->at);
		write_emit(w, keeps_slashes ? PLACE_PATH : PLACE_QUERY, &node->args[i++]);
	}
	return 0;
}

/* "app.css" -> ASSET_URL_APP_CSS of assets.h, so that a missing file is a compile error */
static void write_asset(struct writer *w, const struct template_node *node)
{
	write_line(w, node->at);
	buf_add_c(&w->out, "emit_base_path(out);\n");
	write_line(w, node->at);
	buf_add_c(&w->out, "EMIT_ATTR(out, ");
	gen_asset_macro(&w->out, node->name);
	buf_add_c(&w->out, ");\n");
}

static int write_node(struct writer *w, const struct template_node *node, struct err *e)
{
	switch (node->kind) {
	case NODE_MARKUP:
		write_markup(w, node->name);
		return 0;
	case NODE_VALUE:
		write_line(w, node->at);
		write_emit(w, node->place, &node->args[0]);
		return 0;
	case NODE_IF:
		return write_if(w, node, e);
	case NODE_FOR:
		return write_for(w, node, e);
	case NODE_INCLUDE:
		return write_include(w, node, e);
	case NODE_MESSAGE:
		write_message(w, node);
		return 0;
	case NODE_URL:
		return write_url(w, node, e);
	case NODE_ASSET:
		write_asset(w, node);
		return 0;
	case NODE_CSRF:
		write_line(w, node->at);
		buf_add_c(&w->out, "emit_csrf(out);\n");
		return 0;
	case NODE_TIME:
		write_line(w, node->at);
		buf_add_c(&w->out, "emit_time(out, ");
		write_value(w, &node->args[0]);
		buf_add_c(&w->out, ");\n");
		return 0;
	}
	return 0;
}

static int write_nodes(struct writer *w, const struct template_node *node, struct err *e)
{
	int result = 0;

	for (; result == 0 && node != NULL; node = node->next)
		result = write_node(w, node, e);
	return result;
}

static void write_prototype(struct writer *w, const struct page *page)
{
	buf_addf(&w->out, "void tmpl_%.*s(struct emit *out", STR_FMT(page->name));
	if (!str_is_none(page->template.view))
		buf_addf(&w->out, ", const struct %.*s *v", STR_FMT(page->template.view));
	buf_add_char(&w->out, ')');
}

static void write_header(struct writer *w, const struct page *page)
{
	buf_addf(&w->out, "/* Generated by tmplgen from %s; do not edit. */\n",
		 page->template.file);
	buf_addf(&w->out, "#ifndef TMPL_%.*s_H\n#define TMPL_%.*s_H\n\n", STR_FMT(page->name),
		 STR_FMT(page->name));
	buf_add_c(&w->out, "#include \"render/emit.h\"\n");
	if (!str_is_none(page->template.view))
		buf_addf(&w->out, "#include \"%.*s\"\n", STR_FMT(page->template.header));
	buf_add_char(&w->out, '\n');
	write_prototype(w, page);
	buf_add_c(&w->out, ";\n\n#endif\n");
}

static void write_includes(struct writer *w, const struct template_node *node)
{
	for (; node != NULL; node = node->next) {
		const struct page *page;

		write_includes(w, node->body);
		write_includes(w, node->orelse);
		if (node->kind == NODE_ASSET)
			buf_add_c(&w->out, "#include \"assets.h\"\n");
		if (node->kind != NODE_INCLUDE)
			continue;
		page = table_find(&w->pages, node->name);
		if (page != NULL)
			buf_addf(&w->out, "#include \"tmpl/%.*s.h\"\n", STR_FMT(page->name));
	}
}

static int write_source(struct writer *w, const struct page *page, struct err *e)
{
	int result;

	buf_addf(&w->out, "/* Generated by tmplgen from %s; do not edit. */\n",
		 page->template.file);
	buf_addf(&w->out, "#include \"tmpl/%.*s.h\"\n", STR_FMT(page->name));
	write_includes(w, page->template.first);
	buf_add_c(&w->out, "\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\n");
	write_prototype(w, page);
	buf_add_c(&w->out, "\n{\n\t(void)out;\n");
	if (!str_is_none(page->template.view))
		buf_add_c(&w->out, "\t(void)v;\n");
	w->depth = 1;
	result = write_nodes(w, page->template.first, e);
	buf_add_c(&w->out, "}\n");
	return result;
}

static int make_page(struct writer *w, struct page *page, struct err *e)
{
	int result;

	buf_clear(&w->out);
	write_header(w, page);
	page->header = arena_str(w->arena, buf_str(&w->out));
	buf_clear(&w->out);
	result = write_source(w, page, e);
	page->source = arena_str(w->arena, buf_str(&w->out));
	return result;
}

static int write_page(struct writer *w, const char *folder, const struct page *page, struct err *e)
{
	const char *stem = arena_strf(w->arena, "%s/%.*s", folder, STR_FMT(page->name));
	int result = gen_write(arena_strf(w->arena, "%s.h", stem), page->header, e);

	return result == 0 ? gen_write(arena_strf(w->arena, "%s.c", stem), page->source, e)
			   : result;
}

static int read_page(struct writer *w, const char *folder, const char *file, struct page *page,
		     struct err *e)
{
	struct str path = str_c(file);
	struct str text;
	size_t slash;
	int result;

	if (!str_cut_prefix(&path, str_c(folder)) || !str_cut_prefix(&path, STR("/")) ||
	    !str_ends(path, STR(".html")))
		return err_set(e, ERR_INVALID, "%s is not %s/<noun>/<page>.html", file, folder);
	page->path = arena_str(w->arena, str_upto(path, path.n - 5));
	slash = str_find(page->path, '/');
	page->name = arena_fmt(w->arena, "%.*s_%.*s", STR_FMT(str_upto(page->path, slash)),
			       STR_FMT(str_from(page->path, slash + 1)));
	if (!gen_is_name(page->name))
		return err_set(e, ERR_INVALID, "%s: folder and file must be C names", file);
	result = gen_read(w->arena, file, &text, e);
	if (result == 0)
		result = template_parse(w->arena, file, text, &page->template, e);
	table_set(&w->pages, page->path, page);
	return result;
}

static int generate(struct writer *w, char **argv, size_t count, struct err *e)
{
	struct page *pages = ARENA_ARRAY(w->arena, struct page, count + 1);
	int result = template_routes_read(w->arena, argv[2], &w->routes, e);

	for (size_t i = 0; result == 0 && i < count; i++)
		result = read_page(w, argv[3], argv[4 + i], &pages[i], e);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = make_page(w, &pages[i], e);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = write_page(w, argv[1], &pages[i], e);
	return result;
}

int main(int argc, char **argv)
{
	struct writer w = { 0 };
	struct err e = { 0 };
	int result;

	if (argc < 4) {
		fprintf(stderr, "usage: tmplgen OUT ROUTES FOLDER FOLDER/noun/page.html...\n");
		return 2;
	}
	w.arena = arena_open((size_t)1 << 30);
	table_init(&w.pages, w.arena);
	buf_init(&w.out, GEN_FILE_MAX);
	result = generate(&w, argv, (size_t)(argc - 4), &e);
	buf_fini(&w.out);
	arena_close(w.arena);
	return gen_exit(result, "tmplgen", &e);
}
