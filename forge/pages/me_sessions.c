#include "domain/session.h"
#include "pages/me.h"
#include "tmpl/me_sessions.h"

/* "Firefox, Linux" out of a User-Agent: enough to know one's own again. */
static struct str browser_name(struct request *rq, struct str agent)
{
	static const char *const browsers[] = {
		"Edg", "OPR", "Firefox", "Chrome", "Safari", "curl"
	};
	static const char *const names[] = {
		"Edge", "Opera", "Firefox", "Chrome", "Safari", "curl"
	};
	static const char *const systems[] = { "Android", "iPhone", "iPad",
					       "Windows", "Mac OS", "Linux" };
	const char *browser = NULL;
	const char *system = NULL;

	for (size_t i = 0; i < 6; i++) {
		if (!browser && str_find_str(agent, str_c(browsers[i])) < agent.n)
			browser = names[i];
		if (!system && str_find_str(agent, str_c(systems[i])) < agent.n)
			system = systems[i];
	}
	if (!browser)
		return str_upto(agent, 60);
	return system ? arena_fmt(rq->arena, "%s, %s", browser, system) : str_c(browser);
}

int page_me_sessions(struct request *rq, struct err *e)
{
	struct view_me_sessions v = { 0 };
	struct sessions sessions;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    session_list(db, rq->actor.user, rq->arena, &sessions, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "me");
	v.page.section = "sessions";
	v.sessions = ARENA_ARRAY(rq->arena, struct view_me_session, sessions.count + 1);
	for (size_t i = 0; i < sessions.count; i++) {
		const struct session *session = sessions.items[i];

		v.sessions[v.sessions_count++] = (struct view_me_session){
			.id = session->id.v,
			.browser = browser_name(rq, session->user_agent),
			.ip = session->ip,
			.created = session->created_at,
			.seen = session->last_seen_at,
			.is_this = session->id.v == rq->actor.session.v,
		};
	}
	tmpl_me_sessions(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

int page_me_session_remove(struct request *rq, struct err *e)
{
	const struct session_id id = { page_id(rq, "id") };
	struct db *db;

	if (request_db(rq, &db, e) < 0 || session_remove(db, &rq->actor, id, e) < 0)
		return -(int)e->code;
	page_notice(rq, I18N("That session is over."));
	return request_redirect(rq, url_of(rq->arena, ROUTE_me_sessions), e);
}
