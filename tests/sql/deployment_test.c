/* Deploy jobs: where they may go, one at a time, in order, and back when a person wants it. */
#include "domain/deployment.h"

#include "domain/pipeline_change.h"
#include "support/check.h"
#include "support/pipeline.h"

#include <pthread.h>

struct town {
	struct domain *w;
	struct arena *a;
	struct actor ann;
	struct project_id project;
	struct runner runner;
};

static const char deploy[] = "deploy: {script: [x], environment: {name: production, "
			     "url: 'https://$CI_ENVIRONMENT_SLUG.example.org/$VERSION'}, "
			     "variables: {VERSION: '7'}}";

static struct town open_town(void)
{
	struct town t = { .w = domain_open() };

	t.a = t.w->a;
	t.ann = domain_user(t.w, "ann");
	t.project = domain_project(t.w, "ann/site", &t.ann, VISIBILITY_PRIVATE);
	t.runner = test_runner(t.w, (struct runner_new){ .run_untagged = true });
	return t;
}

static const char *text_of(struct town *t, const char *sql)
{
	return test_database_text(t->w->database, sql);
}

static int64_t number_of(struct town *t, const char *sql)
{
	return test_database_number(t->w->database, sql);
}

/* The branch's pipelines are of one commit each: the n-th has the digit n. */
static struct pipeline_made push(struct town *t, const char *branch, int digit, const char *file)
{
	struct pipeline_made made = test_pipeline_by(t->w, t->project, &t->ann, branch, file);

	test_database_exec(t->w->database,
			   arena_strf(t->a,
				      "UPDATE pipeline SET sha = repeat('%d', 40) WHERE id = %lld",
				      digit, (long long)made.id.v));
	return made;
}

static bool claims(struct town *t, struct job_claimed *job)
{
	struct err e = { 0 };
	bool found;

	check_ok(job_claim(t->w->db, &t->runner, 0, t->a, job, &found, &e), &e);
	return found;
}

static void a_deployment_begins_with_the_claim_and_ends_with_the_job(void **state UNUSED)
{
	struct town t = open_town();
	struct job_claimed job;

	(void)push(&t, "main", 1, deploy);
	check_int(number_of(&t, "SELECT count(*) FROM deployment"), 0);
	check_true(claims(&t, &job));
	check_c(text_of(&t, "SELECT status || ' ' || kind FROM deployment"), "running deploy");
	check_c(text_of(&t, "SELECT name || ' ' || tier || ' ' || state FROM environment"),
		"production production available");
	test_job_end(t.w, &job, true);
	check_c(text_of(&t, "SELECT status FROM deployment WHERE finished_at IS NOT NULL"),
		"success");
	domain_close(t.w);
}

/* As the artifact of a job, without its bytes. */
static void leave_archive(struct town *t, const char *job, const char *digit)
{
	test_database_exec(t->w->database,
			   arena_strf(t->a,
				      "WITH b AS (INSERT INTO blob (sha256, size) VALUES "
				      "(decode(repeat('%s', 64), 'hex'), 5) RETURNING sha256) "
				      "INSERT INTO artifact (project_id, job_id, type, format, "
				      "filename, size, sha256) SELECT j.project_id, j.id, "
				      "'archive', 'zip', 'site.zip', 5, b.sha256 FROM job j, b "
				      "WHERE j.name = '%s'",
				      digit, job));
}

