/*
 * The actions and the access matrix; how to read a row is told in access.h.
 * Add a row here when a new kind of act appears; use an old one when the same
 * people may do it for the same reason.
 */
#ifndef DOMAIN_ACCESS_ACTIONS_H
#define DOMAIN_ACCESS_ACTIONS_H

#include "domain/actor.h"

#define SCOPES_SESSION SCOPE_SESSION
#define SCOPES_CHANGE (SCOPE_SESSION | SCOPE_API)
#define SCOPES_READ (SCOPE_SESSION | SCOPE_API | SCOPE_READ_API)
#define SCOPES_USER (SCOPES_READ | SCOPE_READ_USER)
#define SCOPES_CODE (SCOPES_READ | SCOPE_READ_REPOSITORY | SCOPE_JOB)
#define SCOPES_FETCH (SCOPES_CODE | SCOPE_WRITE_REPOSITORY)
#define SCOPES_PUSH (SCOPE_SESSION | SCOPE_API | SCOPE_WRITE_REPOSITORY)
#define SCOPES_CI_READ (SCOPES_READ | SCOPE_JOB)
#define SCOPES_RUNNER_CREATE (SCOPES_CHANGE | SCOPE_CREATE_RUNNER)
#define SCOPES_RUNNER_CHANGE (SCOPES_CHANGE | SCOPE_MANAGE_RUNNER)
#define SCOPES_RUNNER_READ (SCOPES_READ | SCOPE_MANAGE_RUNNER)
#define SCOPES_ANY UINT32_MAX

