/*
 * What a pushing client says before its pack: shallow lines, commands with the
 * capabilities behind the first, push options. Pure over packets; fuzzed.
 * Copies what it keeps into the arena.
 */
#ifndef ROLES_GIT_COMMANDS_H
#define ROLES_GIT_COMMANDS_H

#include "base/arena.h"
#include "base/err.h"
#include "git/message.h"

#define GIT_COMMANDS_DEFAULT_MAX 5000
#define GIT_PUSH_OPTIONS_MAX 64

struct git_command_line {
	struct str name;
	char old_oid[GIT_OID_TEXT];
	char new_oid[GIT_OID_TEXT];
};

struct git_commands {
	struct arena *arena;
	size_t max;
	struct git_command_line *commands;
	size_t count;
	size_t room;
	struct str *options;
	size_t option_count;
	bool report_status;
	bool side_band;
	bool is_quiet;
	bool is_atomic;
	bool has_push_options;
};

void git_commands_init(struct git_commands *c, struct arena *a, int64_t max);

/* One line before the first flush: "old new name[NUL capabilities]" or "shallow oid". */
MUST_USE int git_commands_line(struct git_commands *c, struct str line, struct err *e);
/* One line between the first flush and the second. */
MUST_USE int git_commands_option(struct git_commands *c, struct str line, struct err *e);
/* Rules over all of them: no ref twice. */
MUST_USE int git_commands_check(const struct git_commands *c, struct err *e);
/* True if a pack follows: some command is no deletion. */
bool git_commands_have_pack(const struct git_commands *c);

#endif
