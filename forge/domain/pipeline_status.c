#include "domain/pipeline_status.h"

#include "store/db.h"

#include "q/pipeline.h"

int pipeline_status_of_name(struct db *db, struct project_id project, struct str name,
			    bool ignore_skipped, struct arena *a, struct str *status, struct err *e)
{
	static const char *const kinds[] = { "refs/heads/", "refs/tags/" };
	bool found = false;

	*status = STR("");
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !found; i++) {
		const struct q_pipeline_badge_in in = {
			.project_id = project.v,
			.ref = arena_fmt(a, "%s%.*s", kinds[i], STR_FMT(name)),
			.ignore_skipped = ignore_skipped,
		};
		struct q_pipeline_badge_row row;

		if (q_pipeline_badge(db, &in, a, &row, &found, e) < 0)
			return -(int)e->code;
		if (found)
			*status = row.status;
	}
	return 0;
}
