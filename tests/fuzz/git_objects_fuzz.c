/*
 * What a repository's files may hold, on any bytes: packed-refs, trees, commits,
 * .gitmodules. Asserted: names that come out are valid ones, texts are UTF-8
 * within their limits, and a tree's entries follow each other without a gap.
 */
#include "git/commit_private.h"
#include "git/object.h"
#include "git/packed_refs.h"
#include "git/submodule.h"

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_packed_refs(struct str text)
{
	struct scanned_refs refs = { 0 };
	struct err e = { 0 };

	if (packed_refs_parse(text, &refs, &e) == 0) {
		for (size_t i = 0; i < refs.count; i++)
			ASSERT(ref_name_is_valid(refs.items[i].name));
	} else {
		ASSERT(e.code == ERR_UNAVAILABLE);
	}
	mem_free(refs.items);
}

static void try_tree(struct str bytes)
{
	struct str rest = bytes;
	struct raw_entry entry;
	const char *end = bytes.p;

	while (raw_tree_next(&rest, &entry)) {
		ASSERT(entry.name.n > 0 && memchr(entry.name.p, 0, entry.name.n) == NULL);
		ASSERT(entry.name.p > end && rest.p == entry.name.p + entry.name.n + 1 + OID_BYTES);
		ASSERT(raw_entry_cmp(&entry, &entry) == 0);
		end = rest.p;
	}
}

static void check_person(const struct person *person)
{
	ASSERT(person->name.n == 0 || str_is_utf8_text(person->name));
	ASSERT(person->email.n == 0 || str_is_utf8_text(person->email));
	ASSERT(person->name.n <= 3 * COMMIT_NAME_MAX && person->when.us >= 0);
}

static void try_commit(struct str bytes)
{
	struct arena *a = arena_open(0);
	struct commit_links links;
	struct commit commit;
	struct oid oid = { 0 };

	commit_parse(&oid, bytes, a, &commit);
	check_person(&commit.author);
	check_person(&commit.committer);
	ASSERT(commit.message.n == 0 || str_is_utf8_text(commit.message));
	ASSERT(commit.subject.n == 0 || str_is_utf8_text(commit.subject));
	ASSERT(!str_has(commit.subject, '\n'));
	ASSERT(commit.parents_count <= COMMIT_PARENTS_MAX);
	if (commit_parse_links(bytes, &links))
		ASSERT(oid_eq(&links.tree, &commit.tree));
	arena_close(a);
}

static void try_submodules(struct str text)
{
	struct arena *a = arena_open(0);
	struct submodules modules = { 0 };

	submodules_parse(text, a, &modules);
	for (size_t i = 0; i < modules.count; i++)
		ASSERT(modules.items[i].url.n == 0 || str_is_utf8_text(modules.items[i].url));
	arena_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_n(size ? (const char *)data : "", size);

	try_packed_refs(bytes);
	try_tree(bytes);
	try_commit(bytes);
	try_submodules(bytes);
	return 0;
}
