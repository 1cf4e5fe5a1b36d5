/* Changes of refs by the API go the way of every change: domain/landing. */
#include "api/project.h"

struct landing_request api_landing(struct request *rq)
{
	request_db_return(rq);
	return (struct landing_request){
		.db = rq->app->db,
		.run = rq->app->run,
		.instance = rq->app->instance,
		.actor = &rq->actor,
		.project = rq->project->id,
		.project_path = rq->project->path,
		.source = PUSH_SOURCE_API,
	};
}

int api_set_head(struct request *rq, struct err *e)
{
	struct landing_request landing = api_landing(rq);

	if (request_ensure_repository(rq, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	return landing_set_head(&landing, rq->project->default_branch, e);
}
