/*
 * What the pusher reads: at most ten lines of plain text, the most useful first
 * (git shows them as "remote: ..."). Editors and glab look for the addresses in
 * them, each on a line of its own behind two blanks.
 */
#include "domain/landing_private.h"

#include "base/buf.h"
#include "base/url.h"

#define LINES_MAX 10
#define INVITATIONS_MAX 2 /* to open merge requests: who pushes many branches knows */

struct saying {
	struct landing *l;
	size_t lines;
	size_t invitations;
	bool is_full; /* something was left out */
};

/* A sentence and the address (or the detail) it speaks of stand together or not at all. */
static int say(struct saying *s, struct str sentence, struct str address, struct err *e)
{
	size_t wants = str_is_none(address) ? 1 : 2;

	/* One line is kept for telling that there is more. */
	if (s->is_full || s->lines + wants > LINES_MAX - 1) {
		s->is_full = true;
		return 0;
	}
	s->lines += wants;
	if (landing_say_text(s->l, GIT_MSG_OUTPUT, sentence, e) < 0)
		return -(int)e->code;
	if (str_is_none(address))
		return 0;
	return landing_say_text(s->l, GIT_MSG_OUTPUT,
				arena_fmt(s->l->arena, "  %.*s", STR_FMT(address)), e);
}

static struct str url_of_pipeline(const struct landing *l, const struct landing_pipeline *p)
{
	return arena_fmt(l->arena, "%.*s/-/pipelines/%lld", STR_FMT(l->rq.project_url),
			 (long long)p->made.id.v);
}

/* "staging, production": where its deploy jobs go, each once. */
static struct str environments_of(const struct landing *l, const struct ci_plan *plan)
{
	struct str list = STR_NONE;

	for (size_t i = 0; i < plan->job_count; i++) {
		const struct ci_plan_job *job = &plan->jobs[i];
		bool is_told = false;

		if (str_is_empty(job->environment_name) ||
		    job->config->environment.action != CI_ENVIRONMENT_START)
			continue;
		for (size_t before = 0; before < i; before++)
			is_told |=
				plan->jobs[before].config->environment.action ==
					CI_ENVIRONMENT_START &&
				str_eq(plan->jobs[before].environment_name, job->environment_name);
		if (!is_told)
			list = str_is_none(list) ? job->environment_name
						 : arena_fmt(l->arena, "%.*s, %.*s", STR_FMT(list),
							     STR_FMT(job->environment_name));
	}
	return list;
}

static struct str place_of(const struct landing *l, const struct ci_problem *problem)
{
	if (str_is_empty(problem->mark.file))
		return STR(PIPELINE_FILE);
	if (problem->mark.line == 0)
		return problem->mark.file;
	return arena_fmt(l->arena, "%.*s:%d:%d", STR_FMT(problem->mark.file), problem->mark.line,
			 problem->mark.column);
}

/* "feature", or "feature's merge request". */
static struct str name_of(const struct landing *l, const struct landing_pipeline *p)
{
	struct str name = p->planned.pipeline.ref_name;

	if (p->planned.pipeline.source != CI_SOURCE_MERGE_REQUEST)
		return name;
	return arena_fmt(l->arena, "the merge request of %.*s", STR_FMT(name));
}

static struct str sentence_of(const struct landing *l, const struct landing_pipeline *p)
{
	const struct ci_plan *plan = &p->planned.plan;
	struct str ref = name_of(l, p);
	struct str environments = environments_of(l, plan);
	const char *plural = plan->job_count == 1 ? "" : "s";

	switch (p->planned.outcome) {
	case PIPELINE_SKIPPED:
		return arena_fmt(l->arena,
				 "The pipeline for %.*s was skipped, as you asked:", STR_FMT(ref));
	case PIPELINE_INVALID:
		return arena_fmt(
			l->arena,
			"The pipeline file is not valid, so no job runs for %.*s:", STR_FMT(ref));
	case PIPELINE_PLANNED:
		break;
	case PIPELINE_NONE:
		return STR_NONE;
	}
	if (str_is_none(environments))
		return arena_fmt(l->arena, "Pipeline for %.*s (%zu job%s):", STR_FMT(ref),
				 plan->job_count, plural);
	return arena_fmt(l->arena,
			 "Pipeline for %.*s (%zu job%s), which deploys to %.*s:", STR_FMT(ref),
			 plan->job_count, plural, STR_FMT(environments));
}

/* Has the ref another pipeline (of its merge request)? Then that it has none is no news. */
static bool has_other(const struct landing *l, const struct landing_pipeline *p)
{
	for (size_t i = 0; i < l->pipeline_count; i++)
		if (&l->pipelines[i] != p && l->pipelines[i].ref == p->ref)
			return true;
	return false;
}

/* Where and what first, as compilers say it: editors jump to it. */
static int say_problem(struct saying *s, const struct landing_pipeline *p, struct err *e)
{
	const struct ci_problem *problem = &p->planned.plan.problem;
	struct str place = place_of(s->l, problem);
	struct str text = str_upto(problem->text, 900);

	if (say(s, sentence_of(s->l, p),
		arena_fmt(s->l->arena, "%.*s: %.*s", STR_FMT(place), STR_FMT(text)), e) < 0)
		return -(int)e->code;
	return say(s, arena_fmt(s->l->arena, "  %.*s", STR_FMT(url_of_pipeline(s->l, p))), STR_NONE,
		   e);
}

