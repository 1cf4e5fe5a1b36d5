#include "app.h"

#include "base/fs.h"
#include "base/mem.h"
#include "data_folder.h"
#include "domain/instance.h"
#include "git/repo.h"
#include "listen.h"
#include "render/markdown_cache.h"
#include "secret/secret.h"
#include "store/db.h"
#include "store/live.h"
#include "store/migrate.h"
#include "store/redis.h"
#include "version.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#define APP_MAGIC 0x48656172u
#define REDIS_NONE "none"
#define MARKDOWN_CACHE_BYTES ((size_t)16 << 20)

static int load_settings(struct app *app, struct err *e)
{
	struct config *config = ARENA_NEW(app->arena, struct config);

	app->config_path = config_path(app->arena, app->data);
	if (config_load(app->arena, app->config_path, config, NULL, e) < 0)
		return -(int)e->code;
	app->config = config;
	app->log = log_to(STDERR_FILENO, (enum log_level)config->log_level, app->role);
	return 0;
}

/* The folder of sockets: made by whoever may run servers, found by the others. */
static int find_run(struct app *app, struct data_folder *folder, bool may_create, struct err *e)
{
	struct err missing;

	if (data_run_open(app->arena, folder, may_create, may_create ? e : &missing) < 0) {
		if (may_create)
			return -(int)e->code;
		/* A database elsewhere can be used while nothing runs here. */
		folder->run = arena_strf(app->arena, "%s/run", folder->path);
	}
	app->run = folder->run;
	return 0;
}

int app_open(const struct app_options *options, struct app **result, struct err *e)
{
	struct app *app = MEM_NEW(struct app);
	struct data_folder *folder;
	bool serves = strcmp(options->role, "cli") != 0 || options->may_create;
	const char *path;

	app->magic = APP_MAGIC;
	app->role = options->role;
	app->arena = arena_open(0);
	folder = ARENA_NEW(app->arena, struct data_folder);
	if (data_folder_choose(app->arena, options->data, &path, e) < 0 ||
	    data_folder_open(app->arena, path, options->may_create, folder, e) < 0)
		goto failed;
	app->data = folder->path;
	app->owner = &folder->owner;
	if (load_settings(app, e) < 0 || find_run(app, folder, serves, e) < 0)
		goto failed;
	*result = app;
	return 0;
failed:
	app_close(app);
	return -(int)e->code;
}

const char *app_database(const struct app *app, struct arena *a)
{
	if (*app->config->database_url)
		return app->config->database_url;
	return arena_strf(a, "host=%s dbname=hearth user=hearth", app->run);
}

int app_redis(const struct app *app, struct arena *a, const char **url, struct err *e)
{
	struct str password;

	*url = NULL;
	if (strcmp(app->config->redis_url, REDIS_NONE) == 0)
		return 0;
	if (*app->config->redis_url) {
		*url = app->config->redis_url;
		return 0;
	}
	if (fs_read(a, arena_strf(a, "%s/keys/redis", app->data), 256, &password, e) < 0)
		return err_add(e, "the password of the private Redis");
	*url = arena_strf(a, "unix://%s/redis.sock?user=hearth&password=%.*s", app->run,
			  STR_FMT(str_trim(password)));
	return 0;
}

static int connect_database(struct app *app, struct err *e)
{
	const struct db_pool_options options = {
		.conninfo = app_database(app, app->arena),
		.size = (size_t)app->config->db_pool_size,
		.application_name = arena_strf(app->arena, "hearth %s", app->role),
	};
	struct db *db = NULL;
	int result;

	if (db_pool_open(&options, &app->db, e) < 0) {
		if (e->code != ERR_UNAVAILABLE || *app->config->database_url)
			return err_add(e, "the database");
		return err_set(
			e, ERR_UNAVAILABLE,
			"Hearth is not running on %s: its database does not answer. Start it with "
			"`hearth up --data %s`.",
			app->data, app->data);
	}
	if (db_acquire(app->db, &db, e) < 0)
		return -(int)e->code;
	result = migrate_check(db, e);
	db_release(db);
	return result;
}

