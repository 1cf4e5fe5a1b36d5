/*
 * From what a person wrote to a commit. Names of existing refs and hex only:
 * no revision expression is ever evaluated (CVE-2024-24575 lived there).
 */
#include "git/reach.h"
#include "git/reader_private.h"
#include "git/tree.h"

#include "base/clock.h"

#define HEX_MIN 7
#define BRANCHES "refs/heads/"
#define TAGS "refs/tags/"

struct budget budget_page(void)
{
	return (struct budget){ clock_monotonic_ms() + 1500, 200000 };
}

struct budget budget_operation(void)
{
	return (struct budget){ clock_monotonic_ms() + 15000, 0 };
}

/* Text in a sentence must be text; odd bytes are left out with the name. */
static int no_such_ref(struct str name, struct err *e)
{
	if (str_is_empty(name) || name.n > 200 || !str_is_utf8_text(name))
		return err_set(e, ERR_NOT_FOUND,
			       "There is no branch, tag or commit of this name in the repository.");
	return err_set(e, ERR_NOT_FOUND,
		       "There is no branch, tag or commit \"%.*s\" in this repository.",
		       STR_FMT(name));
}

static int empty_repository(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "This repository has no commits yet.");
}

static const struct ref *find_ref(const struct ref_snapshot *s, struct str name,
				  enum ref_kind *kind)
{
	const struct ref *ref;

	if ((ref = ref_snapshot_find_in(s, BRANCHES, name))) {
		*kind = REF_KIND_BRANCH;
	} else if ((ref = ref_snapshot_find_in(s, TAGS, name))) {
		*kind = REF_KIND_TAG;
	} else if (str_starts(name, STR("refs/")) && !ref_is_internal(name) &&
		   (ref = ref_snapshot_find(s, name))) {
		*kind = str_starts(name, STR(BRANCHES)) ? REF_KIND_BRANCH
			: str_starts(name, STR(TAGS))   ? REF_KIND_TAG
							: REF_KIND_OTHER;
	}
	return ref;
}

static bool is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return s.n >= HEX_MIN && s.n <= OID_HEX;
}

static int commit_of(git_object *object, struct oid *commit, struct err *e)
{
	AUTO_GIT(object) peeled = NULL;

	if (git_object_peel(&peeled, object, GIT_OBJECT_COMMIT) < 0)
		return err_set(e, ERR_NOT_FOUND, "This name stands for no commit.");
	*commit = libgit_from_oid(git_object_id(peeled));
	return 0;
}

/* What no ref leads to is answered as what is not there. */
static int resolve_hex(struct repo *repo, struct str hex, struct oid *commit, struct err *e)
{
	AUTO_GIT(object) object = NULL;
	char text[OID_HEX + 1];
	git_oid prefix;
	bool reaches;
	int result;

	if (!str_copy(text, sizeof(text), hex) || git_oid_fromstrp(&prefix, text) < 0)
		return no_such_ref(hex, e);
	result = git_object_lookup_prefix(&object, repo_handle(repo), &prefix, hex.n,
					  GIT_OBJECT_ANY);
	if (result == GIT_EAMBIGUOUS)
		return err_set(e, ERR_INVALID,
			       "More than one object begins with %s; write more of its digits.",
			       text);
	if (result == GIT_ENOTFOUND)
		return no_such_ref(hex, e);
	if (result < 0)
		return libgit_error(result, e, "find object");
	if (commit_of(object, commit, e) < 0 || repo_reaches(repo, commit, &reaches, e) < 0)
		return -(int)e->code;
	return reaches ? 0 : no_such_ref(hex, e);
}

static int resolve_ref(struct repo *repo, const struct ref *ref, struct oid *commit, struct err *e)
{
	AUTO_GIT(object) object = NULL;
	git_oid oid = libgit_oid(&ref->peeled);
	int result;

	if (str_starts(ref->name, STR(BRANCHES))) {
		*commit = ref->oid;
		return 0;
	}
	result = git_object_lookup(&object, repo_handle(repo), &oid, GIT_OBJECT_ANY);
	return result < 0 ? libgit_error(result, e, "read tag") : commit_of(object, commit, e);
}

