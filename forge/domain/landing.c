/*
 * The front's half of a landing as a table: message -> what to do. The
 * operation leads; every branch ends in one answer or in none.
 */
#include "domain/landing_private.h"

#include "base/fault.h"
#include "base/mem.h"

#include <stdlib.h>

static const char *const source_words[] = {
#define SOURCE_WORD(name, word) [PUSH_SOURCE_##name] = word,
	PUSH_SOURCES(SOURCE_WORD)
#undef SOURCE_WORD
};

const char *push_source_word(enum push_source source)
{
	ASSERT((size_t)source < ARRAY_LEN(source_words));
	return source_words[source];
}

struct landing *landing_open(const struct landing_request *request, struct git_operation *op)
{
	struct landing *l = MEM_NEW(struct landing);

	l->rq = *request;
	l->op = op;
	l->arena = arena_open(LANDING_MEMORY_MAX);
	return l;
}

void landing_close(struct landing *l)
{
	if (!l)
		return;
	git_operation_close(l->op);
	arena_close(l->arena);
	mem_free(l);
}

int landing_fd(const struct landing *l)
{
	return git_operation_fd(l->op);
}

int landing_say(struct landing *l, enum git_message_type type, struct err *e)
{
	struct git_message m = git_message_of(type);

	return git_operation_send(l->op, &m, e);
}

int landing_say_text(struct landing *l, enum git_message_type type, struct str text, struct err *e)
{
	struct git_message m = git_message_of(type);

	git_message_set_text(&m, text);
	return git_operation_send(l->op, &m, e);
}

static int take_option(struct landing *l, const struct git_message *m, struct err *e)
{
	if (l->option_count >= 64)
		return err_set(e, ERR_INTERNAL, "git.sock: more push options than may be");
	if (!l->options)
		l->options = ARENA_ARRAY(l->arena, struct str, 64);
	l->options[l->option_count++] = arena_str(l->arena, str_c(m->text));
	return 0;
}

static int take_ref(struct landing *l, const struct git_message *m, struct err *e)
{
	struct landing_ref *ref;

	if (m->index != l->count || !m->name[0] || !m->old_oid[0] || !m->new_oid[0])
		return err_set(e, ERR_INTERNAL, "git.sock: a ref out of order");
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 8;
		struct landing_ref *more = ARENA_ARRAY(l->arena, struct landing_ref, room);

		if (l->count)
			memcpy(more, l->refs, l->count * sizeof(*more));
		l->refs = more;
		l->room = room;
	}
	ref = &l->refs[l->count++];
	ref->name = arena_str(l->arena, str_c(m->name));
	ref->old_oid = arena_str(l->arena, str_c(m->old_oid));
	ref->new_oid = arena_str(l->arena, str_c(m->new_oid));
	ref->facts = m->flags;
	ref->is_refused = !(m->flags & GIT_REF_OK);
	ref->code = ref->is_refused ? ERR_CONFLICT : ERR_NONE;
	ref->reason = arena_str(l->arena, str_c(m->text));
	return 0;
}

static int decide(struct landing *l, const struct git_message *m, struct err *e)
{
	if (m->number != i64_from_size(l->count))
		return err_set(e, ERR_INTERNAL, "git.sock: %lld refs announced, %zu came",
			       (long long)m->number, l->count);
	if (landing_judge(l, e) < 0 || landing_plan(l, e) < 0)
		return -(int)e->code;
	FAULT_POINT("landing.planned");
	for (size_t i = 0; i < l->count; i++) {
		struct git_message verdict = git_message_of(GIT_MSG_VERDICT);

		verdict.index = u32_from_size(i);
		verdict.flags = l->refs[i].is_refused ? 0 : GIT_REF_OK;
		git_message_set_text(&verdict, l->refs[i].reason);
		if (git_operation_send(l->op, &verdict, e) < 0)
			return -(int)e->code;
	}
	return landing_say(l, GIT_MSG_GO, e);
}

static int take_state(struct landing *l, const struct git_message *m, struct err *e)
{
	struct landing_ref *ref;

	if (m->index >= l->count)
		return err_set(e, ERR_INTERNAL, "git.sock: the state of an unknown ref");
	ref = &l->refs[m->index];
	if (m->flags & GIT_REF_OK || ref->is_refused)
		return 0;
	ref->is_refused = true;
	ref->code = ERR_CONFLICT;
	ref->reason = arena_str(l->arena, str_c(m->text));
	return 0;
}

