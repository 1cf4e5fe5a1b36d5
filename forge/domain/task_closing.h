/*
 * Closing words: "Closes #3", "fixes: #4, #5 and group/name#6", as GitLab reads
 * them, in commit messages and descriptions of merge requests. Words: close,
 * fix, resolve, implement, with their endings, in any case; then references of
 * tasks, separated by commas, "and" or spaces, each with "issue" before it or not.
 * Only tasks of the project itself count.
 *
 * They are acted on when the text reaches the default branch: a change closes its
 * task when it is on its way to production, not when a feature is merged to stage.
 */
#ifndef DOMAIN_TASK_CLOSING_H
#define DOMAIN_TASK_CLOSING_H

#include "base/arena.h"
#include "base/list.h"
#include "domain/event.h"

struct project;

#define TASK_CLOSING_MAX 100

/* Numbers of tasks, in the order they are named, each once, at most TASK_CLOSING_MAX. Pure. */
struct i64_list task_closing_find(struct str text, struct str project_path, struct arena *a);

/*
 * After a push: what its new commits on the default branch, and the merge requests
 * that came with them, say is done, is closed, by the pusher. Running twice does no
 * harm. What the pusher may not close stays open. Takes a connection of its own.
 */
MUST_USE int task_closing_arrived(const struct event_context *context, const struct event *event,
				  const struct project *project, struct arena *a, struct err *e);

#endif
