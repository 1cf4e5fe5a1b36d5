#include "support/zygote.h"

struct answers {
	struct git_operation *op;
	const char *refuse;
};

static int say(struct answers *a, enum git_message_type type, struct err *e)
{
	struct git_message m = git_message_of(type);

	return git_operation_send(a->op, &m, e);
}

static int decide(struct answers *a, const struct git_message *ref, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_VERDICT);

	m.index = ref->index;
	if (a->refuse && strcmp(a->refuse, ref->name) == 0)
		git_message_set_text(&m, STR("refused by the test"));
	else if (a->refuse && strcmp(a->refuse, "force") == 0 && (ref->flags & GIT_REF_FORCED))
		git_message_set_text(&m, STR("force is refused by the test"));
	else
		m.flags = GIT_REF_OK;
	return git_operation_send(a->op, &m, e);
}

int test_front_answer(struct git_operation *op, const char *refuse, struct err *e)
{
	struct answers a = { op, refuse };
	struct git_message m;
	bool is_done = false;

	for (;;) {
		int failed = git_operation_next(op, &m, &is_done, e);

		if (failed || is_done)
			return failed;
		if (m.type == GIT_MSG_REF)
			failed = decide(&a, &m, e);
		else if (m.type == GIT_MSG_DECIDE || m.type == GIT_MSG_LOCKED)
			failed = say(&a, GIT_MSG_GO, e);
		else if (m.type == GIT_MSG_PREPARED)
			failed = say(&a, GIT_MSG_COMMIT, e);
		if (failed)
			return failed;
	}
}
