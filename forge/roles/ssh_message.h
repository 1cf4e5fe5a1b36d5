/*
 * What an ssh child and the broker say to each other: fixed-size structs on a
 * SOCK_SEQPACKET pair, one struct a packet, descriptors by SCM_RIGHTS.
 * Children are the untrusted side: they talk with strangers. So every ask is
 * checked by the broker before anything in it is used, and (a lesser guard)
 * every answer by the child.
 *
 *	ask      answer    meaning
 *	KEY      KEY       is this key somebody's; proved = the client signed with it
 *	EXEC     EXEC      run this command on channel n: refused with a sentence, or the
 *	                   refs to serve (one sealed memfd), or the three ends of a stream
 *	START    EXEC      the operation behind channel n is needed now: its three ends
 *	HANGUP   -         the client left channel n: kill its operation
 *	-        ENDED     the operation of channel n is over: exit status, last words
 *	-        DRAIN     the server stops: take no new commands
 *
 * Both sides are the same build on the same machine; the version is checked
 * because a restart may meet the children of the one before.
 * Threads: pure, but for the two socket calls (one packet each, any thread).
 */
#ifndef ROLES_SSH_MESSAGE_H
#define ROLES_SSH_MESSAGE_H

#include "base/err.h"
#include "base/str.h"

#define SSH_MESSAGE_MAGIC 0x48535348u /* "HSSH" */
#define SSH_MESSAGE_VERSION 1u
#define SSH_MESSAGE_CHANNELS 10u
#define SSH_MESSAGE_ASK_TEXT_MAX 4096
#define SSH_MESSAGE_TEXT_MAX 2048
#define SSH_MESSAGE_FDS_MAX 3u

enum ssh_ask_kind { SSH_ASK_KEY = 1, SSH_ASK_EXEC, SSH_ASK_START, SSH_ASK_HANGUP };

struct ssh_ask {
	uint32_t magic;
	uint32_t version;
	uint32_t kind;     /* enum ssh_ask_kind */
	uint32_t channel;  /* EXEC, START, HANGUP */
	uint32_t serial;   /* EXEC, START, HANGUP: which command; the child counts them */
	uint32_t proved;   /* KEY: 0 or 1 */
	uint32_t protocol; /* EXEC: 0..2 */
	/* NUL-terminated. KEY: "ssh-ed25519 AAAA...". EXEC: the command; "" is a shell. */
	char text[SSH_MESSAGE_ASK_TEXT_MAX];
};

enum ssh_answer_kind { SSH_ANSWER_KEY = 1, SSH_ANSWER_EXEC, SSH_ANSWER_ENDED, SSH_ANSWER_DRAIN };

enum ssh_verdict {
	SSH_VERDICT_NO = 1, /* KEY: nobody's. EXEC: refused, text says why */
	SSH_VERDICT_YES,    /* KEY: known */
	SSH_VERDICT_SAY,    /* EXEC: text is the whole answer, exit status 0 */
	SSH_VERDICT_SERVE,  /* EXEC: one fd, `size` bytes of visible refs; serve from them */
	SSH_VERDICT_STREAM, /* EXEC: three fds: to the operation, from it, its stderr */
};

struct ssh_answer {
	uint32_t magic;
	uint32_t version;
	uint32_t kind;    /* enum ssh_answer_kind */
	uint32_t channel; /* EXEC, ENDED */
	uint32_t verdict; /* KEY, EXEC: enum ssh_verdict */
	uint32_t service; /* EXEC, SERVE: enum git_service (ssh/git_command.h) */
	uint32_t status;  /* ENDED: exit status 0..255 */
	uint32_t serial;  /* EXEC, ENDED: that of the ask, so that a late answer is known as such */
	uint64_t size;    /* SERVE: bytes in the memfd */
	char text[SSH_MESSAGE_TEXT_MAX]; /* NUL-terminated */
};

/* Between master and broker. */
enum ssh_control_kind {
	SSH_CONTROL_CONNECTION = 1, /* master: a child was made; with its socket to the broker */
	SSH_CONTROL_SIGNED_IN,      /* broker: somebody signed in on connection id */
	SSH_CONTROL_DRAIN,          /* broker: accept no more, leave when the children have */
};

struct ssh_control {
	uint32_t magic;
	uint32_t version;
	uint32_t kind; /* enum ssh_control_kind */
	uint32_t reserved;
	uint64_t id;      /* of the connection */
	char address[64]; /* CONNECTION: the client's, NUL-terminated */
};

void ssh_control_init(struct ssh_control *control, enum ssh_control_kind kind, uint64_t id);
MUST_USE int ssh_control_check(const void *p, size_t n, struct ssh_control *control, struct err *e);

/* ERR_INVALID if n bytes at p are not one whole, well-formed message. */
MUST_USE int ssh_ask_check(const void *p, size_t n, struct ssh_ask *ask, struct err *e);
MUST_USE int ssh_answer_check(const void *p, size_t n, size_t fd_count, struct ssh_answer *answer,
			      struct err *e);

void ssh_ask_init(struct ssh_ask *ask, enum ssh_ask_kind kind, uint32_t channel, uint32_t serial);
void ssh_answer_init(struct ssh_answer *answer, enum ssh_answer_kind kind, uint32_t channel,
		     uint32_t serial);
/* Copies, cut at a character if it is too long. */
void ssh_answer_say(struct ssh_answer *answer, struct str text);

/* One packet with up to SSH_MESSAGE_FDS_MAX descriptors (which stay the caller's). */
MUST_USE int ssh_packet_send(int socket, const void *p, size_t n, const int *fds, size_t fd_count,
			     struct err *e);
/*
 * One packet of at most room bytes; *n is 0 when the other side is gone. The
 * descriptors that came are the caller's; more than the maximum is an error.
 */
MUST_USE int ssh_packet_receive(int socket, void *p, size_t room, size_t *n,
				int fds[SSH_MESSAGE_FDS_MAX], size_t *fd_count, struct err *e);

#endif
