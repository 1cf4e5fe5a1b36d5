/* Pushes of the real git land: rows, refs and words agree. */
#include "support/check.h"
#include "support/landing.h"

#define COMMIT(n) "echo " n " > f" n "; git add .; git commit -qm " n ";"
#define WORK "git init -q w; cd w; git remote add origin $P;" COMMIT("1")

static void check_holds(struct str text, const char *part)
{
	if (str_find_str(text, str_c(part)) == text.n)
		fail_msg("\"%s\" is not in:\n%.*s", part, STR_FMT(text));
}

static void a_push_is_recorded_and_the_first_one_says_where(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct str out = test_landing_shell(t, WORK "git tag v1; git push origin main v1", NULL);

	check_holds(out, "remote: This is the first push to test/project. Its page:");
	check_holds(out, "[new tag]         v1 -> v1");
	check_int(test_database_number(t->database, "SELECT count(*) FROM push WHERE source = 'ssh'"), 1);
	check_int(test_database_number(t->database, "SELECT count(*) FROM push_ref"), 2);
	check_int(test_database_number(t->database, "SELECT count(*) FROM outbox"), 1);
	test_landing_check_sound(t);
	out = test_landing_shell(t, "cd w;" COMMIT("2") "git push origin main", NULL);
	check_true(str_find_str(out, STR("remote:")) == out.n);
	test_landing_check_sound(t);
	test_landing_close(t);
}

RUN_TESTS(TEST(a_push_is_recorded_and_the_first_one_says_where))
