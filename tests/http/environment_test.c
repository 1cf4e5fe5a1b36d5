/* Environments, deployments and badges: pages, forms and REST. */
#include "support/pipeline.h"
#include "support/web.h"

#include "base/jsonr.h"
#include "domain/deployment.h"
#include "domain/token.h"

#define API "/api/v4/projects/team%2Fapp"

struct fixture {
	struct test_web *w;
	struct domain *world;
	struct actor ann, dan;
	struct project_id project;
	struct runner runner;
	const char *token, *dans, *cookie;
};

static struct fixture open_fixture(enum visibility visibility)
{
	struct fixture f = { .w = test_web_open(NULL) };

	f.world = f.w->world;
	f.ann = domain_user(f.world, "ann");
	f.dan = domain_user(f.world, "dan");
	f.project = domain_project(f.world, "team/app", &f.ann, visibility);
	domain_member(f.world, (struct member_place){ .project = f.project }, &f.dan,
		      LEVEL_DEVELOPER);
	f.runner = test_runner(f.world, (struct runner_new){ .run_untagged = true });
	f.token = test_web_token(f.w, &f.ann, SCOPE_API);
	f.dans = test_web_token(f.w, &f.dan, SCOPE_API);
	f.cookie = test_web_sign_in(f.w, &f.ann);
	return f;
}

static void deploy(struct fixture *f, const char *branch, int digit, const char *environment,
		   bool is_success)
{
	struct pipeline_made made =
		test_pipeline_by(f->world, f->project, &f->ann, branch,
				 arena_strf(f->world->a,
					    "deploy: {script: [x], environment: {name: '%s', url: "
					    "'https://app.example.org'}}",
					    environment));

	test_database_exec(f->world->database,
			   arena_strf(f->world->a,
				      "UPDATE pipeline SET sha = repeat('%d', 40) WHERE id = %lld",
				      digit, (long long)made.id.v));
	(void)test_job_run(f->world, &f->runner, is_success);
}

static struct test_answer send(struct fixture *f, const char *token, enum http_method method,
			       const char *target, const char *json)
{
	struct test_ask ask = { .method = method,
				.target = target,
				.token = token,
				.body = json,
				.body_type = json ? "application/json" : NULL };

	return test_web_ask(f->w, &ask);
}

static const struct jsonr *parse(struct fixture *f, struct test_answer a, int status)
{
	const struct jsonr *json = NULL;
	struct err e = { 0 };

	if (a.status != status)
		fail_msg("%d %.*s", a.status, STR_FMT(a.body));
	check_ok(jsonr_parse(f->w->answers, a.body, &json, &e), &e);
	return json;
}

static struct str text(const struct jsonr *json, const char *key)
{
	return jsonr_text(jsonr_get(json, key));
}

static bool has(struct test_answer a, const char *what)
{
	return str_find_str(a.body, str_c(what)) < a.body.n;
}

static struct test_answer page(struct fixture *f, const char *target)
{
	struct test_ask ask = { .method = HTTP_GET, .target = target, .cookie = f->cookie };

	return test_web_ask(f->w, &ask);
}

