/* Finding, listing and revoking; making one is token_create.c. */
#include "domain/token.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/job_token.h"
#include "domain/row.h"
#include "domain/token_internal.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/member.h"
#include "q/token.h"

static const char *const kinds[] = {
	[TOKEN_PERSONAL] = "personal",
	[TOKEN_PROJECT] = "project",
	[TOKEN_GROUP] = "group",
	[TOKEN_DEPLOY] = "deploy",
};

const char *token_kind_name(enum token_kind kind)
{
	ASSERT((size_t)kind < ARRAY_LEN(kinds));
	return kinds[kind];
}

static enum token_kind kind_of(struct str text)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (str_eq_c(text, kinds[i]))
			return (enum token_kind)i;
	}
	assert_failed("a known kind of token", __FILE__, __LINE__);
}

int token_record(struct db *db, const struct actor *actor, const char *act,
		 const struct token *token, struct err *e)
{
	return audit_record(db, actor,
			    &(struct audit_event){ .act = act,
						   .object_kind = "token",
						   .object_id = token->id.v,
						   .object = token->name,
						   .project = token->project,
						   .namespace = token->namespace },
			    e);
}

static struct actor actor_of_row(const struct q_token_find_row *row, uint32_t scopes, struct str ip)
{
	bool is_deploy = kind_of(row->kind) == TOKEN_DEPLOY;

	return (struct actor){
		.kind = is_deploy ? ACTOR_DEPLOY_TOKEN : ACTOR_TOKEN,
		.user = { row->has_user_id ? row->user_id : 0 },
		.namespace = { row->has_personal_id ? row->personal_id : 0 },
		.username = is_deploy ? row->token_username : row->username,
		.name = is_deploy ? row->token_name : row->name,
		.email = row->email,
		.is_admin = row->has_is_admin && row->is_admin,
		.is_bot = row->has_is_bot && row->is_bot,
		.scopes = scopes,
		.token = { row->id },
		.only_project = { is_deploy && row->has_project_id ? row->project_id : 0 },
		.only_namespace = { is_deploy && row->has_namespace_id ? row->namespace_id : 0 },
		.ip = ip,
	};
}

