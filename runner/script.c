#include "runner/script.h"

#include "base/base64.h"
#include "base/url.h"
#include "runner/version.h"

#define CREDENTIALS_MAX 8192
/* Of one script: names are looked up one by one, and the runner does nothing else meanwhile. */
#define REFERENCES_MAX 20000

void script_quote(struct buf *out, struct str value)
{
	buf_add_char(out, '\'');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\'')
			buf_add_c(out, "'\\''");
		else if (value.p[i] != '\0')
			buf_add_char(out, value.p[i]);
	}
	buf_add_char(out, '\'');
}

static const struct job_variable *find_variable(const struct job *job, struct str key)
{
	for (size_t i = job->variable_count; i > 0; i--)
		if (str_eq(job->variables[i - 1].key, key))
			return &job->variables[i - 1];
	return NULL;
}

static bool is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* The name of a $NAME or ${NAME} at the start of s, and how long the reference is. */
static size_t reference(struct str s, struct str *name)
{
	size_t skip = s.n > 1 && s.p[1] == '{' ? 2 : 1;
	size_t n = 0;

	while (skip + n < s.n && is_name_char(s.p[skip + n]))
		n++;
	*name = str_upto(str_from(s, skip), n);
	if (n == 0 || (skip == 2 && (skip + n >= s.n || s.p[skip + n] != '}')))
		return 0;
	return skip + n + (skip == 2 ? 1 : 0);
}

static struct str own_value(const struct script_place *place, struct str name)
{
	if (str_eq(name, STR("CI_PROJECT_DIR")))
		return str_c(place->project);
	return str_eq(name, STR("CI_BUILDS_DIR")) ? str_c(place->builds) : STR_NONE;
}

/* Values that refer to values, five deep. What exceeds the limits stays as it was written. */
struct expansion {
	const struct job *job;
	const struct script_place *place;
	size_t steps; /* references put in so far: they may multiply and give no byte */
	struct buf out;
};

static bool is_too_much(const struct expansion *x)
{
	return x->out.full || x->steps > REFERENCES_MAX;
}

static void expand_into(struct expansion *x, struct str value, int depth)
{
	for (size_t i = 0; i < value.n && !is_too_much(x);) {
		struct str rest = str_from(value, i);
		const struct job_variable *variable;
		struct str name;
		size_t length;

		if (str_starts(rest, STR("$$"))) {
			buf_add_char(&x->out, '$');
			i += 2;
			continue;
		}
		length = rest.p[0] == '$' ? reference(rest, &name) : 0;
		if (length == 0) {
			buf_add_char(&x->out, rest.p[0]);
			i++;
			continue;
		}
		x->steps++;
		variable = find_variable(x->job, name);
		if (variable == NULL)
			buf_add(&x->out, own_value(x->place, name));
		else if (variable->is_file)
			buf_addf(&x->out, "%s/%.*s", x->place->files, STR_FMT(name));
		else if (variable->is_raw || depth == 0)
			buf_add(&x->out, variable->value);
		else
			expand_into(x, variable->value, depth - 1);
		i += length;
	}
}

static struct str expand(struct expansion *x, struct arena *a, struct str value)
{
	struct str expanded = value;

	if (!str_has(value, '$') || is_too_much(x))
		return value;
	buf_init(&x->out, SCRIPT_MAX);
	expand_into(x, value, 5);
	if (!is_too_much(x))
		expanded = arena_str(a, buf_str(&x->out));
	buf_fini(&x->out);
	return expanded;
}

struct str script_expand(struct arena *a, const struct job *job, const struct script_place *place,
			 struct str value)
{
	return expand(&(struct expansion){ .job = job, .place = place }, a, value);
}

static void export(struct buf *out, struct str key, struct str value)
{
	buf_addf(out, "export %.*s=", STR_FMT(key));
	script_quote(out, value);
	buf_add_char(out, '\n');
}

