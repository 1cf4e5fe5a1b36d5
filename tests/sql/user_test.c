/* People, passwords, links and sessions. */
#include "support/domain.h"

#include "domain/session.h"

#define GOOD "correct horse battery"

static struct user_credentials credentials(const char *login, const char *password)
{
	return (struct user_credentials){ str_c(login), str_c(password), STR("192.0.2.1") };
}

static void set_password(struct domain *w, const struct actor *who, const char *password)
{
	const struct actor system = actor_system();

	check_ok(user_set_password(&w->door, &system, who->user, str_c(password), &w->e), &w->e);
}

static void one_signs_in_by_name_or_address(void **state UNUSED)
{
	static const char *const logins[] = { "ann", "ANN", "ann@example.org", "Ann@Example.ORG" };
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct user user;

	set_password(w, &ann, GOOD);
	for (size_t i = 0; i < ARRAY_LEN(logins); i++) {
		const struct user_credentials in = credentials(logins[i], GOOD);

		check_ok(user_sign_in(&w->door, &in, w->a, &user, &w->e), &w->e);
		check_int(user.id.v, ann.user.v);
	}
	domain_close(w);
}

static void every_wrong_sign_in_gets_the_same_answer(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "ann", "wrong horse battery" },
		{ "nobody", GOOD },
		{ "bob", "" },
		{ "", "" },
		{ "ann\xff", GOOD },
		{ "bob", GOOD },
	};
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct user user;

	domain_user(w, "bob"); /* has no password */
	set_password(w, &ann, GOOD);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct user_credentials in = credentials(cases[i][0], cases[i][1]);

		check_int(user_sign_in(&w->door, &in, w->a, &user, &w->e), -ERR_UNAUTHENTICATED);
		check_c(w->e.text, "The name or the password is wrong.");
	}
	domain_close(w);
}

static void guessing_is_stopped_and_only_for_the_guesser(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct user_credentials wrong = credentials("ann", "wrong horse battery");
	struct user_credentials right = credentials("ann", GOOD);
	struct user user;

	set_password(w, &ann, GOOD);
	for (int i = 0; i < 10; i++)
		check_int(user_sign_in(&w->door, &wrong, w->a, &user, &w->e), -ERR_UNAUTHENTICATED);
	check_err(user_sign_in(&w->door, &right, w->a, &user, &w->e), &w->e, ERR_RATE_LIMITED,
		  "Too many tries. Wait ");
	right.ip = STR("192.0.2.2");
	check_ok(user_sign_in(&w->door, &right, w->a, &user, &w->e), &w->e);
	check_int(test_database_number(w->database,
				       "SELECT count(*) FROM rate_counter WHERE key LIKE '%ann%'"),
		  0);
	domain_close(w);
}

static void a_name_that_does_not_exist_is_limited_alike(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct user_credentials in = credentials("ghost", GOOD);
	struct user user;

	for (int i = 0; i < 10; i++)
		check_int(user_sign_in(&w->door, &in, w->a, &user, &w->e), -ERR_UNAUTHENTICATED);
	check_err(user_sign_in(&w->door, &in, w->a, &user, &w->e), &w->e, ERR_RATE_LIMITED, "");
	domain_close(w);
}

static void blocking_ends_everything(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor boss = domain_admin(w, "boss");
	struct actor ann = domain_user(w, "ann");
	struct user_credentials in = credentials("ann", GOOD);
	const struct session_new new = { .user = ann.user, .days = 14 };
	struct str token;
	struct session session;
	struct user user;
	bool found;

	set_password(w, &ann, GOOD);
	check_ok(session_create(w->db, &new, w->a, &token, &w->e), &w->e);
	check_ok(user_block(w->db, &boss, ann.user, &w->e), &w->e);
	check_ok(session_find(w->db, token, w->a, &ann, &session, &found, &w->e), &w->e);
	check_false(found);
	check_err(user_sign_in(&w->door, &in, w->a, &user, &w->e), &w->e, ERR_UNAUTHENTICATED,
		  "is blocked");
	in.password = STR("wrong horse battery");
	check_err(user_sign_in(&w->door, &in, w->a, &user, &w->e), &w->e, ERR_UNAUTHENTICATED,
		  "name or the password");
	check_err(session_create(w->db, &new, w->a, &token, &w->e), &w->e, ERR_UNAUTHENTICATED,
		  "blocked");
	domain_close(w);
}

