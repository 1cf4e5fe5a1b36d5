/* What a planner reads of a commit: the same through an operation as from the repository. */
#include "support/check.h"
#include "support/zygote.h"

#include "base/clock.h"
#include "domain/commit_source.h"
#include "git/repo.h"

#define HISTORY                                                                                   \
	"git init -q w; cd w; git remote add origin $URL/1; mkdir -p src/deep;"                   \
	"echo one > a; echo x > src/deep/x.c; ln -s a link; git add .; git commit -qm First;"     \
	"git push -q origin main; git checkout -q -b topic; echo two > src/b; git mv a c;"        \
	"git add .; git commit -qm 'Second, of the topic'; git checkout -q main; echo 3 > other;" \
	"git add .; git commit -qm third; git tag -a -m tag v1; git tag -a -m tags v2 v1;"        \
	"git tag file HEAD:other; git push -q origin main topic v1 v2 file"

struct doors {
	struct test_zygote *z;
	struct arena *arena;
	struct git_reader *reader;
	struct repo *repo;
	struct git_operation *op;
	struct commit_source *sources[2];
};

static struct str name_of(struct doors *d, const char *revision)
{
	return str_trim(test_zygote_shell(
		d->z, arena_strf(d->arena, "git -C w rev-parse %s", revision), NULL));
}

/* An operation that stands where a landing plans: it has said DECIDE. */
static void await_decide(struct doors *d, struct str tip)
{
	const struct git_operation_request r = { .op = GIT_OP_REFS,
						 .project_id = 1,
						 .user_id = 1,
						 .request_id = "test",
						 .in = -1,
						 .out = -1,
						 .err = -1 };
	struct git_message m = git_message_of(GIT_MSG_CHANGE);
	struct err e = { 0 };
	bool is_done;

	check_ok(git_operation_start(d->z->folder, &r, &d->op, &e), &e);
	check_true(str_copy(m.name, sizeof(m.name), STR("refs/heads/new")));
	check_true(str_copy(m.new_oid, sizeof(m.new_oid), tip));
	check_ok(git_operation_send(d->op, &m, &e), &e);
	m = git_message_of(GIT_MSG_GO);
	check_ok(git_operation_send(d->op, &m, &e), &e);
	do
		check_ok(git_operation_next(d->op, &m, &is_done, &e), &e);
	while (m.type != GIT_MSG_DECIDE);
}

static void set_subject(struct doors *d, const struct commit_subject *subject)
{
	d->sources[0] = commit_source_of_repo(d->arena, d->repo, subject);
	d->sources[1] = commit_source_of_operation(d->arena, d->op, subject);
}

static struct doors open_doors(const char *revision)
{
	struct doors d = { .z = test_zygote_open(), .arena = arena_open(0) };
	struct commit_subject subject = { 0 };
	struct err e = { 0 };

	test_zygote_init(d.z, 1);
	test_zygote_shell(d.z, HISTORY, NULL);
	check_ok(git_reader_open(d.z->folder, &d.reader, &e), &e);
	check_ok(repo_acquire(d.reader, 1, &d.repo, &e), &e);
	subject.sha = name_of(&d, revision);
	await_decide(&d, subject.sha);
	set_subject(&d, &subject);
	return d;
}

static void close_doors(struct doors *d)
{
	git_operation_close(d->op);
	repo_release(d->repo);
	git_reader_close(d->reader);
	arena_close(d->arena);
	test_zygote_close(d->z);
}

static struct str joined(struct doors *d, const struct ci_paths *paths)
{
	struct str text = paths->is_known ? STR("") : STR("unknown");

	for (size_t i = 0; i < paths->count; i++)
		text = arena_fmt(d->arena, "%.*s%s%.*s", STR_FMT(text), i ? " " : "",
				 STR_FMT(paths->items[i]));
	return text;
}

static void files_and_commits_are_the_same_through_both_doors(void **state UNUSED)
{
	struct doors d = open_doors("topic");

	for (size_t i = 0; i < 2; i++) {
		struct ci_source *files = &d.sources[i]->files;
		struct commit commit;
		struct ci_paths paths;
		struct str text;
		struct err e = { 0 };

		check_ok(files->read(files->closure, d.arena, STR("src/b"), 100, &text, &e), &e);
		check_str(text, "two\n");
		check_err(files->read(files->closure, d.arena, STR("a"), 100, &text, &e), &e,
			  ERR_NOT_FOUND, "");
		check_err(files->read(files->closure, d.arena, STR("src"), 100, &text, &e), &e,
			  ERR_NOT_FOUND, "");
		check_err(files->read(files->closure, d.arena, STR("link"), 100, &text, &e), &e,
			  ERR_NOT_FOUND, "");
		check_err(files->read(files->closure, d.arena, STR("src/b"), 3, &text, &e), &e,
			  ERR_TOO_LARGE, "more than 3 bytes");
		check_ok(files->list(files->closure, d.arena, &paths, &e), &e);
		check_str(joined(&d, &paths), "c link src/b src/deep/x.c");
		check_ok(commit_source_commit(d.sources[i], d.arena, &commit, &e), &e);
		check_str(commit.subject, "Second, of the topic");
		check_str(commit.author.email, "ada@example.com");
	}
	close_doors(&d);
}

