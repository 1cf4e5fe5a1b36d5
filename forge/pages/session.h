/* Signing in and out, and the one-time link that sets a password. */
#ifndef PAGES_SESSION_H
#define PAGES_SESSION_H

#include "pages/page.h"

struct view_sign_in {
	struct view_page page;
	struct view_problem problem;
	struct str login;
	struct str return_to;
};

struct view_password_link {
	struct view_page page;
	struct view_problem problem;
	struct str name, username, action;
	int minimum;
};

route_handler page_sign_in;
route_handler page_sign_in_post;
route_handler page_sign_out;
route_handler page_password_link;
route_handler page_password_link_post;
route_handler page_preferences;

/* Shared by all forms that set a password: the two fields must agree. */
MUST_USE bool session_passwords_agree(const struct request *rq, struct view_problem *problem);

#endif
