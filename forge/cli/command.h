/*
 * The commands of `hearth`: one table (commands.h names them all), one struct a
 * command, one function that does it. --help, --json, --data and the checking
 * of words are the table's work; a command reads checked input, calls the
 * domain once, and says the result.
 *
 *	static const struct command_option options[] = {
 *		{ "email", "E", "the person's address" , OPTION_REQUIRED },
 *		{ "admin", NULL, "may administrate everything", 0 },
 *	};
 *	const struct command command_user_add = {
 *		.name = "user add", .arguments = "NAME", .argument_min = 1, .argument_max = 1,
 *		.summary = "Makes an account.",
 *		.options = options, .option_count = ARRAY_LEN(options),
 *		.needs = COMMAND_NEEDS_DATABASE, .run = user_add,
 *	};
 *
 * Exit status: 0 done, 1 failed (the sentence on standard error; with --json also as
 * {"error":{"code","message"}} there), 2 misuse.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "app.h"
#include "base/jsonw.h"

enum command_needs {
	COMMAND_NEEDS_NOTHING,  /* pure: no data directory; cli->app is NULL */
	COMMAND_NEEDS_DATA,     /* app_open: settings and folders */
	COMMAND_NEEDS_DATABASE, /* app_connect too, as the data directory's owner */
	COMMAND_NEEDS_ROOT,     /* as DATA, but root stays root; up and serve */
};

enum { OPTION_REQUIRED = 1, OPTION_REPEATED = 2 };

struct command_option {
	const char *name;  /* without the dashes */
	const char *value; /* how help calls the value; NULL: a flag without one */
	const char *help;
	unsigned flags;
};

/* An option that is a setting: --http is HEARTH_HTTP_LISTEN for this run. */
struct command_setting {
	const char *option; /* NULL ends the list */
	const char *variable;
	const char *value; /* of an option that is a flag; NULL: the option's own */
};

struct cli;

struct command {
	const char *name; /* one or two words */
	const char *arguments;
	const char *summary; /* one sentence */
	const char *help;    /* further lines, or NULL */
	const struct command_option *options;
	size_t option_count;
	const struct command_setting *settings; /* or NULL */
	size_t argument_min;
	size_t argument_max;
	enum command_needs needs;
	bool makes_data; /* the data directory may be missing yet */
	bool is_hidden;  /* for other parts of the program, not for people */
	/* Returns 0, or an error, or a positive exit status with nothing more to say. */
	int (*run)(struct cli *cli, struct err *e);
};

struct cli {
	struct app *app; /* NULL for COMMAND_NEEDS_NOTHING */
	const struct command *command;
	const char *data; /* --data, or NULL */
	char **argv;      /* as main got it */
	struct arena *arena;
	bool json;       /* --json: fill `json`, and nothing else */
	struct buf out;  /* written to standard output after run, also when it failed */
	struct jsonw to; /* writes into out */
	struct str_list arguments;
	struct cli_word {
		const struct command_option *option;
		const char *value;
	} * words; /* options as given, in order */
	size_t word_count;
};

/* argument `at`, as a C string; NULL if there are fewer. */
const char *cli_argument(const struct cli *cli, size_t at);
/* The (last) value of --name, or NULL. */
const char *cli_option(const struct cli *cli, const char *name);
bool cli_flag(const struct cli *cli, const char *name);
/* All values of a repeated option. */
struct str_list cli_options(const struct cli *cli, const char *name);

/* Says a line to a person; nothing under --json. */
void cli_say(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* Parses, opens the app, runs, prints. Returns the exit status. */
int cli_main(int argc, char **argv);

#endif
