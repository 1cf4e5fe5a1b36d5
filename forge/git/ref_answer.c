/*
 * What clients are told about refs: the v0/v1 advertisement (gitprotocol-pack)
 * and the v2 ls-refs answer (gitprotocol-v2), written from a snapshot.
 */
#include "git/pktline.h"
#include "git/ref_snapshot.h"

#define PEELED_MARK "^{}"

static bool is_advertised(struct str name)
{
	return !ref_is_internal(name) && !ref_is_unlisted(name);
}

/*
 * One pkt-line "<oid or word> <name><tail>\n", straight into the buffer: this runs
 * once a ref, and there may be a hundred thousand.
 */
static void put_line(struct buf *out, const struct oid *oid, struct str name, struct str tail)
{
	static const char digits[] = "0123456789abcdef";
	struct str first = oid_is_zero(oid) ? STR("unborn") : STR_NONE;
	size_t first_n = first.p ? first.n : OID_HEX;
	size_t n = 4 + first_n + 1 + name.n + tail.n + 1;
	char *to = n <= PKT_MAX ? buf_reserve(out, n) : NULL;

	if (to == NULL)
		return;
	for (unsigned i = 0; i < 4; i++)
		to[i] = digits[n >> (12 - 4 * i) & 15];
	if (first.p) {
		memcpy(to + 4, first.p, first.n);
	} else {
		for (size_t i = 0; i < OID_BYTES; i++) {
			to[4 + 2 * i] = digits[oid->b[i] >> 4];
			to[5 + 2 * i] = digits[oid->b[i] & 15];
		}
	}
	to += 4 + first_n;
	*to++ = ' ';
	memcpy(to, name.p, name.n);
	if (tail.n)
		memcpy(to + name.n, tail.p, tail.n);
	to[name.n + tail.n] = '\n';
	buf_added(out, n);
}

/* The first line carries the capabilities behind a NUL. */
struct advertisement {
	struct buf *out;
	struct str capabilities;
	bool is_first;
};

static void advertise_first(struct advertisement *ad, const char *hex, struct str name)
{
	struct buf line;

	ad->is_first = false;
	buf_init(&line, PKT_PAYLOAD_MAX);
	buf_addf(&line, "%s %.*s", hex, STR_FMT(name));
	buf_add_char(&line, '\0');
	buf_add(&line, ad->capabilities);
	buf_add_char(&line, '\n');
	pkt_add(ad->out, buf_str(&line));
	buf_fini(&line);
}

static void advertise_line(struct advertisement *ad, const struct oid *oid, struct str name,
			   const char *mark)
{
	char hex[OID_HEX + 1];

	if (!ad->is_first) {
		put_line(ad->out, oid, name, str_c(mark));
		return;
	}
	oid_format(oid, hex);
	advertise_first(ad, hex, name);
}

static void advertise_refs(struct advertisement *ad, const struct ref_snapshot *s, bool peel)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct ref *ref = &s->refs[i];

		if (!is_advertised(ref->name))
			continue;
		advertise_line(ad, &ref->oid, ref->name, "");
		if (peel && !oid_eq(&ref->oid, &ref->peeled))
			advertise_line(ad, &ref->peeled, ref->name, PEELED_MARK);
	}
}

int ref_snapshot_advertise(const struct ref_snapshot *s, enum ref_service service,
			   struct str capabilities, struct buf *out, struct err *e)
{
	struct advertisement ad = { .out = out, .is_first = true };
	struct buf all;
	bool has_head = service == REF_SERVICE_UPLOAD && !oid_is_zero(&s->head_oid);

	buf_init(&all, PKT_PAYLOAD_MAX);
	buf_add(&all, capabilities);
	if (has_head && s->head_is_symbolic)
		buf_addf(&all, " symref=HEAD:%.*s", STR_FMT(s->head));
	ad.capabilities = buf_str(&all);
	if (has_head)
		advertise_line(&ad, &s->head_oid, STR("HEAD"), "");
	advertise_refs(&ad, s, service == REF_SERVICE_UPLOAD);
	if (ad.is_first)
		advertise_line(&ad, &(struct oid){ 0 }, STR("capabilities" PEELED_MARK), "");
	pkt_add_flush(out);
	buf_fini(&all);
	return buf_check(out, "The list of refs", e);
}

