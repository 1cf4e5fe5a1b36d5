/*
 * Names first (they are wrong for everyone), then whose the ref is, then the
 * rules of the project. Every refusal says the rule, why it is there, who can
 * change it and what to do next, because `git push` shows nothing else.
 */
#include "domain/ref_policy.h"

#define PART_MAX_BYTES                                                             \
	200 /* leaves room for .lock in a file name of 255; as git/layout.h has it \
	     */
#define FULL_NAME_MAX 1000

int ref_policy_load(struct db *db, const struct actor *actor, const struct project_access *access,
		    struct arena *a, struct ref_policy *policy, struct err *e)
{
	struct protected_refs refs;

	ASSERT(access->target.exists);
	if (protected_ref_list(db, access->project.id, a, &refs, e) < 0)
		return -(int)e->code;
	*policy = (struct ref_policy){
		.actor = *actor,
		.level = access->target.level,
		.project_path = access->project.path,
		.default_branch = access->project.default_branch,
		.is_archived = access->project.is_archived,
		.protected_refs = refs,
	};
	if (actor->kind == ACTOR_SYSTEM ||
	    (actor->is_admin && !actor->is_bot && actor->kind != ACTOR_JOB_TOKEN))
		policy->level = LEVEL_ADMIN;
	return 0;
}

static int bad_name(struct str name, const char *rule, struct err *e)
{
	return err_set(e, ERR_UNPROCESSABLE,
		       "The name %.*s cannot be used: %s. Choose another name.", STR_FMT(name),
		       rule);
}

/* One part between slashes: git check-ref-format, and what a shell or git could misread. */
static const char *part_rule(struct str part)
{
	if (part.n == 0)
		return "it has an empty part";
	if (part.n > PART_MAX_BYTES)
		return "a part of it is longer than 200 bytes";
	if (part.p[0] == '.')
		return "a part of it begins with a dot";
	if (part.p[0] == '-')
		return "a part of it begins with '-', which programs read as an option";
	if (part.p[part.n - 1] == '.')
		return "a part of it ends with a dot";
	if (str_ends(part, STR(".lock")))
		return "a part of it ends with .lock, which git uses for its lock files";
	return NULL;
}

static const char *byte_rule(struct str name)
{
	if (!str_is_utf8_text(name))
		return "it is not UTF-8";
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c <= ' ' || c == 0x7f)
			return "it has a space or a control character";
		if (strchr("~^:?*[\\", c))
			return "it has one of ~ ^ : ? * [ \\, which mean something to git";
	}
	if (str_find_str(name, STR("..")) < name.n || str_find_str(name, STR("@{")) < name.n)
		return "it has '..' or '@{', which mean something to git";
	return NULL;
}

static bool is_hex_name(struct str name)
{
	if (name.n != 40 && name.n != 64)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!strchr("0123456789abcdefABCDEF", name.p[i]))
			return false;
	}
	return true;
}

/* The name behind refs/heads/ or refs/tags/. */
static const char *short_rule(struct str name)
{
	if (is_hex_name(name))
		return "it looks like the id of a commit, so it could be taken for one";
	if (str_eq_c(name, "HEAD") || str_eq_c(name, "@"))
		return "it is a name that git uses for the current commit";
	if (str_starts(name, STR("refs/")))
		return "it begins with refs/, so it could be taken for another ref";
	return NULL;
}

struct split {
	enum protected_ref_kind kind;
	struct str name;
};

static bool split_name(struct str full, struct split *split)
{
	struct str rest = full;

	if (str_cut_prefix(&rest, STR("refs/heads/")))
		*split = (struct split){ PROTECTED_BRANCH, rest };
	else if (str_cut_prefix(&rest, STR("refs/tags/")))
		*split = (struct split){ PROTECTED_TAG, rest };
	else
		return false;
	return true;
}

static const char *const own_namespaces[] = {
	"refs/merge-requests/", "refs/environments/", "refs/pipelines/", "refs/forge/",
	"refs/keep-around/",    "refs/pull/",         "refs/remotes/",   "refs/replace/",
	"refs/stash",           "refs/bisect/",       "refs/worktree/",  "refs/rewritten/",
};

