/*
 * layercheck: who may include whom.
 *
 *	layercheck FILE...
 *
 * reads the #include lines of forge/ and runner/ and holds them against two
 * tables: the layers of the tree (calls go downwards only) and the doors of the
 * libraries (one folder or file each, so that a library can be exchanged, and
 * be given a sandbox, in one place). What below must cause above goes through
 * domain/event. A row here is a decision about the design: change it with its
 * reason in the commit, not to make a build pass.
 */
#include "scripts/gen.h"

#include <stdio.h>

/* A layer may include itself and these. "top" are the files of forge/ itself. */
static const struct {
	const char *layer;
	const char *below;
} layers[] = {
	{ "base", "" },
	{ "archive", "base" },
	{ "secret", "base" },
	{ "ci", "base" },
	{ "egress", "base" },
	{ "ssh", "base" },
	{ "http", "base archive" },
	{ "git", "base archive" },
	{ "store", "base secret q migrations.h" },
	{ "render", "base git assets.h routes.tbl" },
	{ "domain", "base archive secret ci egress git store q" },
	{ "pages", "base ci git http store domain render tmpl assets.h top" },
	{ "api", "base ci archive git http store domain render tmpl top" },
	{ "work", "base git store egress domain top" },
	{ "roles", "base archive secret ssh http git store domain work render top" },
	{ "cli", "base archive secret ci git store domain roles work top" },
	{ "top", "base archive secret http git store domain render cli roles routes.tbl" },
	{ "runner", "base ci archive" },
};

/* A library's header (a beginning of it) and where alone it may be included. */
static const struct {
	const char *header;
	const char *doors; /* beginnings of paths */
} doors[] = {
	{ "libpq-fe.h", "forge/store/" },
	{ "hiredis/", "forge/store/ runner/queue" },
	{ "git2", "forge/git/" },
	{ "libssh/", "forge/ssh/" },
	{ "microhttpd.h", "forge/http/" },
	{ "curl/", "forge/egress/ runner/forge_client" },
	{ "sodium", "forge/secret/" },
	{ "liboath/", "forge/secret/" },
	{ "archive", "forge/archive/" },
	{ "zlib.h", "forge/archive/" },
	{ "zstd", "forge/archive/" },
	{ "jansson.h", "forge/base/json" },
	{ "yaml.h", "forge/ci/yaml" },
	{ "pcre2.h", "forge/ci/pattern" },
	{ "cmark", "forge/render/markdown" },
	{ "seccomp.h", "forge/roles/ runner/" },
	{ "linux/landlock.h", "forge/roles/ runner/" },
};

static bool has_word(const char *list, struct str word)
{
	struct str rest = str_c(list);
	struct str part;

	while (str_cut(&rest, ' ', &part)) {
		if (part.n > 0 && str_eq(part, word))
			return true;
	}
	return false;
}

/* "forge/store/db.c" -> "store", "forge/app.c" -> "top"; none: not checked. */
static struct str layer_of(const char *path)
{
	struct str rest = str_c(path);

	if (str_starts(rest, STR("runner/")))
		return STR("runner");
	if (!str_cut_prefix(&rest, STR("forge/")))
		return STR_NONE;
	return str_has(rest, '/') ? str_upto(rest, str_find(rest, '/')) : STR("top");
}

/* "store/db.h" -> "store", "app.h" -> "top", "assets.h" -> "assets.h" */
static struct str layer_of_include(struct str name)
{
	static const char *const generated = "assets.h migrations.h routes.tbl";

	if (str_has(name, '/'))
		return str_upto(name, str_find(name, '/'));
	return has_word(generated, name) ? name : STR("top");
}

static const char *layers_below(struct str layer)
{
	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		if (str_eq_c(layer, layers[i].layer))
			return layers[i].below;
	}
	return NULL;
}

static size_t complain(struct gen_place at, const char *sentence, struct str name)
{
	fprintf(stderr, "%s:%zu: %s: \"%.*s\"\n", at.file, at.line, sentence, STR_FMT(name));
	return 1;
}

static size_t check_own(struct gen_place at, struct str layer, struct str name)
{
	const char *below = layers_below(layer);
	struct str target = layer_of_include(name);

	if (below == NULL)
		return complain(at, "this folder has no row in scripts/layercheck.c", layer);
	if (str_has(name, '.') && str_find_str(name, STR("..")) < name.n)
		return complain(at, "includes are rooted (forge/, the top, build/gen)", name);
	if (str_eq(target, layer) || has_word(below, target))
		return 0;
	fprintf(stderr, "%s:%zu: layer %.*s may not include %.*s, only: itself %s\n", at.file,
		at.line, STR_FMT(layer), STR_FMT(name), below);
	return 1;
}

static size_t check_library(struct gen_place at, struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
		struct str rest = str_c(doors[i].doors);
		struct str door;

		if (!str_starts(name, str_c(doors[i].header)))
			continue;
		while (str_cut(&rest, ' ', &door)) {
			if (str_starts(str_c(at.file), door))
				return 0;
		}
		fprintf(stderr, "%s:%zu: <%.*s> has its door in %s\n", at.file, at.line,
			STR_FMT(name), doors[i].doors);
		return 1;
	}
	return 0;
}

static size_t check_line(struct gen_place at, struct str layer, struct str line)
{
	char closing;

	line = str_trim(line);
	if (!str_cut_prefix(&line, STR("#")))
		return 0;
	line = str_trim(line);
	if (!str_cut_prefix(&line, STR("include")))
		return 0;
	line = str_trim(line);
	if (line.n < 2 || (line.p[0] != '"' && line.p[0] != '<'))
		return complain(at, "an include names its file", line);
	closing = line.p[0] == '"' ? '"' : '>';
	line = str_from(line, 1);
	line = str_upto(line, str_find(line, closing));
	return closing == '"' ? check_own(at, layer, line) : check_library(at, line);
}

static int check_file(struct arena *a, const char *path, size_t *found, struct err *e)
{
	struct gen_place at = { .file = path };
	struct str layer = layer_of(path);
	struct str rest;
	struct str line;
	int result;

	if (str_is_none(layer))
		return 0;
	result = gen_read(a, path, &rest, e);
	while (result == 0 && str_cut(&rest, '\n', &line)) {
		at.line++;
		*found += check_line(at, layer, line);
	}
	return result;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_open((size_t)1 << 30);
	struct err e = { 0 };
	size_t found = 0;
	int result = 0;

	for (int i = 1; result == 0 && i < argc; i++)
		result = check_file(a, argv[i], &found, &e);
	arena_close(a);
	if (result != 0)
		return gen_exit(result, "layercheck", &e);
	return found > 0 ? 1 : 0;
}
