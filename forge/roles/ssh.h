/*
 * The ssh role: git over SSH, in three kinds of process (roles/README.md, "ssh").
 *
 * role_ssh is the broker: it has the database, answers the questions of the
 * children and is the front of their git operations. It starts the master,
 * which accepts connections and forks one child for each. The master is a
 * fresh exec of this program, so that neither it nor its children ever held
 * configuration, database address or secrets in memory.
 */
#ifndef ROLES_SSH_H
#define ROLES_SSH_H

struct app;

/* Serves until SIGTERM; then lets running operations finish. Returns the exit status. */
int role_ssh(struct app *app);

/*
 * The master's main, for the hidden word `hearth ssh-master` (started by
 * role_ssh only; main.c calls it before anything else happens).
 */
int ssh_master_main(int argc, char **argv);

#endif
