#include "runner/config.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/random.h"

#include <libgen.h>
#include <stddef.h>

#define FILE_MAX (1u << 20)

#define GLOBAL(key_, type_, default_, min_, max_, choices_, sentence_)                       \
	{                                                                                    \
		"global", #key_, SETTING_##type_, default_, min_, max_, choices_, sentence_, \
			offsetof(struct runner_config, key_)                                 \
	}
#define LIMIT(key_, type_, field_, max_, sentence_)                              \
	{                                                                        \
		"global", #key_, SETTING_##type_, "0", 0, max_, NULL, sentence_, \
			offsetof(struct runner_config, limits.field_)            \
	}
#define RUNNER(key_, type_, default_, min_, max_, sentence_)                             \
	{                                                                                \
		"runner", #key_, SETTING_##type_, default_, min_, max_, NULL, sentence_, \
			offsetof(struct registration, key_)                              \
	}

static const struct setting global_rows[] = {
	GLOBAL(concurrent, NUMBER, "1", 1, 256, NULL, "Jobs at once, over all registrations."),
	GLOBAL(check_interval, DURATION, "3s", 1, 3600, NULL,
	       "Pause between two questions for work, where the forge does not hold them."),
	GLOBAL(builds_dir, PATH, "/var/lib/hearth-runner/builds", 0, 1024, NULL,
	       "Where jobs work."),
	GLOBAL(metrics_listen, ADDRESS, "", 0, 256, NULL, "Address for /metrics; empty: none."),
	GLOBAL(kill_grace, DURATION, "10s", 1, 300, NULL,
	       "Time between TERM and KILL for what a job leaves behind."),
	GLOBAL(cgroup_root, TEXT, "", 0, 1024, NULL,
	       "Control group below which each job gets one; empty: ours if it is delegated; or "
	       "none."),
	LIMIT(memory_limit, SIZE, memory, 1LL << 50,
	      "Memory of a job; 0: no limit. Needs a control group, as the next two do."),
	LIMIT(process_limit, NUMBER, processes, 1 << 22, "Processes of a job at once."),
	LIMIT(cpu_limit, NUMBER, cpus, 4096, "Processors that a job may keep busy."),
	GLOBAL(log_level, CHOICE, "info", 0, 0, "debug|info|warn|error", "What is logged."),
};

static const struct setting runner_rows[] = {
	RUNNER(url, URL, "", 0, 1024, "The forge."),
	RUNNER(token, SECRET, "", 0, 512, "The runner's token (glrt-...)."),
	RUNNER(executor, TEXT, "shell", 1, 64, "shell or bubblewrap."),
	RUNNER(limit, NUMBER, "0", 0, 256, "Jobs of this registration at once; 0: no own limit."),
	RUNNER(output_limit, SIZE, "4M", 1024, 512LL << 20, "Bytes of a job's log."),
};

static const struct settings_table global_table = { global_rows, ARRAY_LEN(global_rows),
						    "HEARTH_RUNNER_" };
static const struct settings_table runner_table = { runner_rows, ARRAY_LEN(runner_rows), NULL };

static int read_system_id(struct arena *a, const char *path, struct runner_config *config,
			  struct err *e)
{
	char *file = arena_strf(a, "%s/.system_id", dirname(arena_strdup(a, path)));
	struct str text;

	if (fs_read(a, file, 100, &text, e) == 0 && str_trim(text).n > 2) {
		config->system_id = arena_cstr(a, str_trim(text));
		return 0;
	}
	err_clear(e);
	text = arena_fmt(a, "s_%.*s", STR_FMT(random_hex(a, 6)));
	config->system_id = text.p;
	if (fs_make_folder(dirname(arena_strdup(a, path)), 0755, e) < 0)
		return -(int)e->code;
	return fs_write_atomic(file, text, 0644, e);
}

static int check_registration(const struct registration *r, struct err *e)
{
	if (r->url[0] == '\0' || r->token[0] == '\0')
		return err_set(e, ERR_INVALID, "[runner %s] needs url and token", r->name);
	return 0;
}

static int read_registrations(struct arena *a, const struct settings_file *file,
			      struct runner_config *config, struct settings_problems *problems,
			      struct err *e)
{
	config->registrations = ARENA_ARRAY(a, struct registration, file->section_count);
	for (size_t i = 0; i < file->section_count; i++) {
		struct registration *r = &config->registrations[config->registration_count];

		if (!str_eq(file->sections[i].section, STR("runner")))
			continue;
		if (config->registration_count == REGISTRATIONS_MAX)
			return err_set(e, ERR_INVALID, "more than %d registrations",
				       REGISTRATIONS_MAX);
		settings_apply(a, &runner_table, file, file->sections[i].label, r, NULL, problems);
		r->name = arena_cstr(a, file->sections[i].label);
		if (check_registration(r, e) < 0)
			return -(int)e->code;
		config->registration_count++;
	}
	return 0;
}