static int outside(struct str full, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(own_namespaces); i++) {
		if (str_starts(full, str_c(own_namespaces[i])))
			return err_set(
				e, ERR_FORBIDDEN,
				"%.*s belongs to Hearth or to git itself, and nobody can push "
				"there. Push to refs/heads/ (a branch) or refs/tags/ (a tag).",
				STR_FMT(full));
	}
	return err_set(e, ERR_FORBIDDEN,
		       "%.*s is neither a branch nor a tag, and only those can be pushed. Push to "
		       "refs/heads/<name> or refs/tags/<name>.",
		       STR_FMT(full));
}

int ref_policy_check_name(struct str full, struct err *e)
{
	struct split split = { 0 };
	struct str rest;
	struct str part;
	const char *rule =
		full.n > FULL_NAME_MAX ? "it is longer than 1,000 bytes" : byte_rule(full);

	if (rule)
		return bad_name(str_upto(full, 100), rule, e);
	if (!split_name(full, &split))
		return outside(full, e);
	rest = split.name;
	rule = short_rule(split.name);
	while (!rule && str_cut(&rest, '/', &part))
		rule = part_rule(part);
	return rule ? bad_name(split.name, rule, e) : 0;
}

bool ref_policy_is_hidden(struct str full)
{
	return str_starts(full, STR("refs/forge/")) || str_starts(full, STR("refs/pipelines/")) ||
	       str_starts(full, STR("refs/keep-around/"));
}

bool ref_policy_needs_ancestry(const struct ref_policy *policy, struct str full)
{
	struct protected_ref rule;
	struct split split;

	return split_name(full, &split) &&
	       protected_ref_effective(&policy->protected_refs, split.kind, split.name, &rule);
}

static const char *word(enum protected_ref_kind kind)
{
	return kind == PROTECTED_BRANCH ? "branch" : "tag";
}

static bool reaches(const struct ref_policy *policy, enum access_level needed)
{
	return needed != LEVEL_NONE && policy->level >= needed;
}

/* "maintainers and above", for sentences. */
static const char *who(enum access_level level)
{
	switch (level) {
	case LEVEL_NONE:
		return "nobody";
	case LEVEL_DEVELOPER:
		return "developers and above";
	case LEVEL_MAINTAINER:
		return "maintainers and owners";
	case LEVEL_OWNER:
		return "owners";
	default:
		return "administrators";
	}
}

static int refuse_delete(const struct ref_policy *policy, const struct split *split, struct err *e)
{
	return err_set(
		e, ERR_FORBIDDEN,
		"The %s %.*s is protected, so it cannot be deleted. A maintainer of %.*s can "
		"remove the protection under Settings, Protected branches and tags; then delete "
		"it.",
		word(split->kind), STR_FMT(split->name), STR_FMT(policy->project_path));
}

static int refuse_force(const struct ref_policy *policy, const struct split *split,
			const struct protected_ref *rule, struct err *e)
{
	if (split->kind == PROTECTED_TAG)
		return err_set(
			e, ERR_FORBIDDEN,
			"The tag %.*s is protected and %s may move it, because releases are made "
			"from it. Make a tag with a new name, or ask a maintainer of %.*s to "
			"change the protection.",
			STR_FMT(split->name), who(rule->force_level),
			STR_FMT(policy->project_path));
	return err_set(
		e, ERR_FORBIDDEN,
		"The branch %.*s is protected and %s may rewrite its history (force push). Fetch "
		"it, put your commits on top of it and push again; or push to another branch and "
		"open a merge request. A maintainer of %.*s can change the protection.",
		STR_FMT(split->name), who(rule->force_level), STR_FMT(policy->project_path));
}

