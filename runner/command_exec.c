/*
 * `hearth-runner exec JOB`: one job of the pipeline file in this folder, run
 * here and now on what HEAD holds, with no forge. What depends on a forge is
 * left out and said: artifacts of other jobs, secrets, the cache.
 */
#include "runner/command.h"

#include "base/fs.h"
#include "base/random.h"
#include "base/spawn.h"
#include "ci/folder.h"
#include "runner/execution.h"

#include <sys/stat.h>

#define PIPELINE_FILE ".gitlab-ci.yml"
#define OUTPUT_LIMIT (64LL << 20)

static int ask_git(struct arena *a, const char *folder, const char *const *words,
		   struct str *answer, struct err *e)
{
	const char *argv[12] = { "/usr/bin/git", "-C", folder };
	struct spawn spawn = { .argv = argv, .in = -1, .out = -1, .err = -1 };

	for (size_t i = 0; words[i]; i++) {
		ASSERT(i + 4 < ARRAY_LEN(argv));
		argv[i + 3] = words[i];
	}
	if (spawn_run(&spawn, "git", STR(""), a, answer, e) < 0)
		return -(int)e->code;
	*answer = str_trim(*answer);
	return 0;
}

/* HEAD as a file that the slot's user may read, though the repository is not his. */
static int bundle_head(struct arena *a, const char *folder, const char *bundle, struct err *e)
{
	const char *const words[] = { "bundle", "create", "-q", bundle, "HEAD", NULL };
	struct str ignored;

	return ask_git(a, folder, words, &ignored, e);
}

static void add_variable(struct job *job, struct str key, struct str value, bool is_raw)
{
	job->variables[job->variable_count++] =
		(struct job_variable){ .key = key, .value = value, .is_raw = is_raw };
}

static void add_variables(struct arena *a, const struct ci_folder *folder,
			  const struct ci_plan_job *planned, struct job *job)
{
	struct ci_variables own;

	ci_variables_init(&own, a);
	ci_plan_job_variables(a, planned->config, &own);
	job->variables =
		ARENA_ARRAY(a, struct job_variable,
			    folder->predefined.count + own.count + planned->variables.count + 8);
	for (size_t i = 0; i < folder->predefined.count; i++)
		add_variable(job, folder->predefined.items[i].key,
			     folder->predefined.items[i].value, true);
	for (size_t i = 0; i < own.count; i++)
		add_variable(job, own.items[i].key, own.items[i].value, true);
	for (size_t i = 0; i < planned->variables.count; i++)
		add_variable(job, planned->variables.items[i].key,
			     planned->variables.items[i].value, planned->variables.items[i].is_raw);
	add_variable(job, STR("CI_COMMIT_SHA"), job->sha, true);
	add_variable(job, STR("CI_PROJECT_PATH"), STR("local/project"), true);
	if (!str_is_none(planned->environment_name))
		add_variable(job, STR("CI_ENVIRONMENT_NAME"), planned->environment_name, true);
}

static struct str_list joined(struct arena *a, const struct ci_texts *first,
			      const struct ci_texts *second)
{
	struct str_list all = { ARENA_ARRAY(a, struct str, first->count + second->count), 0 };

	for (size_t i = 0; i < first->count; i++)
		all.items[all.count++] = first->items[i];
	for (size_t i = 0; i < second->count; i++)
		all.items[all.count++] = second->items[i];
	return all;
}

static void add_steps(struct arena *a, const struct ci_job *config, struct job *job)
{
	static const struct ci_texts nothing = { NULL, 0 };

	job->steps = ARENA_ARRAY(a, struct job_step, 2);
	job->step_count = 2;
	job->steps[0] =
		(struct job_step){ .name = STR("script"),
				   .script = joined(a, &config->before_script, &config->script) };
	job->steps[1] = (struct job_step){ .name = STR("after_script"),
					   .script = joined(a, &config->after_script, &nothing),
					   .when = JOB_ALWAYS,
					   .allow_failure = true };
}

