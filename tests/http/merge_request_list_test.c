/* Merge requests and tasks over all projects and of a group; removing a merge request. */
#include "support/web.h"

#include "base/jsonr.h"
#include "domain/task.h"
#include "domain/token.h"

struct fixture {
	struct test_web *w;
	struct actor ann; /* owner of everything below team/ */
	struct actor bob; /* nobody */
	struct actor eve; /* maintainer of team/app */
	const char *anns;
	const char *bobs;
	const char *eves;
};

static void add_request(struct fixture *f, const char *path, int iid, const char *author)
{
	test_database_exec(
		f->w->world->database,
		arena_strf(f->w->arena,
			   "INSERT INTO merge_request (project_id, iid, source_project_id, "
			   "source_branch, target_branch, title, author_id, head_sha) "
			   "SELECT p.id, %d, p.id, 'b%d', 'main', '%s %d', u.id, repeat('1', 40) "
			   "FROM project_row p, users u "
			   "WHERE p.path = '%s' AND u.username = '%s'",
			   iid, iid, path, iid, path, author));
}

static void add_task(struct fixture *f, struct project_id project, const struct actor *who,
		     const char *title)
{
	const struct task_new in = { .title = str_c(title) };
	struct task task;

	check_ok(task_create(f->w->world->db, who, project, &in, f->w->arena, &task,
			     &f->w->world->e),
		 &f->w->world->e);
}

static struct fixture open_fixture(void)
{
	struct fixture f = { .w = test_web_open(NULL) };
	struct project_id app, secret, other;

	f.ann = domain_user(f.w->world, "ann");
	f.bob = domain_user(f.w->world, "bob");
	f.eve = domain_user(f.w->world, "eve");
	app = domain_project(f.w->world, "team/app", &f.ann, VISIBILITY_PUBLIC);
	secret = domain_project(f.w->world, "team/sub/secret", &f.ann, VISIBILITY_PRIVATE);
	other = domain_project(f.w->world, "else/other", &f.ann, VISIBILITY_PUBLIC);
	domain_member(f.w->world, (struct member_place){ .project = app }, &f.eve,
		      LEVEL_MAINTAINER);
	f.anns = test_web_token(f.w, &f.ann, SCOPE_API);
	f.bobs = test_web_token(f.w, &f.bob, SCOPE_API);
	f.eves = test_web_token(f.w, &f.eve, SCOPE_API);
	add_request(&f, "team/app", 1, "ann");
	add_request(&f, "team/app", 2, "bob");
	add_request(&f, "team/sub/secret", 1, "ann");
	add_request(&f, "else/other", 1, "ann");
	add_task(&f, app, &f.bob, "of bob");
	add_task(&f, secret, &f.ann, "hidden");
	add_task(&f, other, &f.ann, "elsewhere");
	return f;
}

/* "team/app!2 team/app!1": what the list has, in its order. */
static const char *names(struct fixture *f, const char *token, const char *target)
{
	struct test_answer a = test_web_get(f->w, target, token);
	const struct jsonr *json;
	const char *text = "";
	struct err e = { 0 };

	if (a.status != 200)
		return arena_strf(f->w->answers, "%d", a.status);
	check_ok(jsonr_parse(f->w->answers, a.body, &json, &e), &e);
	for (size_t i = 0; i < jsonr_length(json); i++) {
		const struct jsonr *references = jsonr_get(jsonr_at(json, i), "references");

		text = arena_strf(f->w->answers, "%s%s%.*s", text, i ? " " : "",
				  STR_FMT(jsonr_text(jsonr_get(references, "full"))));
	}
	return text;
}

static void a_group_lists_what_the_reader_sees_below_it(void **state UNUSED)
{
	struct fixture f = open_fixture();

	check_c(names(&f, f.anns, "/api/v4/groups/team/merge_requests"),
		"team/sub/secret!1 team/app!2 team/app!1");
	check_c(names(&f, f.bobs, "/api/v4/groups/team/merge_requests"), "team/app!2 team/app!1");
	check_c(names(&f, f.anns, "/api/v4/groups/team%2Fsub/merge_requests"), "team/sub/secret!1");
	check_c(names(&f, f.anns, "/api/v4/groups/team/merge_requests?author_username=bob"),
		"team/app!2");
	check_c(names(&f, f.anns, "/api/v4/groups/team/issues"), "team/sub/secret#1 team/app#1");
	check_c(names(&f, f.bobs, "/api/v4/groups/team/issues"), "team/app#1");
	check_c(names(&f, NULL, "/api/v4/groups/team/issues"), "team/app#1");
	check_c(names(&f, f.bobs, "/api/v4/groups/team%2Fsub/issues"), "404");
	check_c(names(&f, f.bobs, "/api/v4/groups/bob/issues"), "404");
	test_web_close(f.w);
}

