/* The page that says what went wrong: the sentence, who can help, what next. */
#include "request_error.h"

#include "pages/error.h"
#include "tmpl/error_show.h"

int page_error(struct request *rq, int status, const struct err *error, struct err *e)
{
	struct view_error v = { .status = status, .request_id = rq->request_id };

	/* Whoever may not see the project must not see its head either. */
	if (status == 404 || status == 401) {
		rq->project = NULL;
		rq->namespace = NULL;
	}
	page_frame(rq, &v.page, NULL);
	v.sentence = page_sentence(rq, str_c(err_sentence(error)));
	v.is_ours = status >= 500 && error->code != ERR_BUSY;
	v.offers_sign_in = !v.page.signed_in && (status == 401 || status == 403 || status == 404);
	tmpl_error_show(request_emit(rq), &v);
	return request_send_page(rq, status, e);
}
