/*
 * A project with two branches, two people and all that merging needs: ada owns it
 * and pushes (domain/landing's test world), bob is maintainer. Failures fail the test.
 */
#ifndef SUPPORT_MERGING_H
#define SUPPORT_MERGING_H

#include "domain/instance.h"
#include "domain/merge.h"
#include "domain/merge_request_change.h"
#include "support/landing.h"

#define COMMIT(n) "echo " n " > f" n "; git add .; git commit -qm " n ";"

struct merging {
	struct test_landing *t;
	struct instance instance;
	struct git_reader *reader;
	struct actor bob; /* maintainer, for what ada may not do herself */
	struct arena *a;
	struct err e;
};

/* A request of this person, as a page makes it. */
struct landing_request merging_by(struct merging *w, const struct actor *who);
/* main with one commit; feature with one more. */
struct merging *merging_open(void);
void merging_close(struct merging *w);
int64_t merging_request_to(struct merging *w, const char *source, const char *target);
int64_t merging_request(struct merging *w);
struct merge_request merging_look(struct merging *w, int64_t iid);
struct merge_blockers merging_blockers(struct merging *w, int64_t iid);
int merging_merge(struct merging *w, const struct actor *who, int64_t iid,
		  struct merge_options options, struct merge_result *result);
void merging_set(struct merging *w, struct merge_setting setting);
/* In the repository; trimmed. */
struct str merging_git(struct merging *w, const char *args);
/* Everything that waits in the outbox. */
void merging_events(struct merging *w);
void check_contains(struct str text, const char *part);

#endif
