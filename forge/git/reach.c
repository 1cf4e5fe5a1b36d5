#include "git/reach.h"

#include "git/commit_graph.h"
#include "git/commit_private.h"
#include "git/object.h"
#include "git/oid_set.h"
#include "git/reader_private.h"

#include "base/clock.h"
#include "base/mem.h"

#include <pthread.h>

#define SETS_MAX 16
/* Outside the commit-graph; housekeeping moves them into it. */
#define OTHERS_MAX 500000u
#define OTHERS_MANY 5000u
#define CLOCK_EVERY 64
#define PARENTS_MAX 1024

/* A list of names in order. */
struct tips {
	struct oid *oids;
	size_t count;
};

/* Tips that are gone: does what is new contain them? */
struct leaving {
	struct tips tips;
	bool *kept;
	size_t open;
};

struct reach {
	struct reach *older; /* the next three: under the cache's mutex */
	size_t users;
	bool is_dropped;
	char *path;
	struct folder_identity identity;
	pthread_mutex_t mutex; /* of all that follows */
	uint64_t packs;
	const struct ref_snapshot *refs; /* NULL: nothing known */
	struct tips tips;                /* of refs */
	struct commit_graph *graph;      /* NULL: none */
	unsigned char *bits;             /* by position in graph */
	struct oid_set others;
	uint32_t *todo; /* positions whose parents are not looked at yet */
	size_t todo_count, todo_room;
	struct oid *todo_others;
	size_t todo_others_count, todo_others_room;
	struct leaving *leaving; /* while a walk asks for it */
};

struct reach_cache {
	pthread_mutex_t mutex;
	struct reach *newest;
};

/* ------------------------------------------------------------------------------ tips */

