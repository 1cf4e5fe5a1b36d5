/*
 * What `git push -o` asks of us (GitLab's push options): about the pipeline, and
 * about a merge request for the pushed branch. Unknown options are ignored, as
 * GitLab does: a client may send options for others.
 *
 *	ci.skip                      the pipeline is recorded as skipped
 *	ci.no_pipeline               there is none
 *	ci.variable="KEY=VALUE"      a variable of the pipeline; may be repeated
 *	merge_request.create ...     see struct push_merge_request; "mr." is short for it
 *
 * "X" and "X=" and "X=true" set a flag; "false", "0" and "no" clear it.
 *
 * Pure. Strings point into the options. Source: gitlab-compat 5.2.
 */
#ifndef DOMAIN_PUSH_OPTION_H
#define DOMAIN_PUSH_OPTION_H

#include "base/arena.h"
#include "base/list.h"

struct push_merge_request {
	bool is_wanted; /* any merge_request option is there */
	bool creates;
	struct str target;
	struct str target_project; /* path or id */
	struct str title;
	struct str description; /* "\n" of two characters is a line end */
	bool has_draft, is_draft;
	bool has_squash, squashes;
	bool has_remove, removes_source;
	bool auto_merges; /* auto_merge, merge_when_pipeline_succeeds */
	struct str_list assign, unassign, label, unlabel;
};

struct push_options {
	bool skips;
	bool has_no_pipeline;
	struct str_list variables; /* "KEY=VALUE" each */
	struct push_merge_request merge_request;
};

void push_options_read(const struct str_list *options, struct arena *a, struct push_options *read);

#endif
