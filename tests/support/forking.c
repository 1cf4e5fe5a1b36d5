#include "support/forking.h"

#include "domain/user.h"
#include "support/check.h"

struct actor forking_person(struct merging *w, const char *name)
{
	const struct actor system = actor_system();
	const struct user_new in = { .username = str_c(name),
				     .email = arena_fmt(w->a, "%s@example.com", name) };
	struct user_door door = { 0 };
	struct user user;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	door.db = db;
	check_ok(user_create(&door, &system, &in, w->a, &user, &w->e), &w->e);
	return user_actor(&user, ACTOR_SESSION);
}

struct project forking_make(struct merging *w, const struct actor *who)
{
	const struct fork_new in = { 0 };
	struct project fork = { 0 };
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(project_fork(db, who, w->t->project, &in, w->a, &fork, &w->e), &w->e);
	return fork;
}

void forking_init(struct merging *w, const struct project *fork)
{
	AUTO_DB db = NULL;

	test_zygote_init(w->t->zygote, fork->id.v);
	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(project_note_repository(db, fork->id, &w->e), &w->e);
}

void forking_copy(struct merging *w)
{
	const struct event_context context = { .db = w->t->database->pool,
					       .run = w->t->zygote->folder,
					       .data = w->t->zygote->folder,
					       .instance = &w->instance };
	bool found = true;

	while (found)
		check_ok(fork_copy_next(&context, w->a, &found, &w->e), &w->e);
}

struct fork_facts forking_facts(struct merging *w, struct project_id project)
{
	struct fork_facts facts = { 0 };
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(fork_facts_get(db, project, w->a, &facts, &w->e), &w->e);
	return facts;
}

struct str forking_git(struct merging *w, struct project_id project, const char *args)
{
	return str_trim(test_zygote_shell(
		w->t->zygote,
		arena_strf(w->a, "git -C %s %s", test_zygote_repo(w->t->zygote, project.v), args),
		NULL));
}

struct str forking_shell(struct merging *w, const struct actor *who, struct project_id project,
			 const char *script)
{
	return test_landing_shell(
		w->t,
		arena_strf(w->a,
			   "export FRONT_USER=%lld F=$URL/%lld; test -d f%lld || git clone -q $F "
			   "f%lld 2>/dev/null; cd f%lld; %s",
			   (long long)who->user.v, (long long)project.v, (long long)project.v,
			   (long long)project.v, (long long)project.v, script),
		NULL);
}