int ls_refs_argument(struct ls_refs *ls, struct arena *a, struct str line, struct err *e)
{
	struct str prefix = line;

	if (str_eq_c(line, "peel")) {
		ls->peel = true;
	} else if (str_eq_c(line, "symrefs")) {
		ls->symrefs = true;
	} else if (str_eq_c(line, "unborn")) {
		ls->unborn = true;
	} else if (str_cut_prefix(&prefix, STR("ref-prefix "))) {
		struct str *grown;

		/* Beyond the limit git answers as if no prefix was given; so do we. */
		if (ls->prefixes_count >= LS_REFS_PREFIXES_MAX)
			return 0;
		if ((ls->prefixes_count & (ls->prefixes_count - 1)) == 0) {
			size_t room = ls->prefixes_count ? ls->prefixes_count * 2 : 1;

			grown = ARENA_ARRAY(a, struct str, room);
			if (ls->prefixes_count)
				memcpy(grown, ls->prefixes, ls->prefixes_count * sizeof(grown[0]));
			ls->prefixes = grown;
			ls->room = grown;
		}
		ls->room[ls->prefixes_count++] = arena_str(a, prefix);
	} else {
		return err_set(e, ERR_INVALID, "The client sent an unknown argument of ls-refs.");
	}
	return 0;
}

struct answer {
	const struct ref_snapshot *s;
	const struct ls_refs *ls;
	struct buf *out;
};

static void answer_ref(struct answer *answer, const struct ref *ref)
{
	char tail[16 + OID_HEX] = " peeled:";

	if (!answer->ls->peel || oid_eq(&ref->oid, &ref->peeled)) {
		put_line(answer->out, &ref->oid, ref->name, STR(""));
		return;
	}
	oid_format(&ref->peeled, tail + 8);
	put_line(answer->out, &ref->oid, ref->name, str_n(tail, 8 + OID_HEX));
}

static bool wants_head(const struct ls_refs *ls)
{
	for (size_t i = 0; i < ls->prefixes_count; i++) {
		if (str_starts(STR("HEAD"), ls->prefixes[i]))
			return true;
	}
	return ls->prefixes_count == 0;
}

static void answer_head(struct answer *answer)
{
	const struct ref_snapshot *s = answer->s;
	bool symref = answer->ls->symrefs && s->head_is_symbolic;
	struct buf tail;

	/* A branch without a commit ("unborn") is told only to those who ask, with its name. */
	if (!wants_head(answer->ls) ||
	    (oid_is_zero(&s->head_oid) && !(answer->ls->unborn && symref)))
		return;
	buf_init(&tail, REF_NAME_MAX + 32);
	if (symref)
		buf_addf(&tail, " symref-target:%.*s", STR_FMT(s->head));
	put_line(answer->out, &s->head_oid, STR("HEAD"), buf_str(&tail));
	buf_fini(&tail);
}

static void answer_range(struct answer *answer, struct str prefix)
{
	const struct ref *first;
	size_t count = ref_snapshot_range(answer->s, prefix, &first);
	bool unlisted_too = ref_is_unlisted(prefix);

	for (size_t i = 0; i < count; i++) {
		if (ref_is_internal(first[i].name) ||
		    (ref_is_unlisted(first[i].name) && !unlisted_too))
			continue;
		answer_ref(answer, &first[i]);
	}
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/*
 * Prefixes in order, each that starts with the one before dropped, so that no
 * ref is told twice. One trap: "refs/" covers "refs/merge-requests/" but does
 * not list what is in it; so the two kinds of prefixes are told apart.
 */
static void answer_prefixes(struct answer *answer)
{
	struct arena *a = arena_open(0);
	size_t count = answer->ls->prefixes_count;
	struct str *sorted = ARENA_ARRAY(a, struct str, count);
	struct str last[2] = { STR_NONE, STR_NONE }; /* of listed, of unlisted prefixes */

	memcpy(sorted, answer->ls->prefixes, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), by_text);
	for (size_t i = 0; i < count; i++) {
		struct str *before = &last[ref_is_unlisted(sorted[i])];

		if (!str_is_none(*before) && str_starts(sorted[i], *before))
			continue;
		answer_range(answer, sorted[i]);
		*before = sorted[i];
	}
	arena_close(a);
}

int ref_snapshot_ls_refs(const struct ref_snapshot *s, const struct ls_refs *ls, struct buf *out,
			 struct err *e)
{
	struct answer answer = { .s = s, .ls = ls, .out = out };

	answer_head(&answer);
	if (ls->prefixes_count == 0 || ls->prefixes_count >= LS_REFS_PREFIXES_MAX)
		answer_range(&answer, STR(""));
	else
		answer_prefixes(&answer);
	pkt_add_flush(out);
	return buf_check(out, "The list of refs", e);
}
