/*
 * What the supervisor's files share: one struct, one row per process.
 *
 *	state      stopped -> starting -> ready -> stopping -> stopped
 *	                         |          |
 *	                         '-> waiting <'    died; started again at retry_ms
 */
#ifndef ROLES_SUPERVISOR_PRIVATE_H
#define ROLES_SUPERVISOR_PRIVATE_H

#include "base/spawn.h"
#include "roles/roles.h"
#include "roles/supervisor.h"

/* In the order of starting; stopped in the order of their ranks. */
enum part {
	PART_POSTGRES,
	PART_REDIS,
#define PART_ENUM(NAME, name, rank, socket, keeps_root) PART_##NAME,
	ROLES(PART_ENUM)
#undef PART_ENUM
		PART_RUNNER, /* hearth-runner, after the roles */
	PART_COUNT
};
#define STOP_RANKS 6

enum process_state {
	PROCESS_STOPPED,
	PROCESS_STARTING,
	PROCESS_READY,
	PROCESS_WAITING,
	PROCESS_STOPPING
};

struct process {
	enum process_state state;
	pid_t pid;
	int64_t since_ms; /* of the last start */
	int64_t retry_ms; /* WAITING: when to start again */
	int64_t delay_ms;
};

/* Roles of the program before an upgrade, finishing what they do. */
#define DRAINING_MAX 16
struct draining {
	pid_t pid;
	int64_t kill_ms;
};

struct supervisor {
	struct app *app;
	const struct supervisor_options *options;
	struct arena *arena;
	struct process process[PART_COUNT];
	pid_t old[PART_COUNT]; /* during an upgrade: the roles of the program before */
	struct draining draining[DRAINING_MAX];
	size_t draining_count;
	int lock_fd;
	int http_fd;
	int ssh_fd;
	int signal_fd;
	int notify_fd;
	const char *notify_path;
	const char *program; /* the path of this program on disk */
	bool is_upgrade;
	bool is_stopping;        /* a stop was asked while it started */
	const char *runner_note; /* for the person at the terminal */
	bool was_unclean;        /* the last supervisor did not stop in order */
};

#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS 10000
/* A process that ran this long starts again without delay. */
#define STEADY_MS 60000

const char *part_name(enum part part);
int part_stop_rank(enum part part);
/* The name of the listening socket it inherits, or NULL. */
const char *part_socket(enum part part);
bool part_is_role(enum part part);
/* The roles and the runner: what a newer program starts anew. */
bool part_is_ours(enum part part);

/* supervisor_process.c: one process at a time */
MUST_USE int supervisor_process_start(struct supervisor *s, enum part part, struct err *e);
/* Takes in every child that ended, and plans its restart. */
void supervisor_process_reap(struct supervisor *s);
/* Starts what waits and whose time has come; says how long until the next (-1: nothing waits). */
int64_t supervisor_process_restart_due(struct supervisor *s);
void supervisor_process_stop_all(struct supervisor *s);
/* Runs `hearth WORDS --data ...` to its end as the owner; what it printed is in *said. */
MUST_USE int supervisor_process_run_command(struct supervisor *s, const char *const *words,
					    struct str *said, struct err *e);
/* Ends old roles whose time is over. */
void supervisor_process_end_draining(struct supervisor *s, bool now);

/* supervisor_notify.c: "READY=1" of the roles */
MUST_USE int notify_open(struct supervisor *s, struct err *e);
void notify_read(struct supervisor *s);

/* supervisor_upgrade.c: the new program over the running one */
void upgrade(struct supervisor *s);
/* True if this process was executed by upgrade(); takes over sockets, lock and servers. */
bool upgrade_adopt(struct supervisor *s);
/* The new roles serve: the old ones finish. */
void upgrade_retire_old(struct supervisor *s);
/* The new roles do not: they end, and the old ones stay. */
void upgrade_keep_old(struct supervisor *s);

/* supervisor_runner.c: the local runner */
/* Starts it if there can be one; what the person reads about it. */
const char *runner_begin(struct supervisor *s);
/* A new token, its file, and the process. */
MUST_USE int runner_start(struct supervisor *s, pid_t *pid, struct err *e);
/* Removes its file. */
void runner_end(struct supervisor *s);

/* supervisor_say.c: lines for the person at the terminal */
/* Makes what a first start makes, and prints where people go. */
MUST_USE int say_ready(struct supervisor *s, struct err *e);

#endif
