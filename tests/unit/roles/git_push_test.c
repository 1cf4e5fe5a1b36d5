/* The real git pushes and fetches through the zygote; policy says yes (no database here). */
#include "support/check.h"
#include "support/zygote.h"

#include "base/fs.h"

#include <string.h>

#define COMMIT(n) "echo " n " > f" n "; git add .; git commit -qm " n ";"

static bool holds(struct str text, const char *part)
{
	return str_find_str(text, str_c(part)) < text.n;
}

static void check_holds(struct str text, const char *part)
{
	if (!holds(text, part))
		fail_msg("\"%s\" is not in:\n%.*s", part, STR_FMT(text));
}

static struct test_zygote *open_with_work(void)
{
	struct test_zygote *z = test_zygote_open();

	test_zygote_init(z, 1);
	test_zygote_shell(z, "git init -q w; cd w; git remote add origin $URL/1;" COMMIT("1"),
			  NULL);
	return z;
}

/* $R is the repository on the server. */
static struct str shell(struct test_zygote *z, const char *script, int *status)
{
	return test_zygote_shell(
		z, arena_strf(z->arena, "R=%s; %s", test_zygote_repo(z, 1), script), status);
}

static void check_nothing_left(struct test_zygote *z)
{
	shell(z,
	      "git -C $R fsck --strict --no-dangling; ! find $R -name 'incoming-*' -o -name "
	      "'*.lock' -o -name 'tmp_*' | grep .",
	      NULL);
}

static void a_pushed_commit_can_be_cloned_in_every_version(void **state UNUSED)
{
	struct test_zygote *z = open_with_work();

	check_holds(shell(z, "cd w; git push origin main", NULL), "[new branch]      main -> main");
	shell(z,
	      "git clone -q $URL/1 c2; git -c protocol.version=0 clone -q $URL/1 c0;"
	      "git -c protocol.version=1 clone -q $URL/1 c1;"
	      "cat c2/f1 c0/f1 c1/f1 | tr -d '\\n' | grep -x 111",
	      NULL);
	check_nothing_left(z);
	test_zygote_close(z);
}

static void pushes_of_every_shape_land(void **state UNUSED)
{
	struct test_zygote *z = open_with_work();

	shell(z,
	      "cd w; git push -q origin main; git tag -a -m t v1; git push -q origin v1 main:copy;"
	      "git push -q origin :copy; git commit -q --amend -m again; git push -q -f origin "
	      "main;"
	      "git push -q --atomic -o a=b origin main:x main:y || true;"
	      "git clone -q --depth 1 $URL/1 ../shallow; cd ../shallow; echo s > s; git add s;"
	      "git commit -qm s; git push -q origin HEAD:shallow; git fetch -q --unshallow;"
	      "for i in $(seq 300); do echo tag$i; done | xargs -n 300 sh -c "
	      "'for n; do git tag $n; done' _; git push -q origin --tags",
	      NULL);
	shell(z, "git -C $R for-each-ref | wc -l | grep -x 305", NULL);
	check_nothing_left(z);
	test_zygote_close(z);
}

static void a_refusal_is_told_and_the_rest_lands(void **state UNUSED)
{
	struct test_zygote *z = open_with_work();
	int status;
	struct str out =
		shell(z, "cd w; FRONT_REFUSE=refs/heads/a git push origin main main:a", &status);

	check_int(status, 1);
	check_holds(out, "[new branch]      main -> main");
	check_holds(out, "! [remote rejected] main -> a (refused by the test)");
	out = shell(z, "cd w; FRONT_REFUSE=refs/heads/a git push --atomic origin main:b main:a",
		    &status);
	check_holds(out, "main -> b (another ref of this atomic push was refused)");
	check_nothing_left(z);
	test_zygote_close(z);
}

#define TREE_HELPERS                                                                        \
	"bin() { perl -e 'print pack \"H*\", $ARGV[0]' $1; };"                              \
	"B=$(echo x | git hash-object -w --stdin); L=$(printf target | git hash-object -w " \
	"--stdin);"                                                                         \
	"E=$(git mktree < /dev/null);"                                                      \
	"entry() { printf \"$1 $2\\0\"; bin $3; };"                                         \
	"tree() { git hash-object -t tree -w --literally --stdin; };"                       \
	"push() { C=$(git commit-tree -m hostile $1); git push origin $C:refs/heads/hostile; };"