static void the_last_administrator_stays(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor boss = domain_admin(w, "boss");
	struct actor ann = domain_user(w, "ann");

	check_err(user_block(w->db, &boss, boss.user, &w->e), &w->e, ERR_CONFLICT,
		  "last active administrator");
	check_err(user_set_admin(w->db, &boss, boss.user, false, &w->e), &w->e, ERR_CONFLICT,
		  "last active administrator");
	check_ok(user_set_admin(w->db, &boss, ann.user, true, &w->e), &w->e);
	check_ok(user_block(w->db, &boss, boss.user, &w->e), &w->e);
	domain_close(w);
}

static void only_administrators_make_and_block_users(void **state UNUSED)
{
	const struct user_new in = { .username = STR("new.one"), .email = STR("n@example.org") };
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct user user;

	check_err(user_create(&w->door, &ann, &in, w->a, &user, &w->e), &w->e, ERR_FORBIDDEN,
		  "Only administrators");
	check_err(user_block(w->db, &ann, ann.user, &w->e), &w->e, ERR_FORBIDDEN,
		  "Only administrators");
	domain_close(w);
}

static void a_link_sets_a_password_once(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor boss = domain_admin(w, "boss");
	struct actor ann = domain_user(w, "ann");
	struct user_credentials in = credentials("ann", GOOD);
	struct str token;
	struct user user;

	check_ok(user_link_create(w->db, &boss, ann.user, w->a, &token, &w->e), &w->e);
	check_ok(user_link_get(w->db, token, w->a, &user, &w->e), &w->e);
	check_str(user.username, "ann");
	check_err(user_link_use(&w->door, token, STR("short"), w->a, &user, &w->e), &w->e,
		  ERR_UNPROCESSABLE, "at least 12");
	check_ok(user_link_use(&w->door, token, STR(GOOD), w->a, &user, &w->e), &w->e);
	check_ok(user_sign_in(&w->door, &in, w->a, &user, &w->e), &w->e);
	check_err(user_link_use(&w->door, token, STR("another long password"), w->a, &user, &w->e),
		  &w->e, ERR_GONE, "used already");
	check_err(user_link_get(w->db, STR("hlink-nonsense"), w->a, &user, &w->e), &w->e, ERR_GONE,
		  "");
	domain_close(w);
}

static void a_new_link_ends_the_old_one_and_time_ends_all(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor boss = domain_admin(w, "boss");
	struct actor ann = domain_user(w, "ann");
	struct str first;
	struct str second;
	struct user user;

	check_ok(user_link_create(w->db, &boss, ann.user, w->a, &first, &w->e), &w->e);
	check_ok(user_link_create(w->db, &boss, ann.user, w->a, &second, &w->e), &w->e);
	check_err(user_link_get(w->db, first, w->a, &user, &w->e), &w->e, ERR_GONE, "");
	test_database_exec(w->database, "UPDATE one_time_link SET expires_at = now()");
	check_err(user_link_get(w->db, second, w->a, &user, &w->e), &w->e, ERR_GONE, "");
	domain_close(w);
}

static void a_changed_password_ends_other_sessions(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct session_new new = { .user = ann.user, .days = 14 };
	struct str here;
	struct str there;
	struct session session;
	struct actor actor;
	struct actor other;
	bool found;

	set_password(w, &ann, GOOD);
	check_ok(session_create(w->db, &new, w->a, &here, &w->e), &w->e);
	check_ok(session_create(w->db, &new, w->a, &there, &w->e), &w->e);
	check_ok(session_find(w->db, here, w->a, &actor, &session, &found, &w->e), &w->e);
	check_err(user_change_password(&w->door, &actor, STR("not the old one"),
				       STR("a new password!"), &w->e),
		  &w->e, ERR_UNPROCESSABLE, "old password is wrong");
	check_ok(user_change_password(&w->door, &actor, STR(GOOD), STR("a new password!"), &w->e),
		 &w->e);
	check_ok(session_find(w->db, there, w->a, &other, &session, &found, &w->e), &w->e);
	check_false(found);
	check_ok(session_find(w->db, here, w->a, &actor, &session, &found, &w->e), &w->e);
	check_true(found);
	domain_close(w);
}

