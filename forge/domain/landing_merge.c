#include "domain/landing_merge.h"

#include "domain/landing_private.h"

#include "base/clock.h"
#include "domain/actor.h"
#include "git/text.h"

#define CONFLICTS_MAX 100

static int send_merge(struct landing *l, enum git_merge_kind kind, const struct landing_merge *in,
		      struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_MERGE);

	m.number = kind;
	if (!str_copy(m.name, sizeof(m.name), in->ref))
		return err_set(e, ERR_UNPROCESSABLE, "The name of the branch is too long.");
	if (!str_copy(m.old_oid, sizeof(m.old_oid), in->ours) ||
	    !str_copy(m.new_oid, sizeof(m.new_oid), in->theirs))
		return err_set(e, ERR_INTERNAL, "an object's name that is none");
	git_message_set_text(&m, in->base);
	return git_operation_send(l->op, &m, e);
}

int landing_take_conflict(struct landing *l, const struct git_message *m, struct err *e)
{
	struct merge_outcome *out = l->outcome;

	if (!out || out->conflicts.count >= CONFLICTS_MAX)
		return err_set(e, ERR_INTERNAL, "git.sock: a conflict nobody asked for");
	if (!out->conflicts.items)
		out->conflicts.items = ARENA_ARRAY(l->outcome_arena, struct str, CONFLICTS_MAX);
	out->conflicts.items[out->conflicts.count++] =
		text_utf8(l->outcome_arena, str_c(m->name), GIT_MESSAGE_NAME_MAX, NULL);
	return 0;
}

int landing_take_merged(struct landing *l, const struct git_message *m, struct err *e)
{
	struct merge_outcome *out = l->outcome;

	if (!out)
		return err_set(e, ERR_INTERNAL, "git.sock: the result of a merge nobody asked for");
	out->flags = m->flags;
	if (m->old_oid[0])
		out->merge_base = arena_str(l->outcome_arena, str_c(m->old_oid));
	out->oid = arena_str(l->outcome_arena, str_c(m->new_oid));
	return 0;
}

static void expect(struct landing *l, struct arena *a, struct merge_outcome *outcome)
{
	*outcome = (struct merge_outcome){ .merge_base = STR_NONE };
	l->outcome = outcome;
	l->outcome_arena = a;
}

int landing_check_merge(const struct landing_request *request, struct str ours, struct str theirs,
			struct arena *a, struct merge_outcome *outcome, struct err *e)
{
	const struct landing_merge in = { .ours = ours, .theirs = theirs };
	struct landing *l;
	int result;

	if (landing_start(request, GIT_OP_MERGE, 0, &l, e) < 0)
		return -(int)e->code;
	expect(l, a, outcome);
	result = send_merge(l, GIT_MERGE_CHECK, &in, e);
	if (result == 0)
		result = landing_say(l, GIT_MSG_GO, e);
	if (result == 0)
		result = landing_serve(l, e);
	landing_close(l);
	return result;
}

static int send_people(struct landing *l, const struct landing_merge *in, struct err *e)
{
	const struct actor *actor = l->rq.actor;
	bool has_author = !str_is_none(in->author_name);
	struct git_message m = git_message_of(GIT_MSG_TAGGER);

	m.number = instant_seconds(instant_now());
	git_message_set_text(&m, landing_person(l, has_author ? in->author_name : actor->name,
						has_author ? in->author_email : actor->email));
	if (git_operation_send(l->op, &m, e) < 0)
		return -(int)e->code;
	git_message_set_text(&m, landing_person(l, actor->name, actor->email));
	return git_operation_send(l->op, &m, e);
}

static int send_wish(struct landing *l, const struct landing_merge *in, struct err *e)
{
	if (send_merge(l, in->kind, in, e) < 0)
		return -(int)e->code;
	if (in->kind != GIT_MERGE_FAST_FORWARD &&
	    (send_people(l, in, e) < 0 || landing_send_text(l, in->message, "commit", e) < 0))
		return -(int)e->code;
	for (size_t i = 0; i < in->changes_count; i++)
		if (landing_send_change(l, &in->changes[i], e) < 0)
			return -(int)e->code;
	return landing_say(l, GIT_MSG_GO, e);
}

int landing_merge(const struct landing_request *request, const struct landing_merge *merge,
		  struct arena *a, struct merge_outcome *outcome, struct err *e)
{
	struct landing *l;
	int result;

	if (landing_start(request, GIT_OP_MERGE, GIT_FLAG_ATOMIC, &l, e) < 0)
		return -(int)e->code;
	expect(l, a, outcome);
	l->gate = merge->gate;
	l->gate_closure = merge->closure;
	result = send_wish(l, merge, e);
	if (result == 0)
		result = landing_first_refusal(l, landing_serve(l, e), e);
	landing_close(l);
	return result;
}
