#include "domain/session.h"

#include "domain/access.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/session.h"

#define COOKIE_PREFIX "hs-"
#define USER_AGENT_MAX 200

/* Cut at a character; what is not text is not kept. */
static struct str cut_user_agent(struct str s)
{
	size_t n = 0;

	while (n < s.n && n < USER_AGENT_MAX) {
		size_t length = str_utf8_length(str_from(s, n));

		if (length == 0 || s.p[n] == '\0')
			return STR_NONE;
		n += length;
	}
	return n == 0 ? STR_NONE : str_upto(s, n);
}

int session_create(struct db *db, const struct session_new *in, struct arena *a, struct str *token,
		   struct err *e)
{
	struct str text = secret_token(a, COOKIE_PREFIX);
	struct q_session_add_row row;
	const struct q_session_add_in add = {
		.user_id = in->user.v,
		.token_sha256 = secret_sha256_bytes(a, text),
		.ip = str_is_empty(in->ip) ? STR_NONE : in->ip,
		.user_agent = cut_user_agent(in->user_agent),
		.days = (int32_t)in->days,
	};

	ASSERT(in->days > 0 && in->days <= INT32_MAX);
	if (q_session_add(db, &add, a, &row, e) < 0) {
		/* Blocked between the check of the password and now. */
		if (e->code == ERR_NOT_FOUND)
			return err_set(
				e, ERR_UNAUTHENTICATED,
				"This account is blocked. Ask an administrator of this server.");
		return -(int)e->code;
	}
	*token = text;
	return 0;
}

int session_find(struct db *db, struct str token, struct arena *a, struct actor *actor,
		 struct session *session, bool *found, struct err *e)
{
	struct q_session_find_row row = { 0 };

	*found = false;
	if (!secret_token_is_wellformed(token))
		return 0;
	if (q_session_find(db,
			   &(struct q_session_find_in){ secret_sha256_bytes(a, token),
							SESSION_IDLE_SECONDS },
			   a, &row, found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return 0;
	*session =
		(struct session){ { row.id },     { row.user_id },  row.ip,         row.user_agent,
				  row.created_at, row.last_seen_at, row.expires_at, row.proved_at };
	*actor = (struct actor){
		.kind = ACTOR_SESSION,
		.user = { row.user_id },
		.namespace = { row.has_namespace_id ? row.namespace_id : 0 },
		.username = row.username,
		.name = row.name,
		.email = row.email,
		.is_admin = row.is_admin,
		.scopes = SCOPE_SESSION,
		.session = { row.id },
	};
	if (!row.is_stale)
		return 0;
	return q_session_note_use(db, &(struct q_session_note_use_in){ row.id }, NULL, e);
}

bool session_is_fresh(const struct session *session, struct instant now)
{
	return now.us - session->proved_at.us < (int64_t)SESSION_FRESH_SECONDS * 1000000;
}

int session_prove(struct db *db, struct session_id id, struct err *e)
{
	return q_session_prove(db, &(struct q_session_prove_in){ id.v }, NULL, e);
}

int session_list(struct db *db, struct user_id user, struct arena *a, struct sessions *sessions,
		 struct err *e)
{
	struct q_session_list_row *rows;
	size_t count;

	if (q_session_list(db, &(struct q_session_list_in){ user.v, SESSION_IDLE_SECONDS }, a,
			   &rows, &count, e) < 0)
		return -(int)e->code;
	sessions->items = ARENA_ARRAY(a, struct session *, count);
	sessions->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct q_session_list_row *row = &rows[i];

		sessions->items[i] = ARENA_NEW(a, struct session);
		*sessions->items[i] =
			(struct session){ { row->id },     { row->user_id }, row->ip,
					  row->user_agent, row->created_at,  row->last_seen_at,
					  row->expires_at, row->proved_at };
	}
	return 0;
}

int session_remove(struct db *db, const struct actor *actor, struct session_id id, struct err *e)
{
	int64_t removed;

	if (access_check(actor, ACTION_SELF_CREDENTIALS, NULL, e) < 0 ||
	    q_session_remove(db, &(struct q_session_remove_in){ id.v, actor->user.v }, &removed,
			     e) < 0)
		return -(int)e->code;
	return removed > 0 ? 0 : err_set(e, ERR_NOT_FOUND, "This session has ended already.");
}

int session_remove_others(struct db *db, struct user_id user, struct session_id keep, struct err *e)
{
	return q_session_remove_others(db, &(struct q_session_remove_others_in){ user.v, keep.v },
				       NULL, e);
}

int session_remove_expired(struct db *db, int64_t *removed, struct err *e)
{
	return q_session_remove_expired(
		db, &(struct q_session_remove_expired_in){ SESSION_IDLE_SECONDS }, removed, e);
}
