/*
 * The pipelines of a landing. Planned before any lock, because a planner runs a
 * stranger's file; made in the landing's transaction, so that exactly one
 * exists for each (push, ref, source) whatever dies when. A pipeline file that is
 * not valid makes a failed pipeline and refuses nothing; a planner that cannot
 * finish refuses the push.
 */
#include "domain/landing_private.h"

#include "domain/actor.h"
#include "domain/instance.h"
#include "domain/pipeline_request.h"
#include "store/db.h"

#define BRANCHES STR("refs/heads/")
#define TAGS STR("refs/tags/")

struct planning {
	struct landing *l;
	struct ci_variables given; /* ci.variable */
};

static bool makes_pipeline(const struct landing_ref *ref)
{
	return landing_lands(ref) && !str_eq_c(ref->new_oid, GIT_ZERO_OID) &&
	       (str_starts(ref->name, BRANCHES) || str_starts(ref->name, TAGS));
}

/* A variable that cannot be used is told to the pusher; it is no reason to refuse the push. */
static void read_variables(struct planning *p)
{
	struct landing *l = p->l;
	const struct str_list *texts = &l->push_options.variables;

	ci_variables_init(&p->given, l->arena);
	for (size_t i = 0; i < texts->count; i++) {
		struct err e = { 0 };

		if (pipeline_given_parse(&p->given, texts->items[i], &e) < 0)
			l->variable_problem = arena_str(l->arena, str_c(err_sentence(&e)));
	}
}

/* wish->sha is none if the ref leads to no commit (a tag of a file). */
static int find_commit(struct landing *l, const struct landing_ref *ref, struct pipeline_wish *wish,
		       struct err *e)
{
	const struct commit_subject nothing = { .sha = ref->new_oid };
	struct commit_source *source;

	wish->sha = ref->facts & GIT_REF_COMMIT ? ref->new_oid : STR_NONE;
	if (!(ref->facts & GIT_REF_TAG_OBJECT))
		return 0;
	source = commit_source_of_operation(l->arena, l->op, &nothing);
	if (commit_source_peel(source, ref->new_oid, l->arena, &wish->sha, e) == 0)
		return commit_source_tag_message(source, ref->new_oid, l->arena, &wish->tag_message,
						 e);
	if (e->code != ERR_NOT_FOUND)
		return -(int)e->code;
	err_clear(e);
	return 0;
}

static bool is_protected(const struct landing *l, struct str name, bool is_tag)
{
	struct protected_ref effective;

	return protected_ref_effective(&l->protected_refs,
				       is_tag ? PROTECTED_TAG : PROTECTED_BRANCH, name, &effective);
}

#define OPEN_TOLD_MAX 4 /* GitLab's */

/* "group/project!1,group/project!2": CI_OPEN_MERGE_REQUESTS. */
static struct str open_requests(const struct landing *l, size_t at)
{
	const struct merge_requests *open = &l->open[at];
	struct str text = STR_NONE;

	for (size_t i = 0; i < open->count && i < OPEN_TOLD_MAX; i++)
		text = arena_fmt(l->arena, "%.*s%s%.*s!%lld", STR_FMT(text), i ? "," : "",
				 STR_FMT(open->items[i].project_path),
				 (long long)open->items[i].iid);
	return text;
}

static int plan_ref(struct planning *p, size_t at, struct err *e)
{
	struct landing *l = p->l;
	const struct landing_ref *ref = &l->refs[at];
	struct landing_pipeline *to = &l->pipelines[l->pipeline_count];
	bool is_tag = str_starts(ref->name, TAGS);
	struct str name = str_from(ref->name, is_tag ? TAGS.n : BRANCHES.n);
	struct pipeline_wish wish = { .project = &l->project,
				      .why = CI_SOURCE_PUSH,
				      .ref = ref->name,
				      .ref_name = name,
				      .is_tag = is_tag,
				      .before_sha = is_tag ? STR(GIT_ZERO_OID) : ref->old_oid,
				      .actor = l->rq.actor,
				      .is_protected = is_protected(l, name, is_tag),
				      .variables = &p->given,
				      .open_requests = open_requests(l, at),
				      .is_skipped = l->push_options.skips,
				      .obeys_skip = true };
	struct commit_subject subject;

	if (find_commit(l, ref, &wish, e) < 0)
		return -(int)e->code;
	if (str_is_none(wish.sha))
		return 0;
	subject = (struct commit_subject){ .sha = wish.sha, .before = wish.before_sha };
	wish.source = commit_source_of_operation(l->arena, l->op, &subject);
	if (pipeline_plan(l->rq.instance, &wish, l->arena, &to->planned, e) < 0)
		return -(int)e->code;
	to->ref = at;
	l->pipeline_count++;
	return 0;
}

