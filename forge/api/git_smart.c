/* Advertisements, ls-refs and fetches. See git_smart.h; pushes are in git_push.c. */
#include "api/git_smart.h"

#include "request_relay.h"
#include "git/capabilities.h"
#include "git/pktline.h"
#include "router.h"

#define ADVERTISEMENT_MAX (256u << 20)
#define REQUEST_MAX (16u << 20)
/* Of git 2.39's upload-pack --stateless-rpc, which answers what follows. */
#define CAPABILITIES_UPLOAD                                                                      \
	"multi_ack thin-pack side-band side-band-64k ofs-delta shallow deepen-since deepen-not " \
	"deepen-relative no-progress include-tag multi_ack_detailed no-done filter "             \
	"object-format=sha1 agent=" GIT_AGENT

static int protocol_version(const struct request *rq)
{
	struct str words = http_header(&rq->http->head, "Git-Protocol");
	struct str word;

	while (!str_is_none(words) && str_cut(&words, ':', &word)) {
		if (str_eq_c(word, "version=2"))
			return 2;
		if (str_eq_c(word, "version=1"))
			return 1;
	}
	return 0;
}

int git_check_type(const struct request *rq, const char *type, struct err *e)
{
	if (str_eq_c(http_header(&rq->http->head, "Content-Type"), type))
		return 0;
	return err_set(e, ERR_INVALID, "This address speaks git's protocol: the body must be %s.",
		       type);
}

static void close_buf(void *object)
{
	buf_fini(object);
}

static struct buf *open_buf(struct request *rq, size_t ceiling)
{
	struct buf *b = ARENA_NEW(rq->arena, struct buf);

	buf_init(b, ceiling);
	arena_link(rq->arena, close_buf, b);
	return b;
}

static void close_snapshot(void *object)
{
	const struct ref_snapshot *const *snapshot = object;

	ref_snapshot_unref(*snapshot);
}

