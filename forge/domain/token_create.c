/*
 * Making tokens. A project or group token brings a bot with it: a user without
 * a password, a member of the place at the token's level, so that everything
 * else needs no special case for it.
 */
#include "domain/token_internal.h"

#include "domain/access.h"
#include "domain/row.h"
#include "domain/text.h"
#include "domain/user.h"
#include "secret/secret.h"
#include "store/db.h"

#include "base/random.h"

#include "q/member.h"
#include "q/token.h"
#include "q/user.h"

#define DAY_US 86400000000
#define DEPLOY_SCOPES ((uint32_t)SCOPE_READ_REPOSITORY)

struct creation {
	const struct actor *actor;
	const struct token_new *in;
	struct instant expires_at;
	struct str text;
	struct arena *a;
	struct token *token;
};

static int check_expiry(struct creation *c, struct err *e)
{
	struct instant now = instant_now();
	int64_t latest = now.us + TOKEN_DAYS_MAX * DAY_US;

	c->expires_at = c->in->has_expires_at ? c->in->expires_at : (struct instant){ latest };
	if (c->expires_at.us <= now.us)
		return err_set(e, ERR_UNPROCESSABLE, "The end of a token must be in the future.");
	/* A day more: "in a year" counts whole days. */
	if (c->expires_at.us > latest + DAY_US)
		return err_set(
			e, ERR_UNPROCESSABLE,
			"A token lives at most %d days, so that forgotten ones end by themselves. "
			"Choose an earlier date.",
			TOKEN_DAYS_MAX);
	return 0;
}

static int check_scopes(const struct token_new *in, struct err *e)
{
	if (in->scopes == 0)
		return err_set(e, ERR_UNPROCESSABLE,
			       "Choose at least one scope: without one, a token can do nothing.");
	if (in->scopes & (uint32_t)(SCOPE_SESSION | SCOPE_JOB))
		return err_set(e, ERR_UNPROCESSABLE, "This scope cannot be given to a token.");
	if (in->kind == TOKEN_DEPLOY && (in->scopes & ~DEPLOY_SCOPES))
		return err_set(
			e, ERR_UNPROCESSABLE,
			"A deploy token has the scope read_repository and no other. For more, make "
			"a project token.");
	return 0;
}

static bool has_level(const struct token_new *in)
{
	return in->kind == TOKEN_PROJECT || in->kind == TOKEN_GROUP;
}

/* Whoever makes the token cannot make it stronger than themselves. */
static int check_level(struct db *db, const struct creation *c, struct err *e)
{
	const struct token_new *in = c->in;
	struct project_access project;
	struct namespace_access group;
	enum access_level own;

	if (!has_level(in))
		return 0;
	if (in->kind == TOKEN_PROJECT) {
		if (access_find_project_by_id(db, c->actor, in->project, c->a, &project, e) < 0)
			return -(int)e->code;
		own = project.target.level;
	} else {
		if (access_find_namespace_by_id(db, c->actor, in->namespace, c->a, &group, e) < 0)
			return -(int)e->code;
		own = group.target.level;
	}
	if (in->level >= LEVEL_GUEST && (in->level <= own || viewer_of(c->actor).sees_all))
		return 0;
	return err_set(e, ERR_FORBIDDEN,
		       "A token's level is guest to %s: it cannot be above your own.",
		       access_level_name(own ? own : LEVEL_GUEST));
}

