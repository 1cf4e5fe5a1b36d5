#include "planner.h"

/* ---------------------------------------------------------------- a whole file */

static const char shop[] = "stages: [build, test, deploy]\n"
			   "variables:\n"
			   "  CC: gcc\n"
			   "  LEVEL: 010\n"
			   "default:\n"
			   "  tags: [linux]\n"
			   "  before_script: [./prepare]\n"
			   ".deploy:\n"
			   "  stage: deploy\n"
			   "  script: [./deploy $TARGET]\n"
			   "  resource_group: $TARGET\n"
			   "build:\n"
			   "  stage: build\n"
			   "  script:\n"
			   "    - make\n"
			   "    - - make install\n"
			   "  artifacts: {paths: [out/], expire_in: 1 week}\n"
			   "test:\n"
			   "  script: make check\n"
			   "  needs: [build]\n"
			   "  variables: {CC: clang}\n"
			   "lint:\n"
			   "  before_script: []\n"
			   "  script: make lint\n"
			   "  needs: []\n"
			   "staging:\n"
			   "  extends: .deploy\n"
			   "  variables: {TARGET: staging}\n"
			   "  environment: {name: $TARGET, url: 'https://$TARGET.example'}\n"
			   "  rules:\n"
			   "    - if: $CI_COMMIT_BRANCH == \"stage\"\n"
			   "production:\n"
			   "  extends: .deploy\n"
			   "  variables: {TARGET: production}\n"
			   "  environment: production\n"
			   "  rules:\n"
			   "    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n"
			   "      when: manual\n";

static void a_file_becomes_jobs_by_stage(void **state UNUSED)
{
	const struct ci_plan_job *job;
	struct planner p;

	planner_open(&p);
	ci_variables_set_text(&p.predefined, "CI_COMMIT_BRANCH", STR("main"));
	ci_variables_set_text(&p.predefined, "CI_DEFAULT_BRANCH", STR("main"));
	check_c(jobs_of(&p, shop), "build test lint production");
	check_c(texts_of(&p, &p.plan.stages), "build|test|deploy");
	job = job_of(&p.plan, "build");
	check_c(texts_of(&p, &job->config->script), "make|make install");
	check_c(texts_of(&p, &job->config->before_script), "./prepare");
	check_int(job->config->artifacts.expire_in, 7 * 24 * 3600);
	check_str(ci_variables_find(&job->variables, STR("LEVEL"))->value, "8");
	job = job_of(&p.plan, "test");
	check_str(ci_variables_find(&job->variables, STR("CC"))->value, "clang");
	check_c(texts_of(&p, &job->artifacts_of), "build");
	check_int(job->needs.count, 1);
	job = job_of(&p.plan, "lint");
	check_int(job->config->before_script.count, 0);
	check_true(job->needs.is_set);
	check_int(job->artifacts_of.count, 0);
	job = job_of(&p.plan, "production");
	check_int(job->when, CI_MANUAL);
	check_int(job->allow_failure.value, CI_NO);
	check_str(job->resource_group, "production");
	planner_close(&p);
}

static void the_branch_decides_the_environment(void **state UNUSED)
{
	struct planner p;

	planner_open(&p);
	p.context.ref_name = STR("stage");
	ci_variables_set_text(&p.predefined, "CI_COMMIT_BRANCH", STR("stage"));
	ci_variables_set_text(&p.predefined, "CI_DEFAULT_BRANCH", STR("main"));
	check_c(jobs_of(&p, shop), "build test lint staging");
	check_str(job_of(&p.plan, "staging")->environment_name, "staging");
	planner_close(&p);
}

/* ------------------------------------------------------------------ small cases */

struct plan_case {
	const char *text;
	const char *jobs; /* as jobs_of says it; or the start of the message */
};

static void run_cases(struct planner *p, const struct plan_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *jobs = jobs_of(p, cases[i].text);

		if (strncmp(jobs, cases[i].jobs, strlen(cases[i].jobs)) != 0 ||
		    (p->plan.outcome == CI_CREATED && strcmp(jobs, cases[i].jobs) != 0))
			fail_msg("case %zu:\n%s\ngot      \"%s\"\nexpected \"%s\"", i,
				 cases[i].text, jobs, cases[i].jobs);
	}
}