static int resolve_head(struct repo *repo, struct place *place, struct err *e)
{
	const struct ref_snapshot *s = repo_refs(repo);

	if (oid_is_zero(&s->head_oid))
		return repo_is_empty(repo) ? empty_repository(e)
					   : err_set(e, ERR_NOT_FOUND,
						     "The default branch \"%.*s\" does not exist; "
						     "choose another "
						     "in the project's settings.",
						     STR_FMT(repo_default_branch(repo)));
	place->commit = s->head_oid;
	place->full_ref = s->head;
	place->kind = s->head_is_symbolic ? REF_KIND_BRANCH : REF_KIND_COMMIT;
	return 0;
}

/* One name, no path behind it. *found false: try another split. */
static int try_name(struct repo *repo, struct str name, struct place *place, bool *found,
		    struct err *e)
{
	const struct ref *ref = find_ref(repo_refs(repo), name, &place->kind);

	*found = true;
	if (ref) {
		place->full_ref = ref->name;
		return resolve_ref(repo, ref, &place->commit, e);
	}
	if (str_eq_c(name, "HEAD"))
		return resolve_head(repo, place, e);
	*found = false;
	return 0;
}

int repo_resolve(struct repo *repo, struct str name, struct oid *commit, struct err *e)
{
	struct place place = { 0 };
	bool found;

	if (try_name(repo, name, &place, &found, e))
		return -(int)e->code;
	if (!found && !is_hex(name))
		return no_such_ref(name, e);
	if (!found && resolve_hex(repo, name, &place.commit, e))
		return -(int)e->code;
	*commit = place.commit;
	return 0;
}

static int check_path(struct str path, struct err *e)
{
	struct str rest = path;
	struct str part;

	if (path.n == 0)
		return 0;
	if (path.n > TREE_PATH_MAX)
		return err_set(e, ERR_NOT_FOUND, "There is no such path: it is too long.");
	while (str_cut(&rest, '/', &part)) {
		if (part.n == 0 || str_eq_c(part, ".") || str_eq_c(part, ".."))
			return err_set(e, ERR_NOT_FOUND, "There is no such path.");
	}
	return 0;
}

static int finish(struct place *made, struct str ref, struct str path, struct arena *a,
		  struct place *place, struct err *e)
{
	if (check_path(path, e))
		return -(int)e->code;
	made->ref = arena_str(a, ref);
	made->path = arena_str(a, path);
	if (!str_is_none(made->full_ref))
		made->full_ref = arena_str(a, made->full_ref);
	*place = *made;
	return 0;
}

static struct str trim_slashes(struct str s)
{
	while (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

/* Where the next shorter candidate ends: the '/' before `end`; 0 if there is none. */
static size_t previous_split(struct str s, size_t end)
{
	struct str head = str_upto(s, end);
	size_t at = str_find_last(head, '/');

	return at == head.n ? 0 : at;
}

int repo_locate(struct repo *repo, struct str ref_path, struct arena *a, struct place *place,
		struct err *e)
{
	struct place made = { .full_ref = STR_NONE };
	struct str whole = trim_slashes(ref_path);
	size_t first = str_find(whole, '/');
	struct str hex = str_upto(whole, first);

	if (whole.n == 0) {
		if (resolve_head(repo, &made, e))
			return -(int)e->code;
		return finish(&made, repo_default_branch(repo), STR(""), a, place, e);
	}
	for (size_t end = whole.n; end > 0; end = previous_split(whole, end)) {
		struct str name = str_upto(whole, end);
		bool found = false;

		if (name.n <= REF_NAME_MAX && try_name(repo, name, &made, &found, e))
			return -(int)e->code;
		if (found)
			return finish(&made, name, str_from(whole, end + 1), a, place, e);
	}
	if (repo_is_empty(repo))
		return empty_repository(e);
	if (!is_hex(hex))
		return no_such_ref(hex, e);
	made.kind = REF_KIND_COMMIT;
	if (resolve_hex(repo, hex, &made.commit, e))
		return -(int)e->code;
	return finish(&made, hex, str_from(whole, first + 1), a, place, e);
}

struct str repo_default_branch(const struct repo *repo)
{
	struct str name = repo_refs(repo)->head;

	if (!str_cut_prefix(&name, STR(BRANCHES)))
		return STR("");
	return name;
}

bool repo_is_empty(const struct repo *repo)
{
	const struct ref *first;

	return ref_snapshot_range(repo_refs(repo), STR(BRANCHES), &first) == 0 &&
	       ref_snapshot_range(repo_refs(repo), STR(TAGS), &first) == 0;
}
