#include "domain/pipeline_request.h"

#include "domain/access.h"
#include "domain/merge_result.h"
#include "domain/merge_setting.h"
#include "domain/pipeline_right.h"
#include "git/repo.h"
#include "q/pipeline.h"
#include "store/db.h"

static struct str joined(struct arena *a, const struct str_list *items)
{
	struct str text = STR_NONE;

	for (size_t i = 0; i < items->count; i++)
		text = i == 0 ? items->items[0]
			      : arena_fmt(a, "%.*s,%.*s", STR_FMT(text), STR_FMT(items->items[i]));
	return text;
}

static struct str names_of(struct arena *a, const struct merge_people *people)
{
	struct str text = STR_NONE;

	for (size_t i = 0; i < people->count; i++)
		text = i == 0 ? people->items[0].username
			      : arena_fmt(a, "%.*s, %.*s", STR_FMT(text),
					  STR_FMT(people->items[i].username));
	return text;
}

static bool is_protected(const struct protected_refs *rules, struct str branch)
{
	struct protected_ref effective;

	return protected_ref_effective(rules, PROTECTED_BRANCH, branch, &effective);
}

void pipeline_wish_for_request(const struct merge_request *mr, const struct protected_refs *rules,
			       struct arena *a, struct pipeline_wish *wish,
			       struct commit_subject *subject)
{
	struct pipeline_merge_request *facts = ARENA_NEW(a, struct pipeline_merge_request);

	*facts = (struct pipeline_merge_request){ .id = mr->id.v,
						  .iid = mr->iid,
						  .title = mr->title,
						  .description = mr->description,
						  .source_branch = mr->source_branch,
						  .is_source_protected =
							  is_protected(rules, mr->source_branch),
						  .source_project = mr->source_project,
						  .source_project_path = mr->project_path,
						  .target_branch = mr->target_branch,
						  .is_target_protected =
							  is_protected(rules, mr->target_branch),
						  .source_sha = wish->source_sha,
						  .target_sha = wish->target_sha,
						  .diff_base_sha = mr->base_sha,
						  .labels = joined(a, &mr->labels),
						  .assignees = names_of(a, &mr->assignees),
						  .is_squashed = mr->squash };
	wish->why = CI_SOURCE_MERGE_REQUEST;
	wish->ref = str_is_none(wish->source_sha) ? merge_request_ref(a, mr->iid)
						  : merge_request_result_ref(a, mr->iid);
	wish->ref_name = mr->source_branch;
	wish->merge_request = facts;
	*subject = (struct commit_subject){ .sha = wish->sha,
					    .before = mr->target_sha,
					    .is_merge_base = true };
}

bool pipeline_is_for_request(const struct pipeline_planned *planned)
{
	return planned->outcome == PIPELINE_PLANNED || planned->outcome == PIPELINE_SKIPPED;
}

/* ------------------------------------------------------- when a merge request was opened */

struct opening {
	const struct instance *instance;
	struct arena *arena;
	struct merge_request mr;
	struct user_id user; /* who it runs for */
	bool is_asked;       /* by a person: "[skip ci]" does not count */
	struct project project;
	struct merge_setting setting;
	struct protected_refs rules;
	struct str sha; /* what it runs on: the head, or the result */
	bool is_of_result;
};

/* What the database says of its project and branch. */
static int read_project(struct opening *o, struct db *db, const struct project_access *access,
			struct err *e)
{
	if (protected_ref_list(db, o->mr.project, o->arena, &o->rules, e) < 0 ||
	    merge_setting_get(db, o->mr.project, o->arena, &o->setting, e) < 0)
		return -(int)e->code;
	o->project = access->project;
	return 0;
}

static bool is_eligible(const struct merge_request *mr)
{
	return mr->state == MERGE_REQUEST_OPENED && mr->source_project.v == mr->project.v;
}

/*
 * Of its own accord a head gets one. While auto-merge waits, a target that moved
 * on is tested again: else it would wait for ever.
 */
static int decide_wanted(const struct opening *o, struct db *db, bool *is_wanted, struct err *e)
{
	const struct merge_request *mr = &o->mr;
	const struct q_pipeline_of_request_in in = {
		.project_id = mr->project.v,
		.head_ref = merge_request_ref(o->arena, mr->iid),
		.result_ref = merge_request_result_ref(o->arena, mr->iid),
		.head_sha = mr->head_sha,
		.target_sha = mr->target_sha,
	};
	bool tests_again = o->setting.tests_result && mr->auto_merge_by.id.v != 0 &&
			   mr->check == MERGE_CLEAN && !mr->tree_is_tested;
	struct q_pipeline_of_request_row has;

	if (q_pipeline_of_request(db, &in, o->arena, &has, e) < 0)
		return -(int)e->code;
	*is_wanted = !has.has_any || (tests_again && !has.has_result);
	return 0;
}

static int look_up(struct opening *o, struct merge_request_id id, bool *is_wanted, struct err *e)
{
	const struct actor system = actor_system();
	struct project_access access;
	bool found;
	AUTO_DB db = NULL;

	*is_wanted = false;
	if (db_acquire(o->instance->db, &db, e) < 0 ||
	    merge_request_find_by_id(db, id, o->arena, &o->mr, &found, e) < 0)
		return -(int)e->code;
	if (!found || !is_eligible(&o->mr))
		return 0;
	o->user = o->mr.author.id;
	if (access_find_project_by_id(db, &system, o->mr.project, o->arena, &access, e) < 0)
		return -(int)e->code;
	if (!access.target.exists)
		return 0;
	if (read_project(o, db, &access, e) < 0)
		return -(int)e->code;
	return decide_wanted(o, db, is_wanted, e);
}

