/*
 * Credentials and CSRF.
 *
 * The CSRF token is a MAC of the session's token (of a random cookie for those
 * who have no session), so it needs no row and dies with the session. It is
 * masked anew in each page, so that compressed pages do not leak it byte by byte.
 */
#include "request_auth.h"

#include "base/base64.h"
#include "base/random.h"
#include "domain/token.h"
#include "domain/user.h"
#include "http/cookie.h"
#include "router.h"
#include "secret/secret.h"

#define CSRF_BYTES 16
#define COOKIE_TOKEN_MAX 200

static struct str cookie(const struct request *rq, struct str name)
{
	struct str value = http_cookie_get(http_header(&rq->http->head, "Cookie"), name);

	return value.n <= COOKIE_TOKEN_MAX ? value : STR_NONE;
}

static void set_actor(struct request *rq, const struct actor *actor)
{
	rq->actor = *actor;
	rq->actor.ip = rq->ip;
	rq->actor.request_id = rq->request_id;
}

static int refuse(struct request *rq, struct err *e, const char *sentence)
{
	metrics_add(rq->router->metrics, METRIC_SIGN_IN_FAILED, 1);
	return err_set(e, ERR_UNAUTHENTICATED, "%s", sentence);
}

/* ---- tokens ---- */

static int by_token(struct request *rq, struct str text, struct err *e)
{
	struct actor actor;
	struct db *db = NULL;
	bool found = false;

	if (request_db(rq, &db, e) < 0 ||
	    token_find(db, text, rq->ip, rq->arena, &actor, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return refuse(rq, e,
			      "The token is not valid: unknown, expired or revoked. "
			      "Make a new one under Profile, Access tokens.");
	set_actor(rq, &actor);
	return 0;
}

static struct str bearer(const struct http_head *head)
{
	struct str value = http_header(head, "Authorization");

	if (!str_starts_nocase(value, STR("Bearer ")))
		return STR_NONE;
	return str_trim(str_from(value, 7));
}

/* A row without a target, as the runner's own, reads the header itself: it has answers of its own.
 */
static struct str job_token(const struct request *rq)
{
	if (route_door(rq->route) != DOOR_API ||
	    access_row(rq->route->action)->target == TARGET_NOTHING)
		return STR_NONE;
	return http_header(&rq->http->head, "JOB-TOKEN");
}

static struct str api_token(const struct request *rq)
{
	struct str token = http_header(&rq->http->head, "PRIVATE-TOKEN");

	if (str_is_empty(token))
		token = job_token(rq);
	if (str_is_empty(token))
		token = bearer(&rq->http->head);
	if (str_is_empty(token) && route_door(rq->route) == DOOR_API)
		token = request_query(rq, "private_token");
	return token;
}

/* ---- the cookie ---- */

static int by_session(struct request *rq, struct err *e)
{
	struct str token = cookie(rq, rq->site->session_cookie);
	struct actor actor;
	struct db *db = NULL;
	bool found = false;

	if (str_is_empty(token))
		return 0;
	if (request_db(rq, &db, e) < 0 ||
	    session_find(db, token, rq->arena, &actor, &rq->session, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	rq->has_session = true;
	set_actor(rq, &actor);
	return 0;
}

/* ---- Basic ---- */

static bool basic_credentials(struct request *rq, struct str *name, struct str *password)
{
	struct str value = http_header(&rq->http->head, "Authorization");
	struct str plain;
	size_t colon;

	if (!str_starts_nocase(value, STR("Basic ")))
		return false;
	value = str_trim(str_from(value, 6));
	if (value.n > 4096 || !base64_decode(rq->arena, value, &plain))
		return false;
	colon = str_find(plain, ':');
	if (colon == plain.n)
		return false;
	*name = str_upto(plain, colon);
	*password = str_from(plain, colon + 1);
	return true;
}

/* A person's own name and password; what follows a wrong one says how tokens are made. */
static int by_password(struct request *rq, struct str name, struct str password, struct err *e)
{
	struct user_door door = { NULL, rq->app->redis, rq->app->secret };
	struct user_credentials credentials = { name, password, rq->ip };
	struct user user;
	struct actor actor;

	if (request_db(rq, &door.db, e) < 0)
		return -(int)e->code;
	if (user_check_password(&door, &credentials, rq->arena, &user, e) < 0) {
		if (e->code != ERR_UNAUTHENTICATED)
			return -(int)e->code;
		return refuse(rq, e,
			      "The user name or password is wrong. Instead of a password, a "
			      "personal access token works too: make one under Profile, Access "
			      "tokens, with scope read_repository or write_repository.");
	}
	actor = user_actor(&user, ACTOR_PASSWORD);
	set_actor(rq, &actor);
	return 0;
}

/* oauth2:TOKEN, gitlab-ci-token:TOKEN, NAME:TOKEN, TOKEN: (empty password) and NAME:PASSWORD. */
static int by_basic(struct request *rq, struct err *e)
{
	struct str name, password;

	if (str_is_empty(http_header(&rq->http->head, "Authorization")))
		return 0;
	if (!str_is_empty(bearer(&rq->http->head)))
		return by_token(rq, bearer(&rq->http->head), e);
	if (!basic_credentials(rq, &name, &password))
		return refuse(rq, e, "The Authorization header could not be read.");
	if (str_is_empty(password) && secret_token_is_wellformed(name))
		password = name;
	if (secret_token_is_wellformed(password))
		return by_token(rq, password, e);
	return by_password(rq, name, password, e);
}

int request_identify(struct request *rq, struct err *e)
{
	struct actor nobody = actor_anonymous();
	enum door door = route_door(rq->route);
	struct str token;

	set_actor(rq, &nobody);
	/* A runner's token is the handler's to judge: what it means depends on the call. */
	if (door == DOOR_TEXT || rq->route->body == BODY_RUNNER || rq->route->body == BODY_STREAM)
		return 0;
	if (door == DOOR_GIT)
		return by_basic(rq, e);
	token = api_token(rq);
	if (!str_is_empty(token))
		return by_token(rq, token, e);
	if (door == DOOR_API && request_is_foreign(rq))
		return 0;
	return by_session(rq, e);
}

/* ---- CSRF ---- */

/* An Origin is ours if it is external_url's, or names the host that was asked. */
static bool origin_is_ours(const struct request *rq, struct str origin)
{
	struct str host = origin;

	if (str_eq_nocase(origin, rq->site->origin))
		return true;
	if (!str_cut_prefix(&host, STR("https://")) && !str_cut_prefix(&host, STR("http://")))
		return false;
	return str_eq_nocase(host, rq->http->head.host) && site_knows_host(rq->site, host);
}

bool request_is_foreign(const struct request *rq)
{
	struct str site = http_header(&rq->http->head, "Sec-Fetch-Site");
	struct str origin = http_header(&rq->http->head, "Origin");

	if (!str_is_none(site))
		return !str_eq_c(site, "same-origin") && !str_eq_c(site, "none");
	return !str_is_none(origin) && !origin_is_ours(rq, origin);
}

static bool csrf_mac(const struct request *rq, unsigned char mac[static CSRF_BYTES])
{
	struct str seed = rq->has_session ? cookie(rq, rq->site->session_cookie)
					  : cookie(rq, rq->site->csrf_cookie);
	unsigned char whole[SECRET_MAC_SIZE];

	if (str_is_empty(seed))
		return false;
	secret_mac(rq->app->secret, rq->has_session ? "csrf-session" : "csrf-anonymous", seed,
		   whole);
	memcpy(mac, whole, CSRF_BYTES);
	return true;
}

int request_check_csrf(const struct request *rq, struct err *e)
{
	unsigned char sent[2 * CSRF_BYTES], mac[CSRF_BYTES];
	struct str token = http_header(&rq->http->head, "X-CSRF-Token");
	bool fits;

	if (rq->actor.kind != ACTOR_SESSION && rq->actor.kind != ACTOR_ANONYMOUS)
		return 0;
	if (rq->actor.kind == ACTOR_ANONYMOUS && route_door(rq->route) != DOOR_PAGE)
		return 0;
	if (request_is_foreign(rq))
		return err_set(e, ERR_FORBIDDEN,
			       "This form was sent from another site, so it was refused. Open the "
			       "page here and send it again.");
	if (str_is_none(token) && route_door(rq->route) == DOOR_PAGE)
		token = request_form(rq, "csrf");
	fits = str_to_bytes(token, sent, sizeof(sent)) && csrf_mac(rq, mac);
	for (size_t i = 0; fits && i < CSRF_BYTES; i++)
		mac[i] ^= sent[CSRF_BYTES + i];
	if (!fits || !secret_equal(str_n((const char *)mac, CSRF_BYTES),
				   str_n((const char *)sent, CSRF_BYTES)))
		return err_set(e, ERR_FORBIDDEN,
			       "The form is out of date: you signed in or out since it was opened. "
			       "Go back, reload the page and send it again.");
	return 0;
}

static void make_anonymous_cookie(struct request *rq, unsigned char mac[static CSRF_BYTES])
{
	struct http_cookie c = {
		.name = rq->site->csrf_cookie,
		.value = random_token(rq->arena, 26),
		.is_secure = rq->site->is_https,
	};
	unsigned char whole[SECRET_MAC_SIZE];

	http_set_header(&rq->http->response, "Set-Cookie", http_cookie_format(rq->arena, &c));
	secret_mac(rq->app->secret, "csrf-anonymous", c.value, whole);
	memcpy(mac, whole, CSRF_BYTES);
}

void request_make_csrf(struct request *rq)
{
	unsigned char mac[CSRF_BYTES], sent[2 * CSRF_BYTES];
	struct buf hex;

	if (!str_is_none(rq->csrf) || !rq->app->secret)
		return;
	if (!csrf_mac(rq, mac))
		make_anonymous_cookie(rq, mac);
	random_bytes(sent + CSRF_BYTES, CSRF_BYTES);
	for (size_t i = 0; i < CSRF_BYTES; i++)
		sent[i] = mac[i] ^ sent[CSRF_BYTES + i];
	buf_init(&hex, 4 * CSRF_BYTES + 1);
	buf_add_hex(&hex, sent, sizeof(sent));
	rq->csrf = arena_str(rq->arena, buf_str(&hex));
	buf_fini(&hex);
}
