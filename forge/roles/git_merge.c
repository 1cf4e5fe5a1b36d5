/*
 * The operation merge: what two commits give together, made in a quarantine by
 * git merge-tree, which needs no working tree. A check says what came out and
 * leaves nothing; the others make a commit of it and land it like a push.
 *
 * A revert is a merge too: base, ours and theirs are told apart by two commits
 * made for the purpose, whose common parent is the state to be taken back
 * (this git cannot be given a merge base).
 */
#include "roles/git_child.h"

#include "git/layout.h"
#include "git/oid.h"
#include "roles/git_land.h"

#define MESSAGE_MAX 131072
#define CHANGES_MAX 16
#define CONFLICTS_MAX 100
#define ANSWER_MAX (4u << 20)

struct person {
	struct str name; /* "Name <mail>" */
	int64_t seconds;
};

struct merge {
	struct git_child *c;
	struct git_land land;
	enum git_merge_kind kind;
	struct str ref;
	const char *ours;
	const char *theirs;
	const char *base; /* revert: the state to go back to; result: where its ref stands, or "" */
	struct person people[2]; /* author, committer */
	size_t people_count;
	struct buf message;
	struct git_message changes[CHANGES_MAX];
	size_t changes_count;
	/* what came out */
	char merge_base[GIT_OID_TEXT];
	char tree[GIT_OID_TEXT];
	char result[GIT_OID_TEXT];
	uint32_t flags;
};

/* ---- what the front wants ---- */

static bool is_oid(const char *text)
{
	struct oid oid;

	return oid_parse(str_c(text), &oid);
}

static int take_merge(struct merge *m, const struct git_message *in, struct err *e)
{
	m->kind = (enum git_merge_kind)in->number;
	m->ref = arena_str(m->c->arena, str_c(in->name));
	m->ours = arena_strdup(m->c->arena, in->old_oid);
	m->theirs = arena_strdup(m->c->arena, in->new_oid);
	m->base = arena_strdup(m->c->arena, in->text);
	if (in->number < GIT_MERGE_CHECK || in->number > GIT_MERGE_RESULT || !is_oid(m->ours) ||
	    !is_oid(m->theirs) || (m->kind == GIT_MERGE_REVERT && !is_oid(m->base)) ||
	    (m->kind == GIT_MERGE_RESULT && m->base[0] && !is_oid(m->base)))
		return err_set(e, ERR_INTERNAL, "git.sock: a MERGE of something else than commits");
	return m->kind == GIT_MERGE_CHECK ? 0 : git_refname_check(m->ref, e);
}

static int take_word(struct merge *m, const struct git_message *in, struct err *e)
{
	if (in->type == GIT_MSG_TAGGER && m->people_count < ARRAY_LEN(m->people)) {
		m->people[m->people_count++] =
			(struct person){ arena_str(m->c->arena, str_c(in->text)), in->number };
		return 0;
	}
	if (in->type == GIT_MSG_TAG_TEXT) {
		buf_add_c(&m->message, in->text);
		return buf_check(&m->message, "The commit's message", e);
	}
	if (in->type == GIT_MSG_CHANGE && m->changes_count < CHANGES_MAX) {
		m->changes[m->changes_count++] = *in;
		return git_refname_check(str_c(in->name), e);
	}
	return err_set(e, ERR_INTERNAL, "git.sock: message %u after MERGE", in->type);
}

static int receive_wish(struct merge *m, struct err *e)
{
	struct git_message in;

	if (git_child_expect(m->c, GIT_MSG_MERGE, &in, e) < 0 || take_merge(m, &in, e) < 0)
		return -(int)e->code;
	for (;;) {
		if (git_child_receive(m->c, &in, e) < 0)
			return -(int)e->code;
		if (in.type == GIT_MSG_GO)
			break;
		if (take_word(m, &in, e) < 0)
			return -(int)e->code;
	}
	if (m->kind != GIT_MERGE_CHECK && m->kind != GIT_MERGE_FAST_FORWARD &&
	    (m->people_count < 2 || m->message.n == 0))
		return err_set(e, ERR_INTERNAL, "git.sock: a merge without people and message");
	return 0;
}

