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

int pipeline_check_right(struct db *db, const struct actor *actor,
			 const struct access_target *target, struct project_id project,
			 struct str ref, struct arena *a, struct err *e)
{
	bool is_admin = actor->is_admin && !actor->is_bot && actor->kind != ACTOR_JOB_TOKEN;
	enum access_level level = is_admin ? LEVEL_ADMIN : target->level;
	struct protected_refs rules;
	struct protected_ref rule;
	bool is_tag = str_cut_prefix(&ref, STR("refs/tags/"));

	if (access_check(actor, ACTION_PIPELINE_RUN, target, e) < 0)
		return -(int)e->code;
	if (actor->kind == ACTOR_SYSTEM)
		return 0;
	if (!is_tag && !str_cut_prefix(&ref, STR("refs/heads/")))
		return 0;
	if (protected_ref_list(db, project, a, &rules, e) < 0)
		return -(int)e->code;
	if (!protected_ref_effective(&rules, is_tag ? PROTECTED_TAG : PROTECTED_BRANCH, ref, &rule))
		return 0;
	if (may(level, rule.push_level) || (!is_tag && may(level, rule.merge_level)))
		return 0;
	if (is_tag)
		rule.merge_level = LEVEL_NONE;
	return refuse(e, is_tag ? "tag" : "branch", ref, &rule);
}
