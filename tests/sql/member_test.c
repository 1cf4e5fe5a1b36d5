/* Levels, inheritance, and who may change whom. */
#include "support/domain.h"

static void the_highest_level_along_the_way_counts(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");
	struct project_id app = domain_project(w, "team/sub/app", &ann, VISIBILITY_PRIVATE);
	struct project_id other = domain_project(w, "team2/app", &ann, VISIBILITY_PRIVATE);

	check_int(domain_level(w, &bob, app), LEVEL_NONE);
	domain_member(w, (struct member_place){ .namespace = domain_namespace(w, "team") }, &bob,
		      LEVEL_REPORTER);
	check_int(domain_level(w, &bob, app), LEVEL_REPORTER);
	domain_member(w, (struct member_place){ .project = app }, &bob, LEVEL_GUEST);
	check_int(domain_level(w, &bob, app), LEVEL_REPORTER);
	domain_member(w, (struct member_place){ .namespace = domain_namespace(w, "team/sub") },
		      &bob, LEVEL_MAINTAINER);
	check_int(domain_level(w, &bob, app), LEVEL_MAINTAINER);
	check_int(domain_level(w, &bob, other), LEVEL_NONE);
	domain_close(w);
}

static void an_ended_membership_counts_no_more(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");
	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	struct project_access found;

	domain_member(w, (struct member_place){ .project = app }, &bob, LEVEL_DEVELOPER);
	test_database_exec(
		w->database,
		"UPDATE member SET expires_at = now() - interval '1 second' WHERE level = 30");
	check_int(domain_level(w, &bob, app), LEVEL_NONE);
	check_err(access_get_project(w->db, &bob, STR("team/app"), ACTION_PROJECT_VIEW, w->a,
				     &found, &w->e),
		  &w->e, ERR_NOT_FOUND, "");
	domain_close(w);
}

static void nobody_gives_or_takes_a_level_above_their_own(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor max = domain_user(w, "max");
	struct actor bob = domain_user(w, "bob");
	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	struct member_place place = { .project = app };
	const struct member_change owner = { .user = bob.user, .level = LEVEL_OWNER };
	const struct member_change maintainer = { .user = bob.user, .level = LEVEL_MAINTAINER };

	domain_member(w, place, &max, LEVEL_MAINTAINER);
	check_err(member_create(w->db, &max, place, &owner, &w->e), &w->e, ERR_FORBIDDEN,
		  "you cannot make somebody owner");
	check_ok(member_create(w->db, &max, place, &maintainer, &w->e), &w->e);
	check_err(member_update(w->db, &max, place, &owner, &w->e), &w->e, ERR_FORBIDDEN, "owner");
	check_ok(member_update(w->db, &ann, place, &owner, &w->e), &w->e);
	check_err(member_update(w->db, &max, place, &maintainer, &w->e), &w->e, ERR_FORBIDDEN,
		  "change a member who is owner");
	check_err(member_remove(w->db, &max, place, bob.user, &w->e), &w->e, ERR_FORBIDDEN,
		  "remove a member who is owner");
	domain_close(w);
}

static void developers_change_no_members(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor dev = domain_user(w, "dev");
	struct actor bob = domain_user(w, "bob");
	struct member_place place = { .project = domain_project(w, "team/app", &ann,
								VISIBILITY_PRIVATE) };
	const struct member_change guest = { .user = bob.user, .level = LEVEL_GUEST };

	domain_member(w, place, &dev, LEVEL_DEVELOPER);
	check_err(member_create(w->db, &dev, place, &guest, &w->e), &w->e, ERR_FORBIDDEN,
		  "at least maintainer");
	check_err(member_create(w->db, &bob, place, &guest, &w->e), &w->e, ERR_NOT_FOUND, "");
	check_err(member_create(w->db, &ann, place,
				&(struct member_change){ .user = dev.user, .level = LEVEL_GUEST },
				&w->e),
		  &w->e, ERR_CONFLICT, "is a member of team/app already");
	domain_close(w);
}

