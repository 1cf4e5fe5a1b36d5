/*
 * Who may enter which address: every row of the site map, asked by every kind of
 * actor, for every kind of target. What is expected is written in
 * access_matrix.txt, a line a route; a route without a line fails, and so does a
 * line whose route is gone. `HEARTH_WRITE_MATRIX=1` writes the file anew: read
 * the difference before you keep it.
 *
 *	route      | own | public | other | archived | deleted
 *	api_tree   | 1411yyyyyyy41 | ...
 *
 * In a column a letter for each actor, in the order of `actors`: y may enter,
 * 1 is asked to sign in, 3 is told that it is not allowed, 4 is told that there
 * is nothing, x anything else. Besides, some rules are checked that hold
 * whatever the file says.
 */
#include "support/check.h"
#include "support/web.h"

#include "base/fs.h"
#include "domain/token.h"
#include "routes.h"

#define MATRIX "tests/http/access_matrix.txt"

enum actor_at {
	ANONYMOUS,
	OUTSIDER,
	GUEST,
	REPORTER,
	DEVELOPER,
	MAINTAINER,
	OWNER,
	ADMIN,
	READ_TOKEN,  /* the owner's, with read_api and read_repository */
	WRONG_TOKEN, /* the owner's, with create_runner */
	BLOCKED,     /* was an owner */
	ACTORS,
};

enum target_at { OWN, PUBLIC, OTHER, ARCHIVED, DELETED, TARGETS };

struct place {
	const char *project;
	const char *group;
};

static const struct place places[TARGETS] = {
	[OWN] = { "team/own", "team" },
	[PUBLIC] = { "far/open", "far" },
	[OTHER] = { "hidden/secret", "hidden" },
	[ARCHIVED] = { "team/old", "team" },
	[DELETED] = { "team/gone", "team/nothing" },
};

struct fixture {
	struct test_web *web;
	const char *cookies[ACTORS];
	const char *tokens[ACTORS];
	struct buf text;
};

static void add_actor(struct fixture *f, enum actor_at at, const char *name,
		      enum access_level level)
{
	struct domain *world = f->web->world;
	struct actor who = domain_user(world, name);
	struct member_place team = { .namespace = domain_namespace(world, "team") };

	if (level != LEVEL_NONE)
		domain_member(world, team, &who, level);
	f->cookies[at] = test_web_sign_in(f->web, &who);
	f->tokens[at] = test_web_token(f->web, &who, SCOPE_API);
	if (at != OWNER)
		return;
	f->tokens[READ_TOKEN] =
		test_web_token(f->web, &who, SCOPE_READ_API | SCOPE_READ_REPOSITORY);
	f->tokens[WRONG_TOKEN] = test_web_token(f->web, &who, SCOPE_CREATE_RUNNER);
}

static void block(struct domain *world, const char *name)
{
	const struct actor system = actor_system();
	struct user user;

	check_ok(user_get_by_name(world->db, str_c(name), world->a, &user, &world->e), &world->e);
	check_ok(user_block(world->db, &system, user.id, &world->e), &world->e);
}

static void make_places(struct domain *world, const struct actor *boss)
{
	const struct actor system = actor_system();
	struct group_new far = { .segment = STR("far"), .visibility = VISIBILITY_PUBLIC };
	struct namespace made;
	struct project_id id;

	domain_project(world, "team/own", boss, VISIBILITY_PRIVATE);
	domain_project(world, "hidden/secret", boss, VISIBILITY_PRIVATE);
	check_ok(group_create(world->db, boss, &far, world->a, &made, &world->e), &world->e);
	domain_project(world, "far/open", boss, VISIBILITY_PUBLIC);
	id = domain_project(world, "team/old", boss, VISIBILITY_PRIVATE);
	check_ok(project_archive(world->db, &system, id, &world->e), &world->e);
	id = domain_project(world, "team/gone", boss, VISIBILITY_PRIVATE);
	check_ok(project_remove(world->db, &system, id, &world->e), &world->e);
}

static struct fixture *open_fixture(void)
{
	struct test_web *web = test_web_open(NULL);
	struct fixture *f = ARENA_NEW(web->arena, struct fixture);
	struct actor boss;

	f->web = web;
	buf_init(&f->text, 1u << 20);
	boss = domain_admin(web->world, "boss");
	make_places(web->world, &boss);
	f->cookies[ADMIN] = test_web_sign_in(web, &boss);
	f->tokens[ADMIN] = test_web_token(web, &boss, SCOPE_API);
	add_actor(f, OUTSIDER, "outsider", LEVEL_NONE);
	add_actor(f, GUEST, "guest", LEVEL_GUEST);
	add_actor(f, REPORTER, "reporter", LEVEL_REPORTER);
	add_actor(f, DEVELOPER, "developer", LEVEL_DEVELOPER);
	add_actor(f, MAINTAINER, "maintainer", LEVEL_MAINTAINER);
	add_actor(f, OWNER, "owner", LEVEL_OWNER);
	add_actor(f, BLOCKED, "barred", LEVEL_OWNER);
	block(web->world, "barred");
	return f;
}

