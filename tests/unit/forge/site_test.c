#include "site.h"
#include "support/check.h"

static struct site site_of(struct arena *a, const char *url, const char *ssh)
{
	struct config *config = ARENA_NEW(a, struct config);
	struct str *hosts = ARENA_ARRAY(a, struct str, 2);
	struct site site;

	hosts[0] = STR("intern");
	hosts[1] = STR("other:8443");
	config->external_url = url;
	config->ssh_external = ssh;
	config->http_listen = "127.0.0.1:8080";
	config->allowed_hosts = (struct str_list){ hosts, 2 };
	site_init(&site, config, a);
	return site;
}

static void hosts_are_known_by_name_and_port(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct site site = site_of(a, "https://git.example.org", "git.example.org:22");

	check_true(site_knows_host(&site, STR("git.example.org")));
	check_true(site_knows_host(&site, STR("GIT.Example.org")));
	check_true(site_knows_host(&site, STR("127.0.0.1:8080")));
	check_true(site_knows_host(&site, STR("intern")));
	check_true(site_knows_host(&site, STR("intern:1234")));
	check_true(site_knows_host(&site, STR("other:8443")));
	check_false(site_knows_host(&site, STR("other")));
	check_false(site_knows_host(&site, STR("evil")));
	check_false(site_knows_host(&site, STR("git.example.org.evil")));
	check_false(site_knows_host(&site, STR_NONE));
	arena_close(a);
}

static void links_begin_with_the_host_that_was_asked(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct site site = site_of(a, "https://git.example.org/sub", "git.example.org:22");
	struct http_head head = { .host = STR("git.example.org:443") };

	check_str(site_base(&site, &head, a), "https://git.example.org/sub");
	head.host = STR("intern:8080");
	check_str(site_base(&site, &head, a), "http://intern:8080/sub");
	head.is_https = true;
	check_str(site_base(&site, &head, a), "https://intern:8080/sub");
	head.host = STR("evil");
	check_str(site_base(&site, &head, a), "https://git.example.org/sub");
	arena_close(a);
}

static void the_sub_path_is_cut_only_whole(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct site site = site_of(a, "https://x/sub", "x:22");
	struct str path = STR("/sub/a");

	check_true(site_cut_base(&site, &path));
	check_str(path, "/a");
	path = STR("/sub");
	check_true(site_cut_base(&site, &path));
	check_str(path, "/");
	path = STR("/subway");
	check_false(site_cut_base(&site, &path));
	path = STR("/a");
	check_false(site_cut_base(&site, &path));
	arena_close(a);
}

static void ssh_addresses_name_a_port_when_they_must(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct site plain = site_of(a, "https://x", "git.example.org:22");
	struct site other = site_of(a, "https://x", "git.example.org:2222");

	check_str(site_ssh_url(&plain, STR("g/p"), a), "git@git.example.org:g/p.git");
	check_str(site_ssh_url(&other, STR("g/p"), a), "ssh://git@git.example.org:2222/g/p.git");
	arena_close(a);
}

RUN_TESTS(TEST(hosts_are_known_by_name_and_port), TEST(links_begin_with_the_host_that_was_asked),
	  TEST(the_sub_path_is_cut_only_whole), TEST(ssh_addresses_name_a_port_when_they_must))
