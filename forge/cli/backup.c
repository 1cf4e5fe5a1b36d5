/*
 * `hearth backup FILE`: everything, while the instance runs. The order makes it
 * consistent: the database first, then of each repository refs before objects,
 * then traces and blobs. So the database never names an object that the
 * backup lacks; what was pushed in between is in the refs, and `work` turns it
 * into events when the restored instance starts.
 */
#include "cli/commands.h"

#include "archive/bundle.h"
#include "base/fs.h"
#include "base/spawn.h"
#include "cli/backup_repository.h"
#include "store/db.h"
#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

static int dump_database(struct cli *cli, struct bundle *bundle, struct err *e)
{
	const struct app *app = cli->app;
	const char *path =
		arena_strf(cli->arena, "%s/tmp/backup-%d.dump", app->data, (int)getpid());
	const char *const argv[] = { arena_strf(cli->arena, "%s/pg_dump",
						app->config->postgres_bin),
				     "--format=custom",
				     "--compress=0",
				     "--no-owner",
				     "--no-privileges",
				     "--file",
				     path,
				     "--dbname",
				     app_database(app, cli->arena),
				     NULL };
	const struct spawn s = { .argv = argv };
	struct str said;
	int result = spawn_run(&s, "pg_dump", STR(""), cli->arena, &said, e);

	if (result == 0)
		result = bundle_add_file(bundle, "database.dump", path, e);
	(void)!unlink(path);
	return result;
}

/* Everything below data/name, as it is found; what vanishes meanwhile is left out. */
static int add_tree(struct cli *cli, struct bundle *bundle, const char *name, struct err *e)
{
	const char *path = arena_strf(cli->arena, "%s/%s", cli->app->data, name);
	DIR *dir = opendir(path);
	struct dirent *entry;
	int result = 0;

	if (!dir)
		return errno == ENOENT ? 0 : err_errno(e, errno, "read %s", path);
	while (result == 0 && (entry = readdir(dir))) {
		struct arena_mark mark = arena_mark(cli->arena);
		const char *inner = arena_strf(cli->arena, "%s/%s", name, entry->d_name);

		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			result = add_tree(cli, bundle, inner, e);
		else if (entry->d_type == DT_REG)
			result = bundle_add_file(
				bundle, inner,
				arena_strf(cli->arena, "%s/%s", cli->app->data, inner), e);
		if (result == -(int)ERR_NOT_FOUND)
			result = 0;
		arena_reset(cli->arena, mark);
	}
	closedir(dir);
	return result;
}

static int add_repositories(struct cli *cli, struct bundle *bundle, int64_t *count, struct err *e)
{
	const char *top = arena_strf(cli->arena, "%s/repositories", cli->app->data);
	struct backup_repositories list;

	if (backup_repositories_list(cli->arena, top, &list, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < list.count; i++) {
		struct arena_mark mark = arena_mark(cli->arena);
		int result =
			backup_repository(cli->arena, bundle, cli->app->data, list.names[i], e);

		arena_reset(cli->arena, mark);
		*count += result == 0;
		/* A project that was deleted meanwhile. */
		if (result < 0 && result != -(int)ERR_NOT_FOUND)
			return err_add(e, "repository %s", list.names[i]);
	}
	return 0;
}

static int add_manifest(struct cli *cli, struct bundle *bundle, struct err *e)
{
	struct buf text;
	struct jsonw w;
	size_t migrations;
	const struct migration *list = migrate_list(&migrations);
	int result;

	buf_init(&text, 4096);
	w = jsonw_to(&text);
	jsonw_object(&w);
	jsonw_field_int(&w, "format", 1);
	jsonw_field_time(&w, "made_at", instant_now());
	jsonw_field_int(&w, "schema", migrations > 0 ? list[migrations - 1].number : 0);
	jsonw_field_str(&w, "external_url", str_c(cli->app->config->external_url));
	jsonw_end(&w);
	result = bundle_add_bytes(bundle, "backup.json", buf_str(&text), e);
	buf_fini(&text);
	return result;
}

static int add_all(struct cli *cli, struct bundle *bundle, int64_t *repositories, struct err *e)
{
	static const char *const trees[] = { "traces", "blobs", "keys" };
	int result;

	if (add_manifest(cli, bundle, e) < 0 || dump_database(cli, bundle, e) < 0 ||
	    add_repositories(cli, bundle, repositories, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		if (add_tree(cli, bundle, trees[i], e) < 0)
			return -(int)e->code;
	}
	result = bundle_add_file(bundle, "hearth.conf", cli->app->config_path, e);
	if (result < 0 && result != -(int)ERR_NOT_FOUND)
		return result;
	return bundle_finish(bundle, e);
}

static void report(struct cli *cli, const char *path, int64_t repositories,
		   struct bundle_counts counts)
{
	if (cli->json) {
		jsonw_object(&cli->to);
		jsonw_field_str(&cli->to, "file", str_c(path));
		jsonw_field_int(&cli->to, "repositories", repositories);
		jsonw_field_int(&cli->to, "files", (int64_t)counts.files);
		jsonw_field_int(&cli->to, "bytes", (int64_t)counts.bytes);
		jsonw_end(&cli->to);
	}
	cli_say(cli, "%s: the database, %lld repositories, %lld files in all.", path,
		(long long)repositories, (long long)counts.files);
	cli_say(cli, "It holds the instance's keys: keep it as safe as the data directory.");
}

static int write_backup(struct cli *cli, int fd, const char *path, struct err *e)
{
	struct bundle *bundle = NULL;
	int64_t repositories = 0;
	int result;

	/* The file is open already: it may lie where only the caller may write. */
	if (privilege_drop(cli->app->owner, e) < 0 || app_connect(cli->app, e) < 0)
		return -(int)e->code;
	if (bundle_open(fd, &bundle, e) < 0)
		return -(int)e->code;
	result = add_all(cli, bundle, &repositories, e);
	if (result == 0 && fsync(fd) < 0)
		result = err_errno(e, errno, "write %s", path);
	if (result == 0)
		report(cli, path, repositories, bundle_count(bundle));
	bundle_close(bundle);
	return result;
}

static int backup(struct cli *cli, struct err *e)
{
	const char *path = cli_argument(cli, 0);
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result;

	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_CONFLICT,
			       "%s is there already; a backup never writes over a file.", path);
	if (fd < 0)
		return err_errno(e, errno, "make %s", path);
	result = write_backup(cli, fd, path, e);
	/* Half a backup must not be taken for one. If we may not remove it, it is at least empty.
	 */
	if (result < 0 && unlink(path) < 0)
		(void)!ftruncate(fd, 0);
	return result;
}

const struct command command_backup = {
	.name = "backup",
	.arguments = "FILE",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Writes database, repositories, traces, blobs and keys into one file.",
	.help = "The instance goes on serving meanwhile. `hearth restore` reads it back.",
	.needs = COMMAND_NEEDS_ROOT,
	.run = backup,
};
