/* Operations besides push and fetch, and what the zygote does with those that misbehave. */
#include "support/check.h"
#include "support/zygote.h"

#include "base/clock.h"
#include "base/fs.h"
#include "git/blame.h"
#include "git/generation.h"
#include "roles/git_admission.h"
#include "roles/git_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

static bool holds(struct str text, const char *part)
{
	return str_find_str(text, str_c(part)) < text.n;
}

static struct test_zygote *open_with_history(void)
{
	struct test_zygote *z = test_zygote_open();

	test_zygote_init(z, 1);
	test_zygote_shell(
		z,
		"git init -q w; cd w; git remote add origin $URL/1; for i in 1 2 3; do echo $i "
		"> f; git add f; git commit -qm $i; git push -q origin main; done",
		NULL);
	return z;
}

static struct git_operation_request request(enum git_op op)
{
	return (struct git_operation_request){ .op = op,
					       .project_id = 1,
					       .user_id = 1,
					       .request_id = "test",
					       .in = -1,
					       .out = -1,
					       .err = -1 };
}

/* Runs an operation that answers on `out`; the bytes, in the zygote's arena. */
static struct str output_of(struct test_zygote *z, struct git_operation_request r, int *result,
			    struct err *e)
{
	struct git_operation *op;
	struct buf out;
	struct str bytes;
	char room[4096];
	ssize_t n;
	int fds[2];

	check_int(pipe2(fds, O_CLOEXEC), 0);
	r.out = fds[1];
	check_ok(git_operation_start(z->folder, &r, &op, e), e);
	close(fds[1]);
	buf_init(&out, 1u << 20);
	while ((n = read(fds[0], room, sizeof(room))) > 0)
		buf_add_bytes(&out, room, (size_t)n);
	close(fds[0]);
	*result = git_operation_wait(op, e);
	git_operation_close(op);
	bytes = arena_str(z->arena, buf_str(&out));
	buf_fini(&out);
	return bytes;
}

static void archives_and_blame_are_streamed(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct git_operation_request r = request(GIT_OP_ARCHIVE);
	struct err e = { 0 };
	int result;
	struct str out;

	r.name = arena_cstr(z->arena,
			    str_trim(test_zygote_shell(z, "git -C w rev-parse main", NULL)));
	r.text = "tar w-main";
	out = output_of(z, r, &result, &e);
	check_ok(result, &e);
	check_true(holds(out, "w-main/f"));
	r.text = "tar ../up";
	output_of(z, r, &result, &e);
	check_err(result, &e, ERR_INVALID, "plain name");
	r.op = GIT_OP_BLAME;
	r.text = "f";
	out = output_of(z, r, &result, &e);
	check_ok(result, &e);
	check_true(holds(out, "author Ada"));
	test_zygote_close(z);
}

/* What is known there is left out, what nobody knows is passed over. */
static void a_pack_for_another_repository_has_what_it_lacks(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct git_operation_request r = request(GIT_OP_PACK);
	struct err e = { 0 };
	struct str out;
	int list[2];
	int result;

	check_int(pipe2(list, O_CLOEXEC), 0);
	test_zygote_shell(z,
			  "cd w; (git rev-parse main; echo ^$(git rev-parse main~1); "
			  "echo ^1111111111111111111111111111111111111111) > ../list",
			  NULL);
	check_ok(fs_write_all(list[1], test_zygote_shell(z, "cat list", NULL), &e), &e);
	close(list[1]);
	r.in = list[0];
	out = output_of(z, r, &result, &e);
	close(list[0]);
	check_ok(result, &e);
	check_true(str_starts(out, STR("PACK")));
	/* A commit, its tree, its file. */
	check_int(out.p[11], 3);
	test_zygote_close(z);
}

static void the_lines_of_a_file_have_authors(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct blame_request r = { .run = z->folder,
				   .project_id = request(GIT_OP_BLAME).project_id,
				   .path = STR("f"),
				   .lines_max = 100 };
	struct str main = str_trim(test_zygote_shell(z, "git -C w rev-parse main", NULL));
	struct err e = { 0 };
	struct blame b;

	check_true(oid_parse(main, &r.commit));
	check_ok(blame_file(&r, z->arena, &b, &e), &e);
	check_true(b.lines > 0);
	check_str(b.parts[0].commit->author, "Ada");
	r.path = STR("none");
	check_err(blame_file(&r, z->arena, &b, &e), &e, ERR_INTERNAL, "no such path");
	test_zygote_close(z);
}

