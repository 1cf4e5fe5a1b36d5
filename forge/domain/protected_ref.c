#include "domain/protected_ref.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "store/db.h"

#include "q/protected_ref.h"

/*
 * Greedy with one point to come back to: the last star. Linear for one star,
 * at worst pattern times name for several; both are at most 255 bytes or so.
 */
bool protected_ref_matches(struct str pattern, struct str name)
{
	size_t p = 0;
	size_t n = 0;
	size_t star = SIZE_MAX;
	size_t resume = 0;

	while (n < name.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			resume = n;
		} else if (p < pattern.n && pattern.p[p] == name.p[n]) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

/* The more permissive of two requirements; "no one" is the strictest of all. */
static enum access_level milder(enum access_level a, enum access_level b)
{
	if (a == LEVEL_NONE)
		return b;
	if (b == LEVEL_NONE)
		return a;
	return a < b ? a : b;
}

bool protected_ref_effective(const struct protected_refs *refs, enum protected_ref_kind kind,
			     struct str name, struct protected_ref *effective)
{
	bool found = false;

	for (size_t i = 0; i < refs->count; i++) {
		const struct protected_ref *ref = refs->items[i];

		if (ref->kind != kind || !protected_ref_matches(ref->pattern, name))
			continue;
		if (!found) {
			*effective = *ref;
			found = true;
			continue;
		}
		effective->push_level = milder(effective->push_level, ref->push_level);
		effective->merge_level = milder(effective->merge_level, ref->merge_level);
		effective->force_level = milder(effective->force_level, ref->force_level);
	}
	return found;
}

static const char *kind_name(enum protected_ref_kind kind)
{
	return kind == PROTECTED_BRANCH ? "branch" : "tag";
}

/* Requirements besides memberships: 0 (no one) and 60 (administrators). */
static bool is_requirement(enum access_level level)
{
	return level == LEVEL_NONE || level == LEVEL_DEVELOPER || level == LEVEL_MAINTAINER ||
	       level == LEVEL_OWNER || level == LEVEL_ADMIN;
}

static enum access_level requirement(int32_t number)
{
	enum access_level level = (enum access_level)number;

	ASSERT(is_requirement(level));
	return level;
}

int protected_ref_list(struct db *db, struct project_id project, struct arena *a,
		       struct protected_refs *refs, struct err *e)
{
	struct q_protected_ref_list_row *rows;
	size_t count;

	if (q_protected_ref_list(db, &(struct q_protected_ref_list_in){ project.v }, a, &rows,
				 &count, e) < 0)
		return -(int)e->code;
	refs->items = ARENA_ARRAY(a, struct protected_ref *, count);
	refs->count = count;
	for (size_t i = 0; i < count; i++) {
		refs->items[i] = ARENA_NEW(a, struct protected_ref);
		*refs->items[i] = (struct protected_ref){
			.id = { rows[i].id },
			.kind = str_eq_c(rows[i].kind, "branch") ? PROTECTED_BRANCH : PROTECTED_TAG,
			.pattern = rows[i].pattern,
			.push_level = requirement(rows[i].push_level),
			.merge_level = requirement(rows[i].merge_level),
			.force_level = requirement(rows[i].force_level),
			.created_at = rows[i].created_at,
		};
	}
	return 0;
}

static int check_input(const struct protected_ref *in, struct err *e)
{
	if (!is_requirement(in->push_level) || !is_requirement(in->merge_level) ||
	    !is_requirement(in->force_level))
		return err_set(
			e, ERR_UNPROCESSABLE,
			"A protection asks for no one (0), developers (30), maintainers (40), "
			"owners (50) or administrators (60).");
	return 0;
}

static int check_pattern(struct str pattern, struct err *e)
{
	bool has_other = false;

	for (size_t i = 0; i < pattern.n; i++) {
		unsigned char c = (unsigned char)pattern.p[i];

		if (c <= ' ' || c == 0x7f || strchr("~^:?[\\", c))
			return err_set(
				e, ERR_UNPROCESSABLE,
				"A pattern holds what names of branches can hold, and * for any "
				"run of characters: no spaces and none of ~ ^ : ? [ \\.");
		has_other = true;
	}
	if (!has_other || pattern.n > 255 || !str_is_utf8_text(pattern))
		return err_set(e, ERR_UNPROCESSABLE, "A pattern has 1 to 255 bytes of UTF-8.");
	if (str_starts(pattern, STR("refs/")))
		return err_set(
			e, ERR_UNPROCESSABLE,
			"Write the name of the branch or tag without refs/heads/ or refs/tags/.");
	return 0;
}

struct change {
	const struct actor *actor;
	struct project_id project;
	const struct protected_ref *in;
	struct protected_ref_id id;
	struct arena *a;
	struct protected_ref *made;
};

static int check_right(struct db *db, const struct change *c, struct err *e)
{
	struct project_access found;

	if (access_find_project_by_id(db, c->actor, c->project, c->a, &found, e) < 0)
		return -(int)e->code;
	return access_check(c->actor, ACTION_PROTECTED_REFS_CHANGE, &found.target, e);
}

static int record(struct db *db, const struct change *c, const char *act, struct str kind,
		  struct str pattern, struct err *e)
{
	return audit_record(
		db, c->actor,
		&(struct audit_event){
			.act = act,
			.object_kind = str_eq_c(kind, "tag") ? "protected tag" : "protected branch",
			.object_id = c->id.v,
			.object = pattern,
			.project = c->project,
		},
		e);
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct protected_ref *in = c->in;
	struct q_protected_ref_add_row row = { 0 };
	struct str kind = str_c(kind_name(in->kind));

	if (check_right(db, c, e) < 0)
		return -(int)e->code;
	if (q_protected_ref_add(db,
				&(struct q_protected_ref_add_in){
					c->project.v, kind, in->pattern, (int32_t)in->push_level,
					(int32_t)in->merge_level, (int32_t)in->force_level },
				c->a, &row, e) < 0) {
		if (db_violated(db, "protected_ref_unique"))
			return err_set(
				e, ERR_CONFLICT,
				"There is a protection for the %s pattern %.*s already; change "
				"that one.",
				kind_name(in->kind), STR_FMT(in->pattern));
		return -(int)e->code;
	}
	c->id.v = row.id;
	*c->made = *in;
	c->made->id = c->id;
	c->made->created_at = row.created_at;
	return record(db, c, "protected_ref.create", kind, in->pattern, e);
}

int protected_ref_create(struct db *db, const struct actor *actor, struct project_id project,
			 const struct protected_ref *in, struct arena *a,
			 struct protected_ref *made, struct err *e)
{
	struct change c = { actor, project, in, { 0 }, a, made };

	if (check_input(in, e) < 0 || check_pattern(in->pattern, e) < 0)
		return -(int)e->code;
	return db_transaction(db, create, &c, e);
}

static int not_here(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "This project has no such protection.");
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct q_protected_ref_update_row row = { 0 };
	bool found;

	if (check_right(db, c, e) < 0)
		return -(int)e->code;
	if (q_protected_ref_update(db,
				   &(struct q_protected_ref_update_in){
					   c->project.v, c->id.v, (int32_t)c->in->push_level,
					   (int32_t)c->in->merge_level,
					   (int32_t)c->in->force_level },
				   c->a, &row, &found, e) < 0)
		return -(int)e->code;
	return found ? record(db, c, "protected_ref.update", row.kind, row.pattern, e)
		     : not_here(e);
}

int protected_ref_update(struct db *db, const struct actor *actor, struct project_id project,
			 const struct protected_ref *in, struct err *e)
{
	struct change c = { actor, project, in, in->id, arena_open(0), NULL };
	int code = check_input(in, e);

	if (code == 0)
		code = db_transaction(db, update, &c, e);
	arena_close(c.a);
	return code;
}

static int remove_one(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct q_protected_ref_remove_row row = { 0 };
	bool found;

	if (check_right(db, c, e) < 0)
		return -(int)e->code;
	if (q_protected_ref_remove(db, &(struct q_protected_ref_remove_in){ c->project.v, c->id.v },
				   c->a, &row, &found, e) < 0)
		return -(int)e->code;
	return found ? record(db, c, "protected_ref.remove", row.kind, row.pattern, e)
		     : not_here(e);
}

int protected_ref_remove(struct db *db, const struct actor *actor, struct project_id project,
			 struct protected_ref_id id, struct err *e)
{
	struct change c = { actor, project, NULL, id, arena_open(0), NULL };
	int code = db_transaction(db, remove_one, &c, e);

	arena_close(c.a);
	return code;
}
