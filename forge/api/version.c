/* /version and /metadata: which GitLab's dialect is spoken. Clients compare the number. */
#include "api/api.h"

#define DIALECT "17.11.0"
#define REVISION "hearth"

static void write_version(struct jsonw *w)
{
	jsonw_field_str(w, "version", STR(DIALECT));
	jsonw_field_str(w, "revision", STR(REVISION));
}

/* Only for those who are signed in, as in GitLab: strangers need not know. */
static int check_signed_in(const struct request *rq, struct err *e)
{
	if (actor_is_signed_in(&rq->actor))
		return 0;
	return err_set(e, ERR_UNAUTHENTICATED, "Sign in, or send a token, to see the version.");
}

int api_version(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	if (check_signed_in(rq, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	write_version(w);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

int api_metadata(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	if (check_signed_in(rq, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	write_version(w);
	jsonw_field_object(w, "kas");
	jsonw_field_bool(w, "enabled", false);
	jsonw_field_null(w, "externalUrl");
	jsonw_field_null(w, "externalK8sProxyUrl");
	jsonw_field_null(w, "version");
	jsonw_end(w);
	jsonw_field_bool(w, "enterprise", false);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}
