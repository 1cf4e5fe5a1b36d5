#include "domain/promotion.h"

#include "domain/project.h"

#define BRANCHES STR("refs/heads/")
#define TAGS STR("refs/tags/")

enum step { TESTING, STAGING, PRODUCTION };

static const char *const names[PROMOTION_STEPS] = {
	[TESTING] = "testing",
	[STAGING] = "staging",
	[PRODUCTION] = "production",
};

struct str promotion_step(size_t at)
{
	ASSERT(at < PROMOTION_STEPS);
	return str_c(names[at]);
}

size_t promotion_index(struct str environment)
{
	size_t at = 0;

	while (at < PROMOTION_STEPS && !str_eq_c(environment, names[at]))
		at++;
	return at;
}

static bool is_branch(struct str ref, struct str branch)
{
	return !str_is_empty(branch) && str_cut_prefix(&ref, BRANCHES) && str_eq(ref, branch);
}

/* PROMOTION_STEPS: nowhere. The default branch first: it may be called "stage". */
static size_t step_of(struct str default_branch, struct str ref)
{
	if (str_starts(ref, TAGS))
		return PROMOTION_STEPS;
	if (is_branch(ref, default_branch))
		return PRODUCTION;
	return is_branch(ref, STR(PROJECT_STAGE_BRANCH)) ? STAGING : TESTING;
}

struct str promotion_environment(struct str default_branch, struct str ref)
{
	size_t at = step_of(default_branch, ref);

	return at < PROMOTION_STEPS ? str_c(names[at]) : STR_NONE;
}

/* "the branch main", as the rules below say it. */
static struct str short_name(struct str ref)
{
	(void)(str_cut_prefix(&ref, BRANCHES) || str_cut_prefix(&ref, TAGS) ||
	       str_cut_prefix(&ref, STR("refs/")));
	return str_upto(ref, 60);
}

int promotion_check(struct str default_branch, struct str environment, struct str ref,
		    struct err *e)
{
	size_t wanted = promotion_index(environment);
	struct str name = short_name(ref);

	if (wanted == PROMOTION_STEPS || wanted == step_of(default_branch, ref))
		return 0;
	if (str_starts(ref, TAGS))
		return err_set(
			e, ERR_FORBIDDEN,
			"%s is on the promotion path, where branches are deployed; this job "
			"runs for the tag %.*s. Use an environment of another name for tags.",
			names[wanted], STR_FMT(name));
	if (wanted == TESTING)
		return err_set(e, ERR_FORBIDDEN,
			       "testing takes merge requests and every branch but %.*s and "
			       "%s; this job runs for %.*s. Add a rule to the job "
			       "that leaves that branch out.",
			       STR_FMT(str_upto(default_branch, 60)), PROJECT_STAGE_BRANCH,
			       STR_FMT(name));
	return err_set(
		e, ERR_FORBIDDEN,
		"%s is deployed only from the branch %.*s; this job runs for %.*s. Merge into "
		"%.*s, or add a rule to the job.",
		names[wanted], STR_FMT(str_upto(promotion_branch(default_branch, wanted), 60)),
		STR_FMT(name), STR_FMT(str_upto(promotion_branch(default_branch, wanted), 60)));
}

struct str promotion_branch(struct str default_branch, size_t at)
{
	if (at == PRODUCTION)
		return default_branch;
	return at == STAGING ? STR(PROJECT_STAGE_BRANCH) : STR_NONE;
}

struct str promotion_next_branch(struct str default_branch, struct str branch)
{
	if (str_eq(branch, default_branch))
		return STR_NONE;
	return str_eq_c(branch, PROJECT_STAGE_BRANCH) ? default_branch : STR(PROJECT_STAGE_BRANCH);
}
