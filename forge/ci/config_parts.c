/* The keywords that are small languages of their own. */
#include "ci/config.h"

#define EXPIRE_MAX (100LL * 365 * 24 * 3600)
#define ENVIRONMENT_NAME_MAX 255

static const char *const action_names[] = {
	[CI_ENVIRONMENT_START] = "start",   [CI_ENVIRONMENT_PREPARE] = "prepare",
	[CI_ENVIRONMENT_VERIFY] = "verify", [CI_ENVIRONMENT_ACCESS] = "access",
	[CI_ENVIRONMENT_STOP] = "stop",
};

const char *ci_environment_action_name(enum ci_environment_action action)
{
	return action_names[action];
}

/* A key of a map that is a string, if it is there. */
static int read_optional_text(struct ci_planning *p, const char *where, const struct ci_node *map,
			      const char *key, struct str *text, struct err *e)
{
	const struct ci_node *node = ci_map_find(map, key);

	if (node == NULL)
		return 0;
	return ci_read_text(p, arena_strf(p->arena, "%s:%s", where, key), node, text, e);
}

static int read_optional_texts(struct ci_planning *p, const char *where, const struct ci_node *map,
			       const char *key, struct ci_texts *texts, struct err *e)
{
	const struct ci_node *node = ci_map_find(map, key);

	if (node == NULL)
		return 0;
	return ci_read_texts(p, arena_strf(p->arena, "%s:%s", where, key), node, texts, e);
}

static int read_optional_word(struct ci_planning *p, const char *where, const struct ci_node *map,
			      const char *key, const char *const *words, struct str *word,
			      struct err *e)
{
	const struct ci_node *node = ci_map_find(map, key);

	if (node == NULL)
		return 0;
	return ci_read_word(p, arena_strf(p->arena, "%s:%s", where, key), node, words, word, e);
}

static int read_optional_bool(struct ci_planning *p, const char *where, const struct ci_node *map,
			      const char *key, bool *value, struct err *e)
{
	const struct ci_node *node = ci_map_find(map, key);

	if (node == NULL)
		return 0;
	return ci_read_bool(p, arena_strf(p->arena, "%s:%s", where, key), node, value, e);
}

/* -------------------------------------------------------------- environment */

static int check_environment_name(struct ci_planning *p, const char *where,
				  const struct ci_node *node, struct str name, struct err *e)
{
	if (name.n == 0 || name.n > ENVIRONMENT_NAME_MAX)
		return ci_bad(p, where, node, e, "name should have 1 to %d characters",
			      ENVIRONMENT_NAME_MAX);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    strchr("-_/${}. ", c))
			continue;
		return ci_bad(p, where, node, e,
			      "name can contain only letters, digits, '-', '_', '/', '$', '{', "
			      "'}', '.', and spaces");
	}
	return 0;
}

static int read_environment_action(struct ci_planning *p, const char *where,
				   const struct ci_node *node, struct ci_environment *environment,
				   struct err *e)
{
	static const char *const words[] = { "start", "prepare", "verify", "access", "stop", NULL };
	struct str word = STR_NONE;

	if (read_optional_word(p, where, node, "action", words, &word, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < ARRAY_LEN(action_names) && !str_is_none(word); i++)
		if (str_eq_c(word, action_names[i]))
			environment->action = (enum ci_environment_action)i;
	return 0;
}

static int read_auto_stop(struct ci_planning *p, const char *where, const struct ci_node *node,
			  struct ci_environment *environment, struct err *e)
{
	if (node == NULL || (node->kind == CI_TEXT && str_eq(node->text, STR("never"))))
		return 0;
	return ci_read_duration(p, where, node, EXPIRE_MAX, &environment->auto_stop_in, e);
}

int ci_environment_read(struct ci_planning *p, const char *where, const struct ci_node *node,
			struct ci_environment *environment, struct err *e)
{
	static const char *const known[] = { "name",   "url",          "on_stop",
					     "action", "auto_stop_in", "deployment_tier",
					     NULL };
	static const char *const refused[] = { "kubernetes", NULL };
	static const char *const tiers[] = { "production",  "staging", "testing",
					     "development", "other",   NULL };
	const struct ci_node *name = node;

