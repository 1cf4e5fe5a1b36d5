/*
 * The judgement over the matrix of access_actions.h. Order matters and is part
 * of the contract: scope first (it says nothing about the target), then
 * whether the target is seen at all, then the level, then the archive.
 */
#include "domain/access.h"

#include "base/buf.h"

static const struct access_row rows[] = {
#define NONE LEVEL_NONE
#define GUEST LEVEL_GUEST
#define REPORTER LEVEL_REPORTER
#define DEVELOPER LEVEL_DEVELOPER
#define MAINTAINER LEVEL_MAINTAINER
#define OWNER LEVEL_OWNER
#define YES true
#define NO false
#define ACCESS_ROW(name, sentence, target, level, open, scopes, archived)     \
	[ACTION_##name] = { #name,          sentence, TARGET_##target, level, \
			    OPEN_TO_##open, scopes,   archived },
	ACCESS_ACTIONS(ACCESS_ROW)
#undef ACCESS_ROW
#undef NONE
#undef GUEST
#undef REPORTER
#undef DEVELOPER
#undef MAINTAINER
#undef OWNER
#undef YES
#undef NO
};

const struct access_row *access_row(enum action action)
{
	ASSERT((size_t)action < ARRAY_LEN(rows));
	return &rows[action];
}

/* Scopes are a job's or a session's by kind, not something a person can add to a token. */
static void add_scopes(struct buf *out, uint32_t scopes, bool for_people_only)
{
	static const struct {
		const char *word;
		bool personal;
	} words[] = {
#define SCOPE_WORD(name, word, sentence, personal) { word, personal },
		TOKEN_SCOPES(SCOPE_WORD)
#undef SCOPE_WORD
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!(scopes & (1u << i)) || (for_people_only && !words[i].personal))
			continue;
		if (out->n > 0)
			buf_add_c(out, ", ");
		buf_add_c(out, words[i].word);
	}
}

static int refuse_scope(const struct actor *actor, const struct access_row *row, struct err *e)
{
	struct buf needed;
	struct buf has;

	buf_init(&needed, 256);
	buf_init(&has, 256);
	add_scopes(&needed, row->scopes, true);
	add_scopes(&has, actor->scopes, true);
	if (actor->kind == ACTOR_KEY || actor->kind == ACTOR_PASSWORD)
		err_set(e, ERR_FORBIDDEN,
			"To %s, %s is not enough: it only fetches and pushes code. Sign in, or use "
			"a token.",
			row->sentence,
			actor->kind == ACTOR_KEY ? "an SSH key" : "a password over git");
	else if (needed.n == 0)
		err_set(e, ERR_FORBIDDEN, "No token can be used to %s: sign in in a browser.",
			row->sentence);
	else
		err_set(e, ERR_FORBIDDEN,
			"To %s, a token needs one of the scopes %s; this one has: %s. Make a token "
			"with that scope under Access tokens in your settings.",
			row->sentence, needed.p, has.n > 0 ? has.p : "none of them");
	buf_fini(&needed);
	buf_fini(&has);
	return -(int)e->code;
}

static int ask_to_sign_in(const struct access_row *row, struct err *e)
{
	return err_set(e, ERR_UNAUTHENTICATED, "Sign in, or send a token, to %s.", row->sentence);
}

static bool is_admin(const struct actor *actor)
{
	return actor->kind == ACTOR_SYSTEM ||
	       (actor->is_admin && !actor->is_bot && actor->kind != ACTOR_JOB_TOKEN);
}

/* A person, who sees what is internal and may act on what is open to users. */
static bool is_user(const struct actor *actor)
{
	return actor->user.v != 0 && !actor->is_bot && actor->kind != ACTOR_JOB_TOKEN;
}

/* Seen by its visibility alone, membership or not. */
static bool is_open(const struct actor *actor, const struct access_target *target)
{
	return target->visibility == VISIBILITY_PUBLIC ||
	       (target->visibility == VISIBILITY_INTERNAL && is_user(actor));
}

