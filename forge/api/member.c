/* Members of projects and groups; both have the same addresses below their own. */
#include "api/api.h"
#include "api/entity.h"

static struct member_place place_of(const struct request *rq)
{
	struct member_place place = { 0 };

	if (rq->project)
		place.project = rq->project->id;
	else
		place.namespace = rq->namespace->id;
	return place;
}

static int list(struct request *rq, bool with_inherited, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct members members;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 ||
	    member_list(db, place_of(rq), with_inherited, request_query(rq, "query"), slice,
			rq->arena, &members, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < members.count; i++)
		entity_member(w, rq, members.items[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, members.total);
	return request_send_json(rq, 200, e);
}

int api_member_list(struct request *rq, struct err *e)
{
	return list(rq, false, e);
}

int api_member_list_all(struct request *rq, struct err *e)
{
	return list(rq, true, e);
}

static int send_member(struct request *rq, int status, struct user_id user, bool with_inherited,
		       struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct member member;
	struct db *db = NULL;
	bool found;

	if (request_db(rq, &db, e) < 0 ||
	    member_find(db, place_of(rq), user, with_inherited, rq->arena, &member, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 Not found");
	entity_member(w, rq, &member);
	return request_send_json(rq, status, e);
}

static int get(struct request *rq, bool with_inherited, struct err *e)
{
	struct user_id user;

	if (api_path_id(rq, "user", "404 Not found", &user.v, e) < 0)
		return -(int)e->code;
	return send_member(rq, 200, user, with_inherited, e);
}

int api_member_get(struct request *rq, struct err *e)
{
	return get(rq, false, e);
}

int api_member_get_all(struct request *rq, struct err *e)
{
	return get(rq, true, e);
}

static int read_change(struct request *rq, struct member_change *in, struct err *e)
{
	int64_t level;

	if (api_need_i64(rq, "access_level", &level, e) < 0 ||
	    api_date(rq, "expires_at", &in->expires_at, &in->has_expires_at, e) < 0)
		return -(int)e->code;
	if (!access_level_from_number(level, &in->level))
		return err_set(e, ERR_INVALID, "access_level does not have a valid value");
	return 0;
}

/* user_id, or username. */
static int read_user(struct request *rq, struct db *db, struct user_id *id, struct err *e)
{
	struct str username = request_form(rq, "username");
	struct user user;
	bool found;

	if (!str_is_empty(username)) {
		if (user_get_by_name(db, username, rq->arena, &user, e) < 0)
			return err_set(e, ERR_NOT_FOUND, "404 User Not Found");
		*id = user.id;
		return 0;
	}
	if (api_need_i64(rq, "user_id", &id->v, e) < 0 ||
	    user_find(db, *id, rq->arena, &user, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "404 User Not Found");
}

int api_member_create(struct request *rq, struct err *e)
{
	struct member_change in = { 0 };
	struct db *db = NULL;

	if (read_change(rq, &in, e) < 0 || request_db(rq, &db, e) < 0 ||
	    read_user(rq, db, &in.user, e) < 0 ||
	    member_create(db, &rq->actor, place_of(rq), &in, e) < 0)
		return -(int)e->code;
	return send_member(rq, 201, in.user, false, e);
}

int api_member_update(struct request *rq, struct err *e)
{
	struct member_change in = { 0 };
	struct db *db = NULL;

	if (api_path_id(rq, "user", "404 Not found", &in.user.v, e) < 0 ||
	    read_change(rq, &in, e) < 0 || request_db(rq, &db, e) < 0 ||
	    member_update(db, &rq->actor, place_of(rq), &in, e) < 0)
		return -(int)e->code;
	return send_member(rq, 200, in.user, false, e);
}

/*
 * The route asks only for the right to see the members, because everyone may
 * leave; so that a token that only reads cannot, its scope is asked for here.
 */
int api_member_remove(struct request *rq, struct err *e)
{
	struct user_id user;
	struct db *db = NULL;

	if (access_check(&rq->actor, ACTION_SELF_CHANGE, NULL, e) < 0 ||
	    api_path_id(rq, "user", "404 Not found", &user.v, e) < 0 ||
	    request_db(rq, &db, e) < 0 || member_remove(db, &rq->actor, place_of(rq), user, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}
