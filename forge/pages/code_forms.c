/*
 * Addresses as other forges write them, so that old links in messages and
 * documents lead on: GitHub's /tree/, /blob/, ... and Gitea's /src/branch/.
 */
#include "pages/code.h"

static int form_leads_to(struct request *rq, enum route_id route, struct err *e)
{
	return request_redirect(
		rq, url_for(rq->arena, route, rq->project->path, request_param(rq, "ref_path")), e);
}

int page_form_tree(struct request *rq, struct err *e)
{
	return form_leads_to(rq, ROUTE_tree, e);
}

int page_form_blob(struct request *rq, struct err *e)
{
	return form_leads_to(rq, ROUTE_blob, e);
}

int page_form_raw(struct request *rq, struct err *e)
{
	return form_leads_to(rq, ROUTE_raw, e);
}

int page_form_commits(struct request *rq, struct err *e)
{
	return form_leads_to(rq, ROUTE_commits, e);
}

int page_form_commit(struct request *rq, struct err *e)
{
	return request_redirect(
		rq, url_for(rq->arena, ROUTE_commit, rq->project->path, request_param(rq, "sha")),
		e);
}
