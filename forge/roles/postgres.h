/*
 * The private PostgreSQL: made once in <data>/postgres, runs as the owner of
 * the data, listens on a Unix socket in the folder of sockets and nowhere else.
 * Who may connect is said by the kernel (peer): the owner, and root for care.
 * Roles connect as "hearth", which owns the database and is no superuser.
 *
 * Used by the supervisor and, for restore, by the CLI; single-threaded.
 */
#ifndef ROLES_POSTGRES_H
#define ROLES_POSTGRES_H

#include "app.h"
#include "base/spawn.h"

/*
 * Makes the cluster if there is none and writes its settings. Refuses with a
 * sentence if PostgreSQL is not installed or the cluster is of another version.
 */
MUST_USE int postgres_prepare(const struct app *app, struct err *e);

/* How to start it, in the arena. Its messages go to <data>/log/postgresql.log through log_fd. */
struct spawn postgres_spawn(const struct app *app, struct arena *a, int log_fd);

/* True once the server with that pid takes connections. */
bool postgres_is_ready(const struct app *app, pid_t pid);

/* The last line of its log that says why it ended; "" if there is none. */
struct str postgres_last_words(const struct app *app, struct arena *a);

#endif