static int get_snapshot(struct request *rq, const struct ref_snapshot **snapshot, struct err *e)
{
	const struct ref_snapshot **kept = ARENA_NEW(rq->arena, const struct ref_snapshot *);

	if (request_ensure_repository(rq, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (ref_snapshot_get(rq->app->reader, rq->project->id.v, kept, e) < 0)
		return -(int)e->code;
	arena_link(rq->arena, close_snapshot, kept);
	*snapshot = *kept;
	return 0;
}

static int send_git(struct request *rq, const char *type, const struct buf *out, struct err *e)
{
	if (buf_check(out, "this answer", e) < 0)
		return -(int)e->code;
	request_set_cache(rq, "no-cache, max-age=0, must-revalidate");
	http_respond(rq->http, 200, type, buf_str(out));
	return 0;
}

/* ---- info/refs ---- */

static int advertise_upload(struct request *rq, struct err *e)
{
	struct buf *out = open_buf(rq, ADVERTISEMENT_MAX);
	const struct ref_snapshot *snapshot;
	int version = protocol_version(rq);

	pkt_add(out, STR("# service=git-upload-pack\n"));
	pkt_add_flush(out);
	if (version == 2) {
		git_v2_advertise(out);
	} else {
		if (version == 1)
			pkt_add(out, STR("version 1\n"));
		if (get_snapshot(rq, &snapshot, e) < 0 ||
		    ref_snapshot_advertise(snapshot, REF_SERVICE_UPLOAD, STR(CAPABILITIES_UPLOAD),
					   out, e) < 0)
			return -(int)e->code;
	}
	return send_git(rq, "application/x-git-upload-pack-advertisement", out, e);
}

static int advertise_receive(struct request *rq, struct err *e)
{
	struct buf *out = open_buf(rq, ADVERTISEMENT_MAX);
	const struct ref_snapshot *snapshot;

	if (access_check(&rq->actor, ACTION_GIT_WRITE, &rq->target, e) < 0 ||
	    get_snapshot(rq, &snapshot, e) < 0)
		return -(int)e->code;
	pkt_add(out, STR("# service=git-receive-pack\n"));
	pkt_add_flush(out);
	if (ref_snapshot_advertise(snapshot, REF_SERVICE_RECEIVE, STR(GIT_CAPABILITIES_RECEIVE),
				   out, e) < 0)
		return -(int)e->code;
	return send_git(rq, "application/x-git-receive-pack-advertisement", out, e);
}

int git_info_refs(struct request *rq, struct err *e)
{
	struct str service = request_query(rq, "service");

	metrics_add(rq->router->metrics, METRIC_GIT_REFS, 1);
	if (str_eq_c(service, "git-upload-pack"))
		return advertise_upload(rq, e);
	if (str_eq_c(service, "git-receive-pack"))
		return advertise_receive(rq, e);
	if (str_eq_c(service, "git-upload-archive"))
		return err_set(
			e, ERR_FORBIDDEN,
			"git archive --remote works over SSH here; over HTTP an archive is at "
			"<project>/-/archive/<branch or tag>/<name>.tar.gz.");
	return git_dumb(rq, e);
}

/* The clone address in a browser: the project's page is meant. */
int git_address(struct request *rq, struct err *e)
{
	return request_redirect(rq, url_for(rq->arena, ROUTE_project_show, rq->project->path), e);
}

int git_dumb(struct request *rq, struct err *e)
{
	(void)rq;
	return err_set(e, ERR_FORBIDDEN,
		       "Only git's smart HTTP protocol is spoken here (git 1.6.6 and newer). Clone "
		       "with the address that the project's page shows.");
}

/* ---- upload-pack ---- */

/* What git shows as "fatal: remote error: ..."; only for what happens behind the advertisement. */
static int answer_in_git(struct request *rq, const struct err *error, struct err *e)
{
	struct buf *out = open_buf(rq, PKT_MAX + 16);

	pkt_addf(out, "ERR %s\n", err_sentence(error));
	return send_git(rq, "application/x-git-upload-pack-result", out, e);
}

static int next_line(struct str *rest, struct pkt *pkt, struct err *e)
{
	bool is_partial;

	if (pkt_parse(rest, pkt, &is_partial, e) < 0)
		return -(int)e->code;
	if (is_partial)
		return err_set(e, ERR_INVALID, "The client sent half a packet.");
	return 0;
}

/* The command and its capabilities, up to the delimiter; *rest is left at the arguments. */
static int read_command(struct str *rest, struct str *command, bool *has_arguments, struct err *e)
{
	struct pkt pkt;
	struct str line;

	*command = STR_NONE;
	for (;;) {
		if (next_line(rest, &pkt, e) < 0)
			return -(int)e->code;
		*has_arguments = pkt.kind == PKT_DELIMITER;
		if (pkt.kind != PKT_DATA)
			return 0;
		line = pkt_line(&pkt);
		if (str_cut_prefix(&line, STR("object-format=")) && !str_eq_c(line, "sha1"))
			return err_set(e, ERR_INVALID, "Only SHA-1 repositories are served.");
		if (str_cut_prefix(&line, STR("command=")))
			*command = line;
	}
}

static int read_ls_refs(struct request *rq, struct str rest, struct ls_refs *ls, struct err *e)
{
	struct pkt pkt;

	for (;;) {
		if (next_line(&rest, &pkt, e) < 0)
			return -(int)e->code;
		if (pkt.kind != PKT_DATA)
			return 0;
		if (ls_refs_argument(ls, rq->arena, pkt_line(&pkt), e) < 0)
			return -(int)e->code;
	}
}

static int answer_ls_refs(struct request *rq, struct str rest, bool has_arguments, struct err *e)
{
	struct buf *out = open_buf(rq, ADVERTISEMENT_MAX);
	const struct ref_snapshot *snapshot;
	struct ls_refs ls = { 0 };

	if ((has_arguments && read_ls_refs(rq, rest, &ls, e) < 0) ||
	    get_snapshot(rq, &snapshot, e) < 0 || ref_snapshot_ls_refs(snapshot, &ls, out, e) < 0)
		return -(int)e->code;
	return send_git(rq, "application/x-git-upload-pack-result", out, e);
}

static int start_fetch(struct request *rq, int version, struct err *e)
{
	struct git_operation_request want = {
		.op = GIT_OP_UPLOAD,
		.name = str_is_none(rq->actor.job_sha) ? NULL
						       : arena_cstr(rq->arena, rq->actor.job_sha),
		.project_id = rq->project->id.v,
		.user_id = rq->actor.user.v,
		.request_id = rq->request_id.p,
		.flags = version == 2   ? GIT_FLAG_PROTOCOL_2
			 : version == 1 ? GIT_FLAG_PROTOCOL_1
					: 0,
		.err = -1,
	};

	request_set_cache(rq, "no-cache, max-age=0, must-revalidate");
	return request_send_operation(rq, &want, rq->http->body.bytes,
				      "application/x-git-upload-pack-result", e);
}

static int answer_upload(struct request *rq, struct err *e)
{
	struct str rest = rq->http->body.bytes;
	int version = protocol_version(rq);
	struct str command;
	bool has_arguments;

	if (rq->http->body.failed) {
		*e = rq->http->body.failure;
		return -(int)e->code;
	}
	if (str_eq_c(rest, "0000") || rest.n == 0) { /* the probe before a large request */
		http_respond(rq->http, 200, "application/x-git-upload-pack-result", STR(""));
		return 0;
	}
	if (version == 2) {
		if (read_command(&rest, &command, &has_arguments, e) < 0)
			return -(int)e->code;
		if (str_eq_c(command, "ls-refs"))
			return answer_ls_refs(rq, rest, has_arguments, e);
		if (!str_eq_c(command, "fetch"))
			return err_set(e, ERR_INVALID, "The client sent an unknown command.");
	}
	metrics_add(rq->router->metrics, METRIC_GIT_UPLOAD, 1);
	return start_fetch(rq, version, e);
}

static int finish_upload(struct request *rq, struct err *e)
{
	struct err error = { 0 };

	if (answer_upload(rq, &error) == 0)
		return 0;
	if (!err_is_public(error.code))
		LOG(&rq->app->log, LOG_ERROR, "fetch failed", F_STR("request_id", rq->request_id),
		    F_ERR(&error));
	return answer_in_git(rq, &error, e);
}

int git_upload_pack(struct request *rq, struct err *e)
{
	if (git_check_type(rq, "application/x-git-upload-pack-request", e) < 0)
		return -(int)e->code;
	rq->http->body.limit = REQUEST_MAX;
	rq->finish = finish_upload;
	return 0;
}
