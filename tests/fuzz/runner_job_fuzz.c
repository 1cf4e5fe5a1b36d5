/*
 * Any bytes as the forge's answer to a runner that asks for work, and the scripts that are made
 * of it. Asserted: what is read is complete; every value that stands in quotes comes out of them
 * as it went in; values that refer to each other end within the limits.
 */
#include "runner/job.h"
#include "runner/script.h"

#include <stdint.h>

static const struct script_place place = { .builds = "/b",
					   .project = "/b/team/app",
					   .files = "/b/files" };

/* As a shell reads it: '...' and \' outside of quotes. */
static void check_quoted(struct str value, struct arena *a)
{
	struct buf quoted;
	char *plain = arena_alloc(a, value.n + 1);
	bool is_inside = false;
	size_t n = 0;

	buf_init(&quoted, 4 * value.n + 16);
	script_quote(&quoted, value);
	ASSERT(!quoted.full);
	for (size_t i = 0; i < quoted.n; i++) {
		if (quoted.p[i] == '\'') {
			is_inside = !is_inside;
			continue;
		}
		if (!is_inside)
			ASSERT(quoted.p[i] == '\\' && quoted.p[++i] == '\'');
		plain[n++] = quoted.p[i];
	}
	ASSERT(!is_inside);
	for (size_t i = 0, at = 0; i < value.n; i++)
		if (value.p[i] != '\0')
			ASSERT(at < n && plain[at++] == value.p[i] && at <= n);
	buf_fini(&quoted);
}

static void check_variables(const struct job *job, struct arena *a)
{
	for (size_t i = 0; i < job->variable_count; i++) {
		const struct job_variable *v = &job->variables[i];

		ASSERT(v->key.n > 0 && !str_is_none(v->value));
		for (size_t k = 0; k < v->key.n; k++)
			ASSERT(v->key.p[k] == '_' || (v->key.p[k] >= '0' && v->key.p[k] <= '9') ||
			       ((v->key.p[k] | 32) >= 'a' && (v->key.p[k] | 32) <= 'z'));
		check_quoted(v->value, a);
		ASSERT(script_expand(a, job, &place, v->value).n <= SCRIPT_MAX);
	}
}

static void make_scripts(const struct job *job, struct arena *a)
{
	struct err e = { 0 };
	struct buf out;

	buf_init(&out, SCRIPT_MAX);
	if (script_sources(a, job, &place, &out, &e) < 0)
		ASSERT(e.code == ERR_INVALID);
	for (size_t i = 0; i < job->step_count && i < 4; i++) {
		buf_clear(&out);
		script_commands(a, job, &place, &job->steps[i], "running", &out);
	}
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str bytes = str_n((const char *)data, size);
	struct err e = { 0 };
	struct job job;

	check_quoted(bytes, a);
	if (job_parse(a, bytes, &job, &e) == 0) {
		ASSERT(job.id > 0 && job.token.n > 0 && job.sha.n >= 8 && job.repo_url.n > 0);
		ASSERT(job.timeout > 0);
		check_variables(&job, a);
		make_scripts(&job, a);
	} else {
		ASSERT(e.code == ERR_INVALID && e.text[0] != '\0');
	}
	arena_close(a);
	return 0;
}
