#include "cli/doctor.h"

#include "cli/commands.h"

static const char *const words[] = {
	[FINDING_FINE] = "ok",
	[FINDING_NOTE] = "note",
	[FINDING_BAD] = "BAD",
};

static void find(struct doctor *d, enum finding finding, const char *next, const char *format,
		 va_list args) PRINTF_LIKE(4, 0);

static void find(struct doctor *d, enum finding finding, const char *next, const char *format,
		 va_list args)
{
	char text[ERR_TEXT_MAX];

	vsnprintf(text, sizeof(text), format, args);
	d->finding = finding;
	d->text = arena_strdup(d->arena, text);
	d->next = next ? arena_strdup(d->arena, next) : NULL;
}

void doctor_fine(struct doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	find(d, FINDING_FINE, NULL, format, args);
	va_end(args);
}

void doctor_note(struct doctor *d, const char *next, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	find(d, FINDING_NOTE, next, format, args);
	va_end(args);
}

void doctor_bad(struct doctor *d, const char *next, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	find(d, FINDING_BAD, next, format, args);
	va_end(args);
}

static void say(struct cli *cli, const struct doctor_check *check, const struct doctor *d)
{
	cli_say(cli, "%-5s %-13s %s", words[d->finding], check->name, d->text);
	if (d->next)
		cli_say(cli, "%-19s -> %s", "", d->next);
	if (!cli->json)
		return;
	jsonw_object(&cli->to);
	jsonw_field_str(&cli->to, "check", str_c(check->name));
	jsonw_field_str(&cli->to, "finding", str_c(words[d->finding]));
	jsonw_field_str(&cli->to, "text", str_c(d->text));
	jsonw_field_str(&cli->to, "next", str_c(d->next));
	jsonw_end(&cli->to);
}

static size_t run_checks(struct cli *cli, struct doctor *d, const struct doctor_check *checks,
			 size_t count)
{
	size_t bad = 0;

	for (size_t i = 0; i < count; i++) {
		d->text = NULL;
		d->next = NULL;
		checks[i].run(d);
		/* A check that has nothing to look at says nothing. */
		if (!d->text)
			continue;
		say(cli, &checks[i], d);
		bad += d->finding == FINDING_BAD;
	}
	return bad;
}

static int doctor(struct cli *cli, struct err *e UNUSED)
{
	struct doctor d = { .arena = cli->arena, .data_given = cli->data };
	size_t bad;

	if (cli->json)
		jsonw_array(&cli->to);
	bad = run_checks(cli, &d, doctor_host_checks, doctor_host_count);
	bad += run_checks(cli, &d, doctor_instance_checks, doctor_instance_count);
	if (cli->json)
		jsonw_end(&cli->to);
	app_close(d.app);
	if (bad == 0)
		cli_say(cli, "\nNothing is wrong.");
	else
		cli_say(cli, "\nWrong: %zu.", bad);
	return bad == 0 ? 0 : 1;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "Looks for what is wrong with the instance and its host, and says what to do.",
	.help = "Rights, settings, ports, PostgreSQL, Redis, disk, git, sandbox, clock, schema,\n"
		"repositories. Changes nothing. Exit status 1 if something is bad.",
	.needs = COMMAND_NEEDS_NOTHING,
	.run = doctor,
};
