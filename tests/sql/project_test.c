/* Groups and projects, their names and addresses. */
#include "support/domain.h"

#include "domain/protected_ref.h"

static void missing_groups_are_made_and_owned(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_access found;

	domain_project(w, "Team/sub/App", &ann, VISIBILITY_INTERNAL);
	check_ok(access_find_project(w->db, &ann, STR("team/SUB/app"), w->a, &found, &w->e), &w->e);
	check_true(found.target.exists && !found.was_moved);
	check_str(found.project.path, "Team/sub/App");
	check_str(found.project.full_name, "Team / sub / App");
	check_str(found.project.namespace_path, "Team/sub");
	check_int(found.target.level, LEVEL_OWNER);
	check_int(found.unsettled, 0);
	check_true(found.project.is_empty && !found.project.has_repository);
	domain_close(w);
}

static void main_and_stage_are_protected_from_birth(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_id app = domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	struct protected_refs refs;
	struct protected_ref rule;

	check_ok(protected_ref_list(w->db, app, w->a, &refs, &w->e), &w->e);
	check_int(refs.count, 2);
	check_true(protected_ref_effective(&refs, PROTECTED_BRANCH, STR("main"), &rule));
	check_int(rule.push_level, LEVEL_MAINTAINER);
	check_int(rule.force_level, LEVEL_NONE);
	check_true(protected_ref_effective(&refs, PROTECTED_BRANCH, STR("stage"), &rule));
	domain_close(w);
}

static void names_are_unique_among_groups_users_and_projects(void **state UNUSED)
{
	static const char *const taken[] = { "ann/app", "ANN/APP", "ann/App" };
	const struct actor system = actor_system();
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project project;
	struct user user;

	domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	domain_project(w, "team/tool/x", &ann, VISIBILITY_PRIVATE);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		const struct project_at_path in = { .path = str_c(taken[i]), .owner = ann.user };

		check_err(project_create_at(w->db, &system, &in, w->a, &project, &w->e), &w->e,
			  ERR_CONFLICT, "is taken already");
	}
	const struct project_at_path group = { .path = STR("Team/Tool"), .owner = ann.user };
	check_err(project_create_at(w->db, &system, &group, w->a, &project, &w->e), &w->e,
		  ERR_CONFLICT, "is taken already");
	const struct user_new new_user = { .username = STR("TEAM"), .email = STR("x@example.org") };
	check_err(user_create(&w->door, &system, &new_user, w->a, &user, &w->e), &w->e,
		  ERR_CONFLICT, "TEAM is taken already");
	domain_close(w);
}

static void a_failed_creation_leaves_nothing_behind(void **state UNUSED)
{
	const struct actor system = actor_system();
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct project_at_path in = { .path = STR("fresh/group/bad name"),
					    .owner = ann.user };
	struct project project;

	check_err(project_create_at(w->db, &system, &in, w->a, &project, &w->e), &w->e,
		  ERR_UNPROCESSABLE, "cannot be the name of a project");
	check_int(test_database_number(w->database,
				       "SELECT count(*) FROM address WHERE key LIKE 'fresh%'"),
		  0);
	check_int(test_database_number(w->database, "SELECT count(*) FROM project"), 0);
	domain_close(w);
}

static void a_renamed_project_is_found_by_its_old_path_until_it_is_taken(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_id app = domain_project(w, "ann/old", &ann, VISIBILITY_PRIVATE);
	struct project_access found;
	struct project project;

	check_ok(project_rename(w->db, &ann, app, STR("next"), (struct namespace_id){ 0 }, w->a,
				&project, &w->e),
		 &w->e);
	check_str(project.path, "ann/next");
	check_ok(access_find_project(w->db, &ann, STR("ann/old"), w->a, &found, &w->e), &w->e);
	check_true(found.was_moved);
	check_str(found.project.path, "ann/next");
	struct project_id other = domain_project(w, "ann/old", &ann, VISIBILITY_PRIVATE);
	check_ok(access_find_project(w->db, &ann, STR("ann/old"), w->a, &found, &w->e), &w->e);
	check_true(!found.was_moved && found.project.id.v == other.v);
	domain_close(w);
}

