#include "pages/pipeline_new.h"

#include "domain/pipeline_run.h"
#include "tmpl/pipeline_new.h"

#define REFS_SHOWN 200

static void list_refs(struct request *rq, const struct ref_snapshot *refs,
		      struct view_pipeline_new *v)
{
	static const char *const folders[] = { "refs/heads/", "refs/tags/" };

	v->refs = ARENA_ARRAY(rq->arena, struct view_name, REFS_SHOWN);
	for (size_t f = 0; f < ARRAY_LEN(folders); f++) {
		struct str folder = str_c(folders[f]);
		const struct ref *first;
		size_t count = ref_snapshot_range(refs, folder, &first);

		for (size_t i = 0; i < count && v->refs_count < REFS_SHOWN; i++)
			v->refs[v->refs_count++].name =
				arena_str(rq->arena, str_from(first[i].name, folder.n));
	}
}

static int show(struct request *rq, struct view_pipeline_new *v, struct err *e)
{
	struct repo *repo;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "pipelines");
	if (str_is_empty(v->ref))
		v->ref = rq->project->default_branch;
	list_refs(rq, repo_refs(repo), v);
	v->given = given_view(rq, PIPELINE_NEW_VARIABLES);
	tmpl_pipeline_new(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_pipeline_new(struct request *rq, struct err *e)
{
	struct view_pipeline_new v = { .ref = str_trim(request_query(rq, "ref")),
				       .commit = str_trim(request_query(rq, "commit")) };

	return show(rq, &v, e);
}

static int run(struct request *rq, const struct view_pipeline_new *v, struct pipeline_made *made,
	       struct err *e)
{
	struct ci_variables given;
	struct pipeline_order order = { .project = rq->project->id,
					.ref = v->ref,
					.commit = v->commit,
					.why = CI_SOURCE_WEB,
					.variables = &given };

	if (given_read(rq, &given, e) < 0 || request_repo(rq, &order.repo, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	return pipeline_run(rq->app->instance, &rq->actor, &order, rq->arena, made, e);
}

int page_pipeline_create(struct request *rq, struct err *e)
{
	struct view_pipeline_new v = { .ref = str_trim(request_form(rq, "ref")),
				       .commit = str_trim(request_form(rq, "commit")) };
	struct pipeline_made made;
	struct err error = { 0 };

	if (run(rq, &v, &made, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return show(rq, &v, e);
	}
	page_notice(rq, I18N("The pipeline is started."));
	return request_redirect(rq,
				url_for(rq->arena, ROUTE_pipeline, rq->project->path,
					arena_fmt(rq->arena, "%lld", (long long)made.id.v)),
				e);
}
