/*
 * A git zygote in a process of its own, with a temporary data folder; and the
 * front's answers for tests that have no database: yes to everything but the
 * refs named in `refuse`.
 *
 *	struct test_zygote *z = test_zygote_open();
 *	test_zygote_init(z, 1);                         an empty repository, project 1
 *	test_zygote_shell(z, "git clone -q $URL/1 w");  the real git, through the front program
 *	test_zygote_close(z);
 *
 * In the shell, $URL/<project> is an address whose SSH command is
 * tests/programs/git_front, and the folder is z->folder.
 */
#ifndef SUPPORT_ZYGOTE_H
#define SUPPORT_ZYGOTE_H

#include "base/arena.h"
#include "git/operation.h"

#include <sys/types.h>

struct test_zygote {
	struct arena *arena;
	char folder[64]; /* data and run */
	pid_t pid;
	int stop; /* closing it stops the zygote */
};

struct test_zygote *test_zygote_open(void);
void test_zygote_close(struct test_zygote *z);
void test_zygote_init(struct test_zygote *z, int64_t project);
/* The path of a project's repository, in z->arena. */
const char *test_zygote_repo(struct test_zygote *z, int64_t project);

/* Runs a script; its standard output and errors together. *status may be NULL: then it must be 0.
 */
struct str test_zygote_shell(struct test_zygote *z, const char *script, int *status);

/* Answers an operation's questions until DONE. refuse: NULL, or a ref that is refused. */
MUST_USE int test_front_answer(struct git_operation *op, const char *refuse, struct err *e);

#endif