/*
 * The pipeline of an open merge request from this branch. A file that is not
 * valid, or that has nothing for merge requests, is the branch pipeline's affair.
 */
static int plan_request(struct planning *p, size_t at, const struct merge_request *mr,
			struct err *e)
{
	struct landing *l = p->l;
	struct landing_pipeline *to = &l->pipelines[l->pipeline_count];
	struct pipeline_wish wish = { .project = &l->project,
				      .actor = l->rq.actor,
				      .sha = l->refs[at].new_oid,
				      .is_protected = is_protected(l, mr->source_branch, false),
				      .is_skipped = l->push_options.skips,
				      .obeys_skip = true };
	struct commit_subject subject;

	pipeline_wish_for_request(mr, &l->protected_refs, l->arena, &wish, &subject);
	wish.source = commit_source_of_operation(l->arena, l->op, &subject);
	if (pipeline_plan(l->rq.instance, &wish, l->arena, &to->planned, e) < 0)
		return -(int)e->code;
	to->ref = at;
	if (pipeline_is_for_request(&to->planned))
		l->pipeline_count++;
	return 0;
}

/*
 * A result is made when the refs stand: then the outbox does it. One that goes to another project
 * has the pipelines of its branch here, and no others: a merge request's pipeline would be told of
 * that project.
 */
static int plan_requests(struct planning *p, size_t at, struct err *e)
{
	const struct merge_requests *open = p->l->open ? &p->l->open[at] : NULL;

	if (p->l->tests_result)
		return 0;
	for (size_t i = 0; open && i < open->count; i++) {
		const struct merge_request *mr = &open->items[i];

		if (p->l->pipeline_count == LANDING_PIPELINES_MAX)
			return 0;
		if (mr->project.v == p->l->rq.project.v && plan_request(p, at, mr, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int plan_refs(struct planning *p, struct err *e)
{
	struct landing *l = p->l;
	size_t refs = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (!makes_pipeline(&l->refs[i]))
			continue;
		if (refs++ == LANDING_PIPELINE_REFS_MAX) {
			l->has_more_refs = true;
			return 0;
		}
		if (plan_ref(p, i, e) < 0 || plan_requests(p, i, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

int landing_plan(struct landing *l, struct err *e)
{
	struct planning p = { .l = l };
	const struct str_list options = { l->options, l->option_count };

	push_options_read(&options, l->arena, &l->push_options);
	if (!l->rq.instance || l->rq.source == PUSH_SOURCE_SYSTEM)
		return 0;
	if (landing_find_requests(l, e) < 0)
		return -(int)e->code;
	if (l->push_options.has_no_pipeline)
		return 0;
	l->pipelines = ARENA_ARRAY(l->arena, struct landing_pipeline, LANDING_PIPELINES_MAX);
	read_variables(&p);
	return plan_refs(&p, e);
}

int landing_create_pipelines(struct landing *l, struct db *db, struct err *e)
{
	for (size_t i = 0; i < l->pipeline_count; i++) {
		struct landing_pipeline *p = &l->pipelines[i];

		p->made = (struct pipeline_made){ 0 };
		if (p->planned.outcome == PIPELINE_NONE || !landing_lands(&l->refs[p->ref]))
			continue;
		p->planned.pipeline.push_id = l->push_id;
		if (pipeline_planned_create(db, l->rq.instance, &p->planned, l->arena, &p->made,
					    e) < 0)
			return -(int)e->code;
	}
	return 0;
}

void landing_announce(struct landing *l)
{
	for (size_t i = 0; i < l->pipeline_count; i++)
		if (l->pipelines[i].made.id.v)
			pipeline_announce(l->rq.instance, l->rq.project, &l->pipelines[i].made);
}
