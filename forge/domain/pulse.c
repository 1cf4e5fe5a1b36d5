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
