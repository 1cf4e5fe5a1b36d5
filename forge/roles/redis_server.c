#include "roles/redis_server.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/random.h"
#include "secret/secret.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PROGRAM "/usr/bin/redis-server"

static int own(const struct app *app, const char *path, struct err *e)
{
	if (geteuid() == 0 && chown(path, app->owner->uid, app->owner->gid) < 0)
		return err_errno(e, errno, "give %s to %s", path, app->owner->name);
	return 0;
}

static int need_password(const struct app *app, struct arena *a, struct str *password,
			 struct err *e)
{
	const char *path = arena_strf(a, "%s/keys/redis", app->data);

	if (fs_exists(path)) {
		if (fs_read(a, path, 256, password, e) < 0)
			return -(int)e->code;
		*password = str_trim(*password);
		return 0;
	}
	*password = random_token(a, 32);
	if (fs_write_atomic(path, *password, 0400, e) < 0)
		return -(int)e->code;
	return own(app, path, e);
}

/* The default user is off and every other has a password, so that protected mode adds nothing. */
static struct str listen_text(const struct app *app, struct arena *a)
{
	struct str host;
	int port;

	if (!settings_address_split(str_c(app->config->runner_redis), &host, &port))
		return STR("port 0\n");
	return arena_fmt(a, "bind %.*s\nport %d\nprotected-mode no\n",
			 STR_FMT(host.n ? host : STR("0.0.0.0")), port);
}

static struct str settings_text(const struct app *app, struct arena *a, struct str password)
{
	unsigned char digest[SECRET_SHA256_SIZE];
	struct buf hex;
	struct str text;

	secret_sha256(password, digest);
	buf_init(&hex, 2 * SECRET_SHA256_SIZE + 1);
	buf_add_hex(&hex, digest, sizeof(digest));
	text = arena_fmt(a,
			 "# Written by hearth at every start.\n"
			 "%.*s"
			 "unixsocket %s/redis.sock\n"
			 "unixsocketperm 700\n"
			 "dir %s/redis\n"
			 "save \"\"\n"
			 "appendonly no\n"
			 "daemonize no\n"
			 "loglevel warning\n"
			 "maxmemory 128mb\n"
			 "maxmemory-policy noeviction\n"
			 "user default off\n"
			 "user hearth on #%.*s ~* &* +@all\n",
			 STR_FMT(listen_text(app, a)), app->run, app->data, STR_FMT(buf_str(&hex)));
	buf_fini(&hex);
	return text;
}

int redis_server_prepare(const struct app *app, struct err *e)
{
	struct arena *a = arena_open(0);
	const char *path = arena_strf(a, "%s/redis/redis.conf", app->data);
	struct str password;
	int result;

	if (access(PROGRAM, X_OK) < 0)
		result = err_set(e, ERR_PRECONDITION,
				 "Redis is not installed (" PROGRAM "). Install it (apt install "
				 "redis-server), set redis_url to use a server of yours, or set "
				 "redis_url = none to run without.");
	else
		result = need_password(app, a, &password, e);
	if (result == 0)
		result = fs_write_atomic(path, settings_text(app, a, password), 0600, e);
	if (result == 0)
		result = own(app, path, e);
	arena_close(a);
	return result;
}

struct spawn redis_server_spawn(const struct app *app, struct arena *a, int log_fd)
{
	const char **argv = ARENA_ARRAY(a, const char *, 3);

	argv[0] = PROGRAM;
	argv[1] = arena_strf(a, "%s/redis/redis.conf", app->data);
	return (struct spawn){ .argv = argv,
			       .in = -1,
			       .out = log_fd,
			       .err = log_fd,
			       .changes_user = geteuid() == 0,
			       .uid = app->owner->uid,
			       .gid = app->owner->gid,
			       .death_signal = SIGTERM,
			       .is_own_group = true };
}

bool redis_server_is_ready(const struct app *app)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_FD s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || snprintf(at.sun_path, sizeof(at.sun_path), "%s/redis.sock", app->run) >=
			     (int)sizeof(at.sun_path))
		return false;
	return connect(s, (struct sockaddr *)&at, sizeof(at)) == 0;
}
