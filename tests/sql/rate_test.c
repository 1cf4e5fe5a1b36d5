/* Redis, and counting with it, without it, and while it dies. */
#include "store/rate.h"

#include "base/fs.h"
#include "support/check.h"
#include "support/database.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

struct fixture {
	struct test_database *database;
	struct db *db;
	struct arena *a;
	struct redis_pool *redis;
	char folder[64];
	pid_t server;
	struct err e;
};

static const struct rate_limit three = { 3, 60 };

static const char *socket_path(struct fixture *f)
{
	return arena_strf(f->a, "%s/redis.sock", f->folder);
}

static bool accepts(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool accepted;

	check_true(str_copy(address.sun_path, sizeof(address.sun_path), str_c(path)));
	accepted = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return accepted;
}

static void start_server(struct fixture *f)
{
	f->server = fork();
	if (f->server == 0) {
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
		       socket_path(f), "--dir", f->folder, "--save", "", "--loglevel", "warning",
		       "--logfile", "redis.log", "--requirepass", "pa ss", (char *)NULL);
		_exit(127);
	}
	/* The socket is there a moment before anybody listens on it. */
	for (int i = 0; i < 500 && !accepts(socket_path(f)); i++)
		usleep(20000);
	check_true(accepts(socket_path(f)));
}

static void stop_server(struct fixture *f)
{
	if (f->server > 0) {
		kill(f->server, SIGKILL);
		waitpid(f->server, NULL, 0);
		unlink(socket_path(f));
	}
	f->server = 0;
}

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct redis_pool_options options = { .timeout_ms = 500 };

	signal(SIGPIPE, SIG_IGN);
	f->a = arena_open(0);
	f->database = test_database_open();
	check_ok(db_acquire(f->database->pool, &f->db, &f->e), &f->e);
	test_folder(f->folder, sizeof(f->folder), "hearth-redis");
	start_server(f);
	options.url = arena_strf(f->a, "unix://%s?password=pa%%20ss", socket_path(f));
	check_ok(redis_pool_open(&options, &f->redis, &f->e), &f->e);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	stop_server(f);
	redis_pool_close(f->redis);
	db_release(f->db);
	check_ok(fs_remove_tree(f->folder, &f->e), &f->e);
	arena_close(f->a);
	test_database_close(f->database);
	test_free(f);
	return 0;
}

static void count_to_the_limit(struct fixture *f, struct redis_pool *redis)
{
	for (int i = 0; i < 3; i++) {
		check_ok(rate_check(f->db, redis, STR("k"), three, &f->e), &f->e);
		check_ok(rate_hit(f->db, redis, STR("k"), three, &f->e), &f->e);
	}
	check_err(rate_check(f->db, redis, STR("k"), three, &f->e), &f->e, ERR_RATE_LIMITED,
		  "Wait ");
	check_ok(rate_check(f->db, redis, STR("other"), three, &f->e), &f->e);
	check_ok(rate_forget(f->db, redis, STR("k"), &f->e), &f->e);
	check_ok(rate_check(f->db, redis, STR("k"), three, &f->e), &f->e);
}

static int64_t rows(struct fixture *f)
{
	return test_database_number(f->database, "SELECT count(*) FROM rate_counter");
}

static void the_limit_holds_with_redis_and_without(void **state)
{
	struct fixture *f = *state;

	count_to_the_limit(f, f->redis);
	check_int(rows(f), 0);
	count_to_the_limit(f, NULL);
}

static void the_limit_holds_when_redis_is_dead(void **state)
{
	struct fixture *f = *state;

	stop_server(f);
	count_to_the_limit(f, f->redis);
}

