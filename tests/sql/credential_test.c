/* Tokens and SSH keys. */
#include "support/domain.h"

#include "domain/key.h"
#include "domain/token.h"

#define ED25519                                                                             \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUQXq8gOaMxEqUQwO3E0D0d7sWnqxHkgPp9cDnSkqg3 " \
	"ann@laptop"

static struct str make_token(struct domain *w, const struct actor *who, uint32_t scopes,
			     struct token *token)
{
	const struct token_new in = {
		.kind = TOKEN_PERSONAL, .user = who->user, .name = STR("ci"), .scopes = scopes
	};
	struct str text;

	check_ok(token_create(w->db, who, &in, w->a, token, &text, &w->e), &w->e);
	return text;
}

static bool works(struct domain *w, struct str text, struct actor *actor)
{
	bool found;

	check_ok(token_find(w->db, text, STR("192.0.2.1"), w->a, actor, &found, &w->e), &w->e);
	return found;
}

static void a_personal_token_acts_as_its_user_within_its_scopes(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_access found;
	struct token token;
	struct actor actor;

	domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	struct str text = make_token(w, &ann, SCOPE_READ_REPOSITORY, &token);
	check_true(str_starts(text, STR("glpat-")));
	check_true(works(w, text, &actor));
	check_int(actor.user.v, ann.user.v);
	check_ok(access_get_project(w->db, &actor, STR("ann/app"), ACTION_GIT_READ, w->a, &found,
				    &w->e),
		 &w->e);
	check_err(access_get_project(w->db, &actor, STR("ann/app"), ACTION_GIT_WRITE, w->a, &found,
				     &w->e),
		  &w->e, ERR_FORBIDDEN, "one of the scopes api, write_repository");
	check_err(access_check(&actor, ACTION_SELF_CREDENTIALS, NULL, &w->e), &w->e, ERR_FORBIDDEN,
		  "No token can be used");
	domain_close(w);
}

