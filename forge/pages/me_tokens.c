/* Personal access tokens. A new one is shown on the answer to its form, and never again. */
#include "domain/token.h"
#include "pages/me.h"
#include "tmpl/me_tokens.h"

#define TOKEN_DAYS_OFFERED 90
#define DAY_US (INT64_C(86400) * 1000000)

static void token_rows(struct request *rq, const struct tokens *tokens, struct view_me_tokens *v)
{
	v->tokens = ARENA_ARRAY(rq->arena, struct view_me_token, tokens->count + 1);
	v->tokens_count = tokens->count;
	for (size_t i = 0; i < tokens->count; i++) {
		const struct token *token = tokens->items[i];

		v->tokens[i] = (struct view_me_token){
			.id = token->id.v,
			.name = token->name,
			.scopes = token->scopes,
			.created = token->created_at,
			.expires = page_date(rq, token->expires_at),
			.has_used = token->has_last_used_at,
			.used = token->last_used_at,
			.is_active = token->is_active,
			.is_revoked = token->has_revoked_at,
		};
	}
}

static void scope_rows(struct request *rq, uint32_t chosen, struct view_me_tokens *v)
{
	static const struct {
		const char *word, *sentence;
		uint32_t bit;
		bool is_personal;
	} scopes[] = {
#define SCOPE_ROW(name, word, sentence, personal) { word, sentence, SCOPE_##name, personal },
		TOKEN_SCOPES(SCOPE_ROW)
#undef SCOPE_ROW
	};
	const size_t all = sizeof(scopes) / sizeof(scopes[0]);

	v->scopes = ARENA_ARRAY(rq->arena, struct view_me_scope, all);
	for (size_t i = 0; i < all; i++)
		if (scopes[i].is_personal)
			v->scopes[v->scopes_count++] =
				(struct view_me_scope){ scopes[i].word,
							page_text(rq, scopes[i].sentence),
							(chosen & scopes[i].bit) != 0 };
}

static int tokens_page(struct request *rq, struct view_me_tokens *v, uint32_t chosen, struct err *e)
{
	struct tokens tokens;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    token_list_of_user(db, rq->actor.user, rq->arena, &tokens, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "me");
	v->page.section = "tokens";
	if (str_is_empty(v->expires))
		v->expires = page_date(
			rq, (struct instant){ instant_now().us + TOKEN_DAYS_OFFERED * DAY_US });
	token_rows(rq, &tokens, v);
	scope_rows(rq, chosen, v);
	rq->has_secret = !str_is_empty(v->fresh);
	tmpl_me_tokens(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_me_tokens(struct request *rq, struct err *e)
{
	struct view_me_tokens v = { 0 };

	return tokens_page(rq, &v, 0, e);
}

static int token_from_form(struct request *rq, struct token_new *in, struct err *error)
{
	const struct str_list words = request_form_list(rq, "scopes");

	if (!page_form_date(rq, "expires", &in->has_expires_at, &in->expires_at))
		return err_set(error, ERR_UNPROCESSABLE,
			       "That is no date: write it as 2030-01-31.");
	if (words.count == 0)
		return err_set(error, ERR_UNPROCESSABLE,
			       "Choose at least one thing that the token may do.");
	return token_scopes_from_list(&words, &in->scopes, error);
}

int page_me_token_create(struct request *rq, struct err *e)
{
	struct view_me_tokens v = { .name = str_trim(request_form(rq, "name")),
				    .expires = request_form(rq, "expires") };
	struct token_new in = { .kind = TOKEN_PERSONAL, .user = rq->actor.user, .name = v.name };
	struct token token;
	struct str text;
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (token_from_form(rq, &in, &error) < 0 ||
	    token_create(db, &rq->actor, &in, rq->arena, &token, &text, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return tokens_page(rq, &v, in.scopes, e);
	}
	v = (struct view_me_tokens){ .fresh = text };
	return tokens_page(rq, &v, 0, e);
}

int page_me_token_revoke(struct request *rq, struct err *e)
{
	const struct token_id id = { page_id(rq, "id") };
	struct db *db;

	if (request_db(rq, &db, e) < 0 || token_revoke(db, &rq->actor, id, e) < 0)
		return -(int)e->code;
	page_notice(rq, I18N("The token is revoked."));
	return request_redirect(rq, url_of(rq->arena, ROUTE_me_tokens), e);
}
