/* The settings of merge requests, as fields of a project. */
#ifndef API_MERGE_SETTING_H
#define API_MERGE_SETTING_H

#include "domain/merge_setting.h"
#include "request.h"

void api_merge_setting_fields(struct jsonw *w, const struct merge_setting *setting);
/* Changes what the form names; nothing named changes nothing. ERR_INVALID. */
MUST_USE int api_merge_setting_update(struct request *rq, struct err *e);

#endif
