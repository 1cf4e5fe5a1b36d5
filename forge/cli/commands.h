/*
 * All commands, in the order of `hearth --help`. A row COMMAND(user_add) is the
 * struct command_user_add of one file in this folder; adding a command is
 * writing that file and a row here.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

#define COMMANDS(X)       \
	X(up)             \
	X(serve)          \
	X(migrate)        \
	X(config_check)   \
	X(doctor)         \
	X(backup)         \
	X(restore)        \
	X(user_add)       \
	X(user_list)      \
	X(user_block)     \
	X(user_unblock)   \
	X(user_passwd)    \
	X(key_add)        \
	X(token_create)   \
	X(token_revoke)   \
	X(project_create) \
	X(project_list)   \
	X(runner_create)  \
	X(runner_list)    \
	X(runner_revoke)  \
	X(ci_lint)        \
	X(ci_plan)        \
	X(ci_rule)        \
	X(first_start)    \
	X(local_runner)

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
