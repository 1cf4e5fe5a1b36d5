#include "support/domain.h"

#include "base/fs.h"

#include <stdlib.h>

struct domain *domain_open(void)
{
	struct domain *w = test_calloc(1, sizeof(*w));

	w->database = test_database_open();
	w->a = arena_open(0);
	check_ok(db_acquire(w->database->pool, &w->db, &w->e), &w->e);
	test_folder(w->folder, sizeof(w->folder), "hearth-domain");
	check_ok(secret_keys_open(w->folder, true, &w->keys, &w->e), &w->e);
	w->door = (struct user_door){ w->db, NULL, w->keys };
	return w;
}

void domain_close(struct domain *w)
{
	db_release(w->db);
	secret_keys_close(w->keys);
	check_ok(fs_remove_tree(w->folder, &w->e), &w->e);
	arena_close(w->a);
	test_database_close(w->database);
	test_free(w);
}

static struct actor make_user(struct domain *w, const char *name, bool is_admin)
{
	const struct actor system = actor_system();
	const struct user_new in = { .username = str_c(name),
				     .email = arena_fmt(w->a, "%s@example.org", name),
				     .is_admin = is_admin };
	struct user user;

	check_ok(user_create(&w->door, &system, &in, w->a, &user, &w->e), &w->e);
	return user_actor(&user, ACTOR_SESSION);
}

struct actor domain_user(struct domain *w, const char *name)
{
	return make_user(w, name, false);
}

struct actor domain_admin(struct domain *w, const char *name)
{
	return make_user(w, name, true);
}

struct project_id domain_project(struct domain *w, const char *path, const struct actor *owner,
				 enum visibility visibility)
{
	const struct actor system = actor_system();
	const struct project_at_path in = { .path = str_c(path),
					    .owner = owner->user,
					    .visibility = visibility };
	struct project project;

	check_ok(project_create_at(w->db, &system, &in, w->a, &project, &w->e), &w->e);
	return project.id;
}

struct namespace_id domain_namespace(struct domain *w, const char *path)
{
	const struct actor system = actor_system();
	struct namespace_access found;

	check_ok(access_find_namespace(w->db, &system, str_c(path), w->a, &found, &w->e), &w->e);
	check_true(found.target.exists);
	return found.namespace.id;
}

void domain_member(struct domain *w, struct member_place place, const struct actor *who,
		   enum access_level level)
{
	const struct actor system = actor_system();
	const struct member_change in = { .user = who->user, .level = level };

	check_ok(member_create(w->db, &system, place, &in, &w->e), &w->e);
}

enum access_level domain_level(struct domain *w, const struct actor *who, struct project_id id)
{
	struct project_access found;

	check_ok(access_find_project_by_id(w->db, who, id, w->a, &found, &w->e), &w->e);
	return found.target.level;
}
