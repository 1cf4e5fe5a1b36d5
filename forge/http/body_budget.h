/*
 * Memory for the bodies of all requests at once, so that many large ones (16 MB
 * for a fetch, times the connections) cannot take the machine's. What is within
 * BODY_BUDGET_FREE is not counted: forms come through while others are large.
 * Threads: any.
 */
#ifndef HTTP_BODY_BUDGET_H
#define HTTP_BODY_BUDGET_H

#include "base/err.h"

#include <stdatomic.h>

#define BODY_BUDGET_FREE (128u << 10)

struct body_budget {
	uint64_t limit;
	_Atomic uint64_t held;
};

/* mine: what this request holds; it has `bytes` of a body now. ERR_BUSY. */
MUST_USE int body_budget_take(struct body_budget *budget, uint64_t *mine, uint64_t bytes,
			      struct err *e);
void body_budget_return(struct body_budget *budget, uint64_t *mine);

#endif
