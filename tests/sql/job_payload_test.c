/* What a runner is handed: fields, variables by precedence, what is masked, and the job's token. */
#include "support/check.h"
#include "support/pipeline.h"
#include "support/domain.h"

#include "base/jsonr.h"
#include "ci/plan.h"
#include "domain/job_payload.h"
#include "domain/pipeline.h"
#include "domain/token.h"
#include "domain/variable.h"

#define SHA "0123456789012345678901234567890123456789"

struct queue {
	struct domain *w;
	struct db *db;
	struct arena *a;
	struct actor ann;
	struct project_id project;
	struct instance instance;
	struct runner runner;
	struct err *e;
};

static int nothing(void *closure UNUSED, struct arena *a UNUSED, struct ci_paths *paths,
		   struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_changes(void *closure UNUSED, struct arena *a UNUSED, struct str to UNUSED,
		      struct ci_paths *paths, struct err *e UNUSED)
{
	*paths = (struct ci_paths){ 0 };
	return 0;
}

static int no_file(void *closure UNUSED, struct arena *a UNUSED, struct str path UNUSED,
		   size_t limit UNUSED, struct str *bytes UNUSED, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "none");
}

static struct queue *open_queue(void)
{
	struct queue *q = test_malloc(sizeof(*q));
	struct actor system = actor_system();
	struct runner_new in = { .description = STR("box"), .run_untagged = true };
	struct str token;
	bool found;

	*q = (struct queue){ .w = domain_open() };
	q->db = q->w->db;
	q->a = q->w->a;
	q->e = &q->w->e;
	q->ann = domain_user(q->w, "ann");
	q->project = domain_project(q->w, "team/site", &q->ann, VISIBILITY_PRIVATE);
	q->instance = (struct instance){ .secret = q->w->keys,
					 .url = STR("https://forge.example/git"),
					 .job_url = STR("http://web:8080"),
					 .ssh = STR("forge.example:2222"),
					 .version = STR("1.2.3") };
	check_ok(runner_create(q->db, &system, &in, q->a, &q->runner.id, &token, q->e), q->e);
	check_ok(runner_find(q->db, token, q->a, &q->runner, &found, q->e), q->e);
	return q;
}

static void close_queue(struct queue *q)
{
	domain_close(q->w);
	test_free(q);
}

struct making {
	struct queue *q;
	const struct pipeline_new *in;
	const struct ci_plan *plan;
	const struct ci_variables *kept, *given;
};

static int make(struct db *db, void *closure, struct err *e)
{
	const struct making *m = closure;
	struct pipeline_made made;

	if (pipeline_create(db, m->in, m->plan, m->q->a, &made, e) < 0)
		return -(int)e->code;
	return pipeline_variables_record(db, m->q->w->keys, made.id, m->kept, m->given, m->q->a, e);
}

static void run_pipeline(struct queue *q, const char *text, const struct ci_variables *given)
{
	static const struct ci_source nowhere = { NULL, no_file, nothing, no_changes };
	const struct commit commit = { .message = STR("Add $SECRET\n\nMore."),
				       .subject = STR("Add $SECRET"),
				       .body = STR("More."),
				       .author = { .name = STR("Ann"), .email = STR("a@x.org") },
				       .committer = { .when = { 1700000000000000 },
						      .offset_minutes = -90 } };
	const struct pipeline_facts facts = { .source = CI_SOURCE_PUSH,
					      .project = q->project,
					      .user = q->ann.user,
					      .ref = STR("refs/heads/stage"),
					      .ref_name = STR("stage"),
					      .sha = STR(SHA),
					      .commit = &commit };
	struct pipeline_predefined predefined;
	struct pipeline_new in = { .project = q->project,
				   .ref = facts.ref,
				   .ref_name = facts.ref_name,
				   .sha = facts.sha,
				   .user = facts.user };
	struct ci_plan plan;
	struct making m = { q, &in, &plan, &predefined.kept, given };

	check_ok(pipeline_predefined(q->db, &q->instance, &facts, q->a, &predefined, q->e), q->e);
	check_ok(ci_plan(q->a, STR("f"), str_c(text),
			 &(struct ci_context){ .repository = &nowhere,
					       .ref_name = facts.ref_name,
					       .predefined = &predefined.all,
					       .pipeline = given },
			 &plan, q->e),
		 q->e);
	check_int(plan.outcome, CI_CREATED);
	check_ok(db_transaction(q->db, make, &m, q->e), q->e);
}