static size_t count_landing(const struct landing *l)
{
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++)
		count += landing_lands(&l->refs[i]);
	return count;
}

/* The refs are locked: now or never. */
static int commit(struct landing *l, const struct git_message *m UNUSED, struct err *e)
{
	if (l->has_settled && landing_settled_all(l, e) < 0)
		return -(int)e->code;
	if (count_landing(l) > 0 && landing_record(l, e) < 0)
		return -(int)e->code;
	FAULT_POINT("landing.recorded");
	landing_change_requests(l);
	if (landing_say_output(l, e) < 0)
		return -(int)e->code;
	return landing_say(l, GIT_MSG_COMMIT, e);
}

static int note_renamed(struct landing *l, const struct git_message *m UNUSED, struct err *e UNUSED)
{
	l->was_renamed = true;
	if (l->was_committed)
		landing_announce(l);
	return 0;
}

static int send_settles(struct landing *l, const struct git_message *m UNUSED, struct err *e)
{
	return landing_send_settles(l, e);
}

/* Only the operation settle says it: it keeps the lock until the rows are written. */
static int finish_settle(struct landing *l, const struct git_message *m UNUSED, struct err *e)
{
	if (landing_settled_all(l, e) < 0)
		return -(int)e->code;
	return landing_say(l, GIT_MSG_GO, e);
}

typedef int step_function(struct landing *l, const struct git_message *m, struct err *e);

static const struct {
	enum git_message_type type;
	step_function *run;
} steps[] = {
	{ GIT_MSG_OPTION, take_option },
	{ GIT_MSG_REF, take_ref },
	{ GIT_MSG_DECIDE, decide },
	{ GIT_MSG_LOCKED, send_settles },
	{ GIT_MSG_REF_STATE, take_state },
	{ GIT_MSG_PREPARED, commit },
	{ GIT_MSG_COMMITTED, note_renamed },
	{ GIT_MSG_SETTLED, finish_settle },
	{ GIT_MSG_CONFLICT, landing_take_conflict },
	{ GIT_MSG_MERGED, landing_take_merged },
};

static int run_step(struct landing *l, const struct git_message *m, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (m->type == (uint32_t)steps[i].type)
			return steps[i].run(l, m, e);
	return err_set(e, ERR_INTERNAL, "git.sock: message %u has no step", m->type);
}

/* The operation has ended. What was acknowledged is settled; the rest waits for settling. */
static int finish(struct landing *l, int result, struct err *e)
{
	struct err later;

	FAULT_POINT("landing.acknowledged");
	if (!l->was_renamed || !l->was_committed)
		return result;
	/* Failing here changes nothing for the pusher: the next who looks settles. */
	if (landing_clear_unsettled(l, &later) < 0 && result == 0)
		return 0;
	return result == 0 || e->code != ERR_GONE ? result : 0;
}

/*
 * Our step failed: the operation is told, and then listened to until its end,
 * so that it can tell the client. Hanging up now would kill it in between.
 */
static int abort_operation(struct landing *l, const struct err *why)
{
	struct err broken;

	l->failure = *why;
	/* The sentence of the code, if the text is private: that is for the log. */
	return landing_say_text(l, GIT_MSG_ABORT, str_c(err_sentence(why)), &broken);
}

int landing_step(struct landing *l, bool *is_done, struct err *e)
{
	struct git_message m = { 0 };
	int result = git_operation_next(l->op, &m, is_done, e);

	l->was_told = *is_done && (m.flags & GIT_FLAG_TOLD);
	if (*is_done && l->failure.code != ERR_NONE) {
		*e = l->failure;
		return -(int)e->code;
	}
	if (*is_done)
		return finish(l, result, e);
	/* What it still says after an abort is of no interest. */
	if (l->failure.code != ERR_NONE || run_step(l, &m, e) == 0)
		return 0;
	*is_done = abort_operation(l, e) < 0;
	return *is_done ? -(int)e->code : 0;
}

int landing_serve(struct landing *l, struct err *e)
{
	bool is_done = false;
	int result = 0;

	while (!is_done)
		result = landing_step(l, &is_done, e);
	return result;
}

struct landing_result landing_result(const struct landing *l)
{
	struct landing_result r = { .push_id = l->was_committed ? l->push_id : 0,
				    .was_told = l->was_told };

	for (size_t i = 0; i < l->count; i++) {
		r.landed += l->was_committed && landing_lands(&l->refs[i]);
		r.refused += l->refs[i].is_refused;
	}
	return r;
}