static void rules_decide_which_jobs_run(void **state UNUSED)
{
	static const struct plan_case cases[] = {
		{ "a: {script: x, rules: [{if: $NO}]}\nb: {script: x}", "b" },
		{ "a: {script: x, rules: []}\nb: {script: x}", "b" },
		{ "a: {script: x, rules: [{if: $NO}, {when: always}]}", "a" },
		{ "a: {script: x, rules: [{when: never}]}", "The pipeline did not run" },
		{ "a: {script: x, when: never}\nb: {script: x}", "b" },
		{ "a: {script: x, stage: .pre}", "The pipeline did not run" },
		{ "workflow: {rules: [{if: $NO}]}\na: {script: x}", "Pipeline filtered out" },
		{ "workflow: {rules: [{if: $YES}]}\na: {script: x}", "a" },
		{ "workflow: {rules: [{if: $YES, when: never}, {when: always}]}\na: {script: x}",
		  "Pipeline filtered out" },
		{ "workflow: {rules: [{when: always, variables: {V: w}}]}\n"
		  "a: {script: x, rules: [{if: $V == \"w\"}]}",
		  "a" },
		{ "a: {script: x, rules: [{exists: [src/*.c]}]}\nb: {script: x}", "a b" },
		{ "a: {script: x, rules: [{exists: ['*.c']}]}\nb: {script: x}", "b" },
		{ "a: {script: x, rules: [{exists: [src/]}]}\nb: {script: x}", "a b" },
		{ "a: {script: x, rules: [{changes: ['src/**/*']}]}\nb: {script: x}", "a b" },
		{ "a: {script: x, rules: [{changes: ['doc/**/*']}]}\nb: {script: x}", "b" },
		{ "a: {script: x, rules: [{changes: [src/]}]}\nb: {script: x}", "b" },
		{ "a: {script: x, rules: [{changes: {paths: ['**/*.{c,h}']}}]}\nb: {script: x}",
		  "a b" },
		{ "a: {script: x, rules: [!reference [.r, rules], {when: never}]}\n"
		  ".r: {rules: [{if: $YES}]}\n",
		  "a" },
		{ "a: {script: x, only: [main]}\nb: {script: x, only: [tags]}", "a" },
		{ "a: {script: x, only: [/^ma.*$/]}", "a" },
		{ "a: {script: x, only: [main@other/project]}\nb: {script: x}", "b" },
		{ "a: {script: x, except: [branches]}\nb: {script: x}", "b" },
		{ "a: {script: x, only: {variables: [$NO]}}\nb: {script: x}", "b" },
		{ "a: {script: x, only: {refs: [main], changes: [doc/x]}}\nb: {script: x}", "b" },
	};
	static const struct memory_file files[] = { { "src/a.c", "" }, { NULL, NULL } };
	static const char *const changed[] = { "src/deep/a.c", NULL };
	struct planner p;

	planner_open(&p);
	p.files = files;
	p.changed = changed;
	ci_variables_set_text(&p.pipeline, "YES", STR("1"));
	run_cases(&p, cases, ARRAY_LEN(cases));
	planner_close(&p);
}

static void merge_requests_run_only_what_asks_for_them(void **state UNUSED)
{
	static const struct plan_case cases[] = {
		{ "a: {script: x}\nb: {script: x, only: [merge_requests]}", "b" },
		{ "a: {script: x, except: [tags]}\nb: {script: x, only: [merge_requests]}", "b" },
		{ "a: {script: x, rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]}",
		  "a" },
		{ "workflow: {rules: [{when: always}]}\na: {script: x}", "a" },
		{ "a: {script: x, only: [main]}", "The pipeline did not run" },
	};
	struct planner p;

	planner_open(&p);
	p.context.source = CI_SOURCE_MERGE_REQUEST;
	ci_variables_set_text(&p.predefined, "CI_PIPELINE_SOURCE", STR("merge_request_event"));
	run_cases(&p, cases, ARRAY_LEN(cases));
	planner_close(&p);
}

static void nothing_to_compare_with_counts_as_changed(void **state UNUSED)
{
	static const struct plan_case cases[] = {
		{ "a: {script: x, rules: [{changes: [doc/x]}]}", "a" },
		{ "a: {script: x, only: {changes: [doc/x]}}", "a" },
	};
	struct planner p;

	planner_open(&p);
	run_cases(&p, cases, ARRAY_LEN(cases));
	planner_close(&p);
}