static void trees_that_would_harm_a_checkout_are_refused(void **state UNUSED)
{
	static const char *const trees[] = {
		"entry 100644 .git $B",
		"entry 100644 .GIT $B",
		"entry 100644 git~1 $B",
		"entry 100644 '.g\\xe2\\x80\\x8cit' $B",
		"entry 40000 .git $E",
		"entry 100644 . $B",
		"entry 100644 .. $B",
		"entry 40000 .. $E",
		"entry 100644 a/b $B",
		"entry 120000 .gitmodules $L",
		"entry 120000 .gitattributes $L",
		"entry 100666 a $B",
		"entry 777777 a $B",
		"{ entry 100644 a $B; entry 100644 a $B; }",
		"{ entry 100644 b $B; entry 100644 a $B; }",
		"entry 40000 a $B",
		"entry 100644 a $E",
		"entry 100644 a 1111111111111111111111111111111111111111",
	};
	struct test_zygote *z = open_with_work();

	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		int status;
		struct str out = shell(
			z,
			arena_strf(z->arena, "cd w; " TREE_HELPERS "push $(%s | tree)", trees[i]),
			&status);

		if (status == 0 || !holds(out, "hostile"))
			fail_msg("%s: status %d\n%.*s", trees[i], status, STR_FMT(out));
	}
	shell(z, "! git -C $R rev-parse -q --verify refs/heads/hostile", NULL);
	check_nothing_left(z);
	test_zygote_close(z);
}

static void submodules_and_old_histories_are_accepted(void **state UNUSED)
{
	struct test_zygote *z = open_with_work();

	shell(z,
	      "cd w; " TREE_HELPERS
	      "push $(entry 160000 sub 1111111111111111111111111111111111111111 | tree);"
	      "git push -q origin :hostile; push $(entry 040000 old $E | tree)",
	      NULL);
	test_zygote_close(z);
}

static void depth_length_and_size_have_limits_that_are_told(void **state UNUSED)
{
	struct test_zygote *z = open_with_work();
	int status;
	struct str out;

	out = shell(
		z,
		"cd w; D=$(printf 'd/%.0s' $(seq 600)); printf 'commit refs/heads/deep\\ncommitter "
		"A <a@b> 1 +0000\\ndata 1\\nx\\nM 644 inline %sf\\ndata 1\\nx\\n' $D | "
		"git fast-import --quiet; git push origin deep",
		&status);
	check_int(status, 1);
	check_holds(out, "nests folders more than 512 deep");
	out = shell(
		z,
		"cd w; N=$(printf 'n%.0s' $(seq 200)); D=$(printf \"$N/%.0s\" $(seq 21)); printf "
		"'commit refs/heads/long\\ncommitter A <a@b> 1 +0000\\ndata 1\\nx\\nM 644 inline "
		"%sf\\ndata 1\\nx\\n' $D | git fast-import --quiet; git push origin long",
		&status);
	check_int(status, 1);
	check_holds(out, "A path is longer than 4096 bytes");
	out = shell(z,
		    "cd w; mkdir -p some/where; head -c 2000000 /dev/urandom > some/where/big; "
		    "git add .; git commit -qm big; git push origin main",
		    &status);
	check_int(status, 1);
	check_holds(out,
		    "The file some/where/big has 2000000 bytes; the limit for one file is 1048576");
	out = shell(z, "cd w; FRONT_PACK_MAX=100000 git push origin main", &status);
	check_holds(out, "The push is larger than the limit of 100000 bytes");
	check_nothing_left(z);
	test_zygote_close(z);
}

static struct str raw(struct test_zygote *z, const char *what)
{
	int status;

	return shell(z,
		     arena_strf(z->arena,
				"python3 %s/tests/support/raw_push.py $GIT_SSH_COMMAND 1 %s",
				getenv("PWD"), what),
		     &status);
}

