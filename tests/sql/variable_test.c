/* Stored variables: who may change them, what is shown, and which a job gets. */
#include "support/check.h"
#include "support/domain.h"

#include "domain/variable.h"

struct store {
	struct domain *w;
	struct arena *a;
	struct actor ann;
	struct project_id project;
	struct variable_store in;
	struct variable_owner instance, group, subgroup, of_project;
};

static struct store *open_store(void)
{
	struct store *s = test_malloc(sizeof(*s));

	*s = (struct store){ .w = domain_open() };
	s->a = s->w->a;
	s->ann = domain_user(s->w, "ann");
	s->project = domain_project(s->w, "team/web/site", &s->ann, VISIBILITY_PRIVATE);
	s->in = (struct variable_store){ s->w->db, s->w->keys };
	s->group = (struct variable_owner){ .kind = VARIABLE_OF_GROUP,
					    .namespace = domain_namespace(s->w, "team") };
	s->subgroup = (struct variable_owner){ .kind = VARIABLE_OF_GROUP,
					       .namespace = domain_namespace(s->w, "team/web") };
	s->of_project =
		(struct variable_owner){ .kind = VARIABLE_OF_PROJECT, .project = s->project };
	return s;
}

static void close_store(struct store *s)
{
	domain_close(s->w);
	test_free(s);
}

static struct variable add(struct store *s, const struct variable_owner *owner, struct variable in)
{
	struct actor system = actor_system();
	struct variable made;

	check_ok(variable_create(&s->in, &system, owner, &in, s->a, &made, &s->w->e), &s->w->e);
	return made;
}

static void put(struct store *s, const struct variable_owner *owner, const char *key,
		const char *value, const char *scope)
{
	(void)add(s, owner,
		  (struct variable){
			  .key = str_c(key), .value = str_c(value), .scope = str_c(scope) });
}

static struct str got(struct store *s, struct variable_use use, const char *key)
{
	const struct ci_variable *found;
	struct ci_variables all;

	use.project = s->project;
	ci_variables_init(&all, s->a);
	check_ok(variable_collect(&s->in, &use, s->a, &all, &s->w->e), &s->w->e);
	found = ci_variables_find(&all, str_c(key));
	return found ? found->value : STR("(none)");
}

static void the_nearest_owner_wins(void **state UNUSED)
{
	struct store *s = open_store();
	struct variable_use use = { 0 };

	put(s, &s->instance, "A", "instance", "*");
	put(s, &s->instance, "B", "instance", "*");
	put(s, &s->instance, "C", "instance", "*");
	put(s, &s->instance, "D", "instance", "*");
	put(s, &s->group, "B", "group", "*");
	put(s, &s->subgroup, "C", "subgroup", "*");
	put(s, &s->group, "C", "group", "*");
	put(s, &s->of_project, "D", "project", "*");
	check_str(got(s, use, "A"), "instance");
	check_str(got(s, use, "B"), "group");
	check_str(got(s, use, "C"), "subgroup");
	check_str(got(s, use, "D"), "project");
	close_store(s);
}

static void the_most_specific_scope_wins_within_an_owner(void **state UNUSED)
{
	struct store *s = open_store();

	put(s, &s->of_project, "K", "any", "*");
	put(s, &s->of_project, "K", "pattern", "review/*");
	put(s, &s->of_project, "K", "longer", "review/x*");
	put(s, &s->of_project, "K", "exact", "review/xy");
	put(s, &s->group, "K", "exact in the group", "review/zz");
	check_str(got(s, (struct variable_use){ 0 }, "K"), "any");
	check_str(got(s, (struct variable_use){ .environment = STR("production") }, "K"), "any");
	check_str(got(s, (struct variable_use){ .environment = STR("review/a") }, "K"), "pattern");
	check_str(got(s, (struct variable_use){ .environment = STR("review/xz") }, "K"), "longer");
	check_str(got(s, (struct variable_use){ .environment = STR("review/xy") }, "K"), "exact");
	check_str(got(s, (struct variable_use){ .environment = STR("review/zz") }, "K"), "pattern");
	close_store(s);
}

static void protected_ones_go_to_protected_refs_only(void **state UNUSED)
{
	struct store *s = open_store();

	(void)add(
		s, &s->of_project,
		(struct variable){ .key = STR("K"), .value = STR("secret"), .is_protected = true });
	put(s, &s->group, "K", "open", "*");
	check_str(got(s, (struct variable_use){ 0 }, "K"), "open");
	check_str(got(s, (struct variable_use){ .is_protected = true }, "K"), "secret");
	close_store(s);
}

static void another_projects_variables_stay_there(void **state UNUSED)
{
	struct store *s = open_store();
	struct project_id other = domain_project(s->w, "other/site", &s->ann, VISIBILITY_PRIVATE);
	struct variable_owner owner = { .kind = VARIABLE_OF_PROJECT, .project = other };

	put(s, &owner, "K", "theirs", "*");
	check_str(got(s, (struct variable_use){ 0 }, "K"), "(none)");
	close_store(s);
}

static void hidden_values_are_never_shown_again_but_used(void **state UNUSED)
{
	struct store *s = open_store();
	struct variable found;
	struct variable made =
		add(s, &s->of_project,
		    (struct variable){
			    .key = STR("K"), .value = STR("swordfish1"), .is_hidden = true });

	check_true(made.is_masked);
	check_true(str_is_none(made.value));
	check_ok(variable_get(&s->in, &s->of_project, STR("K"), STR_NONE, s->a, &found, &s->w->e),
		 &s->w->e);
	check_true(str_is_none(found.value));
	check_true(found.is_hidden);
	check_str(got(s, (struct variable_use){ 0 }, "K"), "swordfish1");
	/* A change cannot uncover it, and keeps what it does not name. */
	found.is_hidden = found.is_masked = false;
	check_ok(variable_update(&s->in, &s->ann, &s->of_project, &found, s->a, &made, &s->w->e),
		 &s->w->e);
	check_true(made.is_hidden && made.is_masked && str_is_none(made.value));
	check_str(got(s, (struct variable_use){ 0 }, "K"), "swordfish1");
	close_store(s);
}