static int add_bot(struct db *db, const struct creation *c, struct user_id *bot, struct err *e)
{
	const struct token_new *in = c->in;
	bool is_project = in->kind == TOKEN_PROJECT;
	struct str username = arena_fmt(c->a, "%s_%lld_bot_%.*s", is_project ? "project" : "group",
					(long long)(is_project ? in->project.v : in->namespace.v),
					STR_FMT(random_hex(c->a, 8)));
	struct q_user_add_row user;
	/* .invalid is never a host (RFC 2606), so no mail can reach it. */
	const struct q_user_add_in add = {
		username,   in->name, arena_fmt(c->a, "%.*s@bot.invalid", STR_FMT(username)),
		STR("bot"), false,    STR_NONE
	};
	struct q_member_add_in member = {
		.has_namespace_id = !is_project,
		.namespace_id = in->namespace.v,
		.has_project_id = is_project,
		.project_id = in->project.v,
		.level = (int32_t)in->level,
		.has_created_by = c->actor->user.v != 0,
		.created_by = c->actor->user.v,
	};

	if (q_user_add(db, &add, c->a, &user, e) < 0)
		return -(int)e->code;
	member.user_id = user.id;
	bot->v = user.id;
	return q_member_add(db, &member, NULL, e);
}

static int find_user(struct db *db, const struct creation *c, struct user_id *user, struct err *e)
{
	struct user owner;

	*user = (struct user_id){ 0 };
	if (has_level(c->in))
		return add_bot(db, c, user, e);
	if (c->in->kind == TOKEN_DEPLOY)
		return 0;
	if (user_get(db, c->in->user, c->a, &owner, e) < 0)
		return -(int)e->code;
	if (owner.is_bot || owner.is_blocked)
		return err_set(e, ERR_UNPROCESSABLE, "%.*s cannot have a token: the account is %s.",
			       STR_FMT(owner.username), owner.is_bot ? "a bot" : "blocked");
	*user = owner.id;
	return 0;
}

static int insert(struct db *db, const struct creation *c, struct user_id user, struct err *e)
{
	const struct token_new *in = c->in;
	struct token *made = c->token;
	struct q_token_add_row row;

	*made = (struct token){
		.kind = in->kind,
		.user = user,
		.project = in->project,
		.namespace = in->namespace,
		.name = in->name,
		.username = in->kind == TOKEN_DEPLOY ? arena_fmt(c->a, "deploy-token-%.*s",
								 STR_FMT(random_hex(c->a, 4)))
						     : STR_NONE,
		.scopes = token_scopes_list(c->a, in->scopes),
		.level = has_level(in) ? in->level : LEVEL_NONE,
		.expires_at = c->expires_at,
		.is_active = true,
	};
	if (q_token_add(db,
			&(struct q_token_add_in){ .kind = str_c(token_kind_name(in->kind)),
						  .has_user_id = user.v != 0,
						  .user_id = user.v,
						  .has_project_id = in->project.v != 0,
						  .project_id = in->project.v,
						  .has_namespace_id = in->namespace.v != 0,
						  .namespace_id = in->namespace.v,
						  .name = in->name,
						  .username = made->username,
						  .sha256 = secret_sha256_bytes(c->a, c->text),
						  .scopes = made->scopes,
						  .has_level = has_level(in),
						  .level = (int32_t)in->level,
						  .has_created_by = c->actor->user.v != 0,
						  .created_by = c->actor->user.v,
						  .expires_at = c->expires_at },
			c->a, &row, e) < 0)
		return -(int)e->code;
	made->id.v = row.id;
	made->created_at = row.created_at;
	return token_record(db, c->actor, "token.create", made, e);
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct creation *c = closure;
	struct user_id user;

	if (check_level(db, c, e) < 0 || find_user(db, c, &user, e) < 0)
		return -(int)e->code;
	return insert(db, c, user, e);
}

int token_create(struct db *db, const struct actor *actor, const struct token_new *in,
		 struct arena *a, struct token *token, struct str *text, struct err *e)
{
	struct creation c = { .actor = actor, .in = in, .a = a, .token = token };

	if (text_check_title(in->name, "name", e) < 0 || check_scopes(in, e) < 0 ||
	    check_expiry(&c, e) < 0)
		return -(int)e->code;
	c.text = secret_token(a, in->kind == TOKEN_DEPLOY ? "gldt-" : "glpat-");
	if (db_transaction(db, create, &c, e) < 0)
		return -(int)e->code;
	*text = c.text;
	return 0;
}
