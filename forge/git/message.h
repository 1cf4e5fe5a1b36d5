/*
 * What travels over git.sock (SOCK_SEQPACKET, one struct a packet, same build on both
 * sides). A connection is one operation: first a request with the streams' descriptors
 * (SCM_RIGHTS), then messages both ways, at last DONE. Hanging up kills the operation.
 *
 * Every packet is checked by git_request_parse or git_message_parse before
 * anything of it is used: exact size, version, known type, NUL-terminated text,
 * object names that are hex. Fuzzed (tests/fuzz/git_message_fuzz.c).
 *
 * Who sends what, in order (F front, O operation, Z zygote):
 *	all       F request -> Z STARTED (or DONE with BUSY) -> ... -> O DONE
 *	receive   O OPTION*, REF*, DECIDE      the commands with their facts; the pack is in
 *	          (F READ, O ANSWER)*          files and commits, what is only just pushed included
 *	          F VERDICT* (one a REF), GO   policy, before any lock
 *	          O LOCKED                     the landing lock is held
 *	          F SETTLE*, GO                what a crash left behind; usually only GO
 *	          O REF_STATE*, PREPARED       objects installed, refs locked, old values compared
 *	          F OUTPUT*, COMMIT or ABORT   after the transaction
 *	          O COMMITTED                  refs renamed; then the client gets the report
 *	refs      F (CHANGE [TAGGER TAG_TEXT*])*, GO, then as receive from REF on
 *	merge     F MERGE, (TAGGER, TAG_TEXT*)*, CHANGE*, GO; O CONFLICT*, MERGED, then as receive
 *	          from REF on; of a mere check nothing follows
 *	settle    O LOCKED, F SETTLE*, GO, O SETTLED, F GO    the lock is held until then
 *	maintain  O COUNT*                     what was done, for the log
 */
#ifndef GIT_MESSAGE_H
#define GIT_MESSAGE_H

#include "base/err.h"
#include "base/str.h"

#define GIT_MESSAGE_VERSION 1
#define GIT_MESSAGE_NAME_MAX 1024
#define GIT_MESSAGE_TEXT_MAX 1024
#define GIT_REQUEST_ID_MAX 64
#define GIT_OID_TEXT 41
#define GIT_ZERO_OID "0000000000000000000000000000000000000000"

/* X(NAME, word for logs, wall limit in seconds, class of admission) */
#define GIT_OPERATIONS(X)                    \
	X(INIT, "init", 30, LIGHT)           \
	X(REMOVE, "remove", 600, LIGHT)      \
	X(UPLOAD, "upload", 3600, UPLOAD)    \
	X(PACK, "pack", 3600, UPLOAD)        \
	X(RECEIVE, "receive", 3600, INGEST)  \
	X(REFS, "refs", 60, LIGHT)           \
	X(SETTLE, "settle", 120, LIGHT)      \
	X(MAINTAIN, "maintain", 7200, HEAVY) \
	X(ARCHIVE, "archive", 900, UPLOAD)   \
	X(BLAME, "blame", 30, HEAVY)         \
	X(MERGE, "merge", 120, LIGHT)        \
	X(RENDER, "render", 2, LIGHT)

enum git_op {
#define GIT_OP_ENUM(name, word, seconds, class) GIT_OP_##name,
	GIT_OPERATIONS(GIT_OP_ENUM)
#undef GIT_OP_ENUM
		GIT_OP_COUNT
};

const char *git_op_word(enum git_op op);

struct git_limits {
	int64_t max_pack_bytes; /* receive: of the pack as sent; 0 = no limit of its own */
	int64_t max_file_bytes; /* receive: of one blob; 0 = none */
	int64_t max_commands;   /* receive: refs in one push; 0 = the default of 5,000 */
};

/* Flags of a request. */
#define GIT_FLAG_STATEFUL 1u     /* upload: one stream for the whole session (SSH) */
#define GIT_FLAG_PROTOCOL_1 2u   /* upload: the client asked for version 1 */
#define GIT_FLAG_PROTOCOL_2 4u   /* upload: the client asked for version 2 */
#define GIT_FLAG_ATOMIC 8u       /* refs: all or nothing */
#define GIT_FLAG_PRUNE 16u       /* maintain: the weekly full repack with expiry, even if small */
#define GIT_FLAG_RESET 32u       /* settle: also remove left-overs of dead operations */
#define GIT_FLAG_HARD_BREAKS 64u /* render: of a comment */
#define GIT_FLAG_TOLD 128u       /* DONE: git has told its person how it ended */

#define GIT_STREAM_IN 1u
#define GIT_STREAM_OUT 2u
#define GIT_STREAM_ERR 4u
#define GIT_STREAMS_MAX 3

struct git_request {
	uint32_t version;
	uint32_t op; /* enum git_op */
	uint32_t flags;
	uint32_t streams;   /* which descriptors come with it, in this order: GIT_STREAM_* */
	int64_t project_id; /* 0 only for render */
	int64_t user_id;    /* whose share of the host it uses; 0 anonymous, -1 the system */
	struct git_limits limits;
	char request_id[GIT_REQUEST_ID_MAX];
	char name[GIT_MESSAGE_NAME_MAX]; /* by operation, see git/operation.h */
	char text[GIT_MESSAGE_TEXT_MAX];
};