bool access_sees(const struct actor *actor, const struct access_target *target)
{
	if (!target || !target->exists)
		return false;
	return is_admin(actor) || target->level > LEVEL_NONE || is_open(actor, target);
}

static bool may(const struct actor *actor, const struct access_row *row,
		const struct access_target *target)
{
	enum access_level level = is_admin(actor) ? LEVEL_OWNER : target->level;

	if (level > LEVEL_NONE && level >= row->level)
		return true;
	/* A guest of a private project sees it, but not its code: that is open to no one else. */
	if (!is_open(actor, target))
		return false;
	return row->open == OPEN_TO_READERS || (row->open == OPEN_TO_USERS && is_user(actor));
}

static int refuse_level(const struct actor *actor, const struct access_row *row,
			const struct access_target *target, struct err *e)
{
	if (actor->kind == ACTOR_ANONYMOUS)
		return ask_to_sign_in(row, e);
	if (actor->kind == ACTOR_DEPLOY_TOKEN)
		return err_set(e, ERR_FORBIDDEN,
			       "A deploy token cannot %s. Use a personal or a project token.",
			       row->sentence);
	return err_set(
		e, ERR_FORBIDDEN,
		"To %s, you need to be at least %s of %.*s; you are %s. Ask %s of it to change "
		"your level under Members.",
		row->sentence, access_level_name(row->level), STR_FMT(target->path),
		target->level == LEVEL_NONE ? "no member" : access_level_name(target->level),
		row->target == TARGET_GROUP ? "an owner" : "a maintainer or owner");
}

static int check_target(const struct actor *actor, const struct access_row *row,
			const struct access_target *target, struct err *e)
{
	if (!access_sees(actor, target)) {
		if (actor->kind == ACTOR_ANONYMOUS)
			return ask_to_sign_in(row, e);
		return err_set(e, ERR_NOT_FOUND,
			       "There is nothing here, or you are not allowed to see it.");
	}
	if (!may(actor, row, target))
		return refuse_level(actor, row, target, e);
	if (target->is_archived && !row->when_archived)
		return err_set(
			e, ERR_FORBIDDEN,
			"%.*s is archived: it can be read, not changed. An owner can unarchive "
			"it in its settings.",
			STR_FMT(target->path));
	return 0;
}

static int check_self(const struct actor *actor, const struct access_row *row, struct err *e)
{
	if (actor->kind == ACTOR_ANONYMOUS)
		return ask_to_sign_in(row, e);
	if (actor->user.v == 0)
		return err_set(e, ERR_FORBIDDEN,
			       "A %s is no user and cannot %s. Use a personal token.",
			       actor_kind_name(actor->kind), row->sentence);
	return 0;
}

static int check_admin(const struct actor *actor, const struct access_row *row, struct err *e)
{
	if (actor->kind == ACTOR_ANONYMOUS)
		return ask_to_sign_in(row, e);
	if (!is_admin(actor))
		return err_set(e, ERR_FORBIDDEN,
			       "Only administrators of this server may %s. Ask one of them.",
			       row->sentence);
	return 0;
}

int access_check(const struct actor *actor, enum action action, const struct access_target *target,
		 struct err *e)
{
	const struct access_row *row = access_row(action);

	if (actor_is_signed_in(actor) && !(actor->scopes & row->scopes))
		return refuse_scope(actor, row, e);
	switch (row->target) {
	case TARGET_NOTHING:
		return 0;
	case TARGET_SELF:
		return actor->kind == ACTOR_SYSTEM ? 0 : check_self(actor, row, e);
	case TARGET_ADMIN:
		return check_admin(actor, row, e);
	default:
		return check_target(actor, row, target, e);
	}
}

bool access_allows(const struct actor *actor, enum action action,
		   const struct access_target *target)
{
	struct err ignored;

	return access_check(actor, action, target, &ignored) == 0;
}
