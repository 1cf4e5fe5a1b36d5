/*
 * What every process of the forge stands on. main.c opens one struct app and
 * passes it down; there are no globals.
 *
 * A role's life:
 *	main       app_open: settings, log, data folder, sockets folder
 *	main       app_connect: database (schema checked), Redis, secrets, git reader
 *	           (role ssh calls it itself, after it gave up root)
 *	role_x     app_listen, stop_open, start threads, app_ready, serve until the stop
 *	           descriptor is readable, drain, return the exit status
 *	main       app_close
 *
 * Threads: the struct is read-only once app_connect is done; the pools and the
 * reader lock themselves.
 * Lock order: no lock is shared by two modules and none is held while another
 * is taken.
 */
#ifndef APP_H
#define APP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "config.h"
#include "privilege.h"

struct db_pool;
struct redis_pool;
struct secret_keys;
struct git_reader;
struct markdown_cache;
struct metrics;
struct instance;
struct live;

struct app {
	unsigned magic;
	const char *role; /* "web", "ssh", "git", "work", "cli", "supervisor" */
	const struct config *config;
	struct log log;
	const char *data; /* absolute path of the data directory */
	const char *run;  /* absolute path of the folder of sockets */
	const char *config_path;
	const struct owner *owner; /* of the data directory: whom everything runs as */
	struct arena *arena;
	int64_t supervisor; /* the pid of who started this role, 0 if nobody watches it */

	/* From app_connect on. Roles git and supervisor have none of them. */
	struct db_pool *db;
	struct redis_pool *redis; /* NULL: runs without Redis */
	struct live *live;        /* wake-ups: store/live.h */
	struct secret_keys *secret;
	struct git_reader *reader;
	struct markdown_cache *markdown;
	struct metrics *metrics;
	const struct instance *instance; /* what domain/ wants to know of all this */
};

struct app_options {
	const char *role;
	const char *data; /* NULL: HEARTH_DATA, then the default place (see data_folder.h) */
	bool may_create;  /* make the data folder if there is none */
};

/* Reads settings and folders; connects nowhere. */
MUST_USE int app_open(const struct app_options *options, struct app **app, struct err *e);
/* Opens what the role needs. Refuses a schema this binary does not fit. */
MUST_USE int app_connect(struct app *app, struct err *e);
/* NULL is fine. */
void app_close(struct app *app);

/* How libpq finds the database: database_url, or the private one in `run`. */
const char *app_database(const struct app *app, struct arena *a);
/* How store/redis.h finds Redis, or NULL if there is to be none. */
MUST_USE int app_redis(const struct app *app, struct arena *a, const char **url, struct err *e);

/*
 * The listening socket called name ("http", "ssh"): inherited from the
 * supervisor or systemd (LISTEN_FDS, LISTEN_FDNAMES), else bound here to the
 * setting <name>_listen. Close-on-exec, non-blocking.
 */
MUST_USE int app_listen(const struct app *app, const char *name, int *fd, struct err *e);

/*
 * Tells the supervisor (or systemd) that the role serves now; once, from
 * every role. `hearth up` says "ready" when all roles did.
 */
void app_ready(const struct app *app);

/*
 * Blocks SIGTERM and SIGINT for the calling thread and those it starts from
 * then on, ignores SIGPIPE, and gives a descriptor that becomes readable when
 * the role shall stop. Never read from it: then every poller sees it. A program
 * started later inherits the blocked signals unless its starter unblocks them
 * (posix_spawnattr_setsigmask).
 */
MUST_USE int app_stop_fd(const struct app *app, int *fd, struct err *e);

/* Longest time that a role finishes what runs. */
#define APP_DRAIN_SECONDS 600

/*
 * The roles, in forge/roles. Each serves until told to stop, finishes what
 * runs, and returns the exit status; a second SIGTERM ends it at once.
 */
int role_web(struct app *app);
int role_ssh(struct app *app);
int role_git(struct app *app);
int role_work(struct app *app);

#endif
