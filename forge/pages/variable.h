/* Stored CI variables: one pair of pages for a project, a group and the whole server. */
#ifndef PAGES_VARIABLE_H
#define PAGES_VARIABLE_H

#include "domain/variable.h"
#include "pages/page.h"

struct view_variable_row {
	struct str key, scope, description;
	bool is_everywhere; /* scope "*" */
	bool is_file, is_protected, is_masked, is_hidden, is_raw;
	struct str edit; /* where it is changed */
	struct str from; /* of an inherited one: the group's path; none: of the server */
};

struct view_variable_rows {
	bool is_inherited, may_change;
	struct view_variable_row *items;
	size_t count;
};

struct view_variable_form {
	bool is_new, is_hidden;
	struct str key, value, scope, description;
	struct str shown; /* "visible", "masked", "hidden" */
	bool is_file, is_protected, is_raw;
};

struct view_variable_list {
	struct view_page page;
	struct view_problem problem;
	bool is_project, is_group, may_change;
	struct str action;
	struct view_variable_rows own, inherited;
	struct view_variable_form fresh;
};

struct view_variable_edit {
	struct view_page page;
	struct view_problem problem;
	bool is_project, is_group;
	struct str list, action, action_remove;
	struct view_variable_form form;
};

/* Whose variables the request is about. */
struct variable_owner variable_owner_of(const struct request *rq);
/* The frame with the tab and section for that owner. */
void variable_frame(struct request *rq, struct view_page *page);
/* The list's address. */
struct str variable_list_path(struct request *rq);
struct variable variable_of_form(const struct request *rq);
void variable_show_form(const struct variable *variable, struct view_variable_form *form);

route_handler page_variables;
route_handler page_variable_add;
route_handler page_variable_edit;
route_handler page_variable_change;
route_handler page_variable_remove;

#endif
