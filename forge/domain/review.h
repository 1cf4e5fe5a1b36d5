/*
 * Review: what people say about a task or a merge request. A discussion holds
 * notes in order. Three kinds:
 *
 *	comment  one note alone (GitLab: individual note); nothing to settle
 *	thread   notes that answer each other; on a merge request it is open until
 *	         somebody resolves it, and may stand at a line of the diff
 *	system   one note by Hearth: "closed the task"; never changed
 *
 * A position names the commits it was made on and never changes. Whether its line is
 * still there in a later version is found out when it is read (pages/merge_request_thread.h).
 *
 * Who may: whoever sees the subject and is signed in writes (NOTE_CREATE for tasks,
 * REVIEW_WRITE for merge requests). The note's author changes and removes it,
 * maintainers too (NOTE_MODERATE). A thread is resolved and opened again by its
 * starter, the merge request's author and developers (THREAD_RESOLVE).
 *
 * Locks: whoever writes about a merge request locks its row first, so that threads
 * and a merge exclude each other; its counters follow in the same transaction.
 *
 * Ownership: rows in the caller's arena. Threads: as the db.
 */
#ifndef DOMAIN_REVIEW_H
#define DOMAIN_REVIEW_H

#include "domain/task.h"

#define NOTE_MAX 100000      /* characters */
#define REVIEW_KEY_LENGTH 40 /* of a discussion's key: hex digits, as GitLab's ids */

enum review_kind { REVIEW_TASK, REVIEW_MERGE_REQUEST };

/* What is talked about. Made by review_of_task, or filled from a merge request. */
struct review_subject {
	enum review_kind kind;
	int64_t id;                /* of the task or merge request */
	int64_t iid;               /* for sentences and addresses */
	struct project_id project; /* where it lives: of a merge request the target */
	struct user_id author;     /* 0: gone */
};

struct merge_request;
struct review_subject review_of_task(const struct task *task);
struct review_subject review_of_merge_request(const struct merge_request *mr);

/* At a line of a diff between start_sha and head_sha. */
struct review_position {
	struct str base_sha;  /* the merge base */
	struct str start_sha; /* the target's tip when it was made */
	struct str head_sha;
	struct str old_path;
	struct str new_path;
	int32_t old_line; /* 0: the line is new */
	int32_t new_line; /* 0: the line was removed */
};

struct note {
	struct note_id id;
	struct user_brief author;
	struct str body; /* markdown */
	bool is_system;
	struct instant created_at;
	struct instant updated_at;
	bool is_edited;
};

struct discussion {
	struct discussion_id id;
	struct str key;
	bool is_thread;     /* else a comment or a system note */
	bool is_resolvable; /* a thread on a merge request */
	bool is_resolved;
	struct user_brief resolved_by;
	struct instant resolved_at;
	bool has_position;
	struct review_position position;
	struct instant created_at;
	struct note *notes; /* at least one */
	size_t notes_count;
};

struct discussions {
	struct discussion *items;
	size_t count;
	int64_t total;
};

struct note_new {
	struct str body;
	bool is_thread;
	const struct review_position *position; /* NULL: none; makes it a thread */
};

/* Oldest first. */
MUST_USE int review_list(struct db *db, const struct review_subject *subject, struct listing slice,
			 struct arena *a, struct discussions *list, struct err *e);
/* A note alone, with its discussion (whose notes are left out). */
struct noted {
	struct note note;
	struct discussion discussion;
};

struct noteds {
	struct noted *items;
	size_t count;
	int64_t total;
};

/* By time. */
MUST_USE int review_list_notes(struct db *db, const struct review_subject *subject,
			       bool is_ascending, struct listing slice, struct arena *a,
			       struct noteds *list, struct err *e);
/* ERR_NOT_FOUND. */
MUST_USE int review_get(struct db *db, const struct review_subject *subject, struct str key,
			struct arena *a, struct discussion *discussion, struct err *e);
/* The discussion that holds a note; *note is the one of that id. ERR_NOT_FOUND. */
MUST_USE int review_get_by_note(struct db *db, const struct review_subject *subject,
				struct note_id id, struct arena *a, struct discussion *discussion,
				struct note *note, struct err *e);

/* Which discussion in the list holds the note, from 1; 0: none. For the page it stands on. */
MUST_USE int review_rank(struct db *db, const struct review_subject *subject, struct note_id id,
			 struct arena *a, int64_t *rank, struct err *e);

MUST_USE int review_start(struct db *db, const struct actor *actor,
			  const struct review_subject *subject, const struct note_new *in,
			  struct arena *a, struct discussion *made, struct err *e);
/* A comment that is answered becomes a thread. Answering a resolved thread leaves it so. */
MUST_USE int review_reply(struct db *db, const struct actor *actor,
			  const struct review_subject *subject, struct str key, struct str body,
			  struct arena *a, struct note *made, struct err *e);
MUST_USE int review_update(struct db *db, const struct actor *actor,
			   const struct review_subject *subject, struct note_id id, struct str body,
			   struct err *e);
/* The last note of a discussion takes the discussion with it. */
MUST_USE int review_remove(struct db *db, const struct actor *actor,
			   const struct review_subject *subject, struct note_id id, struct err *e);
MUST_USE int review_resolve(struct db *db, const struct actor *actor,
			    const struct review_subject *subject, struct str key, bool is_resolved,
			    struct err *e);

/*
 * Hearth says something: in the caller's transaction, or alone. by: who caused it
 * (user 0: Hearth itself). body is one line of markdown that goes on after the
 * name: "closed this", "added 2 commits".
 */
MUST_USE int review_say(struct db *db, const struct review_subject *subject, struct user_id by,
			struct str body, struct err *e);

struct access_target;
/* For showing buttons; the functions above ask themselves. */
bool review_may_write(const struct actor *actor, const struct access_target *project,
		      enum review_kind kind);
bool review_may_change(const struct actor *actor, const struct access_target *project,
		       const struct note *note);
bool review_may_resolve(const struct actor *actor, const struct access_target *project,
			const struct review_subject *subject, const struct discussion *discussion);

#endif
