/* SSH keys: one's own, and those of others to read (they are public) or, by administrators, to add.
 */
#include "api/api.h"
#include "api/entity.h"

static int send_keys(struct request *rq, struct db *db, struct user_id user, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct api_page page = { 1, LISTING_MAX };
	struct keys keys;

	if (key_list(db, user, rq->arena, &keys, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < keys.count; i++)
		entity_key(w, keys.items[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, (int64_t)keys.count);
	return request_send_json(rq, 200, e);
}

static int create_key(struct request *rq, struct user_id user, struct err *e)
{
	struct key_new in = { .user = user };
	struct jsonw *w = request_jsonw(rq);
	struct db *db = NULL;
	struct key key;

	if (api_need(rq, "title", &in.title, e) < 0 || api_need(rq, "key", &in.line, e) < 0 ||
	    api_date(rq, "expires_at", &in.expires_at, &in.has_expires_at, e) < 0 ||
	    request_db(rq, &db, e) < 0 || key_create(db, &rq->actor, &in, rq->arena, &key, e) < 0)
		return -(int)e->code;
	entity_key(w, &key);
	return request_send_json(rq, 201, e);
}

int api_key_list_own(struct request *rq, struct err *e)
{
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return send_keys(rq, db, rq->actor.user, e);
}

int api_key_create_own(struct request *rq, struct err *e)
{
	return create_key(rq, rq->actor.user, e);
}

static int find_own(struct request *rq, struct db *db, struct key *key, struct err *e)
{
	struct keys keys;
	int64_t id;

	if (api_path_id(rq, "key", "404 Key Not Found", &id, e) < 0 ||
	    key_list(db, rq->actor.user, rq->arena, &keys, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < keys.count; i++)
		if (keys.items[i]->id.v == id) {
			*key = *keys.items[i];
			return 0;
		}
	return err_set(e, ERR_NOT_FOUND, "404 Key Not Found");
}

int api_key_get_own(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct db *db = NULL;
	struct key key;

	if (request_db(rq, &db, e) < 0 || find_own(rq, db, &key, e) < 0)
		return -(int)e->code;
	entity_key(w, &key);
	return request_send_json(rq, 200, e);
}

int api_key_remove_own(struct request *rq, struct err *e)
{
	struct db *db = NULL;
	struct key key;

	if (request_db(rq, &db, e) < 0 || find_own(rq, db, &key, e) < 0 ||
	    key_remove(db, &rq->actor, key.id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

static int user_of_path(struct request *rq, struct db *db, struct user_id *id, struct err *e)
{
	struct user user;
	bool found;

	if (api_path_id(rq, "user", "404 User Not Found", &id->v, e) < 0 ||
	    user_find(db, *id, rq->arena, &user, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "404 User Not Found");
}

int api_key_list_of_user(struct request *rq, struct err *e)
{
	struct db *db = NULL;
	struct user_id id;

	if (request_db(rq, &db, e) < 0 || user_of_path(rq, db, &id, e) < 0)
		return -(int)e->code;
	return send_keys(rq, db, id, e);
}

int api_key_create_for_user(struct request *rq, struct err *e)
{
	struct db *db = NULL;
	struct user_id id;

	if (request_db(rq, &db, e) < 0 || user_of_path(rq, db, &id, e) < 0)
		return -(int)e->code;
	return create_key(rq, id, e);
}
