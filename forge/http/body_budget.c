#include "http/body_budget.h"

int body_budget_take(struct body_budget *budget, uint64_t *mine, uint64_t bytes, struct err *e)
{
	uint64_t more;

	if (bytes <= BODY_BUDGET_FREE + *mine)
		return 0;
	more = bytes - BODY_BUDGET_FREE - *mine;
	if (atomic_fetch_add(&budget->held, more) + more > budget->limit) {
		atomic_fetch_sub(&budget->held, more);
		return err_set(e, ERR_BUSY,
			       "The server is receiving too many large requests; try again in a "
			       "moment.");
	}
	*mine += more;
	return 0;
}

void body_budget_return(struct body_budget *budget, uint64_t *mine)
{
	atomic_fetch_sub(&budget->held, *mine);
	*mine = 0;
}
