/*
 * What the policy must know about each ref and only the repository can tell:
 * does the new object exist, what is it, does a branch move forward. Reads
 * through the quarantine, in this process.
 */
#include "roles/git_land.h"

#include "git/commit.h"
#include "git/process.h"
#include "roles/git_read.h"

static bool is_zero(const char *oid)
{
	return strcmp(oid, GIT_ZERO_OID) == 0;
}

static struct git_command reading(const struct git_land *l, const char *const *args)
{
	struct git_command command = git_child_command(l->c, args);

	command.quarantine = l->ingest.quarantine;
	return command;
}

static void judge_new(struct git_land *l, size_t index, enum object_kind kind)
{
	struct git_land_ref *ref = &l->refs[index];

	if (kind == OBJECT_COMMIT)
		ref->facts |= GIT_REF_COMMIT;
	else if (kind == OBJECT_TAG)
		ref->facts |= GIT_REF_TAG_OBJECT;
	else if (kind == OBJECT_NONE)
		git_land_refuse(l, index,
				STR("the object it shall point to is not in the repository and was "
				    "not sent; run \"git fsck\" in your clone"));
	if (str_is_none(ref->reason) && str_starts(ref->name, STR("refs/heads/")) &&
	    !(ref->facts & GIT_REF_COMMIT))
		git_land_refuse(l, index, STR("a branch can only point to a commit"));
}

/* Exit 0: it is an ancestor, 1: it is not. */
static int ask_git_if_forced(struct git_land *l, const struct git_land_ref *ref, bool *forced,
			     struct err *e)
{
	const char *const args[] = { "merge-base", "--is-ancestor", ref->old_oid, ref->new_oid,
				     NULL };
	struct git_command command = reading(l, args);
	struct git_result result;

	if (git_run(&command, STR_NONE, 1024, l->c->arena, &result, e) < 0)
		return -(int)e->code;
	if (result.status != 0 && result.status != 1)
		return err_set(e, ERR_INTERNAL, "merge-base of %s and %s ended with %d",
			       ref->old_oid, ref->new_oid, result.status);
	*forced = result.status == 1;
	return 0;
}

/* What is too long to be walked here, git walks: it has no bounds. */
static int find_forced(struct git_land *l, struct repo *repo, struct git_land_ref *ref,
		       const struct oid *old_oid, const struct oid *new_oid, struct err *e)
{
	struct err ignored = { 0 };
	bool forced = false;
	bool is_ancestor;

	if (commit_is_ancestor(repo, old_oid, new_oid, &is_ancestor, &ignored) == 0)
		forced = !is_ancestor;
	else if (ask_git_if_forced(l, ref, &forced, e) < 0)
		return -(int)e->code;
	ref->facts |= forced ? GIT_REF_FORCED : 0;
	return 0;
}

/* Of zeros: nothing. */
static int look_up(struct repo *repo, const char *hex, struct oid *oid, enum object_kind *kind,
		   struct err *e)
{
	*kind = OBJECT_NONE;
	if (is_zero(hex))
		return 0;
	if (!oid_parse(str_c(hex), oid))
		return err_set(e, ERR_INTERNAL, "a ref's value is no object's name");
	return repo_object_kind(repo, oid, kind, e);
}

static int find_one(struct git_land *l, struct repo *repo, size_t index, struct err *e)
{
	struct git_land_ref *ref = &l->refs[index];
	bool moves = !is_zero(ref->old_oid) && !is_zero(ref->new_oid);
	enum object_kind old_kind;
	enum object_kind new_kind;
	struct oid old_oid;
	struct oid new_oid;

	if (look_up(repo, ref->old_oid, &old_oid, &old_kind, e) < 0 ||
	    look_up(repo, ref->new_oid, &new_oid, &new_kind, e) < 0)
		return -(int)e->code;
	if (!is_zero(ref->new_oid))
		judge_new(l, index, new_kind);
	if (!str_is_none(ref->reason) || !moves || !str_starts(ref->name, STR("refs/heads/")))
		return 0;
	if (old_kind != OBJECT_COMMIT) {
		/* We never had it, so the branch cannot stand there. */
		git_land_refuse(l, index,
				STR("somebody else pushed to it first; fetch, then push "
				    "again"));
		return 0;
	}
	return find_forced(l, repo, ref, &old_oid, &new_oid, e);
}

int git_land_find_facts(struct git_land *l, struct err *e)
{
	struct repo *repo;

	if (git_read_open(l->c, l->ingest.quarantine, &l->reading, &repo, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < l->count; i++)
		if (str_is_none(l->refs[i].reason) && find_one(l, repo, i, e) < 0)
			return -(int)e->code;
	return 0;
}