/* Head or result; the latter is made if it is not there. */
static int find_commit(struct opening *o, struct err *e)
{
	o->sha = o->mr.head_sha;
	o->is_of_result = o->mr.check == MERGE_CLEAN &&
			  (o->setting.tests_result || (o->is_asked && o->mr.is_behind));
	return o->is_of_result ? merge_result_make(o->instance, &o->mr, o->arena, &o->sha, e) : 0;
}

/* The result's message is ours: what its author said stands in the head's. */
static int is_head_skipped(const struct opening *o, struct repo *repo, bool *is_skipped,
			   struct err *e)
{
	struct commit head;
	struct oid oid;

	*is_skipped = false;
	if (o->is_asked || !o->is_of_result)
		return 0;
	if (!oid_parse(o->mr.head_sha, &oid))
		return err_set(e, ERR_INTERNAL, "a recorded object's name that is none");
	if (commit_get(repo, &oid, o->arena, &head, e) < 0)
		return -(int)e->code;
	*is_skipped = pipeline_message_skips(head.message);
	return 0;
}

/*
 * A result has the target's files and its pipeline file too: with a protected source alone,
 * whoever pushes to the target would say what runs with protected variables.
 */
static bool is_trusted(const struct opening *o)
{
	return is_protected(&o->rules, o->mr.source_branch) &&
	       (!o->is_of_result || is_protected(&o->rules, o->mr.target_branch));
}

static int plan_in(struct opening *o, struct repo *repo, struct pipeline_planned *planned,
		   struct err *e)
{
	const struct actor author = { .user = o->user };
	struct pipeline_wish wish = { .project = &o->project,
				      .actor = &author,
				      .sha = o->sha,
				      .is_protected = is_trusted(o),
				      .source_sha = STR_NONE,
				      .target_sha = STR_NONE,
				      .obeys_skip = !o->is_asked };
	struct commit_subject subject;

	if (is_head_skipped(o, repo, &wish.is_skipped, e) < 0)
		return -(int)e->code;
	if (o->is_of_result) {
		wish.source_sha = o->mr.head_sha;
		wish.target_sha = o->mr.target_sha;
	}
	pipeline_wish_for_request(&o->mr, &o->rules, o->arena, &wish, &subject);
	wish.source = commit_source_of_repo(o->arena, repo, &subject);
	return pipeline_plan(o->instance, &wish, o->arena, planned, e);
}

static int plan(struct opening *o, struct pipeline_planned *planned, struct err *e)
{
	struct repo *repo;
	int failed;

	if (find_commit(o, e) < 0)
		return -(int)e->code;
	if (repo_acquire(o->instance->reader, o->mr.project.v, &repo, e) < 0)
		return -(int)e->code;
	failed = plan_in(o, repo, planned, e);
	repo_release(repo);
	return failed;
}

static int create(struct opening *o, const struct pipeline_planned *planned,
		  struct pipeline_made *made, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(o->instance->db, &db, e) < 0 ||
	    pipeline_planned_create(db, o->instance, planned, o->arena, made, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	pipeline_announce(o->instance, o->mr.project, made);
	return 0;
}

int pipeline_run_for_request(const struct instance *instance, struct merge_request_id id,
			     struct arena *a, bool *is_made, struct pipeline_made *made,
			     struct err *e)
{
	struct opening o = { .instance = instance, .arena = a };
	struct pipeline_planned planned;
	bool is_wanted;

	*is_made = false;
	if (look_up(&o, id, &is_wanted, e) < 0)
		return -(int)e->code;
	if (!is_wanted)
		return 0;
	if (plan(&o, &planned, e) < 0)
		return -(int)e->code;
	*is_made = pipeline_is_for_request(&planned);
	return *is_made ? create(&o, &planned, made, e) : 0;
}

/* ------------------------------------------------------------------ asked for by a person */

static int check_asked(struct opening *o, const struct actor *actor, struct err *e)
{
	struct project_access access;
	AUTO_DB db = NULL;

	if (db_acquire(o->instance->db, &db, e) < 0 ||
	    access_find_project_by_id(db, actor, o->mr.project, o->arena, &access, e) < 0 ||
	    pipeline_check_right(
		    db, actor, &access.target, o->mr.project,
		    arena_fmt(o->arena, "refs/heads/%.*s", STR_FMT(o->mr.source_branch)), o->arena,
		    e) < 0)
		return -(int)e->code;
	return read_project(o, db, &access, e);
}

int pipeline_run_of_request(const struct instance *instance, const struct actor *actor,
			    const struct merge_request *mr, struct arena *a,
			    struct pipeline_made *made, struct err *e)
{
	struct opening o = {
		.instance = instance, .arena = a, .mr = *mr, .user = actor->user, .is_asked = true
	};
	struct pipeline_planned planned;

	if (mr->state != MERGE_REQUEST_OPENED)
		return err_set(e, ERR_CONFLICT,
			       "This merge request is %s; only an open one has new pipelines.",
			       merge_request_state_word(mr->state));
	if (!is_eligible(mr))
		return err_set(
			e, ERR_UNPROCESSABLE,
			"Its source is another project: run a pipeline of the branch there.");
	if (check_asked(&o, actor, e) < 0 || plan(&o, &planned, e) < 0 ||
	    pipeline_planned_check(&planned, e) < 0)
		return -(int)e->code;
	return create(&o, &planned, made, e);
}
