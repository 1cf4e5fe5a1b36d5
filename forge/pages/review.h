/*
 * Discussions as the pages of tasks and merge requests show them, and the forms
 * that write them. The forms are the same for both; the route says which.
 */
#ifndef PAGES_REVIEW_H
#define PAGES_REVIEW_H

#include "domain/review.h"
#include "pages/page.h"
#include "render/html.h"

/* A person in a list or beside a text; username none: gone, or Hearth itself. */
struct view_person {
	struct str username, name, tile, initials;
};

struct view_note {
	int64_t id;
	struct view_person author;
	struct html body;
	struct str text; /* as typed, for the form */
	struct instant at;
	bool is_edited, is_system, may_change, is_refused;
	struct str action_edit, action_remove;
};

struct view_discussion {
	struct str key, anchor;
	bool is_system, is_thread, is_resolvable, is_resolved, may_reply, may_resolve, is_refused;
	bool has_position, is_outdated; /* outdated: the line is no longer there */
	int64_t from_version;           /* it was made on, if its line came along since; else 0 */
	struct str head_sha;            /* of the version it was made on */
	struct str path;                /* of the file, for people */
	int64_t line;
	bool is_old_line; /* the line was removed */
	struct str link;  /* whole URL of the place in the diff; none: not shown */
	struct view_person resolved_by;
	struct view_note *notes;
	size_t notes_count;
	struct str action_reply, action_resolve;
	struct str reply; /* what was typed and refused */
};

struct view_talk {
	struct view_discussion *discussions;
	size_t discussions_count;
	bool may_write, is_merge_request;
	struct str action; /* of a new comment */
	struct str text;   /* what was typed and refused */
	struct view_problem problem;
	struct view_pager pager;
	/* Beside the comment, the state may change: "close", "reopen" or none. */
	struct str state_act;
	bool signed_in;
	struct str here; /* to come back to after sign-in */
};

/* A form that was refused: the page shows it again with the sentence and what was typed. */
struct refused {
	struct view_problem problem;
	struct str text;
	struct str key; /* of the discussion that was to be answered */
	int64_t note;   /* that was to be changed */
};

#define TALK_ROWS 100 /* discussions a page */

struct view_person person_view(struct request *rq, const struct user_brief *user);

/* Discussions of a subject, oldest first, ?page= of them; refused may be NULL. */
MUST_USE int talk_fill(struct request *rq, const struct review_subject *subject,
		       const struct refused *refused, struct view_talk *talk, struct err *e);
/* One discussion; is_outdated and link are the caller's. */
MUST_USE int discussion_view(struct request *rq, const struct review_subject *subject,
			     const struct refused *refused, const struct discussion *discussion,
			     struct view_discussion *view, struct err *e);

route_handler page_note_create;
route_handler page_note_reply;
route_handler page_note_update;
route_handler page_note_remove;
route_handler page_note_resolve;

#endif
