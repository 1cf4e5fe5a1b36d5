#include "config.h"

#include "base/fs.h"

#define CONFIG_FILE_MAX (256 * 1024)

static const struct setting rows[] = {
#define CONFIG_ROW(section, type, key, preset, min, max, choices, sentence) \
	{ #section, #key,     SETTING_##type,                               \
	  preset,   (min),    (max),                                        \
	  choices,  sentence, offsetof(struct config, key) },
	CONFIG_TABLE(CONFIG_ROW)
};

const struct settings_table config_table = { rows, ARRAY_LEN(rows), "HEARTH_" };

const char *config_path(struct arena *a, const char *data)
{
	return arena_strf(a, "%s/hearth.conf", data);
}

/* "0.0.0.0" is where one listens, not where one goes. */
static struct str reachable_host(struct str host)
{
	if (host.n == 0 || str_eq_c(host, "0.0.0.0") || str_eq_c(host, "::"))
		return STR("localhost");
	return host;
}

static const char *join_address(struct arena *a, struct str host, int port)
{
	if (str_has(host, ':'))
		return arena_strf(a, "[%.*s]:%d", STR_FMT(host), port);
	return arena_strf(a, "%.*s:%d", STR_FMT(host), port);
}

static struct str url_host(const char *url)
{
	struct str rest = str_c(url);
	struct str host;
	int port;

	if (!str_cut_prefix(&rest, STR("https://")))
		(void)str_cut_prefix(&rest, STR("http://"));
	rest = str_upto(rest, str_find(rest, '/'));
	if (settings_address_split(rest, &host, &port))
		return host;
	return rest;
}

static void work_out(struct arena *a, struct config *c, struct settings_problems *problems)
{
	struct str host;
	int port;

	if (!*c->external_url && settings_address_split(str_c(c->http_listen), &host, &port))
		c->external_url =
			arena_strf(a, "http://%s", join_address(a, reachable_host(host), port));
	if (!*c->runner_url)
		c->runner_url = c->external_url;
	if (!*c->ssh_external && settings_address_split(str_c(c->ssh_listen), &host, &port))
		c->ssh_external = join_address(a, url_host(c->external_url), port);
	if (c->connection_limit_per_address > c->connection_limit)
		c->connection_limit_per_address = c->connection_limit;
	if (str_eq_c(str_c(c->http_listen), c->ssh_listen))
		settings_problem_add(a, problems, "http_listen and ssh_listen are both %s",
				     c->http_listen);
}

int config_load(struct arena *a, const char *path, struct config *config,
		struct config_report *report, struct err *e)
{
	static const struct settings_table *const tables[] = { &config_table };
	struct settings_file file = { .path = path };
	struct config_report mine = { 0 };
	struct str text;
	struct err read_error;

	if (!report)
		report = &mine;
	*report = (struct config_report){ .path = path };
	report->values = ARENA_ARRAY(a, struct setting_value, config_table.count);
	if (fs_read(a, path, CONFIG_FILE_MAX, &text, &read_error) == 0) {
		report->file_exists = true;
		settings_parse(a, text, &file, &report->problems);
		settings_unknown(a, tables, ARRAY_LEN(tables), &file, &report->problems);
	} else if (read_error.code != ERR_NOT_FOUND) {
		*e = read_error;
		return err_add(e, "settings");
	}
	settings_apply(a, &config_table, &file, STR_NONE, config, report->values,
		       &report->problems);
	work_out(a, config, &report->problems);
	return settings_check(&report->problems, path, e);
}

void config_write(const struct config_report *report, struct buf *out)
{
	const char *section = "";

	buf_add_c(
		out,
		"# Hearth's settings. A line without # is set, the others show the default.\n"
		"# The environment (HEARTH_<KEY>) goes before this file. `hearth config check`\n"
		"# shows what holds; `hearth up` reads the file when it starts or gets SIGHUP.\n");
	for (size_t i = 0; i < config_table.count; i++) {
		const struct setting *row = &config_table.rows[i];
		const struct setting_value *v = &report->values[i];

		if (strcmp(section, row->section) != 0)
			buf_addf(out, "\n[%s]\n", row->section);
		section = row->section;
		buf_addf(out, "# %s\n", row->sentence);
		if (v->origin == SETTING_FROM_DEFAULT || row->type == SETTING_SECRET)
			buf_addf(out, "#%s = %s\n", row->key, row->default_text);
		else
			buf_addf(out, "%s = %s\n", row->key, v->text);
	}
}

struct str config_base_path(const struct config *config)
{
	struct str rest = str_c(config->external_url);
	size_t scheme = str_find_str(rest, STR("://"));

	rest = str_from(rest, scheme + 3);
	return str_from(rest, str_find(rest, '/'));
}

struct str config_runner_redis(const struct config *config, struct arena *a)
{
	struct str host;
	int port;

	if (!settings_address_split(str_c(config->runner_redis), &host, &port))
		return STR_NONE;
	if (host.n == 0 || str_eq_c(host, "0.0.0.0") || str_eq_c(host, "::"))
		host = url_host(config->external_url);
	return str_c(join_address(a, host, port));
}

bool config_is_https(const struct config *config)
{
	return str_starts(str_c(config->external_url), STR("https://"));
}
