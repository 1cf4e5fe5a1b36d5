#include "git/last_change_record.h"

#include "git/history_record.h"
#include "git/reader_private.h"

#include "base/table.h"

#define RECORD_MAX ((size_t)16 << 20)

struct change_record {
	struct table by_name; /* of struct commit */
};

static void put_str(struct buf *out, struct str s)
{
	uint32_t n = u32_from_size(s.n);

	buf_add_bytes(out, &n, sizeof(n));
	buf_add(out, s);
}

static void put_person(struct buf *out, const struct person *person)
{
	put_str(out, person->name);
	put_str(out, person->email);
	buf_add_bytes(out, &person->when.us, sizeof(person->when.us));
	buf_add_bytes(out, &person->offset_minutes, sizeof(person->offset_minutes));
}

/* Our own bytes of the same process: what does not fit together is a mistake of ours. */
static void take(struct str *rest, void *to, size_t n)
{
	ASSERT(rest->n >= n);
	memcpy(to, rest->p, n);
	*rest = str_from(*rest, n);
}

static struct str take_str(struct str *rest)
{
	struct str s;
	uint32_t n;

	take(rest, &n, sizeof(n));
	ASSERT(rest->n >= n);
	s = str_upto(*rest, n);
	*rest = str_from(*rest, n);
	return s;
}

static void take_person(struct str *rest, struct person *person)
{
	person->name = take_str(rest);
	person->email = take_str(rest);
	take(rest, &person->when.us, sizeof(person->when.us));
	take(rest, &person->offset_minutes, sizeof(person->offset_minutes));
}

bool change_record_find(struct repo *repo, const struct oid *commit, struct str path,
			struct arena *a, struct change_record **record)
{
	struct buf key;
	struct str rest;
	bool found;

	history_record_key(repo, "last_change", commit, path, &key);
	found = !key.full && lru_find(repo_cache(repo), buf_str(&key), a, &rest);
	buf_fini(&key);
	if (!found)
		return false;
	*record = ARENA_NEW(a, struct change_record);
	table_init(&(*record)->by_name, a);
	while (rest.n > 0) {
		struct commit *read = ARENA_NEW(a, struct commit);
		struct str name = take_str(&rest);

		take(&rest, read->oid.b, OID_BYTES);
		read->subject = take_str(&rest);
		take_person(&rest, &read->author);
		take_person(&rest, &read->committer);
		table_set(&(*record)->by_name, name, read);
	}
	return true;
}

const struct commit *change_record_commit(const struct change_record *record, struct str name)
{
	return table_find(&record->by_name, name);
}

void change_record_copy(const struct commit *commit, struct arena *a, struct commit *copy)
{
	*copy = *commit;
	copy->subject = arena_str(a, commit->subject);
	copy->author.name = arena_str(a, commit->author.name);
	copy->author.email = arena_str(a, commit->author.email);
	copy->committer.name = arena_str(a, commit->committer.name);
	copy->committer.email = arena_str(a, commit->committer.email);
}

void change_record_put(struct repo *repo, const struct oid *commit, struct str path,
		       const struct tree_listing *listing, const struct last_change *changes)
{
	struct buf key;
	struct buf value;

	history_record_key(repo, "last_change", commit, path, &key);
	buf_init(&value, RECORD_MAX);
	for (size_t i = 0; i < listing->entries_count; i++) {
		put_str(&value, listing->entries[i].name);
		buf_add_bytes(&value, changes[i].commit.oid.b, OID_BYTES);
		put_str(&value, changes[i].commit.subject);
		put_person(&value, &changes[i].commit.author);
		put_person(&value, &changes[i].commit.committer);
	}
	if (!key.full && !value.full)
		lru_put(repo_cache(repo), buf_str(&key), buf_str(&value));
	buf_fini(&key);
	buf_fini(&value);
}
