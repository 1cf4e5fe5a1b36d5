/* What pages and API read: lists by filter, marks, why a job is not running, who may act. */
#include "support/check.h"
#include "support/pipeline.h"

#include "domain/job_view.h"
#include "domain/pipeline_right.h"
#include "domain/runner_view.h"

struct fixture {
	struct domain *w;
	struct actor ann;
	struct project_id project;
};

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = domain_open() };

	f.ann = domain_user(f.w, "ann");
	f.project = domain_project(f.w, "team/app", &f.ann, VISIBILITY_PRIVATE);
	return f;
}

static struct pipelines listed(struct fixture *f, struct pipeline_filter filter,
			       struct listing slice)
{
	struct pipelines list = { 0 };
	struct err e = { 0 };

	check_ok(pipeline_list(f->w->db, f->project, &filter, slice, f->w->a, &list, &e), &e);
	return list;
}

static struct job job_named(struct fixture *f, struct pipeline_id pipeline, const char *name)
{
	struct jobs jobs = { 0 };
	struct err e = { 0 };

	check_ok(job_list_of_pipeline(f->w->db, f->project, pipeline, false, f->w->a, &jobs, &e),
		 &e);
	for (size_t i = 0; i < jobs.count; i++)
		if (str_eq_c(jobs.items[i].name, name))
			return jobs.items[i];
	fail_msg("no job %s", name);
	return (struct job){ 0 };
}

static const char *why(struct fixture *f, struct pipeline_id pipeline, const char *name)
{
	struct job job = job_named(f, pipeline, name);
	struct job_waiting waiting;
	struct err e = { 0 };

	check_ok(job_why_waiting(f->w->db, &job, f->w->a, &waiting, &e), &e);
	return arena_strf(f->w->a, "%.*s", STR_FMT(job_waiting_text(&waiting, f->w->a)));
}

static void check_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" has no \"%s\"", text, part);
}

static const char three[] = "build: {stage: build, script: [make], tags: [linux]}\n"
			    "test: {script: [make check]}\n"
			    "last: {script: [x], needs: [build, test], stage: deploy}\n"
			    "play: {script: [x], needs: [], when: manual}\n";

static void lists_are_filtered_and_turned(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct pipeline_made first = test_pipeline(f.w, f.project, "main", three);
	struct pipeline_made bad = test_pipeline(f.w, f.project, "dev", "a: {script: 1");
	struct pipeline_made last = test_pipeline(f.w, f.project, "dev", three);
	struct pipelines list = listed(&f, (struct pipeline_filter){ 0 }, LISTING_FIRST);

	check_int(list.total, 3);
	check_int(list.items[0].id.v, last.id.v);
	check_int(list.items[0].jobs, 4);
	check_int(list.items[2].id.v, first.id.v);
	list = listed(&f, (struct pipeline_filter){ .ref_name = STR("dev") }, LISTING_FIRST);
	check_int(list.total, 2);
	list = listed(&f, (struct pipeline_filter){ .status = STR("failed") }, LISTING_FIRST);
	check_int(list.total, 1);
	check_int(list.items[0].id.v, bad.id.v);
	check_true(!str_is_none(list.items[0].config_error) && list.items[0].config_line > 0);
	list = listed(&f, (struct pipeline_filter){ .scope = "pending" }, LISTING_FIRST);
	check_int(list.total, 2);
	list = listed(&f, (struct pipeline_filter){ .scope = "tags" }, LISTING_FIRST);
	check_int(list.total, 0);
	list = listed(&f, (struct pipeline_filter){ .username = STR("nobody") }, LISTING_FIRST);
	check_int(list.total, 0);
	list = listed(&f, (struct pipeline_filter){ .is_oldest_first = true },
		      (struct listing){ 2, 2 });
	check_int(list.count, 1);
	check_int(list.items[0].id.v, last.id.v);
	domain_close(f.w);
}

static void a_pipeline_is_found_through_its_project_only(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct project_id other = domain_project(f.w, "team/b", &f.ann, VISIBILITY_PRIVATE);
	struct pipeline_made made = test_pipeline(f.w, f.project, "main", three);
	struct job job = job_named(&f, made.id, "test");
	struct pipeline pipeline;
	struct err e = { 0 };
	bool found;

	check_err(pipeline_get(f.w->db, other, made.id, f.w->a, &pipeline, &e), &e, ERR_NOT_FOUND,
		  "404 Pipeline");
	check_err(job_get(f.w->db, other, job.id, f.w->a, &job, &e), &e, ERR_NOT_FOUND, "404 Job");
	check_ok(pipeline_latest(f.w->db, f.project, STR("refs/heads/main"), f.w->a, &pipeline,
				 &found, &e),
		 &e);
	check_true(found && pipeline.id.v == made.id.v);
	check_ok(pipeline_latest(f.w->db, f.project, STR("refs/heads/x"), f.w->a, &pipeline, &found,
				 &e),
		 &e);
	check_false(found);
	domain_close(f.w);
}

