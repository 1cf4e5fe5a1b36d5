/*
 * The state of a pipeline or a job as all pages show it: an icon, a word and a look,
 * never a colour alone. pipeline/status is the badge, pipeline/mark the icon alone
 * with the word for who listens.
 */
#ifndef PAGES_STATUS_H
#define PAGES_STATUS_H

#include "ci/status.h"
#include "domain/pipeline_view.h"
#include "pages/page.h"

struct view_status {
	const char *status; /* ci_status_name; NULL: there is nothing to show */
	const char *look;   /* class: "ok", "bad", "warn", "accent", "" */
	const char *icon;
	struct str word; /* in the reader's language */
	struct str url;  /* whole path of where more is said, or none */
};

struct view_status status_view(const struct request *rq, enum ci_status status, bool has_warnings,
			       struct str url);
/* Of a pipeline, with a link to it. */
struct view_status status_of_pipeline(const struct request *rq, struct pipeline_id id,
				      enum ci_status status, bool has_warnings);
/* Of a commit or ref in a list; status is NULL if it has no pipeline. */
struct view_status status_of_mark(const struct request *rq, const struct pipeline_marks *marks,
				  struct str key);

/* "1 h 02 min", "5 min 10 s", "7 s". */
struct str status_duration(const struct request *rq, double seconds);

#endif
