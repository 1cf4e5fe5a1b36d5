/* The real git pushes and fetches through the zygote; policy says yes (no database here). */
#include "support/check.h"
#include "support/zygote.h"

#include "base/fs.h"

#define COMMIT(n) "echo " n " > f" n "; git add .; git commit -qm " n ";"

static bool holds(struct str text, const char *part)
{
	return str_find_str(text, str_c(part)) < text.n;
}

static void check_holds(struct str text, const char *part)
{
	if (!holds(text, part))
		fail_msg("\"%s\" is not in:\n%.*s", part, STR_FMT(text));
}

static struct test_zygote *open_with_work(void)
{
	struct test_zygote *z = test_zygote_open();

	test_zygote_init(z, 1);
	test_zygote_shell(z, "git init -q w; cd w; git remote add origin $URL/1;" COMMIT("1"), NULL);
	return z;
}

static void a_pushed_commit_can_be_cloned(void **state UNUSED)
{
	struct test_zygote *z = open_with_work();
	struct str out;

	out = test_zygote_shell(z, "cd w; git push origin main", NULL);
	check_holds(out, "[new branch]      main -> main");
	test_zygote_shell(z,
			  "git clone -q $URL/1 c2; git -c protocol.version=0 clone -q $URL/1 c0;"
			  "git -c protocol.version=1 clone -q $URL/1 c1;"
			  "cat c2/f1 c0/f1 c1/f1 | tr -d '\\n' | grep -x 111",
			  NULL);
	out = test_zygote_shell(z, arena_strf(z->arena, "git -C %s fsck --strict; ls %s/objects",
					      test_zygote_repo(z, 1), test_zygote_repo(z, 1)), NULL);
	check_false(holds(out, "incoming-"));
	test_zygote_close(z);
}

RUN_TESTS(TEST(a_pushed_commit_can_be_cloned))
