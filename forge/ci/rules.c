#include "ci/rules.h"

#include "ci/expression.h"
#include "ci/parts.h"
#include "ci/pattern.h"

#define RULES_MAX 500
#define GLOBS_MAX 50
#define COMPARISONS_MAX 50000
#define START_IN_MAX (7 * 24 * 3600)

static const char *const when_names[] = {
	[CI_ON_SUCCESS] = "on_success", [CI_ON_FAILURE] = "on_failure", [CI_ALWAYS] = "always",
	[CI_MANUAL] = "manual",         [CI_DELAYED] = "delayed",       [CI_NEVER] = "never",
};

const char *ci_when_name(enum ci_when when)
{
	return when_names[when];
}

bool ci_when_parse(struct str name, enum ci_when *when)
{
	for (size_t i = 0; i < ARRAY_LEN(when_names); i++) {
		if (str_eq_c(name, when_names[i])) {
			*when = (enum ci_when)i;
			return true;
		}
	}
	return false;
}

/* ------------------------------------------------------------------ reading */

static int read_globs(struct ci_planning *p, const char *where, const struct ci_node *node,
		      bool is_changes, struct ci_globs **globs, struct err *e)
{
	static const char *const keys_of_changes[] = { "paths", "compare_to", NULL };
	static const char *const keys_of_exists[] = { "paths", NULL };
	static const char *const refused[] = { "project", "ref", NULL };
	const struct ci_node *paths = node;
	const struct ci_node *compare_to = ci_map_find(node, "compare_to");
	struct ci_globs *g = ARENA_NEW(p->arena, struct ci_globs);
	struct ci_texts texts;

	g->mark = node->mark;
	g->takes_folders = !is_changes;
	if (node->kind == CI_MAP) {
		paths = ci_map_find(node, "paths");
		if (ci_check_keys(p, where, node, is_changes ? keys_of_changes : keys_of_exists,
				  refused, e) < 0)
			return -(int)e->code;
		if (paths == NULL)
			return ci_bad(p, where, node, e, "needs `paths`");
	}
	if (paths->kind != CI_LIST)
		return ci_bad(p, where, paths, e, "should be an array of strings");
	if (compare_to && ci_read_text(p, where, compare_to, &g->compare_to, e) < 0)
		return -(int)e->code;
	if (ci_read_texts(p, where, paths, &texts, e) < 0)
		return -(int)e->code;
	if (texts.count > GLOBS_MAX)
		return ci_bad(p, where, paths, e, "is too long (maximum is %d entries)", GLOBS_MAX);
	g->items = texts.items;
	g->count = texts.count;
	*globs = g;
	return 0;
}

static const char *const keys_of_rule[][10] = {
	[CI_RULES_OF_JOB] = { "if", "changes", "exists", "when", "allow_failure", "start_in",
			      "variables", "needs", "interruptible", NULL },
	[CI_RULES_OF_WORKFLOW] = { "if", "changes", "exists", "when", "variables", NULL },
	[CI_RULES_OF_INCLUDE] = { "if", "changes", "exists", "when", NULL },
};

static int read_rule_when(struct ci_planning *p, const char *where, enum ci_rule_kind kind,
			  const struct ci_node *node, struct ci_rule *rule, struct err *e)
{
	static const char *const of_job[] = { "on_success", "on_failure", "always", "manual",
					      "delayed",    "never",      NULL };
	static const char *const of_other[] = { "always", "never", NULL };
	struct str word;

	if (node == NULL)
		return 0;
	if (ci_read_word(p, where, node, kind == CI_RULES_OF_JOB ? of_job : of_other, &word, e) < 0)
		return -(int)e->code;
	rule->has_when = true;
	return ci_when_parse(word, &rule->when) ? 0 : ci_bad(p, where, node, e, "is unknown");
}

static int read_condition(struct ci_planning *p, const char *where, const struct ci_node *node,
			  struct ci_rule *rule, struct err *e)
{
	struct err inner = { 0 };