static void export_own(const struct script_place *place, const char *job_status, struct buf *out)
{
	char slot[24];

	snprintf(slot, sizeof(slot), "%d", place->slot);
	export(out, STR("CI_BUILDS_DIR"), str_c(place->builds));
	export(out, STR("CI_PROJECT_DIR"), str_c(place->project));
	export(out, STR("CI_CONCURRENT_ID"), str_c(slot));
	export(out, STR("CI_CONCURRENT_PROJECT_ID"), str_c(slot));
	export(out, STR("CI_SERVER"), STR("yes"));
	export(out, STR("CI_JOB_STATUS"), str_c(job_status));
}

/* A file variable's value goes into a file of its own; the variable holds the path. */
static void export_file(const struct script_place *place, const struct job_variable *variable,
			struct buf *out)
{
	buf_addf(out, "printf '%%s' ");
	script_quote(out, variable->value);
	buf_addf(out, " > ");
	script_quote(out, str_c(place->files));
	buf_addf(out, "/%.*s\n", STR_FMT(variable->key));
	buf_addf(out, "export %.*s=", STR_FMT(variable->key));
	script_quote(out, str_c(place->files));
	buf_addf(out, "/%.*s\n", STR_FMT(variable->key));
}

static void export_variables(struct arena *a, const struct job *job,
			     const struct script_place *place, const char *job_status,
			     struct buf *out)
{
	struct expansion x = { .job = job, .place = place }; /* limited together */

	export_own(place, job_status, out);
	for (size_t i = 0; i < job->variable_count; i++) {
		const struct job_variable *variable = &job->variables[i];

		if (find_variable(job, variable->key) != variable)
			continue;
		if (variable->is_file)
			export_file(place, variable, out);
		else
			export(out, variable->key,
			       variable->is_raw ? variable->value : expand(&x, a, variable->value));
	}
	export(out, STR("CI_RUNNER_VERSION"), STR(RUNNER_VERSION));
	export(out, STR("CI_DISPOSABLE_ENVIRONMENT"), STR("true"));
}

/* The workspace has its folders, but a job may have removed them. Each program costs a millisecond.
 */
static void make_folder(const char *mode, const char *path, struct buf *out)
{
	buf_add_c(out, "[ -d ");
	script_quote(out, str_c(path));
	buf_addf(out, " ] || mkdir -p -m %s ", mode);
	script_quote(out, str_c(path));
	buf_add_char(out, '\n');
}

static void start_script(const struct script_place *place, struct buf *out)
{
	buf_add_c(out, "if set -o pipefail 2>/dev/null; then :; fi\nset -e\numask 022\n");
	make_folder("700", place->files, out);
}

static void go_to_project(const struct script_place *place, struct buf *out)
{
	make_folder("755", place->project, out);
	buf_add_c(out, "cd ");
	script_quote(out, str_c(place->project));
	buf_add_char(out, '\n');
}

/* "http://user:password@host/path" in its parts; false if it has no credentials. */
static bool split_url(struct str url, struct str *scheme, struct str *credentials, struct str *rest)
{
	size_t begin = str_find_str(url, STR("://")) + 3;
	struct str host;
	size_t at;

	if (begin > url.n)
		return false;
	host = str_from(url, begin);
	at = str_find_last(str_upto(host, str_find(host, '/')), '@');
	if (at >= str_find(host, '/'))
		return false;
	*scheme = str_upto(url, begin);
	*credentials = str_upto(host, at);
	*rest = str_from(host, at + 1);
	return true;
}

struct str script_basic_credentials(struct arena *a, const struct job *job)
{
	struct str credentials;
	struct str decoded;
	struct str scheme;
	struct str rest;
	struct str text;
	struct buf out;

	if (!split_url(job->repo_url, &scheme, &credentials, &rest) ||
	    !url_decode(a, credentials, &decoded))
		return STR_NONE;
	buf_init(&out, CREDENTIALS_MAX);
	base64_encode(&out, decoded);
	text = arena_str(a, buf_str(&out));
	buf_fini(&out);
	return text;
}

static void add_config(struct buf *out, const char *format, struct str value)
{
	buf_addf(out, "printf '%s' ", format);
	script_quote(out, value);
	buf_add_c(out, " >> .git/config\n");
}

