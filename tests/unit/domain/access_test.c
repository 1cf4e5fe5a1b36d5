/*
 * The access matrix. The first test judges every action for every kind of actor
 * against every kind of project and group, by rules written down a second time
 * here; `PRINT_MATRIX=1 build/tests/unit/domain/access_test` prints it.
 */
#include "domain/access.h"

#include "support/check.h"

#include <stdlib.h>

enum who {
	ANONYMOUS,
	STRANGER,
	GUEST,
	REPORTER,
	DEVELOPER,
	MAINTAINER,
	OWNER,
	ADMIN,
	BOT,
	READ_API,
	READ_REPO,
	WRITE_REPO,
	KEY,
	DEPLOY,
	JOB,
	SYSTEM,
	WHO_COUNT
};

static const char *const names[] = { "anonymous", "stranger",   "guest",     "reporter",
				     "developer", "maintainer", "owner",     "admin",
				     "bot",       "read_api",   "read_repo", "write_repo",
				     "ssh key",   "deploy",     "job",       "system" };

static struct actor actor_for(enum who who)
{
	struct actor a = { .kind = ACTOR_SESSION, .user = { 7 }, .scopes = SCOPE_SESSION };

	switch (who) {
	case ANONYMOUS:
		return actor_anonymous();
	case SYSTEM:
		return actor_system();
	case ADMIN:
		a.is_admin = true;
		return a;
	case BOT:
		return (struct actor){
			.kind = ACTOR_TOKEN, .user = { 8 }, .is_bot = true, .scopes = SCOPE_API
		};
	case READ_API:
		return (struct actor){ .kind = ACTOR_TOKEN,
				       .user = { 7 },
				       .scopes = SCOPE_READ_API };
	case READ_REPO:
		return (struct actor){ .kind = ACTOR_TOKEN,
				       .user = { 7 },
				       .scopes = SCOPE_READ_REPOSITORY };
	case WRITE_REPO:
		return (struct actor){ .kind = ACTOR_TOKEN,
				       .user = { 7 },
				       .scopes = SCOPE_WRITE_REPOSITORY };
	case KEY:
		return (struct actor){ .kind = ACTOR_KEY,
				       .user = { 7 },
				       .scopes = SCOPE_READ_REPOSITORY | SCOPE_WRITE_REPOSITORY };
	case DEPLOY:
		return (struct actor){ .kind = ACTOR_DEPLOY_TOKEN,
				       .scopes = SCOPE_READ_REPOSITORY };
	case JOB:
		return (struct actor){ .kind = ACTOR_JOB_TOKEN,
				       .user = { 7 },
				       .is_admin = true,
				       .scopes = SCOPE_JOB };
	default:
		return a;
	}
}

/* The tokens and keys of the list are an owner's; a deploy token reads. */
static enum access_level level_for(enum who who)
{
	switch (who) {
	case GUEST:
		return LEVEL_GUEST;
	case REPORTER:
	case DEPLOY:
		return LEVEL_REPORTER;
	case DEVELOPER:
	case BOT:
	case JOB:
		return LEVEL_DEVELOPER;
	case MAINTAINER:
		return LEVEL_MAINTAINER;
	case OWNER:
	case READ_API:
	case READ_REPO:
	case WRITE_REPO:
	case KEY:
		return LEVEL_OWNER;
	default:
		return LEVEL_NONE;
	}
}

static bool has_scope(enum who who, const struct access_row *row)
{
	const struct actor a = actor_for(who);

	return who == ANONYMOUS || who == SYSTEM || (a.scopes & row->scopes) != 0;
}

static bool is_boss(enum who who)
{
	return who == ADMIN || who == SYSTEM;
}

static bool is_person(enum who who)
{
	return who != ANONYMOUS && who != BOT && who != DEPLOY && who != JOB && who != SYSTEM;
}

static bool is_shown_to(enum who who, const struct access_target *t)
{
	return t->visibility == VISIBILITY_PUBLIC ||
	       (t->visibility == VISIBILITY_INTERNAL && is_person(who));
}

