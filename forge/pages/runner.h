/*
 * Runners of a project, of a group, and of the whole server: the same pages, told apart
 * by what the route loaded.
 */
#ifndef PAGES_RUNNER_H
#define PAGES_RUNNER_H

#include "domain/runner_view.h"
#include "pages/page.h"

struct view_runner {
	int64_t id;
	struct str name; /* description, or "#5" */
	const char *state;
	const char *kind, *look;
	struct str place;
	struct str *tags;
	size_t tags_count;
	bool run_untagged, is_protected, is_paused, has_contacted;
	struct instant contacted;
	struct str version, url; /* url: of its page, or none if it is another place's */
	int64_t busy, managers;
};

/* What a new one needs, and the form of an old one. */
struct view_runner_form {
	struct str description, tags, maintenance_note, maximum_timeout; /* minutes, or none */
	bool run_untagged, is_protected;
};

struct view_runners {
	struct view_page page;
	struct view_problem problem;
	struct str action;
	bool is_admin_place, is_project_place, may_create;
	struct view_runner_form form;
	/* right after one was made, this once */
	struct str token, command, command_gitlab;
	struct view_runner *own, *others;
	size_t own_count, others_count;
	struct view_pager pager;
};

struct view_runner_host {
	struct str system_id, version, platform, architecture, executor, ip;
	const char *state;
	const char *look;
	struct instant contacted;
};

struct view_runner_show {
	struct view_page page;
	struct view_problem problem;
	struct view_runner runner;
	struct view_runner_form form;
	bool may_change;
	struct str list, action, action_pause, action_remove;
	struct str platform;
	struct instant created;
	struct view_runner_host *hosts;
	size_t hosts_count;
};

/* What the three places have of their own. */
struct runner_place {
	enum runner_kind kind;
	enum route_id list, show;
	enum route_id pause, remove;
	enum action create, change;
};

const struct runner_place *runner_place_of(const struct request *rq);
/* A path of the place: id none for the list. */
struct str runner_path(const struct request *rq, enum route_id route, struct str id);
/* Fills the places of a query that finds this place's own runners. */
struct runner_query runner_own(const struct request *rq);
struct view_runner runner_row(struct request *rq, const struct runner_view *runner, bool is_own);
/* Fields of the form; ERR_UNPROCESSABLE. */
MUST_USE int runner_form(struct request *rq, struct view_runner_form *form, int32_t *timeout,
			 struct err *e);
const char *runner_look(enum runner_state state);

route_handler page_runners;
route_handler page_runner_create;
route_handler page_runner;
route_handler page_runner_update;
route_handler page_runner_pause;
route_handler page_runner_remove;

#endif
