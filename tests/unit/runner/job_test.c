#include "runner/job.h"
#include "runner/script.h"
#include "support/check.h"

static const char payload[] =
	"{\"id\":7,\"token\":\"glcbt-x\",\"allow_git_fetch\":true,"
	"\"job_info\":{\"name\":\"test\",\"stage\":\"test\",\"project_id\":3},"
	"\"git_info\":{\"repo_url\":\"http://gitlab-ci-token:t@h/a/b.git\",\"ref\":\"main\","
	"\"sha\":\"0123456789012345678901234567890123456789\",\"refspecs\":[\"+a:b\"],\"depth\":20}"
	","
	"\"runner_info\":{\"timeout\":3600},\"lease_seconds\":60,"
	"\"variables\":[{\"key\":\"A\",\"value\":\"one\",\"public\":true},"
	"{\"key\":\"B\",\"value\":\"$A/${A}/$NONE/"
	"$$A\"},{\"key\":\"R\",\"value\":\"$A\",\"raw\":true},"
	"{\"key\":\"F\",\"value\":\"secret\",\"file\":true},{\"key\":\"bad-name\",\"value\":\"x\"},"
	"{\"key\":\"A\",\"value\":\"two\"}],"
	"\"steps\":[{\"name\":\"script\",\"script\":[\"make\"],\"timeout\":60,\"when\":\"on_"
	"success\"}],"
	"\"image\":null,\"services\":null,\"cache\":[],"
	"\"artifacts\":[{\"paths\":[\"out\"],\"when\":\"always\",\"artifact_type\":\"archive\"}],"
	"\"dependencies\":[{\"id\":6,\"name\":\"build\",\"token\":\"t\","
	"\"artifacts_file\":{\"filename\":\"a.zip\",\"size\":3}}],"
	"\"features\":{\"token_mask_prefixes\":[\"glpat-\"]},\"unknown\":{}}";

static void a_payload_becomes_a_job(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct job job;

	check_ok(job_parse(a, str_c(payload), &job, &e), &e);
	check_int(job.id, 7);
	check_int(job.timeout, 3600);
	check_int(job.lease_seconds, 60);
	check_int(job.variable_count, 5);
	check_str(job_variable_value(&job, "A"), "two");
	check_true(str_is_none(job_variable_value(&job, "bad-name")));
	check_int(job.artifacts[0].when, JOB_ALWAYS);
	check_str(job.dependencies[0].filename, "a.zip");
	check_false(job.has_image);
	arena_close(a);
}

static void a_field_of_the_wrong_kind_fails_the_whole_job(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "{}", "job.id" },
		{ "{\"id\":\"7\",\"token\":\"x\"}", "job.id should be a whole number" },
		{ "{\"id\":7,\"token\":5}", "job.token should be a string" },
		{ "{\"id\":7,\"token\":\"x\",\"git_info\":{\"sha\":\"123\",\"repo_url\":\"u\"}}",
		  "git_info.sha" },
		{ "{\"id\":7,\"token\":\"x\",\"lease_seconds\":1}",
		  "job.lease_seconds should be 45 to 86400" },
		{ "[", "JSON, line 1" },
	};
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		struct job job;

		check_err(job_parse(a, str_c(cases[i][0]), &job, &e), &e, ERR_INVALID, cases[i][1]);
	}
	arena_close(a);
}

static const struct script_place place = { .builds = "/b", .project = "/b/a/b", .files = "/b/f" };

static void values_are_expanded_as_the_runner_does(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "$B", "two/two//$A" }, { "$R", "$A" },
		{ "$F", "/b/f/F" },      { "$NONE", "" },
		{ "${A", "${A" },        { "$", "$" },
		{ "$$A", "$A" },         { "$CI_PROJECT_DIR/x", "/b/a/b/x" },
	};
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct job job;

	check_ok(job_parse(a, str_c(payload), &job, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_str(script_expand(a, &job, &place, str_c(cases[i][0])), cases[i][1]);
	arena_close(a);
}

static void a_script_quotes_whatever_it_is_given(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	script_quote(&out, STR("a'b\n$(reboot)`x`\0c"));
	check_str(buf_str(&out), "'a'\\''b\n$(reboot)`x`c'");
	buf_fini(&out);
}

static void the_token_stands_in_no_argument(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct job job;
	struct buf out;
	struct str rest;
	struct str line;

	check_ok(job_parse(a, str_c(payload), &job, &e), &e);
	buf_init(&out, SCRIPT_MAX);
	check_ok(script_sources(a, &job, &place, &out, &e), &e);
	rest = buf_str(&out);
	while (str_cut(&rest, '\n', &line))
		if (str_find_str(line, STR("gitlab-ci-token")) < line.n)
			check_true(str_starts(line, STR("printf ")));
	check_true(str_find_str(buf_str(&out), STR("--depth 20")) < out.n);
	buf_fini(&out);
	arena_close(a);
}

RUN_TESTS(TEST(a_payload_becomes_a_job), TEST(a_field_of_the_wrong_kind_fails_the_whole_job),
	  TEST(values_are_expanded_as_the_runner_does), TEST(a_script_quotes_whatever_it_is_given),
	  TEST(the_token_stands_in_no_argument))