static void close_fixture(struct fixture *f)
{
	buf_fini(&f->text);
	test_web_close(f->web);
}

/* An address of the route: the place's names, "1" for everything else. */
static const char *address_of(struct fixture *f, const struct route *route,
			      const struct place *place)
{
	struct str pattern = route->pattern;
	struct buf b;
	char *address;

	buf_init(&b, 8192);
	while (pattern.n > 0) {
		size_t open = str_find(pattern, '{');
		size_t close = str_find(pattern, '}');
		struct str name = str_from(str_upto(pattern, close), open + 1);
		struct str value = STR("1");

		buf_add(&b, str_upto(pattern, open));
		if (open == pattern.n)
			break;
		if (str_eq_c(name, "project"))
			value = str_c(place->project);
		else if (str_eq_c(name, "group") || str_eq_c(name, "namespace"))
			value = str_c(place->group);
		if (str_starts(route->pattern, STR("/api/")))
			url_encode(&b, value);
		else
			buf_add(&b, value);
		pattern = str_from(pattern, close + 1);
	}
	address = arena_cstr(f->web->answers, buf_str(&b));
	buf_fini(&b);
	return address;
}

static char ask(struct fixture *f, const struct route *route, enum actor_at who,
		enum target_at where)
{
	enum door door = route_door(route);
	struct test_ask ask = {
		.method = route->method,
		.target = address_of(f, route, &places[where]),
		.only_begin = true,
	};
	struct test_answer answer;

	if (door == DOOR_GIT && f->tokens[who])
		ask.basic = arena_strf(f->web->answers, "x:%s", f->tokens[who]);
	else if (who == READ_TOKEN || who == WRONG_TOKEN || (who == BLOCKED && door == DOOR_API))
		ask.token = f->tokens[who];
	else
		ask.cookie = f->cookies[who];
	answer = test_web_ask(f->web, &ask);
	if (answer.is_entered)
		return 'y';
	if (answer.status == 401)
		return '1';
	if (answer.status == 303 &&
	    str_starts(test_answer_header(&answer, "Location"), STR("/users/sign_in")))
		return '1';
	return answer.status == 403 ? '3' : answer.status == 404 ? '4' : 'x';
}

/* ---- rules that hold whatever the file says ---- */

static bool is_about_place(const struct route *route)
{
	enum access_target_kind kind = access_row(route->action)->target;

	return kind == TARGET_PROJECT || kind == TARGET_GROUP;
}

/* What holds of a project or a group in one place. */
static const char *broken_place_rule(enum target_at where, const char *row)
{
	bool is_secret = where == OTHER || where == OWN;

	if (where == DELETED && strchr(row, 'y'))
		return "something that is deleted is open to somebody";
	if (is_secret && (row[ANONYMOUS] != '1' || row[OUTSIDER] != '4'))
		return "a stranger learns that something private exists";
	if (row[WRONG_TOKEN] == 'y')
		return "a token without the scope enters";
	for (int i = GUEST; where != ARCHIVED && i < ADMIN; i++)
		if (row[i] == 'y' && row[i + 1] != 'y')
			return "a higher level may less";
	return NULL;
}

static bool read_token_may(const struct route *route)
{
	return route->method == HTTP_GET || route_door(route) == DOOR_GIT ||
	       (access_row(route->action)->scopes & SCOPE_READ_API);
}

static const char *broken_rule(const struct route *route, enum target_at where, const char *row)
{
	enum access_target_kind kind = access_row(route->action)->target;
	bool is_place = is_about_place(route);
	const char *first = strchr(row, 'y');

	if (kind == TARGET_ADMIN && first != &row[ADMIN])
		return "administration is open to others, or closed to administrators";
	if (kind != TARGET_NOTHING && row[BLOCKED] == 'y' && !(is_place && where == PUBLIC))
		return "a blocked user enters";
	if (kind != TARGET_NOTHING && row[READ_TOKEN] == 'y' && !read_token_may(route))
		return "a token that reads changes";
	return is_place ? broken_place_rule(where, row) : NULL;
}

static void ask_route(struct fixture *f, const struct route *route)
{
	char row[ACTORS + 1] = { 0 };
	struct test_answer ignored UNUSED;

	buf_addf(&f->text, "%s", route->name);
	for (enum target_at where = OWN; where < TARGETS; where++) {
		const char *rule;

		for (enum actor_at who = ANONYMOUS; who < ACTORS; who++)
			row[who] = ask(f, route, who, where);
		rule = broken_rule(route, where, row);
		if (rule)
			fail_msg("%s (target %d, %s): %s", route->name, (int)where, row, rule);
		buf_addf(&f->text, " | %s", row);
		test_web_forget(f->web);
		if (!is_about_place(route))
			break; /* the other places make no difference */
	}
	buf_add_char(&f->text, '\n');
}

