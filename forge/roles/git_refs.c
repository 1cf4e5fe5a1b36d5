/* The operation refs: changes from pages, API and merges, all or nothing, and HEAD. */
#include "roles/git_child.h"

#include "base/fs.h"
#include "git/generation.h"
#include "git/layout.h"
#include "git/lock.h"
#include "git/ref_snapshot.h"
#include "roles/git_land.h"

#define CHANGES_MAX 1000
#define LOCK_WAIT_MS 20000
#define TAG_MESSAGE_MAX 65536

struct change {
	struct git_message m;
	bool is_tag;
	struct git_message tagger;
	struct buf message;
};

struct changes {
	struct change *list;
	size_t count;
};

static void close_message(void *message)
{
	buf_fini(message);
}

static int begin_tag(struct git_child *c, struct change *change, const struct git_message *m,
		     struct err *e)
{
	if (!str_starts(str_c(change->m.name), STR("refs/tags/")))
		return err_set(e, ERR_INTERNAL, "git.sock: a tagger for something that is no tag");
	change->is_tag = true;
	change->tagger = *m;
	buf_init(&change->message, TAG_MESSAGE_MAX);
	arena_link(c->arena, close_message, &change->message);
	return 0;
}

/* One message of the list; the last change is what TAGGER and TAG_TEXT belong to. */
static int take_message(struct git_child *c, struct changes *changes, const struct git_message *m,
			struct err *e)
{
	struct change *last = changes->count ? &changes->list[changes->count - 1] : NULL;

	if (m->type == GIT_MSG_TAGGER && last && !last->is_tag)
		return begin_tag(c, last, m, e);
	if (m->type == GIT_MSG_TAG_TEXT && last && last->is_tag) {
		buf_add_c(&last->message, m->text);
		return buf_check(&last->message, "The tag's message", e);
	}
	if (m->type != GIT_MSG_CHANGE || changes->count == CHANGES_MAX)
		return err_set(e, ERR_INTERNAL, "git.sock: message %u among CHANGEs", m->type);
	if (git_refname_check(str_c(m->name), e) < 0)
		return -(int)e->code;
	changes->list[changes->count++].m = *m;
	return 0;
}

static int receive_changes(struct git_child *c, struct changes *changes, struct err *e)
{
	struct git_message m;

	changes->list = ARENA_ARRAY(c->arena, struct change, CHANGES_MAX);
	changes->count = 0;
	for (;;) {
		if (git_child_receive(c, &m, e) < 0)
			return -(int)e->code;
		if (m.type == GIT_MSG_GO)
			return 0;
		if (take_message(c, changes, &m, e) < 0)
			return -(int)e->code;
	}
}

/* Writes the tag's object; the ref will point to it instead of the commit. */
static int make_tag(struct git_child *c, struct change *change, struct err *e)
{
	static const char *const args[] = { "mktag", NULL };
	struct git_command command = git_child_command(c, args);
	struct git_result result;
	struct str text = arena_fmt(
		c->arena, "object %s\ntype commit\ntag %s\ntagger %s %lld +0000\n\n%.*s\n",
		change->m.new_oid, change->m.name + strlen("refs/tags/"), change->tagger.text,
		(long long)change->tagger.number, STR_FMT(buf_str(&change->message)));
	const char *folder;
	struct str oid;

	if (git_run_ok(&command, "make the tag", text, 4096, c->arena, &result, e) < 0)
		return -(int)e->code;
	oid = str_trim(result.out);
	if (!str_copy(change->m.new_oid, sizeof(change->m.new_oid), oid))
		return err_set(e, ERR_INTERNAL, "mktag answered no object's name");
	/* git syncs the file, not its folder; there is none if the object was packed already. */
	folder = git_child_path(c, "objects/%.*s", STR_FMT(str_upto(oid, 2)));
	return fs_exists(folder) ? fs_sync_folder(folder, e) : 0;
}

static int make_tags(struct git_child *c, struct changes *changes, struct err *e)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].is_tag && make_tag(c, &changes->list[i], e) < 0)
			return -(int)e->code;
	return 0;
}

static int set_head(struct git_child *c, const char *name, struct err *e)
{
	struct git_message committed = git_message_of(GIT_MSG_COMMITTED);
	struct git_generation *generation;
	int lock;
	int failed;

	if (git_lock_take(c->repo, GIT_LANDING_LOCK_NAME, true, LOCK_WAIT_MS, &lock, e) < 0)
		return -(int)e->code;
	failed = git_generation_open(c->repo, true, &generation, e);
	if (!failed) {
		git_generation_bump_refs(generation);
		failed = fs_write_atomic(git_child_path(c, "HEAD"),
					 arena_fmt(c->arena, "ref: %s\n", name), 0600, e);
		git_generation_bump_refs(generation);
		git_generation_close(generation);
	}
	fs_close(&lock);
	return failed ? failed : git_child_send(c, &committed, e);
}

/* Where the caller does not care what the ref is now, what it is now becomes the old value. */
static int fill_refs(struct git_land *l, const struct changes *changes, struct err *e)
{
	struct ref_snapshot *now;

	if (ref_snapshot_scan(l->c->repo, NULL, &now, e) < 0)
		return -(int)e->code;
	l->count = changes->count;
	l->refs = ARENA_ARRAY(l->c->arena, struct git_land_ref, changes->count + 1);
	for (size_t i = 0; i < changes->count; i++) {
		const struct git_message *m = &changes->list[i].m;
		struct git_land_ref *ref = &l->refs[i];
		const struct ref *found = ref_snapshot_find(now, str_c(m->name));

		ref->name = str_c(m->name);
		memcpy(ref->new_oid, m->new_oid[0] ? m->new_oid : GIT_ZERO_OID, GIT_OID_TEXT);
		memcpy(ref->old_oid, m->old_oid[0] ? m->old_oid : GIT_ZERO_OID, GIT_OID_TEXT);
		if ((m->flags & GIT_REF_ANY_OLD) && found)
			oid_format(&found->oid, ref->old_oid);
		if (strcmp(ref->new_oid, GIT_ZERO_OID) == 0 && !found)
			git_land_refuse(l, i, STR("it does not exist"));
	}
	ref_snapshot_unref(now);
	return 0;
}

/* The first reason is the answer. */
static int first_refusal(const struct git_land *l, struct err *e)
{
	for (size_t i = 0; i < l->count; i++)
		if (!str_is_none(l->refs[i].reason))
			return err_set(e, ERR_CONFLICT, "%.*s: %.*s", STR_FMT(l->refs[i].name),
				       STR_FMT(l->refs[i].reason));
	return 0;
}

int git_op_refs(struct git_child *c, struct err *e)
{
	struct changes changes;
	struct git_land land;
	int failed;

	if (receive_changes(c, &changes, e) < 0)
		return -(int)e->code;
	if (changes.count == 0)
		return 0;
	if (changes.list[0].m.flags & GIT_REF_HEAD)
		return set_head(c, changes.list[0].m.name, e);
	git_land_init(&land, c);
	land.is_atomic = true;
	failed = git_land_lock_objects(&land, e);
	if (!failed)
		failed = make_tags(c, &changes, e);
	if (!failed)
		failed = fill_refs(&land, &changes, e);
	if (!failed)
		failed = git_land_run(&land, e);
	if (!failed)
		failed = first_refusal(&land, e);
	git_land_fini(&land);
	return failed;
}
