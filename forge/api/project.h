/* What other resources need of projects. */
#ifndef API_PROJECT_H
#define API_PROJECT_H

#include "domain/landing.h"
#include "request.h"

MUST_USE int api_send_project(struct request *rq, int status, const struct project *p,
			      struct err *e);
/* The page of projects that fit, with paging headers. */
MUST_USE int api_send_projects(struct request *rq, const struct project_filter *filter,
			       struct err *e);
/* ?membership, owned, search, archived, visibility. */
MUST_USE int api_project_filter(const struct request *rq, struct project_filter *filter,
				struct err *e);

/* An id or a path, as some clients send either; ERR_NOT_FOUND if the actor sees none. */
MUST_USE int api_namespace_of_text(struct request *rq, struct db *db, struct str text,
				   struct namespace_id *id, struct err *e);

/* For changes of refs by the API. Gives the connection back: a landing takes its own. */
struct landing_request api_landing(struct request *rq);
/* Points HEAD at the project's default branch. */
MUST_USE int api_set_head(struct request *rq, struct err *e);

#endif
