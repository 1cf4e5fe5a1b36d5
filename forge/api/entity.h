/*
 * The entities of REST v4, one writer each: an object with GitLab's field names.
 * Fields of features that this server does not have are written as GitLab
 * writes them when they are switched off. Kinds matter: strict clients fail a
 * whole call over a number that should be a string.
 *
 * Threads: the request's.
 */
#ifndef API_ENTITY_H
#define API_ENTITY_H

#include "domain/key.h"
#include "domain/member.h"
#include "domain/protected_ref.h"
#include "domain/token.h"
#include "domain/user.h"
#include "request.h"

enum entity_view {
	ENTITY_BASIC, /* in other entities and lists */
	ENTITY_FULL,
	ENTITY_SELF, /* of oneself, or for an administrator */
};

void entity_user(struct jsonw *w, const struct request *rq, const struct user *user,
		 enum entity_view view);
/* As other entities name people; id 0: null. */
void entity_user_brief(struct jsonw *w, const struct request *rq, const struct user_brief *user);
void entity_namespace(struct jsonw *w, const struct request *rq, const struct namespace *namespace);
void entity_group(struct jsonw *w, const struct request *rq, const struct namespace *group);
void entity_member(struct jsonw *w, const struct request *rq, const struct member *member);
void entity_key(struct jsonw *w, const struct key *key);
/* text: the token itself, only right after it was made; else none. */
void entity_token(struct jsonw *w, const struct token *token, struct str text);
void entity_protected_branch(struct jsonw *w, const struct protected_ref *ref);
void entity_protected_tag(struct jsonw *w, const struct protected_ref *ref);

/* namespace: the project's. target: the actor's place in it, or NULL when not known. */
struct fork_facts;
struct merge_setting;
struct entity_project {
	const struct project *project;
	const struct namespace *namespace;
	const struct access_target *target;
	const struct merge_setting *merging; /* NULL: not written */
	const struct fork_facts *forking;    /* NULL: not known */
	const struct project *forked_from;   /* NULL: no fork, or the actor may not know */
};
void entity_project(struct jsonw *w, const struct request *rq, const struct entity_project *in,
		    enum entity_view view);

#endif
