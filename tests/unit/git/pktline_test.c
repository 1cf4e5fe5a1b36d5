#include "support/check.h"

#include "git/layout.h"
#include "git/pktline.h"

#include <unistd.h>

static void packets_are_read_without_one_byte_too_many(void **state UNUSED)
{
	char room[PKT_MAX];
	char rest[8] = "";
	struct pkt pkt;
	struct err e = { 0 };
	int fds[2];

	check_int(pipe(fds), 0);
	check_int(write(fds[1], "0007ab\n0000PACK", 15), 15);
	close(fds[1]);
	check_ok(pkt_read(fds[0], room, 1000, &pkt, &e), &e);
	check_str(pkt_line(&pkt), "ab");
	check_ok(pkt_read(fds[0], room, 1000, &pkt, &e), &e);
	check_int(pkt.kind, PKT_FLUSH);
	check_int(read(fds[0], rest, sizeof(rest)), 4);
	check_c(rest, "PACK");
	check_ok(pkt_read(fds[0], room, 1000, &pkt, &e), &e);
	check_int(pkt.kind, PKT_END_OF_STREAM);
	close(fds[0]);
}

static void broken_packets_are_refused(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		enum err_code code;
	} cases[] = {
		{ "0003", ERR_INVALID }, { "zzzz", ERR_INVALID }, { "fff1x", ERR_INVALID },
		{ "-001", ERR_INVALID }, { "0010ab", ERR_GONE },  { "00", ERR_GONE },
	};
	char room[PKT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pkt pkt;
		struct err e = { 0 };
		int fds[2];

		check_int(pipe(fds), 0);
		check_true(write(fds[1], cases[i].bytes, strlen(cases[i].bytes)) > 0);
		close(fds[1]);
		check_err(pkt_read(fds[0], room, 1000, &pkt, &e), &e, cases[i].code, "");
		close(fds[0]);
	}
}

static void a_silent_client_is_given_up(void **state UNUSED)
{
	char room[PKT_MAX];
	struct pkt pkt;
	struct err e = { 0 };
	int fds[2];

	check_int(pipe(fds), 0);
	check_err(pkt_read(fds[0], room, 20, &pkt, &e), &e, ERR_TIMEOUT, "sent nothing");
	close(fds[0]);
	close(fds[1]);
}

static void long_text_is_cut_into_bands(void **state UNUSED)
{
	static const char zeros[2 * PKT_BAND_MAX + 1];
	struct buf b;

	buf_init(&b, 1u << 20);
	pkt_add_band(&b, 2, str_n(zeros, sizeof(zeros)));
	check_int(b.n, sizeof(zeros) + 3 * 5);
	check_str(str_upto(buf_str(&b), 4), "fff0");
	buf_fini(&b);
}

static void names_of_refs_follow_gits_rules_and_ours(void **state UNUSED)
{
	static const struct {
		const char *name;
		const char *rule; /* NULL: fine */
	} cases[] = {
		{ "refs/heads/main", NULL },
		{ "refs/heads/feature/x-1_y.z", NULL },
		{ "refs/heads/caf\xC3\xA9", NULL },
		{ "refs/tags/v1.0", NULL },
		{ "refs/heads/0123456789012345678901234567890123456789a", NULL },
		{ "heads/main", "refs/" },
		{ "refs/heads/", "empty" },
		{ "refs/heads/a//b", "empty" },
		{ "refs/heads/.a", "dot" },
		{ "refs/heads/a.", "dot" },
		{ "refs/heads/a..b", "\"..\"" },
		{ "refs/heads/a.lock", ".lock" },
		{ "refs/heads/a.lock/b", ".lock" },
		{ "refs/heads/-a", "hyphen" },
		{ "refs/heads/a b", "space" },
		{ "refs/heads/a\x7f", "control" },
		{ "refs/heads/a~b", "one of" },
		{ "refs/heads/a@{b", "\"@{\"" },
		{ "refs/heads/a\\b", "one of" },
		{ "refs/heads/HEAD", "git's own word" },
		{ "refs/heads/0123456789012345678901234567890123456789", "name of a commit" },
		{ "refs/heads/\xff", "UTF-8" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		int refused = git_refname_check(str_c(cases[i].name), &e) < 0;

		if (refused != (cases[i].rule != NULL) ||
		    (refused && !strstr(e.text, cases[i].rule)))
			fail_msg("%s: %s", cases[i].name, e.text);
	}
}

RUN_TESTS(TEST(packets_are_read_without_one_byte_too_many), TEST(broken_packets_are_refused),
	  TEST(a_silent_client_is_given_up), TEST(long_text_is_cut_into_bands),
	  TEST(names_of_refs_follow_gits_rules_and_ours))
