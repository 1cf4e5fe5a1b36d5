/* Language and colours: kept in cookies of this browser, so that they hold before signing in. */
#include "http/cookie.h"
#include "pages/session.h"

#define THEME_SECONDS (365 * 86400)

int page_preferences(struct request *rq, struct err *e)
{
	struct str theme = request_form(rq, "theme");
	struct str language = request_form(rq, "language");
	bool is_chosen = str_eq_c(theme, "light") || str_eq_c(theme, "dark");
	const struct http_cookie cookie = {
		.name = STR("theme"),
		.value = is_chosen ? theme : STR(""),
		.is_secure = rq->site->is_https,
		.max_age = is_chosen ? THEME_SECONDS : -1,
	};

	if (is_chosen || str_eq_c(theme, "auto"))
		http_set_header(&rq->http->response, "Set-Cookie",
				http_cookie_format(rq->arena, &cookie));
	if (!str_is_empty(language))
		request_set_language(rq, language);
	return request_redirect(rq, request_safe_return(rq, request_form(rq, "return_to")), e);
}
