/* What the files of merge requests share. */
#ifndef API_MERGE_REQUEST_H
#define API_MERGE_REQUEST_H

#include "api/api.h"
#include "api/entity_merge_request.h"

/* {merge}; ERR_NOT_FOUND "404 Merge Request Not Found". */
MUST_USE int api_merge_request_iid(const struct request *rq, int64_t *iid, struct err *e);
MUST_USE int api_merge_request_find(struct request *rq, struct merge_request *mr, struct err *e);
/* With both sides checked. Gives the connection back. */
MUST_USE int api_merge_request_check(struct request *rq, struct merge_request *mr, struct err *e);
/*
 * From here on the request's project is where the pipelines of the head are, a fork perhaps.
 * *may: the actor sees them; if not, nothing has changed.
 */
MUST_USE int api_merge_request_enter_pipelines(struct request *rq, const struct merge_request *mr,
					       bool *may, struct err *e);
/* As it is now, in full. */
MUST_USE int api_send_merge_request(struct request *rq, int status, int64_t iid, struct err *e);

#endif
