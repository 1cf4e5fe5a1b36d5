/* Stored variables through the API and the pages. */
#include "support/web.h"

#include "base/jsonr.h"
#include "domain/token.h"

struct fixture {
	struct test_web *w;
	struct actor ann;
	const char *token;
	const char *cookie;
};

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = test_web_open(NULL) };

	f.ann = domain_user(f.w->world, "ann");
	domain_project(f.w->world, "team/app", &f.ann, VISIBILITY_PRIVATE);
	f.token = test_web_token(f.w, &f.ann, SCOPE_API);
	f.cookie = test_web_sign_in(f.w, &f.ann);
	return f;
}

static struct test_answer send(struct fixture *f, enum http_method method, const char *target,
			       const char *json)
{
	struct test_ask ask = { .method = method,
				.target = target,
				.token = f->token,
				.body = json,
				.body_type = "application/json" };

	return test_web_ask(f->w, &ask);
}

static const struct jsonr *parse(struct fixture *f, const struct test_answer *a)
{
	const struct jsonr *json = NULL;
	struct err e = { 0 };

	check_ok(jsonr_parse(f->w->answers, a->body, &json, &e), &e);
	return json;
}

static struct str field(struct fixture *f, const struct test_answer *a, const char *key)
{
	return jsonr_text(jsonr_get(parse(f, a), key));
}

static bool has(const struct test_answer *a, const char *text)
{
	return str_find_str(a->body, str_c(text)) < a->body.n;
}

#define PROJECT "/api/v4/projects/1/variables"

static void variables_come_change_and_go_by_their_key(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a = send(&f, HTTP_POST, PROJECT,
				    "{\"key\":\"K\",\"value\":\"v 1\",\"protected\":true}");

	check_int(a.status, 201);
	check_str(field(&f, &a, "variable_type"), "env_var");
	check_str(field(&f, &a, "environment_scope"), "*");
	a = send(&f, HTTP_POST, PROJECT, "{\"key\":\"K\",\"value\":\"x\"}");
	check_int(a.status, 400);
	check_true(has(&a, "(K) has already been taken"));
	a = send(&f, HTTP_PUT, PROJECT "/K", "{\"value\":\"v2\",\"variable_type\":\"file\"}");
	check_int(a.status, 200);
	check_str(field(&f, &a, "variable_type"), "file");
	a = send(&f, HTTP_GET, PROJECT "/K", NULL);
	check_str(field(&f, &a, "value"), "v2");
	check_true(has(&a, "\"protected\":true"));
	check_int(send(&f, HTTP_DELETE, PROJECT "/K", NULL).status, 204);
	check_int(send(&f, HTTP_GET, PROJECT "/K", NULL).status, 404);
	test_web_close(f.w);
}

static void scopes_of_a_key_are_told_apart_by_the_filter(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;

	(void)send(&f, HTTP_POST, PROJECT, "{\"key\":\"K\",\"value\":\"any\"}");
	a = send(&f, HTTP_POST, PROJECT,
		 "{\"key\":\"K\",\"value\":\"prod\",\"environment_scope\":\"production\"}");
	check_int(a.status, 201);
	check_int(send(&f, HTTP_GET, PROJECT "/K", NULL).status, 409);
	a = send(&f, HTTP_GET, PROJECT "/K?filter%5Benvironment_scope%5D=production", NULL);
	check_str(field(&f, &a, "value"), "prod");
	a = send(&f, HTTP_PUT, PROJECT "/K",
		 "{\"value\":\"new\",\"filter\":{\"environment_scope\":\"*\"}}");
	check_str(field(&f, &a, "environment_scope"), "*");
	check_str(field(&f, &a, "value"), "new");
	test_web_close(f.w);
}

static void a_hidden_value_is_null_and_a_bad_one_is_refused(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a =
		send(&f, HTTP_POST, PROJECT,
		     "{\"key\":\"H\",\"value\":\"swordfish1\",\"masked_and_hidden\":true}");

	check_int(a.status, 201);
	check_true(jsonr_is_null(jsonr_get(parse(&f, &a), "value")));
	a = send(&f, HTTP_GET, PROJECT, NULL);
	check_false(has(&a, "swordfish1"));
	a = send(&f, HTTP_POST, PROJECT, "{\"key\":\"M\",\"value\":\"short\",\"masked\":true}");
	check_int(a.status, 400);
	check_true(has(&a, "at least 8 characters"));
	check_int(send(&f, HTTP_POST, PROJECT, "{\"key\":\"M\"}").status, 400);
	test_web_close(f.w);
}

static void groups_have_theirs_and_the_instance_asks_for_an_administrator(void **state UNUSED)
{
	struct fixture f = open_fixture();

	check_int(send(&f, HTTP_POST, "/api/v4/groups/team/variables",
		       "{\"key\":\"G\",\"value\":\"group\"}")
			  .status,
		  201);
	check_int(send(&f, HTTP_GET, "/api/v4/groups/team/variables/G", NULL).status, 200);
	check_int(send(&f, HTTP_GET, PROJECT "/G", NULL).status, 404);
	check_int(
		send(&f, HTTP_POST, "/api/v4/admin/ci/variables", "{\"key\":\"I\",\"value\":\"x\"}")
			.status,
		403);
	test_web_close(f.w);
}

static struct test_answer page(struct fixture *f, const char *target)
{
	struct test_ask ask = { .target = target, .cookie = f->cookie };

	return test_web_ask(f->w, &ask);
}

static void the_list_shows_no_value_and_the_form_only_what_is_not_hidden(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;

	(void)send(&f, HTTP_POST, PROJECT, "{\"key\":\"OPEN\",\"value\":\"seen-value\"}");
	(void)send(&f, HTTP_POST, PROJECT,
		   "{\"key\":\"HID\",\"value\":\"unseen-value\",\"masked_and_hidden\":true}");
	(void)send(&f, HTTP_POST, "/api/v4/groups/team/variables",
		   "{\"key\":\"ABOVE\",\"value\":\"group-value\"}");
	a = page(&f, "/team/app/-/settings/variables");
	check_int(a.status, 200);
	check_true(has(&a, "OPEN") && has(&a, "HID") && has(&a, "ABOVE"));
	check_false(has(&a, "seen-value") || has(&a, "group-value"));
	a = page(&f, "/team/app/-/settings/variables/1");
	check_true(has(&a, "seen-value"));
	check_str(test_answer_header(&a, "Cache-Control"), "private, no-store");
	a = page(&f, "/team/app/-/settings/variables/2");
	check_int(a.status, 200);
	check_false(has(&a, "unseen-value"));
	/* An id of the group's is none of the project's. */
	check_int(page(&f, "/team/app/-/settings/variables/3").status, 404);
	test_web_close(f.w);
}

RUN_TESTS(TEST(variables_come_change_and_go_by_their_key),
	  TEST(scopes_of_a_key_are_told_apart_by_the_filter),
	  TEST(a_hidden_value_is_null_and_a_bad_one_is_refused),
	  TEST(groups_have_theirs_and_the_instance_asks_for_an_administrator),
	  TEST(the_list_shows_no_value_and_the_form_only_what_is_not_hidden))