static void an_environment_is_made_changed_stopped_and_deleted_by_api(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);
	const struct jsonr *n =
		parse(&f,
		      send(&f, f.dans, HTTP_POST, API "/environments",
			   "{\"name\":\"review/x\",\"external_url\":\"https://x.y\"}"),
		      201);
	int64_t id = 0;
	const char *one;

	check_str(text(n, "tier"), "development");
	check_str(text(n, "slug"), "review-x-n5c54v");
	check_str(text(n, "state"), "available");
	check_true(jsonr_is_null(jsonr_get(n, "last_deployment")));
	check_true(jsonr_integer(jsonr_get(n, "id"), &id));
	one = arena_strf(f.w->arena, "%s/environments/%lld", API, (long long)id);
	n = parse(&f, send(&f, f.dans, HTTP_PUT, one, "{\"tier\":\"other\"}"), 200);
	check_str(text(n, "tier"), "other");
	check_str(text(n, "external_url"), "https://x.y");
	(void)parse(&f, send(&f, f.dans, HTTP_PUT, one, "{\"tier\":\"moon\"}"), 400);
	(void)parse(&f, send(&f, f.dans, HTTP_DELETE, one, NULL), 409);
	n = parse(&f, send(&f, f.dans, HTTP_POST, arena_strf(f.w->arena, "%s/stop", one), "{}"),
		  200);
	check_str(text(n, "state"), "stopped");
	check_int(jsonr_length(parse(
			  &f, test_web_get(f.w, API "/environments?states=stopped", f.dans), 200)),
		  1);
	check_int(send(&f, f.dans, HTTP_DELETE, one, NULL).status, 204);
	check_int(test_web_get(f.w, one, f.dans).status, 404);
	test_web_close(f.w);
}

static void a_deployment_is_rolled_back_by_api(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);
	const struct jsonr *list;
	const struct jsonr *one;
	const char *repeat;
	int64_t id = 0;

	deploy(&f, "main", 1, "production", true);
	deploy(&f, "main", 2, "production", true);
	list = parse(&f,
		     test_web_get(f.w, API "/deployments?environment=production&status=success",
				  f.token),
		     200);
	check_int(jsonr_length(list), 2);
	one = jsonr_at(list, 0);
	check_true(jsonr_integer(jsonr_get(one, "id"), &id));
	check_str(text(jsonr_get(one, "environment"), "name"), "production");
	check_str(text(jsonr_get(one, "user"), "username"), "ann");
	check_str(text(jsonr_get(one, "deployable"), "name"), "deploy");
	repeat = arena_strf(f.w->arena, "%s/deployments/%lld/repeat", API, (long long)id);
	(void)parse(&f, send(&f, f.dans, HTTP_POST, repeat, "{}"), 403);
	(void)parse(&f, send(&f, f.token, HTTP_POST, repeat, "{}"), 201);
	(void)test_job_run(f.world, &f.runner, true);
	list = parse(&f, test_web_get(f.w, API "/deployments?sort=desc", f.token), 200);
	check_str(text(jsonr_at(list, 0), "kind"), "rollback");
	check_true(str_starts(text(jsonr_at(list, 0), "sha"), STR("1111")));
	list = parse(&f, test_web_get(f.w, API "/environments?name=production", f.token), 200);
	check_true(jsonr_integer(jsonr_get(jsonr_at(list, 0), "id"), &id));
	one = parse(&f,
		    test_web_get(f.w,
				 arena_strf(f.w->arena, "%s/environments/%lld", API, (long long)id),
				 f.token),
		    200);
	check_true(str_starts(text(jsonr_get(one, "last_deployment"), "sha"), STR("1111")));
	test_web_close(f.w);
}

static void deployments_are_listed_in_the_order_that_is_asked(void **state UNUSED)
{
	static const struct {
		const char *query, *first, *last;
	} cases[] = {
		{ "", "main", "feature" },
		{ "?sort=desc", "feature", "main" },
		{ "?order_by=iid&sort=asc", "main", "feature" },
		{ "?order_by=ref", "feature", "main" },
		{ "?order_by=ref&sort=desc", "main", "feature" },
		{ "?order_by=finished_at", "main", "feature" },
		{ "?order_by=updated_at&sort=desc", "feature", "main" },
	};
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);

	deploy(&f, "main", 1, "production", true);
	deploy(&f, "feature", 3, "testing", true);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *target =
			arena_strf(f.w->arena, "%s/deployments%s", API, cases[i].query);
		const struct jsonr *list = parse(&f, test_web_get(f.w, target, f.token), 200);

		check_int(jsonr_length(list), 2);
		check_str(text(jsonr_at(list, 0), "ref"), cases[i].first);
		check_str(text(jsonr_at(list, 1), "ref"), cases[i].last);
	}
	(void)parse(&f, test_web_get(f.w, API "/deployments?order_by=colour", f.token), 400);
	(void)parse(&f, test_web_get(f.w, API "/deployments?sort=up", f.token), 400);
	test_web_close(f.w);
}

