/* People: making, finding, changing. Passwords are in user_password.c. */
#include "domain/user.h"

#include "domain/access.h"
#include "domain/address.h"
#include "domain/audit.h"
#include "domain/row.h"
#include "domain/text.h"
#include "domain/user_internal.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/namespace.h"
#include "q/session.h"
#include "q/user.h"

#define EMAIL_MAX 254

static bool is_email_character(char c)
{
	unsigned char u = (unsigned char)c;

	return u > ' ' && u != 0x7f && !strchr("<>()[]\\,;:\"", c);
}

int user_check_email(struct str email, struct err *e)
{
	size_t at = str_find(email, '@');
	bool fine = at > 0 && at + 1 < email.n && email.n <= EMAIL_MAX &&
		    str_find_last(email, '@') == at && str_is_utf8_text(email);

	for (size_t i = 0; fine && i < email.n; i++)
		fine = is_email_character(email.p[i]);
	if (!fine)
		return err_set(
			e, ERR_UNPROCESSABLE,
			"An e-mail address is name@host, without spaces, of at most %d bytes.",
			EMAIL_MAX);
	return 0;
}

int user_record(struct db *db, const struct actor *actor, const char *act, struct user_id id,
		struct str username, struct err *e)
{
	return audit_record(
		db, actor,
		&(struct audit_event){
			.act = act, .object_kind = "user", .object_id = id.v, .object = username },
		e);
}

static int check_new(const struct user_new *in, struct err *e)
{
	if (namespace_check_name(in->username, NAME_OF_USER, e) < 0 ||
	    user_check_email(in->email, e) < 0)
		return -(int)e->code;
	if (!str_is_none(in->name) && text_check_title(in->name, "name", e) < 0)
		return -(int)e->code;
	return str_is_none(in->password) ? 0 : user_check_password_rules(in->password, e);
}

struct creation {
	const struct actor *actor;
	const struct user_new *in;
	struct str hash;
	struct arena *a;
	struct user *user;
};

static int explain_conflict(struct db *db, const struct user_new *in, struct err *e)
{
	if (db_violated(db, "users_username_unique"))
		return err_set(
			e, ERR_CONFLICT,
			"There is a user named %.*s already (letter case does not count). Choose "
			"another name.",
			STR_FMT(in->username));
	if (db_violated(db, "users_email_unique"))
		return err_set(e, ERR_CONFLICT,
			       "Another account has the e-mail address %.*s already.",
			       STR_FMT(in->email));
	return -(int)e->code;
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct creation *c = closure;
	const struct user_new *in = c->in;
	struct str name = str_is_empty(in->name) ? in->username : in->name;
	struct q_user_add_row added;
	struct q_namespace_add_user_row namespace;
	bool found;

	if (q_user_add(db,
		       &(struct q_user_add_in){ in->username, name, in->email, STR("human"),
						in->is_admin, c->hash },
		       c->a, &added, e) < 0)
		return explain_conflict(db, in, e);
	if (q_namespace_add_user(db,
				 &(struct q_namespace_add_user_in){ added.id, in->username, name },
				 c->a, &namespace, e) < 0 ||
	    address_take(db, in->username, (struct namespace_id){ namespace.id },
			 (struct project_id){ 0 }, e) < 0 ||
	    user_record(db, c->actor, "user.create", (struct user_id){ added.id }, in->username,
			e) < 0)
		return -(int)e->code;
	return user_find(db, (struct user_id){ added.id }, c->a, c->user, &found, e);
}

int user_create(const struct user_door *door, const struct actor *actor, const struct user_new *in,
		struct arena *a, struct user *user, struct err *e)
{
	struct creation c = { actor, in, STR_NONE, a, user };

	if (access_check(actor, ACTION_ADMIN_CREDENTIALS, NULL, e) < 0 || check_new(in, e) < 0)
		return -(int)e->code;
	if (!str_is_none(in->password) &&
	    secret_password_hash(door->secret, in->password, a, &c.hash, e) < 0)
		return -(int)e->code;
	return db_transaction(door->db, create, &c, e);
}

int user_find(struct db *db, struct user_id id, struct arena *a, struct user *user, bool *found,
	      struct err *e)
{
	struct q_user_get_row row = { 0 };

	if (q_user_get(db, &(struct q_user_get_in){ id.v }, a, &row, found, e) < 0)
		return -(int)e->code;
	if (*found)
		*user = USER_OF_ROW(&row);
	return 0;
}

int user_find_by_name(struct db *db, struct str username, struct arena *a, struct user *user,
		      bool *found, struct err *e)
{
	struct q_user_by_name_row row = { 0 };

	*found = false;
	if (str_is_empty(username) || !str_is_utf8_text(username))
		return 0;
	if (q_user_by_name(db, &(struct q_user_by_name_in){ username }, a, &row, found, e) < 0)
		return -(int)e->code;
	if (*found)
		*user = USER_OF_ROW(&row);
	return 0;
}

int user_get_by_name(struct db *db, struct str username, struct arena *a, struct user *user,
		     struct err *e)
{
	bool found;

	if (user_find_by_name(db, username, a, user, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "There is no user named %.*s.",
			       STR_FMT(str_upto(username, 64)));
	return 0;
}

int user_list(struct db *db, const struct actor *actor, struct str search, struct listing slice,
	      struct arena *a, struct users *users, struct err *e)
{
	const struct q_user_list_in in = {
		.search = str_is_empty(search) ? STR_NONE : search,
		.with_email = viewer_of(actor).sees_all,
		.skip = slice.offset,
		.take = slice.limit,
	};
	struct q_user_list_row *rows;
	size_t count;

