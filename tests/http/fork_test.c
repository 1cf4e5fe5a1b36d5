/* Forks: form, list and API; what strangers may learn of them. */
#include "support/web.h"

#include "support/check.h"

#include "base/jsonr.h"
#include "domain/fork.h"
#include "domain/token.h"

#define API "/api/v4/projects/team%2Fapp"

struct fixture {
	struct test_web *w;
	struct actor ann; /* owner of team/app */
	struct actor bob; /* nobody */
	const char *token;
	const char *bobs;
};

static struct fixture open_fixture(enum visibility visibility)
{
	struct fixture f = { .w = test_web_open(NULL) };

	f.ann = domain_user(f.w->world, "ann");
	f.bob = domain_user(f.w->world, "bob");
	domain_project(f.w->world, "team/app", &f.ann, visibility);
	f.token = test_web_token(f.w, &f.ann, SCOPE_API);
	f.bobs = test_web_token(f.w, &f.bob, SCOPE_API);
	return f;
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

static int64_t number(const struct jsonr *json, const char *key)
{
	int64_t n = -1;

	check_true(jsonr_integer(jsonr_get(json, key), &n));
	return n;
}

static void check_holds(struct str body, const char *part)
{
	if (str_find_str(body, str_c(part)) == body.n)
		fail_msg("no \"%s\" in\n%.*s", part, STR_FMT(body));
}

static void a_fork_by_api_names_its_source_and_is_counted(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	const struct jsonr *fork =
		parse(&f, test_web_post(f.w, API "/fork", f.bobs, "name=Mine&path=mine"), 201);
	const struct jsonr *from = jsonr_get(fork, "forked_from_project");

	check_str(jsonr_text(jsonr_get(fork, "path_with_namespace")), "bob/mine");
	check_str(jsonr_text(jsonr_get(fork, "visibility")), "public");
	check_str(jsonr_text(jsonr_get(fork, "import_status")), "started");
	check_str(jsonr_text(jsonr_get(from, "path_with_namespace")), "team/app");
	check_true(number(from, "id") > 0);
	check_int(number(parse(&f, test_web_get(f.w, API, f.token), 200), "forks_count"), 1);
	check_int(jsonr_length(parse(&f, test_web_get(f.w, API "/forks", f.token), 200)), 1);
	check_int(
		jsonr_length(parse(&f, test_web_get(f.w, API "/forks?search=other", f.token), 200)),
		0);
	test_web_close(f.w);
}

static void forking_twice_into_one_place_is_said_as_gitlab_does(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);

	parse(&f, test_web_post(f.w, API "/fork", f.bobs, ""), 201);
	check_holds(test_web_post(f.w, API "/fork", f.bobs, "").body, "has already been taken");
	check_int(test_web_post(f.w, API "/fork", f.bobs, "namespace=nowhere").status, 404);
	check_int(test_web_post(f.w, API "/fork", f.bobs, "namespace_path=team&path=x").status,
		  403);
	check_int(test_web_post(f.w, API "/fork", f.bobs, "branches=main&path=x").status, 400);
	test_web_close(f.w);
}

static void a_private_project_is_forked_by_its_readers_only_and_stays_private(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);
	const struct jsonr *fork;

	check_int(test_web_post(f.w, API "/fork", f.bobs, "").status, 404);
	check_int(test_web_post(f.w, API "/fork", NULL, "").status, 401);
	check_int(test_web_post(f.w, API "/fork", f.token, "visibility=public&path=x").status, 400);
	fork = parse(&f, test_web_post(f.w, API "/fork", f.token, "path=own"), 201);
	check_str(jsonr_text(jsonr_get(fork, "visibility")), "private");
	test_web_close(f.w);
}

/* T21: who lost the source must not read its name in the fork. */
static void a_source_that_may_not_be_seen_is_not_named(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	const struct jsonr *fork;
	struct test_answer page;

	parse(&f, test_web_post(f.w, API "/fork", f.bobs, "path=mine"), 201);
	test_database_exec(f.w->world->database,
			   "UPDATE project SET visibility = 'private' WHERE segment = 'app'");
	fork = parse(&f, test_web_get(f.w, "/api/v4/projects/bob%2Fmine", f.bobs), 200);
	check_true(jsonr_is_null(jsonr_get(fork, "forked_from_project")));
	page = test_web_get(f.w, "/bob/mine/-/forks", f.bobs);
	check_int(page.status, 200);
	check_true(str_find_str(page.body, STR("team/app")) == page.body.n);
	test_web_close(f.w);
}

static void the_form_offers_what_the_source_allows_and_makes_the_fork(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_INTERNAL);
	const char *cookie = test_web_sign_in(f.w, &f.bob);
	struct test_ask ask = { .target = "/team/app/-/forks/new", .cookie = cookie };
	struct test_answer page = test_web_ask(f.w, &ask);

	check_int(page.status, 200);
	check_holds(page.body, "value=\"internal\" checked");
	check_true(str_find_str(page.body, STR("value=\"public\"")) == page.body.n);
	check_holds(page.body, "bob /");
	ask.target = "/team/app/-/forks";
	page = test_web_ask(f.w, &ask);
	check_holds(page.body, "No forks");
	parse(&f, test_web_post(f.w, API "/fork", f.bobs, "path=mine"), 201);
	page = test_web_ask(f.w, &ask);
	check_holds(page.body, "href=\"/bob/mine\"");
	test_web_close(f.w);
}

RUN_TESTS(TEST(a_fork_by_api_names_its_source_and_is_counted),
	  TEST(forking_twice_into_one_place_is_said_as_gitlab_does),
	  TEST(a_private_project_is_forked_by_its_readers_only_and_stays_private),
	  TEST(a_source_that_may_not_be_seen_is_not_named),
	  TEST(the_form_offers_what_the_source_allows_and_makes_the_fork))