static void a_deployment_names_the_archives_that_it_was_handed(void **state UNUSED)
{
	static const char file[] =
		"build: {stage: build, script: [x], artifacts: {paths: [a]}}\n"
		"other: {stage: build, script: [x], artifacts: {paths: [a]}}\n"
		"deploy: {stage: deploy, script: [x], needs: [build], environment: production}";
	struct town t = open_town();
	struct deployment_artifacts list;
	struct job_claimed job;
	struct err e = { 0 };

	(void)push(&t, "main", 1, file);
	for (size_t i = 0; i < 2; i++) {
		check_true(claims(&t, &job));
		leave_archive(&t, arena_cstr(t.a, job.name), i ? "b" : "a");
		test_job_end(t.w, &job, true);
	}
	check_true(claims(&t, &job));
	check_ok(deployment_artifacts(
			 t.w->db, t.project,
			 (struct deployment_id){ number_of(&t, "SELECT id FROM deployment") }, t.a,
			 &list, &e),
		 &e);
	check_int(list.count, 1);
	check_str(list.items[0].job_name, "build");
	check_str(list.items[0].filename, "site.zip");
	check_str(list.items[0].sha256,
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	domain_close(t.w);
}

static void a_job_of_a_wrong_ref_fails_with_the_rule_before_it_starts(void **state UNUSED)
{
	struct town t = open_town();
	struct job_claimed job;

	(void)push(&t, "feature", 1, deploy);
	check_c(text_of(&t, "SELECT status FROM job"), "failed");
	check_c(text_of(&t, "SELECT failure_reason FROM job"), "protected_environment_failure");
	check_true(strstr(text_of(&t, "SELECT failure_message FROM job"),
			  "only from the branch main") != NULL);
	check_c(text_of(&t, "SELECT status FROM pipeline"), "failed");
	check_false(claims(&t, &job));
	check_int(number_of(&t, "SELECT count(*) FROM environment"), 0);
	domain_close(t.w);
}

/* A branch that may not deploy must not read the environment's variables either. */
static void no_action_opens_an_environment_of_the_path_to_other_refs(void **state UNUSED)
{
	struct town t = open_town();

	(void)push(&t, "feature", 1,
		   "peek: {script: [env], environment: {name: production, action: access}}");
	check_c(text_of(&t, "SELECT failure_reason FROM job"), "protected_environment_failure");
	domain_close(t.w);
}

static void a_manual_job_of_a_wrong_ref_fails_when_it_is_played(void **state UNUSED)
{
	struct town t = open_town();
	struct err e = { 0 };
	size_t pending;

	(void)push(&t, "feature", 1,
		   "d: {script: [x], when: manual, environment: staging}\nafter: {script: [x], "
		   "stage: deploy, when: on_failure}");
	check_c(text_of(&t, "SELECT status FROM job WHERE name = 'd'"), "manual");
	check_ok(job_play(t.w->db, (struct job_id){ number_of(&t, "SELECT min(id) FROM job") },
			  t.ann.user, NULL, t.a, &pending, &e),
		 &e);
	check_int(pending, 0);
	check_c(text_of(&t, "SELECT status FROM job WHERE name = 'd'"), "failed");
	domain_close(t.w);
}

static void an_environment_takes_one_deployment_at_a_time(void **state UNUSED)
{
	struct town t = open_town();
	struct job_claimed first;
	struct job_claimed second;
	struct err e = { 0 };
	struct job_held held;
	size_t pending;

	(void)push(&t, "main", 1, deploy);
	check_true(claims(&t, &first));
	(void)push(&t, "main", 2, deploy);
	check_false(claims(&t, &second));
	check_ok(job_finish(t.w->db, first.id, first.token,
			    &(struct job_report){ .is_success = true }, t.a, &held, &pending, &e),
		 &e);
	check_int(pending, 1); /* somebody must be told that it may go now */
	check_true(claims(&t, &second));
	test_job_end(t.w, &second, true);
	check_c(text_of(&t, "SELECT string_agg(kind, ',' ORDER BY id) FROM deployment"),
		"deploy,deploy");
	domain_close(t.w);
}

static void an_older_commit_does_not_overtake_a_newer_one(void **state UNUSED)
{
	static const char slow[] = "build: {stage: build, script: [x]}\n"
				   "deploy: {stage: deploy, script: [x], environment: production}";
	struct town t = open_town();
	struct pipeline_made old = push(&t, "main", 1, slow);
	struct job_claimed build;

	check_true(claims(&t, &build));
	(void)push(&t, "main", 2, deploy);
	(void)test_job_run(t.w, &t.runner, true);
	test_job_end(t.w, &build, true);
	check_c(text_of(&t,
			"SELECT status || ' ' || failure_reason FROM job WHERE stage = 'deploy'"),
		"failed failed_outdated_deployment_job");
	check_int(number_of(&t, arena_strf(t.a,
					   "SELECT count(*) FROM pipeline WHERE id = %lld AND "
					   "status = 'failed'",
					   (long long)old.id.v)),
		  1);
	domain_close(t.w);
}

static void on_testing_the_last_pipeline_wins_and_others_are_no_failure(void **state UNUSED)
{
	static const char slow[] = "build: {stage: build, script: [x]}\n"
				   "deploy: {stage: deploy, script: [x], environment: testing}";
	struct town t = open_town();
	struct job_claimed build;

	(void)push(&t, "one", 1, slow);
	check_true(claims(&t, &build));
	(void)push(&t, "two", 2, "deploy: {script: [x], environment: testing}");
	(void)test_job_run(t.w, &t.runner, true);
	test_job_end(t.w, &build, true);
	check_c(text_of(&t, "SELECT status FROM job WHERE stage = 'deploy'"), "skipped");
	check_true(strstr(text_of(&t, "SELECT failure_message FROM job WHERE stage = 'deploy'"),
			  "of two) was deployed to testing first") != NULL);
	check_int(number_of(&t, "SELECT count(*) FROM pipeline WHERE status = 'success'"), 2);
	domain_close(t.w);
}

static int64_t retried(struct town *t, int64_t job)
{
	struct job_id again = { 0 };
	struct err e = { 0 };
	size_t pending;

	check_ok(pipeline_retry_job(t->w->db, &t->ann, t->project, (struct job_id){ job }, t->a,
				    &again, &pending, &e),
		 &e);
	check_int(pending, 1);
	return again.v;
}

static void a_person_who_retries_an_older_deploy_job_rolls_back(void **state UNUSED)
{
	struct town t = open_town();
	struct deployment_standing standing;
	struct str where;
	struct err e = { 0 };
	bool rolls_back;
	int64_t job;

	(void)push(&t, "main", 1, deploy);
	job = test_job_run(t.w, &t.runner, true).id.v;
	(void)push(&t, "main", 2, deploy);
	(void)test_job_run(t.w, &t.runner, true);
	check_ok(pipeline_job_rolls_back(t.w->db, t.project, (struct job_id){ job }, t.a,
					 &rolls_back, &where, &e),
		 &e);
	check_true(rolls_back);
	check_str(where, "production");
	(void)retried(&t, job);
	(void)test_job_run(t.w, &t.runner, true);
	check_c(text_of(&t, "SELECT kind FROM deployment ORDER BY id DESC LIMIT 1"), "rollback");
	check_ok(deployment_standing(
			 t.w->db, t.project,
			 (struct environment_id){ number_of(&t, "SELECT id FROM environment") },
			 t.a, &standing, &e),
		 &e);
	check_true(standing.has_current);
	check_str(standing.current.sha, "1111111111111111111111111111111111111111");
	check_str(standing.current.replaced_sha, "2222222222222222222222222222222222222222");
	/* What comes later goes on by itself. */
	(void)push(&t, "main", 3, deploy);
	(void)test_job_run(t.w, &t.runner, true);
	check_c(text_of(&t, "SELECT kind FROM deployment ORDER BY id DESC LIMIT 1"), "deploy");
	domain_close(t.w);
}

static void a_new_pipeline_of_an_older_commit_is_a_rollback_too(void **state UNUSED)
{
	struct town t = open_town();

	for (int i = 1; i <= 2; i++) {
		(void)push(&t, "main", i, deploy);
		(void)test_job_run(t.w, &t.runner, true);
	}
	(void)push(&t, "main", 1, deploy);
	(void)test_job_run(t.w, &t.runner, true);
	check_c(text_of(&t, "SELECT string_agg(kind, ',' ORDER BY id) FROM deployment"),
		"deploy,deploy,rollback");
	(void)push(&t, "main", 1, deploy);
	(void)test_job_run(t.w, &t.runner, true);
	check_c(text_of(&t, "SELECT kind FROM deployment ORDER BY id DESC LIMIT 1"), "redeploy");
	domain_close(t.w);
}

static void a_lost_runner_fails_the_deployment_with_the_job(void **state UNUSED)
{
	struct town t = open_town();
	struct job_claimed job;
	struct err e = { 0 };
	size_t lapsed;

	(void)push(&t, "main", 1, deploy);
	check_true(claims(&t, &job));
	test_database_exec(t.w->database,
			   "UPDATE job SET lease_until = now() - interval '16 seconds'");
	check_ok(job_lapse(t.w->db, NULL, t.a, &lapsed, &e), &e);
	check_c(text_of(&t, "SELECT d.status || ' ' || j.status FROM deployment d, job j"),
		"failed failed");
	domain_close(t.w);
}

static void a_resource_group_lets_one_job_run(void **state UNUSED)
{
	struct town t = open_town();
	struct job_claimed job;
	struct job_claimed other;

	(void)push(&t, "one", 1, "a: {script: [x], resource_group: db}\nb: {script: [x]}");
	(void)push(&t, "two", 2, "a: {script: [x], resource_group: db}");
	check_true(claims(&t, &job));
	check_str(job.name, "a");
	check_true(claims(&t, &other));
	check_str(other.name, "b");
	check_false(claims(&t, &other));
	test_job_end(t.w, &job, true);
	check_true(claims(&t, &other));
	check_str(other.name, "a");
	domain_close(t.w);
}

#define RACERS 6
#define DEPLOYS 24

struct racer {
	struct town *t;
	pthread_t thread;
	int failed;
};

/* Claims and ends on a connection of its own; the database says whether two ever met. */
static void *race(void *closure)
{
	struct racer *r = closure;
	struct arena *a = arena_open(0);
	AUTO_DB db = NULL;
	struct err e = { 0 };
	int idle = 0;

	if (db_acquire(r->t->w->database->pool, &db, &e) < 0)
		r->failed++;
	while (db != NULL && idle < 40) {
		struct job_claimed job;
		struct job_held held;
		bool found;
		size_t pending;

		if (job_claim(db, &r->t->runner, 0, a, &job, &found, &e) < 0) {
			print_message("claim: %s\n", e.text);
			r->failed++;
			break;
		}
		idle = found ? 0 : idle + 1;
		if (!found)
			usleep(2000);
		else if (job_finish(db, job.id, job.token,
				    &(struct job_report){ .is_success = true }, a, &held, &pending,
				    &e) < 0)
			r->failed++;
	}
	arena_close(a);
	return NULL;
}

static void many_runners_never_deploy_at_once(void **state UNUSED)
{
	struct racer racers[RACERS] = { 0 };
	struct town t = open_town();

	for (int i = 0; i < DEPLOYS; i++)
		(void)push(&t, "feature", i % 10,
			   i % 2 ? "d: {script: [x], environment: testing}"
				 : "d: {script: [x], environment: testing, resource_group: r}");
	for (size_t i = 0; i < RACERS; i++) {
		racers[i].t = &t;
		check_int(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (size_t i = 0; i < RACERS; i++) {
		check_int(pthread_join(racers[i].thread, NULL), 0);
		check_int(racers[i].failed, 0);
	}
	check_int(number_of(&t, "SELECT count(*) FROM job WHERE status IN ('pending', 'running')"),
		  0);
	check_int(number_of(&t, "SELECT count(*) FROM deployment a JOIN deployment b ON "
				"a.environment_id = b.environment_id AND a.id < b.id AND "
				"tstzrange(a.created_at, a.finished_at) && "
				"tstzrange(b.created_at, b.finished_at)"),
		  0);
	check_int(number_of(&t, "SELECT count(*) FROM deployment d JOIN job j ON j.id = d.job_id "
				"WHERE d.status <> j.status"),
		  0);
	domain_close(t.w);
}

RUN_TESTS(TEST(a_deployment_begins_with_the_claim_and_ends_with_the_job),
	  TEST(a_deployment_names_the_archives_that_it_was_handed),
	  TEST(a_job_of_a_wrong_ref_fails_with_the_rule_before_it_starts),
	  TEST(no_action_opens_an_environment_of_the_path_to_other_refs),
	  TEST(a_manual_job_of_a_wrong_ref_fails_when_it_is_played),
	  TEST(an_environment_takes_one_deployment_at_a_time),
	  TEST(an_older_commit_does_not_overtake_a_newer_one),
	  TEST(on_testing_the_last_pipeline_wins_and_others_are_no_failure),
	  TEST(a_person_who_retries_an_older_deploy_job_rolls_back),
	  TEST(a_new_pipeline_of_an_older_commit_is_a_rollback_too),
	  TEST(a_lost_runner_fails_the_deployment_with_the_job),
	  TEST(a_resource_group_lets_one_job_run), TEST(many_runners_never_deploy_at_once))
