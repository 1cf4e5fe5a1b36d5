/* See ssh_refs.h. Header, name of HEAD's branch, then a record and a name for each ref. */
#include "roles/ssh_refs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#define MAGIC 0x46455248u /* "HREF" */

struct refs_header {
	uint32_t magic;
	uint32_t head_is_symbolic;
	uint64_t count;
	uint64_t generation;
	struct oid head_oid;
	uint32_t head_length;
};

struct refs_record {
	struct oid oid;
	struct oid peeled;
	uint32_t name_length;
};

static size_t bytes_of(const struct ref_snapshot *s, size_t *count)
{
	size_t n = sizeof(struct refs_header) + s->head.n;

	*count = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (ref_is_internal(s->refs[i].name))
			continue;
		n += sizeof(struct refs_record) + s->refs[i].name.n;
		(*count)++;
	}
	return n;
}

static char *put(char *at, const void *p, size_t n)
{
	if (n > 0)
		memcpy(at, p, n);
	return at + n;
}

static void write_refs(char *at, const struct ref_snapshot *s, size_t count)
{
	struct refs_header header = { .magic = MAGIC,
				      .head_is_symbolic = s->head_is_symbolic ? 1 : 0,
				      .count = count,
				      .generation = s->generation,
				      .head_oid = s->head_oid,
				      .head_length = u32_from_size(s->head.n) };

	at = put(at, &header, sizeof(header));
	at = put(at, s->head.p, s->head.n);
	for (size_t i = 0; i < s->count; i++) {
		const struct ref *ref = &s->refs[i];
		struct refs_record record = { ref->oid, ref->peeled, u32_from_size(ref->name.n) };

		if (ref_is_internal(ref->name))
			continue;
		at = put(at, &record, sizeof(record));
		at = put(at, ref->name.p, ref->name.n);
	}
}

int ssh_refs_seal(const struct ref_snapshot *snapshot, int *fd, uint64_t *size, struct err *e)
{
	size_t count;
	size_t n = bytes_of(snapshot, &count);
	int made = memfd_create("refs", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *bytes;

	if (made < 0)
		return err_errno(e, errno, "make a memfd");
	if (ftruncate(made, (off_t)n) < 0)
		goto failed;
	bytes = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, made, 0);
	if (bytes == MAP_FAILED)
		goto failed;
	write_refs(bytes, snapshot, count);
	munmap(bytes, n);
	if (fcntl(made, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		goto failed;
	*fd = made;
	*size = n;
	return 0;

failed:
	err_errno(e, errno, "write refs into a memfd");
	close(made);
	return -(int)e->code;
}

/* Copies n bytes out of *rest; false if there are fewer. */
static bool take(struct str *rest, void *to, size_t n)
{
	if (rest->n < n)
		return false;
	memcpy(to, rest->p, n);
	*rest = str_from(*rest, n);
	return true;
}

static bool take_name(struct str *rest, size_t n, struct str *name)
{
	if (rest->n < n)
		return false;
	*name = str_upto(*rest, n);
	*rest = str_from(*rest, n);
	return true;
}

int ssh_refs_read(struct arena *a, struct str bytes, struct ref_snapshot *snapshot, struct err *e)
{
	struct ref_snapshot got = { 0 };
	struct refs_header header;
	struct ref *refs;

	if (!take(&bytes, &header, sizeof(header)) || header.magic != MAGIC ||
	    header.count > bytes.n / sizeof(struct refs_record) ||
	    !take_name(&bytes, header.head_length, &got.head))
		return err_set(e, ERR_INVALID, "these are no refs");
	refs = ARENA_ARRAY(a, struct ref, header.count > 0 ? header.count : 1);
	for (size_t i = 0; i < header.count; i++) {
		struct refs_record record;

		if (!take(&bytes, &record, sizeof(record)) ||
		    !take_name(&bytes, record.name_length, &refs[i].name))
			return err_set(e, ERR_INVALID, "refs end too early");
		refs[i].oid = record.oid;
		refs[i].peeled = record.peeled;
	}
	got.refs = refs;
	got.count = header.count;
	got.generation = header.generation;
	got.head_is_symbolic = header.head_is_symbolic == 1;
	if (!got.head_is_symbolic)
		got.head = STR_NONE;
	got.head_oid = header.head_oid;
	*snapshot = got;
	return 0;
}
