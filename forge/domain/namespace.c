#include "domain/namespace.h"

#include "domain/row.h"
#include "store/db.h"

#include "q/namespace.h"

static bool is_in(struct str name, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(name, str_c(words[i])))
			return true;
	}
	return false;
}

bool namespace_is_reserved(struct str first_segment)
{
	static const char *const words[] = {
#define TOP(word) word,
#define INNER(word)
#include "domain/reserved.tbl"
#undef TOP
#undef INNER
	};

	return is_in(first_segment, words, ARRAY_LEN(words));
}

static bool is_inner_word(struct str name)
{
	static const char *const words[] = {
#define TOP(word)
#define INNER(word) word,
#include "domain/reserved.tbl"
#undef TOP
#undef INNER
	};

	return is_in(name, words, ARRAY_LEN(words));
}

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-';
}

static const char *character_rule(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (!is_name_character(name.p[i]))
			return "it may have only letters a-z and A-Z, digits, '_', '.' and '-'";
	}
	if (name.p[0] == '.' || name.p[0] == '-')
		return "it must begin with a letter, a digit or '_'";
	if (name.p[name.n - 1] == '.' || str_ends(name, STR(".git")) ||
	    str_ends(name, STR(".atom")))
		return "it must not end with '.', '.git' or '.atom'";
	return NULL;
}

static const char *name_rule(struct str name, enum name_use use)
{
	size_t least = use == NAME_OF_PROJECT ? 1 : 2;
	const char *rule;

	if (name.n < least || (use == NAME_OF_USER && name.n > 64) || name.n > 100)
		return use == NAME_OF_USER      ? "it must have 2 to 64 characters"
		       : use == NAME_OF_PROJECT ? "it must have 1 to 100 characters"
						: "it must have 2 to 100 characters";
	rule = character_rule(name);
	if (rule)
		return rule;
	if ((use == NAME_OF_USER || use == NAME_OF_GROUP) && namespace_is_reserved(name))
		return "it is a word that this site uses in its own addresses";
	if ((use == NAME_OF_PROJECT || use == NAME_OF_SUBGROUP) && is_inner_word(name))
		return "it is a word that this site uses behind the name of a project";
	return NULL;
}

int namespace_check_name(struct str name, enum name_use use, struct err *e)
{
	static const char *const uses[] = {
		[NAME_OF_USER] = "a user",
		[NAME_OF_GROUP] = "a group",
		[NAME_OF_SUBGROUP] = "a group",
		[NAME_OF_PROJECT] = "a project",
	};
	const char *rule = name_rule(name, use);

	if (!rule)
		return 0;
	/* Shown cut, and only if it is harmless to show. */
	if (name.n == 0 || !str_is_utf8_text(str_upto(name, 100)))
		return err_set(e, ERR_UNPROCESSABLE, "This cannot be the name of %s: %s.",
			       uses[use], rule);
	return err_set(e, ERR_UNPROCESSABLE, "%.*s cannot be the name of %s: %s.",
		       STR_FMT(str_upto(name, 100)), uses[use], rule);
}

int namespace_list(struct db *db, const struct actor *actor, const struct namespace_filter *filter,
		   struct listing slice, struct arena *a, struct namespaces *list, struct err *e)
{
	const struct viewer viewer = viewer_of(actor);
	const struct q_namespace_list_in in = {
		.user_id = viewer.user_id,
		.sees_internal = viewer.sees_internal,
		.sees_all = viewer.sees_all,
		.has_parent_id = filter->parent.v != 0,
		.parent_id = filter->parent.v,
		.top_only = filter->top_only,
		.groups_only = filter->groups_only,
		.least_level = filter->writable_only ? LEVEL_DEVELOPER : LEVEL_NONE,
		.search = str_is_empty(filter->search) ? STR_NONE : filter->search,
		.skip = slice.offset,
		.take = slice.limit,
	};
	struct q_namespace_list_row *rows;
	size_t count;

	if (q_namespace_list(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct namespace *, count);
	list->count = count;
	list->total = count > 0 ? rows[0].total : 0;
	for (size_t i = 0; i < count; i++) {
		list->items[i] = ARENA_NEW(a, struct namespace);
		*list->items[i] = NAMESPACE_OF_ROW(&rows[i]);
	}
	return 0;
}

int namespace_lineage(struct db *db, struct namespace_id id, struct arena *a,
		      struct namespaces *list, struct err *e)
{
	struct q_namespace_lineage_row *rows;
	size_t count;

	if (q_namespace_lineage(db, &(struct q_namespace_lineage_in){ id.v }, a, &rows, &count, e) <
	    0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct namespace *, count);
	list->count = count;
	list->total = i64_from_size(count);
	for (size_t i = 0; i < count; i++) {
		list->items[i] = ARENA_NEW(a, struct namespace);
		*list->items[i] = NAMESPACE_OF_ROW(&rows[i]);
	}
	return 0;
}
