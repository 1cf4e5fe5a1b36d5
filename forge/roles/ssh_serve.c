/*
 * What the child answers by itself from the refs it was given: the v2
 * capabilities and ls-refs of a fetch, and the advertisement of a push. The
 * first thing that needs objects starts the operation, which then gets every
 * byte from there on. (gitprotocol-v2, gitprotocol-pack)
 */
#include "roles/ssh_stream.h"

#include "git/capabilities.h"
#include "git/pktline.h"
#include "git/ref_snapshot.h"
#include "roles/ssh_refs.h"

#include <sys/mman.h>

int ssh_serve_begin(struct ssh_stream *s, int fd, uint64_t size, struct err *e)
{
	struct ref_snapshot refs;

	s->mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (s->mapped == MAP_FAILED) {
		s->mapped = NULL;
		return err_set(e, ERR_INTERNAL, "cannot map the refs");
	}
	s->mapped_size = size;
	s->arena = arena_open(0);
	if (ssh_refs_read(s->arena, str_n(s->mapped, size), &refs, e) < 0)
		return -(int)e->code;
	s->refs = ARENA_NEW(s->arena, struct ref_snapshot);
	*s->refs = refs;
	if (s->service == GIT_SERVICE_UPLOAD_PACK) {
		git_v2_advertise(&s->out.bytes);
		return 0;
	}
	if (s->protocol == 1)
		pkt_add(&s->out.bytes, STR("version 1\n"));
	return ref_snapshot_advertise(s->refs, REF_SERVICE_RECEIVE, STR(GIT_CAPABILITIES_RECEIVE),
				      &s->out.bytes, e);
}

void ssh_serve_end(struct ssh_stream *s)
{
	arena_close(s->arena);
	s->arena = NULL;
	s->refs = NULL;
	if (s->mapped)
		munmap(s->mapped, s->mapped_size);
	s->mapped = NULL;
}

/* One line of an ls-refs request; the lines before the delimiter are capabilities. */
static int take_line(struct ls_refs *ls, struct arena *a, struct str line, bool in_arguments,
		     struct err *e)
{
	if (in_arguments)
		return ls_refs_argument(ls, a, line, e);
	if (str_starts(line, STR("object-format=")) && !str_eq_c(line, "object-format=sha1"))
		return err_set(e, ERR_INVALID,
			       "This server keeps SHA-1 repositories only; %.*s is not possible.",
			       STR_FMT(line));
	return 0;
}

/*
 * A whole ls-refs request at the front of *rest: answered and taken away.
 * *is_partial when its flush is not here yet.
 */
static int answer_ls_refs(struct ssh_stream *s, struct str *rest, bool *is_partial, struct err *e)
{
	struct arena *a = arena_open(0);
	struct str after = *rest;
	struct ls_refs ls = { 0 };
	bool in_arguments = false;
	struct pkt pkt = { 0 };
	int rc;

	while ((rc = pkt_parse(&after, &pkt, is_partial, e)) == 0 && !*is_partial) {
		if (pkt.kind == PKT_END_OF_STREAM)
			*is_partial = true;
		if (pkt.kind == PKT_FLUSH || pkt.kind == PKT_END_OF_STREAM)
			break;
		if (pkt.kind == PKT_DELIMITER)
			in_arguments = true;
		else if ((rc = take_line(&ls, a, pkt_line(&pkt), in_arguments, e)) < 0)
			break;
	}
	if (rc == 0 && !*is_partial)
		rc = ref_snapshot_ls_refs(s->refs, &ls, &s->out.bytes, e);
	if (rc == 0 && !*is_partial)
		*rest = after;
	arena_close(a);
	return rc;
}

enum next_command { COMMAND_PARTIAL, COMMAND_FLUSH, COMMAND_LS_REFS, COMMAND_OTHER };

/* What the client's bytes begin with. */
static int next_command(struct str rest, enum next_command *next, struct err *e)
{
	struct pkt pkt = { 0 };
	bool is_partial = false;

	if (pkt_parse(&rest, &pkt, &is_partial, e) < 0)
		return -(int)e->code;
	if (is_partial || pkt.kind == PKT_END_OF_STREAM)
		*next = COMMAND_PARTIAL;
	else if (pkt.kind == PKT_FLUSH)
		*next = COMMAND_FLUSH;
	else if (pkt.kind == PKT_DATA && str_eq_c(pkt_line(&pkt), "command=ls-refs"))
		*next = COMMAND_LS_REFS;
	else
		*next = COMMAND_OTHER;
	return 0;
}

/* More must come: unless the client has ended, or sends a request without an end. */
static int wait_for_more(struct ssh_stream *s, size_t waiting, struct err *e)
{
	if (sshd_channel_at_end(s->session, s->channel))
		ssh_stream_finish(s, waiting > 0 ? 1 : 0);
	else if (waiting > s->in.bytes.ceiling / 2)
		return err_set(e, ERR_TOO_LARGE,
			       "This request is larger than the limit of %zu bytes.",
			       s->in.bytes.ceiling / 2);
	return 0;
}

static int serve_upload(struct ssh_stream *s, struct err *e)
{
	struct str waiting = ssh_queue_rest(&s->in);
	struct str rest = waiting;
	bool is_partial = false;
	enum next_command next = COMMAND_PARTIAL;

	if (next_command(rest, &next, e) < 0)
		return -(int)e->code;
	if (next == COMMAND_FLUSH) {
		ssh_stream_finish(s, 0);
		return 0;
	}
	if (next == COMMAND_OTHER)
		return ssh_stream_start(s, e);
	if (next == COMMAND_LS_REFS && answer_ls_refs(s, &rest, &is_partial, e) < 0)
		return -(int)e->code;
	if (next == COMMAND_PARTIAL || is_partial)
		return wait_for_more(s, waiting.n, e);
	ssh_queue_drop(&s->in, waiting.n - rest.n);
	return 0;
}

/* A push begins with commands; a flush or the end means there is nothing to push. */
static int serve_receive(struct ssh_stream *s, struct err *e)
{
	struct str rest = ssh_queue_rest(&s->in);

	if (rest.n >= 4 && str_starts(rest, STR("0000"))) {
		ssh_stream_finish(s, 0);
		return 0;
	}
	if (rest.n >= 4)
		return ssh_stream_start(s, e);
	if (sshd_channel_at_end(s->session, s->channel))
		ssh_stream_finish(s, 0);
	return 0;
}

int ssh_serve_step(struct ssh_stream *s, struct err *e)
{
	/* The answer before must have gone out: one at a time bounds what a client can pile up. */
	if (!ssh_queue_is_empty(&s->out))
		return 0;
	if (s->service == GIT_SERVICE_UPLOAD_PACK)
		return serve_upload(s, e);
	return serve_receive(s, e);
}
