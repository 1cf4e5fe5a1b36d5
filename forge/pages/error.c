#include "request_error.h"

int page_error(struct request *rq, int status, const struct err *error, struct err *e)
{
	return request_send_bytes(rq, status, "text/plain; charset=utf-8",
				  arena_fmt(rq->arena, "%d: %s\nRequest: %.*s\n", status,
					    err_sentence(error), STR_FMT(rq->request_id)),
				  e);
}
