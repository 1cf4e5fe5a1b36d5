#include "git/history_record.h"

#include "git/reader_private.h"
#include "git/tree.h"

#define KEY_MAX (TREE_PATH_MAX + 128)

void history_record_key(struct repo *repo, const char *question, const struct oid *commit,
			struct str path, struct buf *key)
{
	const struct folder_identity *identity = repo_identity(repo);

	buf_init(key, KEY_MAX);
	buf_add_c(key, question);
	buf_add_bytes(key, &identity->device, sizeof(identity->device));
	buf_add_bytes(key, &identity->inode, sizeof(identity->inode));
	buf_add_bytes(key, &identity->born_us, sizeof(identity->born_us));
	buf_add_bytes(key, commit->b, OID_BYTES);
	buf_add(key, path);
}

bool history_record_find(struct repo *repo, const char *question, const struct oid *commit,
			 struct str path, void *answer, size_t size)
{
	struct arena *a = arena_open(0);
	struct buf key;
	struct str found;
	bool is_known;

	history_record_key(repo, question, commit, path, &key);
	is_known = !key.full && lru_find(repo_cache(repo), buf_str(&key), a, &found);
	if (is_known) {
		ASSERT(found.n == size);
		memcpy(answer, found.p, size);
	}
	buf_fini(&key);
	arena_close(a);
	return is_known;
}

void history_record_put(struct repo *repo, const char *question, const struct oid *commit,
			struct str path, const void *answer, size_t size)
{
	struct buf key;

	history_record_key(repo, question, commit, path, &key);
	if (!key.full)
		lru_put(repo_cache(repo), buf_str(&key), str_n(answer, size));
	buf_fini(&key);
}
