/*
 * Tokens for programs. Only the SHA-256 is stored; the text is returned once.
 *
 *   personal  glpat-  acts as its user
 *   project   glpat-  acts as a bot user, member of the project with a level
 *   group     glpat-  the same for a group
 *   deploy    gldt-   no user; fetches the code of one project or group
 *   job       glcbt-  of a claimed job while it runs (job_token.h); not among the rows here
 *
 * Every token ends: at most 365 days from its creation. The scopes are
 * actor.h's table. Tokens make no tokens: the matrix asks for a session.
 */
#ifndef DOMAIN_TOKEN_H
#define DOMAIN_TOKEN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "domain/actor.h"

struct db;

#define TOKEN_DAYS_MAX 365

enum token_kind { TOKEN_PERSONAL, TOKEN_PROJECT, TOKEN_GROUP, TOKEN_DEPLOY };

const char *token_kind_name(enum token_kind kind);

/* "api,read_user" (spaces allowed) or a list; ERR_UNPROCESSABLE names the scope that is none. */
MUST_USE int token_scopes_parse(struct str text, uint32_t *scopes, struct err *e);
MUST_USE int token_scopes_from_list(const struct str_list *list, uint32_t *scopes, struct err *e);
/* In the order of the table. */
struct str_list token_scopes_list(struct arena *a, uint32_t scopes);

struct token {
	struct token_id id;
	enum token_kind kind;
	struct user_id user; /* whom it acts as; 0 for deploy tokens */
	struct project_id project;
	struct namespace_id namespace;
	struct str name;
	struct str username; /* deploy tokens: the name git sends; else none */
	struct str_list scopes;
	enum access_level level; /* project and group tokens */
	struct instant created_at;
	struct instant expires_at;
	bool has_last_used_at;
	struct instant last_used_at;
	bool has_revoked_at;
	struct instant revoked_at;
	bool is_active; /* not revoked, not expired */
};

struct tokens {
	struct token **items;
	size_t count;
};

struct token_new {
	enum token_kind kind;
	struct user_id user;           /* personal */
	struct project_id project;     /* project or deploy */
	struct namespace_id namespace; /* group or deploy */
	struct str name;
	uint32_t scopes;
	enum access_level level; /* project, group; at most the maker's own */
	bool has_expires_at;     /* else TOKEN_DAYS_MAX from now */
	struct instant expires_at;
};

/* The caller has checked the action (SELF_CREDENTIALS, PROJECT_TOKENS, GROUP_TOKENS). */
MUST_USE int token_create(struct db *db, const struct actor *actor, const struct token_new *in,
			  struct arena *a, struct token *token, struct str *text, struct err *e);

/*
 * Who comes with this text. Not found: no such token, revoked, expired, its
 * user blocked; a caller answers all alike. Notes use and address, at most
 * once a minute.
 */
MUST_USE int token_find(struct db *db, struct str text, struct str ip, struct arena *a,
			struct actor *actor, bool *found, struct err *e);

MUST_USE int token_list_of_user(struct db *db, struct user_id user, struct arena *a,
				struct tokens *tokens, struct err *e);
/* Project and deploy tokens of a project. */
MUST_USE int token_list_of_project(struct db *db, struct project_id project, struct arena *a,
				   struct tokens *tokens, struct err *e);
MUST_USE int token_list_of_namespace(struct db *db, struct namespace_id namespace, struct arena *a,
				     struct tokens *tokens, struct err *e);

/* Of the actor's own, or any by an administrator or the system; ERR_NOT_FOUND else. */
MUST_USE int token_revoke(struct db *db, const struct actor *actor, struct token_id id,
			  struct err *e);
/* One of this project's (namespace's). The caller has checked the action. */
MUST_USE int token_revoke_of_project(struct db *db, const struct actor *actor,
				     struct project_id project, struct token_id id, struct err *e);
MUST_USE int token_revoke_of_namespace(struct db *db, const struct actor *actor,
				       struct namespace_id namespace, struct token_id id,
				       struct err *e);

#endif
