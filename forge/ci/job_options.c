#include "ci/job_options.h"

#include "ci/plan_json.h"

/* before_script and script run in one shell, one behind the other. */
static void emit_script(struct jsonw *w, const struct ci_job *config)
{
	jsonw_field_array(w, "script");
	for (size_t i = 0; i < config->before_script.count; i++)
		jsonw_str(w, config->before_script.items[i]);
	for (size_t i = 0; i < config->script.count; i++)
		jsonw_str(w, config->script.items[i]);
	jsonw_end(w);
	jsonw_field_array(w, "after_script");
	for (size_t i = 0; i < config->after_script.count; i++)
		jsonw_str(w, config->after_script.items[i]);
	jsonw_end(w);
}

static void emit_variables(struct jsonw *w, const struct ci_variables *variables)
{
	jsonw_field_array(w, "variables");
	for (size_t i = 0; i < variables->count; i++) {
		jsonw_object(w);
		jsonw_field_str(w, "key", variables->items[i].key);
		jsonw_field_str(w, "value", variables->items[i].value);
		jsonw_field_bool(w, "raw", variables->items[i].is_raw);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void ci_job_options_emit(struct jsonw *w, const struct ci_plan_job *job)
{
	jsonw_object(w);
	emit_script(w, job->config);
	emit_variables(w, &job->variables);
	jsonw_field_str(w, "environment_url", job->config->environment.url);
	jsonw_field_str(w, "environment_tier", job->config->environment.tier);
	jsonw_field_str(w, "on_stop", job->config->environment.on_stop);
	jsonw_field_int(w, "auto_stop_in", job->config->environment.auto_stop_in);
	ci_plan_emit_storage(w, job->config);
	jsonw_end(w);
}