	*environment = (struct ci_environment){ .mark = node->mark };
	if (node->kind == CI_MAP) {
		if (ci_check_keys(p, where, node, known, refused, e) < 0)
			return -(int)e->code;
		name = ci_map_find(node, "name");
		if (name == NULL)
			return ci_bad(p, where, node, e, "needs a name");
	}
	if (name->kind != CI_TEXT)
		return ci_bad(p, where, name, e, "should be a hash or a string");
	environment->name = name->text;
	if (check_environment_name(p, where, name, name->text, e) < 0 ||
	    read_optional_text(p, where, node, "url", &environment->url, e) < 0 ||
	    read_optional_text(p, where, node, "on_stop", &environment->on_stop, e) < 0 ||
	    read_optional_word(p, where, node, "deployment_tier", tiers, &environment->tier, e) <
		    0 ||
	    read_environment_action(p, where, node, environment, e) < 0)
		return -(int)e->code;
	return read_auto_stop(p, arena_strf(p->arena, "%s:auto_stop_in", where),
			      ci_map_find(node, "auto_stop_in"), environment, e);
}

/* ---------------------------------------------------------------- artifacts */

static const char *const outcome_words[] = { "on_success", "on_failure", "always", NULL };

static int read_expire_in(struct ci_planning *p, const char *where, const struct ci_node *node,
			  struct ci_artifacts *artifacts, struct err *e)
{
	if (node == NULL)
		return 0;
	if (node->kind == CI_TEXT && str_eq(node->text, STR("never"))) {
		artifacts->expire_in = -1;
		return 0;
	}
	return ci_read_duration(p, where, node, EXPIRE_MAX, &artifacts->expire_in, e);
}

int ci_artifacts_read(struct ci_planning *p, const char *where, const struct ci_node *node,
		      struct ci_artifacts *artifacts, struct err *e)
{
	static const char *const known[] = { "name", "paths",     "exclude", "untracked",
					     "when", "expire_in", NULL };
	static const char *const refused[] = { "reports", "expose_as", "public", "access", NULL };

	*artifacts = (struct ci_artifacts){ .is_set = true,
					    .name = STR("artifacts"),
					    .when = STR("on_success") };
	if (ci_check_keys(p, where, node, known, refused, e) < 0 ||
	    read_optional_text(p, where, node, "name", &artifacts->name, e) < 0 ||
	    read_optional_texts(p, where, node, "paths", &artifacts->paths, e) < 0 ||
	    read_optional_texts(p, where, node, "exclude", &artifacts->exclude, e) < 0 ||
	    read_optional_bool(p, where, node, "untracked", &artifacts->untracked, e) < 0 ||
	    read_optional_word(p, where, node, "when", outcome_words, &artifacts->when, e) < 0)
		return -(int)e->code;
	if (artifacts->paths.count == 0 && !artifacts->untracked)
		return ci_bad(p, where, node, e, "requires the paths or untracked keyword");
	return read_expire_in(p, arena_strf(p->arena, "%s:expire_in", where),
			      ci_map_find(node, "expire_in"), artifacts, e);
}

/* ------------------------------------------------------- image and services */

static int read_image(struct ci_planning *p, const char *where, const char *const *known,
		      const struct ci_node *node, struct ci_image *image, struct err *e)
{
	static const char *const refused[] = { "docker", "kubernetes", "ports", NULL };
	const struct ci_node *name = node;

	*image = (struct ci_image){ 0 };
	if (node->kind == CI_MAP) {
		if (ci_check_keys(p, where, node, known, refused, e) < 0)
			return -(int)e->code;
		name = ci_map_find(node, "name");
		if (name == NULL)
			return ci_bad(p, where, node, e, "needs a name");
	}
	if (name->kind != CI_TEXT || name->text.n == 0)
		return ci_bad(p, where, name, e, "should be a hash or a string");
	image->name = name->text;
	if (read_optional_texts(p, where, node, "entrypoint", &image->entrypoint, e) < 0 ||
	    read_optional_texts(p, where, node, "command", &image->command, e) < 0 ||
	    read_optional_texts(p, where, node, "pull_policy", &image->pull_policy, e) < 0 ||
	    read_optional_text(p, where, node, "alias", &image->alias, e) < 0)
		return -(int)e->code;
	return ci_read_variables(p, where, false, ci_map_find(node, "variables"), &image->variables,
				 e);
}

int ci_image_read(struct ci_planning *p, const char *where, const struct ci_node *node,
		  struct ci_image *image, struct err *e)
{
	static const char *const known[] = { "name", "entrypoint", "pull_policy", NULL };

