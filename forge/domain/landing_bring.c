#include "domain/landing_bring.h"

#include "base/fs.h"
#include "domain/actor.h"
#include "domain/instance.h"
#include "domain/landing_private.h"
#include "git/commit.h"
#include "git/pktline.h"
#include "git/repo.h"
#include "store/db.h"

#include "q/ref.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIST_MAX ((size_t)64 << 20)
#define KNOWN_MAX 20000 /* refs of either side that are told, so that less must be packed */

static int add_line(int fd, const char *mark, struct str oid, struct err *e)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s%.*s\n", mark, STR_FMT(oid));

	return fs_write_all(fd, str_n(line, (size_t)n), e);
}

static int list_refs(const struct landing_request *request, struct project_id project,
		     struct arena *a, struct q_ref_list_row **rows, size_t *count, struct err *e)
{
	const struct q_ref_list_in in = { project.v };
	AUTO_DB db = NULL;

	if (db_acquire(request->db, &db, e) < 0 || q_ref_list(db, &in, a, rows, count, e) < 0)
		return -(int)e->code;
	if (*count > KNOWN_MAX)
		*count = KNOWN_MAX;
	return 0;
}

/* What this repository's refs point to; the other passes over what it does not have. */
static int tell_refs_here(const struct landing_request *request, struct arena *a, int list,
			  struct err *e)
{
	struct q_ref_list_row *rows;
	size_t count;

