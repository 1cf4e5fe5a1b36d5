/*
 * Which objects a fetch may ask for. git checks nothing in protocol v2, so it
 * would hand out objects of hidden, deleted or never accepted refs to whoever
 * knows their names. Allowed: what a visible ref points to, its ancestors, and
 * (partial clones) files and folders of those; and the one commit that the
 * request names (a job's, whose branch may have been rewritten since).
 */
#ifndef ROLES_GIT_WANTS_H
#define ROLES_GIT_WANTS_H

#include "roles/git_child.h"

#define GIT_WANTS_MAX 200000

struct git_wants {
	struct arena *arena;
	char (*oids)[GIT_OID_TEXT];
	size_t count;
	size_t room;
};

void git_wants_init(struct git_wants *w, struct arena *a);
/* ERR_INVALID if hex is no object name, ERR_TOO_LARGE beyond GIT_WANTS_MAX. */
MUST_USE int git_wants_add(struct git_wants *w, struct str hex, struct err *e);

/* *refused: "" if all are allowed, else the first that is not. */
MUST_USE int git_wants_check(struct git_child *c, const struct git_wants *w,
			     char refused[static GIT_OID_TEXT], struct err *e);

#endif
