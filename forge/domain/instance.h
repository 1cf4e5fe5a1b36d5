/*
 * What the rules must know of the running instance and of this process: where
 * people reach it, and the doors that other files of domain/ need at once
 * (database, git.sock, keys). Made once by app_connect (app->instance),
 * read-only afterwards, shared by all threads. Who adds a door adds a field and
 * its line in app.c.
 */
#ifndef DOMAIN_INSTANCE_H
#define DOMAIN_INSTANCE_H

#include "base/log.h"
#include "base/str.h"

struct db_pool;
struct git_reader;
struct live;
struct redis_pool;
struct secret_keys;

struct instance {
	struct db_pool *db;
	const char *run;  /* folder of git.sock */
	const char *data; /* the data directory */
	struct git_reader *reader;
	struct redis_pool *redis; /* NULL: runs without */
	struct live *live;        /* wake-ups */
	struct secret_keys *secret;
	struct str url;     /* external_url: "https://example.org/hearth", no '/' at the end */
	struct str ssh;     /* ssh_external: "host:port" */
	struct str job_url; /* how jobs reach us: runner_url, or else url */
	struct str version;
	const struct log *log;
};

#endif
