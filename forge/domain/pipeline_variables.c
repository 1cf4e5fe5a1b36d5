/*
 * What is kept with a pipeline. Predefined ones are no secret and stand in one
 * JSON text; what the starter gave may be one, and is sealed value by value.
 */
#include "domain/pipeline_variables.h"

#include "base/jsonr.h"
#include "base/jsonw.h"
#include "domain/job_payload.h"
#include "domain/pipeline_variables_private.h"
#include "domain/variable_private.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/variable.h"

#define PREDEFINED_MAX (1u << 20)

/* --------------------------------------------------------------------- predefined */

static struct str predefined_text(struct arena *a, const struct ci_variables *kept)
{
	struct jsonw w;
	struct buf b;
	struct str text;

	buf_init(&b, PREDEFINED_MAX);
	w = jsonw_to(&b);
	jsonw_array(&w);
	for (size_t i = 0; i < kept->count; i++) {
		jsonw_object(&w);
		jsonw_field_str(&w, "key", kept->items[i].key);
		jsonw_field_str(&w, "value", kept->items[i].value);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	text = b.full ? STR_NONE : arena_str(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

int pipeline_predefined_parse(struct str text, struct arena *a, struct ci_variables *into,
			      struct err *e)
{
	const struct jsonr *list;

	if (str_is_none(text))
		return 0;
	if (jsonr_parse(a, text, &list, e) < 0)
		return err_set(e, ERR_INTERNAL, "predefined variables of a pipeline: no JSON");
	for (size_t i = 0; i < jsonr_length(list); i++) {
		struct str key = jsonr_text(jsonr_get(jsonr_at(list, i), "key"));
		struct str value = jsonr_text(jsonr_get(jsonr_at(list, i), "value"));

		if (!str_is_none(key) && !str_is_none(value))
			pipeline_predefined_set(into, arena_str(a, key), arena_str(a, value));
	}
	return 0;
}

/* ------------------------------------------------------------------ of the starter */

static struct str context_of(struct arena *a, const char *noun, int64_t id, int32_t position,
			     struct str key)
{
	return str_c(arena_strf(a, "variable %s %lld %d %.*s", noun, (long long)id, (int)position,
				STR_FMT(key)));
}

int pipeline_variables_record(struct db *db, const struct secret_keys *keys,
			      struct pipeline_id pipeline, const struct ci_variables *kept,
			      const struct ci_variables *given, struct arena *a, struct err *e)
{
	struct q_pipeline_predefined_add_in add = { .pipeline_id = pipeline.v };

	ASSERT(db_in_transaction(db));
	if (kept) {
		add.variables = predefined_text(a, kept);
		if (str_is_none(add.variables))
			return err_set(e, ERR_TOO_LARGE,
				       "What this commit's message, names and merge request give "
				       "to jobs is too large.");
		if (q_pipeline_predefined_add(db, &add, NULL, e) < 0)
			return -(int)e->code;
	}
	for (size_t i = 0; given && i < given->count; i++) {
		const struct ci_variable *v = &given->items[i];
		struct q_pipeline_variable_add_in in = { .pipeline_id = pipeline.v,
							 .position = (int32_t)i,
							 .key = v->key,
							 .is_file = v->is_file,
							 .is_raw = v->is_raw };

		if (secret_seal(keys, context_of(a, "pipeline", pipeline.v, in.position, v->key),
				v->value, a, &in.sealed, e) < 0 ||
		    q_pipeline_variable_add(db, &in, NULL, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

int pipeline_variables_given(struct db *db, const struct secret_keys *keys,
			     struct pipeline_id pipeline, struct arena *a,
			     struct ci_variables *given, struct err *e)
{
	struct q_pipeline_variable_list_row *rows;
	size_t count;

	if (q_pipeline_variable_list(db, &(struct q_pipeline_variable_list_in){ pipeline.v }, a,
				     &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct ci_variable variable = { .key = rows[i].key,
						.is_file = rows[i].is_file,
						.is_raw = rows[i].is_raw };

		if (secret_unseal(
			    keys,
			    context_of(a, "pipeline", pipeline.v, rows[i].position, rows[i].key),
			    rows[i].sealed, a, &variable.value, e) < 0)
			return err_add(e, "variable %.*s of pipeline %lld", STR_FMT(rows[i].key),
				       (long long)pipeline.v);
		ci_variables_set(given, variable);
	}
	return 0;
}

int pipeline_given_add(struct ci_variables *given, struct str key, struct str value, bool is_file,
		       struct err *e)
{
	if (variable_check_key(key, e) < 0 || variable_check_value(value, e) < 0)
		return -(int)e->code;
	if (given->count >= PIPELINE_GIVEN_MAX && !ci_variables_find(given, key))
		return err_set(e, ERR_UNPROCESSABLE,
			       "A pipeline is started with at most %d variables. Put constant ones "
			       "into the pipeline file or the project's settings.",
			       PIPELINE_GIVEN_MAX);
	ci_variables_set(given,
			 (struct ci_variable){ .key = key, .value = value, .is_file = is_file });
	return 0;
}

int pipeline_given_parse(struct ci_variables *given, struct str text, struct err *e)
{
	size_t equals = str_find(text, '=');

	if (equals == text.n)
		return err_set(e, ERR_UNPROCESSABLE,
			       "A variable is given as KEY=VALUE, as in "
			       "`git push -o ci.variable=\"DEPLOY=yes\"`.");
	return pipeline_given_add(given, str_upto(text, equals), str_from(text, equals + 1), false,
				  e);
}

/* ------------------------------------------------------------------ of a manual job */

int job_variables_record(struct db *db, const struct secret_keys *keys, struct job_id job,
			 const struct ci_variables *given, struct err *e)
{
	struct arena *a;
	int result;

	ASSERT(db_in_transaction(db));
	result = q_job_variable_clear(db, &(struct q_job_variable_clear_in){ job.v }, NULL, e);
	a = arena_open(0);
	for (size_t i = 0; result == 0 && i < given->count; i++) {
		const struct ci_variable *v = &given->items[i];
		struct q_job_variable_add_in in = { .job_id = job.v,
						    .position = (int32_t)i,
						    .key = v->key };

		result = secret_seal(keys, context_of(a, "job", job.v, in.position, v->key),
				     v->value, a, &in.sealed, e);
		if (result == 0)
			result = q_job_variable_add(db, &in, NULL, e);
	}
	arena_close(a);
	return result;
}

int job_variables_given(struct db *db, const struct secret_keys *keys, struct job_id job,
			struct arena *a, struct ci_variables *given, struct err *e)
{
	struct q_job_variable_list_row *rows;
	size_t count;

	if (q_job_variable_list(db, &(struct q_job_variable_list_in){ job.v }, a, &rows, &count,
				e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct ci_variable variable = { .key = rows[i].key };

		if (secret_unseal(
			    keys,
			    context_of(a, "job", rows[i].given_to, rows[i].position, rows[i].key),
			    rows[i].sealed, a, &variable.value, e) < 0)
			return err_add(e, "variable %.*s of job %lld", STR_FMT(rows[i].key),
				       (long long)job.v);
		ci_variables_set(given, variable);
	}
	return 0;
}