struct attributes_case {
	const char *text;
	enum ci_when when;
	enum ci_tristate allow_failure;
};

static void manual_allows_failure_only_at_job_level(void **state UNUSED)
{
	static const struct attributes_case cases[] = {
		{ "a: {script: x, when: manual}", CI_MANUAL, CI_YES },
		{ "a: {script: x, when: manual, allow_failure: false}", CI_MANUAL, CI_NO },
		{ "a: {script: x, rules: [{when: manual}]}", CI_MANUAL, CI_NO },
		{ "a: {script: x, rules: [{when: manual, allow_failure: true}]}", CI_MANUAL,
		  CI_YES },
		{ "a: {script: x, when: manual, rules: [{if: '\"1\"'}]}", CI_MANUAL, CI_YES },
		{ "a: {script: x, allow_failure: true, rules: [{when: on_failure}]}", CI_ON_FAILURE,
		  CI_YES },
		{ "a: {script: x, when: delayed, start_in: 5 minutes}", CI_DELAYED, CI_NO },
		{ "a: {script: x}", CI_ON_SUCCESS, CI_NO },
	};
	struct planner p;

	planner_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct ci_plan_job *job = job_of(planned(&p, cases[i].text), "a");

		if (!job || job->when != cases[i].when ||
		    job->allow_failure.value != cases[i].allow_failure)
			fail_msg("case %zu: %s", i, cases[i].text);
	}
	planner_close(&p);
}

static void needs_are_checked_on_the_file_and_on_the_pipeline(void **state UNUSED)
{
	static const struct plan_case cases[] = {
		{ "a: {script: x}\nb: {script: x, needs: [c]}", "b job: undefined need: c" },
		{ "a: {script: x, stage: deploy}\nb: {script: x, needs: [a]}",
		  "b job: need a is not defined in current or prior stages" },
		{ "a: {script: x, needs: [b]}\nb: {script: x, needs: [a]}",
		  "The pipeline has circular dependencies" },
		{ "a: {script: x, rules: [{if: $NO}]}\nb: {script: x, needs: [a]}",
		  "'b' job needs 'a' job, but 'a' does not exist in the pipeline" },
		{ "a: {script: x, rules: [{if: $NO}]}\n"
		  "b: {script: x, needs: [{job: a, optional: true}]}",
		  "b" },
		{ "a: {script: x, rules: [{when: always, needs: [b]}]}\n"
		  "b: {script: x, needs: [a]}",
		  "The pipeline has circular dependencies" },
		{ "a: {script: x, stage: build}\n"
		  "b: {script: x, needs: [], dependencies: [a]}",
		  "jobs:b dependencies the a should be part of needs" },
		{ "a: {script: x}\nb: {script: x, dependencies: [a]}",
		  "b job: dependency a is not defined in prior stages" },
		{ "a: {script: x, stage: nowhere}", "a job: chosen stage nowhere does not exist" },
		{ "a: {script: x, environment: {name: e, on_stop: z}}",
		  "a job: on_stop job z is not defined" },
	};
	struct planner p;

	planner_open(&p);
	run_cases(&p, cases, ARRAY_LEN(cases));
	planner_close(&p);
}

static void files_are_included_below_the_including_file(void **state UNUSED)
{
	static const struct memory_file files[] = {
		{ "ci/base.yml", "include: /ci/deep.yml\na: {script: base, tags: [one]}\n" },
		{ "ci/deep.yml", "a: {script: deep, when: manual}\nd: {script: x}\n" },
		{ "jobs/2.yml", "j: {script: two}\n" },
		{ "jobs/1.yml", "j: {script: one, when: always}\n" },
		{ NULL, NULL },
	};
	const struct ci_plan_job *job;
	struct planner p;

	planner_open(&p);
	p.files = files;
	check_c(jobs_of(&p, "include:\n"
			    "  - local: ci/base.yml\n"
			    "  - {local: no.yml, rules: [{if: $NO}]}\n"
			    "  - jobs/*.yml\n"
			    "a: {script: own}\n"),
		"a d j");
	job = job_of(&p.plan, "a");
	check_c(texts_of(&p, &job->config->script), "own");
	check_c(texts_of(&p, &job->tags), "one");
	check_int(job->when, CI_MANUAL);
	job = job_of(&p.plan, "j");
	check_c(texts_of(&p, &job->config->script), "two");
	check_int(job->when, CI_ALWAYS);
	planner_close(&p);
}