static void an_old_path_tells_a_stranger_nothing(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor eve = domain_user(w, "eve");
	struct project_id app = domain_project(w, "ann/old", &ann, VISIBILITY_PRIVATE);
	struct project_access found;
	struct project project;

	check_ok(project_rename(w->db, &ann, app, STR("next"), (struct namespace_id){ 0 }, w->a,
				&project, &w->e),
		 &w->e);
	check_err(access_get_project(w->db, &eve, STR("ann/old"), ACTION_PROJECT_VIEW, w->a, &found,
				     &w->e),
		  &w->e, ERR_NOT_FOUND, "nothing here");
	domain_close(w);
}

static void a_renamed_group_takes_all_below_along(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct group_change change = { .segment = STR("crew") };
	struct project_access found;
	struct namespace group;

	domain_project(w, "team/sub/app", &ann, VISIBILITY_PRIVATE);
	domain_project(w, "team2/app", &ann, VISIBILITY_PRIVATE);
	check_ok(group_update(w->db, &ann, domain_namespace(w, "team"), &change, w->a, &group,
			      &w->e),
		 &w->e);
	check_str(group.path, "crew");
	check_ok(access_find_project(w->db, &ann, STR("crew/sub/app"), w->a, &found, &w->e), &w->e);
	check_true(found.target.exists && !found.was_moved);
	check_str(found.project.path, "crew/sub/app");
	check_ok(access_find_project(w->db, &ann, STR("team/sub/app"), w->a, &found, &w->e), &w->e);
	check_true(found.was_moved);
	check_ok(access_find_project(w->db, &ann, STR("team2/app"), w->a, &found, &w->e), &w->e);
	check_true(found.target.exists && !found.was_moved);
	domain_close(w);
}

static void a_group_can_go_back_to_its_old_name_and_change_case(void **state UNUSED)
{
	static const char *const names[] = { "crew", "team", "TEAM", "Crew" };
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct namespace group;

	domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	struct namespace_id id = domain_namespace(w, "team");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct group_change change = { .segment = str_c(names[i]) };
		struct project_access found;

		check_ok(group_update(w->db, &ann, id, &change, w->a, &group, &w->e), &w->e);
		check_str(group.path, names[i]);
		check_ok(access_find_project(w->db, &ann, arena_fmt(w->a, "%s/app", names[i]), w->a,
					     &found, &w->e),
			 &w->e);
		check_true(found.target.exists && !found.was_moved);
		check_str(found.project.namespace_path, names[i]);
	}
	domain_close(w);
}

static void a_move_into_something_that_stands_there_changes_nothing(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct group_change change = { .segment = STR("crew") };
	struct project_access found;
	struct namespace group;

	domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	domain_project(w, "crew/app", &ann, VISIBILITY_PRIVATE);
	check_err(group_update(w->db, &ann, domain_namespace(w, "team"), &change, w->a, &group,
			       &w->e),
		  &w->e, ERR_CONFLICT, "crew is taken already");
	check_ok(access_find_project(w->db, &ann, STR("team/app"), w->a, &found, &w->e), &w->e);
	check_true(found.target.exists && !found.was_moved);
	domain_close(w);
}

static void moving_to_another_group_needs_rights_there(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");
	struct project_id app = domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	struct project project;

	domain_project(w, "crew/x", &bob, VISIBILITY_PRIVATE);
	struct namespace_id crew = domain_namespace(w, "crew");
	check_err(project_rename(w->db, &ann, app, STR_NONE, crew, w->a, &project, &w->e), &w->e,
		  ERR_NOT_FOUND, "");
	domain_member(w, (struct member_place){ .namespace = crew }, &ann, LEVEL_DEVELOPER);
	check_ok(project_rename(w->db, &ann, app, STR_NONE, crew, w->a, &project, &w->e), &w->e);
	check_str(project.path, "crew/app");
	domain_close(w);
}

static void an_archived_project_is_read_only_and_can_come_back(void **state UNUSED)
{
	const struct project_change change = { .description = STR("x") };
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_id app = domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	struct project project;

	check_ok(project_archive(w->db, &ann, app, &w->e), &w->e);
	check_err(project_update(w->db, &ann, app, &change, w->a, &project, &w->e), &w->e,
		  ERR_FORBIDDEN, "is archived");
	check_ok(project_unarchive(w->db, &ann, app, &w->e), &w->e);
	check_ok(project_update(w->db, &ann, app, &change, w->a, &project, &w->e), &w->e);
	check_str(project.description, "x");
	domain_close(w);
}

