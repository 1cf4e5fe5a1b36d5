/*
 * Runners: registrations whose token asks for jobs, and the hosts (managers)
 * that use them. The caller has checked who may make, change and remove them.
 * Source of the fields: gitlab-compat 1.3, 1.4.
 */
#ifndef DOMAIN_RUNNER_H
#define DOMAIN_RUNNER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "domain/actor.h"

struct db;

enum runner_kind { RUNNER_INSTANCE, RUNNER_GROUP, RUNNER_PROJECT };

/* "instance", "group", "project"; the API adds "_type". */
const char *runner_kind_name(enum runner_kind kind);

struct runner {
	struct runner_id id;
	enum runner_kind kind;
	struct namespace_id namespace;
	struct project_id project;
	struct str description;
	struct str_list tags;
	bool run_untagged;
	bool is_protected; /* only jobs of protected refs */
	bool is_paused;
	int32_t maximum_timeout; /* seconds; 0: none */
	struct str class;        /* the same for all that may run the same jobs: queue.h */
	struct str fingerprint;  /* of its token, hex; by runner_find alone */
};

struct runner_new {
	enum runner_kind kind;
	struct namespace_id namespace; /* group */
	struct project_id project;     /* project */
	struct str description;
	struct str_list tags;
	bool run_untagged;
	bool is_protected;
	bool is_paused;
	bool is_locked;
	int32_t maximum_timeout;
	struct str maintenance_note;
};

#define RUNNER_TAGS_MAX 50
#define RUNNER_TAG_BYTES_MAX 255

/* *token is the glrt- text, shown this once. ERR_UNPROCESSABLE says what of `in` cannot be. */
MUST_USE int runner_create(struct db *db, const struct actor *actor, const struct runner_new *in,
			   struct arena *a, struct runner_id *id, struct str *token, struct err *e);

/* Whose token this is. Paused ones are found too: they get no jobs, but they are known. */
MUST_USE int runner_find(struct db *db, struct str token, struct arena *a, struct runner *runner,
			 bool *found, struct err *e);

/*
 * The runner of this host, which `hearth up` starts: a new token, the old one ends.
 * Made if there is none; what an administrator changed of it stays.
 */
MUST_USE int runner_renew_local(struct db *db, const struct actor *actor, struct arena *a,
				struct runner_id *id, struct str *token, struct err *e);

MUST_USE int runner_remove(struct db *db, const struct actor *actor, struct runner_id id,
			   struct err *e);

/* A new token in place of the old one, which is good for nothing from then on. */
MUST_USE int runner_reset_token(struct db *db, const struct actor *actor, struct runner_id id,
				struct arena *a, struct str *token, struct err *e);

/* One host of the runner is forgotten; fine if it is unknown. */
MUST_USE int runner_remove_manager(struct db *db, struct runner_id id, struct str system_id,
				   struct err *e);

/* What a host says of itself with each call. */
struct runner_manager {
	struct str system_id;
	struct str version;
	struct str platform;
	struct str architecture;
	struct str executor;
	struct str ip;
	bool can_cancel_gracefully;
};

/* Notes the contact, at most once a minute. *id 0: the runner sent no system_id. */
MUST_USE int runner_note_contact(struct db *db, struct runner_id runner,
				 const struct runner_manager *manager, struct arena *a, int64_t *id,
				 struct err *e);

#endif
