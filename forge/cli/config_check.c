/*
 * `hearth config check`: every setting, its value, and where it comes from; then
 * what is wrong. It reads the file itself, because an app with a bad file does not open.
 */
#include "cli/commands.h"

#include "data_folder.h"

static const char *origin_text(struct cli *cli, const struct setting *row,
			       const struct setting_value *v)
{
	char *upper;

	switch (v->origin) {
	case SETTING_FROM_FILE:
		return arena_strf(cli->arena, "line %d", v->line);
	case SETTING_FROM_ENVIRONMENT:
		upper = arena_strf(cli->arena, "%s%s", config_table.environment, row->key);
		for (char *c = upper; *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		return upper;
	case SETTING_FROM_DEFAULT:
		break;
	}
	return "default";
}

static void show(struct cli *cli, const struct config_report *report)
{
	const char *section = "";

	for (size_t i = 0; i < config_table.count; i++) {
		const struct setting *row = &config_table.rows[i];
		const struct setting_value *v = &report->values[i];
		bool hide = row->type == SETTING_SECRET && v->text[0];

		if (strcmp(section, row->section) != 0)
			cli_say(cli, "%s[%s]", *section ? "\n" : "", row->section);
		section = row->section;
		cli_say(cli, "%-32s %-28s # %s", row->key, hide ? "(secret)" : v->text,
			origin_text(cli, row, v));
	}
}

static void show_json(struct cli *cli, const struct config_report *report)
{
	struct jsonw *w = &cli->to;

	jsonw_object(w);
	jsonw_field_str(w, "file", str_c(report->path));
	jsonw_field_bool(w, "file_exists", report->file_exists);
	jsonw_field_array(w, "settings");
	for (size_t i = 0; i < config_table.count; i++) {
		const struct setting *row = &config_table.rows[i];
		const struct setting_value *v = &report->values[i];

		jsonw_object(w);
		jsonw_field_str(w, "section", str_c(row->section));
		jsonw_field_str(w, "key", str_c(row->key));
		if (row->type == SETTING_SECRET)
			jsonw_field_null(w, "value");
		else
			jsonw_field_str(w, "value", str_c(v->text));
		jsonw_field_bool(w, "is_set", v->origin != SETTING_FROM_DEFAULT);
		jsonw_field_str(w, "origin", str_c(origin_text(cli, row, v)));
		jsonw_field_str(w, "about", str_c(row->sentence));
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_field_array(w, "problems");
	for (size_t i = 0; i < report->problems.count; i++)
		jsonw_str(w, report->problems.items[i]);
	jsonw_end(w);
	jsonw_end(w);
}

static int check(struct cli *cli, struct err *e)
{
	const char *path = cli_option(cli, "file");
	const char *data;
	struct config config;
	struct config_report report;
	int result;

	if (!path) {
		if (data_folder_choose(cli->arena, cli->data, &data, e) < 0)
			return -(int)e->code;
		path = config_path(cli->arena, data);
	}
	result = config_load(cli->arena, path, &config, &report, e);
	if (result < 0 && report.problems.count == 0)
		return result;
	if (cli->json)
		show_json(cli, &report);
	else
		show(cli, &report);
	if (report.problems.count == 0) {
		cli_say(cli, "\n%s: %s.", path,
			report.file_exists ? "nothing is wrong"
					   : "there is no such file; defaults");
		return 0;
	}
	cli_say(cli, "\n%s:", path);
	for (size_t i = 0; i < report.problems.count; i++)
		cli_say(cli, "  %.*s", STR_FMT(report.problems.items[i]));
	return 1;
}

static const struct command_option options[] = {
	{ "file", "FILE", "another settings file than the instance's hearth.conf", 0 },
};

const struct command command_config_check = {
	.name = "config check",
	.summary = "Prints every setting with its value and origin, and what is wrong.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_NOTHING,
	.run = check,
};
