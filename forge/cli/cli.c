/*
 * From the words of the command line to one call of a command's function.
 * Words are: the command's one or two, options (--name VALUE or --name=VALUE) and
 * arguments in any order; "--" ends the options. --data, --json and --help belong
 * to every command.
 */
#include "cli/commands.h"

#include "base/fs.h"
#include "cli/help.h"
#include "data_folder.h"

#define OUTPUT_MAX (64 * 1024 * 1024)
#define EXIT_MISUSE 2

#define COMMAND_ROW(name) &command_##name,
static const struct command *const all[] = { COMMANDS(COMMAND_ROW) };

struct parse {
	struct cli *cli;
	bool help;
	const char *group; /* only the first word of a command was given: help about its commands */
};

const char *cli_argument(const struct cli *cli, size_t at)
{
	return at < cli->arguments.count ? cli->arguments.items[at].p : NULL;
}

const char *cli_option(const struct cli *cli, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < cli->word_count; i++) {
		if (strcmp(cli->words[i].option->name, name) == 0)
			value = cli->words[i].value;
	}
	return value;
}

bool cli_flag(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->word_count; i++) {
		if (strcmp(cli->words[i].option->name, name) == 0)
			return true;
	}
	return false;
}

struct str_list cli_options(const struct cli *cli, const char *name)
{
	struct str_list list = { ARENA_ARRAY(cli->arena, struct str, cli->word_count + 1), 0 };

	for (size_t i = 0; i < cli->word_count; i++) {
		if (strcmp(cli->words[i].option->name, name) == 0)
			list.items[list.count++] = str_c(cli->words[i].value);
	}
	return list;
}

void cli_say(struct cli *cli, const char *format, ...)
{
	va_list args;

	if (cli->json)
		return;
	va_start(args, format);
	buf_vaddf(&cli->out, format, args);
	va_end(args);
	buf_add_char(&cli->out, '\n');
}

/* Finding the command */

/* The command whose name is word, or word and next. *used says how many words it took. */
static const struct command *find_command(const char *word, const char *next, size_t *used)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct str name = str_c(all[i]->name);
		size_t blank = str_find(name, ' ');

		if (!str_eq_c(str_upto(name, blank), word))
			continue;
		*used = blank < name.n ? 2 : 1;
		if (*used == 1 || (next && str_eq_c(str_from(name, blank + 1), next)))
			return all[i];
	}
	return NULL;
}

/* "user" of "user add". */
static bool is_group(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct command *command = all[i];
		struct str name;

		ASSERT(command != NULL);
		name = str_c(command->name);
		if (str_find(name, ' ') < name.n &&
		    str_eq_c(str_upto(name, str_find(name, ' ')), word))
			return true;
	}
	return false;
}

static const struct command_option *find_option(const struct command *c, struct str name)
{
	for (size_t i = 0; i < c->option_count; i++) {
		if (str_eq_c(name, c->options[i].name))
			return &c->options[i];
	}
	return NULL;
}

/* The value of an option: behind '=', or the next word. */
static int take_value(char **argv, int argc, int *at, struct str word, size_t equals,
		      const char **value, struct err *e)
{
	if (equals < word.n) {
		*value = word.p + equals + 1;
		return 0;
	}
	if (*at + 1 >= argc)
		return err_set(e, ERR_INVALID, "%s wants a value behind it.", argv[*at]);
	*value = argv[++*at];
	return 0;
}

static int take_option(struct parse *p, char **argv, int argc, int *at, struct err *e)
{
	struct cli *cli = p->cli;
	struct str word = str_c(argv[*at]);
	size_t equals = str_find(word, '=');
	struct str name = str_from(str_upto(word, equals), 2);
	const struct command_option *option = cli->command ? find_option(cli->command, name) : NULL;
	const char *value = NULL;

	if (str_eq_c(name, "help") || str_eq_c(word, "-h")) {
		p->help = true;
		return 0;
	}
	if (str_eq_c(name, "json")) {
		cli->json = true;
		return 0;
	}
	if (str_eq_c(name, "data"))
		return take_value(argv, argc, at, word, equals, &cli->data, e);
	if (!option)
		return err_set(e, ERR_INVALID, "There is no option --%.*s.", STR_FMT(name));
	if (option->value && take_value(argv, argc, at, word, equals, &value, e) < 0)
		return -(int)e->code;
	if (!option->value && equals < word.n)
		return err_set(e, ERR_INVALID, "--%s takes no value.", option->name);
	if (cli_flag(cli, option->name) && !(option->flags & OPTION_REPEATED))
		return err_set(e, ERR_INVALID, "--%s is given twice.", option->name);
	cli->words[cli->word_count++] = (struct cli_word){ option, value };
	return 0;
}

static int take_word(struct parse *p, char **argv, int argc, int *at, struct err *e)
{
	struct cli *cli = p->cli;
	const char *next = *at + 1 < argc ? argv[*at + 1] : NULL;
	size_t used = 0;

	if (cli->command) {
		cli->arguments.items[cli->arguments.count++] = str_c(argv[*at]);
		return 0;
	}
	cli->command = find_command(argv[*at], next, &used);
	if (!cli->command && is_group(argv[*at]) && (!next || next[0] == '-')) {
		p->group = argv[*at];
		return 0;
	}
	if (!cli->command)
		return err_set(e, ERR_INVALID, "There is no command %s%s%s.", argv[*at],
			       next && next[0] != '-' ? " " : "",
			       next && next[0] != '-' ? next : "");
	*at += (int)used - 1;
	return 0;
}

