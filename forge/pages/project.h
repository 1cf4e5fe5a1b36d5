/* A project: its home, making one, its settings. */
#ifndef PAGES_PROJECT_H
#define PAGES_PROJECT_H

#include "pages/environment.h"
#include "pages/fork.h"
#include "pages/tree.h"

struct view_clone {
	struct str http;
	struct str ssh; /* none: SSH is not served */
};

struct view_empty_commands {
	bool is_ssh;
	struct str address, branch, folder;
	struct str id_folder, id_repository, id_new; /* for the copy buttons */
};

struct view_project_show {
	struct view_page page;
	struct view_clone clone;
	struct view_fork fork;
	bool is_empty, may_read_code, may_push;
	/* empty: */
	bool has_no_key;
	struct view_empty_commands commands_ssh, commands_http;
	/* else: */
	struct view_tree tree;
	int64_t commits, branches, tags, members;
	bool commits_complete, has_stage, offers_stage;
	struct view_contours contours;
};

struct view_project_new {
	struct view_page page;
	struct view_problem problem;
	struct view_option *namespaces;
	size_t namespaces_count;
	struct str segment, name, description, default_branch;
	struct view_visibility visibility;
};

struct view_project_settings {
	struct view_page page;
	struct view_problem problem;
	struct str name, description, default_branch, segment;
	struct view_name *branches;
	size_t branches_count;
	struct view_option *namespaces;
	size_t namespaces_count;
	bool may_set_visibility, may_rename, may_archive, may_remove;
};

/* What the settings page shows when one of its forms was refused. */
MUST_USE int project_settings_page(struct request *rq, const struct view_problem *problem,
				   struct err *e);

struct view_clone project_clone(struct request *rq);
/* Makes the repository's folder if there is none yet. */
MUST_USE int project_make_repository(struct request *rq, const struct project *project,
				     struct err *e);

route_handler page_project_show;
route_handler page_project_new;
route_handler page_project_create;
route_handler page_project_settings;
route_handler page_project_update;
route_handler page_project_visibility;
route_handler page_project_move;
route_handler page_project_archive;
route_handler page_project_remove;

#endif
