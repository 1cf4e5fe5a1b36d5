/* "Run pipeline": of which refs and commits, by whom, and what stands in the way. */
#include "support/check.h"
#include "support/landing.h"

#include "domain/instance.h"
#include "domain/pipeline_run.h"
#include "git/repo.h"
#include "secret/secret.h"

#define SETUP                                                                             \
	"git init -q w; cd w; git remote add origin $P;"                                  \
	"echo 'old: {script: x}' > .gitlab-ci.yml; git add .; git commit -qm first;"      \
	"git tag -a -m tag v1; echo 'new: {script: x, rules: [{if: \"$GO\"},"             \
	" {if: $CI_PIPELINE_SOURCE == \"push\"}]}' > .gitlab-ci.yml; git add .;"          \
	"git commit -qm 'second [skip ci]'; git checkout -q -b bad;"                      \
	"echo 'x: {scripts: x}' > .gitlab-ci.yml; git add .; git commit -qm bad;"         \
	"git rm -q .gitlab-ci.yml; git commit -q --allow-empty -m none; git branch none;" \
	"git reset -q --hard HEAD~1;"                                                     \
	"git push -q -o ci.no_pipeline origin main v1 bad none"

struct stand {
	struct test_landing *t;
	struct secret_keys *keys;
	struct git_reader *reader;
	struct repo *repo;
	struct instance instance;
};

static struct stand open_stand(void)
{
	struct stand p = { .t = test_landing_open() };
	struct err e = { 0 };
	const char *folder = arena_strf(p.t->database->arena, "%s/keys", p.t->zygote->folder);

	test_landing_shell(p.t, SETUP, NULL);
	check_ok(secret_keys_open(folder, true, &p.keys, &e), &e);
	check_ok(git_reader_open(p.t->zygote->folder, &p.reader, &e), &e);
	check_ok(repo_acquire(p.reader, p.t->project.v, &p.repo, &e), &e);
	p.instance = (struct instance){ .db = p.t->database->pool,
					.run = p.t->zygote->folder,
					.secret = p.keys,
					.url = STR("http://localhost"),
					.ssh = STR("localhost:22") };
	return p;
}

static void close_stand(struct stand *p)
{
	repo_release(p->repo);
	git_reader_close(p->reader);
	secret_keys_close(p->keys);
	test_landing_close(p->t);
}

static int run(struct stand *p, const char *ref, struct str commit,
	       const struct ci_variables *variables, struct pipeline_made *made, struct err *e)
{
	const struct pipeline_order order = { .project = p->t->project,
					      .repo = p->repo,
					      .ref = str_c(ref),
					      .commit = commit,
					      .why = CI_SOURCE_WEB,
					      .variables = variables };

	return pipeline_run(&p->instance, &p->t->actor, &order, p->t->database->arena, made, e);
}

static const char *text(struct stand *p, const char *what)
{
	return test_database_text(p->t->database, what);
}

static void a_branch_a_tag_and_an_older_commit_are_run(void **state UNUSED)
{
	struct stand p = open_stand();
	struct arena *a = p.t->database->arena;
	struct str first = arena_str(a, test_landing_ref(p.t, "main~1"));
	struct ci_variables go;
	struct pipeline_made made;
	struct err e = { 0 };

	ci_variables_init(&go, a);
	ci_variables_set_text(&go, "GO", STR("1"));
	check_ok(run(&p, "main", STR_NONE, &go, &made, &e), &e);
	check_int(made.pending, 1);
	check_c(text(&p, "SELECT ref || ' ' || source || ' ' || is_protected FROM pipeline"),
		"refs/heads/main web true");
	check_c(text(&p, "SELECT name FROM job ORDER BY id DESC"), "new");
	check_ok(run(&p, "refs/tags/v1", STR_NONE, NULL, &made, &e), &e);
	check_c(text(&p, "SELECT ref_name || is_tag FROM pipeline ORDER BY id DESC"), "v1true");
	check_ok(run(&p, "main", str_upto(first, 10), NULL, &made, &e), &e);
	check_c(text(&p, "SELECT sha FROM pipeline ORDER BY id DESC"), arena_cstr(a, first));
	check_c(text(&p, "SELECT name FROM job ORDER BY id DESC"), "old");
	close_stand(&p);
}

static void what_stands_in_the_way_is_said_and_nothing_is_made(void **state UNUSED)
{
	static const struct {
		const char *ref;
		const char *commit;
		const char *part;
	} cases[] = {
		{ "gone", "", "there is no branch or tag named gone" },
		{ "main", "1111111111111111111111111111111111111111", "no such commit" },
		{ "main", "bad", "is not part of main" },
		{ "main", "", "no job is left" },
		{ "none", "", "There is no .gitlab-ci.yml in this commit." },
		{ "bad", "", ".gitlab-ci.yml:1:5: " },
	};
	struct stand p = open_stand();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pipeline_made made;
		struct err e = { 0 };

		check_err(run(&p, cases[i].ref, str_c(cases[i].commit), NULL, &made, &e), &e,
			  ERR_UNPROCESSABLE, cases[i].part);
	}
	check_int(test_database_number(p.t->database, "SELECT count(*) FROM pipeline"), 0);
	close_stand(&p);
}

static void only_who_may_change_the_ref_runs_it(void **state UNUSED)
{
	struct stand p = open_stand();
	struct pipeline_made made;
	struct err e = { 0 };

	p.t->actor.user.v += 1000;
	check_err(run(&p, "bad", STR_NONE, NULL, &made, &e), &e, ERR_NOT_FOUND, "");
	close_stand(&p);
}

static void the_same_commit_is_run_as_often_as_wanted(void **state UNUSED)
{
	struct stand p = open_stand();
	struct pipeline_made made;
	struct err e = { 0 };

	for (int i = 0; i < 3; i++)
		check_ok(run(&p, "v1", STR_NONE, NULL, &made, &e), &e);
	check_int(made.iid, 3);
	check_int(test_database_number(p.t->database, "SELECT count(*) FROM pipeline"), 3);
	close_stand(&p);
}

RUN_TESTS(TEST(a_branch_a_tag_and_an_older_commit_are_run),
	  TEST(what_stands_in_the_way_is_said_and_nothing_is_made),
	  TEST(only_who_may_change_the_ref_runs_it),
	  TEST(the_same_commit_is_run_as_often_as_wanted))
