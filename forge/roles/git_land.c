#include "roles/git_land.h"

#include "base/fault.h"
#include "base/fs.h"
#include "git/generation.h"
#include "git/layout.h"
#include "git/lock.h"
#include "roles/git_read.h"
#include "roles/git_settle.h"

#define OBJECTS_WAIT_MS 120000
#define LANDING_WAIT_MS 50000
#define OUTPUT_MAX (GIT_OUTPUT_LINES_MAX * GIT_MESSAGE_TEXT_MAX)

void git_land_init(struct git_land *l, struct git_child *c)
{
	memset(l, 0, sizeof(*l));
	l->c = c;
	l->objects_lock = l->landing_lock = -1;
	l->ingest.lock = -1;
	buf_init(&l->output, OUTPUT_MAX);
}

void git_land_fini(struct git_land *l)
{
	git_read_close(l->reading);
	git_ingest_discard(&l->ingest);
	fs_close(&l->landing_lock);
	fs_close(&l->objects_lock);
	buf_fini(&l->output);
}

void git_land_refuse(struct git_land *l, size_t index, struct str reason)
{
	if (str_is_none(l->refs[index].reason))
		l->refs[index].reason = arena_str(l->c->arena, reason);
}

void git_land_refuse_all(struct git_land *l, struct str reason)
{
	for (size_t i = 0; i < l->count; i++)
		git_land_refuse(l, i, reason);
}

size_t git_land_open(const struct git_land *l)
{
	size_t open = 0;

	for (size_t i = 0; i < l->count; i++)
		open += str_is_none(l->refs[i].reason);
	return open;
}

static void spread_atomic(struct git_land *l)
{
	if (l->is_atomic && git_land_open(l) < l->count)
		git_land_refuse_all(l, STR("another ref of this atomic push was refused"));
}

int git_land_lock_objects(struct git_land *l, struct err *e)
{
	return git_lock_take(l->c->repo, GIT_OBJECTS_LOCK_NAME, false, OBJECTS_WAIT_MS,
			     &l->objects_lock, e);
}

static void refuse_bad_names(struct git_land *l)
{
	struct err e;

	for (size_t i = 0; i < l->count; i++)
		if (git_refname_check(l->refs[i].name, &e) < 0)
			git_land_refuse(l, i, str_c(e.text));
}

static struct git_message ref_message(const struct git_land *l, size_t index,
				      enum git_message_type type)
{
	struct git_message m = git_message_of(type);
	const struct git_land_ref *ref = &l->refs[index];

	m.index = u32_from_size(index);
	m.flags = ref->facts | (str_is_none(ref->reason) ? GIT_REF_OK : 0);
	memcpy(m.old_oid, ref->old_oid, sizeof(m.old_oid));
	memcpy(m.new_oid, ref->new_oid, sizeof(m.new_oid));
	if (!str_is_none(ref->reason))
		git_message_set_text(&m, ref->reason);
	/* Checked when it came in: it fits. */
	if (!str_copy(m.name, sizeof(m.name), ref->name))
		m.name[0] = '\0';
	return m;
}

static int send_questions(struct git_land *l, struct err *e)
{
	struct git_message m;

	for (size_t i = 0; i < l->option_count; i++) {
		m = git_message_of(GIT_MSG_OPTION);
		git_message_set_text(&m, l->options[i]);
		if (git_child_send(l->c, &m, e) < 0)
			return -(int)e->code;
	}
	for (size_t i = 0; i < l->count; i++) {
		m = ref_message(l, i, GIT_MSG_REF);
		if (git_child_send(l->c, &m, e) < 0)
			return -(int)e->code;
	}
	m = git_message_of(GIT_MSG_DECIDE);
	m.number = i64_from_size(l->count);
	m.number2 = l->ingest.pack_bytes;
	m.flags = l->is_atomic ? GIT_FLAG_ATOMIC : 0;
	return git_child_send(l->c, &m, e);
}

static int take_verdict(struct git_land *l, const struct git_message *m, struct err *e)
{
	if (m->index >= l->count)
		return err_set(e, ERR_INTERNAL, "git.sock: a verdict about ref %u of %zu", m->index,
			       l->count);
	if (!(m->flags & GIT_REF_OK))
		git_land_refuse(l, m->index, m->text[0] ? str_c(m->text) : STR("refused"));
	return 0;
}

