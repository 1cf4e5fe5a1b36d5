/* What runner.c and runner_view.c share. */
#ifndef DOMAIN_RUNNER_PRIVATE_H
#define DOMAIN_RUNNER_PRIVATE_H

#include "domain/runner.h"

/* Of text that a CHECK of the schema vouches for. */
enum runner_kind runner_kind_of(struct str text);

/* ERR_UNPROCESSABLE says what of it cannot be. */
MUST_USE int runner_check_new(const struct runner_new *in, struct err *e);

#endif
