/*
 * assetgen: files that the program carries inside itself.
 *
 *	assetgen OUT web/assets/app.css web/help/push.md sql/migrations/0001_user.sql ...
 *
 * writes
 *	OUT/assets.h      a macro ASSET_URL_APP_CSS for each file of web/assets:
 *	                  "/-/assets/app.<hash>.css", a URL that never changes its bytes
 *	OUT/assets.c      the tables of render/asset.h: bytes, gzip of them, content type
 *	OUT/migrations.h, OUT/migrations.c
 *	                  the table of store/migrate.h, by number; a number that is
 *	                  there twice is refused
 * What a file is, its folder says: .../assets/, .../help/, .../migrations/.
 */
#include "scripts/gen.h"

#include <stdio.h>
#include <zlib.h>

enum kind {
	KIND_ASSET,
	KIND_HELP,
	KIND_MIGRATION,
	KIND_COUNT,
};

struct file {
	struct file *next;
	const char *path;
	struct str name;   /* last segment of the path */
	struct str ending; /* "css" */
	struct str bytes;
	struct str gzip; /* none if it is not smaller */
	const char *type;
	uint64_t hash;
	int64_t number; /* of a migration */
};

struct lists {
	struct arena *arena;
	struct file *first[KIND_COUNT];
};

static const char *content_type(struct str ending)
{
	static const struct {
		const char *ending;
		const char *type;
	} types[] = {
		{ "css", "text/css; charset=utf-8" },
		{ "js", "text/javascript; charset=utf-8" },
		{ "svg", "image/svg+xml" },
		{ "png", "image/png" },
		{ "ico", "image/x-icon" },
		{ "woff2", "font/woff2" },
		{ "txt", "text/plain; charset=utf-8" },
		{ "md", "text/markdown; charset=utf-8" },
		{ "json", "application/json" },
		{ "webmanifest", "application/manifest+json" },
		{ "sql", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (str_eq_c(ending, types[i].ending))
			return types[i].type;
	}
	return NULL;
}

/* FNV-1a: tells versions of our own files apart, nothing more. */
static uint64_t hash_of(struct str bytes)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < bytes.n; i++) {
		hash ^= (unsigned char)bytes.p[i];
		hash *= 0x100000001b3u;
	}
	return hash;
}

static int compress_file(struct arena *a, struct file *file, struct err *e)
{
	z_stream z = { 0 };
	size_t room;
	char *out;

	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return err_set(e, ERR_INTERNAL, "%s: zlib does not start", file->path);
	room = deflateBound(&z, file->bytes.n);
	out = arena_alloc(a, room);
	z.next_in = (unsigned char *)(uintptr_t)file->bytes.p;
	z.avail_in = u32_from_size(file->bytes.n);
	z.next_out = (unsigned char *)out;
	z.avail_out = u32_from_size(room);
	if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
		deflateEnd(&z);
		return err_set(e, ERR_INTERNAL, "%s: zlib does not end", file->path);
	}
	if (z.total_out < file->bytes.n)
		file->gzip = str_n(out, z.total_out);
	deflateEnd(&z);
	return 0;
}

static bool find_kind(const char *path, enum kind *kind)
{
	static const char *const folders[KIND_COUNT] = { "/assets/", "/help/", "/migrations/" };

	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (str_find_str(str_c(path), str_c(folders[i])) < strlen(path)) {
			*kind = (enum kind)i;
			return true;
		}
	}
	return false;
}

/* "0001_user.sql" */
static int read_number(struct file *file, struct err *e)
{
	struct str digits = str_upto(file->name, 4);
	struct str stem = str_upto(str_from(file->name, 5), file->name.n - 4 - 5);

	if (file->name.n < 10 || file->name.p[4] != '_' || !str_eq_c(file->ending, "sql") ||
	    !str_to_i64(digits, &file->number) || file->number < 0 || !gen_is_name(stem))
		return err_set(e, ERR_INVALID, "%s: a migration is named 0001_noun.sql",
			       file->path);
	return 0;
}