static void broken_clients_get_a_sentence_and_leave_nothing(void **state UNUSED)
{
	static const struct {
		const char *what;
		const char *answer;
	} cases[] = {
		{ "garbage", "something that is not a pack" },
		{ "truncated", "hung up in the middle" },
		{ "hangup", "hung up in the middle" },
		{ "many-objects", "unpack" },
		{ "no-flush", "not git's protocol" },
		{ "twice", "one ref twice" },
		{ "sha256", "SHA-1 repositories only" },
		{ "cert", "Signed pushes" },
		{ "empty", "not in the repository and was not sent" },
#ifndef HEARTH_SANITIZER
		/* The limit on memory would count the sanitizer's own. */
		{ "bomb", "than one push may use" },
#endif
	};
	struct test_zygote *z = open_with_work();

	shell(z, "cd w; git push -q origin main", NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str out = raw(z, cases[i].what);

		if (!holds(out, cases[i].answer))
			fail_msg("%s: %.*s", cases[i].what, STR_FMT(out));
	}
	check_false(holds(raw(z, "probe"), "front:"));
	check_nothing_left(z);
	test_zygote_close(z);
}

static void names_that_could_be_misread_are_refused(void **state UNUSED)
{
	static const char *const names[] = {
		"refs/heads/-x",
		"refs/heads/a..b",
		"'refs/heads/a b'",
		"refs/heads/x.lock",
		"refs/heads/.x",
		"refs/heads/HEAD",
		"refs/heads/../../../x",
		"refs/heads/a//b",
		"refs/heads/1111111111111111111111111111111111111111",
		"HEAD",
		"../../etc/passwd",
		"refs/heads/x/",
		"'refs/heads/x@{1}'",
		"'refs/heads/x~'",
		"refs/heads/a.lock/b",
	};
	struct test_zygote *z = open_with_work();

	shell(z, "cd w; git push -q origin main", NULL);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str out =
			shell(z,
			      arena_strf(z->arena,
					 "export OID=$(git -C w rev-parse main); python3 "
					 "%s/tests/support/raw_push.py $GIT_SSH_COMMAND 1 name %s",
					 getenv("PWD"), names[i]),
			      &(int){ 0 });

		if (!holds(out, "cannot be used"))
			fail_msg("%s: %.*s", names[i], STR_FMT(out));
	}
	shell(z, "git -C $R for-each-ref | wc -l | grep -x 1", NULL);
	test_zygote_close(z);
}

static void only_what_a_visible_ref_reaches_is_given_out(void **state UNUSED)
{
	struct test_zygote *z = open_with_work();
	int status;
	struct str out;

	shell(z,
	      "cd w;" COMMIT("2") "git push -q origin main; git checkout -q -b secret;" COMMIT(
		      "3") "git push -q origin secret; git push -q origin :secret;"
			   "git -C $R update-ref refs/forge/keep $(git rev-parse secret);"
			   "git rev-parse secret main~1 secret^{tree} secret:f3 main:f1 > ../oids",
	      NULL);
	for (int version = 0; version <= 2; version += 2) {
		for (int line = 1; line <= 4; line++) {
			if (line == 2)
				continue;
			out = shell(
				z,
				arena_strf(
					z->arena,
					"rm -rf c; git init -q c; cd c; git -c protocol.version=%d "
					"fetch $URL/1 $(sed -n %dp ../oids)",
					version, line),
				&status);
			if (status == 0 || (version == 2 && !holds(out, "not our ref")))
				fail_msg("version %d gave out line %d: %.*s", version, line,
					 STR_FMT(out));
		}
	}
	shell(z, "rm -rf c; git init -q c; cd c; git fetch -q $URL/1 $(sed -n 2p ../oids)", NULL);
	shell(z,
	      "rm -rf c; git init -q c; cd c; git fetch -q $URL/1 $(sed -n 5p ../oids) && exit 1; "
	      "true",
	      &status);
	shell(z,
	      "git clone -q --filter=blob:none --no-checkout $URL/1 partial; cd partial;"
	      "git checkout -q main~1; cat f1 | grep -x 1",
	      NULL);
	test_zygote_close(z);
}

RUN_TESTS(TEST(a_pushed_commit_can_be_cloned_in_every_version), TEST(pushes_of_every_shape_land),
	  TEST(a_refusal_is_told_and_the_rest_lands),
	  TEST(trees_that_would_harm_a_checkout_are_refused),
	  TEST(submodules_and_old_histories_are_accepted),
	  TEST(depth_length_and_size_have_limits_that_are_told),
	  TEST(broken_clients_get_a_sentence_and_leave_nothing),
	  TEST(names_that_could_be_misread_are_refused),
	  TEST(only_what_a_visible_ref_reaches_is_given_out))