	if (list_refs(request, request->project, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		if (add_line(list, "^", rows[i].oid, e) < 0)
			return -(int)e->code;
	return 0;
}

static int tell_if_here(struct repo *here, struct str hex, struct arena *a, int list, struct err *e)
{
	struct arena_mark mark = arena_mark(a);
	struct commit commit;
	struct oid oid;
	int result = 0;

	if (!oid_parse(hex, &oid))
		return 0;
	if (commit_get(here, &oid, a, &commit, e) == 0)
		result = add_line(list, "^", hex, e);
	else if (e->code == ERR_NOT_FOUND)
		err_clear(e); /* it is new here */
	else
		result = -(int)e->code;
	arena_reset(a, mark);
	return result;
}

/*
 * What the other's refs point to and is here: a repository holds no commit without
 * what it leads to, so the branch that both began from need not be packed, though
 * it moved on here since.
 */
static int tell_refs_there(const struct landing_request *request, struct project_id from,
			   struct arena *a, int list, struct err *e)
{
	struct q_ref_list_row *rows;
	struct repo *here;
	size_t count;
	int result = 0;

	if (list_refs(request, from, a, &rows, &count, e) < 0 ||
	    repo_acquire(request->instance->reader, request->project.v, &here, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; result == 0 && i < count; i++)
		result = tell_if_here(here, rows[i].oid, a, list, e);
	repo_release(here);
	return result;
}

/* A file with what the operation pack reads. */
static int write_list(const struct landing_request *request, const struct landing_bring *in,
		      int *list, struct err *e)
{
	struct arena *a = arena_open(LIST_MAX);
	int result = 0;

	*list = memfd_create("objects", MFD_CLOEXEC);
	if (*list < 0)
		result = err_errno(e, errno, "memfd");
	for (size_t i = 0; result == 0 && i < in->count; i++)
		result = add_line(*list, "", in->changes[i].new_oid, e);
	if (result == 0)
		result = tell_refs_here(request, a, *list, e);
	if (result == 0)
		result = tell_refs_there(request, in->from, a, *list, e);
	if (result == 0 && lseek(*list, 0, SEEK_SET) < 0)
		result = err_errno(e, errno, "rewind");
	arena_close(a);
	return result;
}

/* The commands of a push, as git's protocol has them. */
static int send_commands(int fd, const struct landing_bring *in, struct arena *a, struct err *e)
{
	struct buf b;
	int result;

	buf_init(&b, LIST_MAX);
	for (size_t i = 0; i < in->count; i++) {
		const struct landing_change *c = &in->changes[i];
		struct str line =
			arena_fmt(a, "%.*s %.*s %.*s",
				  STR_FMT(str_is_none(c->old_oid) ? STR(GIT_ZERO_OID) : c->old_oid),
				  STR_FMT(c->new_oid), STR_FMT(c->name));

		pkt_add(&b, i > 0 ? line : arena_fmt(a, "%.*s%c atomic", STR_FMT(line), '\0'));
	}
	pkt_add_flush(&b);
	result = buf_check(&b, "the list of refs", e);
	if (result == 0)
		result = fs_write_all(fd, buf_str(&b), e);
	buf_fini(&b);
	return result;
}

static struct git_operation_request operation(enum git_op op, struct project_id project, int in,
					      int out)
{
	return (struct git_operation_request){ .op = op,
					       .project_id = project.v,
					       .user_id = GIT_USER_SYSTEM,
					       .request_id = "bring",
					       .limits.max_commands = LANDING_BRING_MAX,
					       .in = in,
					       .out = out,
					       .err = -1 };
}

/* Begins the push here: it reads the commands, then the pack, from `pack`. */
static int open_receive(const struct landing_request *request, const struct landing_bring *in,
			int pack, struct landing **l, struct err *e)
{
	AUTO_FD report = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const struct git_operation_request receive =
		operation(GIT_OP_RECEIVE, request->project, pack, report);
	struct git_operation *op;
	int result;

	if (report < 0)
		return err_errno(e, errno, "open /dev/null");
	result = git_operation_start(request->run, &receive, &op, e);
	if (result < 0)
		return result;
	*l = landing_open(request, op);
	(*l)->gate = in->gate;
	(*l)->gate_closure = in->closure;
	return 0;
}

/* Which of the two is to blame: a pack that broke off is an echo of why it did. */
static int result_of_both(struct git_operation *pack, int landed, struct err *e)
{
	struct err packing = { 0 };

	if (git_operation_wait(pack, &packing) == 0 || landed == 0 || packing.code == ERR_GONE)
		return landed;
	*e = packing;
	return -(int)e->code;
}

/* The commands, then the pack behind them; *pack is NULL if it did not come to that. */
static int feed(const struct landing_request *request, const struct landing_bring *in, int list,
		int pipe_out, struct arena *a, struct git_operation **pack, struct err *e)
{
	const struct git_operation_request wanted =
		operation(GIT_OP_PACK, in->from, list, pipe_out);

	if (send_commands(pipe_out, in, a, e) < 0)
		return -(int)e->code;
	return git_operation_start(request->run, &wanted, pack, e);
}

/*
 * Each end of the pipe is closed here once its operation has it: whoever is left when the other
 * one dies must see that, and not wait for ever.
 */
static int run(const struct landing_request *request, const struct landing_bring *in, int list,
	       int *pipe_in, int *pipe_out, struct err *e)
{
	struct git_operation *pack = NULL;
	struct landing *l = NULL;
	struct err feeding = { 0 };
	int result = open_receive(request, in, *pipe_in, &l, e);

	fs_close(pipe_in);
	if (result < 0)
		return result;
	(void)feed(request, in, list, *pipe_out, l->arena, &pack, &feeding);
	fs_close(pipe_out);
	result = landing_first_refusal(l, landing_serve(l, e), e);
	if (pack) {
		result = result_of_both(pack, result, e);
	} else if (result == 0 || feeding.code != ERR_INTERNAL) {
		/* Else the pipe broke, because it had ended with its own reason. */
		*e = feeding;
		result = -(int)e->code;
	}
	git_operation_close(pack);
	landing_close(l);
	return result;
}

int landing_bring(const struct landing_request *request, const struct landing_bring *in,
		  struct err *e)
{
	AUTO_FD list = -1;
	AUTO_FD pipe_in = -1;
	AUTO_FD pipe_out = -1;
	int ends[2];

	ASSERT(request->source == PUSH_SOURCE_SYSTEM && in->count > 0 &&
	       in->count <= LANDING_BRING_MAX);
	if (write_list(request, in, &list, e) < 0)
		return -(int)e->code;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	pipe_in = ends[0];
	pipe_out = ends[1];
	return run(request, in, list, &pipe_in, &pipe_out, e);
}