static void without_a_place_ones_own_are_listed(void **state UNUSED)
{
	struct fixture f = open_fixture();

	check_c(names(&f, f.bobs, "/api/v4/merge_requests"), "team/app!2");
	check_c(names(&f, f.bobs, "/api/v4/issues"), "team/app#1");
	check_c(names(&f, f.bobs, "/api/v4/issues?scope=all"), "else/other#1 team/app#1");
	check_c(names(&f, f.bobs, "/api/v4/issues?scope=all&sort=asc&state=opened"),
		"team/app#1 else/other#1");
	check_c(names(&f, f.anns, "/api/v4/issues?scope=all"),
		"else/other#1 team/sub/secret#1 team/app#1");
	check_c(names(&f, f.anns, "/api/v4/issues?scope=assigned_to_me"), "");
	check_c(names(&f, NULL, "/api/v4/issues"), "401");
	test_web_close(f.w);
}

static void labels_are_a_list_of_which_all_must_be_there(void **state UNUSED)
{
	static const char list[] = "/api/v4/projects/team%2Fapp/merge_requests";
	struct fixture f = open_fixture();

	test_database_exec(f.w->world->database,
			   "UPDATE merge_request SET labels = '{bug,urgent}' WHERE iid = 1");
	test_database_exec(f.w->world->database,
			   "UPDATE merge_request SET labels = '{bug}' WHERE iid = 2");
	check_c(names(&f, f.anns, arena_strf(f.w->arena, "%s?labels=bug", list)),
		"team/app!2 team/app!1");
	check_c(names(&f, f.anns, arena_strf(f.w->arena, "%s?labels=bug,%%20urgent", list)),
		"team/app!1");
	check_c(names(&f, f.anns, arena_strf(f.w->arena, "%s?labels=bug,none", list)), "");
	check_c(names(&f, f.anns, arena_strf(f.w->arena, "%s?labels=", list)),
		"team/app!2 team/app!1");
	test_web_close(f.w);
}

static int remove_request(struct fixture *f, const char *token, const char *iid)
{
	const char *target = arena_strf(f->w->arena,
					"/api/v4/projects/team%%2Fapp/merge_requests/"
					"%s",
					iid);
	const struct test_ask ask = { .method = HTTP_DELETE, .target = target, .token = token };

	return test_web_ask(f->w, &ask).status;
}

static void owners_remove_what_was_not_merged(void **state UNUSED)
{
	struct fixture f = open_fixture();

	check_int(remove_request(&f, f.bobs, "2"), 403);
	check_int(remove_request(&f, f.eves, "2"), 403);
	check_int(remove_request(&f, f.anns, "2"), 204);
	check_int(remove_request(&f, f.anns, "2"), 404);
	check_int(test_database_number(f.w->world->database,
				       "SELECT count(*) FROM outbox WHERE kind = "
				       "'merge_request_gone' AND subject_id = 2"),
		  1);
	check_int(test_database_number(f.w->world->database,
				       "SELECT count(*) FROM audit_event WHERE act = "
				       "'merge_request.remove'"),
		  1);
	test_database_exec(f.w->world->database, "UPDATE merge_request SET state = 'merged', "
						 "merged_at = now() WHERE iid = 1");
	check_int(remove_request(&f, f.anns, "1"), 409);
	check_c(names(&f, f.anns, "/api/v4/projects/team%2Fapp/merge_requests"), "team/app!1");
	test_web_close(f.w);
}

static void a_task_tells_how_its_texts_and_labels_changed(void **state UNUSED)
{
	struct fixture f = open_fixture();
	const struct test_ask ask = {
		.method = HTTP_PUT,
		.target = "/api/v4/projects/team%2Fapp/issues/1",
		.token = f.anns,
		.body = "{\"description\":\"more\",\"add_labels\":\"a,b*\"}",
		.body_type = "application/json",
	};
	struct test_ask again = ask;
	const char *notes;

	check_int(test_web_ask(f.w, &ask).status, 200);
	again.body = "{\"description\":\"more\",\"labels\":\"c\"}";
	check_int(test_web_ask(f.w, &again).status, 200);
	notes = test_database_text(f.w->world->database,
				   "SELECT string_agg(body, '; ' ORDER BY id) FROM note "
				   "WHERE is_system");
	check_c(notes, "changed the text; added the label **a**, **b\\***; added the label **c** "
		       "and removed the label **a**, **b\\***");
	test_web_close(f.w);
}

RUN_TESTS(TEST(a_group_lists_what_the_reader_sees_below_it),
	  TEST(without_a_place_ones_own_are_listed),
	  TEST(labels_are_a_list_of_which_all_must_be_there),
	  TEST(owners_remove_what_was_not_merged),
	  TEST(a_task_tells_how_its_texts_and_labels_changed))