/* X(NAME, what one does, target, level, open to, scopes, archived) */
#define ACCESS_ACTIONS(X)                                                                          \
	X(PUBLIC_PAGE, "see this page", NOTHING, NONE, READERS, SCOPES_ANY, YES)                   \
	X(EXPLORE, "list what is visible", NOTHING, NONE, READERS, SCOPES_USER, YES)               \
	X(SELF_VIEW, "see your own things", SELF, NONE, USERS, SCOPES_USER, YES)                   \
	X(SELF_CHANGE, "change your profile", SELF, NONE, USERS, SCOPES_CHANGE, YES)               \
	X(SELF_CREDENTIALS, "manage your password, keys and tokens", SELF, NONE, USERS,            \
	  SCOPES_SESSION, YES)                                                                     \
	X(USER_LIST, "list users", SELF, NONE, USERS, SCOPES_USER, YES)                            \
	X(GROUP_CREATE, "create a group", SELF, NONE, USERS, SCOPES_CHANGE, YES)                   \
	X(ADMIN_VIEW, "see the administration pages", ADMIN, NONE, MEMBERS, SCOPES_READ, YES)      \
	X(ADMIN_CHANGE, "administer this server", ADMIN, NONE, MEMBERS, SCOPES_CHANGE, YES)        \
	X(ADMIN_CREDENTIALS, "set passwords and tokens of others", ADMIN, NONE, MEMBERS,           \
	  SCOPES_SESSION, YES)                                                                     \
	X(GROUP_VIEW, "see this group", GROUP, GUEST, READERS, SCOPES_READ, YES)                   \
	X(GROUP_MEMBERS_VIEW, "see the members of this group", GROUP, GUEST, USERS, SCOPES_READ,   \
	  YES)                                                                                     \
	X(PROJECT_CREATE, "create a project here", GROUP, DEVELOPER, MEMBERS, SCOPES_CHANGE, YES)  \
	X(SUBGROUP_CREATE, "create a subgroup here", GROUP, MAINTAINER, MEMBERS, SCOPES_CHANGE,    \
	  YES)                                                                                     \
	X(GROUP_CHANGE, "change this group", GROUP, OWNER, MEMBERS, SCOPES_CHANGE, YES)            \
	X(GROUP_MEMBERS_CHANGE, "change the members of this group", GROUP, OWNER, MEMBERS,         \
	  SCOPES_CHANGE, YES)                                                                      \
	X(GROUP_TOKENS, "manage the tokens of this group", GROUP, OWNER, MEMBERS, SCOPES_SESSION,  \
	  YES)                                                                                     \
	X(GROUP_REMOVE, "remove this group", GROUP, OWNER, MEMBERS, SCOPES_CHANGE, YES)            \
	X(PROJECT_VIEW, "see this project", PROJECT, GUEST, READERS, SCOPES_READ, YES)             \
	X(CODE_READ, "read the code of this project", PROJECT, REPORTER, READERS, SCOPES_CODE,     \
	  YES)                                                                                     \
	X(GIT_READ, "fetch from this project", PROJECT, REPORTER, READERS, SCOPES_FETCH, YES)      \
	X(GIT_WRITE, "push to this project", PROJECT, DEVELOPER, MEMBERS, SCOPES_PUSH, NO)         \
	X(CODE_WRITE, "change files, branches and tags of this project", PROJECT, DEVELOPER,       \
	  MEMBERS, SCOPES_CHANGE, NO)                                                              \
	X(TASK_VIEW, "see the tasks of this project", PROJECT, GUEST, READERS, SCOPES_READ, YES)   \
	X(TASK_CREATE, "open tasks here", PROJECT, GUEST, USERS, SCOPES_CHANGE, NO)                \
	X(TASK_CHANGE, "change the tasks of others", PROJECT, REPORTER, MEMBERS, SCOPES_CHANGE,    \
	  NO)                                                                                      \
	X(NOTE_CREATE, "comment on tasks", PROJECT, GUEST, USERS, SCOPES_CHANGE, NO)               \
	X(REVIEW_WRITE, "comment on merge requests", PROJECT, REPORTER, USERS, SCOPES_CHANGE, NO)  \
	X(MERGE_REQUEST_OFFER, "open merge requests from forks of this project", PROJECT,          \
	  REPORTER, USERS, SCOPES_CHANGE, NO)                                                      \
	X(NOTE_MODERATE, "change the comments of others", PROJECT, MAINTAINER, MEMBERS,            \
	  SCOPES_CHANGE, NO)                                                                       \
	X(THREAD_RESOLVE, "resolve the threads of others", PROJECT, DEVELOPER, MEMBERS,            \
	  SCOPES_CHANGE, NO)                                                                       \
	X(MERGE_REQUEST_READ, "see the merge requests of this project", PROJECT, REPORTER,         \
	  READERS, SCOPES_READ, YES)                                                               \
	X(MERGE_REQUEST_WRITE, "open, change and approve merge requests of this project", PROJECT, \
	  DEVELOPER, MEMBERS, SCOPES_CHANGE, NO)                                                   \
	X(MERGE_REQUEST_MERGE, "merge in this project", PROJECT, DEVELOPER, MEMBERS,               \
	  SCOPES_CHANGE, NO)                                                                       \
	X(MERGE_REQUEST_REMOVE, "remove merge requests of this project", PROJECT, OWNER, MEMBERS,  \
	  SCOPES_CHANGE, NO)                                                                       \
	X(PROJECT_FORK, "fork this project", PROJECT, REPORTER, USERS, SCOPES_CHANGE, YES)         \
	X(PROJECT_MEMBERS_VIEW, "see the members of this project", PROJECT, GUEST, USERS,          \
	  SCOPES_READ, YES)                                                                        \
	X(PROJECT_MEMBERS_CHANGE, "change the members of this project", PROJECT, MAINTAINER,       \
	  MEMBERS, SCOPES_CHANGE, YES)                                                             \
	X(PROJECT_SETTINGS_VIEW, "see the settings of this project", PROJECT, MAINTAINER, MEMBERS, \
	  SCOPES_READ, YES)                                                                        \
	X(PROJECT_CHANGE, "change the settings of this project", PROJECT, MAINTAINER, MEMBERS,     \
	  SCOPES_CHANGE, NO)                                                                       \
	X(PROTECTED_REFS_VIEW, "see the protected branches and tags", PROJECT, DEVELOPER, MEMBERS, \
	  SCOPES_READ, YES)                                                                        \
	X(PROTECTED_REFS_CHANGE, "change the protected branches and tags", PROJECT, MAINTAINER,    \
	  MEMBERS, SCOPES_CHANGE, NO)                                                              \
	X(PROJECT_TOKENS, "manage the tokens of this project", PROJECT, MAINTAINER, MEMBERS,       \
	  SCOPES_SESSION, YES)                                                                     \
	X(PROJECT_RENAME, "rename or move this project", PROJECT, OWNER, MEMBERS, SCOPES_CHANGE,   \
	  NO)                                                                                      \
	X(PROJECT_VISIBILITY, "change who can see this project", PROJECT, OWNER, MEMBERS,          \
	  SCOPES_CHANGE, YES)                                                                      \
	X(PROJECT_ARCHIVE, "archive or unarchive this project", PROJECT, OWNER, MEMBERS,           \
	  SCOPES_CHANGE, YES)                                                                      \
	X(PROJECT_REMOVE, "delete this project", PROJECT, OWNER, MEMBERS, SCOPES_CHANGE, YES)      \
	X(PIPELINE_READ, "see the pipelines and jobs of this project", PROJECT, REPORTER, READERS, \
	  SCOPES_CI_READ, YES)                                                                     \
	X(PIPELINE_RUN, "start, cancel and retry pipelines and jobs of this project", PROJECT,     \
	  DEVELOPER, MEMBERS, SCOPES_CHANGE, NO)                                                   \
	X(PIPELINE_REMOVE, "delete pipelines of this project", PROJECT, OWNER, MEMBERS,            \
	  SCOPES_CHANGE, NO)                                                                       \
	X(ENVIRONMENT_CHANGE, "change the environments of this project", PROJECT, DEVELOPER,       \
	  MEMBERS, SCOPES_CHANGE, NO)                                                              \
	X(ARTIFACT_READ, "read the artifacts of this project", PROJECT, REPORTER, READERS,         \
	  SCOPES_CI_READ, YES)                                                                     \
	X(ARTIFACT_KEEP, "keep artifacts of this project from expiring", PROJECT, DEVELOPER,       \
	  MEMBERS, SCOPES_CHANGE, NO)                                                              \
	X(ARTIFACT_REMOVE, "remove artifacts of this project", PROJECT, MAINTAINER, MEMBERS,       \
	  SCOPES_CHANGE, YES)                                                                      \
	X(RUNNERS_VIEW, "see the runners of this project", PROJECT, MAINTAINER, MEMBERS,           \
	  SCOPES_RUNNER_READ, YES)                                                                 \
	X(RUNNERS_CREATE, "add a runner to this project", PROJECT, MAINTAINER, MEMBERS,            \
	  SCOPES_RUNNER_CREATE, NO)                                                                \
	X(RUNNERS_CHANGE, "change the runners of this project", PROJECT, MAINTAINER, MEMBERS,      \
	  SCOPES_RUNNER_CHANGE, YES)                                                               \
	X(GROUP_RUNNERS_VIEW, "see the runners of this group", GROUP, MAINTAINER, MEMBERS,         \
	  SCOPES_RUNNER_READ, YES)                                                                 \
	X(GROUP_RUNNERS_CREATE, "add a runner to this group", GROUP, OWNER, MEMBERS,               \
	  SCOPES_RUNNER_CREATE, YES)                                                               \
	X(GROUP_RUNNERS_CHANGE, "change the runners of this group", GROUP, OWNER, MEMBERS,         \
	  SCOPES_RUNNER_CHANGE, YES)                                                               \
	X(RUNNER_CREATE_ANY, "add runners where you may", SELF, NONE, USERS, SCOPES_RUNNER_CREATE, \
	  YES)                                                                                     \
	X(RUNNER_PROTOCOL, "ask for jobs and report on them as a runner", NOTHING, NONE, READERS,  \
	  SCOPES_ANY, YES)                                                                         \
	X(RUNNER_ANY, "work with the runners you may see", SELF, NONE, USERS, SCOPES_RUNNER_READ,  \
	  YES)                                                                                     \
	X(RUNNER_ANY_CHANGE, "change the runners you may change", SELF, NONE, USERS,               \
	  SCOPES_RUNNER_CHANGE, YES)                                                               \
	X(ADMIN_RUNNERS_VIEW, "see all runners", ADMIN, NONE, MEMBERS, SCOPES_RUNNER_READ, YES)    \
	X(ADMIN_RUNNERS_CREATE, "add a runner for all projects", ADMIN, NONE, MEMBERS,             \
	  SCOPES_RUNNER_CREATE, YES)                                                               \
	X(ADMIN_RUNNERS_CHANGE, "change the runners of this server", ADMIN, NONE, MEMBERS,         \
	  SCOPES_RUNNER_CHANGE, YES)                                                               \
	X(VARIABLES_VIEW, "see the CI/CD variables of this project", PROJECT, MAINTAINER, MEMBERS, \
	  SCOPES_READ, YES)                                                                        \
	X(VARIABLES_CHANGE, "change the CI/CD variables of this project", PROJECT, MAINTAINER,     \
	  MEMBERS, SCOPES_CHANGE, NO)                                                              \
	X(GROUP_VARIABLES_VIEW, "see the CI/CD variables of this group", GROUP, OWNER, MEMBERS,    \
	  SCOPES_READ, YES)                                                                        \
	X(GROUP_VARIABLES_CHANGE, "change the CI/CD variables of this group", GROUP, OWNER,        \
	  MEMBERS, SCOPES_CHANGE, YES)

enum action {
#define ACTION_ENUM(name, sentence, target, level, open, scopes, archived) ACTION_##name,
	ACCESS_ACTIONS(ACTION_ENUM)
#undef ACTION_ENUM
		ACTION_COUNT
};

enum access_target_kind {
	TARGET_NOTHING,
	TARGET_SELF,
	TARGET_ADMIN,
	TARGET_GROUP,
	TARGET_PROJECT,
};

enum access_open { OPEN_TO_MEMBERS, OPEN_TO_USERS, OPEN_TO_READERS };

struct access_row {
	const char *name;     /* "CODE_READ" */
	const char *sentence; /* "read the code of this project" */
	enum access_target_kind target;
	enum access_level level;
	enum access_open open;
	uint32_t scopes;
	bool when_archived;
};

const struct access_row *access_row(enum action action);

#endif
