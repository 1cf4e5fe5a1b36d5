/* Contents by their name: a walk over the folders of commits that people may see. */
#include "git/history.h"
#include "git/object.h"
#include "git/oid_set.h"
#include "git/reach.h"
#include "git/tree.h"

#include "base/clock.h"

struct search {
	struct repo *repo;
	const struct oid *blob;
	struct oid_set folders;
	struct oid_set commits;
	struct node_queue queue;
	struct history *history;
	int64_t deadline_ms;
	size_t looked;
	bool is_late;
	bool found;
};

#define CLOCK_EVERY 256

/* The history asks its clock as commits are loaded; folders take time, too. */
static bool is_over(struct search *s)
{
	if (s->looked++ % CLOCK_EVERY == 0 && clock_monotonic_ms() > s->deadline_ms)
		s->is_late = true;
	return s->found || s->is_late || history_is_spent(s->history);
}

static int search_folder(struct search *s, const struct oid *tree, int depth, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct raw_entry entry;
	struct str rest;

	if (depth > TREE_DEPTH_MAX || !oid_set_add(&s->folders, tree))
		return 0;
	if (object_read(s->repo, tree, GIT_OBJECT_TREE, OBJECT_TREE_MAX, &object, e) < 0)
		return -(int)e->code;
	rest = object_bytes(object);
	while (!is_over(s) && raw_tree_next(&rest, &entry)) {
		if (raw_is_folder(&entry)) {
			if (search_folder(s, &entry.oid, depth + 1, e) < 0)
				return -(int)e->code;
		} else if ((entry.mode & RAW_MODE_KIND) != RAW_MODE_MODULE &&
			   oid_eq(&entry.oid, s->blob)) {
			s->found = true;
		}
	}
	return 0;
}

static int push(struct search *s, const struct oid *oid, struct err *e)
{
	struct node *node;

	if (!oid_set_add(&s->commits, oid))
		return 0;
	if (history_get(s->history, oid, &node, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -(int)e->code;
		*e = (struct err){ 0 }; /* a ref to something that is no commit */
		return 0;
	}
	node_queue_push(&s->queue, node);
	return 0;
}

static int push_tips(struct search *s, struct err *e)
{
	const struct ref_snapshot *refs = repo_refs(s->repo);

	if (!oid_is_zero(&refs->head_oid) && push(s, &refs->head_oid, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < refs->count && !is_over(s); i++) {
		if (!ref_is_internal(refs->refs[i].name) && push(s, &refs->refs[i].peeled, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int search_all(struct search *s, struct err *e)
{
	struct node *node;

	if (push_tips(s, e) < 0)
		return -(int)e->code;
	while (!is_over(s) && (node = node_queue_pop(&s->queue))) {
		if (search_folder(s, &node->tree, 0, e) < 0)
			return -(int)e->code;
		for (size_t i = 0; i < node->parents_count; i++) {
			if (push(s, &node->parents[i]->oid, e) < 0)
				return -(int)e->code;
		}
	}
	return 0;
}

int repo_reaches_blob(struct repo *repo, const struct oid *blob, struct budget budget,
		      bool *reaches, struct err *e)
{
	struct search s = { .repo = repo, .blob = blob, .deadline_ms = budget.deadline_ms };
	int failed;

	if (history_open(repo, budget, &s.history, e) < 0)
		return -(int)e->code;
	failed = search_all(&s, e);
	if (!failed)
		*reaches = s.found;
	node_queue_fini(&s.queue);
	history_close(s.history);
	oid_set_fini(&s.folders);
	oid_set_fini(&s.commits);
	return failed;
}
