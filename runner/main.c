/*
 * hearth-runner: words to a command. The hidden words `step` and `artifact` are
 * processes of their own with plain arguments and come first: what they are
 * given is made by this program alone.
 */
#include "runner/artifact.h"
#include "runner/command.h"
#include "runner/version.h"

static const struct command *const commands[] = {
	&command_register,   &command_run,  &command_list, &command_verify,
	&command_unregister, &command_exec, &command_job,
};

static int say_error(const struct err *e)
{
	dprintf(STDERR_FILENO, "hearth-runner: %s\n", e->text[0] ? e->text : err_sentence(e));
	return 1;
}

/* artifact pack FOLDER [--path GLOB | --exclude GLOB]... > zip, artifact unpack FOLDER < zip */
static int run_artifact(struct arena *a, char **words, int count)
{
	struct artifact_choice choice = {
		.paths = { ARENA_ARRAY(a, struct str, (size_t)count), 0 },
		.exclude = { ARENA_ARRAY(a, struct str, (size_t)count), 0 },
	};
	struct err e = { 0 };
	size_t files;
	int result;

	if (count < 2)
		return 2;
	for (int i = 2; i + 1 < count; i += 2) {
		struct str_list *list =
			strcmp(words[i], "--path") == 0 ? &choice.paths : &choice.exclude;

		list->items[list->count++] = str_c(words[i + 1]);
	}
	if (strcmp(words[0], "pack") == 0)
		result = artifact_pack(words[1], &choice, STDOUT_FILENO, &files, &e);
	else
		result = artifact_unpack(words[1], STDIN_FILENO, &files, &e);
	if (result < 0)
		return say_error(&e);
	dprintf(STDERR_FILENO, "%zu files\n", files);
	return 0;
}

static void say_help(void)
{
	printf("usage: hearth-runner COMMAND\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (commands[i]->summary)
			printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n`hearth-runner COMMAND --help` tells its options.\n");
}

static void say_command_help(const struct command *command)
{
	printf("usage: hearth-runner %s%s%s\n\n%s\n\n", command->name, command->words ? " " : "",
	       command->words ? command->words : "", command->summary);
	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++) {
		const struct command_option *option = &command->options[i];

		printf("  --%s%s%s\n      %s\n", option->name, option->value ? " " : "",
		       option->value ? option->value : "", option->help);
	}
}

static int read_option(struct invocation *in, const char *name, const char *next, int *used,
		       struct err *e)
{
	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && in->command->options[i].name; i++) {
		const struct command_option *option = &in->command->options[i];

		if (strcmp(option->name, name) != 0)
			continue;
		if (option->value && next == NULL)
			return err_set(e, ERR_INVALID, "--%s needs a value", name);
		in->values[i] = option->value ? next : "";
		*used = option->value ? 2 : 1;
		return 0;
	}
	return err_set(e, ERR_INVALID, "hearth-runner %s has no option --%s; see --help",
		       in->command->name, name);
}

static int read_words(struct invocation *in, char **words, int count, struct err *e)
{
	in->words = ARENA_ARRAY(in->arena, char *, (size_t)count + 1);
	for (int i = 0; i < count;) {
		int used = 1;

		if (strncmp(words[i], "--", 2) != 0)
			in->words[in->word_count++] = words[i];
		else if (read_option(in, words[i] + 2, i + 1 < count ? words[i + 1] : NULL, &used,
				     e) < 0)
			return -(int)e->code;
		i += used;
	}
	if (in->word_count != in->command->word_count)
		return err_set(e, ERR_INVALID, "usage: hearth-runner %s %s", in->command->name,
			       in->command->words ? in->command->words : "");
	return 0;
}

static int run_command(struct arena *a, const struct command *command, char **words, int count)
{
	struct invocation in = { .arena = a, .command = command };
	struct err e = { 0 };
	int status;

	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], "--help") == 0 && command->summary) {
			say_command_help(command);
			return 0;
		}
	}
	if (read_words(&in, words, count, &e) < 0) {
		say_error(&e);
		return 2;
	}
	status = command->run(&in, &e);
	return status < 0 ? say_error(&e) : status;
}

static int run_named(struct arena *a, const char *name, char **words, int count)
{
	if (strcmp(name, "artifact") == 0)
		return run_artifact(a, words, count);
	if (strcmp(name, "--version") == 0) {
		printf(RUNNER_NAME " " RUNNER_VERSION "\n");
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(name, commands[i]->name) == 0)
			return run_command(a, commands[i], words, count);
	if (strcmp(name, "--help") != 0 && strcmp(name, "help") != 0) {
		dprintf(STDERR_FILENO, "hearth-runner: no command `%s`; see --help\n", name);
		return 2;
	}
	say_help();
	return 0;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_open(0);
	int status;

	if (argc < 2) {
		say_help();
		status = 2;
	} else {
		status = run_named(a, argv[1], argv + 2, argc - 2);
	}
	arena_close(a);
	return status;
}
