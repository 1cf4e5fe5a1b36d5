#include "ci/include.h"

#include "ci/parts.h"
#include "ci/pattern.h"
#include "ci/rules.h"

#define NESTED_INCLUDES_MAX 50

struct including {
	struct ci_planning *p;
	struct ci_variables variables;
	size_t files;
	int depth;
};

const struct ci_node *ci_map_without(struct arena *a, const struct ci_node *map, const char *key)
{
	struct ci_node *copy;

	if (ci_map_find(map, key) == NULL)
		return map;
	copy = ARENA_NEW(a, struct ci_node);
	*copy = *map;
	copy->pairs = ARENA_ARRAY(a, struct ci_pair, map->count);
	copy->count = 0;
	copy->index = NULL;
	for (size_t i = 0; i < map->count; i++)
		if (!str_eq_c(map->pairs[i].key, key))
			copy->pairs[copy->count++] = map->pairs[i];
	ci_map_index(a, copy);
	return copy;
}

int ci_deep_merge(struct ci_planning *p, const struct ci_node *under, const struct ci_node *over,
		  const struct ci_node **merged, struct err *e)
{
	struct ci_node *map;

	*merged = over;
	if (under == NULL || under->kind != CI_MAP || over->kind != CI_MAP)
		return 0;
	p->pairs += under->count + over->count;
	if (p->pairs > CI_PAIRS_MAX)
		return ci_fail_at(&p->fail, over->mark, e,
				  "include and extends make more than %d keys", CI_PAIRS_MAX);
	map = ARENA_NEW(p->arena, struct ci_node);
	*map = *over;
	map->pairs = ARENA_ARRAY(p->arena, struct ci_pair, under->count + over->count);
	if (under->count > 0)
		memcpy(map->pairs, under->pairs, under->count * sizeof(*map->pairs));
	map->count = under->count;
	map->index = NULL;
	for (size_t i = 0; i < over->count; i++) {
		const struct ci_pair *there = ci_map_pair(under, over->pairs[i].key);
		size_t at = there ? (size_t)(there - under->pairs) : map->count++;
		struct ci_pair pair = over->pairs[i];

		if (there && ci_deep_merge(p, there->value, pair.value, &pair.value, e) < 0)
			return -(int)e->code;
		map->pairs[at] = pair;
	}
	ci_map_index(p->arena, map);
	*merged = map;
	return 0;
}

static int include_text(struct including *in, struct str file, struct str text,
			const struct ci_node **root, struct err *e);

static int include_file(struct including *in, const struct ci_node *at, struct str path,
			const struct ci_node **root, struct err *e)
{
	const struct ci_source *source = in->p->context->repository;
	struct str text;

	if (++in->files > CI_INCLUDES_MAX)
		return ci_fail_at(&in->p->fail, at->mark, e,
				  "Maximum of %d nested includes are "
				  "allowed!",
				  CI_INCLUDES_MAX);
	if (source->read(source->closure, in->p->arena, path, CI_FILE_MAX, &text, e) < 0) {
		if (e->code != ERR_NOT_FOUND && e->code != ERR_TOO_LARGE)
			return err_add(e, "include:local");
		return ci_fail_at(&in->p->fail, at->mark, e, "Local file `%.*s` %s",
				  STR_FMT(str_upto(path, 300)),
				  e->code == ERR_NOT_FOUND ? "does not exist!" : "is too large!");
	}
	return include_text(in, arena_str(in->p->arena, path), text, root, e);
}