static void compare(struct fixture *f, struct str expected)
{
	struct str got = buf_str(&f->text);
	struct str line, want;

	while (got.n > 0 && str_cut(&got, '\n', &line)) {
		if (str_is_none(expected) || !str_cut(&expected, '\n', &want))
			want = STR("(no line)");
		if (!str_eq(line, want))
			fail_msg("%s differs:\n  is     %.*s\n  wanted %.*s", MATRIX, STR_FMT(line),
				 STR_FMT(want));
	}
	if (expected.n > 0)
		fail_msg("%s has lines of routes that are gone: %.*s", MATRIX, STR_FMT(expected));
}

static void everybody_enters_exactly_where_they_may(void **state UNUSED)
{
	struct fixture *f = open_fixture();
	struct err e = { 0 };
	struct str expected;

	for (size_t i = 0; i < ROUTE_COUNT; i++)
		ask_route(f, &routes[i]);
	if (getenv("HEARTH_WRITE_MATRIX"))
		check_ok(fs_write_atomic(MATRIX, buf_str(&f->text), 0644, &e), &e);
	check_ok(fs_read(f->web->arena, MATRIX, 1u << 20, &expected, &e), &e);
	compare(f, expected);
	close_fixture(f);
}

/* ---- acts by cookie ---- */

static bool is_act_by_cookie(const struct route *route)
{
	bool is_act = route->method != HTTP_GET && route->method != HTTP_HEAD;
	enum door door = route_door(route);

	if (!is_act || route->body == BODY_RUNNER || route->body == BODY_STREAM ||
	    (door != DOOR_PAGE && door != DOOR_API))
		return false;
	if (!route_body_row(route->body)->needs_csrf)
		fail_msg("%s acts and asks for no token", route->name);
	return true;
}

/* The status of an administrator's act without the form's token, from this site or another. */
static int act(struct fixture *f, const struct route *route, const char *site)
{
	const struct test_ask ask = { .method = route->method,
				      .target = address_of(f, route, &places[OWN]),
				      .cookie = f->cookies[ADMIN],
				      .body = "a=b",
				      .headers = { "Sec-Fetch-Site", site } };
	struct test_answer answer = test_web_ask(f->web, &ask);
	int status = answer.status;

	if (status == 303 &&
	    str_starts(test_answer_header(&answer, "Location"), STR("/users/sign_in?")))
		status = 401;
	test_web_forget(f->web);
	return status;
}

static int64_t rows_of_all_tables(struct fixture *f)
{
	return test_database_number(
		f->web->world->database,
		"SELECT sum((xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c "
		"FROM %I.%I', table_schema, table_name), false, true, "
		"'')))[1]::text::bigint)::bigint "
		"FROM information_schema.tables WHERE table_schema = 'public' AND table_type = "
		"'BASE TABLE'");
}

static void no_act_by_cookie_is_done_without_the_forms_token(void **state UNUSED)
{
	struct fixture *f = open_fixture();
	int64_t before = rows_of_all_tables(f);
	size_t acts = 0;

	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		int here, foreign;

		if (!is_act_by_cookie(&routes[i]))
			continue;
		acts++;
		here = act(f, &routes[i], "same-origin");
		foreign = act(f, &routes[i], "cross-site");
		if (here != 403 || (foreign != 403 && foreign != 401))
			fail_msg("%s answers %d without a token, %d from another site",
				 routes[i].name, here, foreign);
	}
	assert_true(acts > 100);
	check_int(rows_of_all_tables(f), before);
	close_fixture(f);
}

static void reading_changes_nothing(void **state UNUSED)
{
	struct fixture *f = open_fixture();
	int64_t before = rows_of_all_tables(f);

	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		const struct test_ask ask = { .method = HTTP_GET,
					      .target = address_of(f, &routes[i], &places[OWN]),
					      .cookie = f->cookies[ADMIN] };

		if (routes[i].method != HTTP_GET || route_door(&routes[i]) == DOOR_GIT ||
		    access_row(routes[i].action)->target == TARGET_NOTHING)
			continue;
		test_web_ask(f->web, &ask);
		test_web_forget(f->web);
	}
	check_int(rows_of_all_tables(f), before);
	close_fixture(f);
}

/* Whatever its user may: what a job can be made to do is what its file says. */
static void a_jobs_token_only_reads(void **state UNUSED)
{
	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		const struct route *route = &routes[i];
		bool reads = route->method == HTTP_GET ||
			     access_row(route->action)->target == TARGET_NOTHING ||
			     str_ends(route->pattern, STR("/git-upload-pack")) ||
			     str_ends(route->pattern, STR("/ci/lint")); /* a text in its body */

		if (!reads && (access_row(route->action)->scopes & SCOPE_JOB))
			fail_msg("%s takes a job's token and is no reading", route->name);
	}
}

RUN_TESTS(TEST(everybody_enters_exactly_where_they_may),
	  TEST(no_act_by_cookie_is_done_without_the_forms_token), TEST(reading_changes_nothing),
	  TEST(a_jobs_token_only_reads))
