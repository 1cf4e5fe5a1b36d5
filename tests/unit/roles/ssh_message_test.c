#include "support/check.h"

#include "roles/ssh_message.h"

#include <sys/socket.h>

static void an_ask_that_was_made_here_is_accepted(void **state UNUSED)
{
	struct ssh_ask ask;
	struct ssh_ask got;
	struct err e = { 0 };

	ssh_ask_init(&ask, SSH_ASK_EXEC, 9, 7);
	ask.protocol = 2;
	check_true(str_copy(ask.text, sizeof(ask.text), STR("git-upload-pack 'a/b'")));
	check_ok(ssh_ask_check(&ask, sizeof(ask), &got, &e), &e);
	check_c(got.text, "git-upload-pack 'a/b'");
}

static void an_ask_out_of_range_is_refused(void **state UNUSED)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *why;
	} cases[] = {
		{ offsetof(struct ssh_ask, magic), 1, "another version" },
		{ offsetof(struct ssh_ask, version), 99, "another version" },
		{ offsetof(struct ssh_ask, kind), 0, "unknown kind" },
		{ offsetof(struct ssh_ask, kind), 5, "unknown kind" },
		{ offsetof(struct ssh_ask, channel), 10, "no such channel" },
		{ offsetof(struct ssh_ask, channel), UINT32_MAX, "no such channel" },
		{ offsetof(struct ssh_ask, proved), 2, "out of range" },
		{ offsetof(struct ssh_ask, protocol), 3, "out of range" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ssh_ask ask;
		struct ssh_ask got;
		struct err e = { 0 };

		ssh_ask_init(&ask, SSH_ASK_KEY, 0, 7);
		memcpy((char *)&ask + cases[i].at, &cases[i].value, sizeof(uint32_t));
		check_err(ssh_ask_check(&ask, sizeof(ask), &got, &e), &e, ERR_INVALID,
			  cases[i].why);
	}
}

static void a_command_without_an_end_and_a_short_packet_are_refused(void **state UNUSED)
{
	struct ssh_ask ask;
	struct ssh_ask got;
	struct err e = { 0 };

	ssh_ask_init(&ask, SSH_ASK_EXEC, 0, 7);
	check_err(ssh_ask_check(&ask, sizeof(ask) - 1, &got, &e), &e, ERR_INVALID, "size");
	memset(ask.text, 'a', sizeof(ask.text));
	check_err(ssh_ask_check(&ask, sizeof(ask), &got, &e), &e, ERR_INVALID, "without an end");
}

static void an_answer_must_bring_the_descriptors_of_its_verdict(void **state UNUSED)
{
	struct ssh_answer answer;
	struct ssh_answer got;
	struct err e = { 0 };

	ssh_answer_init(&answer, SSH_ANSWER_EXEC, 1, 7);
	answer.verdict = SSH_VERDICT_STREAM;
	check_err(ssh_answer_check(&answer, sizeof(answer), 2, &got, &e), &e, ERR_INVALID,
		  "descriptors");
	check_ok(ssh_answer_check(&answer, sizeof(answer), 3, &got, &e), &e);
	answer.verdict = SSH_VERDICT_NO;
	check_err(ssh_answer_check(&answer, sizeof(answer), 1, &got, &e), &e, ERR_INVALID,
		  "descriptors");
	answer.kind = SSH_ANSWER_KEY;
	answer.verdict = SSH_VERDICT_SERVE;
	check_err(ssh_answer_check(&answer, sizeof(answer), 1, &got, &e), &e, ERR_INVALID, "range");
}

static void a_long_sentence_is_cut_at_a_character(void **state UNUSED)
{
	struct ssh_answer answer;
	struct ssh_answer got;
	struct err e = { 0 };
	char text[SSH_MESSAGE_TEXT_MAX + 2];

	memset(text, 'a', sizeof(text));
	memcpy(text + SSH_MESSAGE_TEXT_MAX - 2, "\xC3\xA9", 2);
	ssh_answer_init(&answer, SSH_ANSWER_ENDED, 0, 7);
	ssh_answer_say(&answer, str_n(text, sizeof(text)));
	check_int(strlen(answer.text), SSH_MESSAGE_TEXT_MAX - 2);
	check_ok(ssh_answer_check(&answer, sizeof(answer), 0, &got, &e), &e);
}

static void a_packet_carries_descriptors_and_an_end(void **state UNUSED)
{
	struct err e = { 0 };
	char text[8];
	int pair[2];
	int fds[SSH_MESSAGE_FDS_MAX];
	size_t fd_count;
	size_t n;

	check_int(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	check_ok(ssh_packet_send(pair[0], "hello", 5, (int[]){ 0, 1, 2 }, 3, &e), &e);
	check_ok(ssh_packet_receive(pair[1], text, sizeof(text), &n, fds, &fd_count, &e), &e);
	check_int(n, 5);
	check_int(fd_count, 3);
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
	check_ok(ssh_packet_send(pair[0], "far too long", 12, NULL, 0, &e), &e);
	check_err(ssh_packet_receive(pair[1], text, sizeof(text), &n, fds, &fd_count, &e), &e,
		  ERR_INVALID, "too large");
	close(pair[0]);
	check_ok(ssh_packet_receive(pair[1], text, sizeof(text), &n, fds, &fd_count, &e), &e);
	check_int(n, 0);
	close(pair[1]);
}

RUN_TESTS(TEST(an_ask_that_was_made_here_is_accepted), TEST(an_ask_out_of_range_is_refused),
	  TEST(a_command_without_an_end_and_a_short_packet_are_refused),
	  TEST(an_answer_must_bring_the_descriptors_of_its_verdict),
	  TEST(a_long_sentence_is_cut_at_a_character),
	  TEST(a_packet_carries_descriptors_and_an_end))
