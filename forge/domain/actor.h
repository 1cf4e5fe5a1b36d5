/*
 * Who acts. Made at the edge from what was proved (session cookie, token, SSH
 * key, password) by session_find, token_find, key_find and user_check_password;
 * everything below takes it as it is. Its strings live in the arena it was
 * made in. Nothing is cached: each request makes a new one, so a revoked
 * credential or a blocked user is refused at once.
 */
#ifndef DOMAIN_ACTOR_H
#define DOMAIN_ACTOR_H

#include "domain/types.h"

enum actor_kind {
	ACTOR_ANONYMOUS,
	ACTOR_SESSION,      /* a signed-in person in a browser */
	ACTOR_PASSWORD,     /* a person by name and password over git's HTTP */
	ACTOR_KEY,          /* a person by SSH key */
	ACTOR_TOKEN,        /* personal, project or group token; the last two are bot users */
	ACTOR_DEPLOY_TOKEN, /* no user: one project, or the projects of one group */
	ACTOR_JOB_TOKEN,    /* a running job, for the user who started it, in its project */
	ACTOR_SYSTEM,       /* Hearth itself and its CLI; may do everything */
};

/* X(NAME, word as GitLab writes it, sentence, may a person choose it for a personal token) */
#define TOKEN_SCOPES(X)                                                                 \
	X(API, "api", "read and change everything the API offers, and git", true)       \
	X(READ_API, "read_api", "read everything the API offers", true)                 \
	X(READ_USER, "read_user", "read the own profile and the list of users", true)   \
	X(READ_REPOSITORY, "read_repository", "fetch code by git and read files", true) \
	X(WRITE_REPOSITORY, "write_repository", "fetch and push code by git", true)     \
	X(CREATE_RUNNER, "create_runner", "create runners", true)                       \
	X(MANAGE_RUNNER, "manage_runner", "change and remove runners", true)            \
	X(JOB, "job", "what a running job may do", false)                               \
	X(SESSION, "session", "what a person may do after signing in", false)

enum token_scope_bit {
#define SCOPE_BIT(name, word, sentence, personal) SCOPE_BIT_##name,
	TOKEN_SCOPES(SCOPE_BIT)
#undef SCOPE_BIT
		SCOPE_BIT_COUNT
};

/* A set of scopes, a bit each: SCOPE_API | SCOPE_READ_API. */
enum token_scope {
#define SCOPE_ENUM(name, word, sentence, personal) SCOPE_##name = 1 << SCOPE_BIT_##name,
	TOKEN_SCOPES(SCOPE_ENUM)
#undef SCOPE_ENUM
};

struct actor {
	enum actor_kind kind;
	struct user_id user;           /* 0 for anonymous, deploy tokens and the system */
	struct namespace_id namespace; /* the user's personal one */
	struct str username;
	struct str name;
	struct str email;
	bool is_admin;
	bool is_bot;
	uint32_t scopes; /* of enum token_scope */
	struct session_id session;
	struct token_id token;
	struct key_id key;
	struct project_id only_project; /* deploy and job tokens: nothing else is visible */
	struct job_id job;              /* of a job token */
	struct str job_sha; /* what that job runs for: git hands it out, wherever its branch is */
	struct namespace_id only_namespace; /* deploy tokens of a group: what is below it */
	/* Filled by the edge for the audit log; may be none. */
	struct str ip;
	struct str request_id;
};

struct actor actor_anonymous(void);
/* For start-up, CLI and background work: is allowed everything, and is audited as "system". */
struct actor actor_system(void);
bool actor_is_signed_in(const struct actor *actor); /* neither anonymous nor system */

const char *actor_kind_name(enum actor_kind kind);

#endif
