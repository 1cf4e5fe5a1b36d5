#include "ci/extends.h"

#include "base/table.h"
#include "ci/include.h"
#include "ci/parts.h"

/* A job with all that it extends, and how many levels of extending are below it. */
struct resolved {
	const struct ci_node *node;
	int levels;
};

struct extending {
	struct ci_planning *p;
	const struct ci_node *root;
	struct str chain[CI_EXTENDS_DEPTH_MAX];
	int depth;
	/* By name: each job is resolved once, however many extend it. */
	struct table done;
};

static int resolve_job(struct extending *x, struct str name, const struct ci_node *job,
		       const struct resolved **resolved, struct err *e);

static int too_deep(struct extending *x, struct str child, const struct ci_node *at, struct err *e)
{
	return ci_fail_at(&x->p->fail, at->mark, e,
			  "%.*s: nesting too deep in `extends` (maximum is %d)", STR_FMT(child),
			  CI_EXTENDS_DEPTH_MAX - 1);
}

static int resolve_parent(struct extending *x, struct str child, const struct ci_node *at,
			  struct str name, const struct resolved **resolved, struct err *e)
{
	const struct ci_pair *parent = ci_map_pair(x->root, name);

	for (int i = 0; i < x->depth; i++)
		if (str_eq(x->chain[i], name))
			return ci_fail_at(&x->p->fail, at->mark, e,
					  "%.*s: circular dependency detected in `extends`",
					  STR_FMT(child));
	if (x->depth >= CI_EXTENDS_DEPTH_MAX)
		return too_deep(x, child, at, e);
	if (parent == NULL)
		return ci_fail_at(&x->p->fail, at->mark, e,
				  "%.*s: unknown keys in `extends` (%.*s)", STR_FMT(child),
				  STR_FMT(str_upto(name, 200)));
	if (parent->value->kind != CI_MAP)
		return ci_fail_at(&x->p->fail, at->mark, e,
				  "%.*s: invalid base hashes in `extends` (%.*s)", STR_FMT(child),
				  STR_FMT(str_upto(name, 200)));
	if (resolve_job(x, name, parent->value, resolved, e) < 0)
		return -(int)e->code;
	ASSERT(*resolved != NULL);
	return x->depth + (*resolved)->levels < CI_EXTENDS_DEPTH_MAX ? 0
								     : too_deep(x, child, at, e);
}

/* Merges what a job extends, in its order, and the job itself on top. */
static int merge_parents(struct extending *x, struct str name, const struct ci_node *job,
			 const struct ci_node *extends, struct resolved *all, struct err *e)
{
	const struct ci_node *merged = NULL;
	struct ci_texts parents;

	if (ci_read_texts(x->p, arena_strf(x->p->arena, "jobs:%.*s:extends", STR_FMT(name)),
			  extends, &parents, e) < 0)
		return -(int)e->code;
	x->chain[x->depth++] = name;
	for (size_t i = 0; i < parents.count; i++) {
		const struct resolved *parent = NULL;

		if (resolve_parent(x, name, extends, parents.items[i], &parent, e) < 0)
			return -(int)e->code;
		ASSERT(parent != NULL);
		if (ci_deep_merge(x->p, merged, parent->node, &merged, e) < 0)
			return -(int)e->code;
		if (all->levels <= parent->levels)
			all->levels = parent->levels + 1;
	}
	x->depth--;
	return ci_deep_merge(x->p, merged, ci_map_without(x->p->arena, job, "extends"), &all->node,
			     e);
}

static int resolve_job(struct extending *x, struct str name, const struct ci_node *job,
		       const struct resolved **resolved, struct err *e)
{
	const struct ci_node *extends = ci_map_find(job, "extends");
	struct resolved *all = table_find(&x->done, name);

	*resolved = all;
	if (all)
		return 0;
	all = ARENA_NEW(x->p->arena, struct resolved);
	*all = (struct resolved){ .node = job };
	if (extends && merge_parents(x, name, job, extends, all, e) < 0)
		return -(int)e->code;
	table_set(&x->done, name, all);
	*resolved = all;
	return 0;
}

