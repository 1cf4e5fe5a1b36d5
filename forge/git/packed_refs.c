#include "git/packed_refs.h"

#include "base/mem.h"
#include "git/ref_snapshot.h"

int scanned_refs_add(struct scanned_refs *refs, const struct scanned_ref *ref, struct err *e)
{
	if (refs->count == REFS_MAX)
		return err_set(e, ERR_TOO_LARGE, "the repository has more than %u refs", REFS_MAX);
	if (refs->count == refs->room) {
		refs->room = refs->room ? refs->room * 2 : 64;
		refs->items = mem_grow(refs->items, refs->room * sizeof(refs->items[0]));
	}
	refs->items[refs->count++] = *ref;
	return 0;
}

static bool part_is_valid(struct str part)
{
	return part.n > 0 && part.p[0] != '.' && part.p[part.n - 1] != '.' &&
	       !str_ends(part, STR(".lock"));
}

/* Bytes no name has (git-check-ref-format(1), rules 4, 5 and 10). */
static bool is_bad_byte(unsigned char c)
{
	static const bool bad[256] = { ['~'] = true, ['^'] = true, [':'] = true,  ['?'] = true,
				       ['*'] = true, ['['] = true, ['\\'] = true, [0x7f] = true };

	return c <= ' ' || bad[c];
}

/* One pass: this runs for each of a hundred thousand names. */
bool ref_name_is_valid(struct str name)
{
	size_t part = 0;

	if (name.n > REF_NAME_MAX || !str_starts(name, STR("refs/")))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (is_bad_byte((unsigned char)c) || (c == '.' && name.p[i - 1] == '.') ||
		    (c == '{' && name.p[i - 1] == '@'))
			return false;
		if (c == '/') {
			if (!part_is_valid(str_n(name.p + part, i - part)))
				return false;
			part = i + 1;
		}
	}
	return part_is_valid(str_from(name, part));
}

/* What the header promises about peeled values. */
struct traits {
	bool fully_peeled; /* a ref without a ^ line is no annotated tag */
	bool peeled;       /* the same, but only under refs/tags/ */
};

static struct traits read_traits(struct str line)
{
	struct str rest = line;
	struct str word;
	struct traits traits = { 0 };

	while (str_cut(&rest, ' ', &word)) {
		traits.fully_peeled |= str_eq_c(word, "fully-peeled");
		traits.peeled |= str_eq_c(word, "peeled");
	}
	return traits;
}

static int damaged(size_t number, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE, "packed-refs is damaged at line %zu", number);
}

static int add_line(struct str line, struct traits traits, struct scanned_refs *refs, bool *added,
		    struct err *e)
{
	struct scanned_ref ref = { .name = str_from(line, OID_HEX + 1) };

	*added = false;
	if (!ref_name_is_valid(ref.name))
		return 0;
	if (!oid_parse(str_upto(line, OID_HEX), &ref.oid))
		return err_set(e, ERR_UNAVAILABLE, "no object name");
	ref.peeled = ref.oid;
	ref.peel_known =
		traits.fully_peeled || (traits.peeled && str_starts(ref.name, STR("refs/tags/")));
	*added = true;
	return scanned_refs_add(refs, &ref, e);
}

int packed_refs_parse(struct str text, struct scanned_refs *refs, struct err *e)
{
	struct traits traits = { 0 };
	struct str rest = text;
	bool last_was_added = false;

	for (size_t number = 1; rest.n > 0; number++) {
		size_t end = str_find(rest, '\n');
		struct str line = str_upto(rest, end);

		if (end == rest.n) /* git always ends the last line; else the file was cut off */
			return damaged(number, e);
		rest = str_from(rest, end + 1);
		if (str_starts(line, STR("#"))) {
			traits = read_traits(line);
		} else if (str_starts(line, STR("^"))) {
			struct oid peeled;

			if (!oid_parse(str_from(line, 1), &peeled))
				return damaged(number, e);
			if (last_was_added) {
				refs->items[refs->count - 1].peeled = peeled;
				refs->items[refs->count - 1].peel_known = true;
			}
		} else if (line.n <= OID_HEX + 1 || line.p[OID_HEX] != ' ' ||
			   add_line(line, traits, refs, &last_was_added, e)) {
			return e->code == ERR_TOO_LARGE ? -(int)e->code : damaged(number, e);
		}
	}
	return 0;
}
