/* Personal access tokens: the own ones, and "self", the token that asks. */
#include "api/api.h"
#include "api/entity.h"

static bool is_wanted(const struct request *rq, const struct token *t)
{
	struct str state = request_query(rq, "state");
	struct str search = request_query(rq, "search");

	if (str_eq_c(state, "active") && !t->is_active)
		return false;
	if (str_eq_c(state, "inactive") && t->is_active)
		return false;
	return str_is_empty(search) || str_find_str(t->name, search) < t->name.n;
}

/* ?user_id= of another: administrators only. */
static int whose(const struct request *rq, struct user_id *user, struct err *e)
{
	struct str text = request_query(rq, "user_id");

	*user = rq->actor.user;
	if (str_is_none(text))
		return 0;
	if (!str_to_i64(text, &user->v))
		return err_set(e, ERR_INVALID, "user_id is invalid");
	if (user->v == rq->actor.user.v || rq->actor.is_admin)
		return 0;
	return err_set(e, ERR_UNAUTHENTICATED, "Only administrators see the tokens of others.");
}

int api_token_list(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct tokens tokens;
	struct user_id user;
	struct db *db = NULL;
	int64_t total = 0;

	if (whose(rq, &user, e) < 0 || request_db(rq, &db, e) < 0 ||
	    token_list_of_user(db, user, rq->arena, &tokens, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < tokens.count; i++) {
		if (!is_wanted(rq, tokens.items[i]))
			continue;
		if (total >= slice.offset && total < slice.offset + slice.limit)
			entity_token(w, tokens.items[i], STR_NONE);
		total++;
	}
	jsonw_end(w);
	api_page_headers(rq, &page, total);
	return request_send_json(rq, 200, e);
}

static int find_token(struct request *rq, struct db *db, struct token_id id, struct token *token,
		      struct err *e)
{
	struct tokens tokens;

	if (token_list_of_user(db, rq->actor.user, rq->arena, &tokens, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < tokens.count; i++)
		if (tokens.items[i]->id.v == id.v) {
			*token = *tokens.items[i];
			return 0;
		}
	return err_set(e, ERR_NOT_FOUND, "404 Not Found");
}

static int find_self(struct request *rq, struct db *db, struct token *token, struct err *e)
{
	if (rq->actor.kind != ACTOR_TOKEN)
		return err_set(e, ERR_INVALID, "This endpoint requires token authentication.");
	return find_token(rq, db, rq->actor.token, token, e);
}

int api_token_self(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct token token;
	struct db *db = NULL;

	if (!actor_is_signed_in(&rq->actor))
		return err_set(e, ERR_UNAUTHENTICATED, "Send the token.");
	if (request_db(rq, &db, e) < 0 || find_self(rq, db, &token, e) < 0)
		return -(int)e->code;
	entity_token(w, &token, STR_NONE);
	return request_send_json(rq, 200, e);
}

/* A token may always end itself. */
int api_token_revoke_self(struct request *rq, struct err *e)
{
	struct token token;
	struct db *db = NULL;

	if (!actor_is_signed_in(&rq->actor))
		return err_set(e, ERR_UNAUTHENTICATED, "Send the token.");
	if (request_db(rq, &db, e) < 0 || find_self(rq, db, &token, e) < 0 ||
	    token_revoke(db, &rq->actor, token.id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

int api_token_get(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct token token;
	struct token_id id;
	struct db *db = NULL;

	if (api_path_id(rq, "token", "404 Not Found", &id.v, e) < 0 || request_db(rq, &db, e) < 0 ||
	    find_token(rq, db, id, &token, e) < 0)
		return -(int)e->code;
	entity_token(w, &token, STR_NONE);
	return request_send_json(rq, 200, e);
}

int api_token_revoke(struct request *rq, struct err *e)
{
	struct token_id id;
	struct db *db = NULL;

	if (api_path_id(rq, "token", "404 Not Found", &id.v, e) < 0 || request_db(rq, &db, e) < 0 ||
	    token_revoke(db, &rq->actor, id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

/* By a signed-in person only: tokens make no tokens. */
int api_token_create(struct request *rq, struct err *e)
{
	struct token_new in = { .kind = TOKEN_PERSONAL, .user = rq->actor.user };
	struct str_list scopes = request_form_list(rq, "scopes");
	struct jsonw *w = request_jsonw(rq);
	struct token token;
	struct str text;
	struct db *db = NULL;

	if (scopes.count == 0)
		return err_set(e, ERR_INVALID, "scopes is missing");
	if (api_need(rq, "name", &in.name, e) < 0 ||
	    token_scopes_from_list(&scopes, &in.scopes, e) < 0 ||
	    api_date(rq, "expires_at", &in.expires_at, &in.has_expires_at, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    token_create(db, &rq->actor, &in, rq->arena, &token, &text, e) < 0)
		return -(int)e->code;
	rq->has_secret = true;
	entity_token(w, &token, text);
	return request_send_json(rq, 201, e);
}