static void markdown_is_rendered_without_files(void **state UNUSED)
{
	struct test_zygote *z = test_zygote_open();
	const struct git_render_request r = { .file_base = STR("/g/p/-/blob/main"),
					      .image_base = STR("/g/p/-/raw/main"),
					      .folder = STR("docs") };
	struct buf html;
	struct err e = { 0 };

	buf_init(&html, 1u << 20);
	check_ok(git_render(z->folder, &r, STR("# Hi\n\n[a](b.md) <script>x</script>"), &html, &e),
		 &e);
	check_true(holds(buf_str(&html), "/g/p/-/blob/main/docs/b.md"));
	check_false(holds(buf_str(&html), "<script"));
	buf_fini(&html);
	test_zygote_close(z);
}

static void housekeeping_joins_packs_and_keeps_everything(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct git_operation_request r = request(GIT_OP_MAINTAIN);
	struct git_generation *g;
	struct err e = { 0 };
	uint64_t packs;

	test_zygote_shell(z,
			  "cd w; for i in $(seq 60); do echo a$i > f; git commit -qam a$i; "
			  "git push -q origin main; done",
			  NULL);
	check_ok(git_generation_open(test_zygote_repo(z, 1), false, &g, &e), &e);
	packs = git_generation_packs(g);
	check_ok(git_operation_run(z->folder, &r, &e), &e);
	check_true(git_generation_packs(g) > packs);
	test_zygote_shell(z,
			  arena_strf(z->arena,
				     "cd %s; test $(ls objects/pack/*.pack | wc -l) -lt 20; "
				     "git fsck --strict",
				     test_zygote_repo(z, 1)),
			  NULL);
	r.flags = GIT_FLAG_PRUNE;
	check_ok(git_operation_run(z->folder, &r, &e), &e);
	test_zygote_shell(
		z,
		arena_strf(z->arena,
			   "cd %s; test $(ls objects/pack/*.pack | wc -l) -le 2; "
			   "ls objects/pack/*.bitmap; git fsck --strict; "
			   "cd ../..; cd ..; git clone -q $URL/1 c; git -C c log --oneline | wc "
			   "-l | grep -x 63",
			   test_zygote_repo(z, 1)),
		NULL);
	git_generation_close(g);
	test_zygote_close(z);
}

static bool has_leftovers(struct test_zygote *z)
{
	int status;

	test_zygote_shell(z, "find repositories -name '*dead' | grep -q .", &status);
	return status == 0;
}

static void full_housekeeping_removes_what_the_dead_left(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct git_operation_request r = request(GIT_OP_MAINTAIN);
	struct err e = { 0 };

	test_zygote_shell(z,
			  arena_strf(z->arena,
				     "cd %s/objects; mkdir incoming-dead; touch tmp_obj_dead "
				     "pack/tmp_pack_dead pack/.tmp-1-pack-dead",
				     test_zygote_repo(z, 1)),
			  NULL);
	r.flags = GIT_FLAG_PRUNE;
	check_ok(git_operation_run(z->folder, &r, &e), &e);
	check_false(has_leftovers(z));
	test_zygote_close(z);
}

