#include "api/given.h"

#include "base/jsonr.h"
#include "domain/pipeline_variables.h"

static int read_json(const struct request *rq, const char *name, struct ci_variables *given,
		     struct err *e)
{
	const struct jsonr *list = jsonr_get(rq->json, name);

	for (size_t i = 0; i < jsonr_length(list); i++) {
		const struct jsonr *item = jsonr_at(list, i);
		struct str type = jsonr_text(jsonr_get(item, "variable_type"));

		if (!jsonr_is_object(item))
			return err_set(e, ERR_INVALID, "%s is invalid", name);
		if (!str_is_none(type) && !str_eq_c(type, "env_var") && !str_eq_c(type, "file"))
			return err_set(e, ERR_INVALID,
				       "%s[variable_type] does not have a valid value", name);
		if (pipeline_given_add(given, jsonr_text(jsonr_get(item, "key")),
				       jsonr_text(jsonr_get(item, "value")), str_eq_c(type, "file"),
				       e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int read_form(const struct request *rq, const char *name, struct ci_variables *given,
		     struct err *e)
{
	struct str_list keys = request_form_list(rq, arena_strf(rq->arena, "%s[][key]", name));
	struct str_list values = request_form_list(rq, arena_strf(rq->arena, "%s[][value]", name));

	if (keys.count != values.count)
		return err_set(e, ERR_INVALID, "%s is invalid", name);
	for (size_t i = 0; i < keys.count; i++)
		if (pipeline_given_add(given, keys.items[i], values.items[i], false, e) < 0)
			return -(int)e->code;
	return 0;
}

int api_given_read(const struct request *rq, const char *name, struct ci_variables *given,
		   struct err *e)
{
	ci_variables_init(given, rq->arena);
	return rq->json ? read_json(rq, name, given, e) : read_form(rq, name, given, e);
}
