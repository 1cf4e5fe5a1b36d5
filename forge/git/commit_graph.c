#include "git/commit_graph.h"

#include "base/fs.h"
#include "base/mem.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define LAYERS_MAX 64
#define HEADER_BYTES 8
#define CHUNK_ROW 12
#define FANOUT_BYTES (256 * 4)
#define COMMIT_ROW (OID_BYTES + 16)
#define NO_PARENT 0x70000000u
#define IN_EDGES 0x80000000u
#define FILTER_HEADER 12
#define HASHES_MAX 16
#define FILTER_MAX ((size_t)1 << 20)

struct chunk {
	const unsigned char *p; /* NULL: not there */
	size_t n;
};

/* One file of the chain; base: how many commits the layers below hold. */
struct layer {
	const unsigned char *map;
	size_t size;
	uint32_t base;
	uint32_t count;
	struct chunk fanout, oids, commits, edges, filter_index, filter_data;
	uint32_t filter_version, filter_hashes;
};

struct commit_graph {
	size_t layer_count;
	uint32_t count;
	struct layer layers[LAYERS_MAX];
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const unsigned char *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static struct chunk *chunk_of(struct layer *layer, const unsigned char *id)
{
	static const char names[][5] = { "OIDF", "OIDL", "CDAT", "EDGE", "BIDX", "BDAT" };
	struct chunk *const places[] = {
		&layer->fanout, &layer->oids,         &layer->commits,
		&layer->edges,  &layer->filter_index, &layer->filter_data
	};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (memcmp(id, names[i], 4) == 0)
			return places[i];
	}
	return NULL;
}

static bool find_chunks(struct layer *layer)
{
	size_t chunks;

	if (layer->size < HEADER_BYTES || memcmp(layer->map, "CGPH\1\1", 6) != 0)
		return false;
	chunks = layer->map[6];
	if (layer->size < HEADER_BYTES + (chunks + 1) * CHUNK_ROW)
		return false;
	for (size_t i = 0; i < chunks; i++) {
		const unsigned char *row = layer->map + HEADER_BYTES + i * CHUNK_ROW;
		uint64_t start = be64(row + 4);
		uint64_t end = be64(row + CHUNK_ROW + 4);
		struct chunk *chunk = chunk_of(layer, row);

		if (start > end || end > layer->size)
			return false;
		if (chunk)
			*chunk = (struct chunk){ layer->map + start, (size_t)(end - start) };
	}
	return true;
}

static bool check_fanout(struct layer *layer)
{
	uint32_t before = 0;

	if (layer->fanout.n != FANOUT_BYTES)
		return false;
	for (size_t i = 0; i < 256; i++) {
		uint32_t here = be32(layer->fanout.p + 4 * i);

		if (here < before)
			return false;
		before = here;
	}
	layer->count = before;
	return layer->count < NO_PARENT && layer->oids.n == (size_t)layer->count * OID_BYTES &&
	       layer->commits.n == (size_t)layer->count * COMMIT_ROW;
}

/* Filters of another version than ours are left alone. */
static void check_filters(struct layer *layer)
{
	bool good = layer->filter_index.n == (size_t)layer->count * 4 &&
		    layer->filter_data.n >= FILTER_HEADER;

	if (good) {
		layer->filter_version = be32(layer->filter_data.p);
		layer->filter_hashes = be32(layer->filter_data.p + 4);
		good = layer->filter_version == 1 && layer->filter_hashes > 0 &&
		       layer->filter_hashes <= HASHES_MAX;
	}
	if (!good)
		layer->filter_index = layer->filter_data = (struct chunk){ 0 };
}

static bool open_layer(struct commit_graph *graph, const char *path)
{
	struct layer *layer = &graph->layers[graph->layer_count];
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	void *map;

	if (fd < 0 || graph->layer_count == LAYERS_MAX || fstat(fd, &st) < 0 ||
	    st.st_size < HEADER_BYTES)
		return false;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return false;
	*layer = (struct layer){ .map = map, .size = (size_t)st.st_size, .base = graph->count };
	graph->layer_count++;
	if (!find_chunks(layer) || !check_fanout(layer) || layer->count > NO_PARENT - graph->count)
		return false;
	check_filters(layer);
	graph->count += layer->count;
	return true;
}

static bool open_chain(struct commit_graph *graph, const char *repo_path)
{
	struct arena *a = arena_open(1u << 20);
	struct err ignored = { 0 };
	char path[PATH_MAX];
	struct str rest;
	struct str line;
	bool good;

	snprintf(path, sizeof(path), "%s/objects/info/commit-graphs/commit-graph-chain", repo_path);
	good = fs_read(a, path, 64u * 1024, &rest, &ignored) == 0 && rest.n > 0;
	while (good && rest.n > 0 && str_cut(&rest, '\n', &line)) {
		struct oid name;

		good = oid_parse(line, &name);
		if (!good)
			break;
		snprintf(path, sizeof(path), "%s/objects/info/commit-graphs/graph-%.*s.graph",
			 repo_path, STR_FMT(line));
		good = open_layer(graph, path);
	}
	arena_close(a);
	return good;
}

static void unmap_all(struct commit_graph *graph)
{
	for (size_t i = 0; i < graph->layer_count; i++)
		munmap((void *)(uintptr_t)graph->layers[i].map, graph->layers[i].size);
	graph->layer_count = 0;
	graph->count = 0;
}

struct commit_graph *commit_graph_open(const char *repo_path)
{
	struct commit_graph *graph = MEM_NEW(struct commit_graph);
	char path[PATH_MAX];
	bool good;

