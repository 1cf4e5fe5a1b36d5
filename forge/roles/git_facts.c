/*
 * What the policy must know about each ref and only the repository can tell:
 * does the new object exist, what is it, does a branch move forward. Reads
 * through the quarantine.
 */
#include "roles/git_land.h"

#include "git/process.h"

#define ANSWER_MAX (64u << 20)

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

/* Two lines a ref, old and new, in order; zeros are asked too and answered "missing". */
static int ask_types(struct git_land *l, struct str *answer, struct err *e)
{
	static const char *const args[] = { "cat-file", "--batch-check=%(objecttype)", NULL };
	struct git_command command = reading(l, args);
	struct git_result result;
	struct buf input;
	int failed;

	buf_init(&input, ANSWER_MAX);
	for (size_t i = 0; i < l->count; i++)
		buf_addf(&input, "%s\n%s\n", l->refs[i].old_oid, l->refs[i].new_oid);
	failed = git_run_ok(&command, "look up the objects of a push", buf_str(&input), ANSWER_MAX,
			    l->c->arena, &result, e);
	buf_fini(&input);
	if (!failed)
		*answer = result.out;
	return failed;
}

static void judge_new(struct git_land *l, size_t index, struct str type)
{
	struct git_land_ref *ref = &l->refs[index];

	if (str_eq_c(type, "commit"))
		ref->facts |= GIT_REF_COMMIT;
	else if (str_eq_c(type, "tag"))
		ref->facts |= GIT_REF_TAG_OBJECT;
	else if (!str_eq_c(type, "tree") && !str_eq_c(type, "blob"))
		git_land_refuse(l, index,
				STR("the object it shall point to is not in the repository and was "
				    "not sent; run \"git fsck\" in your clone"));
	if (str_is_none(ref->reason) && str_starts(ref->name, STR("refs/heads/")) &&
	    !(ref->facts & GIT_REF_COMMIT))
		git_land_refuse(l, index, STR("a branch can only point to a commit"));
}

/* Exit 0: it is an ancestor, 1: it is not. */
static int find_forced(struct git_land *l, struct git_land_ref *ref, struct err *e)
{
	const char *const args[] = { "merge-base", "--is-ancestor", ref->old_oid, ref->new_oid,
				     NULL };
	struct git_command command = reading(l, args);
	struct git_result result;

	if (git_run(&command, STR_NONE, 1024, l->c->arena, &result, e) < 0)
		return -(int)e->code;
	if (result.status == 1)
		ref->facts |= GIT_REF_FORCED;
	else if (result.status != 0)
		return err_set(e, ERR_INTERNAL, "merge-base of %s and %s ended with %d",
			       ref->old_oid, ref->new_oid, result.status);
	return 0;
}

static int find_one(struct git_land *l, size_t index, struct str old_type, struct str new_type,
		    struct err *e)
{
	struct git_land_ref *ref = &l->refs[index];
	bool moves = !is_zero(ref->old_oid) && !is_zero(ref->new_oid);

	if (!is_zero(ref->new_oid))
		judge_new(l, index, new_type);
	if (!str_is_none(ref->reason) || !moves || !str_starts(ref->name, STR("refs/heads/")))
		return 0;
	if (!str_eq_c(old_type, "commit")) {
		/* We never had it, so the branch cannot stand there. */
		git_land_refuse(l, index,
				STR("somebody else pushed to it first; fetch, then push "
				    "again"));
		return 0;
	}
	return find_forced(l, ref, e);
}

/* "commit", or "<oid> missing". */
static struct str next_type(struct str *rest)
{
	struct str line;

	return str_cut(rest, '\n', &line) ? line : STR("");
}

int git_land_find_facts(struct git_land *l, struct err *e)
{
	struct str answer;

	if (ask_types(l, &answer, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < l->count; i++) {
		struct str old_type = next_type(&answer);
		struct str new_type = next_type(&answer);

		if (str_is_none(l->refs[i].reason) && find_one(l, i, old_type, new_type, e) < 0)
			return -(int)e->code;
	}
	return 0;
}
