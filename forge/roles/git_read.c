#include "roles/git_read.h"

#include "base/fault.h"
#include "base/fs.h"
#include "base/mem.h"
#include "git/commit_files.h"
#include "git/ref_snapshot.h"

struct git_read_door {
	struct git_reader *reader;
	struct repo *repo;
};

static int open_door(const struct git_child *c, const char *quarantine, struct git_read_door **door,
		     struct err *e)
{
	struct git_read_door *made = MEM_NEW(struct git_read_door);
	int result = git_reader_open(c->repo, &made->reader, e);

	if (result == 0)
		result = repo_open_objects(made->reader, c->repo, quarantine, &made->repo, e);
	if (result < 0) {
		git_read_close(made);
		return result;
	}
	*door = made;
	return 0;
}

int git_read_open(const struct git_child *c, const char *quarantine, struct git_read_door **door,
		  struct repo **repo, struct err *e)
{
	int result = *door == NULL ? open_door(c, quarantine, door, e) : 0;

	if (result < 0)
		return result;
	*repo = (*door)->repo;
	return 0;
}

void git_read_close(struct git_read_door *door)
{
	if (!door)
		return;
	repo_close_objects(door->repo);
	git_reader_close(door->reader);
	mem_free(door);
}

static int parse_oid(const char *hex, struct oid *oid, struct err *e)
{
	if (hex[0] == '\0' || !oid_parse(str_c(hex), oid))
		return err_set(e, ERR_INTERNAL, "git.sock: a question without an object's name");
	return 0;
}

/* A branch before a tag, as everywhere. */
static int find_ref(const struct git_child *c, const char *name, struct oid *oid, struct err *e)
{
	static const char *const folders[] = { "refs/heads/", "refs/tags/", "" };
	const struct ref *found = NULL;
	struct ref_snapshot *now;

	if (ref_snapshot_scan(c->repo, NULL, &now, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; !found && i < ARRAY_LEN(folders); i++)
		found = ref_snapshot_find(now, arena_fmt(c->arena, "%s%s", folders[i], name));
	if (found)
		*oid = found->peeled;
	ref_snapshot_unref(now);
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "There is no branch or tag named %s.", name);
}

/* Each ended by NUL: a path may hold any other byte. */
static int join(struct arena *a, const struct commit_paths *paths, struct str *joined,
		struct err *e)
{
	struct buf b;
	int failed;

	buf_init(&b, GIT_ANSWER_MAX);
	for (size_t i = 0; i < paths->paths.count; i++) {
		buf_add(&b, paths->paths.items[i]);
		buf_add_char(&b, '\0');
	}
	failed = buf_check(&b, "the list of paths", e);
	if (!failed)
		*joined = arena_str(a, buf_str(&b));
	buf_fini(&b);
	return failed;
}

static int read_paths(const struct git_child *c, struct repo *repo, const struct git_message *m,
		      struct git_message *answer, struct str *bytes, struct err *e)
{
	bool from_base = (m->flags & GIT_READ_BASE) != 0;
	struct commit_paths paths;
	struct oid commit;
	struct oid other;
	int failed = parse_oid(m->new_oid, &commit, e);

	if (!failed && m->number == GIT_READ_FILES)
		failed = commit_files(repo, &commit, c->arena, &paths, e);
	else if (!failed)
		failed = m->name[0] ? find_ref(c, m->name, &other, e)
				    : parse_oid(m->old_oid, &other, e);
	if (!failed && m->number == GIT_READ_CHANGED)
		failed = commit_changed(repo, &other, &commit, from_base, c->arena, &paths, e);
	if (failed)
		return failed;
	answer->flags |= paths.is_cut ? GIT_ANSWER_CUT : 0;
	return join(c->arena, &paths, bytes, e);
}

static int read_one(const struct git_child *c, struct repo *repo, const struct git_message *m,
		    struct git_message *answer, struct str *bytes, struct err *e)
{
	size_t limit = m->number2 > 0 && (uint64_t)m->number2 < GIT_ANSWER_MAX ? (size_t)m->number2
									       : GIT_ANSWER_MAX;
	struct oid commit;

	if (parse_oid(m->new_oid, &commit, e) < 0)
		return -(int)e->code;
	if (m->number == GIT_READ_FILE)
		return commit_file(repo, &commit, str_c(m->name), limit, c->arena, bytes, e);
	if (m->number == GIT_READ_TAG)
		return tag_message(repo, &commit, c->arena, bytes, e);
	if (m->number != GIT_READ_COMMIT)
		return read_paths(c, repo, m, answer, bytes, e);
	if (commit_bytes(repo, &commit, c->arena, &commit, bytes, e) < 0)
		return -(int)e->code;
	oid_format(&commit, answer->new_oid);
	return 0;
}

int git_read_answer(struct git_child *c, const char *quarantine, const struct git_message *question,
		    int fd, struct git_read_door **door, struct err *e)
{
	struct git_message answer = git_message_of(GIT_MSG_ANSWER);
	struct arena_mark mark = arena_mark(c->arena);
	struct repo *repo;
	struct err why = { 0 };
	struct str bytes = STR_NONE;

	answer.flags = GIT_ANSWER_OK;
	if (fd < 0)
		(void)err_set(&why, ERR_INTERNAL, "git.sock: a question without a file");
	if (why.code == ERR_NONE && git_read_open(c, quarantine, door, &repo, &why) == 0 &&
	    read_one(c, repo, question, &answer, &bytes, &why) == 0 &&
	    fs_write_all(fd, bytes, &why) == 0)
		answer.number = i64_from_size(bytes.n);
	if (why.code != ERR_NONE) {
		answer.flags = 0;
		answer.number2 = why.code;
		git_message_set_text(&answer, str_c(why.text));
	}
	arena_reset(c->arena, mark);
	FAULT_POINT("land.read");
	return git_child_send(c, &answer, e);
}
