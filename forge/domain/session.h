/*
 * Sessions of the browser. The cookie holds a random token; the row only its
 * SHA-256. A session ends after 8 hours unused, at its absolute end, on
 * sign-out, and when the user is blocked or changes the password. A new
 * sign-in always makes a new token; none is taken from the client.
 */
#ifndef DOMAIN_SESSION_H
#define DOMAIN_SESSION_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

#define SESSION_IDLE_SECONDS (8 * 3600)
/* Acts that need a fresh proof accept one of this age. */
#define SESSION_FRESH_SECONDS (15 * 60)

struct session {
	struct session_id id;
	struct user_id user;
	struct str ip;
	struct str user_agent;
	struct instant created_at;
	struct instant last_seen_at;
	struct instant expires_at; /* the absolute end */
	struct instant proved_at;  /* when the password was last given */
};

struct sessions {
	struct session **items;
	size_t count;
};

struct session_new {
	struct user_id user;
	struct str ip;
	struct str user_agent; /* cut to 200 characters */
	int64_t days;          /* to the absolute end: setting session_days */
};

/* *token goes into the cookie and nowhere else. */
MUST_USE int session_create(struct db *db, const struct session_new *in, struct arena *a,
			    struct str *token, struct err *e);
/* *actor is of kind ACTOR_SESSION. Notes the use, at most once a minute. */
MUST_USE int session_find(struct db *db, struct str token, struct arena *a, struct actor *actor,
			  struct session *session, bool *found, struct err *e);
bool session_is_fresh(const struct session *session, struct instant now);
/* The password was given again. */
MUST_USE int session_prove(struct db *db, struct session_id id, struct err *e);

MUST_USE int session_list(struct db *db, struct user_id user, struct arena *a,
			  struct sessions *sessions, struct err *e);
/* One of the actor's own; signing out. */
MUST_USE int session_remove(struct db *db, const struct actor *actor, struct session_id id,
			    struct err *e);
/* All of the user's but `keep` ({0}: none is kept). */
MUST_USE int session_remove_others(struct db *db, struct user_id user, struct session_id keep,
				   struct err *e);
/* For work's housekeeping: rows past their end. */
MUST_USE int session_remove_expired(struct db *db, int64_t *removed, struct err *e);

#endif
