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

struct changes {
	struct git_message *list;
	size_t count;
};

static int receive_changes(struct git_child *c, struct changes *changes, struct err *e)
{
	struct git_message m;

	changes->list = ARENA_ARRAY(c->arena, struct git_message, CHANGES_MAX);
	changes->count = 0;
	for (;;) {
		if (git_child_receive(c, &m, e) < 0)
			return -(int)e->code;
		if (m.type == GIT_MSG_GO)
			return 0;
		if (m.type != GIT_MSG_CHANGE || changes->count == CHANGES_MAX)
			return err_set(e, ERR_INTERNAL, "git.sock: message %u among CHANGEs", m.type);
		if (git_refname_check(str_c(m.name), e) < 0)
			return -(int)e->code;
		changes->list[changes->count++] = m;
	}
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
		const struct git_message *m = &changes->list[i];
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
	if (changes.list[0].flags & GIT_REF_HEAD)
		return set_head(c, changes.list[0].name, e);
	git_land_init(&land, c);
	land.is_atomic = true;
	failed = git_land_lock_objects(&land, e);
	if (!failed)
		failed = fill_refs(&land, &changes, e);
	if (!failed)
		failed = git_land_run(&land, e);
	if (!failed)
		failed = first_refusal(&land, e);
	git_land_fini(&land);
	return failed;
}
