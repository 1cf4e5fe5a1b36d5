/*
 * Runners as pages and API read and change them. Who may is checked by the caller's
 * route; a runner is always read through the place it is shown in: an instance
 * runner by administrators, a group's by that group, a project's by that project.
 *
 * Ownership: the caller's arena. Threads: those of db.
 */
#ifndef DOMAIN_RUNNER_VIEW_H
#define DOMAIN_RUNNER_VIEW_H

#include "domain/access.h"
#include "domain/runner.h"

/* Silent longer than this is offline; a runner says something at least once a minute. */
#define RUNNER_ONLINE_SECONDS 180
/* Silent longer than this is stale: it probably no longer exists. */
#define RUNNER_STALE_SECONDS (7 * 24 * 3600)

enum runner_state { RUNNER_ONLINE, RUNNER_OFFLINE, RUNNER_STALE, RUNNER_NEVER_CONTACTED };

/* "online", "offline", "stale", "never_contacted": GitLab's words. */
const char *runner_state_name(enum runner_state state);

struct runner_view {
	struct runner runner;
	enum runner_state state;
	bool is_locked;
	struct str maintenance_note;
	struct instant created_at;
	bool has_contacted_at;
	struct instant contacted_at; /* of the host heard last; so are the next ones */
	struct str version, platform, architecture, executor, ip;
	int64_t managers; /* hosts that use it */
	int64_t busy;     /* jobs it has now */
	struct str place; /* path of its group or project; none for an instance runner */
};

struct runner_views {
	struct runner_view *items;
	size_t count;
	int64_t total;
};

/* Which runners: all ids zero and no kind is all there are. */
struct runner_query {
	struct runner_id id;
	struct project_id project;     /* of this project itself */
	struct namespace_id namespace; /* of this group itself */
	bool has_kind;
	enum runner_kind kind;
	struct project_id
		serves; /* may get jobs of this project: its own, its groups', the instance's */
	struct user_id kept_by; /* who is maintainer of the project or group it belongs to */
	struct str_list tags;   /* that it must have */
	const char *state;      /* runner_state_name; NULL: any */
	bool has_paused, is_paused;
};

MUST_USE int runner_list(struct db *db, const struct runner_query *query, struct listing slice,
			 struct arena *a, struct runner_views *list, struct err *e);
MUST_USE int runner_get(struct db *db, const struct runner_query *query, struct arena *a,
			struct runner_view *view, struct err *e);

/* A host that uses the token. */
struct runner_host {
	int64_t id;
	struct str system_id, version, platform, architecture, executor, ip;
	struct instant created_at, contacted_at;
	enum runner_state state;
};

struct runner_hosts {
	struct runner_host *items;
	size_t count;
};

MUST_USE int runner_list_hosts(struct db *db, struct runner_id id, struct arena *a,
			       struct runner_hosts *hosts, struct err *e);

/* What a person may change; a field without its has_ stays. */
struct runner_change {
	struct str description;      /* none: stays */
	struct str maintenance_note; /* none: stays */
	bool has_paused, is_paused;
	bool has_run_untagged, run_untagged;
	bool has_protected, is_protected;
	bool has_locked, is_locked;
	bool has_tags;
	struct str_list tags;
	bool has_maximum_timeout;
	int32_t maximum_timeout; /* 0: none */
};

/* ERR_UNPROCESSABLE says what cannot be; ERR_NOT_FOUND. Audited. */
MUST_USE int runner_update(struct db *db, const struct actor *actor, struct runner_id id,
			   const struct runner_change *change, struct arena *a, struct err *e);

/*
 * May the actor see (change) this runner by its id alone, as /api/v4/runners/:id
 * asks? By the level in its group or project; instance runners are the
 * administrators'. ERR_NOT_FOUND, ERR_FORBIDDEN.
 */
MUST_USE int runner_check_access(struct db *db, const struct actor *actor,
				 const struct runner *runner, bool to_change, struct arena *a,
				 struct err *e);

/* "a, b c" of a form is "a" and "b c": trimmed, without doubles, in order. */
struct str_list runner_tags_of_text(struct str text, struct arena *a);

#endif
