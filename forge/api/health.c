/*
 * Is it alive, is it ready, and what has it counted. Probes ask often and from
 * anywhere: health and liveness touch nothing, readiness asks PostgreSQL and
 * Redis; details and metrics only for the networks of setting metrics_allow.
 */
#include "request.h"

#include "http/network.h"
#include "http/server.h"
#include "router.h"
#include "store/live.h"
#include "store/redis.h"

#define TEXT "text/plain; charset=utf-8"

int api_health(struct request *rq, struct err *e)
{
	return request_send_bytes(rq, 200, TEXT, STR("Hearth OK\n"), e);
}

int api_liveness(struct request *rq, struct err *e)
{
	return request_send_bytes(rq, 200, "application/json", STR("{\"status\":\"ok\"}"), e);
}

static bool may_see_details(const struct request *rq)
{
	return network_list_has(&rq->app->config->metrics_allow, rq->ip);
}

static bool database_answers(struct request *rq, struct err *e)
{
	struct db *db = NULL;

	return request_db(rq, &db, e) == 0 && db_ping(db, e) == 0;
}

static bool redis_answers(struct request *rq, struct err *e)
{
	AUTO_REDIS redis = NULL;
	struct redis_value value;

	return redis_acquire(rq->app->redis, &redis, e) == 0 &&
	       REDIS_CALL(redis, rq->arena, &value, e, STR("PING")) == 0;
}

static void write_check(struct jsonw *w, const char *name, bool is_good, const struct err *e,
			bool with_text)
{
	jsonw_field_array(w, name);
	jsonw_object(w);
	jsonw_field_str(w, "status", is_good ? STR("ok") : STR("failed"));
	if (!is_good && with_text)
		jsonw_field_str(w, "message", str_c(e->text));
	jsonw_end(w);
	jsonw_end(w);
}

/* Redis down is a warning, not unreadiness: everything works without it. */
int api_readiness(struct request *rq, struct err *e)
{
	struct err database = { 0 }, redis = { 0 };
	bool has_database = database_answers(rq, &database);
	bool details = may_see_details(rq);
	struct jsonw *w = request_jsonw(rq);

	jsonw_object(w);
	jsonw_field_str(w, "status", has_database ? STR("ok") : STR("failed"));
	write_check(w, "database_check", has_database, &database, details);
	if (rq->app->redis && details)
		write_check(w, "redis_check", redis_answers(rq, &redis), &redis, true);
	jsonw_end(w);
	return request_send_json(rq, has_database ? 200 : 503, e);
}

static void write_live(struct request *rq, struct buf *out)
{
	struct live_counts live = { 0 };

	if (rq->app->live)
		live_count(rq->app->live, &live);
	metrics_write_value(out, "hearth_live_waiting", "Requests that wait for a change.",
			    (int64_t)live.watches);
	metrics_write_value(out, "hearth_live_published_total", "Changes told by this process.",
			    (int64_t)live.published);
	metrics_write_value(out, "hearth_live_heard_total", "Changes heard over Redis.",
			    (int64_t)live.heard);
	metrics_write_value(out, "hearth_live_listening",
			    "1 while the subscription on Redis stands.", live.is_listening);
}

static void write_pools(struct request *rq, struct buf *out)
{
	struct db_pool_counts db = { 0 };
	struct http_counts http = { 0 };

	if (rq->app->db)
		db_pool_count(rq->app->db, &db);
	metrics_write_value(out, "hearth_db_connections_open", "Connections to PostgreSQL.",
			    (int64_t)db.open);
	metrics_write_value(out, "hearth_db_connections_lent", "Of them in use.", (int64_t)db.lent);
	metrics_write_value(out, "hearth_db_reconnects_total", "Connections opened again.",
			    (int64_t)db.reconnects);
	metrics_write_value(out, "hearth_db_waits_total", "Times none was free at once.",
			    (int64_t)db.waits);
	write_live(rq, out);
	if (!rq->router->server)
		return;
	http_server_count(rq->router->server, &http);
	metrics_write_value(out, "hearth_http_connections_total", "Connections accepted.",
			    (int64_t)http.connections);
	metrics_write_value(out, "hearth_http_connections_open", "Connections open now.",
			    (int64_t)http.open);
	metrics_write_value(out, "hearth_http_refused_total", "Connections over a limit.",
			    (int64_t)http.refused);
	metrics_write_value(out, "hearth_http_swept_total", "Connections ended for slowness.",
			    (int64_t)http.swept);
	metrics_write_value(out, "hearth_http_malformed_total", "Heads that were refused.",
			    (int64_t)http.malformed);
}

int api_metrics(struct request *rq, struct err *e)
{
	struct buf out;
	struct str text;

	if (!may_see_details(rq))
		return err_set(e, ERR_FORBIDDEN,
			       "Metrics are shown only to the addresses in setting metrics_allow. "
			       "An administrator can add yours.");
	buf_init(&out, 1u << 20);
	metrics_write(rq->router->metrics, &out);
	write_pools(rq, &out);
	text = arena_str(rq->arena, buf_str(&out));
	buf_fini(&out);
	return request_send_bytes(rq, 200, "text/plain; version=0.0.4; charset=utf-8", text, e);
}
