/*
 * Any bytes as a pipeline file: planning ends with one of the three outcomes,
 * an error has a sentence, and a created pipeline keeps its own promises.
 */
#include "ci/plan_json.h"

static int no_file(void *closure UNUSED, struct arena *a UNUSED, struct str path UNUSED,
		   size_t limit UNUSED, struct str *bytes UNUSED, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "no such file");
}

static int some_paths(void *closure UNUSED, struct arena *a, struct ci_paths *paths,
		      struct err *e UNUSED)
{
	*paths = (struct ci_paths){ ARENA_NEW(a, struct str), 1, true };
	paths->items[0] = STR("src/a.c");
	return 0;
}

static int some_changes(void *closure, struct arena *a, struct str compare_to UNUSED,
			struct ci_paths *paths, struct err *e)
{
	return some_paths(closure, a, paths, e);
}

static void check_plan(const struct ci_plan *plan)
{
	if (plan->outcome == CI_ERROR)
		ASSERT(plan->problem.text.n > 0);
	ASSERT((plan->outcome == CI_CREATED) == (plan->job_count > 0));
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct ci_plan_job *job = &plan->jobs[i];

		ASSERT(job->when != CI_NEVER && job->stage < plan->stages.count);
		ASSERT(job->config->script.count > 0);
		ASSERT(i == 0 || plan->jobs[i - 1].stage <= job->stage);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ci_source repository = { NULL, no_file, some_paths, some_changes };
	struct arena *a = arena_open(0);
	struct ci_variables predefined;
	struct ci_context context = { .repository = &repository,
				      .ref_name = STR("main"),
				      .predefined = &predefined };
	struct ci_plan plan;
	struct err e = { 0 };
	struct buf out;
	struct jsonw w;

	ci_variables_init(&predefined, a);
	ci_variables_set_text(&predefined, "CI_COMMIT_BRANCH", STR("main"));
	buf_init(&out, 64u << 20);
	w = jsonw_to(&out);
	if (ci_plan(a, STR("f"), str_n((const char *)data, size), &context, &plan, &e) == 0) {
		check_plan(&plan);
		ci_plan_emit(&w, &plan);
	}
	buf_fini(&out);
	arena_close(a);
	return 0;
}
