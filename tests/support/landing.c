#include "support/landing.h"

#include "support/check.h"

#include "base/mem.h"
#include "domain/project.h"
#include "domain/user.h"

static void make_people(struct test_landing *t)
{
	const struct actor system = actor_system();
	const struct user_new in = { .username = STR("ada"), .email = STR("ada@example.com") };
	struct project_at_path at = { .path = STR("test/project"),
				      .visibility = VISIBILITY_PRIVATE };
	struct user_door door = { 0 };
	struct user user;
	struct project project;
	struct err e = { 0 };
	AUTO_DB db = NULL;

	check_ok(db_acquire(t->database->pool, &db, &e), &e);
	door.db = db;
	check_ok(user_create(&door, &system, &in, t->database->arena, &user, &e), &e);
	at.owner = user.id;
	check_ok(project_create_at(db, &system, &at, t->database->arena, &project, &e), &e);
	check_ok(project_note_repository(db, project.id, &e), &e);
	t->project = project.id;
	t->actor = (struct actor){ .kind = ACTOR_SESSION,
				   .user = user.id,
				   .namespace = user.namespace,
				   .username = user.username,
				   .name = user.name,
				   .email = user.email,
				   .scopes = SCOPE_SESSION,
				   .request_id = STR("test") };
}

struct test_landing *test_landing_open(void)
{
	struct test_landing *t = MEM_NEW(struct test_landing);

	t->database = test_database_open();
	t->zygote = test_zygote_open();
	make_people(t);
	test_zygote_init(t->zygote, t->project.v);
	return t;
}

void test_landing_close(struct test_landing *t)
{
	test_zygote_close(t->zygote);
	test_database_close(t->database);
	mem_free(t);
}

struct str test_landing_shell(struct test_landing *t, const char *script, int *status)
{
	return test_zygote_shell(
		t->zygote,
		arena_strf(t->zygote->arena,
			   "export FRONT_DATABASE='%s' FRONT_USER=%lld P=$URL/%lld R=%s; %s",
			   t->database->conninfo, (long long)t->actor.user.v,
			   (long long)t->project.v, test_zygote_repo(t->zygote, t->project.v),
			   script),
		status);
}

struct landing_request test_landing_request(struct test_landing *t, enum push_source source)
{
	return (struct landing_request){ .db = t->database->pool,
					 .run = t->zygote->folder,
					 .actor = &t->actor,
					 .project = t->project,
					 .project_path = STR("test/project"),
					 .source = source };
}

struct str test_landing_ref(struct test_landing *t, const char *name)
{
	return str_trim(test_landing_shell(
		t, arena_strf(t->zygote->arena, "git -C $R rev-parse -q --verify %s || true", name),
		NULL));
}

void test_landing_check_sound(struct test_landing *t)
{
	struct str disk = test_landing_shell(
		t, "git -C $R for-each-ref --format='%(refname) %(objectname)'", NULL);
	const char *books = test_database_text(
		t->database,
		arena_strf(
			t->zygote->arena,
			"SELECT coalesce(string_agg(name || ' ' || oid || E'\\n', '' ORDER BY name "
			"COLLATE \"C\"), '') FROM ref WHERE project_id = %lld",
			(long long)t->project.v));

	check_str(disk, books);
	check_int(test_database_number(t->database, "SELECT sum(unsettled) FROM project"), 0);
	check_int(test_database_number(t->database,
				       "SELECT count(*) FROM push WHERE settled_at IS NULL"),
		  0);
	test_landing_shell(
		t,
		"git -C $R fsck --strict --no-dangling;"
		"! find $R -name '*.lock' -o -name 'incoming-*' -o -name 'tmp_*' | grep .",
		NULL);
}