static void the_page_tells_what_stands_where_and_offers_the_way_back(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);
	struct test_answer list;
	struct test_answer show;
	const char *path;
	int64_t id;

	deploy(&f, "feature", 3, "testing", true);
	deploy(&f, "main", 1, "production", true);
	deploy(&f, "main", 2, "production", false);
	deploy(&f, "feature", 3, "review/x", true);
	list = page(&f, "/team/app/-/environments");
	check_int(list.status, 200);
	check_true(has(list, "33333333"));
	check_true(has(list, "11111111"));
	check_true(has(list, ">review/x</a>"));
	check_true(has(list, "Nothing stands here yet."));
	id = test_database_number(f.world->database,
				  "SELECT id FROM environment WHERE name = 'production'");
	path = arena_strf(f.w->arena, "/team/app/-/environments/%lld", (long long)id);
	show = page(&f, path);
	check_int(show.status, 200);
	check_true(has(show, "stands here"));
	check_true(has(show, "Roll back to this"));
	check_true(has(show, "Deploy again"));
	check_true(has(show, "badges/environments/production.svg"));
	check_int(page(&f, "/team/app/-/environments/999999").status, 404);
	test_web_close(f.w);
}

static void badges_tell_the_state_of_a_branch_and_of_an_environment(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	struct test_answer a;

	deploy(&f, "main", 1, "production", true);
	deploy(&f, "feat/one", 2, "testing", false);
	a = test_web_get(f.w, "/team/app/badges/main/pipeline.svg", NULL);
	check_int(a.status, 200);
	check_str(test_answer_header(&a, "Content-Type"), "image/svg+xml");
	check_true(has(a, "pipeline: passed"));
	check_true(has(test_web_get(f.w, "/team/app/badges/feat/one/pipeline.svg", NULL),
		       "pipeline: failed"));
	check_true(
		has(test_web_get(f.w, "/team/app/-/badges/nothing/pipeline.svg?key_text=ci", NULL),
		    "ci: unknown"));
	check_true(has(test_web_get(f.w, "/team/app/-/badges/environments/production.svg", NULL),
		       "production: 11111111"));
	check_true(has(test_web_get(f.w, "/team/app/-/badges/environments/testing.svg", NULL),
		       "testing: failed"));
	check_true(has(test_web_get(f.w, "/team/app/-/badges/environments/moon.svg", NULL),
		       "moon: unknown"));
	a = test_web_get(f.w,
			 "/team/app/badges/main/pipeline.svg?key_text=%3Cscript%3E%22&style="
			 "flat-square",
			 NULL);
	check_false(has(a, "<script"));
	check_false(has(a, "linearGradient"));
	test_web_close(f.w);
}

static void the_badge_of_a_private_project_tells_a_stranger_nothing(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);
	struct actor eve = domain_user(f.world, "eve");

	deploy(&f, "main", 1, "production", true);
	check_int(test_web_get(f.w, "/team/app/badges/main/pipeline.svg",
			       test_web_token(f.w, &eve, SCOPE_API))
			  .status,
		  404);
	check_int(test_web_get(f.w, "/team/app/badges/main/pipeline.svg", NULL).status, 401);
	check_int(page(&f, "/team/app/badges/main/pipeline.svg").status, 200);
	test_web_close(f.w);
}

RUN_TESTS(TEST(an_environment_is_made_changed_stopped_and_deleted_by_api),
	  TEST(a_deployment_is_rolled_back_by_api),
	  TEST(deployments_are_listed_in_the_order_that_is_asked),
	  TEST(the_page_tells_what_stands_where_and_offers_the_way_back),
	  TEST(badges_tell_the_state_of_a_branch_and_of_an_environment),
	  TEST(the_badge_of_a_private_project_tells_a_stranger_nothing))