	if (node == NULL)
		return 0;
	if (node->kind != CI_TEXT)
		return ci_bad(p, where, node, e, "should be a string with an expression");
	rule->condition = node->text;
	rule->condition_mark = node->mark;
	if (ci_expression_check(p->arena, node->text, &inner) < 0)
		return ci_fail_at(&p->fail, node->mark, e, "%s:if %s", where, inner.text);
	return 0;
}

static int read_start_in(struct ci_planning *p, const char *where, const struct ci_node *node,
			 struct ci_rule *rule, struct err *e)
{
	const struct ci_node *start_in = ci_map_find(node, "start_in");
	bool is_delayed = rule->has_when && rule->when == CI_DELAYED;

	if (start_in == NULL)
		return is_delayed ? ci_bad(p, where, node, e,
					   "start_in should be specified for delayed job")
				  : 0;
	if (!is_delayed)
		return ci_bad(p, where, start_in, e, "start_in must be blank unless when: delayed");
	return ci_read_duration(p, where, start_in, START_IN_MAX, &rule->start_in, e);
}

static int read_rule_effects(struct ci_planning *p, const char *where, const struct ci_node *node,
			     struct ci_rule *rule, struct err *e)
{
	const struct ci_node *allow_failure = ci_map_find(node, "allow_failure");
	const struct ci_node *interruptible = ci_map_find(node, "interruptible");
	const struct ci_node *needs = ci_map_find(node, "needs");
	bool is_interruptible;

	if (allow_failure &&
	    ci_read_allow_failure(p, where, allow_failure, &rule->allow_failure, e) < 0)
		return -(int)e->code;
	if (interruptible) {
		if (ci_read_bool(p, where, interruptible, &is_interruptible, e) < 0)
			return -(int)e->code;
		rule->interruptible = is_interruptible ? CI_YES : CI_NO;
	}
	if (needs && ci_read_needs(p, where, needs, &rule->needs, e) < 0)
		return -(int)e->code;
	if (read_start_in(p, where, node, rule, e) < 0)
		return -(int)e->code;
	return ci_read_variables(p, where, false, ci_map_find(node, "variables"), &rule->variables,
				 e);
}

static int read_rule(struct ci_planning *p, const char *where, enum ci_rule_kind kind,
		     const struct ci_node *node, struct ci_rule *rule, struct err *e)
{
	static const char *const refused[] = { "auto_cancel", NULL };
	const struct ci_node *changes = ci_map_find(node, "changes");
	const struct ci_node *exists = ci_map_find(node, "exists");

	*rule = (struct ci_rule){ .mark = node->mark };
	if (ci_check_keys(p, where, node, keys_of_rule[kind], refused, e) < 0)
		return -(int)e->code;
	if (node->count == 0)
		return ci_bad(p, where, node, e, "can't be blank");
	if (read_condition(p, where, ci_map_find(node, "if"), rule, e) < 0 ||
	    read_rule_when(p, where, kind, ci_map_find(node, "when"), rule, e) < 0)
		return -(int)e->code;
	if (changes && read_globs(p, where, changes, true, &rule->changes, e) < 0)
		return -(int)e->code;
	if (exists && read_globs(p, where, exists, false, &rule->exists, e) < 0)
		return -(int)e->code;
	return read_rule_effects(p, where, node, rule, e);
}

