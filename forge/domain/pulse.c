#include "domain/pulse.h"

#include "store/db.h"

#include "q/pulse.h"

int pulse_of_pipeline(struct db *db, struct project_id project, struct pipeline_id id,
		      struct arena *a, struct pulse *pulse, struct err *e)
{
	struct q_pulse_of_pipeline_row row = { 0 };
	bool found;

	if (q_pulse_of_pipeline(db, &(struct q_pulse_of_pipeline_in){ project.v, id.v }, a, &row,
				&found, e) < 0)
		return -(int)e->code;
	if (!found || !ci_status_parse(row.status, &pulse->status))
		return err_set(e, ERR_NOT_FOUND, "There is no such pipeline.");
	pulse->word = row.word;
	return 0;
}

int pulse_of_merge_request(struct db *db, struct project_id project, int64_t iid, struct arena *a,
			   struct merge_request_pulse *pulse, struct err *e)
{
	struct q_pulse_of_merge_request_row row = { 0 };
	bool found;

	if (q_pulse_of_merge_request(db, &(struct q_pulse_of_merge_request_in){ project.v, iid }, a,
				     &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "There is no such merge request.");
	*pulse = (struct merge_request_pulse){ row.is_open, { row.pipeline_id }, row.word };
	return 0;
}