static void a_deleted_project_is_gone_for_all_and_its_path_is_free(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor root = domain_admin(w, "boss");
	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_PUBLIC);
	struct project_access found;

	check_ok(project_remove(w->db, &ann, app, &w->e), &w->e);
	check_err(project_remove(w->db, &ann, app, &w->e), &w->e, ERR_NOT_FOUND, "");
	check_ok(access_find_project(w->db, &root, STR("team/app"), w->a, &found, &w->e), &w->e);
	check_false(found.target.exists);
	domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	domain_close(w);
}

static void a_group_is_removed_only_when_it_is_empty(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	struct namespace_id team = domain_namespace(w, "team");

	check_err(group_remove(w->db, &ann, team, &w->e), &w->e, ERR_CONFLICT, "is not empty");
	check_ok(project_remove(w->db, &ann, app, &w->e), &w->e);
	check_ok(group_remove(w->db, &ann, team, &w->e), &w->e);
	domain_user(w, "team");
	domain_close(w);
}

static void nothing_is_more_visible_than_its_group(void **state UNUSED)
{
	const struct project_change wide = { .has_visibility = true,
					     .visibility = VISIBILITY_PUBLIC };
	const struct group_change narrow = { .has_visibility = true,
					     .visibility = VISIBILITY_PRIVATE };
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_INTERNAL);
	struct project project;
	struct namespace group;

	check_err(project_update(w->db, &ann, app, &wide, w->a, &project, &w->e), &w->e,
		  ERR_UNPROCESSABLE, "cannot be public");
	check_err(group_update(w->db, &ann, domain_namespace(w, "team"), &narrow, w->a, &group,
			       &w->e),
		  &w->e, ERR_UNPROCESSABLE, "while something in it is internal");
	domain_close(w);
}

static void lists_show_what_the_viewer_can_see(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor eve = domain_user(w, "eve");
	struct actor boss = domain_admin(w, "boss");
	const struct actor nobody = actor_anonymous();
	const struct project_filter all = { .namespace = { 0 } };
	const struct {
		const struct actor *who;
		int64_t sees;
	} cases[] = { { &ann, 3 }, { &eve, 2 }, { &boss, 3 }, { &nobody, 1 } };
	struct projects list;

	domain_project(w, "ann/secret", &ann, VISIBILITY_PRIVATE);
	domain_project(w, "ann/house", &ann, VISIBILITY_INTERNAL);
	domain_project(w, "ann/open", &ann, VISIBILITY_PUBLIC);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_ok(project_list(w->db, cases[i].who, &all, LISTING_FIRST, w->a, &list, &w->e),
			 &w->e);
		check_int(list.total, cases[i].sees);
		check_int(list.count, cases[i].sees);
	}
	const struct project_filter search = { .search = STR("HOU") };
	check_ok(project_list(w->db, &eve, &search, LISTING_FIRST, w->a, &list, &w->e), &w->e);
	check_int(list.count, 1);
	domain_close(w);
}

static void groups_nest_twenty_deep_and_not_more(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct namespace_id at = { 0 };
	struct namespace group;

	for (int i = 1; i <= NAMESPACE_DEPTH_MAX; i++) {
		const struct group_new in = { .parent = at, .segment = STR("deep") };

		check_ok(group_create(w->db, &ann, &in, w->a, &group, &w->e), &w->e);
		at = group.id;
	}
	const struct group_new one_more = { .parent = at, .segment = STR("deep") };
	check_err(group_create(w->db, &ann, &one_more, w->a, &group, &w->e), &w->e,
		  ERR_UNPROCESSABLE, "at most 20 deep");
	domain_close(w);
}

RUN_TESTS(TEST(missing_groups_are_made_and_owned), TEST(main_and_stage_are_protected_from_birth),
	  TEST(names_are_unique_among_groups_users_and_projects),
	  TEST(a_failed_creation_leaves_nothing_behind),
	  TEST(a_renamed_project_is_found_by_its_old_path_until_it_is_taken),
	  TEST(an_old_path_tells_a_stranger_nothing), TEST(a_renamed_group_takes_all_below_along),
	  TEST(a_group_can_go_back_to_its_old_name_and_change_case),
	  TEST(a_move_into_something_that_stands_there_changes_nothing),
	  TEST(moving_to_another_group_needs_rights_there),
	  TEST(an_archived_project_is_read_only_and_can_come_back),
	  TEST(a_deleted_project_is_gone_for_all_and_its_path_is_free),
	  TEST(a_group_is_removed_only_when_it_is_empty),
	  TEST(nothing_is_more_visible_than_its_group), TEST(lists_show_what_the_viewer_can_see),
	  TEST(groups_nest_twenty_deep_and_not_more))
