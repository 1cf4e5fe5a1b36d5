#include "http/network.h"
#include "support/check.h"

static void networks_hold_their_addresses(void **state UNUSED)
{
	struct str items[] = { STR("10.0.0.0/8"), STR("192.0.2.7"), STR("2001:db8::/33"),
			       STR("unix"),       STR("nonsense"),  STR("1.2.3.4/99") };
	struct str_list list = { items, ARRAY_LEN(items) };

	check_true(network_list_has(&list, STR("10.255.0.1")));
	check_true(network_list_has(&list, STR("::ffff:10.0.0.1")));
	check_true(network_list_has(&list, STR("192.0.2.7")));
	check_true(network_list_has(&list, STR("2001:db8:7fff::1")));
	check_true(network_list_has(&list, STR("unix")));
	check_false(network_list_has(&list, STR("11.0.0.1")));
	check_false(network_list_has(&list, STR("192.0.2.8")));
	check_false(network_list_has(&list, STR("2001:db8:8000::1")));
	check_false(network_list_has(&list, STR("1.2.3.4")));
	check_false(network_list_has(&list, STR("")));
}

static struct http_head identify(const struct http_header *headers, size_t count, struct str peer)
{
	struct str items[] = { STR("127.0.0.1"), STR("10.0.0.0/8") };
	struct str_list trusted = { items, 2 };
	struct http_head head = { .headers_count = count };

	head.headers = (struct http_header *)(uintptr_t)headers;
	network_identify(&head, peer, &trusted);
	return head;
}

static void strangers_cannot_name_another_address(void **state UNUSED)
{
	const struct http_header h[] = { { STR("X-Forwarded-For"), STR("1.1.1.1") },
					 { STR("X-Forwarded-Proto"), STR("https") },
					 { STR("X-Forwarded-Host"), STR("evil") },
					 { STR("Host"), STR("good") } };
	struct http_head head = identify(h, 4, STR("203.0.113.9"));

	check_str(head.client, "203.0.113.9");
	check_str(head.host, "good");
	check_false(head.is_https);
}

static void the_last_untrusted_hop_is_the_client(void **state UNUSED)
{
	const struct http_header h[] = { { STR("X-Forwarded-For"), STR("6.6.6.6") },
					 { STR("X-Forwarded-For"),
					   STR("6.6.6.6, 1.1.1.1, 10.0.0.3") },
					 { STR("X-Forwarded-Proto"), STR("https") },
					 { STR("X-Forwarded-Host"), STR("git.example.org") } };
	struct http_head head = identify(h, 4, STR("127.0.0.1"));

	check_str(head.client, "1.1.1.1");
	check_str(head.host, "git.example.org");
	check_true(head.is_https);
}

RUN_TESTS(TEST(networks_hold_their_addresses), TEST(strangers_cannot_name_another_address),
	  TEST(the_last_untrusted_hop_is_the_client))
