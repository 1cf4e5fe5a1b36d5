/* /user and /users: who one is, who is there, and administration of people. */
#include "api/api.h"
#include "api/entity.h"

static bool sees_all_of(const struct request *rq, struct user_id id)
{
	return rq->actor.is_admin || rq->actor.user.v == id.v;
}

static int send_user(struct request *rq, int status, const struct user *user, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	entity_user(w, rq, user, sees_all_of(rq, user->id) ? ENTITY_SELF : ENTITY_FULL);
	return request_send_json(rq, status, e);
}

/* The user of the path: an id. */
static int get_user(struct request *rq, struct db *db, struct user *user, struct err *e)
{
	int64_t id;
	bool found;

	if (api_path_id(rq, "user", "404 User Not Found", &id, e) < 0 ||
	    user_find(db, (struct user_id){ id }, rq->arena, user, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "404 User Not Found");
}

int api_user_self(struct request *rq, struct err *e)
{
	struct user user;
	struct db *db = NULL;
	bool found;

	if (request_db(rq, &db, e) < 0 ||
	    user_find(db, rq->actor.user, rq->arena, &user, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_FORBIDDEN, "This token acts for no user.");
	return send_user(rq, 200, &user, e);
}

static int list_one_by_name(struct request *rq, struct db *db, struct str username,
			    struct users *users, struct err *e)
{
	struct user *user = ARENA_NEW(rq->arena, struct user);
	bool found;

	if (user_find_by_name(db, username, rq->arena, user, &found, e) < 0)
		return -(int)e->code;
	users->items = ARENA_NEW(rq->arena, struct user *);
	users->items[0] = user;
	users->count = found ? 1 : 0;
	users->total = (int64_t)users->count;
	return 0;
}

int api_user_list(struct request *rq, struct err *e)
{
	struct str username = request_query(rq, "username");
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct users users;
	struct jsonw *w = request_jsonw(rq);
	struct db *db = NULL;
	int result;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (!str_is_empty(username))
		result = list_one_by_name(rq, db, username, &users, e);
	else
		result = user_list(db, &rq->actor, request_query(rq, "search"), slice, rq->arena,
				   &users, e);
	if (result < 0)
		return result;
	jsonw_array(w);
	for (size_t i = 0; i < users.count; i++)
		entity_user(w, rq, users.items[i], rq->actor.is_admin ? ENTITY_SELF : ENTITY_BASIC);
	jsonw_end(w);
	api_page_headers(rq, &page, users.total);
	return request_send_json(rq, 200, e);
}

int api_user_get(struct request *rq, struct err *e)
{
	struct user user;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || get_user(rq, db, &user, e) < 0)
		return -(int)e->code;
	return send_user(rq, 200, &user, e);
}

int api_user_create(struct request *rq, struct err *e)
{
	struct user_door door = { NULL, rq->app->redis, rq->app->secret };
	struct user_new in = {
		.is_admin = request_form_bool(rq, "admin", false),
		.password = request_form(rq, "password"),
	};
	struct user user;

	if (api_need(rq, "email", &in.email, e) < 0 || api_need(rq, "name", &in.name, e) < 0 ||
	    api_need(rq, "username", &in.username, e) < 0)
		return -(int)e->code;
	if (request_form_bool(rq, "reset_password", false) ||
	    request_form_bool(rq, "force_random_password", false))
		in.password = STR_NONE;
	else if (str_is_none(in.password))
		return err_set(e, ERR_INVALID,
			       "password, reset_password, force_random_password are missing, at "
			       "least one parameter must be provided");
	if (request_db(rq, &door.db, e) < 0 ||
	    user_create(&door, &rq->actor, &in, rq->arena, &user, e) < 0)
		return -(int)e->code;
	return send_user(rq, 201, &user, e);
}

int api_user_update(struct request *rq, struct err *e)
{
	struct str name = request_form(rq, "name");
	struct str email = request_form(rq, "email");
	struct user user;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || get_user(rq, db, &user, e) < 0)
		return -(int)e->code;
	if (str_is_none(name))
		name = user.name;
	if (str_is_none(email))
		email = user.email;
	if (user_update_profile(db, &rq->actor, user.id, name, email, e) < 0)
		return -(int)e->code;
	if (!str_is_none(request_form(rq, "admin")) &&
	    user_set_admin(db, &rq->actor, user.id, request_form_bool(rq, "admin", false), e) < 0)
		return -(int)e->code;
	return api_user_get(rq, e);
}

static int send_word(struct request *rq, const char *json, struct err *e)
{
	return request_send_bytes(rq, 201, "application/json", str_c(json), e);
}

/* GitLab answers a second block with null and a second unblock with false. */
int api_user_block(struct request *rq, struct err *e)
{
	struct user user;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || get_user(rq, db, &user, e) < 0)
		return -(int)e->code;
	if (user.is_blocked)
		return send_word(rq, "null", e);
	if (user_block(db, &rq->actor, user.id, e) < 0)
		return -(int)e->code;
	return send_word(rq, "true", e);
}

int api_user_unblock(struct request *rq, struct err *e)
{
	struct user user;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || get_user(rq, db, &user, e) < 0)
		return -(int)e->code;
	if (!user.is_blocked)
		return send_word(rq, "false", e);
	if (user_unblock(db, &rq->actor, user.id, e) < 0)
		return -(int)e->code;
	return send_word(rq, "true", e);
}
