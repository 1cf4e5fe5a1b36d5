/* The boot's look at all repositories: it waits for the git role and clears what the dead left. */
#include "support/check.h"
#include "support/landing.h"

#include "base/fs.h"
#include "git/repo.h"
#include "work/work.h"

#define LEFTOVERS                                                                            \
	"cd $R/objects; mkdir -p incoming-dead/pack; touch pack/tmp_pack_dead tmp_obj_dead " \
	"incoming-dead/pack/tmp_pack_dead"

static bool has_leftovers(struct test_landing *t)
{
	int status;

	test_landing_shell(t, "find $R/objects -name '*dead' | grep -q .", &status);
	return status == 0;
}

static void boot_clears_leftovers_once_the_git_role_is_there(void **state UNUSED)
{
	struct test_landing *t = test_landing_open();
	struct app app = { .log = log_to(-1, LOG_ERROR, "work"),
			   .data = t->zygote->folder,
			   .run = "/nonexistent",
			   .db = t->database->pool };
	struct work work = { .app = &app, .stop_fd = -1 };
	struct err e = { 0 };
	bool has_more;

	check_ok(git_reader_open(t->zygote->folder, &app.reader, &e), &e);
	test_landing_shell(t, LEFTOVERS, NULL);
	check_err(work_reconcile(&work, t->zygote->arena, &has_more, &e), &e, ERR_UNAVAILABLE,
		  "connect");
	check_true(has_leftovers(t));
	app.run = t->zygote->folder;
	check_ok(work_reconcile(&work, t->zygote->arena, &has_more, &e), &e);
	check_false(has_leftovers(t));
	/* Done for today: what a live push makes now is not looked at. */
	test_landing_shell(t, LEFTOVERS, NULL);
	check_ok(work_reconcile(&work, t->zygote->arena, &has_more, &e), &e);
	check_true(has_leftovers(t));
	git_reader_close(app.reader);
	test_landing_close(t);
}

RUN_TESTS(TEST(boot_clears_leftovers_once_the_git_role_is_there))
