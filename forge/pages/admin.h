/* The administrators' pages. */
#ifndef PAGES_ADMIN_H
#define PAGES_ADMIN_H

#include "pages/page.h"

struct user;

struct view_admin_home {
	struct view_page page;
	int64_t users, projects, groups;
	struct str version, address, ssh, database, data, disk_free;
	bool has_redis, disk_is_low;
};

struct view_admin_person {
	struct str username, name, email, initials, tile;
	bool is_admin, is_blocked, has_password, has_seen;
	struct instant created, seen;
};

struct view_admin_users {
	struct view_page page;
	struct str search;
	struct view_admin_person *users;
	size_t users_count;
	struct view_pager pager;
};

struct view_admin_user_new {
	struct view_page page;
	struct view_problem problem;
	struct str username, name, email;
	bool is_admin;
};

struct view_admin_user {
	struct view_page page;
	struct view_problem problem;
	struct str link; /* that sets a password; shown this once */
	struct view_admin_person user;
};

route_handler page_admin_home;
route_handler page_admin_users;
route_handler page_admin_user_new;
route_handler page_admin_user_create;
route_handler page_admin_user;
route_handler page_admin_user_link;
route_handler page_admin_user_admin;
route_handler page_admin_user_block;

struct view_admin_person admin_person(struct request *rq, const struct user *user);
/* The page of one user; link and problem may be none. */
MUST_USE int admin_user_page(struct request *rq, const struct user *user, struct str link,
			     const struct view_problem *problem, struct err *e);

#endif
