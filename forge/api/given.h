/*
 * Variables that a pipeline or a manual job is started with, as GitLab takes them: in JSON
 * a list of {key, value, variable_type}, in a form NAME[][key] and NAME[][value] in pairs.
 */
#ifndef API_GIVEN_H
#define API_GIVEN_H

#include "ci/variables.h"
#include "request.h"

MUST_USE int api_given_read(const struct request *rq, const char *name, struct ci_variables *given,
			    struct err *e);

#endif