static bool is_open_to(enum who who, const struct access_row *row, const struct access_target *t)
{
	bool is_for =
		row->open == OPEN_TO_READERS || (row->open == OPEN_TO_USERS && is_person(who));

	return is_for && is_shown_to(who, t);
}

static enum err_code expected_for_target(enum who who, const struct access_row *row,
					 const struct access_target *t)
{
	bool sees = t->exists && (is_boss(who) || t->level || is_shown_to(who, t));
	bool is_high = t->level && t->level >= row->level;

	if (!sees)
		return who == ANONYMOUS ? ERR_UNAUTHENTICATED : ERR_NOT_FOUND;
	if (!is_boss(who) && !is_high && !is_open_to(who, row, t))
		return who == ANONYMOUS ? ERR_UNAUTHENTICATED : ERR_FORBIDDEN;
	return t->is_archived && !row->when_archived ? ERR_FORBIDDEN : ERR_NONE;
}

static enum err_code expected(enum who who, const struct access_row *row,
			      const struct access_target *t)
{
	if (!has_scope(who, row))
		return ERR_FORBIDDEN;
	switch (row->target) {
	case TARGET_NOTHING:
		return ERR_NONE;
	case TARGET_SELF:
		return who == ANONYMOUS ? ERR_UNAUTHENTICATED
		       : who == DEPLOY  ? ERR_FORBIDDEN
					: ERR_NONE;
	case TARGET_ADMIN:
		return who == ANONYMOUS                ? ERR_UNAUTHENTICATED
		       : who == ADMIN || who == SYSTEM ? ERR_NONE
						       : ERR_FORBIDDEN;
	default:
		return expected_for_target(who, row, t);
	}
}

static const struct access_target targets[] = {
	{ .exists = false },
	{ .exists = true, .visibility = VISIBILITY_PRIVATE, .path = { "a/private", 9 } },
	{ .exists = true, .visibility = VISIBILITY_INTERNAL, .path = { "a/internal", 10 } },
	{ .exists = true, .visibility = VISIBILITY_PUBLIC, .path = { "a/public", 8 } },
	{ .exists = true,
	  .visibility = VISIBILITY_PRIVATE,
	  .is_archived = true,
	  .path = { "a/archived", 10 } },
	{ .exists = true,
	  .visibility = VISIBILITY_PUBLIC,
	  .is_archived = true,
	  .path = { "a/archived", 10 } },
};

static void print_row(enum action action, size_t target)
{
	printf("%-24s %zu:", access_row(action)->name, target);
	for (enum who who = 0; who < WHO_COUNT; who++) {
		const struct actor actor = actor_for(who);
		struct access_target t = targets[target];

		t.level = t.exists ? level_for(who) : LEVEL_NONE;
		printf(" %s%s", access_allows(&actor, action, &t) ? "+" : "-", names[who]);
	}
	printf("\n");
}

static void every_action_answers_every_actor_as_the_rules_say(void **state UNUSED)
{
	int judged = 0;

	for (enum action action = 0; action < ACTION_COUNT; action++) {
		for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
			for (enum who who = 0; who < WHO_COUNT; who++) {
				const struct actor actor = actor_for(who);
				struct access_target t = targets[i];
				struct err e = { 0 };
				enum err_code want;

				t.level = t.exists ? level_for(who) : LEVEL_NONE;
				want = expected(who, access_row(action), &t);
				if (access_check(&actor, action, &t, &e) != -(int)want)
					fail_msg("%s, %s, target %zu: got %s \"%s\", expected %s",
						 access_row(action)->name, names[who], i,
						 err_name(e.code), e.text, err_name(want));
				judged++;
			}
			if (getenv("PRINT_MATRIX"))
				print_row(action, i);
		}
	}
	check_int(judged, ACTION_COUNT * ARRAY_LEN(targets) * WHO_COUNT);
}

