/*
 * What all pages share: the frame (views of web/templates/layout), the words
 * with which a handler fills it, and the ways a form ends.
 *
 * A handler of a page:
 *	struct view_x v = { 0 };
 *	page_frame(rq, &v.page, "branches");       who, where, which tab
 *	... domain or git call, fill v ...
 *	tmpl_x(request_emit(rq), &v);
 *	return request_send_page(rq, 200, e);
 *
 * A handler of a form that was sent: the domain call; if it went well, notice
 * and redirect; if the person can put it right (page_is_problem), the form again
 * with the sentence and what was typed; any other error goes up.
 *
 * Ownership: rq->arena. Threads: as the request.
 */
#ifndef PAGES_PAGE_H
#define PAGES_PAGE_H

#include "request.h"
#include "site.h"

/* For layout/visible and layout/visibility_choice. */
struct view_visibility {
	struct str name;
	struct str widest; /* of a choice; none: public */
};

/* For layout/level; is_chosen when it is an <option>. */
struct view_level {
	int64_t number;
	bool is_chosen;
};

struct view_levels {
	struct view_level *items;
	size_t count;
};

struct view_crumb {
	struct str name;
	struct str path;
};

struct view_project_head {
	struct str path;
	struct str name;
	struct str full_name;
	struct str description;
	struct str default_branch;
	struct view_visibility visibility;
	struct view_crumb *crumbs;
	size_t crumbs_count;
	struct str tile, initial;
	const char *tab, *section;
	bool is_archived;
	bool may_see_pipelines, may_see_runners, may_see_variables;
	bool may_read_code, may_see_members, may_see_settings, may_see_protection;
};

struct view_group_head {
	int64_t id;
	struct str path;
	struct str name;
	struct str full_name;
	struct str description;
	struct view_visibility visibility;
	struct view_crumb *crumbs;
	size_t crumbs_count;
	struct str tile, initial;
	const char *tab;
	bool may_see_members, may_see_runners, may_change, may_see_variables;
};

struct view_page {
	const char *language;
	struct str theme; /* "light", "dark"; none: as the system */
	struct str notice;
	struct str here; /* path and query of this page, to come back to */
	const char *tab;
	const char *section;
	bool signed_in, is_admin;
	struct str username, name, initials, tile;
	bool has_project, has_group;
	struct view_project_head project;
	struct view_group_head group;
};

/* For layout/problem: one sentence about what was wrong with a form, or none. */
struct view_problem {
	struct str text;
};

struct view_pager {
	bool is_needed;
	int64_t page;
	struct str previous, next; /* whole URLs, or none */
};

/* A thing to choose by its id. */
struct view_option {
	int64_t id;
	struct str path;
	bool is_chosen;
};

/* A thing to choose by its name. */
struct view_name {
	struct str name;
	struct str ref_path;
	bool is_chosen;
};

/* tab: the word of the tab that is open; may be NULL. Shows the project or group of the route. */
void page_frame(struct request *rq, struct view_page *page, const char *tab);

/* A message in the reader's language. */
struct str page_text(const struct request *rq, const char *msgid);
/* A sentence that the domain made, with its values (i18n_sentence). */
struct str page_sentence(const struct request *rq, struct str sentence);

/* Says it on the next page. */
void page_notice(struct request *rq, const char *msgid);

/*
 * Can the person put this right in the form? Then *problem holds the sentence
 * and the form is shown again with page_problem_status. Else *e is set.
 */
MUST_USE bool page_is_problem(struct request *rq, const struct err *error,
			      struct view_problem *problem, struct err *e);
int page_problem_status(const struct view_problem *problem);

/* A sentence of ours as the problem. */
struct view_problem page_problem(const struct request *rq, const char *msgid);

/* ?page= with that many rows. */
struct listing page_listing(const struct request *rq, int32_t rows);
/* Previous and next of a list of `total` with `slice`; keeps the query but page=. total < 0:
 * has_more says. */
struct view_pager page_pager(struct request *rq, struct listing slice, int64_t total,
			     bool has_more);

/* The path with the sub-path of external_url in front: for whole URLs in views. */
struct str page_url(const struct request *rq, struct str path);

/* "a=b" added to path as a query. */
struct str page_with_query(struct request *rq, struct str path, const char *name, struct str value);

/* A letter or two for a tile, and its class ("t0" .. "t5") by the text. */
struct str page_initials(struct request *rq, struct str name);
struct str page_tile(struct str text);
/* The first letter alone. */
struct str page_letter(struct str name);

/* "1.5 MB" in the reader's language. */
struct str page_size(const struct request *rq, uint64_t bytes);

/* Levels a member may get: guest .. top, `chosen` marked. */
struct view_levels page_levels(struct request *rq, enum access_level top, enum access_level chosen);

/* Groups and the personal namespace in which the actor may make projects. */
MUST_USE int page_writable_namespaces(struct request *rq, bool groups_only, int64_t chosen,
				      struct view_option **options, size_t *count, struct err *e);

/* A date of a form ("2030-01-31"): none is fine. False: no date. */
MUST_USE bool page_form_date(const struct request *rq, const char *name, bool *has,
			     struct instant *at);
/* "2030-01-31" for <input type=date>. */
struct str page_date(struct request *rq, struct instant at);

/* An {id} of the route; 0 if it is no number, which no row has. */
int64_t page_id(const struct request *rq, const char *name);

struct user_door;
/* What functions on passwords need. */
MUST_USE int page_user_door(struct request *rq, struct user_door *door, struct err *e);

#endif
