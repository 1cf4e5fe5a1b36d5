/* Tasks and their discussions: pages, forms and API. */
#include "support/web.h"

#include "base/jsonr.h"
#include "domain/task.h"
#include "domain/token.h"

#define API "/api/v4/projects/team%2Fapp/issues"

struct fixture {
	struct test_web *w;
	struct actor ann; /* owner */
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

static struct test_answer send(struct fixture *f, const char *token, enum http_method method,
			       const char *target, const char *json)
{
	struct test_ask ask = { .method = method,
				.target = target,
				.token = token,
				.body = json,
				.body_type = "application/json" };

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

static int64_t number(const struct jsonr *json, const char *key)
{
	int64_t n = -1;

	check_true(jsonr_integer(jsonr_get(json, key), &n));
	return n;
}

static void a_task_is_created_read_closed_and_listed_by_api(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);
	const struct jsonr *task = parse(&f,
					 send(&f, f.token, HTTP_POST, API,
					      "{\"title\":\"Paint\",\"labels\":\"ui,bug\","
					      "\"description\":\"- [x] a\\n- [ ] b\"}"),
					 201);

	check_int(number(task, "iid"), 1);
	check_str(jsonr_text(jsonr_get(task, "state")), "opened");
	check_int(jsonr_length(jsonr_get(task, "labels")), 2);
	check_int(number(jsonr_get(task, "task_completion_status"), "completed_count"), 1);
	check_true(jsonr_is_array(jsonr_get(task, "assignees")));
	check_true(jsonr_is_null(jsonr_get(task, "closed_at")));
	task = parse(&f,
		     send(&f, f.token, HTTP_PUT, API "/1",
			  "{\"state_event\":\"close\",\"add_labels\":[\"x\"]}"),
		     200);
	check_str(jsonr_text(jsonr_get(task, "state")), "closed");
	check_int(jsonr_length(jsonr_get(task, "labels")), 3);
	check_str(jsonr_text(jsonr_get(jsonr_get(task, "closed_by"), "username")), "ann");
	check_int(jsonr_length(parse(&f, test_web_get(f.w, API "?state=opened", f.token), 200)), 0);
	check_int(jsonr_length(parse(&f, test_web_get(f.w, API "?labels=x,ui", f.token), 200)), 1);
	test_web_close(f.w);
}

static void a_missing_title_and_a_missing_task_are_said_as_gitlab_does(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PRIVATE);
	struct test_answer a = send(&f, f.token, HTTP_POST, API, "{}");

	check_int(a.status, 400);
	check_str(a.body, "{\"error\":\"title is missing\"}");
	a = test_web_get(f.w, API "/7", f.token);
	check_int(a.status, 404);
	check_str(a.body, "{\"message\":\"404 Issue Not Found\"}");
	a = test_web_get(f.w, API, f.bobs);
	check_str(a.body, "{\"message\":\"404 Project Not Found\"}");
	test_web_close(f.w);
}

static void notes_and_discussions_are_written_by_api(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	const struct jsonr *json;
	struct str key;
	int64_t id;

	parse(&f, send(&f, f.token, HTTP_POST, API, "{\"title\":\"x\"}"), 201);
	json = parse(&f, send(&f, f.bobs, HTTP_POST, API "/1/notes", "{\"body\":\"hm\"}"), 201);
	check_true(jsonr_is_null(jsonr_get(json, "type")));
	check_str(jsonr_text(jsonr_get(json, "noteable_type")), "Issue");
	id = number(json, "id");
	json = parse(&f, test_web_get(f.w, API "/1/discussions", f.token), 200);
	key = jsonr_text(jsonr_get(jsonr_at(json, 0), "id"));
	check_int(key.n, 40);
	parse(&f,
	      send(&f, f.token, HTTP_POST,
		   arena_strf(f.w->answers, "%s/1/discussions/%.*s/notes", API, STR_FMT(key)),
		   "{\"body\":\"why\"}"),
	      201);
	json = parse(&f, test_web_get(f.w, API "/1/notes?sort=asc", f.token), 200);
	check_int(jsonr_length(json), 2);
	check_str(jsonr_text(jsonr_get(jsonr_at(json, 0), "type")), "DiscussionNote");
	check_int(send(&f, f.bobs, HTTP_DELETE,
		       arena_strf(f.w->answers, "%s/1/notes/%lld", API, (long long)id + 1), NULL)
			  .status,
		  403);
	check_int(send(&f, f.bobs, HTTP_DELETE,
		       arena_strf(f.w->answers, "%s/1/notes/%lld", API, (long long)id), NULL)
			  .status,
		  204);
	test_web_close(f.w);
}

#define SHA "1111111111111111111111111111111111111111"
#define MERGE "/api/v4/projects/team%2Fapp/merge_requests/1"
#define PLACE                                                                    \
	"\"base_sha\":\"" SHA "\",\"start_sha\":\"" SHA "\",\"head_sha\":\"" SHA \
	"\",\"position_type\":\"text\",\"new_path\":\"a.c\""