static void sessions_end_by_idleness_by_age_and_by_signing_out(void **state UNUSED)
{
	static const char *const ends[] = {
		"UPDATE session SET last_seen_at = now() - interval '9 hours'",
		"UPDATE session SET expires_at = now()",
		"DELETE FROM session",
	};
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct session_new new = { .user = ann.user, .ip = STR("::1"), .days = 14 };
	struct session session;
	struct actor actor;
	struct str token;
	bool found;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		check_ok(session_create(w->db, &new, w->a, &token, &w->e), &w->e);
		check_ok(session_find(w->db, token, w->a, &actor, &session, &found, &w->e), &w->e);
		check_true(found && actor.kind == ACTOR_SESSION &&
			   session_is_fresh(&session, instant_now()));
		test_database_exec(w->database, ends[i]);
		check_ok(session_find(w->db, token, w->a, &actor, &session, &found, &w->e), &w->e);
		check_false(found);
	}
	domain_close(w);
}

static void a_dump_of_the_sessions_signs_nobody_in(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct session_new new = { .user = ann.user, .days = 1 };
	struct session session;
	struct actor actor;
	struct str token;
	bool found;

	check_ok(session_create(w->db, &new, w->a, &token, &w->e), &w->e);
	const char *stored =
		test_database_text(w->database, "SELECT encode(token_sha256, 'hex') FROM session");
	check_ok(session_find(w->db, str_c(stored), w->a, &actor, &session, &found, &w->e), &w->e);
	check_false(found);
	check_ok(session_find(w->db, STR_NONE, w->a, &actor, &session, &found, &w->e), &w->e);
	check_false(found);
	domain_close(w);
}

static void one_signs_out_ones_own_sessions_only(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor eve = domain_user(w, "eve");
	const struct session_new new = { .user = ann.user, .days = 1 };
	struct sessions list;
	struct str token;

	check_ok(session_create(w->db, &new, w->a, &token, &w->e), &w->e);
	check_ok(session_list(w->db, ann.user, w->a, &list, &w->e), &w->e);
	check_int(list.count, 1);
	check_err(session_remove(w->db, &eve, list.items[0]->id, &w->e), &w->e, ERR_NOT_FOUND, "");
	check_ok(session_remove(w->db, &ann, list.items[0]->id, &w->e), &w->e);
	domain_close(w);
}

static void names_and_addresses_are_unique_case_blind(void **state UNUSED)
{
	const struct actor system = actor_system();
	const struct user_new same_name = { .username = STR("ANN"), .email = STR("x@example.org") };
	const struct user_new same_email = { .username = STR("other"),
					     .email = STR("ANN@example.org") };
	struct domain *w = domain_open();
	struct user user;

	domain_user(w, "ann");
	check_err(user_create(&w->door, &system, &same_name, w->a, &user, &w->e), &w->e,
		  ERR_CONFLICT, "There is a user named ANN already");
	check_err(user_create(&w->door, &system, &same_email, w->a, &user, &w->e), &w->e,
		  ERR_CONFLICT, "has the e-mail address");
	domain_close(w);
}

static void acts_are_written_down_and_stay(void **state UNUSED)
{
	static const char *const attempts[] = { "DELETE FROM audit_event",
						"UPDATE audit_event SET object = 'eve'",
						"TRUNCATE audit_event" };
	struct domain *w = domain_open();

	domain_user(w, "ann");
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		test_database_exec(
			w->database,
			arena_strf(w->a, "DO $$ BEGIN %s; EXCEPTION WHEN OTHERS THEN NULL; END $$",
				   attempts[i]));
	check_int(test_database_number(w->database, "SELECT count(*) FROM audit_event"), 1);
	check_c(test_database_text(w->database, "SELECT act || ' ' || object FROM audit_event"),
		"user.create ann");
	domain_close(w);
}

RUN_TESTS(TEST(one_signs_in_by_name_or_address), TEST(every_wrong_sign_in_gets_the_same_answer),
	  TEST(guessing_is_stopped_and_only_for_the_guesser),
	  TEST(a_name_that_does_not_exist_is_limited_alike), TEST(blocking_ends_everything),
	  TEST(the_last_administrator_stays), TEST(only_administrators_make_and_block_users),
	  TEST(a_link_sets_a_password_once), TEST(a_new_link_ends_the_old_one_and_time_ends_all),
	  TEST(a_changed_password_ends_other_sessions),
	  TEST(sessions_end_by_idleness_by_age_and_by_signing_out),
	  TEST(a_dump_of_the_sessions_signs_nobody_in), TEST(one_signs_out_ones_own_sessions_only),
	  TEST(names_and_addresses_are_unique_case_blind), TEST(acts_are_written_down_and_stay))
