#include "domain/trace.h"

#include "archive/crc32.h"
#include "base/fs.h"
#include "domain/job.h"
#include "domain/trace_mask.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define SHARDS 256
#define SWEEP_FILES_MAX 4096

static const char *folder_of(const char *data, unsigned shard, struct arena *a)
{
	return arena_strf(a, "%s/traces/%02x", data, shard);
}

static const char *path_of(const char *data, struct job_id job, struct arena *a)
{
	return arena_strf(a, "%s/%lld", folder_of(data, (unsigned)(job.v % SHARDS), a),
			  (long long)job.v);
}

static enum ci_status status_of(struct str text)
{
	enum ci_status status = CI_STATUS_CREATED;
	bool is_known = ci_status_parse(text, &status);

	ASSERT(is_known);
	return status;
}

static bool is_held(enum ci_status status)
{
	return status == CI_STATUS_RUNNING || status == CI_STATUS_CANCELING;
}

/* All that is a secret here: what was given, and the token itself. */
static struct str_list secrets_of(const struct trace_append *in, struct arena *a)
{
	struct str_list all = { ARENA_ARRAY(a, struct str, in->secrets.count + 1), 0 };

	all.items[all.count++] = in->token;
	for (size_t i = 0; i < in->secrets.count; i++)
		all.items[all.count++] = in->secrets.items[i];
	return all;
}

/* ------------------------------------------------------------------------- append */

struct appending {
	const char *data;
	const struct trace_append *in;
	struct arena *arena;
	struct str sha256;
	struct str_list secrets;
	struct trace_answer *answer;
	struct q_trace_lock_row row;
};

static int open_file(const struct appending *x, int *fd, struct err *e)
{
	const char *path = path_of(x->data, x->in->job, x->arena);
	const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;

	*fd = open(path, flags, 0640);
	if (*fd < 0 && errno == ENOENT) {
		const char *folder =
			folder_of(x->data, (unsigned)(x->in->job.v % SHARDS), x->arena);

		if (fs_make_folder(folder, 0750, e) < 0)
			return -(int)e->code;
		*fd = open(path, flags, 0640);
	}
	return *fd < 0 ? err_errno(e, errno, "%s", path) : 0;
}

static int read_exactly(int fd, char *to, size_t n, int64_t offset, struct err *e)
{
	while (n > 0) {
		ssize_t got = pread(fd, to, n, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, errno, "read a trace");
		if (got == 0)
			return err_set(e, ERR_INTERNAL,
				       "a trace is shorter than its row says: %lld bytes are "
				       "missing at %lld",
				       (long long)n, (long long)offset);
		to += got;
		n -= (size_t)got;
		offset += got;
	}
	return 0;
}

