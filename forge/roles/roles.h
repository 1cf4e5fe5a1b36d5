/*
 * The roles of `hearth serve --role X`, in the order the supervisor starts them;
 * the functions role_x are declared in app.h.
 *
 * X(NAME, name, stop rank, inherited socket or NULL, keeps root to give it up itself)
 */
#ifndef ROLES_ROLES_H
#define ROLES_ROLES_H

#define ROLES(X)                      \
	X(GIT, git, 3, NULL, false)   \
	X(WEB, web, 1, "http", false) \
	X(SSH, ssh, 1, "ssh", true)   \
	X(WORK, work, 2, NULL, false)

#endif