static int check_words(const struct cli *cli, struct err *e)
{
	const struct command *c = cli->command;

	for (size_t i = 0; i < c->option_count; i++) {
		if ((c->options[i].flags & OPTION_REQUIRED) && !cli_flag(cli, c->options[i].name))
			return err_set(e, ERR_INVALID, "--%s %s is missing.", c->options[i].name,
				       c->options[i].value ? c->options[i].value : "");
	}
	if (cli->arguments.count < c->argument_min)
		return err_set(e, ERR_INVALID, "Say %s behind `hearth %s`.", c->arguments, c->name);
	if (cli->arguments.count > c->argument_max)
		return err_set(e, ERR_INVALID, "`hearth %s` wants nothing behind %.*s.", c->name,
			       STR_FMT(c->argument_max ? cli->arguments.items[c->argument_max - 1]
						       : str_c(c->name)));
	return 0;
}

static int parse_words(struct parse *p, int argc, char **argv, struct err *e)
{
	bool options_over = false;

	for (int i = 1; i < argc; i++) {
		int result;

		if (!options_over && strcmp(argv[i], "--") == 0) {
			options_over = true;
			continue;
		}
		if (!options_over && argv[i][0] == '-' && argv[i][1] != '\0')
			result = take_option(p, argv, argc, &i, e);
		else
			result = take_word(p, argv, argc, &i, e);
		if (result < 0)
			return result;
	}
	if (p->help || !p->cli->command)
		return 0;
	return check_words(p->cli, e);
}

/* Running it */

static int open_app(struct parse *p, struct err *e)
{
	struct cli *cli = p->cli;
	enum command_needs needs = cli->command->needs;
	struct app_options options = { .role = "cli", .data = cli->data };

	for (const struct command_setting *x = cli->command->settings; x && x->option; x++) {
		if (cli_flag(cli, x->option))
			(void)!setenv(x->variable, x->value ? x->value : cli_option(cli, x->option),
				      1);
	}
	if (needs == COMMAND_NEEDS_NOTHING)
		return 0;
	options.may_create = cli->command->makes_data;
	if (app_open(&options, &cli->app, e) < 0)
		return -(int)e->code;
	if (needs == COMMAND_NEEDS_ROOT)
		return 0;
	if (privilege_drop(cli->app->owner, e) < 0)
		return -(int)e->code;
	return needs == COMMAND_NEEDS_DATABASE ? app_connect(cli->app, e) : 0;
}

static void complain(const struct cli *cli, const struct err *e)
{
	struct buf text;
	struct jsonw w;

	buf_init(&text, 4 * ERR_TEXT_MAX);
	if (cli->json) {
		w = jsonw_to(&text);
		jsonw_object(&w);
		jsonw_field_object(&w, "error");
		jsonw_field_str(&w, "code", str_c(err_name(e->code)));
		jsonw_field_str(&w, "message", str_c(e->text));
		jsonw_end(&w);
		jsonw_end(&w);
		buf_add_char(&text, '\n');
	} else {
		buf_addf(&text, "hearth: %s\n", e->text[0] ? e->text : err_sentence(e));
	}
	(void)!write(STDERR_FILENO, text.p, text.n);
	buf_fini(&text);
}

static int flush(struct cli *cli, struct err *e)
{
	if (cli->json && cli->out.n > 0)
		buf_add_char(&cli->out, '\n');
	if (buf_check(&cli->out, "The output", e) < 0)
		return -(int)e->code;
	return fs_write_all(STDOUT_FILENO, buf_str(&cli->out), e);
}

static int run(struct parse *p, struct err *e)
{
	struct err flush_error;
	int result = open_app(p, e);

	if (result < 0)
		return result;
	result = p->cli->command->run(p->cli, e);
	if (flush(p->cli, &flush_error) < 0 && result >= 0) {
		*e = flush_error;
		return -(int)e->code;
	}
	return result;
}

/* Help and misuse; -1 if the command shall run. */
static int answer_without_running(struct parse *p, int parsed, const struct err *e)
{
	struct cli *cli = p->cli;

	if (parsed < 0) {
		complain(cli, e);
		if (!cli->json)
			fprintf(stderr, "        `hearth %s%s--help` says more.\n",
				cli->command ? cli->command->name : "", cli->command ? " " : "");
		return EXIT_MISUSE;
	}
	if (!p->help && cli->command)
		return -1;
	if (cli->command)
		help_command(cli->command, &cli->out);
	else
		help_all(all, ARRAY_LEN(all), p->group, &cli->out);
	(void)!write(p->help ? STDOUT_FILENO : STDERR_FILENO, cli->out.p, cli->out.n);
	return p->help ? 0 : EXIT_MISUSE;
}

int cli_main(int argc, char **argv)
{
	struct cli cli = { .arena = arena_open(0), .argv = argv };
	struct parse p = { .cli = &cli };
	struct err e = { 0 };
	int status;

	buf_init(&cli.out, OUTPUT_MAX);
	cli.to = jsonw_to(&cli.out);
	cli.words = ARENA_ARRAY(cli.arena, struct cli_word, (size_t)argc + 1);
	cli.arguments.items = ARENA_ARRAY(cli.arena, struct str, (size_t)argc + 1);
	status = answer_without_running(&p, parse_words(&p, argc, argv, &e), &e);
	if (status < 0) {
		status = run(&p, &e);
		if (status < 0) {
			complain(&cli, &e);
			status = 1;
		}
	}
	app_close(cli.app);
	buf_fini(&cli.out);
	arena_close(cli.arena);
	return status;
}
