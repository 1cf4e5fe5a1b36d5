/* What the runner calls itself to the forge and to jobs. */
#ifndef RUNNER_VERSION_H
#define RUNNER_VERSION_H

#define RUNNER_NAME "hearth-runner"
#define RUNNER_VERSION "0.1.0"
#define RUNNER_USER_AGENT RUNNER_NAME " " RUNNER_VERSION " (linux)"

#endif
