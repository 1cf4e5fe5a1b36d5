/* The way from a head to an answer: errors by door, redirects, forms, cookies, headers. */
#include "support/web.h"

#include "base/fs.h"
#include "domain/token.h"
#include "router.h"

#include <fcntl.h>
#include <unistd.h>

#define PASSWORD "correct horse 42"

static struct test_web *with_project(struct actor *ann)
{
	struct test_web *w = test_web_open(NULL);

	*ann = domain_user(w->world, "ann");
	domain_project(w->world, "team/app", ann, VISIBILITY_PRIVATE);
	return w;
}

static void health_needs_nobody(void **state UNUSED)
{
	struct test_web *w = test_web_open(NULL);
	struct test_answer a = test_web_get(w, "/-/health", NULL);

	check_int(a.status, 200);
	check_str(a.body, "Hearth OK\n");
	check_int(test_answer_header(&a, "X-Request-Id").n, 24);
	check_str(test_answer_header(&a, "X-Content-Type-Options"), "nosniff");
	test_web_close(w);
}

static void each_door_says_no_in_its_own_way(void **state UNUSED)
{
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct test_answer a;

	a = test_web_get(w, "/api/v4/projects/team%2Fapp", NULL);
	check_int(a.status, 401);
	check_str(a.body, "{\"message\":\"401 Unauthorized\"}");
	check_str(test_answer_header(&a, "Content-Type"), "application/json");
	a = test_web_get(w, "/team/app.git/info/refs?service=git-upload-pack", NULL);
	check_int(a.status, 401);
	check_str(test_answer_header(&a, "WWW-Authenticate"),
		  "Basic realm=\"Hearth\", charset=\"UTF-8\"");
	a = test_web_get(w, "/team/app?x=1", NULL);
	check_int(a.status, 303);
	check_str(test_answer_header(&a, "Location"),
		  "/users/sign_in?return_to=%2Fteam%2Fapp%3Fx%3D1");
	a = test_web_get(w, "/api/v4/nothing", NULL);
	check_int(a.status, 404);
	check_str(a.body, "{\"error\":\"404 Not Found\"}");
	test_web_close(w);
}

/* To strangers, and to those who may not see it, the unknown and the hidden look the same. */
static void hidden_and_unknown_are_the_same(void **state UNUSED)
{
	static const char *const pairs[][2] = {
		{ "/api/v4/projects/team%2Fapp", "/api/v4/projects/team%2Fnone" },
		{ "/api/v4/projects/1", "/api/v4/projects/999" },
		{ "/api/v4/groups/team", "/api/v4/groups/none" },
		{ "/team/app.git/info/refs?service=git-upload-pack",
		  "/team/none.git/info/refs?service=git-upload-pack" },
	};
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct actor eve = domain_user(w->world, "eve");
	const char *token = test_web_token(w, &eve, SCOPE_API);

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		for (int signed_in = 0; signed_in < 2; signed_in++) {
			const char *t = signed_in ? token : NULL;
			struct test_answer hidden = test_web_get(w, pairs[i][0], t);
			struct test_answer unknown = test_web_get(w, pairs[i][1], t);

			check_int(hidden.status, unknown.status);
			check_true(str_eq(hidden.body, unknown.body));
			check_true(hidden.status == 401 || hidden.status == 404);
		}
	}
	test_web_close(w);
}

static void another_method_is_told_which_are_answered(void **state UNUSED)
{
	struct test_web *w = test_web_open(NULL);
	struct test_ask ask = { .method = HTTP_DELETE, .target = "/api/v4/projects" };
	struct test_answer a = test_web_ask(w, &ask);

	check_int(a.status, 405);
	check_str(test_answer_header(&a, "Allow"), "GET, HEAD, POST");
	ask = (struct test_ask){ .method = HTTP_HEAD, .target = "/-/health" };
	check_int(test_web_ask(w, &ask).status, 200);
	test_web_close(w);
}

static void a_renamed_project_is_found_at_its_new_address(void **state UNUSED)
{
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct domain *d = w->world;
	const char *token = test_web_token(w, &ann, SCOPE_API);
	const char *cookie = test_web_sign_in(w, &ann);
	struct test_ask page = { .target = "/team/app/-/tree/main/a%20b?x=y", .cookie = cookie };
	struct project project;
	struct test_answer a;

	check_ok(project_rename(d->db, &ann, (struct project_id){ 1 }, STR("shop"),
				(struct namespace_id){ 0 }, d->a, &project, &d->e),
		 &d->e);
	a = test_web_ask(w, &page);
	check_int(a.status, 301);
	check_str(test_answer_header(&a, "Location"), "/team/shop/-/tree/main/a%20b?x=y");
	a = test_web_get(w, "/api/v4/projects/team%2Fapp/members", token);
	check_int(a.status, 301);
	check_str(test_answer_header(&a, "Location"), "/api/v4/projects/team%2Fshop/members");
	page.target = "/TEAM/Shop";
	a = test_web_ask(w, &page);
	check_int(a.status, 301);
	check_str(test_answer_header(&a, "Location"), "/team/shop");
	/* To a stranger an old address is nothing. */
	check_int(test_web_get(w, "/api/v4/projects/team%2Fapp", NULL).status, 401);
	test_web_close(w);
}

