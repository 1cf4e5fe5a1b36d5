/* What --help prints, from the table of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* All commands; with a group ("user") those that begin with that word. */
void help_all(const struct command *const *all, size_t count, const char *group, struct buf *out);
void help_command(const struct command *command, struct buf *out);

#endif