static struct job_claimed claimed(struct queue *q)
{
	struct job_claimed job = { 0 };
	bool found = false;

	check_ok(job_claim(q->db, &q->runner, 0, q->a, &job, &found, q->e), q->e);
	check_true(found);
	return job;
}

static const struct jsonr *payload_of(struct queue *q, const struct job_claimed *job)
{
	const struct jsonr *json;
	struct jsonw w;
	struct buf b;

	buf_init(&b, 1 << 20);
	w = jsonw_to(&b);
	check_ok(job_payload_write(q->db, &q->instance, &q->runner, job, q->a, &w, q->e), q->e);
	check_ok(jsonr_parse(q->a, arena_str(q->a, buf_str(&b)), &json, q->e), q->e);
	buf_fini(&b);
	return json;
}

static const struct jsonr *variable_of(const struct jsonr *payload, const char *key)
{
	const struct jsonr *list = jsonr_get(payload, "variables");
	const struct jsonr *found = NULL;

	for (size_t i = 0; i < jsonr_length(list); i++) {
		if (!str_eq_c(jsonr_text(jsonr_get(jsonr_at(list, i), "key")), key))
			continue;
		assert_null(found); /* each name once */
		found = jsonr_at(list, i);
	}
	return found;
}

static struct str value_of(const struct jsonr *payload, const char *key)
{
	const struct jsonr *found = variable_of(payload, key);

	return found ? jsonr_text(jsonr_get(found, "value")) : STR("(none)");
}

static bool is_flagged(const struct jsonr *payload, const char *key, const char *flag)
{
	bool value = false;

	return jsonr_boolean(jsonr_get(variable_of(payload, key), flag), &value) && value;
}

static void store(struct queue *q, struct variable in)
{
	struct variable_store store = { q->db, q->w->keys };
	struct variable_owner owner = { .kind = VARIABLE_OF_PROJECT, .project = q->project };
	struct variable made;

	check_ok(variable_create(&store, &q->ann, &owner, &in, q->a, &made, q->e), q->e);
}

static void a_job_is_handed_out_as_the_protocol_has_it(void **state UNUSED)
{
	struct queue *q = open_queue();
	const struct jsonr *json, *git;
	struct job_claimed job;
	int64_t number;

	run_pipeline(q,
		     "build:\n  before_script: [a]\n  script: [b]\n  after_script: [c]\n"
		     "  timeout: 10m\n  artifacts: {paths: [out], expire_in: 2h}\n",
		     NULL);
	job = claimed(q);
	json = payload_of(q, &job);
	check_true(jsonr_integer(jsonr_get(json, "id"), &number) && number == job.id.v);
	check_str(jsonr_text(jsonr_get(json, "token")), arena_cstr(q->a, job.token));
	git = jsonr_get(json, "git_info");
	check_str(jsonr_text(jsonr_get(git, "repo_url")),
		  arena_strf(q->a, "http://gitlab-ci-token:%.*s@web:8080/team/site.git",
			     STR_FMT(job.token)));
	check_str(jsonr_text(jsonr_get(git, "sha")), SHA);
	check_str(jsonr_text(jsonr_at(jsonr_get(git, "refspecs"), 0)),
		  arena_strf(q->a, "+" SHA ":refs/pipelines/%lld", (long long)job.pipeline.v));
	check_str(jsonr_text(jsonr_at(jsonr_get(git, "refspecs"), 1)),
		  "+" SHA ":refs/remotes/origin/stage");
	check_int(jsonr_length(jsonr_get(json, "steps")), 2);
	check_str(
		jsonr_text(jsonr_at(jsonr_get(jsonr_at(jsonr_get(json, "steps"), 0), "script"), 1)),
		"b");
	check_true(jsonr_integer(jsonr_get(jsonr_get(json, "runner_info"), "timeout"), &number));
	check_int(number, 600);
	check_str(jsonr_text(jsonr_get(jsonr_at(jsonr_get(json, "artifacts"), 0), "expire_in")),
		  "7200 seconds");
	check_true(jsonr_is_null(jsonr_get(json, "image")));
	close_queue(q);
}