static void what_changed_is_the_same_through_both_doors(void **state UNUSED)
{
	struct doors d = open_doors("topic");
	struct commit_subject subjects[] = {
		{ .sha = name_of(&d, "topic"), .before = name_of(&d, "main") },
		{ .sha = name_of(&d, "topic"),
		  .before = name_of(&d, "main"),
		  .is_merge_base = true },
		{ .sha = name_of(&d, "topic"), .before = STR(GIT_ZERO_OID) },
	};
	static const char *const changed[] = { "a c other src/b", "a c src/b", "unknown" };

	for (size_t s = 0; s < ARRAY_LEN(subjects); s++) {
		set_subject(&d, &subjects[s]);
		for (size_t i = 0; i < 2; i++) {
			struct ci_source *files = &d.sources[i]->files;
			struct ci_paths paths;
			struct err e = { 0 };

			check_ok(files->changed(files->closure, d.arena, STR_NONE, &paths, &e), &e);
			check_str(joined(&d, &paths), changed[s]);
			check_ok(files->changed(files->closure, d.arena, STR("main"), &paths, &e),
				 &e);
			check_str(joined(&d, &paths), "a c src/b");
			check_err(files->changed(files->closure, d.arena, STR("gone"), &paths, &e),
				  &e, ERR_NOT_FOUND, "");
		}
	}
	close_doors(&d);
}

static void tags_lead_to_their_commit_or_to_none(void **state UNUSED)
{
	struct doors d = open_doors("main");

	for (size_t i = 0; i < 2; i++) {
		struct err e = { 0 };
		struct str text;
		struct str sha;

		check_ok(commit_source_peel(d.sources[i], name_of(&d, "v2"), d.arena, &sha, &e),
			 &e);
		check_str(sha, arena_cstr(d.arena, name_of(&d, "main")));
		check_ok(commit_source_tag_message(d.sources[i], name_of(&d, "v2"), d.arena, &text,
						   &e),
			 &e);
		check_str(text, "tags");
		check_ok(commit_source_tag_message(d.sources[i], sha, d.arena, &text, &e), &e);
		check_true(str_is_none(text));
		check_err(commit_source_peel(d.sources[i], name_of(&d, "file"), d.arena, &sha, &e),
			  &e, ERR_NOT_FOUND, "");
		check_err(commit_source_peel(d.sources[i],
					     STR("1111111111111111111111111111111111111111"),
					     d.arena, &sha, &e),
			  &e, ERR_NOT_FOUND, "");
	}
	close_doors(&d);
}

static void planning_has_an_end(void **state UNUSED)
{
	struct doors d = open_doors("main");

	for (size_t i = 0; i < 2; i++) {
		struct ci_source *files = &d.sources[i]->files;
		struct ci_paths paths;
		struct err e = { 0 };

		d.sources[i]->deadline_ms = clock_monotonic_ms() - 1;
		check_err(files->list(files->closure, d.arena, &paths, &e), &e, ERR_BUSY,
			  "took longer than 30 seconds");
	}
	close_doors(&d);
}

static void lists_that_do_not_fit_are_not_known(void **state UNUSED)
{
	struct doors d = open_doors("main");

	for (size_t i = 0; i < 2; i++) {
		struct ci_source *files = &d.sources[i]->files;
		struct ci_paths paths;
		struct err e = { 0 };

		d.sources[i]->bytes_left = 20;
		check_ok(files->list(files->closure, d.arena, &paths, &e), &e);
		check_false(paths.is_known);
		check_int(paths.count, 0);
	}
	close_doors(&d);
}

static void questions_that_make_no_sense_get_an_answer(void **state UNUSED)
{
	struct doors d = open_doors("main");
	struct git_message m = git_message_of(GIT_MSG_READ);
	const struct git_question unknown = { .what = (enum git_read)99,
					      .commit = name_of(&d, "main"),
					      .limit = 1,
					      .deadline_ms = clock_monotonic_ms() + 10000 };
	struct git_answer answer;
	struct err e = { 0 };
	bool is_done;

	check_true(git_operation_read(d.op, &unknown, d.arena, &answer, &e) < 0);
	err_clear(&e);
	/* One without a file for the answer. */
	check_ok(git_operation_send(d.op, &m, &e), &e);
	check_ok(git_operation_next(d.op, &m, &is_done, &e), &e);
	check_int(m.type, GIT_MSG_ANSWER);
	check_int(m.flags & GIT_ANSWER_OK, 0);
	close_doors(&d);
}

RUN_TESTS(TEST(files_and_commits_are_the_same_through_both_doors),
	  TEST(what_changed_is_the_same_through_both_doors),
	  TEST(tags_lead_to_their_commit_or_to_none), TEST(planning_has_an_end),
	  TEST(lists_that_do_not_fit_are_not_known),
	  TEST(questions_that_make_no_sense_get_an_answer))