static void what_is_missing_and_what_is_hidden_get_one_answer(void **state UNUSED)
{
	static const enum who who[] = { ANONYMOUS, STRANGER, BOT, DEPLOY, JOB };
	const struct access_target missing = { .exists = false };
	const struct access_target hidden = { .exists = true, .path = STR("a/secret") };

	for (enum action action = 0; action < ACTION_COUNT; action++) {
		for (size_t i = 0; i < ARRAY_LEN(who); i++) {
			const struct actor actor = actor_for(who[i]);
			struct err one = { 0 };
			struct err two = { 0 };
			int code = access_check(&actor, action, &missing, &one);

			check_int(access_check(&actor, action, &hidden, &two), code);
			check_c(one.text, two.text);
		}
	}
}

/* Promises in plain words: literal, so that no rule of the code is repeated here. */
static void promises_are_kept(void **state UNUSED)
{
	enum { NOWHERE, PRIVATE, INTERNAL, PUBLIC, ARCHIVED };
	static const struct {
		enum who who;
		enum action action;
		size_t target;
		enum err_code code;
	} promises[] = {
		/* Testers and customers see tasks, never the code of a private project. */
		{ GUEST, ACTION_PROJECT_VIEW, PRIVATE, ERR_NONE },
		{ GUEST, ACTION_CODE_READ, PRIVATE, ERR_FORBIDDEN },
		{ GUEST, ACTION_GIT_READ, PRIVATE, ERR_FORBIDDEN },
		{ GUEST, ACTION_CODE_READ, PUBLIC, ERR_NONE },
		{ REPORTER, ACTION_GIT_READ, PRIVATE, ERR_NONE },
		{ REPORTER, ACTION_GIT_WRITE, PRIVATE, ERR_FORBIDDEN },
		{ DEVELOPER, ACTION_GIT_WRITE, PRIVATE, ERR_NONE },
		{ DEVELOPER, ACTION_PROTECTED_REFS_CHANGE, PRIVATE, ERR_FORBIDDEN },
		{ MAINTAINER, ACTION_PROJECT_REMOVE, PRIVATE, ERR_FORBIDDEN },
		/* Anonymous people read what is public, and nothing else. */
		{ ANONYMOUS, ACTION_GIT_READ, PUBLIC, ERR_NONE },
		{ ANONYMOUS, ACTION_GIT_READ, INTERNAL, ERR_UNAUTHENTICATED },
		{ ANONYMOUS, ACTION_GIT_READ, PRIVATE, ERR_UNAUTHENTICATED },
		{ ANONYMOUS, ACTION_PROJECT_MEMBERS_VIEW, PUBLIC, ERR_UNAUTHENTICATED },
		{ STRANGER, ACTION_GIT_READ, INTERNAL, ERR_NONE },
		{ STRANGER, ACTION_GIT_WRITE, PUBLIC, ERR_FORBIDDEN },
		{ STRANGER, ACTION_GIT_WRITE, PRIVATE, ERR_NOT_FOUND },
		/* Nobody writes to what is archived, but it can be read and brought back. */
		{ ADMIN, ACTION_GIT_WRITE, ARCHIVED, ERR_FORBIDDEN },
		{ OWNER, ACTION_PROJECT_ARCHIVE, ARCHIVED, ERR_NONE },
		{ REPORTER, ACTION_GIT_READ, ARCHIVED, ERR_NONE },
		/* A token does what its scope says, even an owner's. */
		{ READ_REPO, ACTION_GIT_READ, PRIVATE, ERR_NONE },
		{ READ_REPO, ACTION_GIT_WRITE, PRIVATE, ERR_FORBIDDEN },
		{ READ_REPO, ACTION_PROJECT_VIEW, PRIVATE, ERR_FORBIDDEN },
		{ WRITE_REPO, ACTION_PROJECT_CHANGE, PRIVATE, ERR_FORBIDDEN },
		{ READ_API, ACTION_CODE_READ, PRIVATE, ERR_NONE },
		{ READ_API, ACTION_CODE_WRITE, PRIVATE, ERR_FORBIDDEN },
		{ KEY, ACTION_GIT_WRITE, PRIVATE, ERR_NONE },
		{ KEY, ACTION_CODE_WRITE, PRIVATE, ERR_FORBIDDEN },
		{ BOT, ACTION_SELF_CREDENTIALS, NOWHERE, ERR_FORBIDDEN },
		{ DEPLOY, ACTION_GIT_READ, PRIVATE, ERR_NONE },
		{ DEPLOY, ACTION_GIT_WRITE, PRIVATE, ERR_FORBIDDEN },
		/* A job of an administrator is no administrator. */
		{ JOB, ACTION_ADMIN_VIEW, NOWHERE, ERR_FORBIDDEN },
		{ JOB, ACTION_GIT_READ, PRIVATE, ERR_NONE },
		{ JOB, ACTION_GIT_WRITE, PRIVATE, ERR_FORBIDDEN },
	};

	for (size_t i = 0; i < ARRAY_LEN(promises); i++) {
		const struct actor actor = actor_for(promises[i].who);
		struct access_target t = targets[promises[i].target];
		struct err e = { 0 };

		t.level = t.exists ? level_for(promises[i].who) : LEVEL_NONE;
		if (access_check(&actor, promises[i].action, &t, &e) != -(int)promises[i].code)
			fail_msg("promise %zu (%s, %s): %s", i, names[promises[i].who],
				 access_row(promises[i].action)->name, e.text);
	}
}

