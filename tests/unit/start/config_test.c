#include "support/check.h"

#include "base/fs.h"
#include "config.h"

struct given {
	struct arena *a;
	const char *path;
	struct config config;
	struct config_report report;
	int result;
	struct err e;
};

static struct given *given_file(const char *text)
{
	struct arena *a = arena_open(0);
	struct given *g = ARENA_NEW(a, struct given);
	char *name = arena_strf(a, "%s/hearth-config-XXXXXX", test_temporary());
	int fd = mkstemp(name);

	g->a = a;
	g->path = name;
	check_ok(fs_write_all(fd, str_c(text), &g->e), &g->e);
	close(fd);
	g->result = config_load(a, name, &g->config, &g->report, &g->e);
	unlink(name);
	return g;
}

static void addresses_follow_from_what_is_set(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *external;
		const char *ssh;
		const char *base;
	} cases[] = {
		{ "", "http://127.0.0.1:8080", "127.0.0.1:2222", "" },
		{ "[server]\nhttp_listen = 0.0.0.0:80\n", "http://localhost:80", "localhost:2222",
		  "" },
		{ "[server]\nhttp_listen = [::]:80\n", "http://localhost:80", "localhost:2222",
		  "" },
		{ "[server]\nhttp_listen = [::1]:80\n", "http://[::1]:80", "[::1]:2222", "" },
		{ "[server]\nexternal_url = https://g.example.org/hearth\n",
		  "https://g.example.org/hearth", "g.example.org:2222", "/hearth" },
		{ "[server]\nexternal_url = https://g.example.org:8443\nssh_external = s:22\n",
		  "https://g.example.org:8443", "s:22", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct given *g = given_file(cases[i].text);

		check_ok(g->result, &g->e);
		check_c(g->config.external_url, cases[i].external);
		check_c(g->config.ssh_external, cases[i].ssh);
		check_str(config_base_path(&g->config), cases[i].base);
		arena_close(g->a);
	}
}

static void a_missing_file_means_defaults(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct config c;
	struct config_report report;
	struct err e;

	check_ok(config_load(a, "/nonexistent/hearth.conf", &c, &report, &e), &e);
	check_false(report.file_exists);
	check_int(c.git_sandbox, CONFIG_SANDBOX_AUTO);
	check_int(c.max_pack_bytes, INT64_C(2) << 30);
	arena_close(a);
}

static void the_written_file_reads_back_the_same(void **state UNUSED)
{
	struct given *g = given_file("[server]\nhttp_listen = 127.0.0.1:9999\n"
				     "[git]\nmax_file_bytes = 5M\n");
	struct given *again;
	struct buf text;

	buf_init(&text, 1 << 20);
	config_write(&g->report, &text);
	again = given_file(text.p);
	check_ok(again->result, &again->e);
	check_c(again->config.http_listen, "127.0.0.1:9999");
	check_int(again->config.max_file_bytes, 5 << 20);
	check_int(again->config.db_pool_size, g->config.db_pool_size);
	buf_fini(&text);
	arena_close(again->a);
	arena_close(g->a);
}

static void one_address_cannot_serve_two(void **state UNUSED)
{
	struct given *g = given_file("[server]\nssh_listen = 127.0.0.1:8080\n");

	check_err(g->result, &g->e, ERR_INVALID, "http_listen and ssh_listen are both");
	arena_close(g->a);
}

RUN_TESTS(TEST(addresses_follow_from_what_is_set), TEST(a_missing_file_means_defaults),
	  TEST(the_written_file_reads_back_the_same), TEST(one_address_cannot_serve_two))