static void a_token_ends_by_revocation_time_or_block(void **state UNUSED)
{
	static const char *const ends[] = {
		"UPDATE token SET revoked_at = now()",
		"UPDATE token SET expires_at = now()",
		"UPDATE users SET state = 'blocked' WHERE username = 'ann'",
	};
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct token token;
	struct actor actor;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct str text = make_token(w, &ann, SCOPE_API, &token);

		check_true(works(w, text, &actor));
		test_database_exec(w->database, ends[i]);
		check_false(works(w, text, &actor));
	}
	check_false(works(w, STR("glpat-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &actor));
	domain_close(w);
}

static void a_token_is_revoked_by_its_owner_or_itself(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor eve = domain_user(w, "eve");
	struct token token;
	struct actor actor;
	struct str text = make_token(w, &ann, SCOPE_API, &token);

	check_err(token_revoke(w->db, &eve, token.id, &w->e), &w->e, ERR_NOT_FOUND, "");
	check_true(works(w, text, &actor));
	check_ok(token_revoke(w->db, &actor, token.id, &w->e), &w->e);
	check_false(works(w, text, &actor));
	check_err(token_revoke(w->db, &ann, token.id, &w->e), &w->e, ERR_NOT_FOUND, "already");
	domain_close(w);
}

static void a_project_token_is_a_member_of_its_project_and_leaves_with_it(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_id app = domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	struct project_id other = domain_project(w, "ann/house", &ann, VISIBILITY_INTERNAL);
	const struct token_new in = { .kind = TOKEN_PROJECT,
				      .project = app,
				      .name = STR("deployer"),
				      .scopes = SCOPE_API,
				      .level = LEVEL_DEVELOPER };
	struct token token;
	struct actor actor;
	struct str text;

	check_ok(token_create(w->db, &ann, &in, w->a, &token, &text, &w->e), &w->e);
	check_true(works(w, text, &actor));
	check_true(actor.is_bot);
	check_int(domain_level(w, &actor, app), LEVEL_DEVELOPER);
	struct project_access found;
	check_ok(access_find_project_by_id(w->db, &actor, other, w->a, &found, &w->e), &w->e);
	check_false(access_sees(&actor, &found.target));
	check_ok(token_revoke_of_project(w->db, &ann, app, token.id, &w->e), &w->e);
	check_false(works(w, text, &actor));
	check_int(test_database_number(w->database, "SELECT count(*) FROM member m JOIN users u ON "
						    "u.id = m.user_id WHERE u.kind = 'bot'"),
		  0);
	domain_close(w);
}

static void a_token_is_not_stronger_than_who_made_it(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor max = domain_user(w, "max");
	struct project_id app = domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	const struct token_new in = { .kind = TOKEN_PROJECT,
				      .project = app,
				      .name = STR("x"),
				      .scopes = SCOPE_API,
				      .level = LEVEL_OWNER };
	struct token token;
	struct str text;

	domain_member(w, (struct member_place){ .project = app }, &max, LEVEL_MAINTAINER);
	check_err(token_create(w->db, &max, &in, w->a, &token, &text, &w->e), &w->e, ERR_FORBIDDEN,
		  "guest to maintainer");
	domain_close(w);
}

static void a_deploy_token_sees_its_project_and_nothing_else(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct project_id app = domain_project(w, "ann/app", &ann, VISIBILITY_PRIVATE);
	const struct token_new in = { .kind = TOKEN_DEPLOY,
				      .project = app,
				      .name = STR("puller"),
				      .scopes = SCOPE_READ_REPOSITORY };
	struct project_access found;
	struct token token;
	struct actor actor;
	struct str text;

	domain_project(w, "ann/open", &ann, VISIBILITY_PUBLIC);
	check_ok(token_create(w->db, &ann, &in, w->a, &token, &text, &w->e), &w->e);
	check_true(str_starts(text, STR("gldt-")) && works(w, text, &actor));
	check_ok(access_get_project(w->db, &actor, STR("ann/app"), ACTION_GIT_READ, w->a, &found,
				    &w->e),
		 &w->e);
	check_err(access_get_project(w->db, &actor, STR("ann/app"), ACTION_GIT_WRITE, w->a, &found,
				     &w->e),
		  &w->e, ERR_FORBIDDEN, "scope");
	check_err(access_get_project(w->db, &actor, STR("ann/open"), ACTION_GIT_READ, w->a, &found,
				     &w->e),
		  &w->e, ERR_NOT_FOUND, "");
	domain_close(w);
}

static void bad_tokens_are_not_made(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct token_new cases[] = {
		{ .user = ann.user, .name = STR("x") },
		{ .user = ann.user, .name = STR(""), .scopes = SCOPE_API },
		{ .user = ann.user, .name = STR("x"), .scopes = SCOPE_SESSION },
		{ .user = ann.user, .name = STR("x"), .scopes = SCOPE_API, .has_expires_at = true },
		{ .user = ann.user,
		  .name = STR("x"),
		  .scopes = SCOPE_API,
		  .has_expires_at = true,
		  .expires_at = { instant_now().us + 400 * 86400000000 } },
		{ .kind = TOKEN_DEPLOY, .project = { 1 }, .name = STR("x"), .scopes = SCOPE_API },
	};
	struct token token;
	struct str text;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_int(token_create(w->db, &ann, &cases[i], w->a, &token, &text, &w->e),
			  -ERR_UNPROCESSABLE);
	domain_close(w);
}

static void a_key_belongs_to_one_user(void **state UNUSED)
{
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	struct actor eve = domain_user(w, "eve");
	struct key_new in = { .user = ann.user, .line = STR(ED25519) };
	struct public_key parsed;
	struct actor actor;
	struct key key;
	bool found;

	check_ok(key_create(w->db, &ann, &in, w->a, &key, &w->e), &w->e);
	check_str(key.title, "ann@laptop");
	in.user = eve.user;
	check_err(key_create(w->db, &eve, &in, w->a, &key, &w->e), &w->e, ERR_CONFLICT,
		  "registered already");
	check_ok(key_parse(w->a, in.line, &parsed, &w->e), &w->e);
	check_ok(key_find(w->db, parsed.blob, w->a, &actor, &found, &w->e), &w->e);
	check_true(found && actor.user.v == ann.user.v && actor.kind == ACTOR_KEY);
	check_ok(key_note_use(w->db, &actor, &w->e), &w->e);
	check_err(key_remove(w->db, &eve, actor.key, &w->e), &w->e, ERR_NOT_FOUND, "");
	check_ok(key_remove(w->db, &ann, actor.key, &w->e), &w->e);
	check_ok(key_find(w->db, parsed.blob, w->a, &actor, &found, &w->e), &w->e);
	check_false(found);
	domain_close(w);
}

static void a_key_of_a_blocked_user_or_past_its_end_opens_nothing(void **state UNUSED)
{
	static const char *const ends[] = {
		"UPDATE key SET expires_at = now()",
		"UPDATE key SET expires_at = NULL; UPDATE users SET state = 'blocked'",
	};
	struct domain *w = domain_open();
	struct actor ann = domain_user(w, "ann");
	const struct key_new in = { .user = ann.user, .line = STR(ED25519), .title = STR("t") };
	struct public_key parsed;
	struct actor actor;
	struct keys list;
	struct key key;
	bool found;

	check_ok(key_create(w->db, &ann, &in, w->a, &key, &w->e), &w->e);
	check_ok(key_parse(w->a, in.line, &parsed, &w->e), &w->e);
	check_ok(key_list(w->db, ann.user, w->a, &list, &w->e), &w->e);
	check_int(list.count, 1);
	check_true(str_starts(STR(ED25519), list.items[0]->text));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		test_database_exec(w->database, ends[i]);
		check_ok(key_find(w->db, parsed.blob, w->a, &actor, &found, &w->e), &w->e);
		check_false(found);
	}
	domain_close(w);
}

RUN_TESTS(TEST(a_personal_token_acts_as_its_user_within_its_scopes),
	  TEST(a_token_ends_by_revocation_time_or_block),
	  TEST(a_token_is_revoked_by_its_owner_or_itself),
	  TEST(a_project_token_is_a_member_of_its_project_and_leaves_with_it),
	  TEST(a_token_is_not_stronger_than_who_made_it),
	  TEST(a_deploy_token_sees_its_project_and_nothing_else), TEST(bad_tokens_are_not_made),
	  TEST(a_key_belongs_to_one_user),
	  TEST(a_key_of_a_blocked_user_or_past_its_end_opens_nothing))
