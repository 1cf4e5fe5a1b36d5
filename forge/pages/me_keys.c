#include "domain/key.h"
#include "pages/me.h"
#include "tmpl/me_keys.h"

static void key_rows(struct request *rq, const struct keys *keys, struct view_me_keys *v)
{
	struct instant now = instant_now();

	v->keys = ARENA_ARRAY(rq->arena, struct view_me_key, keys->count + 1);
	v->keys_count = keys->count;
	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = keys->items[i];

		v->keys[i] = (struct view_me_key){
			.id = key->id.v,
			.title = key->title,
			.fingerprint = key->fingerprint,
			.created = key->created_at,
			.has_used = key->has_last_used_at,
			.used = key->last_used_at,
			.has_expires = key->has_expires_at,
			.expires = page_date(rq, key->expires_at),
			.is_expired = key->has_expires_at && key->expires_at.us <= now.us,
		};
	}
}

static int keys_page(struct request *rq, struct view_me_keys *v, struct err *e)
{
	struct keys keys;
	struct db *db;

	if (request_db(rq, &db, e) < 0 || key_list(db, rq->actor.user, rq->arena, &keys, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "me");
	v->page.section = "keys";
	key_rows(rq, &keys, v);
	tmpl_me_keys(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_me_keys(struct request *rq, struct err *e)
{
	struct view_me_keys v = { 0 };

	return keys_page(rq, &v, e);
}

int page_me_key_add(struct request *rq, struct err *e)
{
	struct view_me_keys v = { .line = str_trim(request_form(rq, "line")),
				  .title = str_trim(request_form(rq, "title")),
				  .expires = request_form(rq, "expires") };
	struct key_new in = { .user = rq->actor.user, .line = v.line };
	struct key key;
	struct err error = { 0 };
	struct db *db;

	if (!str_is_empty(v.title))
		in.title = v.title;
	if (!page_form_date(rq, "expires", &in.has_expires_at, &in.expires_at)) {
		v.problem = page_problem(rq, I18N("That is no date: write it as 2030-01-31."));
		return keys_page(rq, &v, e);
	}
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (key_create(db, &rq->actor, &in, rq->arena, &key, &error) == 0) {
		page_notice(rq, I18N("The key is added."));
		return request_redirect(rq, url_of(rq->arena, ROUTE_me_keys), e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return keys_page(rq, &v, e);
}

int page_me_key_remove(struct request *rq, struct err *e)
{
	const struct key_id id = { page_id(rq, "id") };
	struct db *db;

	if (request_db(rq, &db, e) < 0 || key_remove(db, &rq->actor, id, e) < 0)
		return -(int)e->code;
	page_notice(rq, I18N("The key is removed."));
	return request_redirect(rq, url_of(rq->arena, ROUTE_me_keys), e);
}