static int plan_job(struct invocation *in, struct ci_folder *folder,
		    const struct ci_plan_job **planned, struct err *e)
{
	struct ci_plan *plan = ARENA_NEW(in->arena, struct ci_plan);

	if (ci_plan(in->arena, folder->file, folder->text, &folder->context, plan, e) < 0)
		return -(int)e->code;
	if (plan->outcome != CI_CREATED)
		return err_set(e, ERR_UNPROCESSABLE, "%s:%d:%d: %.*s", PIPELINE_FILE,
			       plan->problem.mark.line, plan->problem.mark.column,
			       STR_FMT(plan->problem.text));
	for (size_t i = 0; i < plan->job_count; i++) {
		if (str_eq_c(plan->jobs[i].config->name, in->words[0])) {
			*planned = &plan->jobs[i];
			return 0;
		}
	}
	return err_set(e, ERR_NOT_FOUND, "the pipeline of this branch has no job `%s`",
		       in->words[0]);
}

static int build_job(struct invocation *in, const char *folder_path, struct job *job, struct err *e)
{
	static const char *const head[] = { "rev-parse", "--verify", "HEAD", NULL };
	static const char *const branch[] = { "rev-parse", "--abbrev-ref", "HEAD", NULL };
	struct ci_folder *folder = ARENA_NEW(in->arena, struct ci_folder);
	const struct ci_plan_job *planned = NULL;

	*job = (struct job){ .id = 1, .token = random_token(in->arena, 26) };
	if (ask_git(in->arena, folder_path, head, &job->sha, e) < 0 ||
	    ask_git(in->arena, folder_path, branch, &job->ref, e) < 0 ||
	    ci_folder_open(in->arena, arena_strf(in->arena, "%s/%s", folder_path, PIPELINE_FILE),
			   folder, e) < 0)
		return -(int)e->code;
	folder->context.ref_name = job->ref;
	ci_folder_set_predefined(folder);
	if (plan_job(in, folder, &planned, e) < 0)
		return -(int)e->code;
	ASSERT(planned != NULL);
	job->name = planned->config->name;
	job->timeout = planned->config->timeout ? planned->config->timeout : 3600;
	job->has_image = !str_is_none(planned->config->image.name);
	job->has_cache = planned->config->cache_count > 0;
	job->refspecs = (struct str_list){ ARENA_NEW(in->arena, struct str), 1 };
	job->refspecs.items[0] = STR("+HEAD:refs/remotes/origin/HEAD");
	add_variables(in->arena, folder, planned, job);
	add_steps(in->arena, planned->config, job);
	return 0;
}

static int run_exec(struct invocation *in, struct err *e)
{
	const char *executor = option_value(in, "executor");
	char *folder = realpath(".", NULL);
	char *builds = arena_strdup(in->arena, "/tmp/hearth-exec.XXXXXX");
	struct registration r = { .name = "exec", .output_limit = OUTPUT_LIMIT };
	struct runner_config config = { .kill_grace = 10 };
	struct log log = log_to(STDERR_FILENO, LOG_WARN, "exec");
	struct execution_options options = { .config = &config,
					     .registration = &r,
					     .log = &log,
					     .copy_to = STDOUT_FILENO,
					     .is_offline = true };
	enum execution_result result = EXECUTION_FAILED;
	struct err cleaning = { 0 };
	struct job job;
	char *bundle;
	int status;

	r.executor = executor ? executor : geteuid() == 0 ? "shell" : "bubblewrap";
	if (folder == NULL || mkdtemp(builds) == NULL)
		return err_set(e, ERR_INTERNAL, "no folder to work in");
	config.builds_dir = builds;
	options.bundle = bundle = arena_strf(in->arena, "%s/head.bundle", builds);
	status = build_job(in, folder, &job, e);
	if (status == 0)
		status = bundle_head(in->arena, folder, bundle, e);
	if (status == 0 && chmod(builds, 0711) == 0 && chmod(bundle, 0644) == 0)
		status = execution_run(in->arena, &options, &job, &result, e);
	free(folder);
	if (fs_remove_tree(builds, &cleaning) < 0)
		LOG(&log, LOG_WARN, "left behind", F_ERR(&cleaning));
	return status < 0 ? status : result == EXECUTION_SUCCESS ? 0 : 1;
}

const struct command command_exec = {
	.name = "exec",
	.words = "JOB",
	.word_count = 1,
	.summary = "Runs one job of this folder's pipeline file on HEAD, without a forge.",
	.options = { { "executor", "NAME", "shell or bubblewrap; shell if we are root" } },
	.run = run_exec,
};