static int say_pipeline(struct saying *s, const struct landing_pipeline *p, struct err *e)
{

	if (!landing_lands(&s->l->refs[p->ref]))
		return 0;
	if (p->planned.outcome == PIPELINE_NONE)
		return p->planned.has_file && !has_other(s->l, p)
			       ? say(s,
				     arena_fmt(s->l->arena, "No pipeline for %.*s: %.*s",
					       STR_FMT(p->planned.pipeline.ref_name),
					       STR_FMT(p->planned.plan.problem.text)),
				     STR_NONE, e)
			       : 0;
	if (p->planned.outcome == PIPELINE_INVALID)
		return say_problem(s, p, e);
	return say(s, sentence_of(s->l, p), url_of_pipeline(s->l, p), e);
}

/* ------------------------------------------------------------------------ merge requests */

static struct str url_of_new(const struct landing *l, struct str branch)
{
	struct buf b;
	struct str url;

	buf_init(&b, 8192);
	url_encode(&b, branch);
	url = arena_fmt(l->arena,
			"%.*s/-/merge_requests/new?merge_request%%5Bsource_branch%%5D=%.*s",
			STR_FMT(l->rq.project_url), STR_FMT(buf_str(&b)));
	buf_fini(&b);
	return url;
}

/* It may be in another project, of which this one is a fork: the same site, its path. */
static struct str url_of_open(const struct landing *l, const struct merge_request *mr)
{
	struct str site = l->rq.project_url;

	if (mr->project.v != l->rq.project.v && str_ends(site, l->project.path))
		site = arena_fmt(l->arena, "%.*s%.*s",
				 STR_FMT(str_upto(site, site.n - l->project.path.n)),
				 STR_FMT(mr->project_path));
	return arena_fmt(l->arena, "%.*s/-/merge_requests/%lld", STR_FMT(site), (long long)mr->iid);
}

static int say_open(struct saying *s, struct str branch, const struct merge_requests *open,
		    struct err *e)
{
	for (size_t i = 0; i < open->count; i++) {
		struct str sentence =
			arena_fmt(s->l->arena, "View merge request for %.*s:", STR_FMT(branch));
		if (say(s, sentence, url_of_open(s->l, &open->items[i]), e) < 0)
			return -(int)e->code;
	}
	return 0;
}

/* The open one, or where to make one; not of the default branch, which goes nowhere. */
static int say_request(struct saying *s, size_t at, struct err *e)
{
	const struct landing *l = s->l;
	struct str branch = l->refs[at].name;

	/* Without items nobody asked: it is none of the first branches. */
	if (!l->open[at].items || !str_cut_prefix(&branch, STR("refs/heads/")) ||
	    !landing_lands(&l->refs[at]))
		return 0;
	if (l->open[at].count > 0)
		return say_open(s, branch, &l->open[at], e);
	if (str_eq(branch, l->project.default_branch) || l->is_first_push ||
	    s->invitations == INVITATIONS_MAX)
		return 0;
	s->invitations++;
	return say(
		s,
		arena_fmt(l->arena, "To create a merge request for %.*s, visit:", STR_FMT(branch)),
		url_of_new(l, branch), e);
}

static int say_requests(struct saying *s, struct err *e)
{
	for (size_t i = 0; s->l->open && i < s->l->count; i++)
		if (say_request(s, i, e) < 0)
			return -(int)e->code;
	return 0;
}

static size_t count_landing(const struct landing *l)
{
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++)
		count += landing_lands(&l->refs[i]);
	return count;
}

static int say_first_push(struct saying *s, struct err *e)
{
	const struct landing *l = s->l;

	if (!l->is_first_push)
		return 0;
	return say(s,
		   arena_fmt(l->arena, "This is the first push to %.*s. Its page:",
			     STR_FMT(l->rq.project_path)),
		   l->rq.project_url, e);
}

/* What was asked for and did not happen. */
static int say_warnings(struct saying *s, struct err *e)
{
	struct landing *l = s->l;

	if (!str_is_none(l->variable_problem) &&
	    say(s, arena_fmt(l->arena, "WARNING: ci.variable: %.*s", STR_FMT(l->variable_problem)),
		STR_NONE, e) < 0)
		return -(int)e->code;
	if (!str_is_none(l->request_problem) &&
	    say(s, arena_fmt(l->arena, "WARNING: merge_request: %.*s", STR_FMT(l->request_problem)),
		STR_NONE, e) < 0)
		return -(int)e->code;
	if (!l->has_more_refs)
		return 0;
	return say(s,
		   arena_fmt(l->arena,
			     "Only the first %d branches and tags of a push get pipelines.",
			     LANDING_PIPELINE_REFS_MAX),
		   STR_NONE, e);
}

int landing_say_output(struct landing *l, struct err *e)
{
	struct saying s = { .l = l };

	if (str_is_none(l->rq.project_url) || count_landing(l) == 0)
		return 0;
	if (say_first_push(&s, e) < 0 || say_warnings(&s, e) < 0 || say_requests(&s, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < l->pipeline_count; i++)
		if (say_pipeline(&s, &l->pipelines[i], e) < 0)
			return -(int)e->code;
	if (!s.is_full)
		return 0;
	return landing_say_text(
		l, GIT_MSG_OUTPUT,
		arena_fmt(l->arena, "More: %.*s/-/pipelines", STR_FMT(l->rq.project_url)), e);
}
