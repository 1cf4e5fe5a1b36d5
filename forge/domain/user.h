/*
 * People (and the bots behind project and group tokens): creating, blocking,
 * passwords, one-time set-password links, signing in.
 *
 * A user owns a personal namespace of the same name. States: active, blocked;
 * a blocked user's sessions are gone and no credential of theirs works.
 * Passwords: 12 to 1024 bytes of UTF-8, argon2id; whoever has none can only
 * set one by a one-time link.
 *
 * Signing in never tells whether the name exists: the answer, and the time it
 * takes, are the same. Failures are counted per name and address together, per
 * address and per name, so that an attacker is slowed and the owner is not
 * locked out from elsewhere.
 *
 * Functions that change something check the actor and write the audit log.
 */
#ifndef DOMAIN_USER_H
#define DOMAIN_USER_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;
struct redis_pool;
struct secret_keys;

#define PASSWORD_MIN 12
#define PASSWORD_MAX 1024

struct user {
	struct user_id id;
	struct namespace_id namespace;
	struct str username;
	struct str name;
	struct str email; /* show it to the user and administrators only */
	bool is_admin;
	bool is_bot;
	bool is_blocked;
	bool has_password;
	struct instant created_at;
	bool has_last_sign_in_at;
	struct instant last_sign_in_at;
};

struct users {
	struct user **items;
	size_t count;
	int64_t total; /* without the slice */
};

/* What a function needs that touches passwords or counts failures. */
struct user_door {
	struct db *db;
	struct redis_pool *redis; /* may be NULL */
	struct secret_keys *secret;
};

struct user_new {
	struct str username;
	struct str name; /* none: the user name */
	struct str email;
	bool is_admin;
	struct str password; /* none: only a one-time link lets them in */
};

/* Rules for names are namespace.h's; pure. ERR_UNPROCESSABLE with the rule. */
MUST_USE int user_check_email(struct str email, struct err *e);
MUST_USE int user_check_password_rules(struct str password, struct err *e);

MUST_USE int user_create(const struct user_door *door, const struct actor *actor,
			 const struct user_new *in, struct arena *a, struct user *user,
			 struct err *e);

MUST_USE int user_find(struct db *db, struct user_id id, struct arena *a, struct user *user,
		       bool *found, struct err *e);
/* ERR_NOT_FOUND "There is no such user." */
MUST_USE int user_get(struct db *db, struct user_id id, struct arena *a, struct user *user,
		      struct err *e);
/* How many people there are; 0 before the first start made an administrator. */
MUST_USE int user_count(struct db *db, struct arena *a, int64_t *count, struct err *e);
/* Case-blind. */
MUST_USE int user_find_by_name(struct db *db, struct str username, struct arena *a,
			       struct user *user, bool *found, struct err *e);
/* ERR_NOT_FOUND "There is no user named x." */
MUST_USE int user_get_by_name(struct db *db, struct str username, struct arena *a,
			      struct user *user, struct err *e);
/* search: part of name, user name or (administrators) e-mail; none for all. Bots are left out. */
MUST_USE int user_list(struct db *db, const struct actor *actor, struct str search,
		       struct listing slice, struct arena *a, struct users *users, struct err *e);

struct user_credentials {
	struct str login; /* user name or e-mail */
	struct str password;
	struct str ip; /* who asks; none for a local caller */
};

/*
 * For git and the API over HTTP Basic: *user if the password is right. Else
 * ERR_UNAUTHENTICATED with one sentence for every reason but "blocked", which
 * is told only to who knows the password; ERR_RATE_LIMITED when tried too often.
 */
MUST_USE int user_check_password(const struct user_door *door, const struct user_credentials *in,
				 struct arena *a, struct user *user, struct err *e);
/* The same for the sign-in page: besides, records the sign-in. Then session_create. */
MUST_USE int user_sign_in(const struct user_door *door, const struct user_credentials *in,
			  struct arena *a, struct user *user, struct err *e);

/* For a proved user: an actor with the scopes of that kind. */
struct actor user_actor(const struct user *user, enum actor_kind kind);

/* Own password; ends the user's other sessions and one-time links. */
MUST_USE int user_change_password(const struct user_door *door, const struct actor *actor,
				  struct str old_password, struct str new_password, struct err *e);
/* By an administrator or the CLI; ends all sessions of the user. */
MUST_USE int user_set_password(const struct user_door *door, const struct actor *actor,
			       struct user_id id, struct str password, struct err *e);

/* A token for a set-password link; valid for 48 hours, once; older ones end. Administrators. */
MUST_USE int user_link_create(struct db *db, const struct actor *actor, struct user_id id,
			      struct arena *a, struct str *token, struct err *e);
/* Whose link that is, for the page with the form. ERR_GONE if it was used or is too old. */
MUST_USE int user_link_get(struct db *db, struct str token, struct arena *a, struct user *user,
			   struct err *e);
/* Sets the password, spends the link, ends sessions. */
MUST_USE int user_link_use(const struct user_door *door, struct str token, struct str password,
			   struct arena *a, struct user *user, struct err *e);

/* Blocking ends sessions; the last active administrator cannot be blocked or demoted. */
MUST_USE int user_block(struct db *db, const struct actor *actor, struct user_id id, struct err *e);
MUST_USE int user_unblock(struct db *db, const struct actor *actor, struct user_id id,
			  struct err *e);
MUST_USE int user_set_admin(struct db *db, const struct actor *actor, struct user_id id,
			    bool is_admin, struct err *e);
/* The own profile, or anyone's by an administrator. */
MUST_USE int user_update_profile(struct db *db, const struct actor *actor, struct user_id id,
				 struct str name, struct str email, struct err *e);

#endif
