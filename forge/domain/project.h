/*
 * Projects: a repository and what is done around it.
 *
 * project_create makes the row, its address, its maker's ownership and the
 * protection of `main` and `stage`; the repository's folder is made by git's
 * init operation afterwards, which is idempotent, so whoever finds a project
 * without its folder asks for it again (project.has_repository is set then).
 *
 * Life: active -> archived -> active; active or archived -> deleted (hidden at
 * once, its address free; work removes the files later).
 *
 * Each function that changes something checks the actor, and writes audit.
 */
#ifndef DOMAIN_PROJECT_H
#define DOMAIN_PROJECT_H

#include "domain/namespace.h"

struct project {
	struct project_id id;
	struct namespace_id namespace;
	struct str segment;        /* the last part of its path */
	struct str path;           /* "group/sub/name" */
	struct str name;           /* as shown */
	struct str full_name;      /* "Group / Sub / Name" */
	struct str namespace_path; /* "group/sub" */
	struct str description;
	enum visibility visibility;
	struct str default_branch;
	struct user_id creator;
	bool is_archived;
	bool has_repository; /* the folder was made */
	bool is_empty;       /* nothing was ever pushed */
	struct instant created_at;
	struct instant updated_at;
	struct instant last_activity_at;
};

struct projects {
	struct project **items;
	size_t count;
	int64_t total;
};

#define PROJECT_DEFAULT_BRANCH "main"
#define PROJECT_STAGE_BRANCH "stage"

struct project_new {
	struct namespace_id namespace;
	struct str segment;
	struct str name; /* none: the segment */
	struct str description;
	enum visibility visibility; /* not wider than the group's */
	struct str default_branch;  /* none: "main" */
};

/* Checks PROJECT_CREATE. */
MUST_USE int project_create(struct db *db, const struct actor *actor, const struct project_new *in,
			    struct arena *a, struct project *project, struct err *e);

struct project_at_path {
	struct str path;      /* "group/sub/name": missing groups are created */
	struct user_id owner; /* becomes owner of the groups made, and of the project */
	enum visibility visibility;
	struct str description;
};

/* For the CLI and scripts, by an actor who is the system or an administrator. */
MUST_USE int project_create_at(struct db *db, const struct actor *actor,
			       const struct project_at_path *in, struct arena *a,
			       struct project *project, struct err *e);

struct project_change {
	struct str name; /* none: leave as it is */
	struct str description;
	struct str default_branch; /* the caller has checked that the branch exists */
	bool has_visibility;
	enum visibility visibility;
};

/* Checks PROJECT_CHANGE, for visibility PROJECT_VISIBILITY. */
MUST_USE int project_update(struct db *db, const struct actor *actor, struct project_id id,
			    const struct project_change *in, struct arena *a,
			    struct project *project, struct err *e);

/* Renames (segment) or moves (namespace not 0) or both; the old address leads on. */
MUST_USE int project_rename(struct db *db, const struct actor *actor, struct project_id id,
			    struct str segment, struct namespace_id namespace, struct arena *a,
			    struct project *project, struct err *e);
MUST_USE int project_archive(struct db *db, const struct actor *actor, struct project_id id,
			     struct err *e);
MUST_USE int project_unarchive(struct db *db, const struct actor *actor, struct project_id id,
			       struct err *e);
MUST_USE int project_remove(struct db *db, const struct actor *actor, struct project_id id,
			    struct err *e);

struct project_filter {
	struct namespace_id namespace; /* 0: any */
	bool with_subgroups;
	bool member_only; /* where the actor is a member, inherited included */
	struct str search;
	bool has_visibility;
	enum visibility visibility;
	bool has_archived;
	bool is_archived;
	struct project_id fork_of; /* 0: any */
};

/* What the actor can see, last active first. */
MUST_USE int project_list(struct db *db, const struct actor *actor,
			  const struct project_filter *filter, struct listing slice,
			  struct arena *a, struct projects *projects, struct err *e);

/* git's init operation has made the folder. */
MUST_USE int project_note_repository(struct db *db, struct project_id id, struct err *e);
/* Projects whose folder is missing, for work to make; ids only. */
MUST_USE int project_list_without_repository(struct db *db, struct arena *a,
					     struct project_id **ids, size_t *count, struct err *e);

#endif
