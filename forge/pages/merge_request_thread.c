#include "pages/merge_request_thread.h"

#include "git/commit.h"
#include "git/line_map.h"

/* A file between two commits, compared once. */
struct carried_file {
	struct str from, to; /* commits */
	struct str path;
	bool is_same;
	const struct diff_file *changed; /* NULL: not comparable */
};

struct thread_carrier {
	struct request *rq;
	struct repo *repo;
	const struct thread_versions *versions;
	const struct merge_request_version *to;
	struct carried_file files[CARRIED_FILES_MAX];
	size_t count;
};

const struct merge_request_version *thread_version(const struct thread_versions *versions,
						   struct str head_sha)
{
	for (size_t i = 0; i < versions->count; i++)
		if (str_eq(versions->items[i].head_sha, head_sha))
			return &versions->items[i];
	return NULL;
}

int thread_carrier_open(struct request *rq, const struct thread_versions *versions,
			const struct merge_request_version *to, struct thread_carrier **carrier,
			struct err *e)
{
	struct thread_carrier *c = ARENA_NEW(rq->arena, struct thread_carrier);

	request_db_return(rq);
	if (request_repo(rq, &c->repo, e) < 0)
		return -(int)e->code;
	c->rq = rq;
	c->versions = versions;
	c->to = to;
	*carrier = c;
	return 0;
}

static int compare(struct thread_carrier *c, struct carried_file *file, struct err *e)
{
	const struct diff_options options = { .path = file->path };
	struct oid from, to;
	struct diff diff;

	if (!oid_parse(file->from, &from) || !oid_parse(file->to, &to))
		return err_set(e, ERR_INTERNAL, "a version without commits");
	if (diff_commits(c->repo, &from, &to, &options, c->rq->arena, &diff, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -(int)e->code;
		err_clear(e); /* a commit that is gone: its threads stay there */
		return 0;
	}
	file->is_same = diff.files_total == 0;
	for (size_t i = 0; i < diff.files_count; i++)
		if (str_eq(diff.files[i].old_path, file->path) &&
		    diff.files[i].status == DIFF_MODIFIED && diff.files[i].omitted == DIFF_SHOWN)
			file->changed = diff.files + i;
	return 0;
}

/* A version that was replaced before anybody asked has no merge base on record. */
static int find_base(struct thread_carrier *c, const struct merge_request_version *version,
		     struct str *sha, struct err *e)
{
	struct oid start, head, base;
	bool found;

	*sha = version->base_sha;
	if (!str_is_none(*sha))
		return 0;
	if (!oid_parse(version->start_sha, &start) || !oid_parse(version->head_sha, &head))
		return err_set(e, ERR_INTERNAL, "a version without commits");
	if (commit_merge_base(c->repo, &start, &head, &found, &base, e) < 0)
		return -(int)e->code;
	if (found)
		*sha = oid_hex(c->rq->arena, &base);
	return 0;
}

static int find_commit(struct thread_carrier *c, const struct merge_request_version *version,
		       bool is_old, struct str *sha, struct err *e)
{
	*sha = version->head_sha;
	return is_old ? find_base(c, version, sha, e) : 0;
}

/* *file NULL: there have been enough. */
static int find_file(struct thread_carrier *c, struct str from, struct str to, struct str path,
		     const struct carried_file **file, struct err *e)
{
	struct carried_file *made;

	for (size_t i = 0; i < c->count; i++) {
		*file = &c->files[i];
		if (str_eq((*file)->from, from) && str_eq((*file)->to, to) &&
		    str_eq((*file)->path, path))
			return 0;
	}
	*file = NULL;
	if (c->count == CARRIED_FILES_MAX)
		return 0;
	made = &c->files[c->count++];
	*made = (struct carried_file){ .from = from, .to = to, .path = path };
	*file = made;
	return compare(c, made, e);
}

int thread_carry(struct thread_carrier *c, struct thread_place *place, struct err *e)
{
	const struct merge_request_version *from = thread_version(c->versions, place->head_sha);
	const struct carried_file *file;
	struct str from_sha, to_sha;
	int line = (int)place->line;

	place->line = 0;
	if (!from)
		return 0;
	if (find_commit(c, from, place->is_old, &from_sha, e) < 0 ||
	    find_commit(c, c->to, place->is_old, &to_sha, e) < 0)
		return -(int)e->code;
	place->head_sha = c->to->head_sha;
	if (str_is_none(from_sha) || str_is_none(to_sha))
		return 0;
	if (str_eq(from_sha, to_sha)) {
		place->line = line;
		return 0;
	}
	if (find_file(c, from_sha, to_sha, place->path, &file, e) < 0)
		return -(int)e->code;
	if (file && file->is_same)
		place->line = line;
	else if (file && file->changed)
		place->line = line_map(file->changed, line);
	return 0;
}
