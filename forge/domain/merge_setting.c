#include "domain/merge_setting.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "store/db.h"

#include "q/merge_setting.h"

static const char *const method_words[] = {
#define METHOD_WORD(name, word) [MERGE_METHOD_##name] = word,
	MERGE_METHODS(METHOD_WORD)
#undef METHOD_WORD
};

static const char *const squash_words[] = {
#define SQUASH_WORD(name, word) [SQUASH_##name] = word,
	SQUASH_OPTIONS(SQUASH_WORD)
#undef SQUASH_WORD
};

const char *merge_method_word(enum merge_method method)
{
	ASSERT((size_t)method < ARRAY_LEN(method_words));
	return method_words[method];
}

bool merge_method_from_word(struct str word, enum merge_method *method)
{
	for (size_t i = 0; i < ARRAY_LEN(method_words); i++)
		if (str_eq_c(word, method_words[i])) {
			*method = (enum merge_method)i;
			return true;
		}
	return false;
}

const char *squash_option_word(enum squash_option option)
{
	ASSERT((size_t)option < ARRAY_LEN(squash_words));
	return squash_words[option];
}

bool squash_option_from_word(struct str word, enum squash_option *option)
{
	for (size_t i = 0; i < ARRAY_LEN(squash_words); i++)
		if (str_eq_c(word, squash_words[i])) {
			*option = (enum squash_option)i;
			return true;
		}
	return false;
}

bool merge_setting_squashes(const struct merge_setting *setting, bool is_asked)
{
	switch (setting->squash) {
	case SQUASH_NEVER:
		return false;
	case SQUASH_ALWAYS:
		return true;
	default:
		return is_asked;
	}
}

int merge_setting_get(struct db *db, struct project_id project, struct arena *a,
		      struct merge_setting *setting, struct err *e)
{
	const struct q_merge_setting_get_in in = { .project_id = project.v };
	struct q_merge_setting_get_row row = { 0 };
	bool found;

	*setting = MERGE_SETTING_DEFAULT;
	if (q_merge_setting_get(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	*setting = (struct merge_setting){ .needs_pipeline = row.needs_pipeline,
					   .skipped_is_green = row.skipped_is_green,
					   .needs_threads_resolved = row.needs_threads_resolved,
					   .approvals_required = row.approvals_required,
					   .removes_source = row.removes_source,
					   .tests_result = row.tests_result };
	if (!merge_method_from_word(row.method, &setting->method) ||
	    !squash_option_from_word(row.squash, &setting->squash))
		return err_set(e, ERR_INTERNAL, "merge_setting of project %lld: unknown words",
			       (long long)project.v);
	return 0;
}

struct change {
	const struct actor *actor;
	struct project_id project;
	const struct merge_setting *setting;
	struct arena *a;
};

static int update(struct db *db, void *closure, struct err *e)
{
	const struct change *c = closure;
	const struct merge_setting *s = c->setting;
	struct project_access access;
	const struct q_merge_setting_put_in in = {
		.project_id = c->project.v,
		.method = str_c(merge_method_word(s->method)),
		.squash = str_c(squash_option_word(s->squash)),
		.needs_pipeline = s->needs_pipeline,
		.skipped_is_green = s->skipped_is_green,
		.needs_threads_resolved = s->needs_threads_resolved,
		.approvals_required = s->approvals_required,
		.removes_source = s->removes_source,
		.tests_result = s->tests_result,
	};

	if (access_find_project_by_id(db, c->actor, c->project, c->a, &access, e) < 0 ||
	    access_check(c->actor, ACTION_PROJECT_CHANGE, &access.target, e) < 0 ||
	    q_merge_setting_put(db, &in, NULL, e) < 0)
		return -(int)e->code;
	return audit_record(db, c->actor,
			    &(struct audit_event){ .act = "project.merge_setting",
						   .object_kind = "project",
						   .object_id = c->project.v,
						   .object = access.project.path,
						   .project = c->project },
			    e);
}

int merge_setting_update(struct db *db, const struct actor *actor, struct project_id project,
			 const struct merge_setting *setting, struct err *e)
{
	struct change c = { actor, project, setting, NULL };
	int result;

	if (setting->approvals_required < 0 || setting->approvals_required > MERGE_APPROVALS_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "The number of approvals is between 0 and %d.",
			       MERGE_APPROVALS_MAX);
	c.a = arena_open(0);
	result = db_transaction(db, update, &c, e);
	arena_close(c.a);
	return result;
}
