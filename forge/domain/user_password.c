/*
 * Signing in and changing passwords. The hash is computed outside of any
 * transaction: it takes a tenth of a second and holds no lock meanwhile.
 */
#include "domain/access.h"
#include "domain/row.h"
#include "domain/user_internal.h"
#include "secret/secret.h"
#include "store/db.h"
#include "store/rate.h"

#include "q/session.h"
#include "q/user.h"

/* Failures in a quarter of an hour. A team behind one address shares the second. */
#define WINDOW_SECONDS (15 * 60)
#define PAIR_LIMIT ((struct rate_limit){ 10, WINDOW_SECONDS })
#define ADDRESS_LIMIT ((struct rate_limit){ 60, WINDOW_SECONDS })
#define NAME_LIMIT ((struct rate_limit){ 100, WINDOW_SECONDS })

int user_check_password_rules(struct str password, struct err *e)
{
	if (password.n < PASSWORD_MIN)
		return err_set(
			e, ERR_UNPROCESSABLE,
			"A password has at least %d characters. A few words that do not belong "
			"together are easy to keep in mind.",
			PASSWORD_MIN);
	if (password.n > PASSWORD_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "A password has at most %d bytes.",
			       PASSWORD_MAX);
	if (!str_is_utf8_text(password))
		return err_set(e, ERR_UNPROCESSABLE, "A password is text in UTF-8.");
	return 0;
}

struct attempt {
	struct str pair;
	struct str address; /* none: a local caller */
	struct str name;
};

/* Names are hashed: a counter must not tell who exists, nor keep a mistyped password. */
static struct attempt attempt_of(struct arena *a, const struct user_credentials *in)
{
	struct str login = str_upto(in->login, 300);
	char *lower = arena_cstr(a, login);
	unsigned char digest[SECRET_SHA256_SIZE];
	char hex[17];

	for (size_t i = 0; i < login.n; i++) {
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] = (char)(lower[i] - 'A' + 'a');
	}
	secret_sha256(str_n(lower, login.n), digest);
	for (size_t i = 0; i < 8; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return (struct attempt){
		.pair = arena_fmt(a, "sign-in/both/%s/%.*s", hex, STR_FMT(in->ip)),
		.address = str_is_empty(in->ip)
				   ? STR_NONE
				   : arena_fmt(a, "sign-in/address/%.*s", STR_FMT(in->ip)),
		.name = arena_fmt(a, "sign-in/name/%s", hex),
	};
}

static int check_limits(const struct user_door *door, const struct attempt *attempt, struct err *e)
{
	if (rate_check(door->db, door->redis, attempt->pair, PAIR_LIMIT, e) < 0 ||
	    rate_check(door->db, door->redis, attempt->name, NAME_LIMIT, e) < 0)
		return -(int)e->code;
	if (str_is_none(attempt->address))
		return 0;
	return rate_check(door->db, door->redis, attempt->address, ADDRESS_LIMIT, e);
}

static int count_failure(const struct user_door *door, const struct attempt *attempt, struct err *e)
{
	if (rate_hit(door->db, door->redis, attempt->pair, PAIR_LIMIT, e) < 0 ||
	    rate_hit(door->db, door->redis, attempt->name, NAME_LIMIT, e) < 0)
		return -(int)e->code;
	if (!str_is_none(attempt->address) &&
	    rate_hit(door->db, door->redis, attempt->address, ADDRESS_LIMIT, e) < 0)
		return -(int)e->code;
	return err_set(e, ERR_UNAUTHENTICATED, "The name or the password is wrong.");
}

/* Makes a hash of weaker parameters one of today's; the sign-in goes on if that fails. */
static int strengthen(const struct user_door *door, struct arena *a,
		      const struct q_user_by_login_row *row, struct str password, struct err *e)
{
	struct str hash;

	if (!secret_password_is_old(row->password_hash))
		return 0;
	if (secret_password_hash(door->secret, password, a, &hash, e) < 0)
		return e->code == ERR_BUSY ? 0 : -(int)e->code;
	return q_user_rehash(
		door->db, &(struct q_user_rehash_in){ row->id, row->password_hash, hash }, NULL, e);
}

static int find_by_login(struct db *db, struct str login, struct arena *a,
			 struct q_user_by_login_row *row, bool *found, struct err *e)
{
	*found = false;
	if (str_is_empty(login) || login.n > 300 || !str_is_utf8_text(login))
		return 0;
	return q_user_by_login(db, &(struct q_user_by_login_in){ login }, a, row, found, e);
}

int user_check_password(const struct user_door *door, const struct user_credentials *in,
			struct arena *a, struct user *user, struct err *e)
{
	const struct attempt attempt = attempt_of(a, in);
	struct str password = str_upto(in->password, PASSWORD_MAX + 1);
	struct q_user_by_login_row row = { 0 };
	bool found;
	bool is_right;