int ci_extends(struct ci_planning *p, const struct ci_node **root, struct err *e)
{
	struct extending x = { .p = p, .root = *root };
	struct ci_node *copy = ARENA_NEW(p->arena, struct ci_node);

	table_init(&x.done, p->arena);
	*copy = **root;
	copy->pairs = ARENA_ARRAY(p->arena, struct ci_pair, copy->count);
	for (size_t i = 0; i < copy->count; i++) {
		const struct resolved *resolved = NULL;

		copy->pairs[i] = (*root)->pairs[i];
		if (resolve_job(&x, copy->pairs[i].key, copy->pairs[i].value, &resolved, e) < 0)
			return -(int)e->code;
		ASSERT(resolved != NULL);
		copy->pairs[i].value = resolved->node;
	}
	*root = copy;
	return 0;
}

struct referring {
	struct ci_planning *p;
	const struct ci_node *root;
	size_t weight;
};

static int replace(struct referring *r, const struct ci_node *node, int depth,
		   const struct ci_node **replaced, struct err *e);

static int follow(struct referring *r, const struct ci_node *reference, int depth,
		  const struct ci_node **replaced, struct err *e)
{
	const struct ci_node *at = r->root;

	if (depth > CI_REFERENCE_DEPTH_MAX)
		return ci_fail_at(&r->p->fail, reference->mark, e,
				  "!reference is nested deeper than %d levels or names itself",
				  CI_REFERENCE_DEPTH_MAX);
	for (size_t i = 0; i < reference->count && at; i++) {
		const struct ci_pair *pair = ci_map_pair(at, reference->items[i]->text);

		at = pair ? pair->value : NULL;
	}
	if (at == NULL)
		return ci_fail_at(&r->p->fail, reference->mark, e,
				  "!reference [%.*s, ...] could not be found",
				  STR_FMT(str_upto(reference->items[0]->text, 100)));
	return replace(r, at, depth + 1, replaced, e);
}

static int replace_items(struct referring *r, const struct ci_node *node, int depth,
			 struct ci_node *copy, struct err *e)
{
	copy->items = ARENA_ARRAY(r->p->arena, const struct ci_node *, node->count);
	for (size_t i = 0; i < node->count; i++)
		if (replace(r, node->items[i], depth, &copy->items[i], e) < 0)
			return -(int)e->code;
	return 0;
}

static int replace_pairs(struct referring *r, const struct ci_node *node, int depth,
			 struct ci_node *copy, struct err *e)
{
	copy->pairs = ARENA_ARRAY(r->p->arena, struct ci_pair, node->count);
	for (size_t i = 0; i < node->count; i++) {
		copy->pairs[i] = node->pairs[i];
		if (replace(r, node->pairs[i].value, depth, &copy->pairs[i].value, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int replace(struct referring *r, const struct ci_node *node, int depth,
		   const struct ci_node **replaced, struct err *e)
{
	struct ci_node *copy;

	if (++r->weight > CI_NODES_MAX)
		return ci_fail_at(&r->p->fail, node->mark, e, "the file has more than %d values",
				  CI_NODES_MAX);
	if (node->kind == CI_REFERENCE)
		return follow(r, node, depth, replaced, e);
	*replaced = node;
	if (node->kind != CI_LIST && node->kind != CI_MAP)
		return 0;
	copy = ARENA_NEW(r->p->arena, struct ci_node);
	*copy = *node;
	*replaced = copy;
	return node->kind == CI_LIST ? replace_items(r, node, depth, copy, e)
				     : replace_pairs(r, node, depth, copy, e);
}

int ci_references(struct ci_planning *p, const struct ci_node **root, struct err *e)
{
	struct referring r = { .p = p, .root = *root };

	return replace(&r, *root, 0, root, e);
}