int token_find(struct db *db, struct str text, struct str ip, struct arena *a, struct actor *actor,
	       bool *found, struct err *e)
{
	struct q_token_find_row row = { 0 };
	uint32_t scopes;

	*found = false;
	if (!secret_token_is_wellformed(text))
		return 0;
	if (str_starts(text, STR(JOB_TOKEN_PREFIX)))
		return job_token_find(db, text, ip, a, actor, found, e);
	if (q_token_find(db, &(struct q_token_find_in){ secret_sha256_bytes(a, text) }, a, &row,
			 found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	/* A scope that this program does not know any more gives nothing, so it fails closed. */
	if (token_scopes_from_list(&row.scopes, &scopes, e) < 0)
		return err_set(e, ERR_INTERNAL, "token %lld has a scope nobody knows",
			       (long long)row.id);
	*actor = actor_of_row(&row, scopes, ip);
	if (!row.is_stale)
		return 0;
	return q_token_note_use(
		db, &(struct q_token_note_use_in){ row.id, str_is_empty(ip) ? STR_NONE : ip }, NULL,
		e);
}

static struct token token_of_row(const struct q_token_list_row *row)
{
	return (struct token){
		.id = { row->id },
		.kind = kind_of(row->kind),
		.user = { row->has_user_id ? row->user_id : 0 },
		.project = { row->has_project_id ? row->project_id : 0 },
		.namespace = { row->has_namespace_id ? row->namespace_id : 0 },
		.name = row->name,
		.username = row->username,
		.scopes = row->scopes,
		.level = row->has_level ? row_level(row->level) : LEVEL_NONE,
		.created_at = row->created_at,
		.expires_at = row->expires_at,
		.has_last_used_at = row->has_last_used_at,
		.last_used_at = row->last_used_at,
		.has_revoked_at = row->has_revoked_at,
		.revoked_at = row->revoked_at,
		.is_active = row->is_active,
	};
}

static int list(struct db *db, const struct q_token_list_in *in, struct arena *a,
		struct tokens *tokens, struct err *e)
{
	struct q_token_list_row *rows;
	size_t count;

	if (q_token_list(db, in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	tokens->items = ARENA_ARRAY(a, struct token *, count);
	tokens->count = count;
	for (size_t i = 0; i < count; i++) {
		tokens->items[i] = ARENA_NEW(a, struct token);
		*tokens->items[i] = token_of_row(&rows[i]);
	}
	return 0;
}

int token_list_of_user(struct db *db, struct user_id user, struct arena *a, struct tokens *tokens,
		       struct err *e)
{
	return list(db, &(struct q_token_list_in){ .has_user_id = true, .user_id = user.v }, a,
		    tokens, e);
}

int token_list_of_project(struct db *db, struct project_id project, struct arena *a,
			  struct tokens *tokens, struct err *e)
{
	return list(db,
		    &(struct q_token_list_in){ .has_project_id = true, .project_id = project.v }, a,
		    tokens, e);
}

int token_list_of_namespace(struct db *db, struct namespace_id namespace, struct arena *a,
			    struct tokens *tokens, struct err *e)
{
	return list(
		db,
		&(struct q_token_list_in){ .has_namespace_id = true, .namespace_id = namespace.v },
		a, tokens, e);
}

struct revocation {
	const struct actor *actor;
	struct q_token_revoke_in in;
	struct arena *a;
};

/* The bot of a project or group token leaves with it. */
static int remove_bot(struct db *db, const struct q_token_revoke_row *row, struct err *e)
{
	const struct q_member_remove_in in = {
		.user_id = row->user_id,
		.has_namespace_id = row->has_namespace_id,
		.namespace_id = row->namespace_id,
		.has_project_id = row->has_project_id,
		.project_id = row->project_id,
	};
	enum token_kind kind = kind_of(row->kind);

	if (kind != TOKEN_PROJECT && kind != TOKEN_GROUP)
		return 0;
	return q_member_remove(db, &in, NULL, e);
}

static int revoke_token(struct db *db, void *closure, struct err *e)
{
	struct revocation *c = closure;
	struct q_token_revoke_row row = { 0 };
	bool found;
	struct token token;

	if (q_token_revoke(db, &c->in, c->a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND,
			       "There is no such token, or it was revoked already.");
	token = (struct token){ .id = { c->in.id },
				.name = row.name,
				.project = { row.has_project_id ? row.project_id : 0 },
				.namespace = { row.has_namespace_id ? row.namespace_id : 0 } };
	if (remove_bot(db, &row, e) < 0)
		return -(int)e->code;
	return token_record(db, c->actor, "token.revoke", &token, e);
}

static int run(struct db *db, struct revocation *c, struct err *e)
{
	int code;

	c->a = arena_open(0);
	code = db_transaction(db, revoke_token, c, e);
	arena_close(c->a);
	return code;
}

int token_revoke(struct db *db, const struct actor *actor, struct token_id id, struct err *e)
{
	struct revocation c = { .actor = actor, .in = { .id = id.v } };

	/* A token may revoke itself; else the right to manage credentials is needed. */
	if ((actor->token.v != id.v || id.v == 0) &&
	    access_check(actor, ACTION_SELF_CREDENTIALS, NULL, e) < 0)
		return -(int)e->code;
	if (actor->token.v != id.v && !access_allows(actor, ACTION_ADMIN_CREDENTIALS, NULL)) {
		c.in.has_user_id = true;
		c.in.user_id = actor->user.v;
	}
	return run(db, &c, e);
}

int token_revoke_of_project(struct db *db, const struct actor *actor, struct project_id project,
			    struct token_id id, struct err *e)
{
	struct revocation c = {
		.actor = actor,
		.in = { .id = id.v, .has_project_id = true, .project_id = project.v },
	};

	return run(db, &c, e);
}

int token_revoke_of_namespace(struct db *db, const struct actor *actor,
			      struct namespace_id namespace, struct token_id id, struct err *e)
{
	struct revocation c = {
		.actor = actor,
		.in = { .id = id.v, .has_namespace_id = true, .namespace_id = namespace.v },
	};

	return run(db, &c, e);
}
