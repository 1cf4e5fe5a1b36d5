/* The same job once more: by its rule, or because a person wants it. */
#include "domain/job_private.h"

int job_add_retry(struct db *db, struct job_id id, const struct job_again *how, struct arena *a,
		  struct job_id *again, bool *found, struct err *e)
{
	struct q_job_retry_row row = { 0 };

	if (q_job_retry(db,
			&(struct q_job_retry_in){ .id = id.v,
						  .has_user_id = how->user.v != 0,
						  .user_id = how->user.v,
						  .attempt = how->attempt,
						  .is_deliberate = how->is_deliberate },
			a, &row, found, e) < 0)
		return -(int)e->code;
	again->v = row.id;
	return 0;
}

static bool has_code(const struct i64_list *codes, int64_t code)
{
	for (size_t i = 0; i < codes->count; i++)
		if (codes->items[i] == code)
			return true;
	return false;
}

/* `when` and `exit_codes` are alternatives; neither given means always. */
static bool rule_holds(const struct q_job_retry_rule_row *rule)
{
	if (rule->attempt >= rule->retry_max)
		return false;
	/* A deployment is never repeated behind people's backs when its runner was lost. */
	if (!str_is_none(rule->environment) &&
	    str_eq(rule->failure_reason, STR("stuck_or_timeout_failure")))
		return false;
	if (rule->retry_when.count == 0 && rule->retry_codes.count == 0)
		return true;
	for (size_t i = 0; i < rule->retry_when.count; i++)
		if (str_eq(rule->retry_when.items[i], STR("always")) ||
		    str_eq(rule->retry_when.items[i], rule->failure_reason))
			return true;
	return rule->has_exit_code && has_code(&rule->retry_codes, rule->exit_code);
}

int job_retry_by_rule(struct db *db, struct job_id id, struct arena *a, struct err *e)
{
	struct q_job_retry_rule_row rule = { 0 };
	struct job_id again;
	bool found;

	if (q_job_retry_rule(db, &(struct q_job_retry_rule_in){ id.v }, a, &rule, &found, e) < 0)
		return -(int)e->code;
	if (!found || !rule_holds(&rule))
		return 0;
	return job_add_retry(db, id, &(struct job_again){ .attempt = rule.attempt + 1 }, a, &again,
			     &found, e);
}

int job_reconsider_skipped(struct db *db, struct job_id id, struct arena *a UNUSED, struct err *e)
{
	return q_job_reconsider(db, &(struct q_job_reconsider_in){ id.v }, NULL, e);
}