static void commits_and_refs_have_the_mark_of_their_last_pipeline(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct str shas[] = { STR(TEST_SHA), STR("ffffffffffffffffffffffffffffffffffffffff") };
	struct str refs[] = { STR("refs/heads/main"), STR("refs/heads/dev") };
	struct str_list asked = { shas, 2 };
	struct pipeline_marks marks;
	struct pipeline_made made;
	struct err e = { 0 };

	test_pipeline(f.w, f.project, "main", three);
	made = test_pipeline(f.w, f.project, "main", "a: {script: [x]}");
	check_ok(pipeline_of_commits(f.w->db, f.project, &asked, f.w->a, &marks, &e), &e);
	check_int(marks.count, 1);
	check_int(pipeline_mark_of(&marks, shas[0])->id.v, made.id.v);
	check_true(pipeline_mark_of(&marks, shas[1]) == NULL);
	asked = (struct str_list){ refs, 2 };
	check_ok(pipeline_of_refs(f.w->db, f.project, &asked, f.w->a, &marks, &e), &e);
	check_int(marks.count, 1);
	check_int(pipeline_mark_of(&marks, refs[0])->status, CI_STATUS_PENDING);
	domain_close(f.w);
}

static void an_allowed_failure_is_a_warning(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct runner runner = test_runner(f.w, (struct runner_new){ .run_untagged = true });
	struct pipeline_made made =
		test_pipeline(f.w, f.project, "main", "a: {script: [x], allow_failure: true}");
	struct pipeline pipeline;
	struct err e = { 0 };

	test_job_run(f.w, &runner, false);
	check_ok(pipeline_get(f.w->db, f.project, made.id, f.w->a, &pipeline, &e), &e);
	check_int(pipeline.status, CI_STATUS_SUCCESS);
	check_true(pipeline.has_warnings);
	check_true(pipeline.has_finished_at && pipeline.running_seconds >= 0);
	domain_close(f.w);
}

static void a_job_says_why_it_is_not_running(void **state UNUSED)
{
	struct str linux_tag[] = { STR("linux") };
	struct fixture f = open_fixture();
	struct pipeline_made made = test_pipeline(f.w, f.project, "main", three);
	struct runner_change pause = { .has_paused = true, .is_paused = true };
	struct runner_change guard = { .has_protected = true, .is_protected = true };
	struct runner_change none = { .has_paused = true, .has_protected = true };
	struct runner_manager host = { .system_id = STR("s_1") };
	struct runner untagged, tagged;
	struct err e = { 0 };
	int64_t id;

	check_contains(why(&f, made.id, "build"), "No runner serves this project");
	untagged = test_runner(f.w, (struct runner_new){ .run_untagged = true });
	check_c(why(&f, made.id, "build"), "No runner has all of its tags: linux.");
	check_c(why(&f, made.id, "test"), "It waits for the jobs of the stages before it: build.");
	check_c(why(&f, made.id, "last"), "It waits for build, test to end.");
	check_c(why(&f, made.id, "play"), "It waits for a person to start it.");
	check_ok(runner_remove(f.w->db, &f.ann, untagged.id, &e), &e);
	tagged = test_runner(f.w, (struct runner_new){ .tags = { linux_tag, 1 } });
	check_contains(why(&f, made.id, "build"), "have never connected");
	check_ok(runner_update(f.w->db, &f.ann, tagged.id, &pause, f.w->a, &e), &e);
	check_contains(why(&f, made.id, "build"), "Every runner that fits is paused");
	check_ok(runner_update(f.w->db, &f.ann, tagged.id, &guard, f.w->a, &e), &e);
	check_contains(why(&f, made.id, "build"), "protected branches and tags only");
	check_ok(runner_update(f.w->db, &f.ann, tagged.id, &none, f.w->a, &e), &e);
	check_ok(runner_note_contact(f.w->db, tagged.id, &host, f.w->a, &id, &e), &e);
	check_contains(why(&f, made.id, "build"), "waits for its turn, with 0 jobs of this");
	test_database_exec(f.w->database,
			   "UPDATE runner_manager SET contacted_at = now() - interval '1 hour'");
	check_contains(why(&f, made.id, "build"), "No runner that fits is online");
	domain_close(f.w);
}

static void an_untagged_job_is_told_of_runners_with_tags_only(void **state UNUSED)
{
	struct str linux_tag[] = { STR("linux") };
	struct fixture f = open_fixture();
	struct pipeline_made made =
		test_pipeline(f.w, f.project, "main", "a: {script: [x]}\nb: {script: [x]}");

	test_runner(f.w, (struct runner_new){ .tags = { linux_tag, 1 } });
	check_contains(why(&f, made.id, "a"), "runs tagged jobs only");
	domain_close(f.w);
}

