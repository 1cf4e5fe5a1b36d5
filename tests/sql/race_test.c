/* Two people at the same moment: exactly one of them may win. */
#include "support/domain.h"

#include <pthread.h>

struct racer {
	struct domain *w;
	int (*act)(struct db *db, const struct racer *r, struct err *e);
	struct actor actor;
	struct user_id other;
	struct member_place place;
	const char *name;
	pthread_barrier_t *start;
	int code;
};

static void *run(void *closure)
{
	struct racer *r = closure;
	struct db *db = NULL;
	struct err e;

	r->code = db_acquire(r->w->database->pool, &db, &e);
	pthread_barrier_wait(r->start);
	if (r->code == 0)
		r->code = r->act(db, r, &e);
	db_release(db);
	return NULL;
}

/* Runs both at once; how many of them succeeded. */
static int race(struct racer racers[static 2])
{
	pthread_barrier_t start;
	pthread_t threads[2];

	pthread_barrier_init(&start, NULL, 2);
	for (size_t i = 0; i < 2; i++) {
		racers[i].start = &start;
		check_int(pthread_create(&threads[i], NULL, run, &racers[i]), 0);
	}
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
	return (racers[0].code == 0) + (racers[1].code == 0);
}

static int remove_other(struct db *db, const struct racer *r, struct err *e)
{
	return member_remove(db, &r->actor, r->place, r->other, e);
}

static void of_two_owners_who_remove_each_other_one_stays(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");

	domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	struct member_place team = { .namespace = domain_namespace(w, "team") };
	for (int i = 0; i < 10; i++) {
		struct racer racers[2] = {
			{ .w = w,
			  .act = remove_other,
			  .actor = ann,
			  .other = bob.user,
			  .place = team },
			{ .w = w,
			  .act = remove_other,
			  .actor = bob,
			  .other = ann.user,
			  .place = team },
		};

		test_database_exec(w->database,
				   "DELETE FROM member WHERE namespace_id IS NOT NULL");
		domain_member(w, team, &ann, LEVEL_OWNER);
		domain_member(w, team, &bob, LEVEL_OWNER);
		check_int(race(racers), 1);
		check_int(test_database_number(w->database,
					       arena_strf(w->a,
							  "SELECT count(*) FROM member WHERE "
							  "namespace_id = %lld AND level = 50",
							  (long long)team.namespace.v)),
			  1);
	}
	domain_close(w);
}

static int block_other(struct db *db, const struct racer *r, struct err *e)
{
	return user_block(db, &r->actor, r->other, e);
}

static void of_two_administrators_who_block_each_other_one_stays(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_admin(w, "ann");
	struct actor bob = domain_admin(w, "bob");

	for (int i = 0; i < 10; i++) {
		struct racer racers[2] = {
			{ .w = w, .act = block_other, .actor = ann, .other = bob.user },
			{ .w = w, .act = block_other, .actor = bob, .other = ann.user },
		};

		test_database_exec(w->database, "UPDATE users SET state = 'active'");
		check_int(race(racers), 1);
		check_int(test_database_number(w->database, "SELECT count(*) FROM users "
							    "WHERE state = 'active' AND is_admin"),
			  1);
	}
	domain_close(w);
}

static int take_name(struct db *db, const struct racer *r, struct err *e)
{
	struct arena *a = arena_open(0);
	const struct group_new in = { .segment = str_c(r->name) };
	struct namespace group;
	int code = group_create(db, &r->actor, &in, a, &group, e);

	arena_close(a);
	return code;
}

static void a_name_is_given_once(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");

	for (int i = 0; i < 10; i++) {
		const char *lower = arena_strf(w->a, "team%d", i);
		const char *upper = arena_strf(w->a, "TEAM%d", i);
		struct racer racers[2] = {
			{ .w = w, .act = take_name, .actor = ann, .name = lower },
			{ .w = w, .act = take_name, .actor = bob, .name = upper },
		};

		check_int(race(racers), 1);
	}
	check_int(test_database_number(w->database,
				       "SELECT count(*) FROM namespace WHERE kind = 'group'"),
		  10);
	domain_close(w);
}

RUN_TESTS(TEST(of_two_owners_who_remove_each_other_one_stays),
	  TEST(of_two_administrators_who_block_each_other_one_stays), TEST(a_name_is_given_once))
