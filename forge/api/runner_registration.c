/*
 * A runner and its registration: is the token good, forget this host, forget
 * all of it. How a runner is made is in runner_create.c.
 * Source: gitlab-compat 1.3.
 */
#include "api/api.h"
#include "api/runner_call.h"
#include "api/runner_message.h"

#include "domain/queue.h"
#include "domain/runner_view.h"

/* ---- the queue, for runners that can wait on it ---- */

/* The private Redis has a socket too, for runners on this very host. */
static void write_addresses(const struct request *rq, struct jsonw *w)
{
	const struct app *app = rq->app;
	bool is_here = str_eq_c(rq->ip, "127.0.0.1") || str_eq_c(rq->ip, "::1");

	jsonw_field_array(w, "addresses");
	if (is_here && !*app->config->redis_url)
		jsonw_str(w, arena_fmt(rq->arena, "unix:%s/redis.sock", app->run));
	if (*app->config->runner_redis)
		jsonw_str(w, config_runner_redis(app->config, rq->arena));
	jsonw_end(w);
}

/* Without it, or when Redis is away, the runner long-polls. */
static void write_queue(struct request *rq, const struct runner *runner, struct jsonw *w)
{
	struct queue_key key = queue_key_of(rq->app->secret, runner, rq->arena);
	struct err e = { 0 };

	if (queue_admit(rq->app->redis, &key, rq->arena, &e) < 0) {
		LOG(&rq->app->log, LOG_WARN, "runner queue", F_STR("request_id", rq->request_id),
		    F_ERR(&e));
		return;
	}
	jsonw_field_object(w, "queue");
	write_addresses(rq, w);
	jsonw_field_str(w, "user", key.user);
	jsonw_field_str(w, "password", key.password);
	jsonw_field_str(w, "stream", key.stream);
	jsonw_field_str(w, "group", STR(QUEUE_GROUP));
	jsonw_end(w);
}

int api_runner_verify(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct runner_call call;

	if (runner_call_identify(rq, &call, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	jsonw_object(w);
	jsonw_field_int(w, "id", call.runner.id.v);
	jsonw_field_str(w, "token", call.token);
	jsonw_field_null(w, "token_expires_at");
	if (runner_message_knows_queue(rq->json) && rq->app->redis)
		write_queue(rq, &call.runner, w);
	jsonw_end(w);
	rq->has_secret = true;
	return request_send_json(rq, 200, e);
}

static struct actor runner_actor(const struct request *rq)
{
	struct actor actor = actor_system();

	actor.ip = rq->ip;
	actor.request_id = rq->request_id;
	return actor;
}

/* ---- a new token ---- */

static int send_new_token(struct request *rq, struct db *db, const struct actor *actor,
			  struct runner_id id, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct str token;

	if (runner_reset_token(db, actor, id, rq->arena, &token, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	jsonw_field_int(w, "id", id.v);
	jsonw_field_str(w, "token", token);
	jsonw_field_null(w, "token_expires_at");
	jsonw_end(w);
	rq->has_secret = true;
	return request_send_json(rq, 201, e);
}

/* By the runner itself, while it still knows the old one. */
int api_runner_reset_own_token(struct request *rq, struct err *e)
{
	struct actor actor = runner_actor(rq);
	struct runner_call call;
	struct db *db = NULL;

	if (runner_call_identify(rq, &call, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return send_new_token(rq, db, &actor, call.runner.id, e);
}

/* By whoever may change the runner: the old one was lost, or seen by others. */
int api_runner_reset_token(struct request *rq, struct err *e)
{
	struct runner_query query = { 0 };
	struct runner_view view;
	struct db *db = NULL;

	if (api_path_id(rq, "runner", "404 Not found", &query.id.v, e) < 0 ||
	    request_db(rq, &db, e) < 0 || runner_get(db, &query, rq->arena, &view, e) < 0 ||
	    runner_check_access(db, &rq->actor, &view.runner, true, rq->arena, e) < 0)
		return -(int)e->code;
	return send_new_token(rq, db, &rq->actor, query.id, e);
}

/* ---- leaving ---- */

/* The runner itself asks to be forgotten, with all its hosts. */
int api_runner_leave(struct request *rq, struct err *e)
{
	struct actor actor = runner_actor(rq);
	struct runner_call call;
	struct db *db = NULL;

	if (runner_call_identify(rq, &call, e) < 0 || request_db(rq, &db, e) < 0 ||
	    runner_remove(db, &actor, call.runner.id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

/* One host goes; the registration stays for the others. */
int api_runner_manager_leave(struct request *rq, struct err *e)
{
	struct str system_id = request_form(rq, "system_id");
	struct runner_call call;
	struct db *db = NULL;

	if (str_is_empty(system_id))
		return err_set(e, ERR_INVALID, "system_id is missing");
	if (runner_call_identify(rq, &call, e) < 0 || request_db(rq, &db, e) < 0 ||
	    runner_remove_manager(db, call.runner.id, system_id, e) < 0)
		return -(int)e->code;
	return request_send_nothing(rq, e);
}

/* Hearth has no registration tokens: they let anybody who saw one add runners for ever. */
int api_runner_register_legacy(struct request *rq UNUSED, struct err *e)
{
	return err_set(e, ERR_GONE,
		       "410 Gone - Registration tokens do not exist here. Make the runner on the "
		       "runners page (or by POST /user/runners) and register with its own token: "
		       "register --token glrt-...");
}
