/* One-time links to set a password. Spending one is a compare-and-set. */
#include "domain/access.h"
#include "domain/user_internal.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/user.h"

#define LINK_PREFIX "hlink-"
#define LINK_HOURS 48

struct creation {
	const struct actor *actor;
	struct user_id id;
	struct str digest;
	struct arena *a;
};

static int create(struct db *db, void *closure, struct err *e)
{
	struct creation *c = closure;
	struct user user;

	if (user_get(db, c->id, c->a, &user, e) < 0)
		return -(int)e->code;
	if (user.is_bot || user.is_blocked)
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s cannot set a password: the account is %s.",
			       STR_FMT(user.username), user.is_bot ? "a bot" : "blocked");
	if (q_link_end_all(db, &(struct q_link_end_all_in){ c->id.v }, NULL, e) < 0 ||
	    q_link_add(db,
		       &(struct q_link_add_in){ .user_id = c->id.v,
						.token_sha256 = c->digest,
						.has_created_by = c->actor->user.v != 0,
						.created_by = c->actor->user.v,
						.hours = LINK_HOURS },
		       NULL, e) < 0)
		return -(int)e->code;
	return user_record(db, c->actor, "user.create_link", c->id, user.username, e);
}

int user_link_create(struct db *db, const struct actor *actor, struct user_id id, struct arena *a,
		     struct str *token, struct err *e)
{
	struct str text = secret_token(a, LINK_PREFIX);
	struct creation c = { actor, id, secret_sha256_bytes(a, text), a };

	if (access_check(actor, ACTION_ADMIN_CREDENTIALS, NULL, e) < 0 ||
	    db_transaction(db, create, &c, e) < 0)
		return -(int)e->code;
	*token = text;
	return 0;
}

static int gone(struct err *e)
{
	return err_set(
		e, ERR_GONE,
		"This link was used already, or is older than %d hours. Ask an administrator for "
		"a new one.",
		LINK_HOURS);
}

int user_link_get(struct db *db, struct str token, struct arena *a, struct user *user,
		  struct err *e)
{
	struct q_link_user_row row = { 0 };
	bool found;

	if (!secret_token_is_wellformed(token))
		return gone(e);
	if (q_link_user(db, &(struct q_link_user_in){ secret_sha256_bytes(a, token) }, a, &row,
			&found, e) < 0)
		return -(int)e->code;
	if (!found)
		return gone(e);
	return user_get(db, (struct user_id){ row.user_id }, a, user, e);
}

struct use {
	struct str digest;
	struct str hash;
	const struct user *user;
	struct arena *a;
};

static int use_link(struct db *db, void *closure, struct err *e)
{
	struct use *c = closure;
	struct actor actor = user_actor(c->user, ACTOR_PASSWORD);
	struct q_link_use_row row = { 0 };
	const struct password_change change = {
		.actor = &actor, .user = c->user->id, .username = c->user->username, .hash = c->hash
	};
	bool found;

	if (q_link_use(db, &(struct q_link_use_in){ c->digest }, c->a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found || row.user_id != c->user->id.v)
		return gone(e);
	return user_write_password(db, &change, e);
}

int user_link_use(const struct user_door *door, struct str token, struct str password,
		  struct arena *a, struct user *user, struct err *e)
{
	struct use c = { .digest = secret_sha256_bytes(a, token), .user = user, .a = a };

	if (user_link_get(door->db, token, a, user, e) < 0 ||
	    user_check_password_rules(password, e) < 0 ||
	    secret_password_hash(door->secret, password, a, &c.hash, e) < 0)
		return -(int)e->code;
	return db_transaction(door->db, use_link, &c, e);
}
