/*
 * The operation upload: fetches. v0 and v1 are git's upload-pack as it is (it
 * checks wants against what it advertises); v2 commands are read here, their
 * wants checked (git_wants.h), then answered by a stateless upload-pack each.
 */
#include "roles/git_child.h"

#include "base/fs.h"
#include "git/pktline.h"
#include "roles/git_wants.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

#define IDLE_MS 300000
#define REQUEST_MAX (64u << 20)

struct v2_request {
	struct buf raw; /* to be replayed */
	bool is_fetch;
	bool is_ls_refs;
	bool has_ended; /* the session's end instead of a command */
	struct git_wants wants;
};

/* Whoever reads the answer is gone. */
static bool has_reader_gone(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLERR | POLLHUP);
}

/* What git complained about: for the client if it has a stream for it, and for the log. */
static int explain(struct git_child *c, int messages, int status, struct err *e)
{
	char text[300] = "";
	struct str line;
	struct err unsent;

	if (pread(messages, text, sizeof(text) - 1, 0) < 0)
		text[0] = '\0';
	line = str_trim(str_c(text));
	if (status == 128 + SIGPIPE || has_reader_gone(c->out) ||
	    str_find_str(line, STR("hung up")) < line.n)
		return err_set(e, ERR_GONE, "The client hung up.");
	if (c->err >= 0 && fs_write_all(c->err, str_c(text), &unsent) < 0)
		return err_set(e, ERR_GONE, "The client hung up.");
	return err_set(e, ERR_INTERNAL, "upload-pack ended with %d: %.*s", status, STR_FMT(line));
}

static int run_upload_pack(struct git_child *c, struct git_command *command, struct str input,
			   struct err *e)
{
	AUTO_FD messages = memfd_create("messages", MFD_CLOEXEC);
	struct git_process p;
	struct err broken_pipe;
	int status;

	if (messages < 0)
		return err_errno(e, errno, "memfd");
	command->out = c->out;
	command->err = messages;
	if (git_process_start(command, &p, e) < 0)
		return -(int)e->code;
	/* If it ended before it read all, its status says why. */
	if (input.n > 0 && fs_write_all(p.in, input, &broken_pipe) < 0)
		fs_close(&p.in);
	if (git_process_wait(&p, &status, e) < 0)
		return -(int)e->code;
	return status == 0 ? 0 : explain(c, messages, status, e);
}

static int upload_v0(struct git_child *c, struct err *e)
{
	bool is_stateful = c->rq.flags & GIT_FLAG_STATEFUL;
	const char *const args[] = { "upload-pack", "--timeout=300",
				     is_stateful ? "--strict" : "--stateless-rpc", c->repo, NULL };
	struct git_command command = git_child_command(c, args);

	command.in = c->in;
	if (c->rq.flags & GIT_FLAG_PROTOCOL_1)
		command.protocol = "version=1";
	return run_upload_pack(c, &command, STR_NONE, e);
}

static int take_line(struct v2_request *r, struct str line, struct err *e)
{
	if (str_eq_c(line, "command=fetch"))
		r->is_fetch = true;
	else if (str_eq_c(line, "command=ls-refs"))
		r->is_ls_refs = true;
	if (r->is_fetch && str_cut_prefix(&line, STR("want ")))
		return git_wants_add(&r->wants, line, e);
	return 0;
}

static void replay(struct v2_request *r, const struct pkt *pkt)
{
	if (pkt->kind == PKT_DATA)
		pkt_add(&r->raw, pkt->payload);
	else if (pkt->kind == PKT_DELIMITER)
		pkt_add_delimiter(&r->raw);
	else
		pkt_add_flush(&r->raw);
}

/* One command up to its flush. */
static int read_request(struct git_child *c, struct v2_request *r, struct err *e)
{
	char *room = arena_alloc(c->arena, PKT_MAX);
	struct pkt pkt;
	bool is_first = true;

	for (;;) {
		if (pkt_read(c->in, room, IDLE_MS, &pkt, e) < 0)
			return -(int)e->code;
		if (is_first && (pkt.kind == PKT_END_OF_STREAM || pkt.kind == PKT_FLUSH)) {
			r->has_ended = true;
			return 0;
		}
		if (pkt.kind == PKT_END_OF_STREAM || pkt.kind == PKT_RESPONSE_END)
			return err_set(e, ERR_GONE, "The client hung up in the middle.");
		is_first = false;
		if (pkt.kind == PKT_DATA && take_line(r, pkt_line(&pkt), e) < 0)
			return -(int)e->code;
		replay(r, &pkt);
		if (buf_check(&r->raw, "The fetch's list of commits", e) < 0)
			return -(int)e->code;
		if (pkt.kind == PKT_FLUSH)
			return 0;
	}
}

static int send_error(struct git_child *c, struct err *e, const char *sentence)
{
	struct buf b;
	int failed;

	buf_init(&b, PKT_MAX);
	pkt_addf(&b, "ERR %s", sentence);
	failed = fs_write_all(c->out, buf_str(&b), e);
	buf_fini(&b);
	return failed;
}

static int answer_request(struct git_child *c, struct v2_request *r, struct err *e)
{
	const char *const args[] = { "upload-pack", "--stateless-rpc", c->repo, NULL };
	struct git_command command = git_child_command(c, args);
	char refused[GIT_OID_TEXT];

	if (!r->is_fetch && !r->is_ls_refs)
		return send_error(c, e, "The client sent a command this server does not know.");
	if (git_wants_check(c, &r->wants, refused, e) < 0)
		return -(int)e->code;
	if (refused[0])
		return send_error(
			c, e,
			arena_strf(c->arena,
				   "upload-pack: not our ref %s (no branch or tag you may "
				   "see holds it; it may have been deleted)",
				   refused));
	command.protocol = "version=2";
	command.in = GIT_FD_PIPE;
	return run_upload_pack(c, &command, buf_str(&r->raw), e);
}

static int serve_one(struct git_child *c, bool *has_ended, struct err *e)
{
	struct v2_request r = { 0 };
	struct arena_mark mark = arena_mark(c->arena);
	int failed;

	buf_init(&r.raw, REQUEST_MAX);
	git_wants_init(&r.wants, c->arena);
	failed = read_request(c, &r, e);
	*has_ended = r.has_ended;
	if (!failed && !r.has_ended)
		failed = answer_request(c, &r, e);
	else if (failed && err_is_public(e->code) && e->code != ERR_GONE) {
		struct err unsent;

		if (send_error(c, &unsent, e->text) < 0)
			failed = -(int)e->code;
	}
	buf_fini(&r.raw);
	arena_reset(c->arena, mark);
	return failed;
}

int git_op_upload(struct git_child *c, struct err *e)
{
	bool has_ended = false;

	if (c->in < 0 || c->out < 0)
		return err_set(e, ERR_INTERNAL, "git.sock: upload without streams");
	if (!(c->rq.flags & GIT_FLAG_PROTOCOL_2))
		return upload_v0(c, e);
	do {
		if (serve_one(c, &has_ended, e) < 0)
			return -(int)e->code;
	} while (!has_ended && (c->rq.flags & GIT_FLAG_STATEFUL));
	return 0;
}