static void a_group_keeps_its_last_owner(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");

	domain_project(w, "team/sub/app", &ann, VISIBILITY_PRIVATE);
	struct member_place team = { .namespace = domain_namespace(w, "team") };
	struct member_place sub = { .namespace = domain_namespace(w, "team/sub") };
	const struct member_change down = { .user = ann.user, .level = LEVEL_GUEST };
	const struct member_change ends = { .user = ann.user,
					    .level = LEVEL_OWNER,
					    .has_expires_at = true,
					    .expires_at = { instant_now().us + 60000000 } };

	check_err(member_remove(w->db, &ann, team, ann.user, &w->e), &w->e, ERR_CONFLICT,
		  "the last owner of team");
	check_err(member_update(w->db, &ann, team, &down, &w->e), &w->e, ERR_CONFLICT,
		  "last owner");
	check_err(member_update(w->db, &ann, team, &ends, &w->e), &w->e, ERR_CONFLICT,
		  "last owner");
	domain_member(w, sub, &bob, LEVEL_OWNER);
	check_ok(member_remove(w->db, &bob, sub, bob.user, &w->e), &w->e);
	domain_member(w, team, &bob, LEVEL_OWNER);
	check_ok(member_remove(w->db, &ann, team, ann.user, &w->e), &w->e);
	domain_close(w);
}

static void anyone_may_leave_and_a_removal_works_at_once(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");
	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	struct member_place place = { .project = app };

	domain_member(w, place, &bob, LEVEL_GUEST);
	check_ok(member_remove(w->db, &bob, place, bob.user, &w->e), &w->e);
	check_int(domain_level(w, &bob, app), LEVEL_NONE);
	check_err(member_remove(w->db, &ann, place, bob.user, &w->e), &w->e, ERR_NOT_FOUND,
		  "no direct member");
	domain_close(w);
}

static void lists_tell_where_a_level_comes_from(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");
	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
	struct project_id own = domain_project(w, "bob/own", &bob, VISIBILITY_PRIVATE);
	struct member_place place = { .project = app };
	struct members list;
	struct member member;
	bool found;

	domain_member(w, place, &bob, LEVEL_DEVELOPER);
	check_ok(member_list(w->db, place, true, STR_NONE, LISTING_FIRST, w->a, &list, &w->e),
		 &w->e);
	check_int(list.count, 2);
	check_str(list.items[0]->username, "ann");
	check_str(list.items[0]->inherited_from, "team");
	check_false(list.items[1]->is_inherited);
	check_ok(member_list(w->db, place, false, STR_NONE, LISTING_FIRST, w->a, &list, &w->e),
		 &w->e);
	check_int(list.total, 1);
	check_ok(member_find(w->db, (struct member_place){ .project = own }, bob.user, true, w->a,
			     &member, &found, &w->e),
		 &w->e);
	check_true(found && member.level == LEVEL_OWNER);
	check_str(member.inherited_from, "bob");
	domain_close(w);
}

static void a_member_below_sees_the_group_as_a_guest(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");
	struct project_id app = domain_project(w, "team/sub/app", &ann, VISIBILITY_PRIVATE);
	struct namespace_access found;

	check_ok(access_find_namespace(w->db, &bob, STR("team"), w->a, &found, &w->e), &w->e);
	check_err(access_check(&bob, ACTION_GROUP_VIEW, &found.target, &w->e), &w->e, ERR_NOT_FOUND,
		  "");
	domain_member(w, (struct member_place){ .project = app }, &bob, LEVEL_OWNER);
	check_ok(access_find_namespace(w->db, &bob, STR("team"), w->a, &found, &w->e), &w->e);
	check_ok(access_check(&bob, ACTION_GROUP_VIEW, &found.target, &w->e), &w->e);
	check_err(access_check(&bob, ACTION_PROJECT_CREATE, &found.target, &w->e), &w->e,
		  ERR_FORBIDDEN, "at least developer of team");
	domain_close(w);
}

static void personal_namespaces_have_no_members(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor bob = domain_user(w, "bob");
	const struct member_change in = { .user = bob.user, .level = LEVEL_GUEST };

	check_err(member_create(w->db, &ann, (struct member_place){ .namespace = ann.namespace },
				&in, &w->e),
		  &w->e, ERR_UNPROCESSABLE, "no members");
	domain_close(w);
}

RUN_TESTS(TEST(the_highest_level_along_the_way_counts), TEST(an_ended_membership_counts_no_more),
	  TEST(nobody_gives_or_takes_a_level_above_their_own), TEST(developers_change_no_members),
	  TEST(a_group_keeps_its_last_owner), TEST(anyone_may_leave_and_a_removal_works_at_once),
	  TEST(lists_tell_where_a_level_comes_from), TEST(a_member_below_sees_the_group_as_a_guest),
	  TEST(personal_namespaces_have_no_members))