static int connect_redis(struct app *app, struct err *e)
{
	struct redis_pool_options options = { .name = arena_strf(app->arena, "hearth-%s",
								 app->role) };

	if (app_redis(app, app->arena, &options.url, e) < 0)
		return -(int)e->code;
	if (!options.url)
		return 0;
	return redis_pool_open(&options, &app->redis, e);
}

/* Only web has requests that wait; each holds a thread, so that they get no more than 60 %. */
static int open_live(struct app *app, struct err *e)
{
	struct live_options options = {
		.redis = app->redis,
		.listens = strcmp(app->role, "web") == 0,
		.watches_max = (size_t)(app->config->connection_limit * 6 / 10),
	};

	return live_open(&options, &app->live, e);
}

/* A role never outlives its supervisor. Any change of user clears this, so it is set after the
 * last. */
static int die_with_supervisor(const struct app *app, struct err *e)
{
	if (app->supervisor == 0)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return err_errno(e, errno, "prctl");
	if (getppid() != app->supervisor)
		return err_set(e, ERR_CONFLICT, "The supervisor that started this role is gone.");
	return 0;
}

static void describe_instance(struct app *app)
{
	struct instance *instance = ARENA_NEW(app->arena, struct instance);

	*instance = (struct instance){ .db = app->db,
				       .run = app->run,
				       .data = app->data,
				       .reader = app->reader,
				       .redis = app->redis,
				       .live = app->live,
				       .secret = app->secret,
				       .url = str_c(app->config->external_url),
				       .ssh = str_c(app->config->ssh_external),
				       .job_url = str_c(app->config->runner_url),
				       .version = STR(HEARTH_VERSION),
				       .log = &app->log };
	app->instance = instance;
}

/* The reader and the cache of pages; the CLI shows none. */
static int open_reader(struct app *app, struct err *e)
{
	if (strcmp(app->role, "cli") == 0)
		return 0;
	app->markdown = markdown_cache_open(MARKDOWN_CACHE_BYTES);
	return git_reader_open(app->data, &app->reader, e);
}

int app_connect(struct app *app, struct err *e)
{
	const char *keys = arena_strf(app->arena, "%s/keys", app->data);

	ASSERT(app->magic == APP_MAGIC && !app->db);
	if (die_with_supervisor(app, e) < 0)
		return -(int)e->code;
	if (strcmp(app->role, "git") == 0)
		return 0;
	if (connect_database(app, e) < 0 || connect_redis(app, e) < 0)
		return -(int)e->code;
	if (secret_keys_open(keys, true, &app->secret, e) < 0 || open_live(app, e) < 0 ||
	    open_reader(app, e) < 0)
		return -(int)e->code;
	describe_instance(app);
	return 0;
}

void app_close(struct app *app)
{
	if (!app)
		return;
	git_reader_close(app->reader);
	markdown_cache_close(app->markdown);
	secret_keys_close(app->secret);
	live_close(app->live);
	redis_pool_close(app->redis);
	db_pool_close(app->db);
	arena_close(app->arena);
	mem_free(app);
}

int app_listen(const struct app *app, const char *name, int *fd, struct err *e)
{
	bool is_http = strcmp(name, "http") == 0;
	const char *address = is_http ? app->config->http_listen : app->config->ssh_listen;
	int inherited = listen_inherited(name);

	if (inherited >= 0) {
		*fd = inherited;
		return 0;
	}
	return listen_bind(app->arena, address, is_http ? "--http" : "--ssh", fd, e);
}

void app_ready(const struct app *app)
{
	LOG(&app->log, LOG_INFO, "ready", F_INT("pid", getpid()));
	notify_send("READY=1");
}

int app_stop_fd(const struct app *app UNUSED, int *fd, struct err *e)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	if (pthread_sigmask(SIG_BLOCK, &stop, NULL) != 0)
		return err_errno(e, errno, "block signals");
	*fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (*fd < 0)
		return err_errno(e, errno, "signalfd");
	return 0;
}
