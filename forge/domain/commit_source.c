#include "domain/commit_source.h"

#include "base/clock.h"
#include "git/commit_files.h"

static bool has_before(const struct commit_subject *subject)
{
	return !str_is_empty(subject->before) && !str_eq_c(subject->before, GIT_ZERO_OID);
}

static int parse(struct str hex, struct oid *oid, struct err *e)
{
	if (!oid_parse(hex, oid))
		return err_set(e, ERR_INTERNAL, "a commit's name that is none");
	return 0;
}

/* ------------------------------------------------------------ through a held repository */

static int repo_read(struct commit_source *s, struct arena *a, struct str path, size_t limit,
		     struct str *bytes, struct err *e)
{
	struct oid commit;

	if (parse(s->subject.sha, &commit, e) < 0)
		return -(int)e->code;
	return commit_file(s->repo, &commit, path, limit, a, bytes, e);
}

static int repo_list(struct commit_source *s, struct arena *a, struct commit_paths *paths,
		     struct err *e)
{
	struct oid commit;

	if (parse(s->subject.sha, &commit, e) < 0)
		return -(int)e->code;
	return commit_files(s->repo, &commit, a, paths, e);
}

static int repo_changed(struct commit_source *s, struct arena *a, struct str compare_to,
			struct commit_paths *paths, struct err *e)
{
	struct oid commit;
	struct oid other;
	bool is_named = !str_is_none(compare_to);

	if (parse(s->subject.sha, &commit, e) < 0)
		return -(int)e->code;
	if (is_named ? repo_resolve(s->repo, compare_to, &other, e) < 0
		     : parse(s->subject.before, &other, e) < 0)
		return -(int)e->code;
	return commit_changed(s->repo, &other, &commit, is_named || s->subject.is_merge_base, a,
			      paths, e);
}

static int repo_commit(struct commit_source *s, struct str oid_text, struct arena *a,
		       struct oid *commit, struct str *bytes, struct err *e)
{
	struct oid oid;

	if (parse(oid_text, &oid, e) < 0)
		return -(int)e->code;
	return commit_bytes(s->repo, &oid, a, commit, bytes, e);
}

/* ------------------------------------------------------------------ through an operation */

static struct git_question question(const struct commit_source *s, enum git_read what)
{
	return (struct git_question){ .what = what,
				      .commit = s->subject.sha,
				      .limit = GIT_ANSWER_MAX,
				      .deadline_ms = s->deadline_ms };
}

static int op_read(struct commit_source *s, struct arena *a, struct str path, size_t limit,
		   struct str *bytes, struct err *e)
{
	struct git_question q = question(s, GIT_READ_FILE);
	struct git_answer answer;

	q.name = path;
	q.limit = limit;
	if (git_operation_read(s->op, &q, a, &answer, e) < 0)
		return -(int)e->code;
	*bytes = answer.bytes;
	return 0;
}

static void split(struct arena *a, const struct git_answer *answer, struct commit_paths *paths)
{
	struct str rest = answer->bytes;
	size_t count = 0;

	for (size_t i = 0; i < rest.n; i++)
		count += rest.p[i] == '\0';
	*paths = (struct commit_paths){ { ARENA_ARRAY(a, struct str, count + 1), 0 },
					answer->is_cut };
	while (paths->paths.count < count &&
	       str_cut(&rest, '\0', &paths->paths.items[paths->paths.count]))
		paths->paths.count++;
}

static int op_paths(struct commit_source *s, const struct git_question *q, struct arena *a,
		    struct commit_paths *paths, struct err *e)
{
	struct git_answer answer;

	if (git_operation_read(s->op, q, a, &answer, e) < 0)
		return -(int)e->code;
	split(a, &answer, paths);
	return 0;
}

static int op_changed(struct commit_source *s, struct arena *a, struct str compare_to,
		      struct commit_paths *paths, struct err *e)
{
	struct git_question q = question(s, GIT_READ_CHANGED);

	q.name = compare_to;
	q.other = s->subject.before;
	q.from_base = !str_is_none(compare_to) || s->subject.is_merge_base;
	return op_paths(s, &q, a, paths, e);
}

static int op_commit(struct commit_source *s, struct str oid, struct arena *a, struct oid *commit,
		     struct str *bytes, struct err *e)
{
	struct git_question q = question(s, GIT_READ_COMMIT);
	struct git_answer answer;

	q.commit = oid;
	if (git_operation_read(s->op, &q, a, &answer, e) < 0)
		return -(int)e->code;
	*bytes = answer.bytes;
	return parse(answer.commit, commit, e);
}

static int repo_tag(struct commit_source *s, struct str oid_text, struct arena *a,
		    struct str *message, struct err *e)
{
	struct oid oid;

	if (parse(oid_text, &oid, e) < 0)
		return -(int)e->code;
	return tag_message(s->repo, &oid, a, message, e);
}

static int op_tag(struct commit_source *s, struct str oid, struct arena *a, struct str *message,
		  struct err *e)
{
	struct git_question q = question(s, GIT_READ_TAG);
	struct git_answer answer;

	q.commit = oid;
	if (git_operation_read(s->op, &q, a, &answer, e) < 0)
		return -(int)e->code;
	*message = answer.bytes;
	return 0;
}

