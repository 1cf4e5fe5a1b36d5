/*
 * Renames as git finds them (diffcore-rename, diffcore-delta): first files that
 * are wholly the same, then pairs whose contents share at least half. A file's
 * fingerprint is how many bytes it has in lines (or 64-byte pieces) of each hash.
 */
#include "git/blob.h"
#include "git/object.h"
#include "git/tree_diff.h"

#include "base/mem.h"

#define HASH_BASE 107927u
#define PIECE 64
#define SCORE_MAX 60000u
#define SCORE_LEAST 30000u
#define FILE_MAX ((size_t)1 << 20)
#define READ_MAX ((size_t)32 << 20) /* of all candidates together */
#define WORK_MAX 60000000u          /* steps of comparing fingerprints */

struct span {
	uint32_t hash;
	uint32_t bytes;
};

struct candidate {
	struct tree_change *change;
	struct span *spans;
	size_t spans_count;
	uint64_t size;
	bool is_paired;
};

struct pair {
	struct candidate *old;
	struct candidate *new;
	uint32_t score;
	bool same_name;
};

struct renames {
	struct repo *repo;
	struct arena *arena; /* of fingerprints */
	struct candidate *olds, *news;
	size_t olds_count, news_count;
	struct pair *pairs;
	size_t pairs_count, pairs_room;
	size_t read, work;
	bool too_costly;
};

static struct str name_of(struct str path)
{
	size_t slash = str_find_last(path, '/');

	return slash == path.n ? path : str_from(path, slash + 1);
}

static bool is_regular(unsigned mode)
{
	return mode && (mode & RAW_MODE_KIND) != RAW_MODE_LINK &&
	       (mode & RAW_MODE_KIND) != RAW_MODE_MODULE;
}

static void pair_up(struct candidate *old, struct candidate *new, uint32_t score)
{
	old->is_paired = true;
	new->is_paired = true;
	new->change->old_path = old->change->path;
	new->change->old_mode = old->change->old_mode;
	new->change->old_oid = old->change->old_oid;
	new->change->similarity = (int)(score * 100 / SCORE_MAX);
	old->change->old_mode = 0; /* both modes 0: taken out at the end */
}

static void gather(struct renames *r, struct tree_changes *changes)
{
	r->olds = ARENA_ARRAY(r->arena, struct candidate, changes->count + 1);
	r->news = ARENA_ARRAY(r->arena, struct candidate, changes->count + 1);
	for (size_t i = 0; i < changes->count; i++) {
		struct tree_change *change = &changes->items[i];

		if (change->new_mode == 0 && is_regular(change->old_mode))
			r->olds[r->olds_count++].change = change;
		else if (change->old_mode == 0 && is_regular(change->new_mode))
			r->news[r->news_count++].change = change;
	}
}

static int by_old_oid(const void *a, const void *b)
{
	const struct candidate *one = a;
	const struct candidate *two = b;

	return oid_cmp(&one->change->old_oid, &two->change->old_oid);
}

/* The unpaired old with the same content; of several the one with the same name. */
static struct candidate *find_same(struct renames *r, const struct candidate *new)
{
	struct candidate *best = NULL;
	size_t low = 0;
	size_t high = r->olds_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (oid_cmp(&r->olds[middle].change->old_oid, &new->change->new_oid) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < r->olds_count && oid_eq(&r->olds[low].change->old_oid, &new->change->new_oid);
	     low++) {
		if (r->olds[low].is_paired)
			continue;
		if (best == NULL ||
		    str_eq(name_of(r->olds[low].change->path), name_of(new->change->path)))
			best = &r->olds[low];
	}
	return best;
}

static void pair_same(struct renames *r)
{
	qsort(r->olds, r->olds_count, sizeof(r->olds[0]), by_old_oid);
	for (size_t i = 0; i < r->news_count; i++) {
		struct candidate *old = find_same(r, &r->news[i]);

		if (old)
			pair_up(old, &r->news[i], SCORE_MAX);
	}
}

static int by_hash(const void *a, const void *b)
{
	const struct span *one = a;
	const struct span *two = b;

	return one->hash < two->hash ? -1 : one->hash > two->hash;
}

static size_t hash_pieces(struct str bytes, bool is_text, struct span *spans)
{
	uint32_t accum1 = 0;
	uint32_t accum2 = 0;
	uint32_t n = 0;
	size_t count = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];
		uint32_t old = accum1;

		if (is_text && c == '\r' && i + 1 < bytes.n && bytes.p[i + 1] == '\n')
			continue;
		accum1 = (accum1 << 7) ^ (accum2 >> 25);
		accum2 = (accum2 << 7) ^ (old >> 25);
		accum1 += c;
		if (++n < PIECE && c != '\n')
			continue;
		spans[count++] = (struct span){ (accum1 + accum2 * 0x61) % HASH_BASE, n };
		n = accum1 = accum2 = 0;
	}
	return count;
}

static void fingerprint(struct renames *r, struct candidate *c, struct str bytes)
{
	size_t most = bytes.n / PIECE + 2;
	size_t kept = 0;

	for (size_t i = 0; i < bytes.n; i++)
		most += bytes.p[i] == '\n';
	c->spans = ARENA_ARRAY(r->arena, struct span, most);
	c->spans_count = hash_pieces(bytes, blob_classify(bytes) == BLOB_TEXT, c->spans);
	qsort(c->spans, c->spans_count, sizeof(c->spans[0]), by_hash);
	for (size_t i = 0; i < c->spans_count; i++) {
		if (kept && c->spans[kept - 1].hash == c->spans[i].hash)
			c->spans[kept - 1].bytes += c->spans[i].bytes;
		else
			c->spans[kept++] = c->spans[i];
	}
	c->spans_count = kept;
}