static int right(struct fixture *f, enum access_level level, const char *ref, struct err *e)
{
	const struct access_target target = { .exists = true,
					      .visibility = VISIBILITY_PRIVATE,
					      .level = level };
	struct actor bob = f->ann;

	err_clear(e);
	return pipeline_check_right(f->w->db, &bob, &target, f->project, str_c(ref), f->w->a, e);
}

static void a_protected_branch_s_jobs_are_for_those_who_may_change_it(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct err e = { 0 };

	check_ok(right(&f, LEVEL_DEVELOPER, "refs/heads/feature", &e), &e);
	check_ok(right(&f, LEVEL_DEVELOPER, "refs/heads/stage", &e), &e);
	check_err(right(&f, LEVEL_DEVELOPER, "refs/heads/main", &e), &e, ERR_FORBIDDEN,
		  "The branch main is protected");
	check_ok(right(&f, LEVEL_MAINTAINER, "refs/heads/main", &e), &e);
	check_ok(right(&f, LEVEL_DEVELOPER, "refs/merge-requests/1/head", &e), &e);
	check_err(right(&f, LEVEL_REPORTER, "refs/heads/feature", &e), &e, ERR_FORBIDDEN,
		  "start, cancel and retry");
	domain_close(f.w);
}

static void runners_are_listed_by_place_state_and_tags(void **state UNUSED)
{
	struct str tags[] = { STR("linux"), STR("big") };
	struct fixture f = open_fixture();
	struct runner_views list = { 0 };
	struct runner_query query = { .serves = f.project };
	struct runner_manager host = { .system_id = STR("s_1"), .version = STR("1.0") };
	struct runner one = test_runner(f.w, (struct runner_new){ .run_untagged = true });
	struct err e = { 0 };
	int64_t id;

	test_runner(f.w, (struct runner_new){ .kind = RUNNER_PROJECT,
					      .project = f.project,
					      .tags = { tags, 2 } });
	test_runner(f.w, (struct runner_new){ .kind = RUNNER_GROUP,
					      .namespace = domain_namespace(f.w, "team"),
					      .run_untagged = true });
	check_ok(runner_note_contact(f.w->db, one.id, &host, f.w->a, &id, &e), &e);
	check_ok(runner_list(f.w->db, &query, LISTING_FIRST, f.w->a, &list, &e), &e);
	check_int(list.total, 3);
	check_int(list.items[0].runner.kind, RUNNER_PROJECT);
	check_str(list.items[0].place, "team/app");
	check_str(list.items[1].place, "team");
	check_int(list.items[2].state, RUNNER_ONLINE);
	check_str(list.items[2].version, "1.0");
	query.state = "never_contacted";
	query.tags = (struct str_list){ tags, 1 };
	check_ok(runner_list(f.w->db, &query, LISTING_FIRST, f.w->a, &list, &e), &e);
	check_int(list.total, 1);
	domain_close(f.w);
}

static void a_change_of_a_runner_is_judged_like_a_new_one(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct runner runner = test_runner(f.w, (struct runner_new){ .run_untagged = true });
	struct runner_change none_left = { .has_run_untagged = true };
	struct runner_change tagged = { .description = STR("host 1"),
					.has_tags = true,
					.tags = runner_tags_of_text(STR(" a, b c,a,,"), f.w->a),
					.has_run_untagged = true };
	struct runner_view view;
	struct err e = { 0 };

	check_err(runner_update(f.w->db, &f.ann, runner.id, &none_left, f.w->a, &e), &e,
		  ERR_UNPROCESSABLE, "must run untagged jobs");
	check_ok(runner_update(f.w->db, &f.ann, runner.id, &tagged, f.w->a, &e), &e);
	check_ok(runner_get(f.w->db, &(struct runner_query){ .id = runner.id }, f.w->a, &view, &e),
		 &e);
	check_str(view.runner.description, "host 1");
	check_int(view.runner.tags.count, 2);
	check_str(view.runner.tags.items[1], "b c");
	check_false(view.runner.run_untagged);
	domain_close(f.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_filtered_and_turned),
		cmocka_unit_test(a_pipeline_is_found_through_its_project_only),
		cmocka_unit_test(commits_and_refs_have_the_mark_of_their_last_pipeline),
		cmocka_unit_test(an_allowed_failure_is_a_warning),
		cmocka_unit_test(a_job_says_why_it_is_not_running),
		cmocka_unit_test(an_untagged_job_is_told_of_runners_with_tags_only),
		cmocka_unit_test(a_protected_branch_s_jobs_are_for_those_who_may_change_it),
		cmocka_unit_test(runners_are_listed_by_place_state_and_tags),
		cmocka_unit_test(a_change_of_a_runner_is_judged_like_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
