/*
 * The commands of `hearth-runner`: a table of name, options, function. Options
 * are `--name value`; what is left are the words.
 */
#ifndef RUNNER_COMMAND_H
#define RUNNER_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#define COMMAND_OPTIONS_MAX 8

struct command_option {
	const char *name;
	const char *value; /* as help calls it; NULL: a flag */
	const char *help;
};

struct invocation;

struct command {
	const char *name;
	const char *words;   /* for help: "JOB" */
	size_t word_count;   /* exactly */
	const char *summary; /* NULL: not for people, left out of help */
	struct command_option options[COMMAND_OPTIONS_MAX];
	/* An exit status, or a negative code with the sentence in *e. */
	int (*run)(struct invocation *in, struct err *e);
};

struct invocation {
	struct arena *arena;
	const struct command *command;
	const char *values[COMMAND_OPTIONS_MAX]; /* by position in options; flags: "" */
	char **words;
	size_t word_count;
};

/* The value of an option, or NULL. */
const char *option_value(const struct invocation *in, const char *name);
/* As option_value; ERR_INVALID if it is not there. */
MUST_USE int option_required(const struct invocation *in, const char *name, const char **value,
			     struct err *e);
/* --config, or where it is by default. */
const char *option_config(const struct invocation *in);

extern const struct command command_register;
extern const struct command command_run;
extern const struct command command_list;
extern const struct command command_verify;
extern const struct command command_unregister;
extern const struct command command_exec;
extern const struct command command_job;

#endif