/* ---- signing in ---- */

static struct str hidden_token(const struct test_answer *a, struct arena *arena)
{
	struct str mark = STR("name=\"csrf\" value=\"");
	struct str rest = str_from(a->body, str_find_str(a->body, mark) + mark.n);

	return arena_str(arena, str_upto(rest, str_find(rest, '"')));
}

/* "name=value" of a Set-Cookie. */
static const char *cookie_of(const struct test_answer *a, struct arena *arena, const char *name)
{
	for (size_t i = 0; i < a->response->headers_count; i++) {
		struct str value = a->response->headers[i].value;

		if (str_eq_c(a->response->headers[i].name, "Set-Cookie") &&
		    str_starts(value, str_c(name)))
			return arena_cstr(arena, str_upto(value, str_find(value, ';')));
	}
	return NULL;
}

static struct test_answer post_sign_in(struct test_web *w, const char *cookie, struct str csrf,
				       const char *origin)
{
	struct test_ask ask = {
		.method = HTTP_POST,
		.target = "/users/sign_in",
		.cookie = cookie,
		.body = arena_strf(w->arena,
				   "login=ann&password=correct+horse+42&csrf=%.*s&return_to=//evil",
				   STR_FMT(csrf)),
		.headers = { "Origin", origin },
	};

	return test_web_ask(w, &ask);
}

static void set_password(struct test_web *w, const struct actor *who)
{
	const struct actor system = actor_system();

	check_ok(
		user_set_password(&w->world->door, &system, who->user, STR(PASSWORD), &w->world->e),
		&w->world->e);
}

static void signing_in_takes_a_form_of_ours(void **state UNUSED)
{
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct test_answer a;
	const char *cookie;
	struct str csrf;

	set_password(w, &ann);
	a = test_web_get(w, "/users/sign_in", NULL);
	check_int(a.status, 200);
	csrf = hidden_token(&a, w->arena);
	cookie = cookie_of(&a, w->arena, "hearth_csrf=");
	assert_non_null(cookie);
	check_int(csrf.n, 64);
	check_int(post_sign_in(w, cookie, csrf, "http://evil.example").status, 403);
	check_int(post_sign_in(w, cookie, csrf, "null").status, 403);
	check_int(post_sign_in(w, NULL, csrf, "http://hearth.test").status, 403);
	check_int(post_sign_in(w, cookie, STR("00"), "http://hearth.test").status, 403);
	a = post_sign_in(w, cookie, csrf, "http://hearth.test");
	check_int(a.status, 303);
	check_str(test_answer_header(&a, "Location"), "/");
	cookie = cookie_of(&a, w->arena, "hearth_session=");
	assert_non_null(cookie);
	/* The old token was the stranger's: it is worth nothing to the session. */
	a = test_web_ask(
		w, &(struct test_ask){ .method = HTTP_POST,
				       .target = "/users/sign_out",
				       .cookie = cookie,
				       .body = arena_strf(w->arena, "csrf=%.*s", STR_FMT(csrf)) });
	check_int(a.status, 403);
	test_web_close(w);
}

static void a_cookie_alone_changes_nothing_by_the_api(void **state UNUSED)
{
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct test_ask ask = {
		.method = HTTP_POST,
		.target = "/api/v4/projects/team%2Fapp/archive",
		.cookie = test_web_sign_in(w, &ann),
		.body = "",
	};
	struct test_ask foreign = {
		.target = "/api/v4/user",
		.cookie = ask.cookie,
		.headers = { "Sec-Fetch-Site", "cross-site" },
	};

	check_int(test_web_ask(w, &ask).status, 403);
	check_int(test_web_ask(w, &foreign).status, 401);
	foreign.headers[1] = "same-origin";
	check_int(test_web_ask(w, &foreign).status, 200);
	test_web_close(w);
}

/* ---- where it stands ---- */

static void below_a_sub_path_everything_moves_with_it(void **state UNUSED)
{
	struct test_web *w = test_web_open("https://hearth.test/git");
	struct actor ann = domain_user(w->world, "ann");
	const char *token = test_web_token(w, &ann, SCOPE_API);
	struct test_answer a;

	domain_project(w->world, "team/app", &ann, VISIBILITY_PRIVATE);
	check_int(test_web_get(w, "/-/health", NULL).status, 404);
	check_int(test_web_get(w, "/git/-/health", NULL).status, 200);
	check_int(test_web_get(w, "/gitx/-/health", NULL).status, 404);
	a = test_web_get(w, "/git/team/app", NULL);
	check_str(test_answer_header(&a, "Location"),
		  "/git/users/sign_in?return_to=%2Fgit%2Fteam%2Fapp");
	a = test_web_get(w, "/git/api/v4/projects/1", token);
	check_true(str_find_str(a.body, STR("\"web_url\":\"https://hearth.test/git/team/app\"")) <
		   a.body.n);
	a = test_web_get(w, "/git/users/sign_in", NULL);
	assert_non_null(cookie_of(&a, w->arena, "__Host-hearth_csrf="));
	check_true(
		str_starts(test_answer_header(&a, "Strict-Transport-Security"), STR("max-age=")));
	test_web_close(w);
}