	return read_image(p, where, known, node, image, e);
}

int ci_services_read(struct ci_planning *p, const char *where, const struct ci_node *node,
		     struct ci_job *job, struct err *e)
{
	static const char *const known[] = { "name",      "alias",       "entrypoint", "command",
					     "variables", "pull_policy", NULL };
	const struct ci_node **items;

	if (node->kind != CI_LIST)
		return ci_bad(p, where, node, e, "should be an array");
	if (ci_flatten(p, where, node, &items, &job->service_count, e) < 0)
		return -(int)e->code;
	job->services = ARENA_ARRAY(p->arena, struct ci_image, job->service_count);
	for (size_t i = 0; i < job->service_count; i++)
		if (read_image(p, where, known, items[i], &job->services[i], e) < 0)
			return -(int)e->code;
	return 0;
}

/* -------------------------------------------------------------------- cache */

#define CACHES_MAX 4
#define KEY_FILES_MAX 2
#define FALLBACK_KEYS_MAX 5

static int read_cache_key(struct ci_planning *p, const char *where, const struct ci_node *node,
			  struct ci_cache *cache, struct err *e)
{
	static const char *const known[] = { "files", "prefix", NULL };
	static const char *const refused[] = { "files_commits", NULL };

	if (node == NULL)
		return 0;
	if (node->kind != CI_MAP) {
		if (!ci_is_scalar(node) || node->kind == CI_NULL || str_has(node->text, '/') ||
		    str_eq(node->text, STR(".")) || str_eq(node->text, STR("..")))
			return ci_bad(p, where, node, e,
				      "should be a hash or a string without \"/\"");
		cache->key = node->text;
		return 0;
	}
	if (ci_check_keys(p, where, node, known, refused, e) < 0 ||
	    read_optional_texts(p, where, node, "files", &cache->key_files, e) < 0 ||
	    read_optional_text(p, where, node, "prefix", &cache->key_prefix, e) < 0)
		return -(int)e->code;
	if (cache->key_files.count == 0 || cache->key_files.count > KEY_FILES_MAX)
		return ci_bad(p, where, node, e, "files should be 1 or %d paths", KEY_FILES_MAX);
	return 0;
}

static int read_cache(struct ci_planning *p, const char *where, const struct ci_node *node,
		      struct ci_cache *cache, struct err *e)
{
	static const char *const known[] = { "key",  "paths",         "untracked", "policy",
					     "when", "fallback_keys", NULL };
	static const char *const refused[] = { "unprotect", NULL };
	static const char *const policies[] = { "pull-push", "pull", "push", NULL };

	*cache = (struct ci_cache){ .key = STR("default"),
				    .policy = STR("pull-push"),
				    .when = STR("on_success") };
	if (ci_check_keys(p, where, node, known, refused, e) < 0 ||
	    read_cache_key(p, arena_strf(p->arena, "%s:key", where), ci_map_find(node, "key"),
			   cache, e) < 0 ||
	    read_optional_texts(p, where, node, "paths", &cache->paths, e) < 0 ||
	    read_optional_texts(p, where, node, "fallback_keys", &cache->fallback_keys, e) < 0 ||
	    read_optional_bool(p, where, node, "untracked", &cache->untracked, e) < 0 ||
	    read_optional_word(p, where, node, "policy", policies, &cache->policy, e) < 0)
		return -(int)e->code;
	if (cache->fallback_keys.count > FALLBACK_KEYS_MAX)
		return ci_bad(p, where, node, e, "has to be less than %d fallback_keys",
			      FALLBACK_KEYS_MAX + 1);
	return read_optional_word(p, where, node, "when", outcome_words, &cache->when, e);
}

int ci_caches_read(struct ci_planning *p, const char *where, const struct ci_node *node,
		   struct ci_job *job, struct err *e)
{
	const struct ci_node **items;

	if (node->kind == CI_NULL)
		return 0;
	if (ci_flatten(p, where, node, &items, &job->cache_count, e) < 0)
		return -(int)e->code;
	if (job->cache_count > CACHES_MAX)
		return ci_bad(p, where, node, e, "no more than %d caches can be created",
			      CACHES_MAX);
	job->caches = ARENA_ARRAY(p->arena, struct ci_cache, job->cache_count);
	for (size_t i = 0; i < job->cache_count; i++)
		if (read_cache(p, where, items[i], &job->caches[i], e) < 0)
			return -(int)e->code;
	return 0;
}