int ci_rules_read(struct ci_planning *p, const char *where, enum ci_rule_kind kind,
		  const struct ci_node *node, struct ci_rules *rules, struct err *e)
{
	const struct ci_node **items;
	size_t count;

	*rules = (struct ci_rules){ 0 };
	if (node == NULL)
		return 0;
	if (node->kind != CI_LIST)
		return ci_bad(p, where, node, e, "should be an array of hashes, not %s",
			      ci_kind_name(node));
	if (ci_flatten(p, where, node, &items, &count, e) < 0)
		return -(int)e->code;
	if (count > RULES_MAX)
		return ci_bad(p, where, node, e, "has more than %d rules", RULES_MAX);
	*rules = (struct ci_rules){ true, ARENA_ARRAY(p->arena, struct ci_rule, count), count };
	for (size_t i = 0; i < count; i++) {
		char *path = arena_strf(p->arena, "%s:rule", where);

		if (read_rule(p, path, kind, items[i], &rules->items[i], e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int read_filter_conditions(struct ci_planning *p, const char *where,
				  const struct ci_node *node, struct ci_ref_filter *filter,
				  struct err *e)
{
	struct ci_texts texts;

	if (ci_read_texts(p, where, node, &texts, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < texts.count; i++) {
		struct err inner = { 0 };

		if (ci_expression_check(p->arena, texts.items[i], &inner) < 0)
			return ci_bad(p, where, node, e, "%s", inner.text);
	}
	filter->conditions = texts.items;
	filter->condition_count = texts.count;
	return 0;
}

static int check_ref_patterns(struct ci_planning *p, const char *where, const struct ci_node *node,
			      const struct ci_texts *refs, struct err *e)
{
	for (size_t i = 0; i < refs->count; i++) {
		struct ci_pattern *pattern;
		struct err inner = { 0 };
		struct str body;
		struct str flags;

		if (ci_pattern_split(refs->items[i], &body, &flags) &&
		    ci_pattern_compile(p->arena, body, flags, &pattern, &inner) < 0)
			return ci_bad(p, where, node, e, "%s", inner.text);
	}
	return 0;
}

int ci_ref_filter_read(struct ci_planning *p, const char *where, const struct ci_node *node,
		       struct ci_ref_filter *filter, struct err *e)
{
	static const char *const known[] = { "refs", "variables", "changes", NULL };
	static const char *const refused[] = { "kubernetes", NULL };
	const struct ci_node *refs = node;
	const struct ci_node *variables = ci_map_find(node, "variables");
	const struct ci_node *changes = ci_map_find(node, "changes");
	struct ci_texts texts = { 0 };

	*filter = (struct ci_ref_filter){ .is_set = true, .mark = node->mark };
	if (node->kind == CI_MAP) {
		refs = ci_map_find(node, "refs");
		if (ci_check_keys(p, where, node, known, refused, e) < 0)
			return -(int)e->code;
	} else if (node->kind != CI_LIST && node->kind != CI_TEXT) {
		return ci_bad(p, where, node, e,
			      "has to be either an array of conditions or a hash");
	}
	if (refs && (ci_read_texts(p, where, refs, &texts, e) < 0 ||
		     check_ref_patterns(p, where, refs, &texts, e) < 0))
		return -(int)e->code;
	filter->has_refs = refs != NULL;
	filter->refs = texts.items;
	filter->ref_count = texts.count;
	if (variables && read_filter_conditions(p, where, variables, filter, e) < 0)
		return -(int)e->code;
	return changes ? read_globs(p, where, changes, true, &filter->changes, e) : 0;
}

/* ----------------------------------------------------------------- deciding */

static int one_glob_matches(struct ci_planning *p, const struct ci_globs *globs, struct str glob,
			    const struct ci_paths *paths, size_t *comparisons, bool *matches,
			    struct err *e)
{
	struct str *alternatives;
	struct err inner = { 0 };
	size_t count;

	if (ci_glob_expand(p->scratch, glob, &alternatives, &count, &inner) < 0)
		return ci_fail_at(&p->fail, globs->mark, e, "%s", inner.text);
	for (size_t i = 0; i < count; i++) {
		bool is_folder = globs->takes_folders && str_ends(alternatives[i], STR("/"));

		for (size_t j = 0; j < paths->count; j++) {
			if (ci_planning_check_time(p, globs->mark, e) < 0)
				return -(int)e->code;
			*matches = is_folder ? str_starts(paths->items[j], alternatives[i])
					     : ci_glob_match(alternatives[i], paths->items[j]);
			/* More comparing than this counts as a match, as in GitLab. */
			if (*matches || ++*comparisons > COMPARISONS_MAX) {
				*matches = true;
				return 0;
			}
		}
	}
	return 0;
}

static int globs_match(struct ci_planning *p, const struct ci_globs *globs,
		       const struct ci_paths *paths, const struct ci_variables *variables,
		       bool *matches, struct err *e)
{
	size_t comparisons = 0;

	*matches = false;
	for (size_t i = 0; i < globs->count && !*matches; i++) {
		struct str glob = ci_variables_expand(variables, p->scratch, globs->items[i]);

		(void)str_cut_prefix(&glob, STR("./"));
		if (one_glob_matches(p, globs, glob, paths, &comparisons, matches, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int changed_paths(struct ci_planning *p, const struct ci_globs *globs, struct str compare_to,
			 struct ci_paths **paths, struct err *e)
{
	const struct ci_source *source = p->context->repository;

	*paths = table_find(&p->changed_paths, compare_to);
	if (*paths)
		return 0;
	*paths = ARENA_NEW(p->arena, struct ci_paths);
	if (source->changed(source->closure, p->arena, compare_to, *paths, e) < 0)
		return e->code == ERR_NOT_FOUND
			       ? ci_fail_at(&p->fail, globs->mark, e,
					    "rules:changes:compare_to is not a valid ref")
			       : err_add(e, "rules:changes");
	table_set(&p->changed_paths, compare_to, *paths);
	return 0;
}

static int changes_match(struct ci_planning *p, const struct ci_globs *globs,
			 const struct ci_variables *variables, bool *matches, struct err *e)
{
	struct str compare_to = globs->compare_to;
	struct ci_paths *paths;

	if (!str_is_none(compare_to))
		compare_to = ci_variables_expand(variables, p->arena, compare_to);
	if (changed_paths(p, globs, compare_to, &paths, e) < 0)
		return -(int)e->code;
	*matches = true;
	return paths->is_known ? globs_match(p, globs, paths, variables, matches, e) : 0;
}

static int exists_match(struct ci_planning *p, const struct ci_globs *globs,
			const struct ci_variables *variables, bool *matches, struct err *e)
{
	const struct ci_source *source = p->context->repository;

	if (p->all_paths == NULL) {
		struct ci_paths *paths = ARENA_NEW(p->arena, struct ci_paths);

		if (source->list(source->closure, p->arena, paths, e) < 0)
			return err_add(e, "rules:exists");
		p->all_paths = paths;
	}
	*matches = true;
	return p->all_paths->is_known ? globs_match(p, globs, p->all_paths, variables, matches, e)
				      : 0;
}

static int condition_holds(struct ci_planning *p, struct str condition, struct ci_mark mark,
			   const struct ci_variables *variables, bool *holds, struct err *e)
{
	struct err inner = { 0 };

	if (ci_planning_check_time(p, mark, e) < 0)
		return -(int)e->code;
	if (ci_expression_evaluate(p->scratch, condition, variables, holds, &inner) < 0)
		return ci_fail_at(&p->fail, mark, e, "rules:if %s", inner.text);
	return 0;
}

static int rule_matches(struct ci_planning *p, const struct ci_rule *rule,
			const struct ci_variables *variables, bool *matches, struct err *e)
{
	*matches = true;
	if (!str_is_none(rule->condition) &&
	    condition_holds(p, rule->condition, rule->condition_mark, variables, matches, e) < 0)
		return -(int)e->code;
	if (*matches && rule->changes && changes_match(p, rule->changes, variables, matches, e) < 0)
		return -(int)e->code;
	if (*matches && rule->exists && exists_match(p, rule->exists, variables, matches, e) < 0)
		return -(int)e->code;
	return 0;
}

int ci_rules_decide(struct ci_planning *p, const struct ci_rules *rules,
		    const struct ci_variables *variables, const struct ci_rule **rule,
		    struct err *e)
{
	*rule = NULL;
	for (size_t i = 0; i < rules->count; i++) {
		bool matches;

		if (rule_matches(p, &rules->items[i], variables, &matches, e) < 0)
			return -(int)e->code;
		if (matches) {
			*rule = &rules->items[i];
			return 0;
		}
	}
	return 0;
}

/* The words of `only` and `except` that name a kind of pipeline. */
static bool is_kind_of_pipeline(const struct ci_context *c, struct str word)
{
	static const struct {
		const char *word;
		enum ci_pipeline_source source;
	} by_source[] = {
		{ "pushes", CI_SOURCE_PUSH },        { "web", CI_SOURCE_WEB },
		{ "schedules", CI_SOURCE_SCHEDULE }, { "api", CI_SOURCE_API },
		{ "triggers", CI_SOURCE_TRIGGER },   { "merge_requests", CI_SOURCE_MERGE_REQUEST },
	};

	if (str_eq(word, STR("branches")))
		return !c->is_tag && c->source != CI_SOURCE_MERGE_REQUEST;
	if (str_eq(word, STR("tags")))
		return c->is_tag;
	for (size_t i = 0; i < ARRAY_LEN(by_source); i++)
		if (str_eq_c(word, by_source[i].word))
			return c->source == by_source[i].source;
	return false;
}

static int ref_matches(struct ci_planning *p, const struct ci_ref_filter *filter, struct str ref,
		       bool *matches, struct err *e)
{
	const struct ci_context *c = p->context;
	size_t at = str_find_last(ref, '@');
	struct ci_pattern *pattern;
	struct err inner = { 0 };
	struct str body;
	struct str flags;

	*matches = false;
	if (at > 0 && at < ref.n && !str_starts(ref, STR("/"))) {
		if (!str_eq(str_from(ref, at + 1), c->project_path))
			return 0;
		ref = str_upto(ref, at);
	}
	if (ci_pattern_split(ref, &body, &flags)) {
		if (c->source == CI_SOURCE_MERGE_REQUEST)
			return 0;
		if (ci_pattern_compile(p->arena, body, flags, &pattern, &inner) < 0 ||
		    ci_pattern_match(pattern, c->ref_name, matches, &inner) < 0)
			return ci_fail_at(&p->fail, filter->mark, e, "%s", inner.text);
		return 0;
	}
	*matches = is_kind_of_pipeline(c, ref) ||
		   (c->source != CI_SOURCE_MERGE_REQUEST && str_eq(ref, c->ref_name));
	return 0;
}

static int refs_match(struct ci_planning *p, const struct ci_ref_filter *filter, bool *matches,
		      struct err *e)
{
	*matches = false;
	for (size_t i = 0; i < filter->ref_count && !*matches; i++)
		if (ref_matches(p, filter, filter->refs[i], matches, e) < 0)
			return -(int)e->code;
	return 0;
}

static int conditions_match(struct ci_planning *p, const struct ci_ref_filter *filter,
			    const struct ci_variables *variables, bool *matches, struct err *e)
{
	*matches = false;
	for (size_t i = 0; i < filter->condition_count && !*matches; i++)
		if (condition_holds(p, filter->conditions[i], filter->mark, variables, matches, e) <
		    0)
			return -(int)e->code;
	return 0;
}

struct filter_result {
	bool all; /* every kind that is there matches */
	bool any; /* some kind that is there matches */
};

static void add_kind(struct filter_result *result, bool matches)
{
	result->all = result->all && matches;
	result->any = result->any || matches;
}

static int filter_result_of(struct ci_planning *p, const struct ci_ref_filter *filter,
			    const struct ci_variables *variables, struct filter_result *result,
			    struct err *e)
{
	bool matches;

	*result = (struct filter_result){ true, false };
	if (filter->has_refs) {
		if (refs_match(p, filter, &matches, e) < 0)
			return -(int)e->code;
		add_kind(result, matches);
	}
	if (filter->condition_count > 0) {
		if (conditions_match(p, filter, variables, &matches, e) < 0)
			return -(int)e->code;
		add_kind(result, matches);
	}
	if (filter->changes) {
		if (changes_match(p, filter->changes, variables, &matches, e) < 0)
			return -(int)e->code;
		add_kind(result, matches);
	}
	return 0;
}

int ci_ref_filters_admit(struct ci_planning *p, const struct ci_ref_filter *only,
			 const struct ci_ref_filter *except, const struct ci_variables *variables,
			 bool *admits, struct err *e)
{
	struct filter_result result;

	*admits = true;
	if (only->is_set) {
		if (filter_result_of(p, only, variables, &result, e) < 0)
			return -(int)e->code;
		*admits = result.all;
	}
	if (*admits && except->is_set) {
		if (filter_result_of(p, except, variables, &result, e) < 0)
			return -(int)e->code;
		*admits = !result.any;
	}
	return 0;
}