static int compare_oids(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

static struct tips tips_of(const struct ref_snapshot *refs)
{
	struct tips tips = { mem_alloc_array(2 * refs->count + 1, sizeof(struct oid)), 0 };
	size_t count = 0;

	if (!oid_is_zero(&refs->head_oid))
		tips.oids[count++] = refs->head_oid;
	for (size_t i = 0; i < refs->count; i++) {
		if (ref_is_internal(refs->refs[i].name))
			continue;
		tips.oids[count++] = refs->refs[i].peeled;
	}
	qsort(tips.oids, count, sizeof(struct oid), compare_oids);
	for (size_t i = 0; i < count; i++) {
		if (tips.count == 0 || !oid_eq(&tips.oids[tips.count - 1], &tips.oids[i]))
			tips.oids[tips.count++] = tips.oids[i];
	}
	return tips;
}

static void tips_fini(struct tips *tips)
{
	mem_free(tips->oids);
	*tips = (struct tips){ 0 };
}

static const struct oid *tips_find(const struct tips *tips, const struct oid *oid)
{
	if (tips->count == 0)
		return NULL;
	return bsearch(oid, tips->oids, tips->count, sizeof(struct oid), compare_oids);
}

/* Those of a that are not in b. */
static struct tips tips_without(const struct tips *a, const struct tips *b)
{
	struct tips tips = { mem_alloc_array(a->count + 1, sizeof(struct oid)), 0 };

	for (size_t i = 0; i < a->count; i++) {
		if (!tips_find(b, &a->oids[i]))
			tips.oids[tips.count++] = a->oids[i];
	}
	return tips;
}

/* ------------------------------------------------------------------------------- set */

static void forget(struct reach *reach)
{
	commit_graph_close(reach->graph);
	reach->graph = NULL;
	mem_free(reach->bits);
	reach->bits = NULL;
	oid_set_fini(&reach->others);
	reach->todo_count = 0;
	reach->todo_others_count = 0;
	tips_fini(&reach->tips);
	ref_snapshot_unref(reach->refs);
	reach->refs = NULL;
}

static bool bit(const struct reach *reach, uint32_t at)
{
	return reach->bits[at / 8] & (1u << (at & 7));
}

static bool find_in_graph(const struct reach *reach, const struct oid *oid, uint32_t *at)
{
	return reach->graph && commit_graph_find(reach->graph, oid, at);
}

static bool is_known(const struct reach *reach, const struct oid *oid)
{
	uint32_t at;

	return find_in_graph(reach, oid, &at) ? bit(reach, at) : oid_set_has(&reach->others, oid);
}

/* What was in the set before is met again: perhaps a tip that is gone. */
static void met(struct reach *reach, const struct oid *oid)
{
	struct leaving *leaving = reach->leaving;
	const struct oid *found = leaving ? tips_find(&leaving->tips, oid) : NULL;

	if (!found || leaving->kept[found - leaving->tips.oids])
		return;
	leaving->kept[found - leaving->tips.oids] = true;
	leaving->open--;
}

static void mark_at(struct reach *reach, uint32_t at)
{
	if (bit(reach, at)) {
		if (reach->leaving) {
			const struct oid oid = commit_graph_oid(reach->graph, at);

			met(reach, &oid);
		}
		return;
	}
	reach->bits[at / 8] = (unsigned char)(reach->bits[at / 8] | (1u << (at & 7)));
	if (reach->todo_count == reach->todo_room) {
		reach->todo_room = reach->todo_room ? 2 * reach->todo_room : 64;
		reach->todo = mem_grow(reach->todo, reach->todo_room * sizeof(reach->todo[0]));
	}
	reach->todo[reach->todo_count++] = at;
}

static void mark(struct reach *reach, const struct oid *oid)
{
	uint32_t at;

	if (find_in_graph(reach, oid, &at)) {
		mark_at(reach, at);
		return;
	}
	if (!oid_set_add(&reach->others, oid)) {
		met(reach, oid);
		return;
	}
	if (reach->todo_others_count == reach->todo_others_room) {
		reach->todo_others_room =
			reach->todo_others_room ? 2 * reach->todo_others_room : 64;
		reach->todo_others =
			mem_grow(reach->todo_others, reach->todo_others_room * sizeof(struct oid));
	}
	reach->todo_others[reach->todo_others_count++] = *oid;
}

/* ------------------------------------------------------------------------------ walk */

static bool is_walked(const struct reach *reach)
{
	return reach->todo_count == 0 && reach->todo_others_count == 0;
}

/* Last parent first, so that the first is looked at next: the main line is known soon. */
static void expand_at(struct reach *reach, uint32_t at)
{
	struct graph_commit commit;

	commit_graph_read(reach->graph, at, &commit);
	for (size_t i = commit.parents_count; i > 0; i--)
		mark_at(reach, commit.parents[i - 1]);
}

/* A ref may lead to a tree or a file, which has no parents. */
static int expand_other(struct reach *reach, struct repo *repo, const struct oid *oid,
			struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct oid parents[PARENTS_MAX];
	struct commit_links links;
	size_t count = 0;
	struct str rest;

	if (object_read(repo, oid, GIT_OBJECT_COMMIT, OBJECT_COMMIT_MAX, &object, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -(int)e->code;
		*e = (struct err){ 0 };
		return 0;
	}
	if (!commit_parse_links(object_bytes(object), &links))
		links.tree = *oid_empty_tree();
	rest = links.parents;
	while (count < PARENTS_MAX && str_cut_prefix(&rest, STR("parent "))) {
		size_t end = str_find(rest, '\n');

		if (!oid_parse(str_upto(rest, end), &parents[count++]))
			return 0;
		rest = str_from(rest, end + 1);
	}
	while (count > 0)
		mark(reach, &parents[--count]);
	return 0;
}

/* Until all is walked, the commit (may be NULL) is met, or the time is over. */
static int walk(struct reach *reach, struct repo *repo, const struct oid *until,
		int64_t deadline_ms, struct err *e)
{
	for (size_t steps = 1; !is_walked(reach); steps++) {
		if (reach->todo_others_count > 0) {
			struct oid oid = reach->todo_others[reach->todo_others_count - 1];

			if (reach->others.count > OTHERS_MAX)
				return 0;
			reach->todo_others_count--;
			if (expand_other(reach, repo, &oid, e) < 0)
				return -(int)e->code;
		} else {
			expand_at(reach, reach->todo[--reach->todo_count]);
		}
		if (steps % CLOCK_EVERY)
			continue;
		if ((until && is_known(reach, until)) || clock_monotonic_ms() > deadline_ms)
			return 0;
	}
	return 0;
}

/* ------------------------------------------------------------------- as refs change */

static void take(struct reach *reach, struct repo *repo, struct tips *tips)
{
	ref_snapshot_unref(reach->refs);
	reach->refs = repo_refs(repo);
	ref_snapshot_ref(reach->refs);
	tips_fini(&reach->tips);
	reach->tips = *tips;
}

static void start_over(struct reach *reach, struct repo *repo, struct tips *tips)
{
	const struct oid *head = &repo_refs(repo)->head_oid;

	forget(reach);
	reach->packs = repo_packs_generation(repo);
	reach->graph = commit_graph_open(repo_path(repo));
	if (reach->graph)
		reach->bits = mem_alloc_array(commit_graph_count(reach->graph) / 8 + 1, 1);
	for (size_t i = 0; i < tips->count; i++) {
		if (!oid_eq(&tips->oids[i], head))
			mark(reach, &tips->oids[i]);
	}
	if (!oid_is_zero(head))
		mark(reach, head);
	take(reach, repo, tips);
}

/* Adds what is new; *kept: everything known before is still reached. */
static int carry_over(struct reach *reach, struct repo *repo, const struct tips *tips,
		      int64_t deadline_ms, bool *kept, struct err *e)
{
	struct leaving leaving = { .tips = tips_without(&reach->tips, tips) };
	struct tips added = tips_without(tips, &reach->tips);
	int failed = 0;

	leaving.open = leaving.tips.count;
	*kept = leaving.open == 0 || is_walked(reach);
	if (*kept) {
		leaving.kept = mem_alloc_array(leaving.open + 1, sizeof(bool));
		reach->leaving = leaving.open ? &leaving : NULL;
		for (size_t i = 0; i < added.count; i++)
			mark(reach, &added.oids[i]);
		if (leaving.open)
			failed = walk(reach, repo, NULL, deadline_ms, e);
		reach->leaving = NULL;
		*kept = leaving.open == 0;
		mem_free(leaving.kept);
	}
	tips_fini(&leaving.tips);
	tips_fini(&added);
	return failed;
}

/* Housekeeping wrote a commit-graph that has commits of which we keep names. */
static bool has_better_graph(const struct reach *reach, struct repo *repo)
{
	struct commit_graph *now;
	bool is_better;

	if (reach->others.count < OTHERS_MANY)
		return false;
	now = commit_graph_open(repo_path(repo));
	is_better = now &&
		    (!reach->graph || commit_graph_count(now) > commit_graph_count(reach->graph));
	commit_graph_close(now);
	return is_better;
}

static int refresh(struct reach *reach, struct repo *repo, int64_t deadline_ms, struct err *e)
{
	struct tips tips;
	bool kept = false;

	if (reach->refs == repo_refs(repo) && reach->packs == repo_packs_generation(repo))
		return 0;
	tips = tips_of(repo_refs(repo));
	if (reach->refs && reach->packs == repo_packs_generation(repo) &&
	    !has_better_graph(reach, repo) &&
	    carry_over(reach, repo, &tips, deadline_ms, &kept, e) < 0) {
		tips_fini(&tips);
		forget(reach);
		return -(int)e->code;
	}
	if (kept)
		take(reach, repo, &tips);
	else
		start_over(reach, repo, &tips);
	return 0;
}

static int answer(struct reach *reach, struct repo *repo, const struct oid *commit, bool *reaches,
		  struct err *e)
{
	int64_t deadline_ms = budget_page().deadline_ms;

	if (refresh(reach, repo, deadline_ms, e) < 0)
		return -(int)e->code;
	if (!is_known(reach, commit) && walk(reach, repo, commit, deadline_ms, e) < 0) {
		forget(reach);
		return -(int)e->code;
	}
	*reaches = is_known(reach, commit);
	if (*reaches || is_walked(reach))
		return 0;
	return err_set(e, ERR_BUSY,
		       "This repository's history is long and still being read; try again in a "
		       "moment, or name a branch or tag instead of a commit.");
}

/* ----------------------------------------------------------------------------- cache */

struct reach_cache *reach_cache_open(void)
{
	struct reach_cache *cache = MEM_NEW(struct reach_cache);

	ASSERT(pthread_mutex_init(&cache->mutex, NULL) == 0);
	return cache;
}

static void close_reach(struct reach *reach)
{
	forget(reach);
	pthread_mutex_destroy(&reach->mutex);
	mem_free(reach->todo);
	mem_free(reach->todo_others);
	mem_free(reach->path);
	mem_free(reach);
}

void reach_cache_close(struct reach_cache *cache)
{
	if (cache == NULL)
		return;
	while (cache->newest) {
		struct reach *reach = cache->newest;

		cache->newest = reach->older;
		close_reach(reach);
	}
	pthread_mutex_destroy(&cache->mutex);
	mem_free(cache);
}

static struct reach *reach_open(struct repo *repo)
{
	struct reach *reach = MEM_NEW(struct reach);

	reach->path = mem_strdup(repo_path(repo));
	reach->identity = *repo_identity(repo);
	ASSERT(pthread_mutex_init(&reach->mutex, NULL) == 0);
	return reach;
}

static bool is_of(const struct reach *reach, struct repo *repo)
{
	return strcmp(reach->path, repo_path(repo)) == 0 &&
	       same_folder(&reach->identity, repo_identity(repo));
}

/* The oldest beyond the limit, out of the list; freed here or by its last user. */
static struct reach *drop_oldest(struct reach_cache *cache)
{
	struct reach **at = &cache->newest;
	struct reach *last;
	size_t count = 1;

	for (; (*at)->older; count++)
		at = &(*at)->older;
	if (count <= SETS_MAX)
		return NULL;
	last = *at;
	*at = NULL;
	last->is_dropped = true;
	return last->users ? NULL : last;
}

static struct reach *hold(struct reach_cache *cache, struct repo *repo)
{
	struct reach **at = &cache->newest;
	struct reach *dropped;
	struct reach *reach;

	pthread_mutex_lock(&cache->mutex);
	while (*at && !is_of(*at, repo))
		at = &(*at)->older;
	reach = *at;
	if (reach)
		*at = reach->older;
	else
		reach = reach_open(repo);
	reach->older = cache->newest;
	cache->newest = reach;
	reach->users++;
	dropped = drop_oldest(cache);
	pthread_mutex_unlock(&cache->mutex);
	if (dropped)
		close_reach(dropped);
	return reach;
}

static void let_go(struct reach_cache *cache, struct reach *reach)
{
	bool is_last;

	pthread_mutex_lock(&cache->mutex);
	is_last = --reach->users == 0 && reach->is_dropped;
	pthread_mutex_unlock(&cache->mutex);
	if (is_last)
		close_reach(reach);
}

int repo_reaches(struct repo *repo, const struct oid *commit, bool *reaches, struct err *e)
{
	struct reach *reach = hold(repo_reach_cache(repo), repo);
	int failed;

	pthread_mutex_lock(&reach->mutex);
	failed = answer(reach, repo, commit, reaches, e);
	pthread_mutex_unlock(&reach->mutex);
	let_go(repo_reach_cache(repo), reach);
	return failed;
}
