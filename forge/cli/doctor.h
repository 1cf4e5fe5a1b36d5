/*
 * `hearth doctor`: one table of checks, each a function that finds one kind of
 * trouble and says what to do next. It changes nothing, works whether the
 * instance runs or not, and goes on after every finding.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/command.h"
#include "data_folder.h"

enum finding { FINDING_FINE, FINDING_NOTE, FINDING_BAD };

/* What the checks share; the later ones use what the earlier ones opened. */
struct doctor {
	struct arena *arena;
	struct data_folder folder; /* .path NULL if it cannot be used */
	struct config *config;     /* NULL if the settings are wrong */
	struct app *app;           /* NULL if it cannot be opened */
	bool is_running;
	bool is_connected;
	int64_t pid;

	/* of the check that runs */
	enum finding finding;
	const char *text; /* what is so */
	const char *next; /* what to do; NULL when fine */
	const char *data_given;
};

void doctor_fine(struct doctor *d, const char *format, ...) PRINTF_LIKE(2, 3);
/* A finding: its text; then what next. */
void doctor_note(struct doctor *d, const char *next, const char *format, ...) PRINTF_LIKE(3, 4);
void doctor_bad(struct doctor *d, const char *next, const char *format, ...) PRINTF_LIKE(3, 4);

struct doctor_check {
	const char *name;
	void (*run)(struct doctor *d);
};

/* doctor_host.c: what is around the instance */
extern const struct doctor_check doctor_host_checks[];
extern const size_t doctor_host_count;
/* doctor_instance.c: what is in it */
extern const struct doctor_check doctor_instance_checks[];
extern const size_t doctor_instance_count;

#endif
