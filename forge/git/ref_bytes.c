/*
 * A snapshot as bytes: one line for HEAD ("ref: <name>", an object name, or
 * "-"), then the text of a packed-refs file, so that one parser reads both.
 */
#include "git/packed_refs.h"
#include "git/ref_snapshot_private.h"

#include "base/mem.h"

#define HEADER "# pack-refs with: peeled fully-peeled sorted\n"

static void write_head(const struct ref_snapshot *s, struct buf *out)
{
	char hex[OID_HEX + 1];

	oid_format(&s->head_oid, hex);
	if (s->head_is_symbolic)
		buf_addf(out, "ref: %.*s\n", STR_FMT(s->head));
	else
		buf_addf(out, "%s\n", oid_is_zero(&s->head_oid) ? "-" : hex);
}

void ref_snapshot_write(const struct ref_snapshot *s, struct buf *out)
{
	char hex[OID_HEX + 1];

	write_head(s, out);
	buf_add_c(out, HEADER);
	for (size_t i = 0; i < s->count; i++) {
		const struct ref *ref = &s->refs[i];

		if (ref_is_internal(ref->name))
			continue;
		oid_format(&ref->oid, hex);
		buf_add_c(out, hex);
		buf_add_char(out, ' ');
		buf_add(out, ref->name);
		buf_add_char(out, '\n');
		if (oid_eq(&ref->oid, &ref->peeled))
			continue;
		oid_format(&ref->peeled, hex);
		buf_addf(out, "^%s\n", hex);
	}
}

static bool read_head(struct str line, struct arena *a, struct ref_snapshot *s)
{
	s->head = STR_NONE;
	if (str_cut_prefix(&line, STR("ref: "))) {
		s->head = arena_str(a, line);
		s->head_is_symbolic = true;
		return ref_name_is_valid(line);
	}
	return str_eq_c(line, "-") || oid_parse(line, &s->head_oid);
}

static bool is_sorted(const struct scanned_refs *refs)
{
	for (size_t i = 1; i < refs->count; i++) {
		if (str_cmp(refs->items[i - 1].name, refs->items[i].name) >= 0)
			return false;
	}
	return true;
}

static void fill(struct ref_snapshot *s, struct arena *a, const struct scanned_refs *scanned)
{
	struct ref *refs = arena_alloc_array(a, scanned->count + 1, sizeof(*refs));
	const struct ref *target;

	for (size_t i = 0; i < scanned->count; i++)
		refs[i] = (struct ref){ scanned->items[i].name, scanned->items[i].oid,
					scanned->items[i].peeled };
	s->refs = refs;
	s->count = scanned->count;
	target = s->head_is_symbolic ? ref_snapshot_find(s, s->head) : NULL;
	if (target)
		s->head_oid = target->oid;
}

int ref_snapshot_read(struct str bytes, struct ref_snapshot **snapshot, struct err *e)
{
	struct scanned_refs scanned = { 0 };
	struct arena *a;
	struct ref_snapshot *made = ref_snapshot_new(&a);
	struct str text = arena_str(a, bytes);
	size_t end = str_find(text, '\n');
	int result = 0;

	if (end == text.n || !read_head(str_upto(text, end), a, made))
		result = err_set(e, ERR_UNAVAILABLE, "the bytes of the refs are damaged at line 1");
	if (result == 0)
		result = packed_refs_parse(str_from(text, end + 1), &scanned, e);
	if (result == 0 && !is_sorted(&scanned))
		result = err_set(e, ERR_UNAVAILABLE, "the bytes of the refs are not in order");
	if (result == 0) {
		fill(made, a, &scanned);
		*snapshot = made;
	} else {
		ref_snapshot_unref(made);
	}
	mem_free(scanned.items);
	return result;
}
