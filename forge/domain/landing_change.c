/* Landings that begin here and not with a client: changes of refs by pages, API and work. */
#include "domain/landing_private.h"

#include "base/clock.h"
#include "domain/actor.h"

int landing_start(const struct landing_request *request, enum git_op op, uint32_t flags,
		  struct landing **l, struct err *e)
{
	const struct actor *actor = request->actor;
	struct arena *a = arena_open(0);
	const struct git_operation_request r = {
		.op = op,
		.project_id = request->project.v,
		.user_id = actor && actor->user.v > 0 ? actor->user.v : GIT_USER_SYSTEM,
		.request_id = actor && !str_is_none(actor->request_id)
				      ? arena_cstr(a, actor->request_id)
				      : NULL,
		.flags = flags,
		.in = -1,
		.out = -1,
		.err = -1,
	};
	struct git_operation *operation;
	int failed = git_operation_start(request->run, &r, &operation, e);

	arena_close(a);
	if (!failed)
		*l = landing_open(request, operation);
	return failed;
}

/* git's own grammar forbids <, > and line ends in names. */
struct str landing_person(struct landing *l, struct str name, struct str email)
{
	struct str mail = str_is_empty(email) ? STR("hearth@localhost") : email;
	char *text =
		arena_strf(l->arena, "%.*s", STR_FMT(str_is_empty(name) ? STR("Hearth") : name));

	for (char *c = text; *c; c++)
		if (*c == '<' || *c == '>' || (unsigned char)*c < ' ')
			*c = ' ';
	return arena_fmt(l->arena, "%s <%.*s>", text, STR_FMT(mail));
}

int landing_check_text(struct str message, const char *what, struct err *e)
{
	if (message.n <= LANDING_MESSAGE_MAX && str_is_utf8_text(message))
		return 0;
	return err_set(e, ERR_UNPROCESSABLE,
		       "The message of a %s is UTF-8 text of %d bytes at most. Shorten it.", what,
		       LANDING_MESSAGE_MAX);
}

int landing_send_text(struct landing *l, struct str message, const char *what, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_TAG_TEXT);

	if (landing_check_text(message, what, e) < 0)
		return -(int)e->code;
	while (message.n > 0) {
		git_message_set_text(&m, message);
		message = str_from(message, strlen(m.text));
		if (git_operation_send(l->op, &m, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int send_tag(struct landing *l, struct str message, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_TAGGER);

	git_message_set_text(&m, landing_person(l, l->rq.actor->name, l->rq.actor->email));
	m.number = instant_seconds(instant_now());
	if (git_operation_send(l->op, &m, e) < 0)
		return -(int)e->code;
	return landing_send_text(l, message, "tag", e);
}

int landing_send_change(struct landing *l, const struct landing_change *change, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_CHANGE);

	if (!str_copy(m.name, sizeof(m.name), change->name))
		return err_set(e, ERR_UNPROCESSABLE, "The name is too long.");
	if (!str_copy(m.old_oid, sizeof(m.old_oid), change->old_oid) ||
	    !str_copy(m.new_oid, sizeof(m.new_oid), change->new_oid))
		return err_set(e, ERR_INTERNAL, "an object's name that is none");
	m.flags = str_is_none(change->old_oid) ? GIT_REF_ANY_OLD : 0;
	if (git_operation_send(l->op, &m, e) < 0)
		return -(int)e->code;
	return str_is_none(change->tag_message) ? 0 : send_tag(l, change->tag_message, e);
}

int landing_first_refusal(const struct landing *l, int result, struct err *e)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->refs[i].is_refused)
			return err_set(e, l->refs[i].code, "%.*s", STR_FMT(l->refs[i].reason));
	return result;
}

int landing_change_refs(const struct landing_request *request, const struct landing_change *changes,
			size_t count, struct err *e)
{
	struct landing *l;
	int result = 0;

	if (count == 0)
		return 0;
	if (landing_start(request, GIT_OP_REFS, GIT_FLAG_ATOMIC, &l, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; result == 0 && i < count; i++)
		result = landing_send_change(l, &changes[i], e);
	if (result == 0)
		result = landing_say(l, GIT_MSG_GO, e);
	if (result == 0)
		result = landing_first_refusal(l, landing_serve(l, e), e);
	landing_close(l);
	return result;
}

int landing_set_head(const struct landing_request *request, struct str branch, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_CHANGE);
	struct landing *l;
	int result;

	if ((size_t)snprintf(m.name, sizeof(m.name), "refs/heads/%.*s", STR_FMT(branch)) >=
	    sizeof(m.name))
		return err_set(e, ERR_UNPROCESSABLE, "The name is too long.");
	m.flags = GIT_REF_HEAD;
	if (landing_start(request, GIT_OP_REFS, 0, &l, e) != 0)
		return -(int)e->code;
	result = git_operation_send(l->op, &m, e);
	if (result == 0)
		result = landing_say(l, GIT_MSG_GO, e);
	if (result == 0)
		result = landing_serve(l, e);
	landing_close(l);
	return result;
}

static int settle(const struct landing_request *request, uint32_t flags, bool *was_busy,
		  struct err *e)
{
	struct landing *l;
	int result;

	*was_busy = false;
	if (landing_start(request, GIT_OP_SETTLE, flags, &l, e) < 0)
		return -(int)e->code;
	result = landing_serve(l, e);
	landing_close(l);
	if (result == -(int)ERR_BUSY) {
		*was_busy = true;
		err_clear(e);
		return 0;
	}
	return result;
}

int landing_settle(const struct landing_request *request, bool *was_busy, struct err *e)
{
	return settle(request, 0, was_busy, e);
}

int landing_reset(const struct landing_request *request, bool *was_busy, struct err *e)
{
	return settle(request, GIT_FLAG_RESET, was_busy, e);
}