static void insert(struct lists *lists, enum kind kind, struct file *file)
{
	struct file **link = &lists->first[kind];

	while (*link != NULL && str_cmp((*link)->name, file->name) < 0)
		link = &(*link)->next;
	file->next = *link;
	*link = file;
}

static int check_doubles(const struct file *file, struct err *e)
{
	for (; file != NULL && file->next != NULL; file = file->next) {
		if (file->number == file->next->number)
			return err_set(e, ERR_INVALID, "%s and %s have the same number", file->path,
				       file->next->path);
	}
	return 0;
}

static int add_file(struct lists *lists, const char *path, struct err *e)
{
	struct file *file = ARENA_NEW(lists->arena, struct file);
	struct str whole = str_c(path);
	enum kind kind;
	int result;

	file->path = path;
	file->name = str_from(whole, str_find_last(whole, '/') + 1);
	file->ending = str_from(file->name, str_find_last(file->name, '.') + 1);
	file->type = content_type(file->ending);
	if (!find_kind(path, &kind))
		return err_set(e, ERR_INVALID, "%s is not in assets, help or migrations", path);
	if (file->type == NULL)
		return err_set(e, ERR_INVALID,
			       "%s: no content type is known for this ending; add it to "
			       "scripts/assetgen.c",
			       path);
	if (kind == KIND_MIGRATION && (result = read_number(file, e)) != 0)
		return result;
	if ((result = gen_read(lists->arena, path, &file->bytes, e)) != 0)
		return result;
	file->hash = hash_of(file->bytes);
	if (kind != KIND_MIGRATION && (result = compress_file(lists->arena, file, e)) != 0)
		return result;
	insert(lists, kind, file);
	return 0;
}

static void write_url(struct buf *out, const struct file *file)
{
	size_t dot = str_find_last(file->name, '.');

	buf_addf(out, "\"/-/assets/%.*s.%016llx.%.*s\"", STR_FMT(str_upto(file->name, dot)),
		 (unsigned long long)file->hash, STR_FMT(file->ending));
}

static void write_bytes(struct buf *out, const char *name, size_t i, struct str bytes)
{
	if (bytes.n == 0)
		return;
	buf_addf(out, "static const unsigned char %s_%zu[] = {", name, i);
	for (size_t k = 0; k < bytes.n; k++)
		buf_addf(out, "%s%u,", k % 24 == 0 ? "\n\t" : "", (unsigned char)bytes.p[k]);
	buf_add_c(out, "\n};\n");
}

static void write_slice(struct buf *out, const char *name, size_t i, struct str bytes)
{
	if (str_is_none(bytes))
		buf_add_c(out, "{ NULL, 0 }");
	else if (bytes.n == 0)
		buf_add_c(out, "{ \"\", 0 }");
	else
		buf_addf(out, "{ (const char *)%s_%zu, %zu }", name, i, bytes.n);
}

static void write_table(struct buf *out, const struct file *first, const char *table, bool is_help)
{
	const char *bytes = is_help ? "help_bytes" : "asset_bytes";
	const char *gzip = is_help ? "help_gzip" : "asset_gzip";
	size_t i = 0;

	for (const struct file *file = first; file != NULL; file = file->next, i++) {
		write_bytes(out, bytes, i, file->bytes);
		write_bytes(out, gzip, i, file->gzip);
	}
	buf_addf(out, "\nconst struct asset %s[] = {\n", table);
	i = 0;
	for (const struct file *file = first; file != NULL; file = file->next, i++) {
		struct str stem = str_upto(file->name, str_find_last(file->name, '.'));

		buf_addf(out, "\t{ \"%.*s\", ", STR_FMT(is_help ? stem : file->name));
		if (is_help)
			buf_add_c(out, "\"\"");
		else
			write_url(out, file);
		buf_addf(out, ", \"%s\", ", file->type);
		write_slice(out, bytes, i, file->bytes);
		buf_add_c(out, ", ");
		write_slice(out, gzip, i, file->gzip);
		buf_add_c(out, " },\n");
	}
	buf_addf(out, "\t{ 0 },\n};\nconst size_t %s_count = %zu;\n\n", table, i);
}