static int read_file(struct arena *a, const char *path, struct settings_file *file,
		     struct settings_problems *problems, struct err *e)
{
	struct str text = STR("");

	if (fs_read(a, path, FILE_MAX, &text, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -(int)e->code;
		err_clear(e);
	}
	*file = (struct settings_file){ .path = path };
	settings_parse(a, text, file, problems);
	return 0;
}

int runner_config_read(struct arena *a, const char *path, struct runner_config *config,
		       struct err *e)
{
	const struct settings_table *const tables[] = { &global_table, &runner_table };
	struct settings_problems problems = { 0 };
	struct settings_file file;

	*config = (struct runner_config){ .path = path };
	if (read_file(a, path, &file, &problems, e) < 0)
		return -(int)e->code;
	settings_apply(a, &global_table, &file, STR_NONE, config, NULL, &problems);
	if (read_registrations(a, &file, config, &problems, e) < 0)
		return err_add(e, "%s", path);
	settings_unknown(a, tables, ARRAY_LEN(tables), &file, &problems);
	if (settings_check(&problems, path, e) < 0)
		return -(int)e->code;
	return read_system_id(a, path, config, e);
}

static bool is_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (strchr("[]\"\n\r\t", name.p[i]))
			return false;
	return name.n > 0 && name.n <= 100 && str_is_utf8_text(name);
}

static bool has_section(const struct settings_file *file, const char *name)
{
	for (size_t i = 0; i < file->section_count; i++)
		if (str_eq(file->sections[i].section, STR("runner")) &&
		    str_eq_c(file->sections[i].label, name))
			return true;
	return false;
}

int runner_config_add(struct arena *a, const char *path, const struct registration *r,
		      struct err *e)
{
	struct settings_problems problems = { 0 };
	struct settings_file file;
	struct str text = STR("");
	struct str whole;

	if (!is_name(str_c(r->name)))
		return err_set(e, ERR_INVALID,
			       "a registration's name has 1 to 100 characters, "
			       "without brackets and quotes");
	if (read_file(a, path, &file, &problems, e) < 0 || settings_check(&problems, path, e) < 0)
		return -(int)e->code;
	if (has_section(&file, r->name))
		return err_set(e, ERR_CONFLICT,
			       "%s has a [runner %s] already; choose another --name, or "
			       "unregister it first",
			       path, r->name);
	if (fs_read(a, path, FILE_MAX, &text, e) < 0)
		err_clear(e);
	whole = arena_fmt(a, "%.*s%s[runner %s]\nurl = %s\ntoken = %s\nexecutor = %s\n",
			  STR_FMT(text), text.n > 0 ? "\n" : "", r->name, r->url, r->token,
			  r->executor);
	if (fs_make_folder(dirname(arena_strdup(a, path)), 0755, e) < 0)
		return -(int)e->code;
	return fs_write_atomic(path, whole, 0600, e);
}

/* The line opens a section; is it the one? */
static bool opens_section(struct arena *a, struct str line, const char *name, bool *is_it)
{
	struct str trimmed = str_trim(line);

	if (!str_starts(trimmed, STR("[")))
		return false;
	*is_it = str_eq_c(trimmed, arena_strf(a, "[runner %s]", name));
	return true;
}

int runner_config_remove(struct arena *a, const char *path, const char *name, struct err *e)
{
	bool is_it = false;
	bool found = false;
	struct str text;
	struct str line;
	struct buf kept;
	int result;

	if (fs_read(a, path, FILE_MAX, &text, e) < 0)
		return -(int)e->code;
	buf_init(&kept, FILE_MAX);
	while (str_cut(&text, '\n', &line)) {
		(void)opens_section(a, line, name, &is_it);
		found = found || is_it;
		if (is_it || (str_is_none(text) && line.n == 0))
			continue;
		buf_add(&kept, line);
		buf_add_char(&kept, '\n');
	}
	if (found)
		result = fs_write_atomic(path, buf_str(&kept), 0600, e);
	else
		result = err_set(e, ERR_NOT_FOUND, "%s has no [runner %s]", path, name);
	buf_fini(&kept);
	return result;
}
