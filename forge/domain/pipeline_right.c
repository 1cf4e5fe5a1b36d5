#include "domain/pipeline_right.h"

#include "domain/protected_ref.h"
#include "store/db.h"

static bool may(enum access_level level, enum access_level least)
{
	return least != LEVEL_NONE && level >= least;
}

static int refuse(struct err *e, const char *kind, struct str name,
		  const struct protected_ref *rule)
{
	enum access_level least = rule->push_level;

	if (rule->merge_level != LEVEL_NONE && (least == LEVEL_NONE || rule->merge_level < least))
		least = rule->merge_level;
	if (least == LEVEL_NONE)
		return err_set(e, ERR_FORBIDDEN,
			       "The %s %.*s is protected and nobody may change it, so nobody may "
			       "start what runs for it. A maintainer can change its rule.",
			       kind, STR_FMT(name));
	return err_set(e, ERR_FORBIDDEN,
		       "The %s %.*s is protected: what runs for it is started, stopped and "
		       "repeated by those who may change it, from %s on. Ask one of them, or a "
		       "maintainer to change the rule.",
		       kind, STR_FMT(name), access_level_name(least));
}

/* Branches and tags have rules; other refs have none. */
static bool rule_of(const struct protected_refs *rules, struct str ref, bool is_tag,
		    struct protected_ref *rule)
{
	if (!protected_ref_effective(rules, is_tag ? PROTECTED_TAG : PROTECTED_BRANCH, ref, rule))
		return false;
	if (is_tag)
		rule->merge_level = LEVEL_NONE;
	return true;
}

static enum access_level level_of(const struct actor *actor, const struct access_target *target)
{
	bool is_admin = actor->is_admin && !actor->is_bot && actor->kind != ACTOR_JOB_TOKEN;

	return is_admin || actor->kind == ACTOR_SYSTEM ? LEVEL_ADMIN : target->level;
}

int pipeline_check_right(struct db *db, const struct actor *actor,
			 const struct access_target *target, struct project_id project,
			 struct str ref, struct arena *a, struct err *e)
{
	enum access_level level = level_of(actor, target);
	bool is_tag = str_cut_prefix(&ref, STR("refs/tags/"));
	bool is_branch = !is_tag && str_cut_prefix(&ref, STR("refs/heads/"));
	struct protected_refs rules;
	struct protected_ref rule;

	if (access_check(actor, ACTION_PIPELINE_RUN, target, e) < 0)
		return -(int)e->code;
	if (!is_tag && !is_branch)
		return 0;
	if (protected_ref_list(db, project, a, &rules, e) < 0)
		return -(int)e->code;
	if (!rule_of(&rules, ref, is_tag, &rule) || may(level, rule.push_level) ||
	    may(level, rule.merge_level))
		return 0;
	return refuse(e, is_tag ? "tag" : "branch", ref, &rule);
}
