#include "domain/event_handlers.h"

#include "domain/instance.h"
#include "domain/merge_private.h"
#include "domain/merge_request_fork.h"
#include "domain/merge_result.h"
#include "domain/pipeline_request.h"
#include "domain/push.h"
#include "git/commit.h"
#include "git/repo.h"
#include "store/db.h"

#include "q/merge_request.h"
#include "q/ref.h"

#define HEADS STR("refs/heads/")

static struct landing_request request_of(const struct event_context *context,
					 struct project_id project, const struct actor *actor)
{
	return (struct landing_request){ .db = context->db,
					 .run = context->run,
					 .instance = context->instance,
					 .actor = actor,
					 .project = project,
					 .source = PUSH_SOURCE_SYSTEM };
}

static int ref_stands(const struct landing_request *request, const struct merge_request *mr,
		      struct str name, struct arena *a, bool *stands, struct err *e)
{
	const struct q_ref_find_in in = { mr->project.v, name };
	struct q_ref_find_row row = { 0 };
	AUTO_DB db = NULL;
	bool found;

	if (db_acquire(request->db, &db, e) < 0 || q_ref_find(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	*stands = found && str_eq(row.oid, mr->head_sha);
	return 0;
}

static struct str lost_folder(struct arena *a, int64_t iid)
{
	return arena_fmt(a, "refs/forge/merge-requests/%lld/", (long long)iid);
}

/* Keeps the commits, whatever becomes of the branch, and is what people fetch. */
static int follow_head(const struct landing_request *request, const struct merge_request *mr,
		       struct arena *a, struct err *e)
{
	const struct landing_change change = { .name = merge_request_ref(a, mr->iid),
					       .new_oid = mr->head_sha };
	bool stands = false;

	if (ref_stands(request, mr, change.name, a, &stands, e) < 0)
		return -(int)e->code;
	return stands ? 0 : landing_change_refs(request, &change, 1, e);
}

/*
 * Heads that a forced push took off the branch: their versions are looked at
 * still. One ref each, only for these.
 */
static int keep_lost_heads(const struct landing_request *request, const struct merge_request *mr,
			   struct arena *a, struct err *e)
{
	const struct q_merge_request_lost_heads_in in = { .id = mr->id.v,
							  .project_id = mr->project.v,
							  .folder = lost_folder(a, mr->iid) };
	struct q_merge_request_lost_heads_row *rows;
	struct landing_change *changes;
	AUTO_DB db = NULL;
	size_t count;

	if (db_acquire(request->db, &db, e) < 0 ||
	    q_merge_request_lost_heads(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	changes = ARENA_ARRAY(a, struct landing_change, count + 1);
	for (size_t i = 0; i < count; i++)
		changes[i] = (struct landing_change){ .name = arena_fmt(a, "%.*s%lld",
									STR_FMT(in.folder),
									(long long)rows[i].number),
						      .new_oid = rows[i].head_sha };
	return count ? landing_change_refs(request, changes, count, e) : 0;
}

/* What landed is what was meant to: if not, somebody must know at once. */
static int check_merged(const struct event_context *context, const struct landing_request *request,
			const struct merge_request *mr, struct arena *a, struct err *e)
{
	bool agrees = true;

	if (merge_agrees(request, mr, a, &agrees, e) < 0)
		return -(int)e->code;
	if (!agrees && context->instance->log)
		LOG(context->instance->log, LOG_ERROR, "merge_is_not_what_was_meant",
		    F_INT("project", mr->project.v), F_INT("merge_request", mr->iid),
		    F_STR("commit", mr->merged_to));
	return 0;
}

static int find(const struct event_context *context, const struct event *event, struct arena *a,
		struct merge_request *mr, bool *found, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(context->db, &db, e) < 0)
		return -(int)e->code;
	return merge_request_find_by_id(db, (struct merge_request_id){ event->subject }, a, mr,
					found, e);
}

/* Its head's pipeline, if it has none: a push made it already, an opened one is new. */
static int run_pipeline(const struct event_context *context, const struct merge_request *mr,
			struct arena *a, struct err *e)
{
	struct pipeline_made made;
	bool is_made;

	return pipeline_run_for_request(context->instance, mr->id, a, &is_made, &made, e);
}

static int follow_fork(const struct event_context *context, const struct event *event,
		       const struct landing_request *request, struct arena *a,
		       struct merge_request *mr, struct err *e)
{
	bool moved;
	bool found;

	if (merge_request_follow_fork(request, mr, a, &moved, e) < 0)
		return -(int)e->code;
	return moved ? find(context, event, a, mr, &found, e) : 0;
}

int event_on_merge_request(const struct event_context *context, const struct event *event,
			   struct arena *a, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = request_of(context, event->project, &system);
	struct merge_request mr;
	bool found;

	if (find(context, event, a, &mr, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	if (follow_fork(context, event, &request, a, &mr, e) < 0)
		return -(int)e->code;
	if (follow_head(&request, &mr, a, e) < 0 || keep_lost_heads(&request, &mr, a, e) < 0)
		return -(int)e->code;
	if (mr.state != MERGE_REQUEST_OPENED)
		return merge_result_drop(&request, &mr, a, e) < 0
			       ? -(int)e->code
			       : check_merged(context, &request, &mr, a, e);
	/* Whether both sides fit decides what a pipeline runs on. */
	if (merge_request_refresh(&request, mr.iid, a, &mr, e) < 0 ||
	    run_pipeline(context, &mr, a, e) < 0)
		return -(int)e->code;
	return merge_try_auto(&request, &mr, a, e);
}

/* ---- targets ---- */

struct marking {
	const struct push *push;
	struct project_id project;
	struct arena *a;
	int64_t iid;
	struct str head_sha;
	struct str old_oid;
	struct str new_oid;
};

static int mark(struct db *db, void *closure, struct err *e)
{
	const struct marking *k = closure;
	const struct actor system = actor_system();
	struct q_merge_request_set_merged_in in = { .user_id = k->push->user.v,
						    .has_user_id = k->push->user.v > 0,
						    .push_id = k->push->id,
						    .has_push_id = true,
						    .merged_from = STR_NONE };
	struct merge_request mr;

	if (merge_request_get_locked(db, k->project, k->iid, k->a, &mr, e) < 0)
		return -(int)e->code;
	if (mr.state != MERGE_REQUEST_OPENED || !str_eq(mr.head_sha, k->head_sha))
		return 0;
	in.id = mr.id.v;
	/* The event: what stands for an open one (its result) goes. */
	if (q_merge_request_set_merged(db, &in, NULL, e) < 0 ||
	    event_add(db, EVENT_MERGE_REQUEST, k->project, mr.id.v, e) < 0 ||
	    merge_request_say(
		    db, &mr, k->push->user,
		    arena_fmt(k->a, "merged by a push of %.*s", STR_FMT(str_upto(k->new_oid, 8))),
		    e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, &system, "merge_request.merged_by_push", &mr, STR_NONE, e);
}

/* Did this push bring the head into the target? Not knowing is no. */
static int is_brought(struct repo *repo, const struct marking *k, bool *brought, struct err *e)
{
	struct oid head;
	struct oid old_oid;
	struct oid new_oid;
	bool is_in = false;
	bool was_in = false;

	*brought = false;
	if (!oid_parse(k->head_sha, &head) || !oid_parse(k->old_oid, &old_oid) ||
	    !oid_parse(k->new_oid, &new_oid))
		return err_set(e, ERR_INTERNAL, "a recorded object's name that is none");
	if (commit_is_ancestor(repo, &head, &new_oid, &is_in, e) < 0)
		return -(int)e->code;
	if (is_in && commit_is_ancestor(repo, &head, &old_oid, &was_in, e) < 0)
		return -(int)e->code;
	*brought = is_in && !was_in;
	return 0;
}

static int look_at(const struct event_context *context, struct repo *repo, struct marking *k,
		   const struct q_merge_request_of_target_row *row, struct err *e)
{
	AUTO_DB db = NULL;
	bool brought = false;

	k->iid = row->iid;
	k->head_sha = row->head_sha;
	if (is_brought(repo, k, &brought, e) < 0)
		return -(int)e->code;
	if (db_acquire(context->db, &db, e) < 0)
		return -(int)e->code;
	if (brought)
		return db_transaction(db, mark, k, e);
	return row->is_auto ? event_add(db, EVENT_MERGE_REQUEST, k->project, row->id, e) : 0;
}

static int list_waiting(const struct event_context *context, struct project_id project,
			struct str branch, struct arena *a,
			struct q_merge_request_of_target_row **rows, size_t *count, struct err *e)
{
	const struct q_merge_request_of_target_in in = { project.v, branch };
	AUTO_DB db = NULL;

	if (db_acquire(context->db, &db, e) < 0)
		return -(int)e->code;
	return q_merge_request_of_target(db, &in, a, rows, count, e);
}

static int handle_branch(const struct event_context *context, struct repo *repo,
			 const struct event *event, const struct push *push,
			 const struct push_ref *ref, struct arena *a, struct err *e)
{
	struct marking k = { .push = push,
			     .project = event->project,
			     .a = a,
			     .old_oid = ref->old_oid,
			     .new_oid = ref->new_oid };
	struct q_merge_request_of_target_row *rows;
	struct str branch = ref->name;
	size_t count;

	if (!str_cut_prefix(&branch, HEADS) || str_eq_c(ref->old_oid, GIT_ZERO_OID) ||
	    str_eq_c(ref->new_oid, GIT_ZERO_OID))
		return 0;
	if (list_waiting(context, event->project, branch, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		if (look_at(context, repo, &k, &rows[i], e) < 0)
			return -(int)e->code;
	return 0;
}

static int load_push(const struct event_context *context, const struct event *event,
		     struct arena *a, struct push *push, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(context->db, &db, e) < 0)
		return -(int)e->code;
	return push_get(db, event->project, event->subject, a, push, e);
}

int event_on_merge_targets(const struct event_context *context, const struct event *event,
			   struct arena *a, struct err *e)
{
	struct push push;
	struct repo *repo;
	int result = 0;

	if (load_push(context, event, a, &push, e) < 0 ||
	    repo_acquire(context->instance->reader, event->project.v, &repo, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; result == 0 && i < push.refs_count; i++)
		result = handle_branch(context, repo, event, &push, &push.refs[i], a, e);
	repo_release(repo);
	return result;
}
