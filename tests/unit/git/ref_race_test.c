#include "support/check.h"
#include "support/gitbox.h"

#include "git/ref_snapshot.h"

#include "base/fs.h"

#include <pthread.h>
#include <stdatomic.h>

#define ROUNDS "60"

/*
 * git makes, moves and deletes refs and packs them all the while; `progress`
 * tells how far it surely is.
 */
#define SCRIPT                                                                      \
	"cd repo.git; c=$(git commit-tree -m m $(git mktree </dev/null));"          \
	"d=$(git commit-tree -p $c -m n $(git mktree </dev/null));"                 \
	"git update-ref refs/heads/moving $c; i=1; while [ $i -le " ROUNDS " ]; do" \
	" git update-ref refs/heads/n/$i $c; git update-ref refs/heads/gone $c;"    \
	" echo $i >../p.new; mv ../p.new ../progress;"                              \
	" git pack-refs --all --prune; git update-ref refs/heads/moving $d;"        \
	" git update-ref -d refs/heads/gone; git update-ref refs/heads/moving $c;"  \
	" i=$((i+1)); done"

struct writer {
	struct gitbox *box;
	atomic_bool done;
	int status;
};

static void *write_refs(void *closure)
{
	struct writer *writer = closure;

	writer->status = gitbox_try(writer->box, SCRIPT);
	atomic_store(&writer->done, true);
	return NULL;
}

static int64_t progress(const struct gitbox *box, struct arena *a)
{
	char path[128];
	struct err ignored = { 0 };
	struct str text;
	int64_t value;

	snprintf(path, sizeof(path), "%s/progress", box->folder);
	if (fs_read(a, path, 100, &text, &ignored) || !str_to_i64(str_trim(text), &value))
		return 0;
	return value;
}

static void check_scan(const struct gitbox *box, struct arena *a)
{
	int64_t surely = progress(box, a);
	struct ref_snapshot *s = NULL;
	struct err e = { 0 };
	char name[64];

	check_ok(ref_snapshot_scan(box->repo, NULL, &s, &e), &e);
	for (int64_t i = 1; i <= surely; i++) {
		snprintf(name, sizeof(name), "refs/heads/n/%ld", (long)i);
		if (ref_snapshot_find(s, str_c(name)) == NULL)
			fail_msg("%s is lost", name);
	}
	if (surely && ref_snapshot_find(s, STR("refs/heads/moving")) == NULL)
		fail_msg("the moving branch is lost");
	for (size_t i = 1; i < s->count; i++)
		check_true(str_cmp(s->refs[i - 1].name, s->refs[i].name) < 0);
	ref_snapshot_unref(s);
}

static void no_ref_is_lost_while_git_packs_refs(void **state UNUSED)
{
	struct gitbox *box = gitbox_open();
	struct writer writer = { .box = box };
	pthread_t thread;
	unsigned scans = 0;

	atomic_init(&writer.done, false);
	assert_int_equal(pthread_create(&thread, NULL, write_refs, &writer), 0);
	while (!atomic_load(&writer.done)) {
		struct arena *a = arena_open(0);

		check_scan(box, a);
		arena_close(a);
		scans++;
	}
	pthread_join(thread, NULL);
	check_int(writer.status, 0);
	check_true(scans > 20);
	gitbox_close(box);
}

RUN_TESTS(TEST(no_ref_is_lost_while_git_packs_refs))