/*
 * git gives a remote's URL to its helper as an argument, and arguments are everybody's to read.
 * So the job's token goes into the folder's own configuration as a header for this one
 * repository; printf is the shell's own and no process.
 */
static void add_remote(struct arena *a, const struct job *job, const struct script_place *place,
		       struct buf *out)
{
	struct str url = place->bundle ? str_c(place->bundle) : job->repo_url;
	struct str basic = place->bundle ? STR_NONE : script_basic_credentials(a, job);
	struct str credentials;
	struct str scheme;
	struct str rest;

	if (!str_is_none(basic) && split_url(url, &scheme, &credentials, &rest))
		url = arena_fmt(a, "%.*s%.*s", STR_FMT(scheme), STR_FMT(rest));
	buf_add_c(out, "git init -q --template= .\n");
	add_config(out, "[remote \"origin\"]\\n\\turl = \"%s\"\\n", url);
	if (str_is_none(basic))
		return;
	add_config(out, "[http \"%s\"]\\n", url);
	add_config(out, "\\textraHeader = \"Authorization: Basic %s\"\\n", basic);
}

static int64_t depth_of(const struct job *job)
{
	int64_t depth;

	if (str_to_i64(job_variable_value(job, "GIT_DEPTH"), &depth) && depth >= 0)
		return depth;
	return job->depth;
}

static void add_fetch(const struct job *job, struct buf *out)
{
	int64_t depth = depth_of(job);

	buf_add_c(out,
		  "git -c core.hooksPath=/dev/null -c maintenance.auto=false fetch -q --no-tags "
		  "--prune --force");
	if (depth > 0)
		buf_addf(out, " --depth %lld", (long long)depth);
	buf_add_c(out, " origin");
	for (size_t i = 0; i < job->refspecs.count; i++) {
		buf_add_char(out, ' ');
		script_quote(out, job->refspecs.items[i]);
	}
	buf_add_char(out, '\n');
}

int script_sources(struct arena *a, const struct job *job, const struct script_place *place,
		   struct buf *out, struct err *e)
{
	struct str strategy = job_variable_value(job, "GIT_STRATEGY");
	struct str submodules = job_variable_value(job, "GIT_SUBMODULE_STRATEGY");

	if (!str_is_empty(submodules) && !str_eq(submodules, STR("none")))
		return err_set(e, ERR_INVALID,
			       "GIT_SUBMODULE_STRATEGY is not supported by this runner; fetch "
			       "submodules in the script");
	start_script(place, out);
	buf_add_c(out, "export GIT_TERMINAL_PROMPT=0\n");
	go_to_project(place, out);
	if (str_eq(strategy, STR("none")) || str_eq(strategy, STR("empty"))) {
		buf_add_c(out, "echo 'Skipping Git repository setup'\n");
		return 0;
	}
	add_remote(a, job, place, out);
	add_fetch(job, out);
	buf_add_c(out, "echo 'Checking out ");
	script_quote(out, str_upto(job->sha, 8));
	buf_add_c(out,
		  " as detached HEAD'\ngit -c core.hooksPath=/dev/null checkout -q -f --detach ");
	script_quote(out, job->sha);
	buf_add_char(out, '\n');
	return 0;
}

/* The command is shown in green before it runs; of one with many lines the first is. */
static void add_command(struct str command, struct buf *out)
{
	size_t end = str_find(command, '\n');
	struct str first = str_upto(command, end);

	if (str_trim(command).n == 0) {
		buf_add_c(out, "echo\n");
		return;
	}
	buf_add_c(out, "printf '\\033[32;1m$ %s\\033[0;m\\n' ");
	script_quote(out, first);
	if (end < command.n)
		buf_add_c(out, "' # collapsed multi-line command'");
	buf_addf(out, "\n%.*s\n", STR_FMT(command));
}

void script_commands(struct arena *a, const struct job *job, const struct script_place *place,
		     const struct job_step *step, const char *job_status, struct buf *out)
{
	start_script(place, out);
	export_variables(a, job, place, job_status, out);
	go_to_project(place, out);
	for (size_t i = 0; i < step->script.count; i++)
		add_command(step->script.items[i], out);
}
