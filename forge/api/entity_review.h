/* Tasks, notes and discussions as JSON. See entity.h. */
#ifndef API_ENTITY_REVIEW_H
#define API_ENTITY_REVIEW_H

#include "domain/review.h"
#include "request.h"

void entity_task(struct jsonw *w, const struct request *rq, const struct task *task);
void entity_note(struct jsonw *w, const struct request *rq, const struct review_subject *subject,
		 const struct discussion *discussion, const struct note *note);
void entity_discussion(struct jsonw *w, const struct request *rq,
		       const struct review_subject *subject, const struct discussion *discussion);

#endif
