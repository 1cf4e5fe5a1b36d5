#include "pages/protection.h"
#include "tmpl/project_protection.h"

/* What may be chosen for a right; "no one" and administrators besides the levels. */
static struct view_levels right_levels(struct request *rq, enum access_level chosen)
{
	static const enum access_level choices[] = { LEVEL_DEVELOPER, LEVEL_MAINTAINER, LEVEL_OWNER,
						     LEVEL_ADMIN, LEVEL_NONE };
	struct view_levels levels = { ARENA_ARRAY(rq->arena, struct view_level, 5), 5 };

	for (size_t i = 0; i < 5; i++)
		levels.items[i] = (struct view_level){ choices[i], choices[i] == chosen };
	return levels;
}

static struct view_protection_rule rule_row(struct request *rq, const struct protected_ref *rule)
{
	struct str id = arena_fmt(rq->arena, "%lld", (long long)rule->id.v);

	return (struct view_protection_rule){
		.pattern = rule->pattern,
		.is_tag = rule->kind == PROTECTED_TAG,
		.may_change = request_may(rq, ACTION_PROTECTED_REFS_CHANGE),
		.action = page_url(
			rq, url_for(rq->arena, ROUTE_protection_change, rq->project->path, id)),
		.action_remove = page_url(
			rq, url_for(rq->arena, ROUTE_protection_remove, rq->project->path, id)),
		.push = { .number = rule->push_level },
		.merge = { .number = rule->merge_level },
		.force = { .number = rule->force_level },
		.push_levels = right_levels(rq, rule->push_level),
		.merge_levels = right_levels(rq, rule->merge_level),
		.force_levels = right_levels(rq, rule->force_level),
	};
}

static void rule_list(struct request *rq, const struct protected_refs *refs,
		      enum protected_ref_kind kind, struct view_protection_list *list)
{
	const struct protected_ref fresh = { .kind = kind,
					     .push_level = LEVEL_MAINTAINER,
					     .merge_level = LEVEL_MAINTAINER,
					     .force_level = LEVEL_NONE };

	list->is_tags = kind == PROTECTED_TAG;
	list->may_change = request_may(rq, ACTION_PROTECTED_REFS_CHANGE);
	list->action = page_url(rq, url_for(rq->arena, ROUTE_protection_add, rq->project->path));
	list->fresh = rule_row(rq, &fresh);
	list->rules = ARENA_ARRAY(rq->arena, struct view_protection_rule, refs->count + 1);
	for (size_t i = 0; i < refs->count; i++)
		if (refs->items[i]->kind == kind)
			list->rules[list->rules_count++] = rule_row(rq, refs->items[i]);
}

static int protection_page(struct request *rq, struct view_protection *v, struct err *e)
{
	struct protected_refs refs;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    protected_ref_list(db, rq->project->id, rq->arena, &refs, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "settings");
	v->page.project.section = "protection";
	rule_list(rq, &refs, PROTECTED_BRANCH, &v->branches);
	rule_list(rq, &refs, PROTECTED_TAG, &v->tags);
	tmpl_project_protection(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_protection(struct request *rq, struct err *e)
{
	struct view_protection v = { 0 };

	return protection_page(rq, &v, e);
}

static enum access_level level_of_form(const struct request *rq, const char *name)
{
	int64_t number;

	if (!request_form_i64(rq, name, &number))
		return LEVEL_MAINTAINER;
	if (number == LEVEL_DEVELOPER || number == LEVEL_OWNER || number == LEVEL_ADMIN ||
	    number == LEVEL_NONE)
		return (enum access_level)number;
	return LEVEL_MAINTAINER;
}

static struct protected_ref rule_of_form(const struct request *rq)
{
	bool is_tag = str_eq_c(request_form(rq, "kind"), "tag");

	return (struct protected_ref){
		.kind = is_tag ? PROTECTED_TAG : PROTECTED_BRANCH,
		.pattern = str_trim(request_form(rq, "pattern")),
		.push_level = level_of_form(rq, "push"),
		.merge_level = level_of_form(rq, "merge"),
		.force_level = is_tag ? LEVEL_NONE : level_of_form(rq, "force"),
	};
}

static int protection_done(struct request *rq, const struct err *error, const char *notice,
			   const struct protected_ref *rule, struct err *e)
{
	struct view_protection v = { 0 };

	if (error->code == ERR_NONE) {
		page_notice(rq, notice);
		return request_redirect(rq, url_for(rq->arena, ROUTE_protection, rq->project->path),
					e);
	}
	if (!page_is_problem(rq, error, &v.problem, e))
		return -(int)e->code;
	if (rule->kind == PROTECTED_TAG)
		v.tags.pattern = rule->pattern;
	else
		v.branches.pattern = rule->pattern;
	return protection_page(rq, &v, e);
}

int page_protection_add(struct request *rq, struct err *e)
{
	const struct protected_ref rule = rule_of_form(rq);
	struct protected_ref made;
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (protected_ref_create(db, &rq->actor, rq->project->id, &rule, rq->arena, &made, &error) <
	    0)
		return protection_done(rq, &error, NULL, &rule, e);
	return protection_done(rq, &error, I18N("Protected."), &rule, e);
}

static int rule_of_path(struct request *rq, struct db **db, struct protected_ref *rule,
			struct err *e)
{
	struct protected_refs refs;
	int64_t id = page_id(rq, "id");

	if (request_db(rq, db, e) < 0 ||
	    protected_ref_list(*db, rq->project->id, rq->arena, &refs, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < refs.count; i++) {
		if (refs.items[i]->id.v == id) {
			*rule = *refs.items[i];
			return 0;
		}
	}
	return err_set(e, ERR_NOT_FOUND, "This rule is gone: somebody removed it.");
}

int page_protection_change(struct request *rq, struct err *e)
{
	struct protected_ref rule;
	struct err error = { 0 };
	struct db *db;

	if (rule_of_path(rq, &db, &rule, e) < 0)
		return -(int)e->code;
	rule.push_level = level_of_form(rq, "push");
	if (rule.kind == PROTECTED_BRANCH) {
		rule.merge_level = level_of_form(rq, "merge");
		rule.force_level = level_of_form(rq, "force");
	}
	if (protected_ref_update(db, &rq->actor, rq->project->id, &rule, &error) < 0)
		rule.pattern = STR_NONE;
	return protection_done(rq, &error, I18N("Saved."), &rule, e);
}

int page_protection_remove(struct request *rq, struct err *e)
{
	struct protected_ref rule;
	struct err error = { 0 };
	struct db *db;

	if (rule_of_path(rq, &db, &rule, e) < 0)
		return -(int)e->code;
	if (protected_ref_remove(db, &rq->actor, rq->project->id, rule.id, &error) < 0)
		rule.pattern = STR_NONE;
	return protection_done(rq, &error, I18N("The protection is gone."), &rule, e);
}
