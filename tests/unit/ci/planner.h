/* A planner over files in memory, for the tests of ci/. */
#ifndef UNIT_CI_PLANNER_H
#define UNIT_CI_PLANNER_H

#include "base/buf.h"
#include "ci/plan.h"
#include "support/check.h"

struct memory_file {
	const char *path;
	const char *text;
};

struct planner {
	struct arena *arena;
	struct ci_variables predefined;
	struct ci_variables pipeline;
	struct ci_source repository;
	struct ci_context context;
	const struct memory_file *files; /* ends with a NULL path */
	const char *const *changed;      /* NULL: nothing to compare with */
	struct ci_plan plan;
};

static int memory_read(void *closure, struct arena *a, struct str path, size_t limit UNUSED,
		       struct str *bytes, struct err *e)
{
	const struct planner *p = closure;

	for (const struct memory_file *f = p->files; f && f->path; f++) {
		if (str_eq_c(path, f->path)) {
			*bytes = arena_str(a, str_c(f->text));
			return 0;
		}
	}
	return err_set(e, ERR_NOT_FOUND, "no such file");
}

static int memory_list(void *closure, struct arena *a, struct ci_paths *paths, struct err *e UNUSED)
{
	const struct planner *p = closure;

	*paths = (struct ci_paths){ ARENA_ARRAY(a, struct str, 100), 0, true };
	for (const struct memory_file *f = p->files; f && f->path; f++)
		paths->items[paths->count++] = str_c(f->path);
	return 0;
}

static int memory_changed(void *closure, struct arena *a, struct str compare_to UNUSED,
			  struct ci_paths *paths, struct err *e UNUSED)
{
	const struct planner *p = closure;

	*paths = (struct ci_paths){ ARENA_ARRAY(a, struct str, 100), 0, p->changed != NULL };
	for (size_t i = 0; p->changed && p->changed[i]; i++)
		paths->items[paths->count++] = str_c(p->changed[i]);
	return 0;
}

/* A push to `main`. */
static void planner_open(struct planner *p)
{
	*p = (struct planner){ .arena = arena_open(0) };
	ci_variables_init(&p->predefined, p->arena);
	ci_variables_init(&p->pipeline, p->arena);
	p->repository = (struct ci_source){ p, memory_read, memory_list, memory_changed };
	p->context = (struct ci_context){ .repository = &p->repository,
					  .source = CI_SOURCE_PUSH,
					  .ref_name = STR("main"),
					  .project_path = STR("shop/cart"),
					  .predefined = &p->predefined,
					  .pipeline = &p->pipeline };
}

static void planner_close(struct planner *p)
{
	arena_close(p->arena);
}

static const struct ci_plan *planned(struct planner *p, const char *text)
{
	struct err e = { 0 };

	check_ok(ci_plan(p->arena, STR(".gitlab-ci.yml"), str_c(text), &p->context, &p->plan, &e),
		 &e);
	return &p->plan;
}

UNUSED static const struct ci_plan_job *job_of(const struct ci_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->job_count; i++)
		if (str_eq_c(plan->jobs[i].config->name, name))
			return &plan->jobs[i];
	return NULL;
}

/* "job job job", in the order of the plan; or the message of what it is instead. */
UNUSED static const char *jobs_of(struct planner *p, const char *text)
{
	const struct ci_plan *plan = planned(p, text);
	const char *names = "";

	if (plan->outcome != CI_CREATED)
		return arena_cstr(p->arena, plan->problem.text);
	for (size_t i = 0; i < plan->job_count; i++)
		names = arena_strf(p->arena, "%s%s%.*s", names, i ? " " : "",
				   STR_FMT(plan->jobs[i].config->name));
	return names;
}

UNUSED static const char *texts_of(struct planner *p, const struct ci_texts *texts)
{
	const char *joined = "";

	for (size_t i = 0; i < texts->count; i++)
		joined = arena_strf(p->arena, "%s%s%.*s", joined, i ? "|" : "",
				    STR_FMT(texts->items[i]));
	return joined;
}

#endif