static int compare_paths(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The files a glob names, in the order of their names. */
static int list_glob(struct including *in, const struct ci_node *at, struct str glob,
		     struct ci_texts *files, struct err *e)
{
	const struct ci_source *source = in->p->context->repository;
	struct ci_paths paths = { 0 };

	if (source->list(source->closure, in->p->arena, &paths, e) < 0)
		return err_add(e, "include:local");
	if (!paths.is_known)
		return ci_fail_at(&in->p->fail, at->mark, e,
				  "include:local: the files of the "
				  "repository cannot be listed");
	*files = (struct ci_texts){ ARENA_ARRAY(in->p->arena, struct str, paths.count), 0 };
	for (size_t i = 0; i < paths.count; i++)
		if (ci_glob_match(glob, paths.items[i]))
			files->items[files->count++] = paths.items[i];
	if (files->count > 1)
		qsort(files->items, files->count, sizeof(struct str), compare_paths);
	if (files->count == 0)
		return ci_fail_at(&in->p->fail, at->mark, e, "Local file `%.*s` does not exist!",
				  STR_FMT(str_upto(glob, 300)));
	return 0;
}

static bool is_yaml_path(struct str path)
{
	return str_ends(path, STR(".yml")) || str_ends(path, STR(".yaml"));
}

static bool has_parent_step(struct str path)
{
	struct str part;

	while (str_cut(&path, '/', &part))
		if (str_eq(part, STR("..")))
			return true;
	return false;
}

/* Files included by one `local`, merged in their order onto *root. */
static int include_local(struct including *in, const struct ci_node *at, struct str path,
			 const struct ci_node **root, struct err *e)
{
	struct ci_texts files = { &path, 1 };

	path = ci_variables_expand(&in->variables, in->p->arena, path);
	while (str_cut_prefix(&path, STR("/")))
		;
	(void)str_cut_prefix(&path, STR("./"));
	if (!is_yaml_path(path) || has_parent_step(path))
		return ci_fail_at(&in->p->fail, at->mark, e,
				  "Included file `%.*s` does not have YAML extension!",
				  STR_FMT(str_upto(path, 300)));
	if (str_has(path, '*') && list_glob(in, at, path, &files, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < files.count; i++) {
		const struct ci_node *included;

		if (include_file(in, at, files.items[i], &included, e) < 0 ||
		    ci_deep_merge(in->p, *root, included, root, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int rules_allow(struct including *in, const struct ci_node *entry, bool *allowed,
		       struct err *e)
{
	const struct ci_rule *rule;
	struct ci_rules rules;

	*allowed = true;
	if (ci_rules_read(in->p, "include:rules", CI_RULES_OF_INCLUDE, ci_map_find(entry, "rules"),
			  &rules, e) < 0)
		return -(int)e->code;
	if (!rules.is_set)
		return 0;
	if (ci_rules_decide(in->p, &rules, &in->variables, &rule, e) < 0)
		return -(int)e->code;
	*allowed = rule && !(rule->has_when && rule->when == CI_NEVER);
	return 0;
}

static int include_entry(struct including *in, const struct ci_node *entry,
			 const struct ci_node **root, struct err *e)
{
	static const char *const known[] = { "local", "rules", NULL };
	static const char *const refused[] = { "project",  "file",      "ref",    "remote",
					       "template", "component", "inputs", "integrity",
					       "artifact", "job",       NULL };
	const struct ci_node *local = ci_map_find(entry, "local");
	struct str path;
	bool allowed;

	if (entry->kind == CI_TEXT) {
		if (str_starts(entry->text, STR("http://")) ||
		    str_starts(entry->text, STR("https://")))
			return ci_fail_at(&in->p->fail, entry->mark, e,
					  "include config: remote files are not supported by this "
					  "version of Hearth; keep the file in the repository");
		return include_local(in, entry, entry->text, root, e);
	}
	if (entry->kind != CI_MAP)
		return ci_bad(in->p, "include", entry, e, "should be a hash or a string");
	if (ci_check_keys(in->p, "include", entry, known, refused, e) < 0)
		return -(int)e->code;
	if (local == NULL)
		return ci_bad(in->p, "include", entry, e, "needs `local`");
	if (ci_read_text(in->p, "include:local", local, &path, e) < 0 ||
	    rules_allow(in, entry, &allowed, e) < 0)
		return -(int)e->code;
	return allowed ? include_local(in, local, path, root, e) : 0;
}

/* Merges, in order, what a file includes; the file itself comes on top. */
static int include_all(struct including *in, const struct ci_node *include,
		       const struct ci_node **root, struct err *e)
{
	const struct ci_node **entries;
	size_t count;

	if (include->kind == CI_NULL)
		return 0;
	if (ci_flatten(in->p, "include", include, &entries, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		if (include_entry(in, entries[i], root, e) < 0)
			return -(int)e->code;
	return 0;
}

/* Parses one file within the budgets that hold for all of them together. */
static int parse_file(struct including *in, struct str file, struct str text,
		      const struct ci_node **own, struct err *e)
{
	struct ci_planning *p = in->p;
	struct ci_mark whole = { file, 0, 0 };

	p->bytes += text.n;
	if (p->bytes > CI_BYTES_MAX)
		return ci_fail_at(&p->fail, whole, e, "the files are larger than %u bytes together",
				  CI_BYTES_MAX);
	if (ci_yaml_parse(&p->fail, &p->warnings, file, text, own, e) < 0)
		return -(int)e->code;
	p->nodes += (*own)->weight;
	if (p->nodes > CI_NODES_MAX)
		return ci_fail_at(&p->fail, whole, e, "the files have more than %d values together",
				  CI_NODES_MAX);
	return 0;
}

static int include_text(struct including *in, struct str file, struct str text,
			const struct ci_node **root, struct err *e)
{
	const struct ci_node *own = NULL;
	const struct ci_node *include;
	struct ci_node *empty = ARENA_NEW(in->p->arena, struct ci_node);

	if (parse_file(in, file, text, &own, e) < 0)
		return -(int)e->code;
	ASSERT(own != NULL);
	if (own->kind == CI_NULL)
		return ci_fail_at(&in->p->fail, own->mark, e,
				  in->depth == 0 ? "Please provide content of .gitlab-ci.yml"
						 : "Included file is empty!");
	if (own->kind != CI_MAP)
		return ci_fail_at(&in->p->fail, own->mark, e,
				  "Invalid configuration format: the "
				  "file should be a hash, not %s",
				  ci_kind_name(own));
	*empty = (struct ci_node){ .kind = CI_MAP, .mark = own->mark, .weight = 1 };
	*root = empty;
	include = ci_map_find(own, "include");
	if (include) {
		if (++in->depth > NESTED_INCLUDES_MAX)
			return ci_fail_at(&in->p->fail, include->mark, e,
					  "files include each other deeper than %d levels",
					  NESTED_INCLUDES_MAX);
		if (include_all(in, include, root, e) < 0)
			return -(int)e->code;
		in->depth--;
	}
	return ci_deep_merge(in->p, *root, ci_map_without(in->p->arena, own, "include"), root, e);
}

int ci_include(struct ci_planning *p, struct str file, struct str text, const struct ci_node **root,
	       struct err *e)
{
	struct including in = { .p = p };

	ci_variables_init(&in.variables, p->arena);
	ci_variables_add(&in.variables, p->context->predefined);
	ci_variables_add(&in.variables, p->context->stored);
	ci_variables_add(&in.variables, p->context->pipeline);
	return include_text(&in, file, text, root, e);
}
