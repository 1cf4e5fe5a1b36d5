#include "domain/key.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/text.h"
#include "domain/user.h"
#include "store/db.h"

#include "q/key.h"

static int record(struct db *db, const struct actor *actor, const char *act, struct key_id id,
		  struct str fingerprint, struct err *e)
{
	return audit_record(db, actor,
			    &(struct audit_event){ .act = act,
						   .object_kind = "key",
						   .object_id = id.v,
						   .object = fingerprint },
			    e);
}

struct creation {
	const struct actor *actor;
	const struct key_new *in;
	struct public_key parsed;
	struct str title;
	struct arena *a;
	struct key *key;
};

static int create(struct db *db, void *closure, struct err *e)
{
	struct creation *c = closure;
	const struct q_key_add_in add = {
		.user_id = c->in->user.v,
		.title = c->title,
		.type = c->parsed.type,
		.blob = c->parsed.blob,
		.fingerprint = c->parsed.fingerprint,
		.has_expires_at = c->in->has_expires_at,
		.expires_at = c->in->expires_at,
	};
	struct q_key_add_row row;
	struct user user;

	if (user_get(db, c->in->user, c->a, &user, e) < 0)
		return -(int)e->code;
	if (user.is_bot)
		return err_set(e, ERR_UNPROCESSABLE, "A bot has no SSH keys: it uses its token.");
	if (q_key_add(db, &add, c->a, &row, e) < 0) {
		/* Not whose: that would tell who uses which key. */
		if (db_violated(db, "key_fingerprint_unique"))
			return err_set(
				e, ERR_CONFLICT,
				"This key is registered already, here or with another account. Use "
				"another key: ssh-keygen -t ed25519");
		return -(int)e->code;
	}
	*c->key = (struct key){
		.id = { row.id },
		.user = c->in->user,
		.title = c->title,
		.text = arena_fmt(c->a, "%.*s %.*s", STR_FMT(c->parsed.type),
				  STR_FMT(c->parsed.base64)),
		.fingerprint = c->parsed.fingerprint,
		.created_at = row.created_at,
		.has_expires_at = c->in->has_expires_at,
		.expires_at = c->in->expires_at,
	};
	return record(db, c->actor, "key.create", c->key->id, c->parsed.fingerprint, e);
}

static int check_new(struct creation *c, struct err *e)
{
	const struct key_new *in = c->in;
	bool is_own = in->user.v == c->actor->user.v;

	if (access_check(c->actor, is_own ? ACTION_SELF_CREDENTIALS : ACTION_ADMIN_CREDENTIALS,
			 NULL, e) < 0 ||
	    key_parse(c->a, in->line, &c->parsed, e) < 0)
		return -(int)e->code;
	c->title = !str_is_empty(in->title)           ? in->title
		   : !str_is_empty(c->parsed.comment) ? c->parsed.comment
						      : c->parsed.type;
	if (in->has_expires_at && in->expires_at.us <= instant_now().us)
		return err_set(e, ERR_UNPROCESSABLE, "The end of a key must be in the future.");
	return text_check_title(c->title, "title", e);
}

int key_create(struct db *db, const struct actor *actor, const struct key_new *in, struct arena *a,
	       struct key *key, struct err *e)
{
	struct creation c = { .actor = actor, .in = in, .a = a, .key = key };

	if (check_new(&c, e) < 0)
		return -(int)e->code;
	return db_transaction(db, create, &c, e);
}

int key_list(struct db *db, struct user_id user, struct arena *a, struct keys *keys, struct err *e)
{
	struct q_key_list_row *rows;
	struct public_key parsed;
	size_t count;

	if (q_key_list(db, &(struct q_key_list_in){ user.v }, a, &rows, &count, e) < 0)
		return -(int)e->code;
	keys->items = ARENA_ARRAY(a, struct key *, count);
	keys->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct q_key_list_row *row = &rows[i];

		if (key_parse_blob(a, row->blob, &parsed, e) < 0)
			return err_add(e, "key %lld", (long long)row->id);
		keys->items[i] = ARENA_NEW(a, struct key);
		*keys->items[i] = (struct key){
			.id = { row->id },
			.user = { row->user_id },
			.title = row->title,
			.text = arena_fmt(a, "%.*s %.*s", STR_FMT(parsed.type),
					  STR_FMT(parsed.base64)),
			.fingerprint = row->fingerprint,
			.created_at = row->created_at,
			.has_expires_at = row->has_expires_at,
			.expires_at = row->expires_at,
			.has_last_used_at = row->has_last_used_at,
			.last_used_at = row->last_used_at,
		};
	}
	return 0;
}

struct removal {
	const struct actor *actor;
	struct key_id id;
	struct arena *a;
};

static int remove_key(struct db *db, void *closure, struct err *e)
{
	struct removal *c = closure;
	/* An administrator may remove any; asked for with the wider right. */
	bool is_any = access_allows(c->actor, ACTION_ADMIN_CREDENTIALS, NULL);
	struct q_key_remove_row row = { 0 };
	bool found;

	if (q_key_remove(db,
			 &(struct q_key_remove_in){ .id = c->id.v,
						    .has_user_id = !is_any,
						    .user_id = c->actor->user.v },
			 c->a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "There is no such key.");
	return record(db, c->actor, "key.remove", c->id, row.fingerprint, e);
}

int key_remove(struct db *db, const struct actor *actor, struct key_id id, struct err *e)
{
	struct removal c = { actor, id, NULL };
	int code = access_check(actor, ACTION_SELF_CREDENTIALS, NULL, e);

	if (code < 0)
		return code;
	c.a = arena_open(0);
	code = db_transaction(db, remove_key, &c, e);
	arena_close(c.a);
	return code;
}

int key_find(struct db *db, struct str blob, struct arena *a, struct actor *actor, bool *found,
	     struct err *e)
{
	struct q_key_find_row row = { 0 };
	struct user user;

	*found = false;
	if (str_is_empty(blob))
		return 0;
	if (q_key_find(db, &(struct q_key_find_in){ key_fingerprint(a, blob), blob }, a, &row,
		       found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	user = (struct user){
		.id = { row.user_id },
		.namespace = { row.has_namespace_id ? row.namespace_id : 0 },
		.username = row.username,
		.name = row.name,
		.email = row.email,
		.is_admin = row.is_admin,
	};
	*actor = user_actor(&user, ACTOR_KEY);
	actor->key.v = row.id;
	return 0;
}

int key_note_use(struct db *db, const struct actor *actor, struct err *e)
{
	if (actor->key.v == 0)
		return 0;
	return q_key_note_use(db, &(struct q_key_note_use_in){ actor->key.v }, NULL, e);
}
