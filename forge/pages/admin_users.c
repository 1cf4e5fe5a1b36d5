#include "domain/user.h"
#include "pages/admin.h"
#include "tmpl/admin_users.h"

#define ADMIN_ROWS 50

struct view_admin_person admin_person(struct request *rq, const struct user *user)
{
	return (struct view_admin_person){
		.username = user->username,
		.name = user->name,
		.email = user->email,
		.initials = page_initials(rq, user->name),
		.tile = page_tile(user->username),
		.is_admin = user->is_admin,
		.is_blocked = user->is_blocked,
		.has_password = user->has_password,
		.has_seen = user->has_last_sign_in_at,
		.created = user->created_at,
		.seen = user->last_sign_in_at,
	};
}

int page_admin_users(struct request *rq, struct err *e)
{
	struct view_admin_users v = { .search = str_trim(request_query(rq, "search")) };
	struct listing slice = page_listing(rq, ADMIN_ROWS);
	struct users users;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    user_list(db, &rq->actor, v.search, slice, rq->arena, &users, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "admin");
	v.page.section = "users";
	v.users = ARENA_ARRAY(rq->arena, struct view_admin_person, users.count + 1);
	for (size_t i = 0; i < users.count; i++)
		v.users[v.users_count++] = admin_person(rq, users.items[i]);
	v.pager = page_pager(rq, slice, users.total, false);
	tmpl_admin_users(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
