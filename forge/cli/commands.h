/*
 * All commands, in the order of `hearth --help`. A row COMMAND(user_add) is the
 * struct command_user_add of one file in this folder; adding a command is
 * writing that file and a row here.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

#define COMMANDS(X) \
	X(config_check)

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
