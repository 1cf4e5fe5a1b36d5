/* What REST clients depend on: shapes, kinds, paging, statuses. */
#include "support/web.h"

#include "base/jsonr.h"
#include "domain/token.h"

struct fixture {
	struct test_web *w;
	struct actor ann;
	struct actor bob;
	const char *token;
};

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = test_web_open(NULL) };

	f.ann = domain_user(f.w->world, "ann");
	f.bob = domain_user(f.w->world, "bob");
	domain_project(f.w->world, "team/app", &f.ann, VISIBILITY_PRIVATE);
	f.token = test_web_token(f.w, &f.ann, SCOPE_API);
	return f;
}

static const struct jsonr *parse(struct fixture *f, const struct test_answer *a)
{
	const struct jsonr *json = NULL;
	struct err e = { 0 };

	check_ok(jsonr_parse(f->w->answers, a->body, &json, &e), &e);
	return json;
}

static const struct jsonr *get(struct fixture *f, const char *target)
{
	struct test_answer a = test_web_get(f->w, target, f->token);

	if (a.status != 200)
		fail_msg("%s: %d %.*s", target, a.status, STR_FMT(a.body));
	check_str(test_answer_header(&a, "Content-Type"), "application/json");
	return parse(f, &a);
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

static void a_token_says_who_it_is(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_ask bearer = {
		.target = "/api/v4/user",
		.headers = { "Authorization", arena_strf(f.w->arena, "Bearer %s", f.token) },
	};
	const struct jsonr *user = get(&f, "/api/v4/user");
	const struct jsonr *self = get(&f, "/api/v4/personal_access_tokens/self");
	bool is_admin;

	check_str(jsonr_text(jsonr_get(user, "username")), "ann");
	check_str(jsonr_text(jsonr_get(user, "web_url")), "http://hearth.test/ann");
	check_true(jsonr_boolean(jsonr_get(user, "is_admin"), &is_admin) && !is_admin);
	check_int(jsonr_length(jsonr_get(self, "scopes")), 1);
	check_int(jsonr_text(jsonr_get(self, "expires_at")).n, 10);
	check_int(test_web_ask(f.w, &bearer).status, 200);
	check_int(test_web_get(f.w,
			       arena_strf(f.w->arena, "/api/v4/user?private_token=%s", f.token),
			       NULL)
			  .status,
		  200);
	check_int(test_web_get(f.w, "/api/v4/user", "glpat-wrong").status, 401);
	test_web_close(f.w);
}

static void a_project_has_what_clients_dereference(void **state UNUSED)
{
	struct fixture f = open_fixture();
	const struct jsonr *p = get(&f, "/api/v4/projects/team%2Fapp");
	const struct jsonr *listed = jsonr_at(get(&f, "/api/v4/projects?membership=true"), 0);
	int64_t level;

	check_str(jsonr_text(jsonr_get(jsonr_get(p, "namespace"), "full_path")), "team");
	check_str(jsonr_text(jsonr_get(jsonr_get(p, "namespace"), "kind")), "group");
	check_true(jsonr_is_array(jsonr_get(p, "topics")));
	check_true(jsonr_integer(
		jsonr_get(jsonr_get(jsonr_get(p, "permissions"), "project_access"), "access_level"),
		&level));
	check_int(level, 50);
	check_str(jsonr_text(jsonr_get(p, "http_url_to_repo")), "http://hearth.test/team/app.git");
	check_true(jsonr_is_object(jsonr_get(listed, "namespace")));
	test_web_close(f.w);
}

static void lists_come_in_pages(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;
	struct str link;

	for (int i = 0; i < 5; i++)
		domain_project(f.w->world, arena_strf(f.w->arena, "team/p%d", i), &f.ann,
			       VISIBILITY_PRIVATE);
	a = test_web_get(f.w, "/api/v4/projects?per_page=2&page=2&membership=true", f.token);
	check_int(jsonr_length(parse(&f, &a)), 2);
	check_str(test_answer_header(&a, "X-Total"), "6");
	check_str(test_answer_header(&a, "X-Total-Pages"), "3");
	check_str(test_answer_header(&a, "X-Next-Page"), "3");
	check_str(test_answer_header(&a, "X-Prev-Page"), "1");
	link = test_answer_header(&a, "Link");
	check_true(
		str_find_str(link, STR("<http://hearth.test/api/v4/projects?membership=true&page=3"
				       "&per_page=2>; rel=\"next\"")) < link.n);
	a = test_web_get(f.w, "/api/v4/projects?per_page=4&page=2&pagination=keyset", f.token);
	check_str(test_answer_header(&a, "X-Total"), "");
	check_str(test_answer_header(&a, "Link"), "");
	a = test_web_get(f.w, "/api/v4/groups/team/subgroups", f.token);
	check_str(a.body, "[]");
	check_str(test_answer_header(&a, "X-Total"), "0");
	test_web_close(f.w);
}

static void what_is_missing_is_named(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;

	a = send(&f, HTTP_POST, "/api/v4/groups", "{\"name\":\"x\"}");
	check_int(a.status, 400);
	check_str(a.body, "{\"error\":\"path is missing\"}");
	a = send(&f, HTTP_POST, "/api/v4/groups",
		 "{\"name\":\"x\",\"path\":\"x\",\"visibility\":\"secret\"}");
	check_str(a.body, "{\"error\":\"visibility does not have a valid value\"}");
	a = send(&f, HTTP_POST, "/api/v4/groups", "{\"name\":\"x\",\"path\":\"api\"}");
	check_int(a.status, 400);
	a = send(&f, HTTP_GET, "/api/v4/users/999", NULL);
	check_int(a.status, 404);
	check_str(a.body, "{\"message\":\"404 User Not Found\"}");
	test_web_close(f.w);
}

static void groups_and_members_come_and_go(void **state UNUSED)
{
	struct fixture f = open_fixture();
	const char *member = arena_strf(f.w->arena, "/api/v4/projects/team%%2Fapp/members/%lld",
					(long long)f.bob.user.v);
	struct test_answer a;
	int64_t level;

	a = send(&f, HTTP_POST, "/api/v4/groups",
		 "{\"name\":\"New\",\"path\":\"new-group\",\"visibility\":\"public\"}");
	check_int(a.status, 201);
	check_str(jsonr_text(jsonr_get(parse(&f, &a), "full_path")), "new-group");
	a = send(&f, HTTP_POST, "/api/v4/groups", "{\"name\":\"N\",\"path\":\"NEW-group\"}");
	check_int(a.status, 400);
	check_true(str_find_str(a.body, STR("has already been taken")) < a.body.n);
	a = send(&f, HTTP_POST, "/api/v4/projects/team%2Fapp/members",
		 "{\"username\":\"bob\",\"access_level\":30}");
	check_int(a.status, 201);
	check_int(send(&f, HTTP_POST, "/api/v4/projects/team%2Fapp/members",
		       "{\"username\":\"bob\",\"access_level\":30}")
			  .status,
		  409);
	a = send(&f, HTTP_PUT, member, "{\"access_level\":40}");
	check_int(a.status, 200);
	check_true(jsonr_integer(jsonr_get(parse(&f, &a), "access_level"), &level));
	check_int(level, 40);
	check_int(send(&f, HTTP_PUT, member, "{\"access_level\":35}").status, 400);
	check_int(send(&f, HTTP_DELETE, member, NULL).status, 204);
	check_int(send(&f, HTTP_DELETE, member, NULL).status, 404);
	check_int(send(&f, HTTP_DELETE, "/api/v4/groups/new-group", NULL).status, 202);
	test_web_close(f.w);
}

static void protected_branches_are_named_by_their_pattern(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;
	bool may_force;

	a = send(&f, HTTP_POST, "/api/v4/projects/1/protected_branches",
		 "{\"name\":\"release/*\",\"push_access_level\":30,\"allow_force_push\":true}");
	check_int(a.status, 201);
	check_true(jsonr_boolean(jsonr_get(parse(&f, &a), "allow_force_push"), &may_force) &&
		   may_force);
	check_int(send(&f, HTTP_POST, "/api/v4/projects/1/protected_branches",
		       "{\"name\":\"release/*\"}")
			  .status,
		  409);
	check_int(send(&f, HTTP_PATCH, "/api/v4/projects/1/protected_branches/release%2F%2A",
		       "{\"allow_force_push\":false}")
			  .status,
		  200);
	check_int(send(&f, HTTP_DELETE, "/api/v4/projects/1/protected_branches/release%2F%2A", NULL)
			  .status,
		  204);
	check_int(send(&f, HTTP_GET, "/api/v4/projects/1/protected_branches/release%2F%2A", NULL)
			  .status,
		  404);
	test_web_close(f.w);
}

static void a_token_makes_no_credentials(void **state UNUSED)
{
	struct fixture f = open_fixture();
	struct test_answer a;

	a = send(&f, HTTP_POST, "/api/v4/user/personal_access_tokens",
		 "{\"name\":\"x\",\"scopes\":[\"api\"]}");
	check_int(a.status, 403);
	a = send(&f, HTTP_POST, "/api/v4/user/keys",
		 "{\"title\":\"x\",\"key\":\"ssh-ed25519 AAAA\"}");
	check_int(a.status, 403);
	f.token = test_web_token(f.w, &f.ann, SCOPE_READ_API);
	a = send(&f, HTTP_POST, "/api/v4/groups", "{\"name\":\"x\",\"path\":\"xyz\"}");
	check_int(a.status, 403);
	check_true(str_find_str(a.body, STR("\"error\":\"insufficient_scope\"")) < a.body.n);
	test_web_close(f.w);
}

RUN_TESTS(TEST(a_token_says_who_it_is), TEST(a_project_has_what_clients_dereference),
	  TEST(lists_come_in_pages), TEST(what_is_missing_is_named),
	  TEST(groups_and_members_come_and_go), TEST(protected_branches_are_named_by_their_pattern),
	  TEST(a_token_makes_no_credentials))