static void links_carry_only_hosts_that_are_ours(void **state UNUSED)
{
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct test_ask ask = {
		.target = "/api/v4/user",
		.token = test_web_token(w, &ann, SCOPE_API),
		.headers = { "Host", "evil.example" },
	};
	struct test_answer a = test_web_ask(w, &ask);

	check_true(str_find_str(a.body, STR("evil")) == a.body.n);
	check_true(str_find_str(a.body, STR("\"web_url\":\"http://hearth.test/ann\"")) < a.body.n);
	ask.headers[1] = "127.0.0.1:8080";
	a = test_web_ask(w, &ask);
	check_true(str_find_str(a.body, STR("\"http://127.0.0.1:8080/ann\"")) < a.body.n);
	test_web_close(w);
}

static void bodies_that_lie_are_refused(void **state UNUSED)
{
	static const struct {
		const char *type;
		const char *body;
	} bad[] = {
		{ "application/json", "{\"name\":" },
		{ "application/json", "{\"name\":\"a\",\"name\":\"b\"}" },
		{ "application/x-www-form-urlencoded", "name=%zz" },
		{ "application/x-www-form-urlencoded", "name=%ff" },
		{ "multipart/form-data; boundary=x", "--x\r\nnothing" },
		{ "text/xml", "<a/>" },
	};
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct test_ask ask = { .method = HTTP_POST,
				.target = "/api/v4/projects",
				.token = test_web_token(w, &ann, SCOPE_API) };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ask.body = bad[i].body;
		ask.body_type = bad[i].type;
		check_int(test_web_ask(w, &ask).status, 400);
	}
	test_web_close(w);
}

static void metrics_are_for_listed_addresses(void **state UNUSED)
{
	struct test_web *w = test_web_open(NULL);
	struct str mine = STR("192.0.2.0/24");
	struct test_answer a = test_web_get(w, "/metrics", NULL);

	check_int(a.status, 403);
	w->config.metrics_allow = (struct str_list){ &mine, 1 };
	a = test_web_get(w, "/metrics", NULL);
	check_int(a.status, 200);
	check_true(str_find_str(a.body, STR("hearth_http_requests_total{class=\"4xx\"} 1\n")) <
		   a.body.n);
	test_web_close(w);
}

/* It becomes the folder in the archive; refused before a byte of the archive is sent. */
static void an_archive_that_would_unpack_elsewhere_is_refused(void **state UNUSED)
{
	static const char *const names[] = { "...zip",     "-x.zip",     "a..b.tar.gz",
					     "c:%5cx.zip", "..%5cx.tar", "%ff.zip" };
	struct actor ann;
	struct test_web *w = with_project(&ann);
	struct test_ask ask = { .cookie = test_web_sign_in(w, &ann) };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		ask.target = arena_strf(w->arena, "/team/app/-/archive/main/%s", names[i]);
		check_int(test_web_ask(w, &ask).status, 404);
	}
	test_web_close(w);
}

/* A one-time link is a password until it is used. */
static void the_log_never_holds_a_one_time_link(void **state UNUSED)
{
	static const enum http_method methods[] = { HTTP_GET, HTTP_POST, HTTP_DELETE };
	struct test_web *w = test_web_open(NULL);
	const char *path = arena_strf(w->arena, "%s/log", w->world->folder);
	struct test_ask ask = { .target = "/-/password/hlink-0123456789/" };
	struct err e = { 0 };
	struct str log;

	close(w->app.log.fd);
	w->app.log.fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		ask.method = methods[i];
		(void)test_web_ask(w, &ask);
	}
	check_ok(fs_read(w->arena, path, 1u << 16, &log, &e), &e);
	check_true(str_find_str(log, STR("/-/password/{secret}")) < log.n);
	check_true(str_find_str(log, STR("hlink-")) == log.n);
	test_web_close(w);
}

RUN_TESTS(TEST(health_needs_nobody), TEST(each_door_says_no_in_its_own_way),
	  TEST(hidden_and_unknown_are_the_same), TEST(another_method_is_told_which_are_answered),
	  TEST(a_renamed_project_is_found_at_its_new_address),
	  TEST(signing_in_takes_a_form_of_ours), TEST(a_cookie_alone_changes_nothing_by_the_api),
	  TEST(below_a_sub_path_everything_moves_with_it),
	  TEST(links_carry_only_hosts_that_are_ours), TEST(bodies_that_lie_are_refused),
	  TEST(metrics_are_for_listed_addresses), TEST(the_log_never_holds_a_one_time_link),
	  TEST(an_archive_that_would_unpack_elsewhere_is_refused))
