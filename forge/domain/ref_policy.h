/*
 * May this actor change this ref in this way? Judged for each ref alone, by its
 * full name, behind every door (push, merge, page, API), with no git: what
 * needs ancestry is asked for (ref_policy_needs_ancestry) and passed in.
 *
 * Refused, each with a whole sentence: names git or a shell could misread
 * (git check-ref-format, names of 40 or 64 hex digits, "HEAD", a leading '-'
 * in any part), our own namespaces (refs/merge-requests, refs/environments,
 * refs/pipelines, refs/forge, ...), anything outside refs/heads and refs/tags,
 * deleting the default branch or a protected ref, changing a protected ref
 * below the level its rules ask for, moving a tag that is protected, a tag
 * named like a protected branch (and the reverse), an archived project.
 *
 * Whoever calls it loads it inside the request or push it judges: rules are
 * never kept from one push to the next.
 */
#ifndef DOMAIN_REF_POLICY_H
#define DOMAIN_REF_POLICY_H

#include "domain/access.h"
#include "domain/protected_ref.h"

/* What was loaded once per push. */
struct ref_policy {
	struct actor actor;
	enum access_level level;
	struct str project_path;
	struct str default_branch;
	bool is_archived;
	struct protected_refs protected_refs;
};

enum ref_change {
	REF_CREATE,
	REF_DELETE,
	REF_FORWARD, /* the old commit is an ancestor of the new */
	REF_REWRITE, /* it is not */
	REF_UPDATE,  /* not known, for refs that do not need to know */
};

enum ref_door { REF_BY_PUSH, REF_BY_MERGE, REF_BY_PAGE };

struct ref_request {
	struct str name; /* full: "refs/heads/main" */
	enum ref_change change;
	enum ref_door door;
};

/* access: as access_find_project gave it for this actor. */
MUST_USE int ref_policy_load(struct db *db, const struct actor *actor,
			     const struct project_access *access, struct arena *a,
			     struct ref_policy *policy, struct err *e);

/* True if an update of the ref needs REF_FORWARD or REF_REWRITE instead of REF_UPDATE. */
bool ref_policy_needs_ancestry(const struct ref_policy *policy, struct str name);

/* 0 or -ERR_FORBIDDEN, -ERR_UNPROCESSABLE (the name). Pure. */
MUST_USE int ref_policy_check(const struct ref_policy *policy, const struct ref_request *request,
			      struct err *e);

/* The rules for names alone. For pages that make branches and tags, too. */
MUST_USE int ref_policy_check_name(struct str full_name, struct err *e);

/* Refs that ls-refs leaves out although they exist: our own bookkeeping. */
bool ref_policy_is_hidden(struct str full_name);

#endif