struct error_case {
	const char *text;
	int line;
	int column;
	const char *message;
};

static const struct error_case error_cases[] = {
	{ "", 1, 1, "Please provide content" },
	{ "- a\n", 1, 1, "Invalid configuration format" },
	{ "a: [1, 2\nb: x", 2, 2, "invalid YAML" },
	{ "a:\n\tscript: x", 2, 1, "invalid YAML" },
	{ "a: {script: x}\nb:\n  script: x\n  scrpt: y\n", 4, 3,
	  "jobs:b config contains unknown keys: scrpt" },
	{ "a:\n  script: x\n  parallel: 3\n", 3, 3, "the keyword `parallel` is not supported" },
	{ "a:\n  stage: test\n", 1, 1, "should implement the script: keyword" },
	{ "a:\n  script: [x, 5]\n", 2, 15, "should be a string or a nested array of strings" },
	{ "a:\n  script: x\n  rules:\n    - if: $X ==\n", 4, 11, "invalid expression syntax" },
	{ "a:\n  script: x\n  rules:\n    - {}\n", 4, 7, "can't be blank" },
	{ "a: {script: x, when: sometimes}\n", 1, 22, "should be one of: on_success" },
	{ "a: {script: x, when: delayed}\n", 1, 4, "start in should be a duration" },
	{ "a: {script: x, retry: 3}\n", 1, 23, "whole number from 0 to 2" },
	{ "a: {script: x, timeout: soon}\n", 1, 25, "should be a duration" },
	{ "a: {script: x, rules: [{when: always}], only: [main]}\n", 1, 4,
	  "may not be used with `rules`: only" },
	{ "a: {script: x, extends: .b}\n", 1, 25, "unknown keys in `extends` (.b)" },
	{ ".a: {extends: .b}\n.b: {extends: .a}\nc: {script: x, extends: .a}\n", 2, 15,
	  "circular dependency detected in `extends`" },
	{ "a: {script: !reference [.b, script]}\n", 1, 13, "could not be found" },
	{ "a: {script: !reference [a, script]}\n", 1, 13, "names itself" },
	{ "include: other.yml\na: {script: x}", 1, 10, "Local file `other.yml` does not exist!" },
	{ "include: ../x.yml\na: {script: x}", 1, 10, "does not have YAML extension" },
	{ "include: https://x/y.yml\na: {script: x}", 1, 10, "remote files are not supported" },
	{ "include:\n  - project: g/p\n    file: x.yml\na: {script: x}", 2, 5,
	  "the keyword `project` is not supported" },
	{ "spec: {inputs: {}}\n---\na: {script: x}\n", 2, 1, "spec headers are not supported" },
	{ "stages: build\na: {script: x}\n", 1, 9, "stages config should be an array" },
	{ "a: x\n", 1, 1, "jobs:a config should be a hash" },
	{ ".a: {script: x}\n", 1, 1, "at least one visible job" },
	{ "a: {script: x, variables: {'x y': 1}}\n", 1, 28, "is no name of a variable" },
	{ "a: {script: x, artifacts: {name: n}}\n", 1, 27, "requires the paths" },
	{ "a: {script: x, tags: linux}\n", 1, 22, "should be an array of strings" },
	{ "a: {script: &x [*x]}\n", 1, 17, "unknown anchor" },
	{ "a: {script: !include x}\n", 1, 13, "unknown tag" },
	{ "image: x\ndefault: {image: y}\na: {script: x}", 1, 1, "is defined in top-level" },
	{ "a: {script: x, rules: [{if: '$X =~ /(?=x)y/'}]}\nb: {script: x}", 1, 29,
	  "not in RE2's language" },
};

static void errors_name_their_place(void **state UNUSED)
{
	struct planner p;

	planner_open(&p);
	ci_variables_set_text(&p.pipeline, "X", STR("x"));
	for (size_t i = 0; i < ARRAY_LEN(error_cases); i++) {
		const struct error_case *c = &error_cases[i];
		const struct ci_plan *plan = planned(&p, c->text);
		struct str message = plan->problem.text;

		if (plan->outcome != CI_ERROR || plan->problem.mark.line != c->line ||
		    plan->problem.mark.column != c->column ||
		    str_find_str(message, str_c(c->message)) == message.n)
			fail_msg("case %zu: %s\ngot %d:%d \"%.*s\"", i, c->text,
				 plan->problem.mark.line, plan->problem.mark.column,
				 STR_FMT(message));
	}
	planner_close(&p);
}