static int64_t lease_of(struct queue *q, const char *text)
{
	struct job_claimed job;
	int64_t seconds = 0;

	run_pipeline(q, text, NULL);
	job = claimed(q);
	(void)jsonr_integer(jsonr_get(payload_of(q, &job), "lease_seconds"), &seconds);
	return seconds;
}

static void what_holds_something_is_told_to_end_with_its_lease(void **state UNUSED)
{
	struct queue *q = open_queue();

	check_int(lease_of(q, "a: {script: [a]}\n"), 0);
	check_int(lease_of(q, "a: {script: [a], environment: {name: x, action: verify}}\n"), 0);
	check_int(lease_of(q, "a: {script: [a], resource_group: iron}\n"), JOB_LEASE_SECONDS);
	check_int(lease_of(q, "a: {script: [a], environment: preview}\n"), JOB_LEASE_SECONDS);
	close_queue(q);
}

static void predefined_variables_say_where_a_job_is(void **state UNUSED)
{
	struct queue *q = open_queue();
	const struct jsonr *json;
	struct job_claimed job;

	run_pipeline(q, "build: {script: [a]}\n", NULL);
	job = claimed(q);
	json = payload_of(q, &job);
	check_str(value_of(json, "CI_PROJECT_PATH"), "team/site");
	check_str(value_of(json, "CI_PROJECT_URL"), "https://forge.example/git/team/site");
	check_str(value_of(json, "CI_API_V4_URL"), "http://web:8080/api/v4");
	check_str(value_of(json, "CI_COMMIT_SHORT_SHA"), "01234567");
	check_str(value_of(json, "CI_COMMIT_BRANCH"), "stage");
	check_str(value_of(json, "CI_COMMIT_TAG"), "(none)");
	check_str(value_of(json, "CI_COMMIT_AUTHOR"), "Ann <a@x.org>");
	check_str(value_of(json, "CI_COMMIT_TIMESTAMP"), "2023-11-14T20:43:20-01:30");
	check_str(value_of(json, "CI_PIPELINE_IID"), "1");
	check_str(value_of(json, "HEARTH_ENVIRONMENT"), "staging");
	check_str(value_of(json, "GITLAB_USER_LOGIN"), "ann");
	check_str(value_of(json, "CI_RUNNER_DESCRIPTION"), "box");
	check_true(is_flagged(json, "CI_JOB_TOKEN", "masked"));
	/* Whoever writes a commit message must not read a secret with it. */
	check_str(value_of(json, "CI_COMMIT_TITLE"), "Add $SECRET");
	check_true(is_flagged(json, "CI_COMMIT_TITLE", "raw"));
	close_queue(q);
}

static void who_is_nearer_to_the_job_wins(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct ci_variables given;
	const struct jsonr *json;
	struct job_claimed job;

	store(q, (struct variable){ .key = STR("B"), .value = STR("stored") });
	store(q, (struct variable){ .key = STR("C"), .value = STR("stored") });
	store(q, (struct variable){
			 .key = STR("E"), .value = STR("scoped"), .scope = STR("review/*") });
	ci_variables_init(&given, q->a);
	check_ok(pipeline_given_parse(&given, STR("C=given=twice"), q->e), q->e);
	run_pipeline(q,
		     "variables: {A: global, B: global, C: global, D: 'x-$A-$C-$NO-$$A', "
		     "CYCLE: '$CYCLE:/bin'}\n"
		     "build:\n  script: [a]\n  variables: {A: job}\n"
		     "  environment: {name: review/a, url: 'http://$CI_ENVIRONMENT_SLUG/'}\n",
		     &given);
	job = claimed(q);
	json = payload_of(q, &job);
	check_str(value_of(json, "A"), "job");
	check_str(value_of(json, "B"), "stored");
	check_str(value_of(json, "C"), "given=twice");
	check_str(value_of(json, "D"), "x-job-given=twice-$NO-$$A");
	check_str(value_of(json, "CYCLE"), "$CYCLE:/bin");
	check_str(value_of(json, "E"), "scoped");
	check_str(value_of(json, "CI_ENVIRONMENT_NAME"), "review/a");
	check_true(
		str_starts(value_of(json, "CI_ENVIRONMENT_URL"), STR("http://review-a-ppbxnw/")));
	close_queue(q);
}