static int write_exactly(int fd, const char *bytes, size_t n, int64_t offset, struct err *e)
{
	while (n > 0) {
		ssize_t put = pwrite(fd, bytes, n, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_errno(e, errno, "write a trace");
		bytes += put;
		n -= (size_t)put;
		offset += put;
	}
	return 0;
}

/*
 * The new bytes behind the held ones, masked together. Done twice (a transaction
 * that is repeated) it does the same.
 */
static int write_file(const struct appending *x, int32_t hold, struct err *e)
{
	const struct trace_append *in = x->in;
	size_t before = (size_t)(in->start < hold ? in->start : hold);
	char *region = ARENA_ARRAY(x->arena, char, before + in->bytes.n);
	AUTO_FD fd = -1;

	if (open_file(x, &fd, e) < 0 ||
	    read_exactly(fd, region, before, in->start - (int64_t)before, e) < 0)
		return -(int)e->code;
	memcpy(region + before, in->bytes.p, in->bytes.n);
	trace_mask(region, before + in->bytes.n, x->secrets);
	if (write_exactly(fd, region, before + in->bytes.n, in->start - (int64_t)before, e) < 0)
		return -(int)e->code;
	return fdatasync(fd) < 0 ? err_errno(e, errno, "sync a trace") : 0;
}

/* What the row says about this append, before anything is written. */
static enum trace_outcome judge(const struct appending *x)
{
	const struct trace_append *in = x->in;
	bool may_restart = in->start == 0 && x->row.trace_may_restart;

	if (!is_held(x->answer->status))
		return TRACE_OVER;
	if (in->start != x->row.trace_length && !may_restart)
		return TRACE_ELSEWHERE;
	if (in->start > TRACE_BYTES_MAX - (int64_t)in->bytes.n)
		return TRACE_TOO_LARGE;
	return TRACE_TAKEN;
}

static int set_row(struct db *db, const struct appending *x, int32_t hold, struct err *e)
{
	const struct trace_append *in = x->in;
	bool is_restart = in->start == 0;
	uint32_t before = is_restart ? 0 : (uint32_t)x->row.trace_crc;
	struct q_trace_set_in set = {
		.id = in->job.v,
		.trace_length = in->start + (int64_t)in->bytes.n,
		.trace_crc = crc32_add(before, in->bytes),
		.trace_hold = hold,
		.trace_is_debug = in->is_debug,
		.is_restart = is_restart,
		.lease_seconds = JOB_LEASE_SECONDS,
	};

	x->answer->length = set.trace_length;
	return q_trace_set(db, &set, NULL, e);
}

static int append(struct db *db, void *closure, struct err *e)
{
	struct appending *x = closure;
	int32_t hold = trace_mask_hold(x->secrets);
	bool found;

	*x->answer = (struct trace_answer){ .outcome = TRACE_UNKNOWN };
	if (q_trace_lock(db, &(struct q_trace_lock_in){ x->in->job.v, x->sha256 }, x->arena,
			 &x->row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	*x->answer = (struct trace_answer){ .length = x->row.trace_length,
					    .status = status_of(x->row.status),
					    .project = { x->row.project_id },
					    .pipeline = { x->row.pipeline_id } };
	x->answer->outcome = judge(x);
	if (x->answer->outcome != TRACE_TAKEN)
		return 0;
	if (x->row.trace_hold > hold)
		hold = x->row.trace_hold;
	if (x->in->bytes.n > 0 && write_file(x, hold, e) < 0)
		return -(int)e->code;
	return set_row(db, x, hold, e);
}

int trace_append(struct db *db, const char *data, const struct trace_append *in, struct arena *a,
		 struct trace_answer *answer, struct err *e)
{
	struct appending x = { .data = data, .in = in, .arena = a, .answer = answer };

	if (in->start < 0)
		return err_set(e, ERR_INVALID, "A trace begins at 0.");
	x.sha256 = secret_sha256_bytes(a, in->token);
	x.secrets = secrets_of(in, a);
	return db_transaction(db, append, &x, e);
}

int trace_check(struct db *db, struct job_id job, struct str token, const struct trace_sum *sum,
		struct arena *a, bool *fits, struct err *e)
{
	struct str sha256 = secret_sha256_bytes(a, token);
	struct q_trace_lock_row row = { 0 };
	bool found;

	*fits = true;
	if (!sum->is_given)
		return 0;
	if (q_trace_lock(db, &(struct q_trace_lock_in){ job.v, sha256 }, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found || !is_held(status_of(row.status)) ||
	    (row.trace_length == sum->length && (uint32_t)row.trace_crc == sum->crc))
		return 0;
	*fits = false;
	return q_trace_allow_restart(db, &(struct q_trace_allow_restart_in){ job.v, sha256 }, NULL,
				     e);
}

/* -------------------------------------------------------------------------- reading */

int trace_view(struct db *db, struct job_id job, struct arena *a, struct trace_view *view,
	       struct err *e)
{
	struct q_trace_find_row row = { 0 };
	bool found;

	if (q_trace_find(db, &(struct q_trace_find_in){ job.v }, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "There is no such job.");
	*view = (struct trace_view){ .length = row.trace_length,
				     .is_debug = row.trace_is_debug,
				     .status = status_of(row.status),
				     .project = { row.project_id } };
	view->is_over = ci_status_is_complete(view->status);
	if (!view->is_over)
		view->length =
			row.trace_length > row.trace_hold ? row.trace_length - row.trace_hold : 0;
	return 0;
}

int trace_open(const char *data, struct job_id job, int *fd, struct err *e)
{
	struct arena *a = arena_open(0);
	const char *path = path_of(data, job, a);
	int result = 0;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0 && errno != ENOENT)
		result = err_errno(e, errno, "%s", path);
	arena_close(a);
	return result;
}

int trace_read(const char *data, struct job_id job, const struct trace_view *view, int64_t offset,
	       size_t room, struct arena *a, struct str *bytes, struct err *e)
{
	AUTO_FD fd = -1;
	char *to;

	*bytes = STR("");
	if (offset < 0 || offset >= view->length || room == 0)
		return 0;
	if (view->length - offset < (int64_t)room)
		room = (size_t)(view->length - offset);
	if (trace_open(data, job, &fd, e) < 0)
		return -(int)e->code;
	if (fd < 0)
		return err_set(e, ERR_GONE,
			       "The log of this job is not on this server's disk any more.");
	to = ARENA_ARRAY(a, char, room);
	if (read_exactly(fd, to, room, offset, e) < 0)
		return -(int)e->code;
	*bytes = str_n(to, room);
	return 0;
}

/* ------------------------------------------------------------------------- removing */

void trace_remove(const char *data, struct job_id job)
{
	struct arena *a = arena_open(0);

	/* One that stays is found by the sweep. */
	(void)unlink(path_of(data, job, a));
	arena_close(a);
}

static size_t list_files(const char *folder, int64_t *ids, size_t most)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	size_t count = 0;
	int64_t id;

	if (!d)
		return 0;
	while (count < most && (entry = readdir(d)))
		if (str_to_i64(str_c(entry->d_name), &id) && id > 0)
			ids[count++] = id;
	closedir(d);
	return count;
}

static bool has(const struct q_trace_owners_row *rows, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].id == id)
			return true;
	return false;
}

int trace_sweep(struct db *db, const char *data, unsigned *shard, struct arena *a, size_t *removed,
		struct err *e)
{
	int64_t *ids = ARENA_ARRAY(a, int64_t, SWEEP_FILES_MAX);
	struct q_trace_owners_row *rows;
	size_t count, owners;

	*removed = 0;
	count = list_files(folder_of(data, *shard % SHARDS, a), ids, SWEEP_FILES_MAX);
	*shard = (*shard + 1) % SHARDS;
	if (count == 0)
		return 0;
	if (q_trace_owners(db, &(struct q_trace_owners_in){ { ids, count } }, a, &rows, &owners,
			   e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		if (has(rows, owners, ids[i]))
			continue;
		trace_remove(data, (struct job_id){ ids[i] });
		(*removed)++;
	}
	return 0;
}
