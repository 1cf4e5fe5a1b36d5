#include "ci/extends.h"

#include "ci/include.h"
#include "ci/parts.h"

struct extending {
	struct ci_planning *p;
	const struct ci_node *root;
	struct str chain[CI_EXTENDS_DEPTH_MAX];
	int depth;
};

static int resolve_job(struct extending *x, struct str name, const struct ci_node *job,
		       const struct ci_node **resolved, struct err *e);

static int resolve_parent(struct extending *x, struct str child, const struct ci_node *at,
			  struct str name, const struct ci_node **resolved, struct err *e)
{
	const struct ci_pair *parent = ci_map_pair(x->root, name);

	for (int i = 0; i < x->depth; i++)
		if (str_eq(x->chain[i], name))
			return ci_fail_at(&x->p->fail, at->mark, e,
					  "%.*s: circular dependency detected in `extends`",
					  STR_FMT(child));
	if (x->depth >= CI_EXTENDS_DEPTH_MAX)
		return ci_fail_at(&x->p->fail, at->mark, e,
				  "%.*s: nesting too deep in `extends` (maximum is %d)",
				  STR_FMT(child), CI_EXTENDS_DEPTH_MAX - 1);
	if (parent == NULL)
		return ci_fail_at(&x->p->fail, at->mark, e,
				  "%.*s: unknown keys in `extends` (%.*s)", STR_FMT(child),
				  STR_FMT(str_upto(name, 200)));
	if (parent->value->kind != CI_MAP)
		return ci_fail_at(&x->p->fail, at->mark, e,
				  "%.*s: invalid base hashes in `extends` (%.*s)", STR_FMT(child),
				  STR_FMT(str_upto(name, 200)));
	return resolve_job(x, name, parent->value, resolved, e);
}

static int resolve_job(struct extending *x, struct str name, const struct ci_node *job,
		       const struct ci_node **resolved, struct err *e)
{
	const struct ci_node *extends = ci_map_find(job, "extends");
	const struct ci_node *merged = NULL;
	struct ci_texts parents;

	*resolved = job;
	if (extends == NULL)
		return 0;
	if (ci_read_texts(x->p, arena_strf(x->p->arena, "jobs:%.*s:extends", STR_FMT(name)),
			  extends, &parents, e) < 0)
		return -(int)e->code;
	x->chain[x->depth++] = name;
	for (size_t i = 0; i < parents.count; i++) {
		const struct ci_node *parent;

		if (resolve_parent(x, name, extends, parents.items[i], &parent, e) < 0 ||
		    ci_deep_merge(x->p, merged, parent, &merged, e) < 0)
			return -(int)e->code;
	}
	x->depth--;
	return ci_deep_merge(x->p, merged, ci_map_without(x->p->arena, job, "extends"), resolved,
			     e);
}

int ci_extends(struct ci_planning *p, const struct ci_node **root, struct err *e)
{
	struct extending x = { .p = p, .root = *root };
	struct ci_node *copy = ARENA_NEW(p->arena, struct ci_node);

	*copy = **root;
	copy->pairs = ARENA_ARRAY(p->arena, struct ci_pair, copy->count);
	for (size_t i = 0; i < copy->count; i++) {
		struct ci_pair pair = (*root)->pairs[i];

		if (resolve_job(&x, pair.key, pair.value, &pair.value, e) < 0)
			return -(int)e->code;
		copy->pairs[i] = pair;
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
