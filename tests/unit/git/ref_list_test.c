#include "support/reading.h"

#include "git/ref_list.h"

#define SETUP                                                                                   \
	"git clone -q repo.git w 2>&1; cd w; i=0; for b in old mid new; do i=$((i+1));"         \
	"export GIT_COMMITTER_DATE=\"$((1700000000+i*100)) +0000\"; git checkout -q -B $b;"     \
	"echo $b >f; git add f; git commit -qm \"on $b\"; done; git push -q origin old mid new" \
	" mid:main; git tag light old; git tag -m 'first\n\nmore' heavy mid;"                   \
	"git tag tree 'new^{tree}'; git push -q --tags"

static void branches_come_by_name_or_date_and_are_searched(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct ref_query query = { .search = STR(""), .limit = 10 };
	struct branch_list list;
	struct reading r;
	struct err e = { 0 };

	gitbox_run(box, SETUP);
	r = reading_open(box);
	check_ok(branch_list(r.repo, &query, true, box->arena, &list, &e), &e);
	check_int(list.branches_count, 4);
	check_str(list.branches[0].name, "main");
	check_true(list.branches[0].is_default);
	check_str(list.branches[2].name, "new");
	check_int(list.branches[2].against_default.ahead, 1);
	check_int(list.branches[3].against_default.behind, 1);
	query.order = REF_BY_DATE;
	query.limit = 2;
	check_ok(branch_list(r.repo, &query, false, box->arena, &list, &e), &e);
	check_int(list.total, 4);
	check_int(list.branches_count, 2);
	check_str(list.branches[0].name, "new");
	check_str(list.branches[0].commit.subject, "on new");
	query = (struct ref_query){ .search = STR("OL"), .limit = 10 };
	check_ok(branch_list(r.repo, &query, false, box->arena, &list, &e), &e);
	check_int(list.branches_count, 1);
	query = (struct ref_query){ .search = STR(""), .skip = 9, .limit = 10 };
	check_ok(branch_list(r.repo, &query, false, box->arena, &list, &e), &e);
	check_int(list.branches_count, 0);
	check_int(list.total, 4);
	reading_close(&r);
}

static void tags_carry_their_message_and_their_commit(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct ref_query query = { .search = STR(""), .limit = 10 };
	struct tag_list list;
	struct reading r;
	struct tag tag;
	struct err e = { 0 };

	gitbox_run(box, SETUP);
	r = reading_open(box);
	check_ok(tag_list(r.repo, &query, box->arena, &list, &e), &e);
	check_int(list.tags_count, 3);
	check_str(list.tags[0].name, "heavy");
	check_true(list.tags[0].is_annotated);
	check_str(list.tags[0].message, "first\n\nmore");
	check_str(list.tags[0].tagger.name, "Grace");
	check_str(list.tags[0].commit.subject, "on mid");
	check_false(list.tags[1].is_annotated);
	check_str(list.tags[1].commit.subject, "on old");
	check_false(list.tags[2].has_commit);
	check_ok(tag_get(r.repo, STR("light"), box->arena, &tag, &e), &e);
	check_err(tag_get(r.repo, STR("none"), box->arena, &tag, &e), &e, ERR_NOT_FOUND, "tag");
	reading_close(&r);
}

RUN_TESTS(TEST(branches_come_by_name_or_date_and_are_searched),
	  TEST(tags_carry_their_message_and_their_commit))