static void write_assets_header(struct buf *out, const struct lists *lists)
{
	buf_add_c(out, "/* Generated by assetgen; do not edit. */\n"
		       "#ifndef ASSETS_H\n#define ASSETS_H\n\n#include \"render/asset.h\"\n\n");
	for (const struct file *file = lists->first[KIND_ASSET]; file != NULL; file = file->next) {
		buf_add_c(out, "#define ");
		gen_asset_macro(out, file->name);
		buf_add_char(out, ' ');
		write_url(out, file);
		buf_add_char(out, '\n');
	}
	buf_add_c(out, "\n#endif\n");
}

static void write_assets(struct buf *out, const struct lists *lists)
{
	buf_add_c(out,
		  "/* Generated by assetgen; do not edit. */\n#include \"render/asset.h\"\n\n");
	write_table(out, lists->first[KIND_ASSET], "assets", false);
	write_table(out, lists->first[KIND_HELP], "help_pages", true);
}

static void write_migrations_header(struct buf *out, const struct lists *lists)
{
	(void)lists;
	buf_add_c(out, "/* Generated by assetgen; do not edit. */\n"
		       "#ifndef MIGRATIONS_H\n#define MIGRATIONS_H\n\n"
		       "#include \"store/migrate.h\"\n\n"
		       "extern const struct migration migrations[]; /* by number */\n"
		       "extern const size_t migrations_count;\n\n#endif\n");
}

static void write_migrations(struct buf *out, const struct lists *lists)
{
	size_t count = 0;

	buf_add_c(out, "/* Generated by assetgen; do not edit. */\n#include \"migrations.h\"\n\n"
		       "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\n"
		       "const struct migration migrations[] = {\n");
	for (const struct file *f = lists->first[KIND_MIGRATION]; f != NULL; f = f->next) {
		buf_addf(out, "\t{ %lld, \"%.*s\",\n\t", (long long)f->number,
			 STR_FMT(str_upto(f->name, f->name.n - 4)));
		gen_c_string(out, f->bytes);
		buf_addf(out, ",\n\t%zu },\n", f->bytes.n);
		count++;
	}
	buf_addf(out, "\t{ 0, NULL, NULL, 0 },\n};\nconst size_t migrations_count = %zu;\n", count);
}

static int write_all(const struct lists *lists, const char *folder, struct err *e)
{
	static const struct {
		const char *name;
		void (*write)(struct buf *out, const struct lists *lists);
	} outputs[] = {
		{ "assets.h", write_assets_header },
		{ "assets.c", write_assets },
		{ "migrations.h", write_migrations_header },
		{ "migrations.c", write_migrations },
	};
	struct buf out;
	int result = check_doubles(lists->first[KIND_MIGRATION], e);

	buf_init(&out, (size_t)256 << 20);
	for (size_t i = 0; result == 0 && i < ARRAY_LEN(outputs); i++) {
		buf_clear(&out);
		outputs[i].write(&out, lists);
		result = gen_write(arena_strf(lists->arena, "%s/%s", folder, outputs[i].name),
				   buf_str(&out), e);
	}
	buf_fini(&out);
	return result;
}

int main(int argc, char **argv)
{
	struct lists lists = { 0 };
	struct err e = { 0 };
	int result = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: assetgen OUT FILE...\n");
		return 2;
	}
	lists.arena = arena_open((size_t)1 << 30);
	for (int i = 2; result == 0 && i < argc; i++)
		result = add_file(&lists, argv[i], &e);
	if (result == 0)
		result = write_all(&lists, argv[1], &e);
	arena_close(lists.arena);
	return gen_exit(result, "assetgen", &e);
}
