/*
 * What arrives on the default branch closes the tasks it names. The words come
 * from the new commits and from the merge requests whose commits are among them,
 * so that a feature's "Closes #3" works when stage, which holds it, is merged.
 */
#include "domain/task_closing.h"

#include "domain/access.h"
#include "domain/instance.h"
#include "domain/push.h"
#include "domain/task.h"
#include "domain/user.h"
#include "git/commit.h"
#include "store/db.h"

#include "q/task.h"

struct arrival {
	const struct project *project;
	struct actor actor;
	struct commit_list commits;
	struct db *db;
	struct arena *a;
};

/* The default branch as the push moved it; NULL: it did not, or removed it. */
static const struct push_ref *default_ref(const struct push *push, const struct project *project)
{
	for (size_t i = 0; i < push->refs_count; i++) {
		struct str name = push->refs[i].name;

		if (str_cut_prefix(&name, STR("refs/heads/")) &&
		    str_eq(name, project->default_branch) &&
		    !str_eq_c(push->refs[i].new_oid, GIT_ZERO_OID))
			return &push->refs[i];
	}
	return NULL;
}

/* At most COMMIT_LIST_MAX, as GitLab looks at a bounded number too. */
static int read_commits(const struct event_context *context, const struct project *project,
			const struct push_ref *ref, struct arena *a, struct commit_list *list,
			struct err *e)
{
	struct commit_query query = { .limit = COMMIT_LIST_MAX };
	struct repo *repo;
	int result;

	if (!oid_parse(ref->new_oid, &query.from) || !oid_parse(ref->old_oid, &query.not_from))
		return err_set(e, ERR_INTERNAL, "push_ref holds what is no object id");
	if (repo_acquire(context->instance->reader, project->id.v, &repo, e) < 0)
		return -(int)e->code;
	result = commit_list(repo, &query, budget_operation(), a, list, e);
	repo_release(repo);
	return result;
}

/* The pusher; whoever is gone or blocked closes nothing. */
static int find_actor(struct arrival *arrival, struct user_id id, bool *found, struct err *e)
{
	struct user user;

	*found = false;
	if (id.v == 0)
		return 0;
	if (user_find(arrival->db, id, arrival->a, &user, found, e) < 0)
		return -(int)e->code;
	*found = *found && !user.is_blocked;
	if (*found)
		arrival->actor = user_actor(&user, ACTOR_SESSION);
	return 0;
}

static int close_task(struct arrival *arrival, int64_t iid, struct str because, struct err *e)
{
	const struct task_change change = { .has_closed = true,
					    .is_closed = true,
					    .because = because };
	struct err why = { 0 };
	struct task task;

	if (task_get(arrival->db, arrival->project->id, iid, arrival->a, &task, &why) == 0 &&
	    (task.is_closed || task_update(arrival->db, &arrival->actor, arrival->project->id, iid,
					   &change, arrival->a, &task, &why) == 0))
		return 0;
	/* No such task, or not theirs to close: the word was only a word. */
	if (why.code == ERR_NOT_FOUND || why.code == ERR_FORBIDDEN)
		return 0;
	*e = why;
	return -(int)e->code;
}

static int close_named(struct arrival *arrival, struct str text, struct str because, struct err *e)
{
	const struct i64_list named = task_closing_find(text, arrival->project->path, arrival->a);

	for (size_t i = 0; i < named.count; i++)
		if (close_task(arrival, named.items[i], because, e) < 0)
			return -(int)e->code;
	return 0;
}

/* Merge requests first: "with !3" says more than a commit. */
static int close_by_merge_requests(struct arrival *arrival, struct err *e)
{
	const struct commit_list *commits = &arrival->commits;
	struct q_task_merge_requests_in in = {
		.project_id = arrival->project->id.v,
		.shas = { ARENA_ARRAY(arrival->a, struct str, commits->commits_count + 1),
			  commits->commits_count },
	};
	struct q_task_merge_requests_row *rows;
	size_t count;

	for (size_t i = 0; i < commits->commits_count; i++)
		in.shas.items[i] = oid_hex(arrival->a, &commits->commits[i].oid);
	if (q_task_merge_requests(arrival->db, &in, arrival->a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		const struct str because =
			arena_fmt(arrival->a, "with !%lld", (long long)rows[i].iid);

		if (close_named(arrival, rows[i].title, because, e) < 0 ||
		    close_named(arrival, rows[i].description, because, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int close_by_commits(struct arrival *arrival, struct err *e)
{
	for (size_t i = 0; i < arrival->commits.commits_count; i++) {
		const struct commit *commit = &arrival->commits.commits[i];
		const struct str because =
			arena_fmt(arrival->a, "with commit %.*s",
				  STR_FMT(oid_short(arrival->a, &commit->oid, 8)));

		if (close_named(arrival, commit->message, because, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

int task_closing_arrived(const struct event_context *context, const struct event *event,
			 const struct project *project, struct arena *a, struct err *e)
{
	struct arrival arrival = { .project = project, .a = a };
	const struct push_ref *ref;
	struct push push;
	AUTO_DB db = NULL;
	bool found;

	if (!context->instance || !context->instance->reader)
		return 0;
	if (db_acquire(context->db, &db, e) < 0 ||
	    push_get(db, event->project, event->subject, a, &push, e) < 0)
		return -(int)e->code;
	ref = default_ref(&push, project);
	if (!ref)
		return 0;
	arrival.db = db;
	if (find_actor(&arrival, push.user, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	db_release(db);
	db = NULL;
	if (read_commits(context, project, ref, a, &arrival.commits, e) < 0 ||
	    db_acquire(context->db, &db, e) < 0)
		return -(int)e->code;
	arrival.db = db;
	if (close_by_merge_requests(&arrival, e) < 0)
		return -(int)e->code;
	return close_by_commits(&arrival, e);
}
