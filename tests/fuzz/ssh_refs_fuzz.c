/*
 * A broker's block of refs, as the child that talks to a stranger maps it. Asserted: what is
 * read lies in the block; what is written to the client from it is made of whole pkt-lines;
 * and what was sealed is read back as it was.
 */
#include "roles/ssh_refs.h"

#include "base/fs.h"
#include "git/pktline.h"

#include <stdint.h>

#define ANSWER_MAX (8u << 20)

static void check_inside(struct str whole, struct str part)
{
	ASSERT(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void check_pkts(struct buf *answer)
{
	struct str rest = buf_str(answer);
	struct err e = { 0 };
	struct pkt pkt;
	bool is_partial;

	ASSERT(rest.n >= 4);
	while (rest.n > 0) {
		int failed = pkt_parse(&rest, &pkt, &is_partial, &e);

		ASSERT(!failed && !is_partial);
	}
	ASSERT(pkt.kind == PKT_FLUSH);
}

static void answer(const struct ref_snapshot *s)
{
	const struct ls_refs all = { .peel = true, .symrefs = true, .unborn = true };
	struct err e = { 0 };
	struct buf out;

	buf_init(&out, ANSWER_MAX);
	if (ref_snapshot_advertise(s, REF_SERVICE_UPLOAD, STR("agent=x"), &out, &e) == 0)
		check_pkts(&out);
	buf_clear(&out);
	if (ref_snapshot_ls_refs(s, &all, &out, &e) == 0)
		check_pkts(&out);
	buf_fini(&out);
}

/* Sealed and read once more: the same refs but for internal ones, which are left out. */
static void seal(const struct ref_snapshot *s, struct arena *a)
{
	struct ref_snapshot again;
	struct err e = { 0 };
	AUTO_FD fd = -1;
	uint64_t size;
	char *bytes;
	int failed = ssh_refs_seal(s, &fd, &size, &e);

	ASSERT(!failed && size < ANSWER_MAX);
	bytes = arena_alloc(a, size);
	ASSERT(pread(fd, bytes, size, 0) == (ssize_t)size);
	failed = ssh_refs_read(a, str_n(bytes, size), &again, &e);
	ASSERT(!failed && again.generation == s->generation && again.count <= s->count);
	for (size_t i = 0, j = 0; i < s->count; i++) {
		if (ref_is_internal(s->refs[i].name))
			continue;
		ASSERT(str_eq(again.refs[j].name, s->refs[i].name));
		ASSERT(oid_eq(&again.refs[j++].peeled, &s->refs[i].peeled));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str block = arena_str(a, str_n((const char *)data, size));
	struct ref_snapshot s;
	struct err e = { 0 };

	if (ssh_refs_read(a, block, &s, &e) == 0) {
		check_inside(block, s.head);
		for (size_t i = 0; i < s.count; i++)
			check_inside(block, s.refs[i].name);
		answer(&s);
		seal(&s, a);
	}
	arena_close(a);
	return 0;
}
