/*
 * Planning a pipeline: what the file of a commit makes of a push, a merge
 * request, a button. Outside of any lock and transaction; the answer is put into
 * the database later (pipeline_planned_create), inside the transaction that
 * causes it.
 *
 *	wish -> the file read through the source -> variables -> ci_plan -> planned
 *
 * Outcomes, none of which is an error: a pipeline; none (no file, no job left,
 * asked to make none); a skipped one ("[skip ci]"); a failed one, because the
 * file is not valid. Errors are for what is nobody's fault (the repository or
 * the database cannot be read, the planner takes too long): then nothing may
 * go on as if there were no pipeline file.
 *
 * Ownership: everything lives in the given arena. Threads: any.
 */
#ifndef DOMAIN_PIPELINE_PLAN_H
#define DOMAIN_PIPELINE_PLAN_H

#include "domain/actor.h"
#include "domain/commit_source.h"
#include "domain/instance.h"
#include "domain/pipeline.h"
#include "domain/pipeline_variables.h"

struct project;

#define PIPELINE_FILE ".gitlab-ci.yml"
#define PIPELINE_MESSAGE_NONE "There is no " PIPELINE_FILE " in this commit."

struct pipeline_wish {
	const struct project *project;
	struct commit_source *source; /* of `sha` */
	enum ci_pipeline_source why;
	struct str ref;      /* in full: refs/heads/x, refs/tags/x, refs/merge-requests/1/head */
	struct str ref_name; /* branch or tag; of a merge request its source branch */
	bool is_tag;
	struct str sha;
	struct str before_sha; /* none: zeros */
	const struct actor *actor;
	bool is_protected;                                  /* the ref is */
	const struct ci_variables *variables;               /* of the pipeline; NULL: none */
	const struct pipeline_merge_request *merge_request; /* NULL: for none */
	struct str source_sha; /* sha is what merging this into target_sha gives; or none */
	struct str target_sha;
	struct str open_requests; /* "group/project!1,..." of the branch; none */
	struct str tag_message;   /* of an annotated tag; else none */
	bool is_skipped;          /* asked for (push option ci.skip): recorded, but without jobs */
	bool obeys_skip; /* "[skip ci]" in the commit's message counts: push, merge request */
};

enum pipeline_outcome {
	PIPELINE_NONE,    /* there will be none; why: plan.problem.text */
	PIPELINE_PLANNED, /* plan.jobs */
	PIPELINE_SKIPPED, /* one without jobs */
	PIPELINE_INVALID, /* a failed one; plan.problem says what and where */
};

struct pipeline_planned {
	enum pipeline_outcome outcome;
	struct pipeline_new pipeline; /* push_id is the caller's to set */
	struct ci_plan plan;
	struct ci_variables variables; /* of the pipeline, to be kept */
	struct pipeline_predefined predefined;
	struct commit commit;
	bool has_file; /* there is a pipeline file in the commit */
};

/*
 * Reads variables through a connection of its own. ERR_BUSY, ERR_UNAVAILABLE:
 * try again; nothing was decided.
 */
MUST_USE int pipeline_plan(const struct instance *instance, const struct pipeline_wish *wish,
			   struct arena *a, struct pipeline_planned *planned, struct err *e);

/*
 * In the caller's transaction (or one of its own): rows of the pipeline, its
 * jobs and variables. Outcome NONE makes nothing and is an error of the caller.
 * After the commit whoever called announces it (pipeline_announce).
 */
MUST_USE int pipeline_planned_create(struct db *db, const struct instance *instance,
				     const struct pipeline_planned *planned, struct arena *a,
				     struct pipeline_made *made, struct err *e);

/* 0 if there is a pipeline with jobs; else ERR_UNPROCESSABLE with why there is none. */
MUST_USE int pipeline_planned_check(const struct pipeline_planned *planned, struct err *e);

/* After the commit: tells runners and open pages. Never fails: both also look by themselves. */
void pipeline_announce(const struct instance *instance, struct project_id project,
		       const struct pipeline_made *made);

/* "[skip ci]", "[ci skip]" and their variants, anywhere in a commit's message. */
bool pipeline_message_skips(struct str message);

#endif
