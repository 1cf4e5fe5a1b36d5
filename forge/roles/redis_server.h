/*
 * The private Redis: nothing on disk but its settings, a Unix socket in the
 * folder of sockets, one user "hearth" whose password is <data>/keys/redis. For
 * runners on other hosts it listens on runner_redis too; each has a user that can
 * read its stream and nothing else (domain/queue.h).
 */
#ifndef ROLES_REDIS_SERVER_H
#define ROLES_REDIS_SERVER_H

#include "app.h"
#include "base/spawn.h"

/* Makes the password if there is none, writes the settings. */
MUST_USE int redis_server_prepare(const struct app *app, struct err *e);
struct spawn redis_server_spawn(const struct app *app, struct arena *a, int log_fd);
bool redis_server_is_ready(const struct app *app);

#endif