enum git_message_type {
	GIT_MSG_STARTED = 1, /* number: pid of the operation */
	GIT_MSG_OPTION,      /* text: a push option */
	GIT_MSG_REF,         /* index, name, old, new, facts in flags */
	GIT_MSG_DECIDE, /* number: count of REFs; flags: GIT_FLAG_ATOMIC; number2: pack bytes */
	GIT_MSG_LOCKED,
	GIT_MSG_SETTLED,   /* number: refs that had to be changed */
	GIT_MSG_REF_STATE, /* index; flags GIT_REF_OK or text: the reason */
	GIT_MSG_PREPARED,  /* number: refs that are prepared */
	GIT_MSG_COMMITTED,
	GIT_MSG_COUNT,    /* name: what; number: how many */
	GIT_MSG_CONFLICT, /* name: a path */
	GIT_MSG_MERGED,   /* old: merge base, new: tree (CHECK) or commit; flags: GIT_MERGE_* */
	GIT_MSG_ANSWER,   /* to READ: number: bytes in its file; flags; or number2: code, text */
	GIT_MSG_DONE,     /* number: enum err_code; text: its text */

	GIT_MSG_CHANGE = 64, /* name, old (see GIT_REF_ANY_OLD), new */
	GIT_MSG_VERDICT,     /* index; flags GIT_REF_OK or text: the reason */
	GIT_MSG_SETTLE,      /* name, new: the value it must have; zero: it must not exist */
	GIT_MSG_GO,
	GIT_MSG_OUTPUT, /* text: a line for the pusher */
	GIT_MSG_COMMIT,
	GIT_MSG_ABORT, /* text: why; goes to every ref of the push */
	/* after a CHANGE: make an annotated tag; after MERGE: author, then committer */
	GIT_MSG_TAGGER,   /* text: person, number: seconds */
	GIT_MSG_TAG_TEXT, /* after TAGGER: text, a part of the tag's or commit's message */
	GIT_MSG_MERGE, /* number: enum git_merge_kind; name: ref; old: ours, new: theirs; text: base
			*/
	GIT_MSG_READ,  /* number: enum git_read; one descriptor comes along: the answer's file */
};

/*
 * What READ asks about the commit new_oid. Only commits are asked for that the
 * operation announced by REF, or that are reachable from a visible ref.
 */
enum git_read {
	GIT_READ_FILE = 1, /* name: a path; number2: most bytes. The file's bytes */
	GIT_READ_FILES,    /* the paths of all files, each ended by NUL */
	/* Paths that differ from old_oid, or from the ref `name`; each ended by NUL. */
	GIT_READ_CHANGED,
	GIT_READ_COMMIT, /* the commit's bytes; new_oid may be a tag of it: ANSWER has the commit */
	GIT_READ_TAG,    /* the message of the annotated tag new_oid */
};

enum git_merge_kind {
	GIT_MERGE_CHECK = 1,    /* would it fit? Nothing stays behind */
	GIT_MERGE_COMMIT,       /* a commit with both as parents; name: the ref that moves */
	GIT_MERGE_SQUASH,       /* the same files, with ours as the only parent */
	GIT_MERGE_FAST_FORWARD, /* theirs itself */
	/* What led from base to theirs taken out of ours; name: a ref that is made. */
	GIT_MERGE_REVERT,
	GIT_MERGE_RESULT, /* as COMMIT, for a ref of ours; base: where that stands, or "" */
};

/* Flags of MERGED. */
#define GIT_MERGE_FITS 1u       /* no conflict */
#define GIT_MERGE_CONTAINED 2u  /* ours has theirs already */
#define GIT_MERGE_UNRELATED 4u  /* no common history */
#define GIT_MERGE_BEHIND 8u     /* ours has commits that theirs has not */
#define GIT_MERGE_SAME_TREE 16u /* the result has exactly the files of theirs */

#define GIT_ANSWER_MAX ((size_t)32 << 20) /* bytes of one answer */
#define GIT_ANSWER_OK 1u                  /* else number2 and text say why not */
#define GIT_ANSWER_CUT 2u                 /* FILES, CHANGED: there are more than were told */
#define GIT_READ_BASE 4u                  /* CHANGED: compare with the merge base of the two */

/* Facts and answers about a ref. */
#define GIT_REF_OK 1u
#define GIT_REF_FORCED 2u     /* an existing branch whose old tip is no ancestor of the new */
#define GIT_REF_COMMIT 4u     /* the new value is a commit */
#define GIT_REF_TAG_OBJECT 8u /* the new value is a tag object */
#define GIT_REF_ANY_OLD 16u   /* CHANGE: whatever value it has now */
#define GIT_REF_HEAD 32u      /* CHANGE: point HEAD at this branch instead; no oids */

struct git_message {
	uint32_t version;
	uint32_t type; /* enum git_message_type */
	uint32_t index;
	uint32_t flags;
	int64_t number;
	int64_t number2;
	char old_oid[GIT_OID_TEXT]; /* "" or 40 hex digits */
	char new_oid[GIT_OID_TEXT];
	char name[GIT_MESSAGE_NAME_MAX];
	char text[GIT_MESSAGE_TEXT_MAX];
};

MUST_USE int git_request_parse(struct str bytes, struct git_request *rq, struct err *e);
MUST_USE int git_message_parse(struct str bytes, struct git_message *m, struct err *e);

/* An empty message of a type; text is cut at a character to fit. */
struct git_message git_message_of(enum git_message_type type);
void git_message_set_text(struct git_message *m, struct str text);

/* One packet; fds: up to GIT_STREAMS_MAX, or NULL. ERR_GONE if the other side has hung up. */
MUST_USE int git_packet_send(int socket_fd, struct str bytes, const int *fds, size_t fd_count,
			     struct err *e);
/* Received descriptors are CLOEXEC; more than GIT_STREAMS_MAX are closed and refused. */
MUST_USE int git_packet_receive(int socket_fd, char *room, size_t room_size, struct str *bytes,
				int fds[static GIT_STREAMS_MAX], size_t *fd_count, struct err *e);

#endif