static void a_value_moved_to_another_row_does_not_open(void **state UNUSED)
{
	struct store *s = open_store();
	struct variable_use use = { .project = s->project };
	struct ci_variables all;

	put(s, &s->of_project, "K", "one", "*");
	put(s, &s->of_project, "L", "two", "*");
	check_c(test_database_text(s->w->database,
				   "SELECT count(*) FROM variable WHERE position('one'::bytea IN "
				   "sealed) > 0"),
		"0");
	test_database_exec(s->w->database,
			   "UPDATE variable SET sealed = (SELECT sealed FROM variable WHERE "
			   "key = 'K') WHERE key = 'L'");
	ci_variables_init(&all, s->a);
	check_err(variable_collect(&s->in, &use, s->a, &all, &s->w->e), &s->w->e, ERR_INTERNAL,
		  "L");
	close_store(s);
}

static void what_cannot_be_a_variable_is_refused_with_the_rule(void **state UNUSED)
{
	const struct {
		struct variable in;
		const char *part;
	} cases[] = {
		{ { .key = STR("A-B"), .value = STR("x") }, "letters, digits and underscores" },
		{ { .key = STR(""), .value = STR("x") }, "letters, digits and underscores" },
		{ { .key = STR("K"), .value = STR("short"), .is_masked = true }, "at least 8" },
		{ { .key = STR("K"), .value = STR("has a space"), .is_masked = true },
		  "without spaces" },
		{ { .key = STR("K"), .value = STR("two\nlines.."), .is_hidden = true },
		  "one line" },
		{ { .key = STR("K"), .value = STR("x"), .scope = STR("a b") }, "without spaces" },
		{ { .key = STR("K"), .value = STR("a\xff") }, "UTF-8" },
	};
	struct store *s = open_store();
	struct variable made;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_err(variable_create(&s->in, &s->ann, &s->of_project, &cases[i].in, s->a,
					  &made, &s->w->e),
			  &s->w->e, ERR_UNPROCESSABLE, cases[i].part);
	put(s, &s->of_project, "K", "x", "*");
	check_err(variable_create(&s->in, &s->ann, &s->of_project,
				  &(struct variable){ .key = STR("K"), .value = STR("y") }, s->a,
				  &made, &s->w->e),
		  &s->w->e, ERR_CONFLICT, "already been taken");
	close_store(s);
}

static void only_maintainers_change_them(void **state UNUSED)
{
	struct store *s = open_store();
	struct actor dora = domain_user(s->w, "dora");
	struct variable in = { .key = STR("K"), .value = STR("x") };
	struct variable made = add(s, &s->of_project, in);

	domain_member(s->w, (struct member_place){ .project = s->project }, &dora, LEVEL_DEVELOPER);
	in.key = STR("L");
	check_err(variable_create(&s->in, &dora, &s->of_project, &in, s->a, &made, &s->w->e),
		  &s->w->e, ERR_FORBIDDEN, "maintainer");
	check_err(variable_create(&s->in, &s->ann, &s->instance, &in, s->a, &made, &s->w->e),
		  &s->w->e, ERR_FORBIDDEN, "administrators");
	check_ok(variable_get(&s->in, &s->of_project, STR("K"), STR_NONE, s->a, &made, &s->w->e),
		 &s->w->e);
	check_err(variable_remove(&s->in, &dora, &s->of_project, made.id, &s->w->e), &s->w->e,
		  ERR_FORBIDDEN, "maintainer");
	check_err(variable_remove(&s->in, &s->ann, &s->subgroup, made.id, &s->w->e), &s->w->e,
		  ERR_NOT_FOUND, "404 Variable Not Found");
	check_ok(variable_remove(&s->in, &s->ann, &s->of_project, made.id, &s->w->e), &s->w->e);
	check_c(test_database_text(s->w->database, "SELECT string_agg(act, ' ' ORDER BY id) FROM "
						   "audit_event WHERE object_kind = 'variable'"),
		"variable.create variable.remove");
	close_store(s);
}

static void several_scopes_of_a_key_must_be_told_apart(void **state UNUSED)
{
	struct store *s = open_store();
	struct variable found;

	put(s, &s->of_project, "K", "any", "*");
	put(s, &s->of_project, "K", "prod", "production");
	check_err(variable_get(&s->in, &s->of_project, STR("K"), STR_NONE, s->a, &found, &s->w->e),
		  &s->w->e, ERR_CONFLICT, "filter[environment_scope]");
	check_ok(variable_get(&s->in, &s->of_project, STR("K"), STR("production"), s->a, &found,
			      &s->w->e),
		 &s->w->e);
	check_str(found.value, "prod");
	close_store(s);
}

RUN_TESTS(TEST(the_nearest_owner_wins), TEST(the_most_specific_scope_wins_within_an_owner),
	  TEST(protected_ones_go_to_protected_refs_only),
	  TEST(another_projects_variables_stay_there),
	  TEST(hidden_values_are_never_shown_again_but_used),
	  TEST(a_value_moved_to_another_row_does_not_open),
	  TEST(what_cannot_be_a_variable_is_refused_with_the_rule),
	  TEST(only_maintainers_change_them), TEST(several_scopes_of_a_key_must_be_told_apart))
