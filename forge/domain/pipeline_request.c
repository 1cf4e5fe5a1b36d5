#include "domain/pipeline_request.h"

#include "domain/access.h"
#include "domain/protected_ref.h"
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

void pipeline_wish_for_request(const struct merge_request *mr, struct arena *a,
			       struct pipeline_wish *wish, struct commit_subject *subject)
{
	struct pipeline_merge_request *facts = ARENA_NEW(a, struct pipeline_merge_request);

	*facts = (struct pipeline_merge_request){ .id = mr->id.v,
						  .iid = mr->iid,
						  .title = mr->title,
						  .description = mr->description,
						  .source_branch = mr->source_branch,
						  .is_source_protected = wish->is_protected,
						  .source_project = mr->source_project,
						  .source_project_path = mr->project_path,
						  .target_branch = mr->target_branch,
						  .diff_base_sha = mr->base_sha,
						  .labels = joined(a, &mr->labels),
						  .assignees = names_of(a, &mr->assignees),
						  .is_squashed = mr->squash };
	wish->why = CI_SOURCE_MERGE_REQUEST;
	wish->ref = merge_request_ref(a, mr->iid);
	wish->ref_name = mr->source_branch;
	wish->merge_request = facts;
	wish->obeys_skip = true;
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
	struct project project;
	bool is_protected;
	bool is_wanted;
};

static int look_up(struct opening *o, struct merge_request_id id, struct err *e)
{
	const struct actor system = actor_system();
	struct q_pipeline_of_sha_row row;
	struct project_access access;
	struct protected_refs rules;
	struct protected_ref effective;
	bool found;
	AUTO_DB db = NULL;

	if (db_acquire(o->instance->db, &db, e) < 0 ||
	    merge_request_find_by_id(db, id, o->arena, &o->mr, &found, e) < 0)
		return -(int)e->code;
	if (!found || o->mr.state != MERGE_REQUEST_OPENED ||
	    o->mr.source_project.v != o->mr.project.v)
		return 0;
	if (q_pipeline_of_sha(
		    db,
		    &(struct q_pipeline_of_sha_in){ .project_id = o->mr.project.v,
						    .ref = merge_request_ref(o->arena, o->mr.iid),
						    .sha = o->mr.head_sha },
		    o->arena, &row, &found, e) < 0 ||
	    access_find_project_by_id(db, &system, o->mr.project, o->arena, &access, e) < 0 ||
	    protected_ref_list(db, o->mr.project, o->arena, &rules, e) < 0)
		return -(int)e->code;
	o->project = access.project;
	o->is_protected =
		protected_ref_effective(&rules, PROTECTED_BRANCH, o->mr.source_branch, &effective);
	o->is_wanted = !found && access.target.exists;
	return 0;
}

static int plan(struct opening *o, struct repo *repo, struct pipeline_planned *planned,
		struct err *e)
{
	const struct actor author = { .user = o->mr.author.id };
	struct pipeline_wish wish = { .project = &o->project,
				      .actor = &author,
				      .sha = o->mr.head_sha,
				      .is_protected = o->is_protected };
	struct commit_subject subject;

	pipeline_wish_for_request(&o->mr, o->arena, &wish, &subject);
	wish.source = commit_source_of_repo(o->arena, repo, &subject);
	return pipeline_plan(o->instance, &wish, o->arena, planned, e);
}

static int create(struct opening *o, const struct pipeline_planned *planned, bool *is_made,
		  struct pipeline_made *made, struct err *e)
{
	AUTO_DB db = NULL;

	if (!pipeline_is_for_request(planned))
		return 0;
	if (db_acquire(o->instance->db, &db, e) < 0 ||
	    pipeline_planned_create(db, o->instance, planned, o->arena, made, e) < 0)
		return -(int)e->code;
	*is_made = true;
	return 0;
}

int pipeline_run_for_request(const struct instance *instance, struct merge_request_id id,
			     struct arena *a, bool *is_made, struct pipeline_made *made,
			     struct err *e)
{
	struct opening o = { .instance = instance, .arena = a };
	struct pipeline_planned planned;
	struct repo *repo;
	int failed;

	*is_made = false;
	if (look_up(&o, id, e) < 0)
		return -(int)e->code;
	if (!o.is_wanted)
		return 0;
	if (repo_acquire(instance->reader, o.mr.project.v, &repo, e) < 0)
		return -(int)e->code;
	failed = plan(&o, repo, &planned, e);
	repo_release(repo);
	if (failed || create(&o, &planned, is_made, made, e) < 0)
		return -(int)e->code;
	if (*is_made)
		pipeline_announce(instance, o.mr.project, made);
	return 0;
}
