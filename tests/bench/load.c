/*
 * load MODE URL [OPTIONS]: runs operations against one server and prints one
 * JSON line: {"ops", "errors", "seconds", "bytes", "min", "p50", "p95", "p99"} (ms).
 *
 *	MODE      refs | push | fetch | get | claim (POST of JSON that is answered by 201)
 *	URL       http://HOST:PORT/PATH or ssh://USER@HOST:PORT/PATH (HOST is an IPv4 address)
 *	-c N      clients at once (1)
 *	-n N      operations in all; or
 *	-d S      seconds
 *	-b FILE   names of files with ready requests, one a line, used in turn
 *	-a BASE64 of user:password (HTTP)
 *	-i FILE   private key (SSH)
 *	-k        keep the connection (get, claim)
 */
#include "load.h"

#include "base/arena.h"
#include "base/fs.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>

#define SAMPLES_MAX 1000000

struct load {
	struct load_target target;
	struct arena *arena;
	struct str *bodies;
	size_t body_count;
	long wanted;
	double seconds;
	double until;
	atomic_long next;
	atomic_long done;
	atomic_long errors;
	atomic_size_t bytes;
	double *samples; /* by order of ending */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int operate(struct load *l, long i, int *fd, struct err *e)
{
	struct str body = l->body_count > 0 ? l->bodies[(size_t)i % l->body_count] : STR_NONE;
	size_t bytes = 0;
	int rc = l->target.is_ssh ? load_ssh(&l->target, body, &bytes, e)
				  : load_http(&l->target, fd, body, &bytes, e);

	atomic_fetch_add(&l->bytes, bytes);
	return rc;
}

static void *client(void *context)
{
	struct load *l = context;
	int fd = -1;

	for (;;) {
		long i = atomic_fetch_add(&l->next, 1);
		double start = now();
		struct err e = { 0 };

		if ((l->wanted > 0 && i >= l->wanted) || (l->until > 0 && start > l->until))
			break;
		if (operate(l, i, &fd, &e) < 0) {
			if (atomic_fetch_add(&l->errors, 1) < 3)
				fprintf(stderr, "load: %s\n", e.text);
			continue;
		}
		i = atomic_fetch_add(&l->done, 1);
		if (i < SAMPLES_MAX)
			l->samples[i] = (now() - start) * 1e3;
	}
	fs_close(&fd);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double quantile(const struct load *l, size_t n, double q)
{
	return n == 0 ? 0 : l->samples[(size_t)((double)(n - 1) * q + 0.5)];
}

static void report(struct load *l, double seconds)
{
	size_t n = (size_t)atomic_load(&l->done);

	n = n < SAMPLES_MAX ? n : SAMPLES_MAX;
	qsort(l->samples, n, sizeof(double), by_value);
	printf("{\"ops\": %ld, \"errors\": %ld, \"seconds\": %.4f, \"bytes\": %zu, \"min\": %.3f, "
	       "\"p50\": %.3f, \"p95\": %.3f, \"p99\": %.3f}\n",
	       atomic_load(&l->done), atomic_load(&l->errors), seconds, atomic_load(&l->bytes),
	       quantile(l, n, 0), quantile(l, n, 0.5), quantile(l, n, 0.95), quantile(l, n, 0.99));
}

static int parse_url(struct load_target *t, struct str url, struct err *e)
{
	struct str host;
	struct str port;
	struct str user;
	int64_t number;
	bool ok;

	t->is_ssh = str_cut_prefix(&url, STR("ssh://"));
	if (!t->is_ssh && !str_cut_prefix(&url, STR("http://")))
		return err_set(e, ERR_INVALID, "neither http:// nor ssh://");
	ok = str_copy(t->path, sizeof(t->path), str_from(url, str_find(url, '/')));
	url = str_upto(url, str_find(url, '/'));
	user = str_upto(url, str_find(url, '@'));
	if (user.n < url.n)
		host = str_from(url, user.n + 1);
	else
		host = url;
	ok = ok && (!t->is_ssh || str_copy(t->user, sizeof(t->user), user));
	port = str_from(host, str_find(host, ':') + 1);
	ok = ok && str_to_i64(port, &number) && number > 0 && number < 65536 &&
	     str_copy(t->host, sizeof(t->host), str_upto(host, str_find(host, ':')));
	if (!ok)
		return err_set(e, ERR_INVALID, "the URL needs a host, a port and a path");
	t->port = (int)number;
	return 0;
}

static int read_bodies(struct load *l, const char *list, struct err *e)
{
	struct str names;
	struct str name;
	size_t room = 0;

	if (fs_read(l->arena, list, 1 << 20, &names, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < names.n; i++)
		room += names.p[i] == '\n';
	l->bodies = ARENA_ARRAY(l->arena, struct str, room + 1);
	while (str_cut(&names, '\n', &name) && name.n > 0) {
		if (fs_read(l->arena, arena_cstr(l->arena, name), LOAD_ANSWER_MAX,
			    &l->bodies[l->body_count++], e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int parse_mode(const char *word, enum load_mode *mode)
{
	static const char *const words[] = { "refs", "push", "fetch", "get", "claim" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i], word) == 0) {
			*mode = (enum load_mode)i;
			return 0;
		}
	}
	return -1;
}

static int parse_options(struct load *l, int argc, char **argv, long *clients, struct err *e)
{
	const char *list = NULL;
	int option;

	while ((option = getopt(argc, argv, "c:n:d:b:a:i:k")) != -1) {
		if (option == 'c')
			*clients = strtol(optarg, NULL, 10);
		else if (option == 'n')
			l->wanted = strtol(optarg, NULL, 10);
		else if (option == 'd')
			l->seconds = strtod(optarg, NULL);
		else if (option == 'b')
			list = optarg;
		else if (option == 'a' &&
			 str_copy(l->target.basic, sizeof(l->target.basic), str_c(optarg)))
			continue;
		else if (option == 'i')
			l->target.key = optarg;
		else if (option == 'k')
			l->target.keeps = true;
		else
			return err_set(e, ERR_INVALID, "unknown option");
	}
	if (argc - optind != 2 || parse_mode(argv[optind], &l->target.mode) < 0)
		return err_set(e, ERR_INVALID,
			       "usage: load refs|push|fetch|get|claim URL [OPTIONS]");
	if (list && read_bodies(l, list, e) < 0)
		return -(int)e->code;
	return parse_url(&l->target, str_c(argv[optind + 1]), e);
}

static void run(struct load *l, long clients)
{
	pthread_t *threads = ARENA_ARRAY(l->arena, pthread_t, (size_t)clients);
	double start = now();

	if (l->seconds > 0)
		l->until = start + l->seconds;
	for (long i = 0; i < clients; i++)
		ASSERT(pthread_create(&threads[i], NULL, client, l) == 0);
	for (long i = 0; i < clients; i++)
		pthread_join(threads[i], NULL);
	report(l, now() - start);
}

int main(int argc, char **argv)
{
	struct load l = { .arena = arena_open(LOAD_ANSWER_MAX) };
	struct err e = { 0 };
	long clients = 1;

	if (parse_options(&l, argc, argv, &clients, &e) < 0 || clients < 1 ||
	    (l.wanted <= 0 && l.seconds <= 0)) {
		fprintf(stderr, "load: %s\n", e.code == ERR_NONE ? "-n or -d?" : e.text);
		return 2;
	}
	l.samples = mem_alloc_array(SAMPLES_MAX, sizeof(double));
	run(&l, clients);
	mem_free(l.samples);
	arena_close(l.arena);
	return atomic_load(&l.errors) > 0 ? 1 : 0;
}
