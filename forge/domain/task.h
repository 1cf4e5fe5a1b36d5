/*
 * Tasks (GitLab: issues): title, text, state, labels, one assignee; discussed
 * by domain/review.h. A task is numbered per project: #3.
 *
 * States: opened <-> closed, by a person, or closed by a closing word
 * ("Closes #3", task_closing.h) once the commit or merge request that says it
 * has reached the default branch.
 *
 * Who may: whoever sees the project opens tasks and changes their own; the
 * tasks of others change reporters and up (TASK_CREATE, TASK_CHANGE).
 *
 * Ownership: rows in the caller's arena. Threads: as the db.
 */
#ifndef DOMAIN_TASK_H
#define DOMAIN_TASK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "domain/actor.h"

struct db;

#define TASK_TEXT_MAX 100000 /* characters */
#define TASK_LABELS_MAX 20
#define TASK_LABEL_MAX 255 /* characters */

struct task {
	struct task_id id;
	struct project_id project;
	struct str project_path; /* in lists */
	int64_t iid;
	struct str title;
	struct str description; /* markdown */
	bool is_closed;
	struct str_list labels;
	struct user_brief author;
	struct user_brief assignee;
	struct instant created_at;
	struct instant updated_at;
	struct instant closed_at; /* if it is closed */
	struct user_brief closed_by;
	int64_t notes; /* comments by people */
};

struct tasks {
	struct task *items;
	size_t count;
	int64_t total; /* without the slice */
};

struct task_new {
	struct str title;
	struct str description;
	struct str_list labels;
	struct user_id assignee; /* 0: nobody */
};

/* Checks TASK_CREATE. ERR_UNPROCESSABLE with the rule that title, text or labels break. */
MUST_USE int task_create(struct db *db, const struct actor *actor, struct project_id project,
			 const struct task_new *in, struct arena *a, struct task *task,
			 struct err *e);

/* What is none or false stays as it is. */
struct task_change {
	struct str title;
	struct str description;
	bool has_labels;
	struct str_list labels;
	struct str_list add_labels;
	struct str_list remove_labels;
	bool has_assignee;
	struct user_id assignee; /* 0: nobody */
	bool has_closed;
	bool is_closed;
	struct str because; /* none, or markdown that goes on after "closed this": "with !3" */
};

/*
 * The author, or who passes TASK_CHANGE. Every change is told in the discussion. Closing what is
 * closed changes nothing.
 */
MUST_USE int task_update(struct db *db, const struct actor *actor, struct project_id project,
			 int64_t iid, const struct task_change *in, struct arena *a,
			 struct task *task, struct err *e);

/* ERR_NOT_FOUND "This project has no task #n." Reading asks no right: the route did. */
MUST_USE int task_get(struct db *db, struct project_id project, int64_t iid, struct arena *a,
		      struct task *task, struct err *e);

struct task_filter {
	struct namespace_id namespace; /* 0: wherever; else this group and those below */
	bool has_closed;               /* else both states */
	bool is_closed;
	struct str author;   /* user name; none: any */
	struct str assignee; /* user name; none: any */
	bool is_unassigned;
	struct str_list labels; /* all of them */
	struct str search;      /* part of title or text; none: any */
	struct i64_list iids;   /* empty: any */
	bool is_oldest_first;
};

/* Newest first unless the filter says otherwise. */
MUST_USE int task_list(struct db *db, struct project_id project, const struct task_filter *filter,
		       struct listing slice, struct arena *a, struct tasks *tasks, struct err *e);

/* Of all projects that the actor sees. */
MUST_USE int task_list_visible(struct db *db, const struct actor *actor,
			       const struct task_filter *filter, struct listing slice,
			       struct arena *a, struct tasks *tasks, struct err *e);

struct task_counts {
	int64_t opened;
	int64_t closed;
};
MUST_USE int task_count(struct db *db, struct project_id project, struct arena *a,
			struct task_counts *counts, struct err *e);

/* Labels in use, by name, at most 1,000. */
MUST_USE int task_labels(struct db *db, struct project_id project, struct arena *a,
			 struct str_list *labels, struct err *e);

/* Open tasks of all visible projects that are assigned to the actor, last changed first. */
MUST_USE int task_list_waiting(struct db *db, const struct actor *actor, struct listing slice,
			       struct arena *a, struct tasks *tasks, struct err *e);

/* May this actor change it? For showing a button; task_update asks itself. */
struct access_target;
bool task_may_change(const struct actor *actor, const struct access_target *project,
		     const struct task *task);

#endif
