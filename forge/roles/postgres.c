#include "roles/postgres.h"

#include "base/fs.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#define MAJOR_VERSION "15"
#define LOG_TAIL 4096

static const char *folder(const struct app *app, struct arena *a)
{
	return arena_strf(a, "%s/postgres", app->data);
}

static const char *program(const struct app *app, struct arena *a, const char *name)
{
	return arena_strf(a, "%s/%s", app->config->postgres_bin, name);
}

static void as_owner(const struct app *app, struct spawn *s)
{
	s->changes_user = geteuid() == 0;
	s->uid = app->owner->uid;
	s->gid = app->owner->gid;
}

static int check_installed(const struct app *app, struct arena *a, struct err *e)
{
	if (access(program(app, a, "initdb"), X_OK) == 0 &&
	    access(program(app, a, "postgres"), X_OK) == 0)
		return 0;
	return err_set(
		e, ERR_PRECONDITION,
		"PostgreSQL " MAJOR_VERSION " is not installed in %s. Install it (apt install "
		"postgresql-" MAJOR_VERSION "), set postgres_bin, or set database_url to use "
		"a server of yours.",
		app->config->postgres_bin);
}

static int check_version(const char *cluster, struct arena *a, struct err *e)
{
	struct str version;

	if (fs_read(a, arena_strf(a, "%s/PG_VERSION", cluster), 64, &version, e) < 0)
		return err_add(e, "the private PostgreSQL in %s", cluster);
	version = str_trim(version);
	if (str_eq(version, STR(MAJOR_VERSION)))
		return 0;
	return err_set(e, ERR_PRECONDITION,
		       "%s was made by PostgreSQL %.*s and this program runs " MAJOR_VERSION
		       ". Make a backup with the older one and restore it here.",
		       cluster, STR_FMT(version));
}

/* As superuser, without a server: the role and the database that the roles use. */
static int make_database(const struct app *app, struct arena *a, const char *cluster, struct err *e)
{
	const char *const argv[] = {
		program(app, a, "postgres"), "--single", "-D", cluster, "postgres", NULL
	};
	struct spawn s = { .argv = argv };
	struct str said;

	as_owner(app, &s);
	if (spawn_run(&s, "postgres --single",
		      STR("CREATE ROLE hearth LOGIN;\nCREATE DATABASE hearth OWNER hearth;\n"), a,
		      &said, e) < 0)
		return -(int)e->code;
	if (str_find_str(said, STR("ERROR:")) < said.n ||
	    str_find_str(said, STR("FATAL:")) < said.n)
		return err_set(e, ERR_INTERNAL, "postgres --single: %.*s", STR_FMT(said));
	return 0;
}

/* Made beside and renamed, so that a half-made cluster is never taken for one. */
static int make_cluster(const struct app *app, struct arena *a, struct err *e)
{
	const char *beside = arena_strf(a, "%s/postgres.new", app->data);
	const char *const argv[] = { program(app, a, "initdb"),
				     "-D",
				     beside,
				     "-U",
				     "postgres",
				     "-A",
				     "peer",
				     "-E",
				     "UTF8",
				     "--locale=C.UTF-8",
				     "--data-checksums",
				     "--no-instructions",
				     NULL };
	struct spawn s = { .argv = argv };
	struct str said;

	LOG(&app->log, LOG_INFO, "making the private database", F_C("folder", folder(app, a)));
	as_owner(app, &s);
	if (fs_remove_tree(beside, e) < 0)
		return -(int)e->code;
	if (spawn_run(&s, "initdb", STR(""), a, &said, e) < 0) {
		if (str_find_str(said, STR("No space left")) < said.n)
			return err_set(
				e, ERR_PRECONDITION,
				"The disk of %s is full: the database could not be made. Free some "
				"room, or choose another disk with --data.",
				app->data);
		return err_add(e, "make the private database");
	}
	if (make_database(app, a, beside, e) < 0)
		return err_add(e, "make the private database");
	if (rename(beside, folder(app, a)) < 0)
		return err_errno(e, errno, "rename %s", beside);
	return fs_sync_folder(app->data, e);
}

static int write_owned(const struct app *app, const char *path, struct str text, struct err *e)
{
	if (fs_write_atomic(path, text, 0600, e) < 0)
		return -(int)e->code;
	if (geteuid() == 0 && chown(path, app->owner->uid, app->owner->gid) < 0)
		return err_errno(e, errno, "give %s to %s", path, app->owner->name);
	return 0;
}

/* Small, durable, quiet. max_connections covers four roles and the CLI. */
static struct str settings_text(const struct app *app, struct arena *a)
{
	long long connections = 5 * (long long)app->config->db_pool_size + 20;