/* One message of the front's while it decides; *is_over at GO. */
static int take_decision(struct git_land *l, bool *judged, bool *is_over, struct err *e)
{
	struct git_message m;
	AUTO_FD file = -1;

	if (git_child_receive_with(l->c, &m, &file, e) < 0)
		return -(int)e->code;
	*is_over = m.type == GIT_MSG_GO;
	switch (m.type) {
	case GIT_MSG_GO:
		return 0;
	case GIT_MSG_ABORT:
		return err_set(e, ERR_CONFLICT, "%s", m.text);
	case GIT_MSG_READ:
		return git_read_answer(l->c, l->ingest.quarantine, &m, file, &l->reading, e);
	case GIT_MSG_VERDICT:
		if (take_verdict(l, &m, e) < 0)
			return -(int)e->code;
		judged[m.index] = true;
		return 0;
	default:
		return err_set(e, ERR_INTERNAL, "git.sock: message %u among verdicts", m.type);
	}
}

/* The front sends a verdict for each ref; one without is refused. */
static int ask_policy(struct git_land *l, struct err *e)
{
	bool *judged = ARENA_ARRAY(l->c->arena, bool, l->count + 1);
	bool is_over = false;

	if (send_questions(l, e) < 0)
		return -(int)e->code;
	while (!is_over)
		if (take_decision(l, judged, &is_over, e) < 0)
			return -(int)e->code;
	/* Its handles look into the quarantine, which is about to be moved away. */
	git_read_close(l->reading);
	l->reading = NULL;
	for (size_t i = 0; i < l->count; i++)
		if (!judged[i])
			git_land_refuse(l, i, STR("the server gave no verdict on it"));
	spread_atomic(l);
	return 0;
}

/* The lock, then whatever a crash before us left undone. */
static int lock_and_settle(struct git_land *l, struct err *e)
{
	struct git_message locked = git_message_of(GIT_MSG_LOCKED);
	struct git_settle settle;
	size_t changed;

	if (git_lock_take(l->c->repo, GIT_LANDING_LOCK_NAME, true, LANDING_WAIT_MS,
			  &l->landing_lock, e) < 0)
		return -(int)e->code;
	FAULT_POINT("land.locked");
	if (git_child_send(l->c, &locked, e) < 0 || git_settle_receive(l->c, &settle, e) < 0)
		return -(int)e->code;
	if (settle.count == 0)
		return 0;
	return git_settle_apply(l->c, &settle, l->landing_lock, &changed, e);
}

/* "a" when "a/b" exists, or "a/b" when "a" does: git cannot have both. */
static const char *folder_clash(struct git_land *l, const struct ref_snapshot *now, struct str name)
{
	const struct ref *first;
	struct str parent = name;

	if (ref_snapshot_range(now, arena_fmt(l->c->arena, "%.*s/", STR_FMT(name)), &first) > 0)
		return arena_strf(l->c->arena, "%.*s exists; git cannot have both names",
				  STR_FMT(first->name));
	while (str_has(parent, '/')) {
		const struct ref *above;

		parent = str_upto(parent, str_find_last(parent, '/'));
		above = ref_snapshot_find(now, parent);
		if (above)
			return arena_strf(l->c->arena, "%.*s exists; git cannot have both names",
					  STR_FMT(above->name));
	}
	return NULL;
}

static void compare_old(struct git_land *l, size_t index, const struct ref_snapshot *now)
{
	struct git_land_ref *ref = &l->refs[index];
	const struct ref *found = ref_snapshot_find(now, ref->name);
	char have[GIT_OID_TEXT] = GIT_ZERO_OID;
	const char *clash;

	if (found)
		oid_format(&found->oid, have);
	if (strcmp(have, ref->old_oid) == 0) {
		clash = found ? NULL : folder_clash(l, now, ref->name);
		if (clash)
			git_land_refuse(l, index, str_c(clash));
	} else if (!found) {
		git_land_refuse(l, index, STR("it does not exist (any more); fetch with --prune"));
	} else if (strcmp(ref->old_oid, GIT_ZERO_OID) == 0) {
		git_land_refuse(l, index, STR("it exists already; fetch, then push again"));
	} else {
		git_land_refuse(l, index,
				STR("somebody else pushed to it first; fetch, then push again"));
	}
}