	if (access_check(actor, ACTION_USER_LIST, NULL, e) < 0 ||
	    q_user_list(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	users->items = ARENA_ARRAY(a, struct user *, count);
	users->count = count;
	users->total = count > 0 ? rows[0].total : 0;
	for (size_t i = 0; i < count; i++) {
		users->items[i] = ARENA_NEW(a, struct user);
		*users->items[i] = USER_OF_ROW(&rows[i]);
	}
	return 0;
}

int user_count(struct db *db, struct arena *a, int64_t *count, struct err *e)
{
	struct q_user_count_row row;

	if (q_user_count(db, a, &row, e) < 0)
		return -(int)e->code;
	*count = row.humans;
	return 0;
}

int user_get(struct db *db, struct user_id id, struct arena *a, struct user *user, struct err *e)
{
	bool found;

	if (user_find(db, id, a, user, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "There is no such user.");
}

struct change {
	const struct actor *actor;
	struct user_id id;
	bool flag; /* block, or administrator */
	struct str name;
	struct str email;
	struct arena *a;
};

/* Locks all active administrators: of two who block each other, one is refused. */
static int check_last_admin(struct db *db, const struct change *c, const struct user *user,
			    struct err *e)
{
	struct q_user_lock_admins_row *rows;
	size_t count;

	if (!user->is_admin || user->is_blocked)
		return 0;
	if (q_user_lock_admins(db, c->a, &rows, &count, e) < 0)
		return -(int)e->code;
	if (count == 0 || (count == 1 && rows[0].id == c->id.v))
		return err_set(
			e, ERR_CONFLICT,
			"%.*s is the last active administrator, and the server needs one. Make "
			"somebody else administrator first.",
			STR_FMT(user->username));
	return 0;
}

static int set_blocked(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct user user;

	if (user_get(db, c->id, c->a, &user, e) < 0 ||
	    (c->flag && check_last_admin(db, c, &user, e) < 0) ||
	    q_user_set_state(db,
			     &(struct q_user_set_state_in){ c->id.v, c->flag ? STR("blocked")
									     : STR("active") },
			     NULL, e) < 0)
		return -(int)e->code;
	if (c->flag &&
	    (q_session_remove_others(db, &(struct q_session_remove_others_in){ c->id.v, 0 }, NULL,
				     e) < 0 ||
	     q_link_end_all(db, &(struct q_link_end_all_in){ c->id.v }, NULL, e) < 0))
		return -(int)e->code;
	return user_record(db, c->actor, c->flag ? "user.block" : "user.unblock", c->id,
			   user.username, e);
}

static int set_admin(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct user user;

	if (user_get(db, c->id, c->a, &user, e) < 0 ||
	    (!c->flag && check_last_admin(db, c, &user, e) < 0))
		return -(int)e->code;
	if (user.is_bot)
		return err_set(e, ERR_UNPROCESSABLE, "A bot cannot be administrator.");
	if (q_user_set_admin(db, &(struct q_user_set_admin_in){ c->id.v, c->flag }, NULL, e) < 0)
		return -(int)e->code;
	return user_record(db, c->actor, c->flag ? "user.make_admin" : "user.unmake_admin", c->id,
			   user.username, e);
}

static int run_change(struct db *db, struct change *c, enum action action, db_work *work,
		      struct err *e)
{
	int code = access_check(c->actor, action, NULL, e);

	if (code < 0)
		return code;
	c->a = arena_open(0);
	code = db_transaction(db, work, c, e);
	arena_close(c->a);
	return code;
}

int user_block(struct db *db, const struct actor *actor, struct user_id id, struct err *e)
{
	struct change c = { .actor = actor, .id = id, .flag = true };

	return run_change(db, &c, ACTION_ADMIN_CHANGE, set_blocked, e);
}

int user_unblock(struct db *db, const struct actor *actor, struct user_id id, struct err *e)
{
	struct change c = { .actor = actor, .id = id, .flag = false };

	return run_change(db, &c, ACTION_ADMIN_CHANGE, set_blocked, e);
}

int user_set_admin(struct db *db, const struct actor *actor, struct user_id id, bool is_admin,
		   struct err *e)
{
	struct change c = { .actor = actor, .id = id, .flag = is_admin };

	return run_change(db, &c, ACTION_ADMIN_CREDENTIALS, set_admin, e);
}

static int update_profile(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct user user;

	if (user_get(db, c->id, c->a, &user, e) < 0)
		return -(int)e->code;
	if (q_user_update(
		    db,
		    &(struct q_user_update_in){ c->id.v, str_is_none(c->name) ? user.name : c->name,
						str_is_none(c->email) ? user.email : c->email },
		    NULL, e) < 0)
		return explain_conflict(db, &(struct user_new){ .email = c->email }, e);
	return user_record(db, c->actor, "user.update", c->id, user.username, e);
}

int user_update_profile(struct db *db, const struct actor *actor, struct user_id id,
			struct str name, struct str email, struct err *e)
{
	struct change c = { .actor = actor, .id = id, .name = name, .email = email };
	bool is_own = actor->user.v == id.v;

	if (!str_is_none(name) && text_check_title(name, "name", e) < 0)
		return -(int)e->code;
	if (!str_is_none(email) && user_check_email(email, e) < 0)
		return -(int)e->code;
	return run_change(db, &c, is_own ? ACTION_SELF_CHANGE : ACTION_ADMIN_CHANGE, update_profile,
			  e);
}
