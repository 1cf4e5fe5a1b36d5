#include "support/merging.h"

#include "domain/event_handlers.h"
#include "domain/member.h"
#include "domain/user.h"
#include "git/repo.h"
#include "secret/secret.h"
#include "support/check.h"

#define WORK "git init -q w; cd w; git remote add origin $P;" COMMIT("1")

struct landing_request merging_by(struct merging *w, const struct actor *who)
{
	struct landing_request rq = test_landing_request(w->t, PUSH_SOURCE_PAGE);

	rq.actor = who;
	rq.instance = &w->instance;
	return rq;
}

static struct actor make_bob(struct merging *w)
{
	const struct actor system = actor_system();
	const struct user_new in = { .username = STR("bob"), .email = STR("bob@example.com") };
	const struct member_change level = { .level = LEVEL_MAINTAINER };
	struct member_change member = level;
	struct user_door door = { 0 };
	struct user user;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	door.db = db;
	check_ok(user_create(&door, &system, &in, w->a, &user, &w->e), &w->e);
	member.user = user.id;
	check_ok(member_create(db, &system, (struct member_place){ .project = w->t->project },
			       &member, &w->e),
		 &w->e);
	return user_actor(&user, ACTOR_SESSION);
}

struct merging *merging_open(void)
{
	struct test_landing *t = test_landing_open();
	struct merging *w = ARENA_NEW(t->database->arena, struct merging);
	struct secret_keys *keys;

	w->t = t;
	w->a = t->database->arena;
	check_ok(git_reader_open(t->zygote->folder, &w->reader, &w->e), &w->e);
	check_ok(secret_keys_open(arena_strf(w->a, "%s/keys", t->zygote->folder), true, &keys,
				  &w->e),
		 &w->e);
	w->instance = (struct instance){ .db = t->database->pool,
					 .run = t->zygote->folder,
					 .data = t->zygote->folder,
					 .reader = w->reader,
					 .secret = keys,
					 .url = STR("http://localhost"),
					 .ssh = STR("localhost:22") };
	w->bob = make_bob(w);
	test_landing_shell(t,
			   WORK "git push -q origin main; git switch -qc feature;" COMMIT(
				   "2") "git push -q origin feature",
			   NULL);
	return w;
}

void merging_close(struct merging *w)
{
	test_landing_check_sound(w->t);
	git_reader_close(w->reader);
	secret_keys_close(w->instance.secret);
	test_landing_close(w->t);
}

int64_t merging_request_to(struct merging *w, const char *source, const char *target)
{
	const struct merge_request_new in = { .source_branch = str_c(source),
					      .target_branch = str_c(target),
					      .title = STR("Add two"),
					      .has_remove_source = true };
	int64_t iid;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_request_create(db, &w->t->actor, w->t->project, &in, w->a, &iid, &w->e),
		 &w->e);
	return iid;
}

int64_t merging_request(struct merging *w)
{
	return merging_request_to(w, "feature", "main");
}

struct merge_request merging_look(struct merging *w, int64_t iid)
{
	const struct landing_request rq = merging_by(w, &w->t->actor);
	struct merge_request mr = { 0 };

	check_ok(merge_request_refresh(&rq, iid, w->a, &mr, &w->e), &w->e);
	return mr;
}

struct merge_blockers merging_blockers(struct merging *w, int64_t iid)
{
	struct merge_request mr = merging_look(w, iid);
	struct merge_blockers blockers;
	struct merge_facts facts;
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_gate_load(db, &mr, false, w->a, &facts, &w->e), &w->e);
	merge_gate_judge(&facts, w->a, &blockers);
	return blockers;
}

int merging_merge(struct merging *w, const struct actor *who, int64_t iid,
		  struct merge_options options, struct merge_result *result)
{
	const struct landing_request rq = merging_by(w, who);

	*result = (struct merge_result){ 0 };
	err_clear(&w->e);
	return merge_request_merge(&rq, iid, &options, w->a, result, &w->e);
}

void merging_set(struct merging *w, struct merge_setting setting)
{
	AUTO_DB db = NULL;

	check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
	check_ok(merge_setting_update(db, &w->t->actor, w->t->project, &setting, &w->e), &w->e);
}

struct str merging_git(struct merging *w, const char *args)
{
	return str_trim(test_landing_shell(w->t, arena_strf(w->a, "git -C $R %s", args), NULL));
}

void merging_events(struct merging *w)
{
	const struct event_context context = { .db = w->t->database->pool,
					       .run = w->t->zygote->folder,
					       .data = w->t->zygote->folder,
					       .instance = &w->instance };

	for (;;) {
		struct event event;
		bool found;
		AUTO_DB db = NULL;

		check_ok(db_acquire(w->t->database->pool, &db, &w->e), &w->e);
		check_ok(event_claim(db, w->a, &event, &found, &w->e), &w->e);
		if (!found)
			return;
		check_ok(event_handle(&context, &event, w->a, &w->e), &w->e);
		check_ok(event_done(db, &event, &w->e), &w->e);
	}
}

void check_contains(struct str text, const char *part)
{
	if (str_find_str(text, str_c(part)) == text.n)
		fail_msg("\"%s\" is not in:\n%.*s", part, STR_FMT(text));
}
