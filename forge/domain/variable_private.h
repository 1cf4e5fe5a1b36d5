/* What the files about variables share; for the files of domain/ only. */
#ifndef DOMAIN_VARIABLE_PRIVATE_H
#define DOMAIN_VARIABLE_PRIVATE_H

#include "domain/variable.h"

/* Associated data of the seal of a stored one; both 0: of the instance. */
struct str variable_seal_context(struct arena *a, int64_t namespace, int64_t project,
				 struct str key);

MUST_USE int variable_check_key(struct str key, struct err *e);
MUST_USE int variable_check_value(struct str value, struct err *e);

#endif