/* Sizes of all that are left; false candidates get size 0 and are never compared. */
static int read_sizes(struct renames *r, struct candidate *list, size_t count, bool is_old,
		      struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		const struct tree_change *change = list[i].change;

		if (list[i].is_paired)
			continue;
		if (blob_size(r->repo, is_old ? &change->old_oid : &change->new_oid, &list[i].size,
			      e))
			return -(int)e->code;
		if (list[i].size > FILE_MAX)
			list[i].size = 0;
	}
	return 0;
}

static int read_contents(struct renames *r, struct candidate *c, const struct oid *oid,
			 struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;

	if (c->spans)
		return 0;
	r->read += c->size;
	if (r->read > READ_MAX) {
		r->too_costly = true;
		return 0;
	}
	if (object_read(r->repo, oid, GIT_OBJECT_BLOB, FILE_MAX, &object, e))
		return -(int)e->code;
	fingerprint(r, c, object_bytes(object));
	return 0;
}

static uint64_t shared_bytes(struct renames *r, const struct candidate *a,
			     const struct candidate *b)
{
	size_t i = 0;
	size_t j = 0;
	uint64_t shared = 0;

	while (i < a->spans_count && j < b->spans_count) {
		const struct span *one = &a->spans[i];
		const struct span *two = &b->spans[j];

		if (one->hash == two->hash)
			shared += one->bytes < two->bytes ? one->bytes : two->bytes;
		i += one->hash <= two->hash;
		j += two->hash <= one->hash;
	}
	r->work += i + j;
	return shared;
}

static void add_pair(struct renames *r, struct candidate *old, struct candidate *new,
		     uint32_t score)
{
	if (r->pairs_count == r->pairs_room) {
		r->pairs_room = r->pairs_room ? r->pairs_room * 2 : 64;
		r->pairs = mem_grow(r->pairs, r->pairs_room * sizeof(r->pairs[0]));
	}
	r->pairs[r->pairs_count++] =
		(struct pair){ old, new, score,
			       str_eq(name_of(old->change->path), name_of(new->change->path)) };
}

static int compare(struct renames *r, struct candidate *old, struct candidate *new, struct err *e)
{
	uint64_t larger = old->size > new->size ? old->size : new->size;
	uint64_t smaller = old->size > new->size ? new->size : old->size;
	uint64_t score;

	/* Too different in size to share half of the larger. */
	if (smaller == 0 || larger * (SCORE_MAX - SCORE_LEAST) < (larger - smaller) * SCORE_MAX)
		return 0;
	if (read_contents(r, old, &old->change->old_oid, e) ||
	    read_contents(r, new, &new->change->new_oid, e))
		return -(int)e->code;
	if (r->too_costly)
		return 0;
	score = shared_bytes(r, old, new) * SCORE_MAX / larger;
	if (score >= SCORE_LEAST)
		add_pair(r, old, new, (uint32_t)score);
	r->too_costly = r->work > WORK_MAX;
	return 0;
}

static int by_score(const void *a, const void *b)
{
	const struct pair *one = a;
	const struct pair *two = b;

	if (one->score != two->score)
		return one->score > two->score ? -1 : 1;
	if (one->same_name != two->same_name)
		return one->same_name ? -1 : 1;
	return str_cmp(one->new->change->path, two->new->change->path);
}

static int pair_similar(struct renames *r, struct err *e)
{
	if (read_sizes(r, r->olds, r->olds_count, true, e) ||
	    read_sizes(r, r->news, r->news_count, false, e))
		return -(int)e->code;
	for (size_t i = 0; i < r->news_count; i++) {
		for (size_t j = 0; j < r->olds_count && !r->too_costly; j++) {
			if (!r->news[i].is_paired && !r->olds[j].is_paired &&
			    compare(r, &r->olds[j], &r->news[i], e))
				return -(int)e->code;
		}
	}
	if (r->too_costly)
		return 0;
	if (r->pairs_count)
		qsort(r->pairs, r->pairs_count, sizeof(r->pairs[0]), by_score);
	for (size_t i = 0; i < r->pairs_count; i++) {
		if (!r->pairs[i].old->is_paired && !r->pairs[i].new->is_paired)
			pair_up(r->pairs[i].old, r->pairs[i].new, r->pairs[i].score);
	}
	return 0;
}

static size_t count_unpaired(const struct candidate *list, size_t count)
{
	size_t unpaired = 0;

	for (size_t i = 0; i < count; i++)
		unpaired += !list[i].is_paired;
	return unpaired;
}

static void take_out_paired(struct tree_changes *changes)
{
	size_t kept = 0;

	for (size_t i = 0; i < changes->count; i++) {
		if (changes->items[i].old_mode || changes->items[i].new_mode)
			changes->items[kept++] = changes->items[i];
	}
	changes->total -= changes->count - kept;
	changes->count = kept;
}

int tree_diff_renames(struct repo *repo, size_t most, struct tree_changes *changes, bool *skipped,
		      struct err *e)
{
	struct renames r = { .repo = repo, .arena = arena_open((size_t)512 << 20) };
	int result = 0;

	*skipped = false;
	gather(&r, changes);
	pair_same(&r);
	if (count_unpaired(r.olds, r.olds_count) > most ||
	    count_unpaired(r.news, r.news_count) > most)
		*skipped = count_unpaired(r.olds, r.olds_count) > 0 &&
			   count_unpaired(r.news, r.news_count) > 0;
	else
		result = pair_similar(&r, e);
	*skipped |= r.too_costly;
	if (result == 0)
		take_out_paired(changes);
	mem_free(r.pairs);
	arena_close(r.arena);
	return result;
}
