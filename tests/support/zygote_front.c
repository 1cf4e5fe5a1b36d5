#include "support/zygote.h"

/* Verdicts wait for DECIDE, as landing's do: nobody reads while the operation still asks. */
struct answers {
	struct git_operation *op;
	const char *refuse;
	struct arena *arena;
	struct git_message *verdicts;
	size_t count;
	size_t room;
};

static int say(struct answers *a, enum git_message_type type, struct err *e)
{
	struct git_message m = git_message_of(type);

	return git_operation_send(a->op, &m, e);
}

static void judge(struct answers *a, const struct git_message *ref)
{
	struct git_message m = git_message_of(GIT_MSG_VERDICT);

	m.index = ref->index;
	if (a->refuse && strcmp(a->refuse, ref->name) == 0)
		git_message_set_text(&m, STR("refused by the test"));
	else if (a->refuse && strcmp(a->refuse, "force") == 0 && (ref->flags & GIT_REF_FORCED))
		git_message_set_text(&m, STR("force is refused by the test"));
	else
		m.flags = GIT_REF_OK;
	if (a->count == a->room) {
		struct git_message *more;

		a->room = a->room ? 2 * a->room : 16;
		more = ARENA_ARRAY(a->arena, struct git_message, a->room);
		if (a->count)
			memcpy(more, a->verdicts, a->count * sizeof(m));
		a->verdicts = more;
	}
	a->verdicts[a->count++] = m;
}

static int decide(struct answers *a, struct err *e)
{
	for (size_t i = 0; i < a->count; i++)
		if (git_operation_send(a->op, &a->verdicts[i], e) < 0)
			return -(int)e->code;
	return say(a, GIT_MSG_GO, e);
}

static int answer(struct answers *a, const struct git_message *m, struct err *e)
{
	switch (m->type) {
	case GIT_MSG_REF:
		judge(a, m);
		return 0;
	case GIT_MSG_DECIDE:
		return decide(a, e);
	case GIT_MSG_LOCKED:
		return say(a, GIT_MSG_GO, e);
	case GIT_MSG_PREPARED:
		return say(a, GIT_MSG_COMMIT, e);
	default:
		return 0;
	}
}

int test_front_answer(struct git_operation *op, const char *refuse, struct err *e)
{
	struct answers a = { .op = op, .refuse = refuse, .arena = arena_open(0) };
	struct git_message m;
	bool is_done = false;
	int failed = 0;

	while (!failed && !is_done) {
		failed = git_operation_next(op, &m, &is_done, e);
		if (!failed && !is_done)
			failed = answer(&a, &m, e);
	}
	arena_close(a.arena);
	return failed;
}