static int compare_all(struct git_land *l, struct err *e)
{
	struct ref_snapshot *now;

	if (ref_snapshot_scan(l->c->repo, NULL, &now, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < l->count; i++)
		if (str_is_none(l->refs[i].reason))
			compare_old(l, i, now);
	ref_snapshot_unref(now);
	spread_atomic(l);
	return 0;
}

/*
 * The landing lock is ours, so the lock files of a killed predecessor are
 * nobody's. Looking is two calls a ref; walking the folders would be more.
 */
static void drop_stale_locks(struct git_land *l)
{
	unlink(git_child_path(l->c, "packed-refs.lock"));
	unlink(git_child_path(l->c, "packed-refs.new"));
	for (size_t i = 0; i < l->count; i++)
		unlink(git_child_path(l->c, "%.*s.lock", STR_FMT(l->refs[i].name)));
}

static int prepare_refs(struct git_land *l, struct git_ref_update *update, struct err *e)
{
	drop_stale_locks(l);
	for (size_t i = 0; i < l->count; i++)
		if (str_is_none(l->refs[i].reason))
			git_ref_update_add(update, l->refs[i].name, l->refs[i].old_oid,
					   l->refs[i].new_oid);
	if (git_land_open(l) == 0)
		return 0;
	if (git_ref_update_prepare(update, l->landing_lock, e) < 0) {
		/* git's own judgement about names among each other ("a" and "a/b" in one push). */
		if (e->code != ERR_CONFLICT)
			return -(int)e->code;
		git_land_refuse_all(l, str_c(e->text));
	}
	return 0;
}

static int report_states(struct git_land *l, struct err *e)
{
	struct git_message m;

	for (size_t i = 0; i < l->count; i++) {
		m = ref_message(l, i, GIT_MSG_REF_STATE);
		if (git_child_send(l->c, &m, e) < 0)
			return -(int)e->code;
	}
	m = git_message_of(GIT_MSG_PREPARED);
	m.number = i64_from_size(git_land_open(l));
	return git_child_send(l->c, &m, e);
}

/* OUTPUT*, then COMMIT; ABORT is ERR_CONFLICT with its text. */
static int await_commit(struct git_land *l, struct err *e)
{
	struct git_message m;

	for (;;) {
		if (git_child_receive(l->c, &m, e) < 0)
			return -(int)e->code;
		if (m.type == GIT_MSG_COMMIT)
			return 0;
		if (m.type == GIT_MSG_ABORT)
			return err_set(e, ERR_CONFLICT, "%s", m.text);
		if (m.type != GIT_MSG_OUTPUT)
			return err_set(e, ERR_INTERNAL, "git.sock: message %u before COMMIT",
				       m.type);
		buf_addf(&l->output, "%s\n", m.text);
	}
}

static bool is_deletion(const struct git_land_ref *ref)
{
	return strcmp(ref->new_oid, GIT_ZERO_OID) == 0;
}

/* The folder of each ref, and of packed-refs, which only a deletion writes. */
static int sync_refs(struct git_land *l, struct err *e)
{
	bool has_deleted = false;

	for (size_t i = 0; i < l->count; i++) {
		const struct git_land_ref *ref = &l->refs[i];

		if (!str_is_none(ref->reason))
			continue;
		has_deleted |= is_deletion(ref);
		if (git_ref_update_sync_folder(l->c, ref->name, e) < 0)
			return -(int)e->code;
	}
	return has_deleted ? fs_sync_folder(l->c->repo, e) : 0;
}

static int commit_refs(struct git_land *l, struct git_ref_update *update, struct err *e)
{
	struct git_generation *generation;
	int failed;

	if (git_generation_open(l->c->repo, true, &generation, e) < 0)
		return -(int)e->code;
	git_generation_bump_refs(generation);
	FAULT_POINT("land.commit");
	failed = git_ref_update_commit(update, e);
	FAULT_POINT("land.renamed");
	git_generation_bump_refs(generation);
	git_generation_close(generation);
	return failed ? failed : sync_refs(l, e);
}

static int install_and_prepare(struct git_land *l, struct git_ref_update *update, struct err *e)
{
	if (compare_all(l, e) < 0)
		return -(int)e->code;
	if (git_land_open(l) > 0 && git_ingest_install(l->c, &l->ingest, e) < 0)
		return -(int)e->code;
	FAULT_POINT("land.installed");
	if (prepare_refs(l, update, e) < 0)
		return -(int)e->code;
	FAULT_POINT("land.prepared");
	return report_states(l, e);
}

static int land_under_lock(struct git_land *l, struct git_ref_update *update, struct err *e)
{
	struct git_message committed = git_message_of(GIT_MSG_COMMITTED);

	if (install_and_prepare(l, update, e) < 0)
		return -(int)e->code;
	if (await_commit(l, e) < 0)
		return -(int)e->code;
	if (git_land_open(l) == 0)
		return 0;
	l->has_committed = true;
	if (commit_refs(l, update, e) < 0)
		return -(int)e->code;
	return git_child_send(l->c, &committed, e);
}

int git_land_run(struct git_land *l, struct err *e)
{
	struct git_ref_update update;
	int failed;

	refuse_bad_names(l);
	if (git_land_find_facts(l, e) < 0 || ask_policy(l, e) < 0)
		return -(int)e->code;
	if (git_land_open(l) == 0)
		return 0;
	git_ref_update_init(&update, l->c);
	failed = lock_and_settle(l, e);
	if (!failed)
		failed = land_under_lock(l, &update, e);
	git_ref_update_fini(&update);
	/* Others may go on while we talk to the client. */
	fs_close(&l->landing_lock);
	return failed;
}
