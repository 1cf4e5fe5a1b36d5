#include "roles/git_settle.h"

#include "base/fault.h"
#include "base/fs.h"
#include "git/generation.h"
#include "git/layout.h"
#include "git/lock.h"
#include "git/ref_snapshot.h"
#include "roles/git_ingest.h"
#include "roles/git_ref_update.h"

#include <dirent.h>
#include <errno.h>

#define REFS_DEPTH_MAX 64

int git_settle_receive(struct git_child *c, struct git_settle *settle, struct err *e)
{
	struct git_message m;

	memset(settle, 0, sizeof(*settle));
	for (;;) {
		if (git_child_receive(c, &m, e) < 0)
			return -(int)e->code;
		if (m.type == GIT_MSG_GO)
			return 0;
		if (m.type == GIT_MSG_ABORT)
			return err_set(e, ERR_CONFLICT, "%s", m.text);
		if (m.type != GIT_MSG_SETTLE || !m.new_oid[0])
			return err_set(e, ERR_INTERNAL, "git.sock: message %u among SETTLEs",
				       m.type);
		if (git_refname_check(str_c(m.name), e) < 0)
			return -(int)e->code;
		if (settle->count == settle->room) {
			size_t room = settle->room ? 2 * settle->room : 8;
			struct git_message *more = ARENA_ARRAY(c->arena, struct git_message, room);

			if (settle->count)
				memcpy(more, settle->refs, settle->count * sizeof(*more));
			settle->refs = more;
			settle->room = room;
		}
		settle->refs[settle->count++] = m;
	}
}

static int drop_locks_below(struct git_child *c, const char *folder, int depth, struct err *e)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	int failed = 0;

	if (!open_folder)
		return errno == ENOENT ? 0 : err_errno(e, errno, "open %s", folder);
	while (!failed && (entry = readdir(open_folder))) {
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		path = arena_strf(c->arena, "%s/%s", folder, entry->d_name);
		if (str_ends(str_c(entry->d_name), STR(".lock")))
			unlink(path);
		else if (entry->d_type == DT_DIR && depth < REFS_DEPTH_MAX)
			failed = drop_locks_below(c, path, depth + 1, e);
	}
	closedir(open_folder);
	return failed;
}

int git_settle_drop_locks(struct git_child *c, struct err *e)
{
	static const char *const files[] = { "packed-refs.lock", "packed-refs.new", "HEAD.lock",
					     "config.lock" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		unlink(git_child_path(c, "%s", files[i]));
	return drop_locks_below(c, git_child_path(c, "refs"), 0, e);
}

/* Adds what differs; returns how many. */
static size_t add_differences(const struct git_settle *settle, const struct ref_snapshot *now,
			      struct git_ref_update *update)
{
	size_t changed = 0;

	for (size_t i = 0; i < settle->count; i++) {
		const struct git_message *m = &settle->refs[i];
		const struct ref *found = ref_snapshot_find(now, str_c(m->name));
		char have[GIT_OID_TEXT] = GIT_ZERO_OID;

		if (found)
			oid_format(&found->oid, have);
		if (strcmp(have, m->new_oid) == 0)
			continue;
		git_ref_update_add(update, str_c(m->name), have, m->new_oid);
		changed++;
	}
	return changed;
}

static int apply_differences(struct git_child *c, const struct git_settle *settle, int lock_fd,
			     const struct ref_snapshot *now, size_t *changed, struct err *e)
{
	struct git_ref_update update;
	int failed = 0;

	git_ref_update_init(&update, c);
	*changed = add_differences(settle, now, &update);
	if (*changed > 0)
		failed = git_ref_update_prepare(&update, lock_fd, e);
	FAULT_POINT("settle.prepared");
	if (*changed > 0 && !failed)
		failed = git_ref_update_commit(&update, e);
	git_ref_update_fini(&update);
	for (size_t i = 0; !failed && i < settle->count; i++)
		failed = git_ref_update_sync_folder(c, str_c(settle->refs[i].name), e);
	return failed ? failed : fs_sync_folder(c->repo, e);
}

int git_settle_apply(struct git_child *c, const struct git_settle *settle, int lock_fd,
		     size_t *changed, struct err *e)
{
	struct git_generation *generation;
	struct ref_snapshot *now;
	int failed;

	*changed = 0;
	if (git_settle_drop_locks(c, e) < 0 || ref_snapshot_scan(c->repo, NULL, &now, e) < 0)
		return -(int)e->code;
	failed = git_generation_open(c->repo, true, &generation, e);
	if (!failed) {
		git_generation_bump_refs(generation);
		failed = apply_differences(c, settle, lock_fd, now, changed, e);
		git_generation_bump_refs(generation);
		git_generation_close(generation);
	}
	ref_snapshot_unref(now);
	return failed ? err_add(e, "settle") : 0;
}

static int reset(struct git_child *c, struct err *e)
{
	struct err busy;
	int lock;
	int failed;

	/* A push or housekeeping is alive, and what it makes is no left-over. */
	if (git_lock_take(c->repo, GIT_OBJECTS_LOCK_NAME, true, 0, &lock, &busy) < 0)
		return 0;
	failed = git_ingest_drop_leftovers(c, e);
	fs_close(&lock);
	return failed;
}

int git_op_settle(struct git_child *c, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_LOCKED);
	struct git_settle settle;
	size_t changed = 0;
	int lock = -1;
	int failed;

	if ((c->rq.flags & GIT_FLAG_RESET) && reset(c, e) < 0)
		return -(int)e->code;
	if (git_lock_take(c->repo, GIT_LANDING_LOCK_NAME, true, 0, &lock, e) < 0)
		return -(int)e->code;
	failed = git_child_send(c, &m, e);
	if (!failed)
		failed = git_settle_receive(c, &settle, e);
	if (!failed && settle.count == 0)
		failed = git_settle_drop_locks(c, e);
	if (!failed && settle.count > 0)
		failed = git_settle_apply(c, &settle, lock, &changed, e);
	if (!failed) {
		m = git_message_of(GIT_MSG_SETTLED);
		m.number = i64_from_size(changed);
		failed = git_child_send(c, &m, e);
		/* Held until the front has recorded it and says so, or hangs up. */
		if (!failed)
			failed = git_child_expect(c, GIT_MSG_GO, &m, e);
	}
	fs_close(&lock);
	return failed;
}