/* ---- git ---- */

static int run(struct merge *m, const char *const *args, struct str input,
	       struct git_result *result, struct err *e)
{
	struct git_command command = git_child_command(m->c, args);

	command.quarantine = m->land.ingest.quarantine;
	return git_run(&command, input, ANSWER_MAX, m->c->arena, result, e);
}

static int failed_git(const char *const *args, const struct git_result *result, struct err *e)
{
	return err_set(e, git_has_no_room(result->err) ? ERR_DISK_FULL : ERR_INTERNAL,
		       "git %s ended with %d: %.*s", args[0], result->status,
		       STR_FMT(str_upto(str_trim(result->err), 200)));
}

/* Runs a command whose answer is one object's name. */
static int ask_oid(struct merge *m, const char *const *args, struct str input,
		   char oid[static GIT_OID_TEXT], struct err *e)
{
	struct git_result result;

	if (run(m, args, input, &result, e) < 0)
		return -(int)e->code;
	if (result.status != 0)
		return failed_git(args, &result, e);
	if (!str_copy(oid, GIT_OID_TEXT, str_trim(result.out)) || !is_oid(oid))
		return err_set(e, ERR_INTERNAL, "git %s answered no object's name", args[0]);
	return 0;
}

static int tree_of(struct merge *m, const char *commit, char tree[static GIT_OID_TEXT],
		   struct err *e)
{
	const char *const args[] = { "rev-parse", "--verify", "--quiet",
				     arena_strf(m->c->arena, "%s^{tree}", commit), NULL };

	return ask_oid(m, args, STR_NONE, tree, e);
}

/* "" if they have no common history. */
static int find_base(struct merge *m, struct err *e)
{
	const char *const args[] = { "merge-base", m->ours, m->theirs, NULL };
	struct git_result result;

	if (run(m, args, STR_NONE, &result, e) < 0)
		return -(int)e->code;
	if (result.status > 1)
		return failed_git(args, &result, e);
	if (result.status == 1 || !str_copy(m->merge_base, GIT_OID_TEXT, str_trim(result.out)))
		m->merge_base[0] = '\0';
	return 0;
}

static int send_conflict(struct merge *m, struct str path, struct err *e)
{
	struct git_message conflict = git_message_of(GIT_MSG_CONFLICT);

	if (!str_copy(conflict.name, sizeof(conflict.name), path))
		return 0; /* longer than a message: the others tell enough */
	return git_child_send(m->c, &conflict, e);
}

