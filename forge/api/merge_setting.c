#include "api/merge_setting.h"

#include "api/api.h"

/* X(GitLab's name, field) */
#define SETTING_FLAGS(X)                                                              \
	X("only_allow_merge_if_pipeline_succeeds", needs_pipeline)                    \
	X("allow_merge_on_skipped_pipeline", skipped_is_green)                        \
	X("only_allow_merge_if_all_discussions_are_resolved", needs_threads_resolved) \
	X("remove_source_branch_after_merge", removes_source)                         \
	X("merge_pipelines_enabled", tests_result)

void api_merge_setting_fields(struct jsonw *w, const struct merge_setting *setting)
{
#define WRITE_FLAG(name, field) jsonw_field_bool(w, name, setting->field);
	SETTING_FLAGS(WRITE_FLAG)
#undef WRITE_FLAG
	jsonw_field_str(w, "merge_method", str_c(merge_method_word(setting->method)));
	jsonw_field_str(w, "squash_option", str_c(squash_option_word(setting->squash)));
	jsonw_field_int(w, "approvals_before_merge", setting->approvals_required);
}

static bool is_named(const struct request *rq, const char *name, bool *any)
{
	bool is = !str_is_none(request_form(rq, name));

	*any |= is;
	return is;
}

static int read_words(const struct request *rq, struct merge_setting *s, bool *any, struct err *e)
{
	int64_t approvals;

	if (is_named(rq, "merge_method", any) &&
	    !merge_method_from_word(request_form(rq, "merge_method"), &s->method))
		return err_set(e, ERR_INVALID, "merge_method does not have a valid value");
	if (is_named(rq, "squash_option", any) &&
	    !squash_option_from_word(request_form(rq, "squash_option"), &s->squash))
		return err_set(e, ERR_INVALID, "squash_option does not have a valid value");
	if (!is_named(rq, "approvals_before_merge", any))
		return 0;
	if (!request_form_i64(rq, "approvals_before_merge", &approvals) || approvals < 0 ||
	    approvals > MERGE_APPROVALS_MAX)
		return err_set(e, ERR_INVALID,
			       "approvals_before_merge does not have a valid value");
	s->approvals_required = (int32_t)approvals;
	return 0;
}

int api_merge_setting_update(struct request *rq, struct err *e)
{
	struct merge_setting s;
	struct db *db = NULL;
	bool any = false;

	if (request_db(rq, &db, e) < 0 ||
	    merge_setting_get(db, rq->project->id, rq->arena, &s, e) < 0 ||
	    read_words(rq, &s, &any, e) < 0)
		return -(int)e->code;
#define READ_FLAG(name, field)        \
	if (is_named(rq, name, &any)) \
		s.field = request_form_bool(rq, name, s.field);
	SETTING_FLAGS(READ_FLAG)
#undef READ_FLAG
	return any ? merge_setting_update(db, &rq->actor, rq->project->id, &s, e) : 0;
}
