/*
 * Which stored variables a job gets. Owners go from the farthest to the nearest,
 * and the nearest wins by standing over the others; within one owner the scope
 * that fits the environment best is taken alone.
 */
#include "domain/protected_ref.h"
#include "domain/variable_private.h"
#include "secret/secret.h"

#include "q/variable.h"

/* Exact before any pattern, a longer pattern before a shorter one, "*" last. */
size_t variable_scope_fits(struct str scope, struct str environment)
{
	if (str_eq_c(scope, "*"))
		return 1;
	if (str_is_empty(environment) || !protected_ref_matches(scope, environment))
		return 0;
	return str_has(scope, '*') ? 1 + scope.n : 2 + VARIABLE_SCOPE_MAX;
}

static bool is_same_slot(const struct q_variable_of_project_row *a,
			 const struct q_variable_of_project_row *b)
{
	return a->depth == b->depth && str_eq(a->key, b->key);
}

static int add_one(const struct variable_store *store, const struct q_variable_of_project_row *row,
		   struct arena *a, struct ci_variables *into, struct err *e)
{
	struct str context =
		variable_seal_context(a, row->has_namespace_id ? row->namespace_id : 0,
				      row->has_project_id ? row->project_id : 0, row->key);
	struct ci_variable variable = { .key = row->key,
					.is_raw = row->is_raw,
					.is_file = row->is_file,
					.is_masked = row->is_masked };

	if (secret_unseal(store->keys, context, row->sealed, a, &variable.value, e) < 0)
		return err_add(e, "variable %.*s", STR_FMT(row->key));
	ci_variables_set(into, variable);
	return 0;
}

/* Rows are ordered by owner and key, so what competes stands together. */
int variable_collect(const struct variable_store *store, const struct variable_use *use,
		     struct arena *a, struct ci_variables *into, struct err *e)
{
	struct q_variable_of_project_row *rows;
	size_t count;

	if (q_variable_of_project(
		    store->db,
		    &(struct q_variable_of_project_in){ use->project.v, use->is_protected }, a,
		    &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count;) {
		const struct q_variable_of_project_row *best = NULL;
		size_t best_fit = 0;
		size_t first = i;

		for (; i < count && is_same_slot(&rows[first], &rows[i]); i++) {
			size_t fit = variable_scope_fits(rows[i].scope, use->environment);

			if (fit > best_fit) {
				best = &rows[i];
				best_fit = fit;
			}
		}
		if (best && add_one(store, best, a, into, e) < 0)
			return -(int)e->code;
	}
	return 0;
}