/* "<tree>\0" and, where both sides do not fit, each path once or more, "\0" behind it. */
static int merge_trees(struct merge *m, const char *ours, const char *theirs, struct err *e)
{
	const char *const args[] = { "merge-tree",    "--write-tree", "-z",   "--name-only",
				     "--no-messages", ours,           theirs, NULL };
	struct git_result result;
	struct str rest;
	struct str part;
	struct str last = STR_NONE;
	size_t count = 0;

	if (run(m, args, STR_NONE, &result, e) < 0)
		return -(int)e->code;
	rest = result.out;
	if (result.status > 1 || !str_cut(&rest, '\0', &part) ||
	    !str_copy(m->tree, GIT_OID_TEXT, part) || !is_oid(m->tree))
		return failed_git(args, &result, e);
	if (result.status == 0) {
		m->flags |= GIT_MERGE_FITS;
		return 0;
	}
	while (count < CONFLICTS_MAX && str_cut(&rest, '\0', &part)) {
		if (part.n == 0 || str_eq(part, last))
			continue;
		last = part;
		count++;
		if (send_conflict(m, part, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

/* A commit's bytes are written out: no name of ours may come from an environment. */
static int write_commit(struct merge *m, const char *tree, const char *const parents[2],
			struct str author, struct str committer, struct str message,
			char oid[static GIT_OID_TEXT], struct err *e)
{
	static const char *const args[] = { "hash-object", "-t", "commit", "-w", "--stdin", NULL };
	struct buf text;
	int failed;

	buf_init(&text, MESSAGE_MAX + 4096);
	buf_addf(&text, "tree %s\n", tree);
	for (size_t i = 0; i < 2 && parents[i]; i++)
		buf_addf(&text, "parent %s\n", parents[i]);
	buf_addf(&text, "author %.*s\ncommitter %.*s\n\n%.*s\n", STR_FMT(author),
		 STR_FMT(committer), STR_FMT(str_trim(message)));
	failed = buf_check(&text, "The commit", e);
	if (!failed)
		failed = ask_oid(m, args, buf_str(&text), oid, e);
	buf_fini(&text);
	return failed;
}

static struct str person_line(struct merge *m, size_t index)
{
	const struct person *p = &m->people[index];

	return arena_fmt(m->c->arena, "%.*s %lld +0000", STR_FMT(p->name), (long long)p->seconds);
}

static int write_result(struct merge *m, struct err *e)
{
	const char *const both[2] = { m->ours, m->theirs };
	const char *const one[2] = { m->ours, NULL };

	if (m->kind == GIT_MERGE_FAST_FORWARD) {
		memcpy(m->result, m->theirs, GIT_OID_TEXT);
		return 0;
	}
	return write_commit(
		m, m->tree, m->kind == GIT_MERGE_SQUASH || m->kind == GIT_MERGE_REVERT ? one : both,
		person_line(m, 0), person_line(m, 1), buf_str(&m->message), m->result, e);
}

/* ---- the kinds ---- */

static int compare_with_theirs(struct merge *m, struct err *e)
{
	char tree[GIT_OID_TEXT];

	if (tree_of(m, m->theirs, tree, e) < 0)
		return -(int)e->code;
	if (strcmp(tree, m->tree) == 0)
		m->flags |= GIT_MERGE_SAME_TREE;
	return 0;
}

static int merge_both(struct merge *m, struct err *e)
{
	if (find_base(m, e) < 0)
		return -(int)e->code;
	if (m->merge_base[0] == '\0') {
		m->flags |= GIT_MERGE_UNRELATED;
		return 0;
	}
	if (strcmp(m->merge_base, m->theirs) == 0) {
		m->flags |= GIT_MERGE_CONTAINED;
		return tree_of(m, m->ours, m->tree, e);
	}
	if (strcmp(m->merge_base, m->ours) == 0) {
		m->flags |= GIT_MERGE_FITS | GIT_MERGE_SAME_TREE;
		return tree_of(m, m->theirs, m->tree, e);
	}
	m->flags |= GIT_MERGE_BEHIND;
	if (merge_trees(m, m->ours, m->theirs, e) < 0)
		return -(int)e->code;
	return m->flags & GIT_MERGE_FITS ? compare_with_theirs(m, e) : 0;
}

/*
 * With Y what was merged, X what stood before, T the tip: T' has T's files and the
 * parent Y, X' has X's files and the parent Y; merging them takes X..Y out of T.
 */
static int merge_revert(struct merge *m, struct err *e)
{
	const char *const parent[2] = { m->theirs, NULL };
	struct str nobody = STR("Hearth <hearth@localhost> 0 +0000");
	char ours_tree[GIT_OID_TEXT];
	char base_tree[GIT_OID_TEXT];
	char ours[GIT_OID_TEXT];
	char back[GIT_OID_TEXT];

	if (tree_of(m, m->ours, ours_tree, e) < 0 || tree_of(m, m->base, base_tree, e) < 0 ||
	    write_commit(m, ours_tree, parent, nobody, nobody, STR("tip"), ours, e) < 0 ||
	    write_commit(m, base_tree, parent, nobody, nobody, STR("back"), back, e) < 0 ||
	    merge_trees(m, ours, back, e) < 0)
		return -(int)e->code;
	if (m->flags & GIT_MERGE_FITS && strcmp(m->tree, ours_tree) == 0)
		m->flags |= GIT_MERGE_CONTAINED;
	return 0;
}

static int send_merged(struct merge *m, const char *result, struct err *e)
{
	struct git_message merged = git_message_of(GIT_MSG_MERGED);

	merged.flags = m->flags;
	memcpy(merged.old_oid, m->merge_base, GIT_OID_TEXT);
	memcpy(merged.new_oid, result, GIT_OID_TEXT);
	return git_child_send(m->c, &merged, e);
}

/* What the front shows is its own sentence; these are for whoever asked for the impossible. */
static int check_possible(const struct merge *m, struct err *e)
{
	if (m->flags & GIT_MERGE_UNRELATED)
		return err_set(e, ERR_CONFLICT, "The two branches have no common history.");
	if (m->flags & GIT_MERGE_CONTAINED)
		return err_set(e, ERR_CONFLICT, "There is nothing to merge: it is there already.");
	if (!(m->flags & GIT_MERGE_FITS))
		return err_set(e, ERR_CONFLICT, "Both sides changed the same lines.");
	if (m->kind == GIT_MERGE_FAST_FORWARD && m->flags & GIT_MERGE_BEHIND)
		return err_set(e, ERR_CONFLICT,
			       "The target has commits that the source has not, so it cannot be "
			       "fast-forwarded.");
	return 0;
}

/* Where the ref stands that gets the result. */
static const char *old_value(const struct merge *m)
{
	if (m->kind == GIT_MERGE_RESULT && m->base[0])
		return m->base;
	return m->kind == GIT_MERGE_REVERT || m->kind == GIT_MERGE_RESULT ? GIT_ZERO_OID : m->ours;
}

static void fill_land(struct merge *m)
{
	struct git_land *l = &m->land;

	l->count = 1 + m->changes_count;
	l->refs = ARENA_ARRAY(m->c->arena, struct git_land_ref, l->count);
	l->is_atomic = true;
	l->refs[0].name = m->ref;
	memcpy(l->refs[0].old_oid, old_value(m), GIT_OID_TEXT);
	memcpy(l->refs[0].new_oid, m->result, GIT_OID_TEXT);
	for (size_t i = 0; i < m->changes_count; i++) {
		struct git_land_ref *ref = &l->refs[i + 1];
		const struct git_message *change = &m->changes[i];

		ref->name = str_c(change->name);
		memcpy(ref->old_oid, change->old_oid[0] ? change->old_oid : GIT_ZERO_OID,
		       GIT_OID_TEXT);
		memcpy(ref->new_oid, change->new_oid[0] ? change->new_oid : GIT_ZERO_OID,
		       GIT_OID_TEXT);
	}
}

static int land(struct merge *m, struct err *e)
{
	const struct git_land *l = &m->land;
	struct err ignored;

	if (check_possible(m, e) < 0) {
		/* What came out is told all the same: the front has better words. */
		if (send_merged(m, m->tree, &ignored) < 0)
			return -(int)ignored.code;
		return -(int)e->code;
	}
	if (write_result(m, e) < 0 || git_ingest_pack_loose(m->c, &m->land.ingest, e) < 0)
		return -(int)e->code;
	fill_land(m);
	if (send_merged(m, m->result, e) < 0 || git_land_run(&m->land, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < l->count; i++)
		if (!str_is_none(l->refs[i].reason))
			return err_set(e, ERR_CONFLICT, "%.*s: %.*s", STR_FMT(l->refs[i].name),
				       STR_FMT(l->refs[i].reason));
	return 0;
}

int git_op_merge(struct git_child *c, struct err *e)
{
	struct merge *m = ARENA_NEW(c->arena, struct merge);
	int failed;

	m->c = c;
	git_land_init(&m->land, c);
	buf_init(&m->message, MESSAGE_MAX);
	failed = receive_wish(m, e);
	if (!failed)
		failed = git_land_lock_objects(&m->land, e);
	if (!failed)
		failed = git_ingest_make(c, &m->land.ingest, e);
	if (!failed)
		failed = m->kind == GIT_MERGE_REVERT ? merge_revert(m, e) : merge_both(m, e);
	if (!failed)
		failed = m->kind == GIT_MERGE_CHECK ? send_merged(m, m->tree, e) : land(m, e);
	git_land_fini(&m->land);
	buf_fini(&m->message);
	return failed;
}