/* --------------------------------------------------------------------- what the planner asks */

static int check_time(const struct commit_source *s, struct err *e)
{
	if (clock_monotonic_ms() < s->deadline_ms)
		return 0;
	return err_set(
		e, ERR_BUSY,
		"Planning the pipeline took longer than %d seconds and was given up; nothing "
		"was changed. Try again, or let the pipeline file ask for fewer files.",
		COMMIT_SOURCE_SECONDS);
}

static int source_read(void *closure, struct arena *a, struct str path, size_t limit,
		       struct str *bytes, struct err *e)
{
	struct commit_source *s = closure;

	if (check_time(s, e) < 0)
		return -(int)e->code;
	return s->op ? op_read(s, a, path, limit, bytes, e)
		     : repo_read(s, a, path, limit, bytes, e);
}

/* Into the planning's memory, if there is room for them. */
static void keep_paths(struct commit_source *s, const struct commit_paths *found, struct arena *a,
		       struct ci_paths *paths)
{
	size_t bytes = found->paths.count * sizeof(struct str);

	*paths = (struct ci_paths){ 0 };
	for (size_t i = 0; i < found->paths.count; i++)
		bytes += found->paths.items[i].n + 1;
	if (found->is_cut || bytes > s->bytes_left)
		return;
	s->bytes_left -= bytes;
	*paths = (struct ci_paths){ ARENA_ARRAY(a, struct str, found->paths.count + 1),
				    found->paths.count, true };
	for (size_t i = 0; i < found->paths.count; i++)
		paths->items[i] = arena_str(a, found->paths.items[i]);
}

static int source_list(void *closure, struct arena *a, struct ci_paths *paths, struct err *e)
{
	struct commit_source *s = closure;
	const struct git_question q = question(s, GIT_READ_FILES);
	struct arena *own = arena_open(0);
	struct commit_paths found;
	int failed = check_time(s, e);

	if (!failed)
		failed = s->op ? op_paths(s, &q, own, &found, e) : repo_list(s, own, &found, e);
	if (!failed)
		keep_paths(s, &found, a, paths);
	arena_close(own);
	return failed;
}

static int source_changed(void *closure, struct arena *a, struct str compare_to,
			  struct ci_paths *paths, struct err *e)
{
	struct commit_source *s = closure;
	struct commit_paths found;
	struct arena *own;
	int failed;

	*paths = (struct ci_paths){ 0 };
	if (str_is_none(compare_to) && !has_before(&s->subject))
		return 0;
	own = arena_open(0);
	failed = check_time(s, e);
	if (!failed)
		failed = s->op ? op_changed(s, own, compare_to, &found, e)
			       : repo_changed(s, own, compare_to, &found, e);
	if (!failed)
		keep_paths(s, &found, a, paths);
	arena_close(own);
	return failed;
}

static struct commit_source *open_source(struct arena *a, const struct commit_subject *subject)
{
	struct commit_source *s = ARENA_NEW(a, struct commit_source);

	s->files = (struct ci_source){ s, source_read, source_list, source_changed };
	s->arena = a;
	s->subject = *subject;
	s->deadline_ms = clock_monotonic_ms() + COMMIT_SOURCE_SECONDS * 1000;
	s->bytes_left = COMMIT_SOURCE_BYTES;
	return s;
}

struct commit_source *commit_source_of_operation(struct arena *a, struct git_operation *op,
						 const struct commit_subject *subject)
{
	struct commit_source *s = open_source(a, subject);

	s->op = op;
	return s;
}

struct commit_source *commit_source_of_repo(struct arena *a, struct repo *repo,
					    const struct commit_subject *subject)
{
	struct commit_source *s = open_source(a, subject);

	s->repo = repo;
	return s;
}

static int get(struct commit_source *s, struct str oid, struct arena *a, struct oid *commit,
	       struct str *bytes, struct err *e)
{
	if (check_time(s, e) < 0)
		return -(int)e->code;
	return s->op ? op_commit(s, oid, a, commit, bytes, e)
		     : repo_commit(s, oid, a, commit, bytes, e);
}

int commit_source_commit(struct commit_source *source, struct arena *a, struct commit *commit,
			 struct err *e)
{
	struct str bytes;
	struct oid oid;

	if (get(source, source->subject.sha, a, &oid, &bytes, e) < 0)
		return -(int)e->code;
	commit_parse(&oid, bytes, a, commit);
	return 0;
}

int commit_source_peel(struct commit_source *source, struct str oid, struct arena *a,
		       struct str *sha, struct err *e)
{
	struct str bytes;
	struct oid commit;

	if (get(source, oid, a, &commit, &bytes, e) < 0)
		return -(int)e->code;
	*sha = oid_hex(a, &commit);
	return 0;
}

int commit_source_tag_message(struct commit_source *source, struct str oid, struct arena *a,
			      struct str *message, struct err *e)
{
	int failed = check_time(source, e);

	*message = STR_NONE;
	if (!failed)
		failed = source->op ? op_tag(source, oid, a, message, e)
				    : repo_tag(source, oid, a, message, e);
	if (!failed || e->code != ERR_NOT_FOUND)
		return failed;
	err_clear(e);
	return 0;
}