static void a_thread_at_a_line_is_begun_and_resolved_by_api(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	const struct jsonr *json;
	const struct jsonr *note;
	struct str key;

	test_database_exec(f.w->world->database,
			   "INSERT INTO merge_request (project_id, iid, source_project_id, "
			   "source_branch, target_branch, title, author_id, head_sha) "
			   "SELECT p.id, 1, p.id, 'a', 'main', 'x', u.id, '" SHA "' "
			   "FROM project p, users u WHERE u.username = 'ann'");
	json = parse(&f,
		     send(&f, f.bobs, HTTP_POST, MERGE "/discussions",
			  "{\"body\":\"why\",\"position\":{" PLACE ",\"new_line\":7}}"),
		     201);
	key = jsonr_text(jsonr_get(json, "id"));
	note = jsonr_at(jsonr_get(json, "notes"), 0);
	check_str(jsonr_text(jsonr_get(note, "type")), "DiffNote");
	check_int(number(jsonr_get(note, "position"), "new_line"), 7);
	check_true(jsonr_is_null(jsonr_get(jsonr_get(note, "position"), "old_line")));
	check_str(jsonr_text(jsonr_get(jsonr_get(note, "position"), "old_path")), "a.c");
	json = parse(&f,
		     send(&f, f.token, HTTP_PUT,
			  arena_strf(f.w->answers, "%s/discussions/%.*s", MERGE, STR_FMT(key)),
			  "{\"resolved\":true}"),
		     200);
	note = jsonr_at(jsonr_get(json, "notes"), 0);
	check_str(jsonr_text(jsonr_get(jsonr_get(note, "resolved_by"), "username")), "ann");
	check_int(send(&f, f.bobs, HTTP_POST, MERGE "/discussions",
		       "{\"body\":\"why\",\"position\":{" PLACE "}}")
			  .status,
		  400);
	test_web_close(f.w);
}

static bool has(struct str body, const char *part)
{
	return str_find_str(body, str_c(part)) < body.n;
}

static void the_pages_of_a_task_escape_what_people_wrote(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	struct test_answer a;

	parse(&f,
	      send(&f, f.token, HTTP_POST, API,
		   "{\"title\":\"<b>Paint</b>\",\"description\":\"<script>x</script>\"}"),
	      201);
	parse(&f, send(&f, f.token, HTTP_POST, API "/1/notes", "{\"body\":\"<img onerror=x>\"}"),
	      201);
	a = test_web_get(f.w, "/team/app/-/issues", NULL);
	check_int(a.status, 200);
	check_true(has(a.body, "&lt;b&gt;Paint"));
	a = test_web_get(f.w, "/team/app/-/issues/1", NULL);
	check_int(a.status, 200);
	check_false(has(a.body, "<b>Paint"));
	check_false(has(a.body, "<script>x"));
	check_false(has(a.body, "<img onerror"));
	check_true(has(a.body, "Sign in</a>"));
	check_false(has(a.body, "name=\"body\""));
	check_int(test_web_get(f.w, "/team/app/-/issues/2", NULL).status, 404);
	test_web_close(f.w);
}

static void a_long_discussion_has_pages(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	struct test_answer a;

	parse(&f, send(&f, f.token, HTTP_POST, API, "{\"title\":\"x\"}"), 201);
	for (int i = 0; i < 101; i++)
		parse(&f, send(&f, f.token, HTTP_POST, API "/1/notes", "{\"body\":\"hm\"}"), 201);
	a = test_web_get(f.w, "/team/app/-/issues/1", NULL);
	check_true(has(a.body, "?page=2"));
	check_false(has(a.body, "id=\"note_101\""));
	a = test_web_get(f.w, "/team/app/-/issues/1?page=2", NULL);
	check_true(has(a.body, "id=\"note_101\""));
	check_true(has(a.body, "Earlier"));
	test_web_close(f.w);
}

static void strangers_are_sent_to_sign_in_before_they_write(void **state UNUSED)
{
	struct fixture f = open_fixture(VISIBILITY_PUBLIC);
	struct test_answer a = test_web_get(f.w, "/team/app/-/issues/new", NULL);

	check_int(a.status, 303);
	test_web_close(f.w);
}

RUN_TESTS(TEST(a_task_is_created_read_closed_and_listed_by_api),
	  TEST(a_missing_title_and_a_missing_task_are_said_as_gitlab_does),
	  TEST(notes_and_discussions_are_written_by_api),
	  TEST(a_thread_at_a_line_is_begun_and_resolved_by_api),
	  TEST(the_pages_of_a_task_escape_what_people_wrote), TEST(a_long_discussion_has_pages),
	  TEST(strangers_are_sent_to_sign_in_before_they_write))