static void refusals_say_the_rule_and_what_next(void **state UNUSED)
{
	static const struct {
		enum who who;
		enum action action;
		const char *part;
	} cases[] = {
		{ GUEST, ACTION_GIT_WRITE,
		  "you need to be at least developer of a/public; you are guest" },
		{ STRANGER, ACTION_GIT_WRITE, "you are no member" },
		{ DEVELOPER, ACTION_PROJECT_CHANGE, "a maintainer or owner" },
		{ READ_API, ACTION_GIT_WRITE,
		  "one of the scopes api, write_repository; this one has: "
		  "read_api" },
		{ KEY, ACTION_PROJECT_CHANGE, "an SSH key is not enough" },
		{ WRITE_REPO, ACTION_SELF_CREDENTIALS,
		  "No token can be used to manage your password" },
		{ STRANGER, ACTION_ADMIN_CHANGE, "Only administrators" },
		{ ANONYMOUS, ACTION_GIT_WRITE,
		  "Sign in, or send a token, to push to this project." },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct actor actor = actor_for(cases[i].who);
		struct access_target t = targets[3];
		struct err e = { 0 };

		t.level = level_for(cases[i].who);
		check_true(access_check(&actor, cases[i].action, &t, &e) < 0);
		if (!strstr(e.text, cases[i].part))
			fail_msg("case %zu: \"%s\"", i, e.text);
	}
}

static void levels_and_visibilities_have_one_name(void **state UNUSED)
{
	enum access_level level;
	enum visibility v;

	for (int n = 10; n <= 50; n += 10) {
		check_true(access_level_from_number(n, &level));
		check_true(access_level_from_name(str_c(access_level_name(level)), &level));
		check_int(level, n);
	}
	check_false(access_level_from_number(0, &level));
	check_false(access_level_from_number(60, &level));
	check_false(access_level_from_number(25, &level));
	check_false(access_level_from_name(STR("administrator"), &level));
	check_true(visibility_from_name(STR("internal"), &v) && v == VISIBILITY_INTERNAL);
	check_false(visibility_from_name(STR("Public"), &v));
}

RUN_TESTS(TEST(every_action_answers_every_actor_as_the_rules_say),
	  TEST(what_is_missing_and_what_is_hidden_get_one_answer), TEST(promises_are_kept),
	  TEST(refusals_say_the_rule_and_what_next), TEST(levels_and_visibilities_have_one_name))
