/* What a pushing client says before its pack, packet by packet. */
#include "git/pktline.h"
#include "roles/git_commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_command(const struct git_command_line *c)
{
	unsigned char bytes[20];

	ASSERT(str_to_bytes(str_c(c->old_oid), bytes, sizeof(bytes)));
	ASSERT(str_to_bytes(str_c(c->new_oid), bytes, sizeof(bytes)));
	ASSERT(c->name.n > 0 && c->name.n < GIT_MESSAGE_NAME_MAX);
	ASSERT(strlen(c->name.p) == c->name.n);
}

static void check_all(const struct git_commands *c)
{
	struct err e = { 0 };

	ASSERT(c->count <= c->max && c->option_count <= GIT_PUSH_OPTIONS_MAX);
	for (size_t i = 0; i < c->count; i++)
		check_command(&c->commands[i]);
	for (size_t i = 0; i < c->option_count; i++)
		ASSERT(c->options[i].n < GIT_MESSAGE_TEXT_MAX);
	if (git_commands_check(c, &e) < 0)
		ASSERT(e.code == ERR_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(64u << 20);
	struct str rest = str_n((const char *)data, size);
	struct git_commands commands;
	struct err e = { 0 };
	struct pkt pkt;
	bool is_partial = false;
	bool in_options = false;

	git_commands_init(&commands, a, 50);
	while (pkt_parse(&rest, &pkt, &is_partial, &e) == 0 && !is_partial &&
	       pkt.kind != PKT_END_OF_STREAM) {
		int failed = 0;

		if (pkt.kind != PKT_DATA)
			in_options = true;
		else if (in_options)
			failed = git_commands_option(&commands, pkt_line(&pkt), &e);
		else
			failed = git_commands_line(&commands, pkt_line(&pkt), &e);
		if (failed) {
			ASSERT(err_is_public(e.code) && e.text[0] != '\0');
			break;
		}
	}
	check_all(&commands);
	arena_close(a);
	return 0;
}