	if (check_limits(door, &attempt, e) < 0 ||
	    find_by_login(door->db, in->login, a, &row, &found, e) < 0 ||
	    secret_password_verify(door->secret, found ? row.password_hash : STR_NONE, password,
				   &is_right, e) < 0)
		return -(int)e->code;
	if (!is_right)
		return count_failure(door, &attempt, e);
	if (row.is_blocked)
		return err_set(e, ERR_UNAUTHENTICATED,
			       "This account is blocked. Ask an administrator of this server.");
	if (rate_forget(door->db, door->redis, attempt.pair, e) < 0 ||
	    strengthen(door, a, &row, password, e) < 0)
		return -(int)e->code;
	*user = USER_OF_ROW(&row);
	return 0;
}

struct actor user_actor(const struct user *user, enum actor_kind kind)
{
	static const uint32_t code_only = SCOPE_READ_REPOSITORY | SCOPE_WRITE_REPOSITORY;

	return (struct actor){
		.kind = kind,
		.user = user->id,
		.namespace = user->namespace,
		.username = user->username,
		.name = user->name,
		.email = user->email,
		.is_admin = user->is_admin,
		.is_bot = user->is_bot,
		.scopes = kind == ACTOR_SESSION                         ? (uint32_t)SCOPE_SESSION
			  : kind == ACTOR_PASSWORD || kind == ACTOR_KEY ? code_only
									: 0,
	};
}

struct sign_in {
	const struct user *user;
	struct str ip;
};

static int note_sign_in(struct db *db, void *closure, struct err *e)
{
	const struct sign_in *c = closure;
	struct actor actor = user_actor(c->user, ACTOR_PASSWORD);

	actor.ip = c->ip;
	if (q_user_note_sign_in(db, &(struct q_user_note_sign_in_in){ c->user->id.v }, NULL, e) < 0)
		return -(int)e->code;
	return user_record(db, &actor, "user.sign_in", c->user->id, c->user->username, e);
}

int user_sign_in(const struct user_door *door, const struct user_credentials *in, struct arena *a,
		 struct user *user, struct err *e)
{
	struct sign_in c = { user, in->ip };

	if (user_check_password(door, in, a, user, e) < 0)
		return -(int)e->code;
	return db_transaction(door->db, note_sign_in, &c, e);
}

int user_write_password(struct db *db, const struct password_change *change, struct err *e)
{
	int64_t changed;

	if (q_user_set_password(db,
				&(struct q_user_set_password_in){ change->user.v, change->hash },
				&changed, e) < 0)
		return -(int)e->code;
	if (changed == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such user.");
	if (q_link_end_all(db, &(struct q_link_end_all_in){ change->user.v }, NULL, e) < 0 ||
	    q_session_remove_others(
		    db, &(struct q_session_remove_others_in){ change->user.v, change->keep.v },
		    NULL, e) < 0)
		return -(int)e->code;
	return user_record(db, change->actor, "user.set_password", change->user, change->username,
			   e);
}

static int write_password(struct db *db, void *closure, struct err *e)
{
	return user_write_password(db, closure, e);
}

static int hash_and_write(const struct user_door *door, struct password_change *change,
			  struct str password, struct arena *a, struct err *e)
{
	if (user_check_password_rules(password, e) < 0 ||
	    secret_password_hash(door->secret, password, a, &change->hash, e) < 0)
		return -(int)e->code;
	return db_transaction(door->db, write_password, change, e);
}

static int change_own(const struct user_door *door, const struct actor *actor, struct str old,
		      struct str new, struct arena *a, struct err *e)
{
	const struct user_credentials credentials = { actor->username, old, actor->ip };
	struct password_change change = { .actor = actor,
					  .user = actor->user,
					  .keep = actor->session,
					  .username = actor->username };
	struct user user;

	if (user_check_password(door, &credentials, a, &user, e) < 0) {
		if (e->code == ERR_UNAUTHENTICATED)
			return err_set(e, ERR_UNPROCESSABLE, "The old password is wrong.");
		return -(int)e->code;
	}
	return hash_and_write(door, &change, new, a, e);
}

int user_change_password(const struct user_door *door, const struct actor *actor,
			 struct str old_password, struct str new_password, struct err *e)
{
	struct arena *a;
	int code;

	if (access_check(actor, ACTION_SELF_CREDENTIALS, NULL, e) < 0)
		return -(int)e->code;
	a = arena_open(0);
	code = change_own(door, actor, old_password, new_password, a, e);
	arena_close(a);
	return code;
}

static int set_password(const struct user_door *door, const struct actor *actor, struct user_id id,
			struct str password, struct arena *a, struct err *e)
{
	struct password_change change = { .actor = actor, .user = id };
	struct user user;

	if (user_get(door->db, id, a, &user, e) < 0)
		return -(int)e->code;
	change.username = user.username;
	return hash_and_write(door, &change, password, a, e);
}

int user_set_password(const struct user_door *door, const struct actor *actor, struct user_id id,
		      struct str password, struct err *e)
{
	struct arena *a;
	int code;

	if (access_check(actor, ACTION_ADMIN_CREDENTIALS, NULL, e) < 0)
		return -(int)e->code;
	a = arena_open(0);
	code = set_password(door, actor, id, password, a, e);
	arena_close(a);
	return code;
}
