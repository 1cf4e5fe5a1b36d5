#include "api/runner_call.h"

#include "api/api.h"
#include "api/runner_message.h"
#include "domain/queue.h"

/* Seconds; a stock runner would otherwise report every 30 only. */
#define TRACE_INTERVAL "3"

static struct str token_of(const struct request *rq)
{
	struct str token = request_form(rq, "token");

	if (str_is_empty(token))
		token = http_header(&rq->http->head, "RUNNER-TOKEN");
	if (str_is_empty(token))
		token = request_query(rq, "token");
	return token;
}

int runner_call_identify(struct request *rq, struct runner_call *call, struct err *e)
{
	struct runner_manager manager = runner_message_manager(rq->json);
	struct db *db = NULL;
	bool found;

	manager.ip = rq->ip;
	*call = (struct runner_call){ .token = token_of(rq) };
	if (str_is_empty(call->token))
		return err_set(e, ERR_INVALID, "token is missing");
	if (request_db(rq, &db, e) < 0 ||
	    runner_find(db, call->token, rq->arena, &call->runner, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_FORBIDDEN,
			       "no runner has this token. It was removed, or the token was "
			       "mistyped; take a new one from the runners page.");
	return runner_note_contact(db, call->runner.id, &manager, rq->arena, &call->manager, e);
}

struct str runner_call_job_token(const struct request *rq)
{
	struct str token = http_header(&rq->http->head, "JOB-TOKEN");

	return str_is_empty(token) ? request_form(rq, "token") : token;
}

void runner_call_say_status(struct request *rq, enum ci_status status)
{
	struct http_response *r = &rq->http->response;

	http_set_header(r, "Job-Status", str_c(ci_status_name(status)));
	http_set_header(r, "X-GitLab-Trace-Update-Interval", STR(TRACE_INTERVAL));
}

/* GitLab says 403, not 404, of unknown jobs too. */
int runner_call_refuse(struct request *rq, bool was_held, enum ci_status status, struct err *e)
{
	if (was_held)
		http_set_header(&rq->http->response, "Job-Status", str_c(ci_status_name(status)));
	return api_send_message(rq, 403, STR("403 Forbidden"), e);
}

int runner_call_send(struct request *rq, int status, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	jsonw_str(w, arena_fmt(rq->arena, "%d", status));
	return request_send_json(rq, status, e);
}

void runner_call_announce(struct request *rq, struct job_id job, const struct job_held *held,
			  size_t pending)
{
	struct queue_news news = { held->project, held->pipeline, job, pending };
	struct err ignored = { 0 };
	struct db *db = NULL;

	if (request_db(rq, &db, &ignored) == 0)
		queue_announce(db, rq->app->live, &news, rq->arena);
}