static void a_window_ends(void **state)
{
	struct fixture *f = *state;
	const struct rate_limit quick = { 1, 1 };
	int64_t removed;

	check_ok(rate_hit(f->db, NULL, STR("k"), quick, &f->e), &f->e);
	check_ok(rate_hit(f->db, f->redis, STR("k"), quick, &f->e), &f->e);
	check_int(rate_check(f->db, NULL, STR("k"), quick, &f->e), -ERR_RATE_LIMITED);
	check_int(rate_check(f->db, f->redis, STR("k"), quick, &f->e), -ERR_RATE_LIMITED);
	usleep(1100000);
	check_ok(rate_check(f->db, NULL, STR("k"), quick, &f->e), &f->e);
	check_ok(rate_check(f->db, f->redis, STR("k"), quick, &f->e), &f->e);
	check_ok(rate_hit(f->db, NULL, STR("k"), quick, &f->e), &f->e);
	check_int(test_database_number(f->database, "SELECT hits FROM rate_counter"), 1);
	usleep(1100000);
	check_ok(rate_remove_expired(f->db, &removed, &f->e), &f->e);
	check_int(removed, 1);
}

static void replies_come_as_values(void **state)
{
	struct fixture *f = *state;
	AUTO_REDIS redis = NULL;
	struct redis_value v;

	check_ok(redis_acquire(f->redis, &redis, &f->e), &f->e);
	check_ok(REDIS_CALL(redis, f->a, &v, &f->e, STR("SET"), str_n("a\0b", 3), str_n("\0\n", 2)),
		 &f->e);
	check_str(v.text, "OK");
	check_ok(REDIS_CALL(redis, f->a, &v, &f->e, STR("GET"), str_n("a\0b", 3)), &f->e);
	check_int(v.text.n, 2);
	check_ok(REDIS_CALL(redis, f->a, &v, &f->e, STR("GET"), STR("none")), &f->e);
	check_int(v.kind, REDIS_NIL);
	check_ok(REDIS_CALL(redis, f->a, &v, &f->e, STR("INCRBY"), STR("n"), STR("7")), &f->e);
	check_int(v.integer, 7);
	check_ok(REDIS_CALL(redis, f->a, &v, &f->e, STR("MGET"), STR("n"), STR("none")), &f->e);
	check_int(v.count, 2);
	check_str(v.items[0].text, "7");
	check_err(REDIS_CALL(redis, f->a, &v, &f->e, STR("XREADGROUP"), STR("x")), &f->e,
		  ERR_INTERNAL, "ERR ");
	check_ok(REDIS_CALL(redis, f->a, &v, &f->e, STR("PING")), &f->e);
}

static void a_restarted_redis_is_found_again(void **state)
{
	struct fixture *f = *state;
	struct redis_value v;
	int tries = 0;
	int code;

	AUTO_REDIS redis = NULL;
	check_ok(redis_acquire(f->redis, &redis, &f->e), &f->e);
	stop_server(f);
	check_err(REDIS_CALL(redis, f->a, &v, &f->e, STR("PING")), &f->e, ERR_UNAVAILABLE, "Redis");
	check_err(REDIS_CALL(redis, f->a, &v, &f->e, STR("PING")), &f->e, ERR_UNAVAILABLE, "Redis");
	start_server(f);
	do {
		code = REDIS_CALL(redis, f->a, &v, &f->e, STR("PING"));
		usleep(20000);
	} while (code < 0 && ++tries < 500);
	check_int(code, 0);
}

static void a_reader_waits_and_times_out(void **state)
{
	struct fixture *f = *state;
	AUTO_REDIS redis = NULL;
	struct redis_value v;

	check_ok(redis_open_reader(f->redis, 300, &redis, &f->e), &f->e);
	check_ok(REDIS_CALL(redis, f->a, &v, &f->e, STR("XREAD"), STR("BLOCK"), STR("300"),
			    STR("STREAMS"), STR("s"), STR("$")),
		 &f->e);
	check_int(v.kind, REDIS_NIL);
}

static void no_redis_at_all_is_unavailable(void **state)
{
	struct fixture *f = *state;
	struct redis *redis = NULL;

	check_err(redis_acquire(NULL, &redis, &f->e), &f->e, ERR_UNAVAILABLE, "not configured");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CASE(the_limit_holds_with_redis_and_without), CASE(the_limit_holds_when_redis_is_dead),
	  CASE(a_window_ends), CASE(replies_come_as_values), CASE(a_restarted_redis_is_found_again),
	  CASE(a_reader_waits_and_times_out), CASE(no_redis_at_all_is_unavailable))