static void merge_keys_and_scalars_are_read_as_psych_reads_them(void **state UNUSED)
{
	static const char text[] =
		".t: &t {script: t, stage: build}\n"
		"a: {<<: *t, stage: test}\n"
		"b: {stage: test, <<: *t}\n"
		"c: {<<: [{script: first}, *t]}\n"
		"d:\n"
		"  script: x\n"
		"  variables: {Y: yes, N: off, O: 0o7, F: 1.10, H: 0x1F, Q: 'yes',"
		" U: 1_000, E: ~, V: 1.2.3}\n"
		"  script: y\n";
	static const char *const expected[][2] = {
		{ "Y", "true" }, { "N", "false" }, { "O", "0o7" }, { "F", "1.1" },   { "H", "31" },
		{ "Q", "yes" },  { "U", "1000" },  { "E", "" },    { "V", "1.2.3" },
	};
	const struct ci_plan_job *job;
	struct planner p;

	planner_open(&p);
	planned(&p, text);
	check_str(job_of(&p.plan, "a")->config->stage, "test");
	check_str(job_of(&p.plan, "b")->config->stage, "build");
	check_c(texts_of(&p, &job_of(&p.plan, "c")->config->script), "first");
	job = job_of(&p.plan, "d");
	check_c(texts_of(&p, &job->config->script), "y");
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		check_str(ci_variables_find(&job->variables, str_c(expected[i][0]))->value,
			  expected[i][1]);
	check_int(p.plan.warnings.count, 1);
	check_int(p.plan.warnings.items[0].mark.line, 8);
	planner_close(&p);
}

static void a_stage_named_twice_is_one_stage(void **state UNUSED)
{
	struct planner p;

	planner_open(&p);
	check_c(jobs_of(&p, "stages: [test, build, test, test, .post, build]\n"
			    "b: {stage: build, script: x}\n"
			    "a: {script: x}\n"),
		"a b");
	check_c(texts_of(&p, &p.plan.stages), "test|build");
	planner_close(&p);
}

static void defaults_are_taken_unless_the_job_says_otherwise(void **state UNUSED)
{
	static const char text[] = "default: {tags: [d], timeout: 1h, retry: 1}\n"
				   "variables: {A: 1, B: 2}\n"
				   "a: {script: x}\n"
				   "b: {script: x, tags: [own], inherit: {variables: [A]}}\n"
				   "c: {script: x, inherit: {default: [tags], variables: false}}\n"
				   "d: {script: x, inherit: {default: false}}\n";
	const struct ci_plan_job *b;
	struct planner p;

	planner_open(&p);
	check_c(jobs_of(&p, text), "a b c d");
	check_int(job_of(&p.plan, "a")->config->timeout, 3600);
	check_int(job_of(&p.plan, "a")->config->retry.max, 1);
	b = job_of(&p.plan, "b");
	check_c(texts_of(&p, &b->tags), "own");
	check_int(b->variables.count, 1);
	check_c(texts_of(&p, &job_of(&p.plan, "c")->tags), "d");
	check_int(job_of(&p.plan, "c")->config->timeout, 0);
	check_int(job_of(&p.plan, "c")->variables.count, 0);
	check_int(job_of(&p.plan, "d")->tags.count, 0);
	planner_close(&p);
}

RUN_TESTS(TEST(a_file_becomes_jobs_by_stage), TEST(the_branch_decides_the_environment),
	  TEST(rules_decide_which_jobs_run), TEST(merge_requests_run_only_what_asks_for_them),
	  TEST(nothing_to_compare_with_counts_as_changed),
	  TEST(manual_allows_failure_only_at_job_level),
	  TEST(needs_are_checked_on_the_file_and_on_the_pipeline),
	  TEST(files_are_included_below_the_including_file), TEST(errors_name_their_place),
	  TEST(merge_keys_and_scalars_are_read_as_psych_reads_them),
	  TEST(a_stage_named_twice_is_one_stage),
	  TEST(defaults_are_taken_unless_the_job_says_otherwise))
