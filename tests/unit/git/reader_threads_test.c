#include "support/reading.h"

#include "git/generation.h"
#include "git/tree.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4
#define ROUNDS 60

struct shared {
	struct gitbox *box;
	struct git_reader *reader;
	atomic_uint failures;
};

static int read_once(struct shared *shared, struct arena *a)
{
	struct repo *repo = NULL;
	struct tree_listing listing;
	struct last_changes changes;
	struct place place;
	struct err e = { 0 };
	int result = repo_acquire_path(shared->reader, shared->box->repo, &repo, &e);

	if (result == 0)
		result = repo_locate(repo, STR(""), a, &place, &e);
	if (result == 0)
		result = tree_list(repo, &place.commit, STR(""), a, &listing, &e);
	if (result == 0)
		result = tree_last_changes(repo, &place.commit, STR(""), &listing, budget_page(), a,
					   &changes, &e);
	if (result == 0 && !changes.complete)
		result = -1;
	repo_release(repo);
	return result;
}

static void *read_many(void *closure)
{
	struct shared *shared = closure;

	for (int i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_open(0);

		if (read_once(shared, a))
			atomic_fetch_add(&shared->failures, 1);
		arena_close(a);
	}
	return NULL;
}

static void many_threads_read_while_refs_and_packs_change(void **state UNUSED)
{
	struct shared shared = { .box = gitbox_open() };
	struct git_generation *generation = NULL;
	pthread_t threads[THREADS];
	struct err e = { 0 };

	atomic_init(&shared.failures, 0);
	gitbox_run(shared.box,
		   "git clone -q repo.git w 2>&1; cd w; for i in 1 2 3 4 5; do echo $i >f$i;"
		   "git add .; git commit -qm $i; done; git push -q origin HEAD:main");
	check_ok(git_generation_open(shared.box->repo, true, &generation, &e), &e);
	check_ok(git_reader_open(shared.box->folder, &shared.reader, &e), &e);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_many, &shared), 0);
	for (int i = 0; i < 20; i++) {
		gitbox_run(shared.box,
			   "cd repo.git; git update-ref refs/heads/b%d main; git repack -adq", i);
		git_generation_bump_refs(generation);
		git_generation_bump_packs(generation);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check_int(atomic_load(&shared.failures), 0);
	git_reader_close(shared.reader);
	git_generation_close(generation);
	gitbox_close(shared.box);
}

RUN_TESTS(TEST(many_threads_read_while_refs_and_packs_change))
