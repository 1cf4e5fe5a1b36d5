/*
 * Asking the git zygote for an operation: the client side, used by web, the SSH
 * broker, work and the CLI. A connection is one operation in its own sandboxed
 * process; closing it before DONE kills the operation and its git children.
 *
 *	struct git_operation *op;
 *	if (git_operation_start(app->run, &(struct git_operation_request){
 *			.op = GIT_OP_UPLOAD, .project_id = id, .user_id = actor->user.v,
 *			.request_id = rq->id, .in = body_fd, .out = answer_fd, .err = -1 },
			&op, e) < 0)
 *		return ...;                 ERR_BUSY: the queue is full, the text says so
 *	... relay bytes ...
 *	result = git_operation_wait(op, e); the operation's own error, if it failed
 *	git_operation_close(op);
 *
 * Receive and refs ask questions: give the operation to domain/landing, which
 * answers them; nobody else calls git_operation_next and _send.
 *
 * What each operation wants (name and text are C strings, or NULL):
 *	init     name: the default branch ("main"). Makes an empty bare repository;
 *	         one that is there already stays as it is.
 *	remove   moves the repository away and deletes it; none is fine.
 *	upload   in, out. v0/v1/v2 by flags. Without GIT_FLAG_STATEFUL `in` is one
 *	         request body (HTTP): with GIT_FLAG_PROTOCOL_2 one fetch or ls-refs
 *	         command, else one stateless v0 request. With it (SSH) the operation
 *	         speaks the whole rest of the session: v0/v1 with its own
 *	         advertisement first, v2 command after command until a flush or the
 *	         end. The v2 capability advertisement is always the front's.
 *	         name (v2): 40 hex digits of a commit that may be fetched although no
 *	         visible ref leads to it, or "".
 *	pack     in, out: see roles/git_pack.c. Objects for another repository; only
 *	         domain/landing_bring asks for it, which knows who may read what.
 *	receive  in, out. `in` begins with the commands: the advertisement is the
 *	         front's. Writes the report and the push's output to `out`.
 *	refs     no streams; changes by GIT_MSG_CHANGE, see landing_change.
 *	settle   no streams, see landing_settle.
 *	maintain Repacks, packs refs, writes the commit-graph as thresholds say. With
 *	         GIT_FLAG_PRUNE in: commits to keep whatever refs say, a line each.
 *	archive  out. name: 40 hex digits of a
 *	         commit; text: "tar", "tar.gz" or "zip", a space, the prefix folder.
 *	         With GIT_FLAG_STATEFUL: in, out: git-upload-archive for SSH.
 *	blame    out. name: 40 hex digits of a commit; text: the path. `git blame --porcelain`.
 *	merge    no streams; see domain/landing_merge.h.
 *	render   in: the text, out: the HTML; see git_render.
 *
 * The descriptors in the request are only borrowed: close yours after the start,
 * or the other side never sees the end of the stream.
 *
 * Threads: one operation belongs to one thread at a time.
 */
#ifndef GIT_OPERATION_H
#define GIT_OPERATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "git/message.h"

struct git_operation;

/*
 * The folder in an archive: no "..", not absolute on any system, so that
 * unpacking stays where it is. A front asks before it starts the answer.
 */
bool git_archive_folder_is_plain(struct str folder);

struct git_operation_request {
	enum git_op op;
	int64_t project_id;
	int64_t user_id; /* 0 anonymous, -1 the system */
	const char *request_id;
	uint32_t flags;
	struct git_limits limits;
	int in;  /* -1: none */
	int out; /* -1: none */
	int err; /* -1: none; where git's own complaints go (SSH's stderr) */
	const char *name;
	const char *text;
};

#define GIT_USER_SYSTEM (-1)

/* Waits for a place in the queue, at most about 15 s. ERR_BUSY; ERR_UNAVAILABLE if no zygote runs.
 */
MUST_USE int git_operation_start(const char *run, const struct git_operation_request *request,
				 struct git_operation **op, struct err *e);
/* NULL is fine. */
void git_operation_close(struct git_operation *op);
/*
 * From any thread, as long as it has not been closed: hangs up, which kills the
 * operation. Who waits in _next, _wait or landing_serve gets ERR_GONE.
 */
void git_operation_cancel(struct git_operation *op);

/* For poll(): readable when a message waits. */
int git_operation_fd(const struct git_operation *op);

/* The next message. DONE is turned into this function's result with *is_done true. */
MUST_USE int git_operation_next(struct git_operation *op, struct git_message *m, bool *is_done,
				struct err *e);
MUST_USE int git_operation_send(struct git_operation *op, const struct git_message *m,
				struct err *e);

/*
 * Reads a commit through an operation that has said DECIDE and waits for the
 * verdicts: it also sees what is only just being pushed. The answer lives in
 * the arena. ERR_NOT_FOUND: no such file, commit, ref; ERR_TOO_LARGE above
 * limit; ERR_BUSY when it does not answer by the deadline (clock_monotonic_ms).
 */
struct git_question {
	enum git_read what;
	struct str commit; /* 40 hex digits; COMMIT: or of a tag that leads to it */
	struct str other;  /* CHANGED: to compare with, unless name is given */
	bool from_base;    /* CHANGED: with the merge base of the two */
	struct str name;   /* FILE: the path; CHANGED: none, or a branch or tag */
	size_t limit;      /* most bytes */
	int64_t deadline_ms;
};

struct git_answer {
	struct str bytes;
	bool is_cut;       /* FILES, CHANGED: there are more */
	struct str commit; /* COMMIT: 40 hex digits */
};

MUST_USE int git_operation_read(struct git_operation *op, const struct git_question *question,
				struct arena *a, struct git_answer *answer, struct err *e);

/* Until DONE, for operations that ask nothing; COUNT messages are skipped. */
MUST_USE int git_operation_wait(struct git_operation *op, struct err *e);

/* start + wait + close, for operations without streams (init, remove, maintain). */
MUST_USE int git_operation_run(const char *run, const struct git_operation_request *request,
			       struct err *e);

/* Markdown through the zygote; what render/markdown.h's context holds, as plain strings. */
struct git_render_request {
	int64_t user_id;
	const char *request_id;
	struct str file_base;
	struct str image_base;
	struct str folder;
	bool is_comment; /* the comment's limit and line ends */
};
MUST_USE int git_render(const char *run, const struct git_render_request *request, struct str text,
			struct buf *html, struct err *e);

#endif