static int commits_file(struct str lines)
{
	int fd = memfd_create("kept", MFD_CLOEXEC);
	struct err e = { 0 };

	check_true(fd >= 0);
	check_ok(fs_write_all(fd, lines, &e), &e);
	check_int(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* A full housekeeping of a repository whose files are all old. */
static void tidy_old(struct test_zygote *z, struct str kept)
{
	struct git_operation_request r = request(GIT_OP_MAINTAIN);
	struct err e = { 0 };

	test_zygote_shell(z,
			  arena_strf(z->arena,
				     "find %s/objects -type f | xargs touch -d '1 month ago'",
				     test_zygote_repo(z, 1)),
			  NULL);
	r.flags = GIT_FLAG_PRUNE;
	r.in = commits_file(kept);
	check_ok(git_operation_run(z->folder, &r, &e), &e);
	fs_close(&r.in);
}

static bool has_object(struct test_zygote *z, struct str name)
{
	return holds(test_zygote_shell(z,
				       arena_strf(z->arena, "git -C %s cat-file -t %.*s || true",
						  test_zygote_repo(z, 1), STR_FMT(name)),
				       NULL),
		     "commit");
}

static void housekeeping_keeps_the_commits_it_is_told_to(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct str lines = test_zygote_shell(
		z,
		"cd w; for i in $(seq 70); do git checkout -q -b b$i main; echo b$i >f; "
		"git commit -qam b$i; git rev-parse HEAD; done; git push -q origin --all; "
		"for i in $(seq 70); do echo :b$i; done | xargs git push -q origin",
		NULL);
	struct str first = str_upto(lines, OID_HEX);
	struct str rest = str_from(lines, OID_HEX + 1);
	struct str second = str_upto(rest, OID_HEX);

	/* One that was never there and one that is no commit are left out. */
	tidy_old(z, arena_fmt(z->arena, "%.*s\n%040d\n4b825dc642cb6eb9a060e54bf8d69288fbee4904\n",
			      STR_FMT(str_trim(rest)), 7));
	check_false(has_object(z, first));
	check_true(has_object(z, second));
	test_zygote_shell(
		z,
		arena_strf(z->arena,
			   "cd %s; git fsck --strict; "
			   "git for-each-ref | grep -c refs/forge/ | grep -x 1; "
			   "git rev-list --count --grep=keep refs/forge/keep | grep -x 2; "
			   "! git ls-remote $URL/1 | grep forge",
			   test_zygote_repo(z, 1)),
		NULL);
	tidy_old(z, STR(""));
	check_false(has_object(z, second));
	test_zygote_shell(z,
			  arena_strf(z->arena,
				     "cd %s; git fsck --strict; ! git for-each-ref | grep forge",
				     test_zygote_repo(z, 1)),
			  NULL);
	test_zygote_close(z);
}

static void a_removed_repository_is_gone_and_removing_again_is_fine(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct git_operation_request r = request(GIT_OP_REMOVE);
	struct err e = { 0 };

	check_ok(git_operation_run(z->folder, &r, &e), &e);
	check_ok(git_operation_run(z->folder, &r, &e), &e);
	check_false(fs_exists(test_zygote_repo(z, 1)));
	test_zygote_shell(z, "test -z \"$(ls repositories/trash)\"", NULL);
	r.op = GIT_OP_MAINTAIN;
	check_err(git_operation_run(z->folder, &r, &e), &e, ERR_NOT_FOUND, "missing on the server");
	test_zygote_close(z);
}

/* A push that never says a word; the front hangs up. */
static void hanging_up_kills_the_operation(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct git_operation_request r = request(GIT_OP_RECEIVE);
	struct git_operation *op;
	struct err e = { 0 };
	int64_t deadline = clock_monotonic_ms() + 10000;
	struct str log = STR("");
	int in[2];
	int out[2];

	check_int(pipe2(in, O_CLOEXEC), 0);
	check_int(pipe2(out, O_CLOEXEC), 0);
	r.in = in[0];
	r.out = out[1];
	check_ok(git_operation_start(z->folder, &r, &op, &e), &e);
	git_operation_cancel(op);
	git_operation_close(op);
	while (!holds(log, "hung up") && clock_monotonic_ms() < deadline)
		log = test_zygote_shell(z, "cat log", NULL);
	check_true(holds(log, "\"end\":\"hung up\""));
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	test_zygote_close(z);
}

static void nonsense_on_the_socket_harms_nobody(void **state UNUSED)
{
	struct test_zygote *z = open_with_history();
	struct git_operation_request r = request(GIT_OP_MAINTAIN);
	struct err e = { 0 };

	test_zygote_shell(z,
			  "python3 -c \"\n"
			  "import socket\n"
			  "for data in (b'x', b'y' * 9000, bytes(2312)):\n"
			  "    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
			  "    s.connect('git.sock'); s.send(data); s.recv(9000); s.close()\"",
			  NULL);
	check_ok(git_operation_run(z->folder, &r, &e), &e);
	test_zygote_close(z);
}

static void shares_are_limited_by_user_repository_and_host(void **state UNUSED)
{
	struct git_request a = { .op = GIT_OP_RECEIVE, .user_id = 1, .project_id = 1 };
	struct git_request other = { .op = GIT_OP_RECEIVE, .user_id = 2, .project_id = 2 };
	struct git_request fetch = { .op = GIT_OP_UPLOAD, .user_id = 1, .project_id = 1 };
	struct git_request anonymous = { .op = GIT_OP_RECEIVE, .user_id = 0, .project_id = 3 };
	struct git_admission_limits limits = git_admission_limits_of(GIT_OP_RECEIVE, 2);
	struct git_admission_counts counts = { 0 };

	for (size_t i = 0; i < limits.per_user; i++) {
		check_true(git_admission_refusal(&a, &counts, 2) == NULL);
		git_admission_count(&counts, &a, &a);
		git_admission_count(&counts, &a, &fetch);
	}
	check_true(strstr(git_admission_refusal(&a, &counts, 2), "one person") != NULL);
	counts = (struct git_admission_counts){ .user = limits.per_user, .host = limits.per_user };
	check_true(git_admission_refusal(&anonymous, &counts, 2) == NULL);
	counts.host = limits.per_host;
	check_true(strstr(git_admission_refusal(&other, &counts, 2), "server") != NULL);
}

/* Exit 0: every forbidden act failed, and the allowed one did not. */
static int try_everything(const char *own, const char *foreign, bool is_pure)
{
	struct arena *a = arena_open(0);
	const struct git_sandbox *sandbox;
	struct err e = { 0 };
	int own_fd;

	if (git_sandbox_prepare(GIT_SANDBOX_AUTO, a, &sandbox, &e) < 0 ||
	    git_sandbox_enter(sandbox, own, "/dev/null", is_pure, &e) < 0)
		return 1;
	if (is_pure)
		return 0;
	if (open("/etc/passwd", O_RDONLY) >= 0 || open(foreign, O_RDONLY | O_DIRECTORY) >= 0 ||
	    open("/tmp/x-hearth", O_CREAT | O_WRONLY, 0600) >= 0)
		return 2;
#ifndef HEARTH_SANITIZER
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return 3;
#endif
	own_fd = open(arena_strf(a, "%s/f", own), O_CREAT | O_WRONLY, 0600);
	return own_fd >= 0 ? 0 : 4;
}

static void the_sandbox_leaves_one_folder_and_no_network(void **state UNUSED)
{
	char own[64];
	char foreign[64];
	struct err e;
	int status;

	test_folder(own, sizeof(own), "hearth-sandbox");
	test_folder(foreign, sizeof(foreign), "hearth-sandbox");
	for (int is_pure = 0; is_pure <= 1; is_pure++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(try_everything(own, foreign, is_pure));
		check_int(waitpid(pid, &status, 0), pid);
		check_int(status, 0);
	}
	check_ok(fs_remove_tree(own, &e), &e);
	check_ok(fs_remove_tree(foreign, &e), &e);
}

RUN_TESTS(TEST(archives_and_blame_are_streamed),
	  TEST(a_pack_for_another_repository_has_what_it_lacks),
	  TEST(the_lines_of_a_file_have_authors), TEST(markdown_is_rendered_without_files),
	  TEST(housekeeping_joins_packs_and_keeps_everything),
	  TEST(full_housekeeping_removes_what_the_dead_left),
	  TEST(housekeeping_keeps_the_commits_it_is_told_to),
	  TEST(a_removed_repository_is_gone_and_removing_again_is_fine),
	  TEST(hanging_up_kills_the_operation), TEST(nonsense_on_the_socket_harms_nobody),
	  TEST(shares_are_limited_by_user_repository_and_host),
	  TEST(the_sandbox_leaves_one_folder_and_no_network))