	return arena_fmt(a,
			 "# Written by hearth at every start; change hearth.conf instead.\n"
			 "listen_addresses = ''\n"
			 "unix_socket_directories = '%s'\n"
			 "unix_socket_permissions = 0700\n"
			 "max_connections = %lld\n"
			 "shared_buffers = %lldkB\n"
			 "dynamic_shared_memory_type = posix\n"
			 "synchronous_commit = on\n"
			 "fsync = on\n"
			 "full_page_writes = on\n"
			 "wal_level = replica\n"
			 "max_wal_size = 512MB\n"
			 "max_parallel_workers_per_gather = 0\n"
			 "jit = off\n"
			 "timezone = 'UTC'\n"
			 "log_timezone = 'UTC'\n"
			 "log_min_messages = warning\n"
			 "log_checkpoints = off\n"
			 "log_line_prefix = '%%m [%%p] %%q%%a '\n"
			 "log_statement = none\n"
			 "log_parameter_max_length = 0\n"
			 "log_parameter_max_length_on_error = 0\n"
			 "password_encryption = scram-sha-256\n"
			 "datestyle = 'iso, mdy'\n",
			 app->run, connections,
			 (long long)app->config->postgres_shared_buffers / 1024);
}

static int write_settings(const struct app *app, struct arena *a, struct err *e)
{
	const char *f = folder(app, a);
	struct str map = arena_fmt(a,
				   "hearth %s hearth\nhearth %s postgres\n"
				   "hearth root hearth\nhearth root postgres\n",
				   app->owner->name, app->owner->name);

	if (write_owned(app, arena_strf(a, "%s/postgresql.conf", f), settings_text(app, a), e) <
		    0 ||
	    write_owned(app, arena_strf(a, "%s/pg_ident.conf", f), map, e) < 0)
		return -(int)e->code;
	return write_owned(
		app, arena_strf(a, "%s/pg_hba.conf", f),
		STR("local all all peer map=hearth\nlocal replication all peer map=hearth\n"), e);
}

int postgres_prepare(const struct app *app, struct err *e)
{
	struct arena *a = arena_open(0);
	int result = check_installed(app, a, e);

	if (result == 0 && !fs_exists(folder(app, a)))
		result = make_cluster(app, a, e);
	if (result == 0)
		result = check_version(folder(app, a), a, e);
	if (result == 0)
		result = write_settings(app, a, e);
	arena_close(a);
	return result;
}

struct spawn postgres_spawn(const struct app *app, struct arena *a, int log_fd)
{
	const char **argv = ARENA_ARRAY(a, const char *, 4);
	struct spawn s = { .argv = argv,
			   .in = -1,
			   .out = log_fd,
			   .err = log_fd,
			   .death_signal = SIGINT, /* its "fast shutdown" */
			   .is_own_group = true };

	argv[0] = program(app, a, "postgres");
	argv[1] = "-D";
	argv[2] = folder(app, a);
	as_owner(app, &s);
	return s;
}

/* postmaster.pid: the pid in the first line, the state in the eighth. */
bool postgres_is_ready(const struct app *app, pid_t pid)
{
	struct arena *a = arena_open(0);
	struct str text;
	struct str line;
	struct err e;
	int64_t written = 0;
	bool ready = false;

	if (fs_read(a, arena_strf(a, "%s/postmaster.pid", folder(app, a)), 4096, &text, &e) == 0) {
		for (int at = 1; str_cut(&text, '\n', &line); at++) {
			if (at == 1 && !str_to_i64(str_trim(line), &written))
				break;
			if (at == 8)
				ready = written == pid && str_eq(str_trim(line), STR("ready"));
		}
	}
	arena_close(a);
	return ready;
}

struct str postgres_last_words(const struct app *app, struct arena *a)
{
	struct str text;
	struct str line;
	struct str found = STR("");
	struct err e;

	if (fs_read(a, arena_strf(a, "%s/log/postgresql.log", app->data), 64 << 20, &text, &e) < 0)
		return found;
	if (text.n > LOG_TAIL)
		text = str_from(text, text.n - LOG_TAIL);
	while (str_cut(&text, '\n', &line)) {
		if (str_find_str(line, STR("FATAL:")) < line.n ||
		    str_find_str(line, STR("PANIC:")) < line.n)
			found = str_from(line, str_find_str(line, STR("FATAL:")) < line.n
						       ? str_find_str(line, STR("FATAL:"))
						       : str_find_str(line, STR("PANIC:")));
	}
	return found;
}