/* A deployment to `url`, where $WHERE is stored; then the environment's address is as expected. */
static void check_url(const char *url, const char *stored, bool is_masked, const char *expected)
{
	struct queue *q = open_queue();
	const struct job_report report = { .is_success = true };
	struct job_claimed job;
	struct job_held held;
	size_t pending;

	store(q, (struct variable){
			 .key = STR("WHERE"), .value = str_c(stored), .is_masked = is_masked });
	run_pipeline(
		q,
		arena_strf(q->a,
			   "ship:\n  script: [a]\n  environment: {name: review/a, url: '%s'}\n",
			   url),
		NULL);
	job = claimed(q);
	(void)payload_of(q, &job);
	check_ok(job_finish(q->db, job.id, job.token, &report, q->a, &held, &pending, q->e), q->e);
	check_c(test_database_text(q->w->database,
				   "SELECT coalesce(external_url, '') FROM environment"),
		expected);
	close_queue(q);
}

static void the_address_of_a_deployment_holds_stored_values_but_no_masked_one(void **state UNUSED)
{
	check_url("https://$WHERE/$CI_ENVIRONMENT_SLUG", "stored.example", false,
		  "https://stored.example/review-a-ppbxnw");
	check_url("$WHERE", "http://127.0.0.1:8181", false, "http://127.0.0.1:8181");
	check_url("https://x.example/$WHERE", "secret-path", true, "");
	check_url("javascript:$WHERE", "alert", false, "");
}

static void a_raw_value_is_not_looked_into(void **state UNUSED)
{
	struct queue *q = open_queue();
	const struct jsonr *json;
	struct job_claimed job;

	store(q, (struct variable){ .key = STR("RAW"), .value = STR("p$B$w"), .is_raw = true });
	store(q, (struct variable){ .key = STR("FILE"), .value = STR("$B"), .is_file = true });
	run_pipeline(q, "variables: {B: b, USES: '$RAW'}\nbuild: {script: [a]}\n", NULL);
	job = claimed(q);
	json = payload_of(q, &job);
	check_str(value_of(json, "RAW"), "p$B$w");
	check_str(value_of(json, "USES"), "$RAW"); /* the runner puts it in, as it is */
	check_str(value_of(json, "FILE"), "$B");
	check_true(is_flagged(json, "RAW", "raw") && is_flagged(json, "FILE", "file"));
	close_queue(q);
}

static void the_log_must_not_show_masked_values_and_the_token(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct str_list secrets;
	struct job_claimed job;

	store(q,
	      (struct variable){ .key = STR("M"), .value = STR("swordfish"), .is_masked = true });
	store(q, (struct variable){ .key = STR("P"),
				    .value = STR("protected-secret"),
				    .is_masked = true,
				    .is_protected = true });
	store(q, (struct variable){ .key = STR("O"), .value = STR("open value") });
	run_pipeline(q, "build: {script: [a]}\n", NULL);
	job = claimed(q);
	check_ok(job_secrets(q->db, &q->instance, job.id, job.token, q->a, &secrets, q->e), q->e);
	check_int(secrets.count, 3);
	check_true(str_starts(secrets.items[0], STR("http://gitlab-ci-token:glcbt-")));
	check_str(secrets.items[1], arena_cstr(q->a, job.token));
	check_str(secrets.items[2], "swordfish");
	check_ok(job_secrets(q->db, &q->instance, job.id, STR_NONE, q->a, &secrets, q->e), q->e);
	check_int(secrets.count, 1);
	close_queue(q);
}

static bool is_known(struct queue *q, const struct job_claimed *job, struct actor *actor)
{
	bool found = false;

	check_ok(token_find(q->db, job->token, STR("10.0.0.1"), q->a, actor, &found, q->e), q->e);
	return found;
}

