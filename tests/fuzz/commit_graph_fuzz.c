/*
 * The commit-graph file on any bytes: it opens or it does not, and what it says
 * stays inside it. Asserted: parents are positions of the file, every name in it
 * that can be found is found where it stands.
 */
#include "git/commit_graph.h"

#include "base/fs.h"

#include <fcntl.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define READ_MAX 64

static void read_all(const struct commit_graph *graph)
{
	struct path_filter filter = path_filter_make(STR("src/main.c"));
	uint32_t count = commit_graph_count(graph);

	for (uint32_t at = 0; at < count && at < READ_MAX; at++) {
		struct oid oid = commit_graph_oid(graph, at);
		struct changed_paths changed = commit_graph_changed_paths(graph, at);
		struct graph_commit commit;
		uint32_t found;

		commit_graph_read(graph, at, &commit);
		for (size_t i = 0; i < commit.parents_count; i++)
			ASSERT(commit.parents[i] < count);
		if (commit_graph_find(graph, &oid, &found)) {
			struct oid same = commit_graph_oid(graph, found);

			ASSERT(oid_eq(&oid, &same));
		}
		(void)changed_paths_surely_not(&changed, &filter);
	}
}

/* Not synced: that would be all the time a run takes. */
static void write_file(const char *path, struct str bytes)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct err e = { 0 };

	ASSERT(fd >= 0 && fs_write_all(fd, bytes, &e) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char folder[64];
	char path[128];
	struct err e = { 0 };
	struct commit_graph *graph;

	snprintf(folder, sizeof(folder), "/tmp/hearth-graph-fuzz-%d", (int)getpid());
	snprintf(path, sizeof(path), "%s/objects/info", folder);
	ASSERT(fs_make_folder(path, 0700, &e) == 0);
	snprintf(path, sizeof(path), "%s/objects/info/commit-graph", folder);
	write_file(path, str_n(size ? (const char *)data : "", size));
	graph = commit_graph_open(folder);
	if (graph)
		read_all(graph);
	commit_graph_close(graph);
	ASSERT(fs_remove_tree(folder, &e) == 0);
	return 0;
}
