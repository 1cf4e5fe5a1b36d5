#include "support/reading.h"

#include "git/pktline.h"

#define MAKE_REFS                                                                     \
	"cd repo.git; c=$(git commit-tree -m m $(git mktree </dev/null));"            \
	"git update-ref refs/heads/main $c; git update-ref refs/heads/topic/x $c;"    \
	"git tag light $c; git tag -m t heavy $c; git update-ref refs/forge/keep $c;" \
	"git update-ref refs/merge-requests/1/head $c;"

/* The payloads, one a line; flush as "0000". */
static const char *lines_of(struct arena *a, struct str bytes)
{
	struct str text = STR("");
	struct pkt pkt;
	struct err e = { 0 };
	bool partial;

	while (bytes.n > 0) {
		check_ok(pkt_parse(&bytes, &pkt, &partial, &e), &e);
		text = pkt.kind == PKT_FLUSH
			       ? arena_fmt(a, "%.*s0000\n", STR_FMT(text))
			       : arena_fmt(a, "%.*s%.*s\n", STR_FMT(text), STR_FMT(pkt_line(&pkt)));
	}
	return text.p;
}

static const char *ask(struct reading *r, const char *const *arguments)
{
	struct ls_refs ls = { 0 };
	struct err e = { 0 };
	struct buf out;
	const char *lines;

	for (; *arguments; arguments++)
		check_ok(ls_refs_argument(&ls, r->box->arena, str_c(*arguments), &e), &e);
	buf_init(&out, 1u << 20);
	check_ok(ref_snapshot_ls_refs(repo_refs(r->repo), &ls, &out, &e), &e);
	lines = lines_of(r->box->arena, buf_str(&out));
	buf_fini(&out);
	return lines;
}
#define ASK(r, ...) ask((r), (const char *const[]){ __VA_ARGS__, NULL })

/* What git's own server answers over v2, as `git ls-remote` shows it. */
static void ls_refs_tells_what_git_tells(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	struct str expected;

	gitbox_run(box, MAKE_REFS);
	r = reading_open(box);
	expected = gitbox_run(
		box,
		"git ls-remote --symref repo.git | grep -v 'refs/forge/\\|refs/merge-requests/' |"
		" sed 's/\t/ /' | awk '/^ref:/ {t = $2; next}"
		" /\\^\\{\\}$/ {p = \" peeled:\" $1; print held p; held = \"\"; next}"
		" {if (held) print held; held = $0; if ($2 == \"HEAD\") held = held"
		" \" symref-target:\" t} END {print held; print \"0000\"}'");
	check_str(expected, ASK(&r, "peel", "symrefs"));
	reading_close(&r);
}

static void prefixes_choose_and_nothing_is_told_twice(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	const char *hex;

	gitbox_run(box, MAKE_REFS);
	r = reading_open(box);
	hex = oid_hex(box->arena, &repo_refs(r.repo)->head_oid).p;
	check_c(ASK(&r, "ref-prefix refs/heads/ma", "ref-prefix refs/heads/main",
		    "ref-prefix refs/heads/m"),
		arena_strf(box->arena, "%s refs/heads/main\n0000\n", hex));
	check_c(ASK(&r, "ref-prefix refs/merge-requests/", "ref-prefix refs/forge/"),
		arena_strf(box->arena, "%s refs/merge-requests/1/head\n0000\n", hex));
	check_c(ASK(&r, "ref-prefix HEAD"), arena_strf(box->arena, "%s HEAD\n0000\n", hex));
	reading_close(&r);
}

static void an_unborn_head_is_told_to_those_who_ask(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r = reading_open(box);

	check_c(ASK(&r, "symrefs", "unborn"), "unborn HEAD symref-target:refs/heads/main\n0000\n");
	check_c(ASK(&r, "symrefs"), "0000\n");
	reading_close(&r);
}

static void an_unknown_argument_is_refused(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct ls_refs ls = { 0 };
	struct err e = { 0 };

	check_err(ls_refs_argument(&ls, a, STR("symref"), &e), &e, ERR_INVALID, "ls-refs");
	arena_close(a);
}

static const char *advertise(struct reading *r, enum ref_service service)
{
	struct err e = { 0 };
	struct buf out;
	struct str text;

	buf_init(&out, 1u << 20);
	check_ok(ref_snapshot_advertise(repo_refs(r->repo), service, STR("cap-a cap-b"), &out, &e),
		 &e);
	for (size_t i = 0; i < out.n; i++) {
		if (out.p[i] == '\0')
			out.p[i] = '@';
	}
	text = str_c(lines_of(r->box->arena, buf_str(&out)));
	buf_fini(&out);
	return text.p;
}

static void advertisements_have_head_and_peeled_tags_for_fetch_only(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r;
	const char *hex;
	const char *tag;

	gitbox_run(box, MAKE_REFS);
	r = reading_open(box);
	hex = oid_hex(box->arena, &repo_refs(r.repo)->head_oid).p;
	tag = oid_hex(box->arena,
		      &ref_snapshot_find(repo_refs(r.repo), STR("refs/tags/heavy"))->oid)
		      .p;
	check_c(advertise(&r, REF_SERVICE_UPLOAD),
		arena_strf(box->arena,
			   "%s HEAD@cap-a cap-b symref=HEAD:refs/heads/main\n%s refs/heads/main\n"
			   "%s refs/heads/topic/x\n%s refs/tags/heavy\n%s refs/tags/heavy^{}\n"
			   "%s refs/tags/light\n0000\n",
			   hex, hex, hex, tag, hex, hex));
	check_c(advertise(&r, REF_SERVICE_RECEIVE),
		arena_strf(box->arena,
			   "%s refs/heads/main@cap-a cap-b\n%s refs/heads/topic/x\n"
			   "%s refs/tags/heavy\n%s refs/tags/light\n0000\n",
			   hex, hex, tag, hex));
	reading_close(&r);
}

static void an_empty_repository_advertises_its_capabilities(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct reading r = reading_open(box);

	check_c(advertise(&r, REF_SERVICE_RECEIVE),
		"0000000000000000000000000000000000000000 capabilities^{}@cap-a cap-b\n0000\n");
	reading_close(&r);
}

static void a_ceiling_is_an_error_not_a_cut_list(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct ls_refs ls = { 0 };
	struct err e = { 0 };
	struct reading r;
	struct buf out;

	gitbox_run(box, MAKE_REFS);
	r = reading_open(box);
	buf_init(&out, 100);
	check_err(ref_snapshot_ls_refs(repo_refs(r.repo), &ls, &out, &e), &e, ERR_TOO_LARGE,
		  "list of refs");
	buf_fini(&out);
	reading_close(&r);
}

RUN_TESTS(TEST(ls_refs_tells_what_git_tells), TEST(prefixes_choose_and_nothing_is_told_twice),
	  TEST(an_unborn_head_is_told_to_those_who_ask), TEST(an_unknown_argument_is_refused),
	  TEST(advertisements_have_head_and_peeled_tags_for_fetch_only),
	  TEST(an_empty_repository_advertises_its_capabilities),
	  TEST(a_ceiling_is_an_error_not_a_cut_list))
