/* Pipeline files that are large, or that want to be: each ends soon, with a plan or a sentence. */
#include "planner.h"

static void bombs_end_early(void **state UNUSED)
{
	struct planner p;
	struct buf b;

	planner_open(&p);
	buf_init(&b, 1 << 22);
	buf_add_c(&b, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 9; i++)
		buf_addf(&b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i,
			 i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	check_true(strstr(jobs_of(&p, b.p), "more than 50000 values") != NULL);
	buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		buf_add_c(&b, "{a: ");
	check_true(strstr(jobs_of(&p, b.p), "nested deeper than 100") != NULL);
	buf_clear(&b);
	buf_add_c(&b, "a: {script: ");
	for (int i = 0; i < 40; i++)
		buf_add_char(&b, '[');
	buf_add_char(&b, 'x');
	for (int i = 0; i < 40; i++)
		buf_add_char(&b, ']');
	buf_add_c(&b, "}");
	check_true(strstr(jobs_of(&p, b.p), "nested deeper than 10") != NULL);
	buf_fini(&b);
	planner_close(&p);
}

/* Ten levels of sixty parents each, without a key of their own to be counted. */
static void what_many_extend_is_merged_once(void **state UNUSED)
{
	struct planner p;
	struct buf b;

	planner_open(&p);
	buf_init(&b, 1 << 16);
	for (char level = 'a'; level < 'j'; level++) {
		buf_addf(&b, ".%c: {extends: [", level);
		for (int i = 0; i < 60; i++)
			buf_addf(&b, "%s.%c", i ? ", " : "", level + 1);
		buf_add_c(&b, "]}\n");
	}
	buf_add_c(&b, ".j: {}\njob: {script: x, extends: .a}\n");
	check_c(jobs_of(&p, b.p), "job");
	buf_add_c(&b, ".over: {extends: .a}\nbelow: {script: x, extends: .over}\n");
	check_true(strstr(jobs_of(&p, b.p), "nesting too deep in `extends`") != NULL);
	buf_fini(&b);
	planner_close(&p);
}

/* Maps of many keys are searched by a table, which merging and extending must keep true. */
static void a_file_of_thousands_of_keys_is_read(void **state UNUSED)
{
	static const struct memory_file files[] = {
		{ "low.yml", "variables: {K3: low, K999: low}\n.parent7: {stage: build}\n"
			     ".own: {script: low, stage: build}\n" },
		{ NULL, NULL },
	};
	const struct ci_plan_job *job;
	struct planner p;
	struct buf b;

	planner_open(&p);
	p.files = files;
	buf_init(&b, 1 << 20);
	buf_add_c(&b, "include: low.yml\nvariables:\n");
	for (int i = 0; i < 400; i++)
		buf_addf(&b, "  K%d: high%d\n", i, i);
	buf_add_c(&b, "  K50: last\n");
	for (int i = 0; i < 4000; i++)
		buf_addf(&b, ".parent%d: {tags: [t%d]}\n", i, i);
	buf_add_c(&b, "job: {script: x, extends: [.parent7, .parent3999]}\n"
		      "other: {extends: .own, tags: !reference [.parent3000, tags]}\n");
	check_c(jobs_of(&p, b.p), "job other");
	job = job_of(&p.plan, "job");
	check_str(job->config->stage, "build");
	check_c(texts_of(&p, &job->tags), "t3999");
	check_str(ci_variables_find(&job->variables, STR("K3"))->value, "high3");
	check_str(ci_variables_find(&job->variables, STR("K50"))->value, "last");
	check_str(ci_variables_find(&job->variables, STR("K999"))->value, "low");
	job = job_of(&p.plan, "other");
	check_c(texts_of(&p, &job->config->script), "low");
	check_c(texts_of(&p, &job->tags), "t3000");
	buf_fini(&b);
	planner_close(&p);
}

/* Each value refers 300 times to the one before; the first one is empty or not. */
static void values_that_multiply_stay_as_text(void **state UNUSED)
{
	static const char *const firsts[] = { "", "x" };
	struct planner p;
	struct buf b;

	planner_open(&p);
	buf_init(&b, 1 << 22);
	for (size_t n = 0; n < ARRAY_LEN(firsts); n++) {
		buf_clear(&b);
		buf_addf(&b, "variables:\n  A0: '%s'\n", firsts[n]);
		for (int i = 1; i < 9; i++) {
			buf_addf(&b, "  A%d: '", i);
			for (int k = 0; k < 300; k++)
				buf_addf(&b, "$A%d", i - 1);
			buf_add_c(&b, "'\n");
		}
		buf_add_c(&b, "a: {script: x, tags: [$A8, a$A0], environment: e$A8}\n");
		check_c(jobs_of(&p, b.p), "a");
		check_str(p.plan.jobs[0].tags.items[0], "$A8");
		check_str(p.plan.jobs[0].environment_name, "e$A8");
		check_str(
			ci_variables_expand_value(
				&p.plan.jobs[0].variables, p.arena,
				ci_variables_find(&p.plan.jobs[0].variables, STR("A8"))),
			arena_cstr(p.arena,
				   ci_variables_find(&p.plan.jobs[0].variables, STR("A8"))->value));
	}
	buf_fini(&b);
	planner_close(&p);
}

/* Each of the patterns is below its own limit. */
static void thousands_of_slow_patterns_are_an_error(void **state UNUSED)
{
	struct planner p;
	struct buf b;

	planner_open(&p);
	buf_init(&b, 1 << 22);
	buf_add_c(&b, "variables:\n  V: '");
	for (int i = 0; i < 430; i++)
		buf_add_char(&b, 'a');
	buf_add_c(&b, "'\n");
	for (int i = 0; i < 300; i++) {
		buf_addf(&b, "j%d:\n  script: x\n  rules:\n", i);
		for (int k = 0; k < 10; k++) {
			buf_add_c(&b, "    - if: '$V =~ /a.*[bc]/");
			for (int n = 0; n < 23; n++)
				buf_add_c(&b, " || $V =~ /a.*[bc]/");
			buf_add_c(&b, "'\n");
		}
	}
	check_true(strstr(jobs_of(&p, b.p), "rules of this file take more than 2 seconds") != NULL);
	buf_fini(&b);
	planner_close(&p);
}

static void a_text_that_is_repeated_by_aliases_is_weighed_each_time(void **state UNUSED)
{
	struct planner p;
	struct buf b;

	planner_open(&p);
	buf_init(&b, 1 << 22);
	buf_add_c(&b, ".x: &x '");
	for (int i = 0; i < 100000; i++)
		buf_add_char(&b, 'x');
	buf_add_c(&b, "'\n");
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "j%d: {script: *x}\n", i);
	check_true(strstr(jobs_of(&p, b.p), "hold more than 8 MB") != NULL);
	buf_clear(&b);
	buf_add_c(&b, "variables:\n  A: &a '");
	for (int i = 0; i < 200000; i++)
		buf_add_char(&b, 'x');
	buf_add_c(&b, "'\n");
	for (int i = 0; i < 60; i++)
		buf_addf(&b, "j%d: {script: x}\n", i);
	check_true(strstr(jobs_of(&p, b.p), "hold more than 8 MB") != NULL);
	buf_clear(&b);
	buf_add_c(&b, ".x: &x '");
	for (int i = 0; i < 100000; i++)
		buf_add_char(&b, 'x');
	buf_add_c(&b, "'\nmany: {script: [*x, *x, *x, *x, *x, *x, *x]}\n");
	check_true(strstr(jobs_of(&p, b.p), "this job holds more than 600 kB") != NULL);
	buf_fini(&b);
	planner_close(&p);
}

RUN_TESTS(TEST(bombs_end_early), TEST(what_many_extend_is_merged_once),
	  TEST(a_file_of_thousands_of_keys_is_read), TEST(values_that_multiply_stay_as_text),
	  TEST(thousands_of_slow_patterns_are_an_error),
	  TEST(a_text_that_is_repeated_by_aliases_is_weighed_each_time))