static int refuse_change(const struct ref_policy *policy, const struct split *split,
			 const struct protected_ref *rule, enum ref_door door, struct err *e)
{
	if (split->kind == PROTECTED_TAG)
		return err_set(
			e, ERR_FORBIDDEN,
			"The tag %.*s is protected (%.*s): %s may create it. Ask one of them, or a "
			"maintainer of %.*s to change the protection.",
			STR_FMT(split->name), STR_FMT(rule->pattern), who(rule->push_level),
			STR_FMT(policy->project_path));
	if (door == REF_BY_MERGE)
		return err_set(
			e, ERR_FORBIDDEN,
			"The branch %.*s is protected: %s may merge into it. Ask one of them to "
			"merge, or a maintainer of %.*s to change the protection.",
			STR_FMT(split->name), who(rule->merge_level),
			STR_FMT(policy->project_path));
	return err_set(
		e, ERR_FORBIDDEN,
		"The branch %.*s is protected: %s may push to it. Push to another branch and open "
		"a merge request, or ask a maintainer of %.*s to change the protection.",
		STR_FMT(split->name), who(rule->push_level), STR_FMT(policy->project_path));
}

static int check_protected(const struct ref_policy *policy, const struct ref_request *request,
			   const struct split *split, const struct protected_ref *rule,
			   struct err *e)
{
	enum access_level needed =
		request->door == REF_BY_MERGE ? rule->merge_level : rule->push_level;
	bool replaces = request->change == REF_REWRITE ||
			(split->kind == PROTECTED_TAG && request->change == REF_FORWARD) ||
			/* Ancestry was not asked for, so the worst is assumed. */
			request->change == REF_UPDATE;

	if (request->change == REF_DELETE)
		return refuse_delete(policy, split, e);
	if (!reaches(policy, needed))
		return refuse_change(policy, split, rule, request->door, e);
	if (replaces && !reaches(policy, rule->force_level))
		return refuse_force(policy, split, rule, e);
	return 0;
}

static int check_twin(const struct ref_policy *policy, const struct split *split, struct err *e)
{
	enum protected_ref_kind other =
		split->kind == PROTECTED_BRANCH ? PROTECTED_TAG : PROTECTED_BRANCH;

	/* Only whole names: a pattern like * must not forbid all tags. */
	for (size_t i = 0; i < policy->protected_refs.count; i++) {
		const struct protected_ref *ref = policy->protected_refs.items[i];

		if (ref->kind == other && str_eq(ref->pattern, split->name))
			return err_set(
				e, ERR_FORBIDDEN,
				"A %s cannot have the name of the protected %s %.*s, because it "
				"could be taken for it. Choose another name.",
				word(split->kind), word(other), STR_FMT(split->name));
	}
	return 0;
}

static int check_writer(const struct ref_policy *policy, struct err *e)
{
	if (policy->is_archived)
		return err_set(
			e, ERR_FORBIDDEN,
			"%.*s is archived: it can be read, not changed. An owner can unarchive it "
			"in its settings.",
			STR_FMT(policy->project_path));
	if (policy->level < LEVEL_DEVELOPER)
		return err_set(e, ERR_FORBIDDEN,
			       "To push to %.*s, you need to be at least developer of it. Ask a "
			       "maintainer or owner to change your level under Members.",
			       STR_FMT(policy->project_path));
	return 0;
}

int ref_policy_check(const struct ref_policy *policy, const struct ref_request *request,
		     struct err *e)
{
	struct split split = { 0 };
	struct protected_ref rule;
	bool is_delete = request->change == REF_DELETE;

	/* What has a hostile name already may be deleted, but only as a branch or tag. */
	if (!is_delete && ref_policy_check_name(request->name, e) < 0)
		return -(int)e->code;
	if (!split_name(request->name, &split))
		return outside(request->name, e);
	if (check_writer(policy, e) < 0)
		return -(int)e->code;
	if (is_delete && split.kind == PROTECTED_BRANCH &&
	    str_eq(split.name, policy->default_branch))
		return err_set(
			e, ERR_FORBIDDEN,
			"%.*s is the default branch of %.*s, so it cannot be deleted: clones "
			"start from it. A maintainer can make another branch the default in the "
			"settings first.",
			STR_FMT(split.name), STR_FMT(policy->project_path));
	if (!is_delete && check_twin(policy, &split, e) < 0)
		return -(int)e->code;
	if (!protected_ref_effective(&policy->protected_refs, split.kind, split.name, &rule))
		return 0;
	return check_protected(policy, request, &split, &rule, e);
}