	snprintf(path, sizeof(path), "%s/objects/info/commit-graph", repo_path);
	good = open_layer(graph, path);
	if (!good) {
		unmap_all(graph);
		good = open_chain(graph, repo_path);
	}
	if (good)
		return graph;
	commit_graph_close(graph);
	return NULL;
}

void commit_graph_close(struct commit_graph *graph)
{
	if (graph == NULL)
		return;
	unmap_all(graph);
	mem_free(graph);
}

uint32_t commit_graph_count(const struct commit_graph *graph)
{
	return graph->count;
}

static bool find_in_layer(const struct layer *layer, const struct oid *oid, uint32_t *at)
{
	uint32_t low = oid->b[0] ? be32(layer->fanout.p + 4 * (size_t)(oid->b[0] - 1)) : 0;
	uint32_t high = be32(layer->fanout.p + 4 * (size_t)oid->b[0]);

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(layer->oids.p + (size_t)middle * OID_BYTES, oid->b, OID_BYTES);

		if (order == 0) {
			*at = layer->base + middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool commit_graph_find(const struct commit_graph *graph, const struct oid *oid, uint32_t *at)
{
	for (size_t i = graph->layer_count; i > 0; i--) {
		if (find_in_layer(&graph->layers[i - 1], oid, at))
			return true;
	}
	return false;
}

static const struct layer *layer_of(const struct commit_graph *graph, uint32_t at)
{
	size_t i = graph->layer_count;

	ASSERT(at < graph->count);
	while (graph->layers[i - 1].base > at)
		i--;
	return &graph->layers[i - 1];
}

struct oid commit_graph_oid(const struct commit_graph *graph, uint32_t at)
{
	const struct layer *layer = layer_of(graph, at);
	struct oid oid;

	memcpy(oid.b, layer->oids.p + (size_t)(at - layer->base) * OID_BYTES, OID_BYTES);
	return oid;
}

static void add_parent(const struct commit_graph *graph, struct graph_commit *commit, uint32_t at)
{
	if (at < graph->count && commit->parents_count < GRAPH_PARENTS_MAX)
		commit->parents[commit->parents_count++] = at;
}

void commit_graph_read(const struct commit_graph *graph, uint32_t at, struct graph_commit *commit)
{
	const struct layer *layer = layer_of(graph, at);
	const unsigned char *row = layer->commits.p + (size_t)(at - layer->base) * COMMIT_ROW;
	uint32_t first = be32(row + OID_BYTES);
	uint32_t second = be32(row + OID_BYTES + 4);
	uint32_t high = be32(row + OID_BYTES + 8);

	memcpy(commit->tree.b, row, OID_BYTES);
	commit->generation = high >> 2;
	commit->seconds = (int64_t)((uint64_t)(high & 3) << 32 | be32(row + OID_BYTES + 12));
	commit->parents_count = 0;
	if (first != NO_PARENT)
		add_parent(graph, commit, first);
	if (second == NO_PARENT)
		return;
	if (!(second & IN_EDGES)) {
		add_parent(graph, commit, second);
		return;
	}
	for (size_t i = second & ~IN_EDGES; (i + 1) * 4 <= layer->edges.n; i++) {
		uint32_t edge = be32(layer->edges.p + i * 4);

		add_parent(graph, commit, edge & ~IN_EDGES);
		if (edge & IN_EDGES)
			break;
	}
}

/* murmur3 as git's filters of version 1 compute it: with signed bytes (a bug they keep). */
static uint32_t murmur3(uint32_t seed, struct str s)
{
	uint32_t hash = seed;
	uint32_t k;
	size_t whole = s.n / 4;

	for (size_t i = 0; i < whole; i++) {
		k = 0;
		for (unsigned j = 0; j < 4; j++)
			k |= (uint32_t)(int32_t)(signed char)s.p[4 * i + j] << (8 * j);
		k *= 0xcc9e2d51u;
		k = k << 15 | k >> 17;
		hash ^= k * 0x1b873593u;
		hash = (hash << 13 | hash >> 19) * 5 + 0xe6546b64u;
	}
	k = 0;
	for (size_t j = s.n & 3; j > 0; j--)
		k ^= (uint32_t)(int32_t)(signed char)s.p[4 * whole + j - 1] << (8 * (j - 1));
	if (s.n & 3) {
		k *= 0xcc9e2d51u;
		k = k << 15 | k >> 17;
		hash ^= k * 0x1b873593u;
	}
	hash ^= (uint32_t)s.n;
	hash = (hash ^ hash >> 16) * 0x85ebca6bu;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
	return hash ^ hash >> 16;
}

/* The path itself is enough: a change of it is a change of every folder above. */
struct path_filter path_filter_make(struct str path)
{
	return (struct path_filter){ murmur3(0x293ae76fu, path), murmur3(0x7e646e2cu, path) };
}

struct changed_paths commit_graph_changed_paths(const struct commit_graph *graph, uint32_t at)
{
	const struct layer *layer = layer_of(graph, at);
	size_t row = at - layer->base;
	size_t start;
	size_t end;

	if (layer->filter_index.p == NULL)
		return (struct changed_paths){ 0 };
	start = row ? be32(layer->filter_index.p + 4 * (row - 1)) : 0;
	end = be32(layer->filter_index.p + 4 * row);
	if (start >= end || end > layer->filter_data.n - FILTER_HEADER || end - start > FILTER_MAX)
		return (struct changed_paths){ 0 }; /* empty: not computed */
	return (struct changed_paths){ layer->filter_data.p + FILTER_HEADER + start,
				       (uint32_t)(end - start) * 8, layer->filter_hashes };
}