static void a_jobs_token_reads_its_project_while_it_runs(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct project_id other = domain_project(q->w, "open/other", &q->ann, VISIBILITY_PUBLIC);
	struct job_report report = { .is_success = true };
	struct project_access access;
	struct job_claimed job;
	struct job_held held;
	struct actor actor;
	size_t pending;

	run_pipeline(q, "build: {script: [a]}\n", NULL);
	job = claimed(q);
	check_true(is_known(q, &job, &actor));
	check_str(actor.job_sha, SHA);
	check_ok(access_find_project_by_id(q->db, &actor, q->project, q->a, &access, q->e), q->e);
	check_true(access_allows(&actor, ACTION_GIT_READ, &access.target));
	check_false(access_allows(&actor, ACTION_GIT_WRITE, &access.target));
	check_false(access_allows(&actor, ACTION_VARIABLES_VIEW, &access.target));
	check_ok(access_find_project_by_id(q->db, &actor, other, q->a, &access, q->e), q->e);
	check_false(access.target.exists);
	check_ok(job_finish(q->db, job.id, job.token, &report, q->a, &held, &pending, q->e), q->e);
	check_false(is_known(q, &job, &actor));
	close_queue(q);
}

static void a_blocked_persons_job_token_is_dead(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct job_claimed job;
	struct actor actor;

	run_pipeline(q, "build: {script: [a]}\n", NULL);
	job = claimed(q);
	test_database_exec(q->w->database, "UPDATE users SET state = 'blocked'");
	check_false(is_known(q, &job, &actor));
	close_queue(q);
}

static int replay(struct db *db, void *closure, struct err *e)
{
	const struct making *m = closure;

	return job_variables_record(db, m->q->w->keys, (struct job_id){ 1 }, m->given, e);
}

static void who_plays_a_manual_job_has_the_last_word(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct ci_variables given;
	struct making m = { .q = q, .given = &given };
	struct job_claimed job;

	ci_variables_init(&given, q->a);
	check_ok(pipeline_given_add(&given, STR("A"), STR("pipeline"), false, q->e), q->e);
	run_pipeline(q, "build: {script: [a]}\n", &given);
	ci_variables_set_text(&given, "A", STR("played"));
	check_ok(db_transaction(q->db, replay, &m, q->e), q->e);
	check_ok(db_transaction(q->db, replay, &m, q->e), q->e);
	job = claimed(q);
	check_str(value_of(payload_of(q, &job), "A"), "played");
	close_queue(q);
}

static void a_retry_has_what_the_run_before_it_was_given(void **state UNUSED)
{
	struct queue *q = open_queue();
	struct ci_variables given;
	const struct job_given with = { q->w->keys, &given };
	struct job_claimed job;
	size_t pending;

	ci_variables_init(&given, q->a);
	ci_variables_set_text(&given, "VERSION", STR("7"));
	run_pipeline(q, "build: {script: [a], when: manual}\n", NULL);
	check_ok(job_play(q->db, (struct job_id){ 1 }, (struct user_id){ 0 }, &with, q->a, &pending,
			  q->e),
		 q->e);
	for (int run = 0; run < 3; run++) {
		job = claimed(q);
		check_str(value_of(payload_of(q, &job), "VERSION"), "7");
		test_job_end(q->w, &job, run != 1);
		check_ok(job_retry(q->db, job.id, (struct user_id){ 0 }, q->a, &job.id, &pending,
				   q->e),
			 q->e);
	}
	close_queue(q);
}

RUN_TESTS(TEST(a_job_is_handed_out_as_the_protocol_has_it),
	  TEST(what_holds_something_is_told_to_end_with_its_lease),
	  TEST(predefined_variables_say_where_a_job_is), TEST(who_is_nearer_to_the_job_wins),
	  TEST(the_address_of_a_deployment_holds_stored_values_but_no_masked_one),
	  TEST(a_raw_value_is_not_looked_into),
	  TEST(the_log_must_not_show_masked_values_and_the_token),
	  TEST(a_jobs_token_reads_its_project_while_it_runs),
	  TEST(a_blocked_persons_job_token_is_dead), TEST(who_plays_a_manual_job_has_the_last_word),
	  TEST(a_retry_has_what_the_run_before_it_was_given))
