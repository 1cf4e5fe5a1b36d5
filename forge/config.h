/*
 * The settings of an instance. CONFIG_TABLE is the one list: a row makes the
 * field of struct config, the line of `hearth config check`, the environment
 * variable HEARTH_<KEY> and the line of the commented file that the first
 * start writes to <data>/hearth.conf.
 *
 * Where a value comes from: command line (up, serve) before environment before
 * file before default. What a value may be is said by its type in
 * base/settings.h. Adding a setting is adding a row.
 *
 * Ownership: everything lives in the arena given to config_load; read-only and
 * shared by all threads afterwards.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/buf.h"
#include "base/settings.h"

enum config_sandbox { CONFIG_SANDBOX_AUTO, CONFIG_SANDBOX_REQUIRED, CONFIG_SANDBOX_OFF };

#define CONFIG_KIB INT64_C(1024)
#define CONFIG_MIB (1024 * CONFIG_KIB)
#define CONFIG_GIB (1024 * CONFIG_MIB)
#define CONFIG_TIB (1024 * CONFIG_GIB)

/* X(section, TYPE, key, default, min, max, choices, sentence) */
#define CONFIG_TABLE(X)                                                                          \
	X(server, ADDRESS, http_listen, "127.0.0.1:8080", 0, 0, NULL,                            \
	  "Address and port on which pages, API and git over HTTP are served.")                  \
	X(server, ADDRESS, ssh_listen, "127.0.0.1:2222", 0, 0, NULL,                             \
	  "Address and port on which git over SSH is served.")                                   \
	X(server, URL, external_url, "", 0, 300, NULL,                                           \
	  "The address people use, with a sub-path if there is one; links begin with it. "       \
	  "Empty: http:// and http_listen.")                                                     \
	X(server, ADDRESS, ssh_external, "", 0, 0, NULL,                                         \
	  "Host and port shown in SSH clone addresses. Empty: the host of external_url and the " \
	  "port of ssh_listen.")                                                                 \
	X(server, URL, runner_url, "", 0, 300, NULL,                                             \
	  "The address that jobs clone from and report to, where it is another than people's. "  \
	  "Empty: external_url.")                                                                \
	X(server, LIST, trusted_proxies, "", 0, 64, NULL,                                        \
	  "Addresses or networks (10.0.0.0/8) whose X-Forwarded-* headers are believed; "        \
	  "`unix` for a proxy on a Unix socket.")                                                \
	X(server, LIST, allowed_hosts, "", 0, 64, NULL,                                          \
	  "Further host names under which the server answers, besides external_url's.")          \
	X(server, NUMBER, connection_limit, "1024", 8, 100000, NULL,                             \
	  "Most HTTP connections at once; each costs a thread.")                                 \
	X(server, NUMBER, connection_limit_per_address, "100", 1, 100000, NULL,                  \
	  "Most HTTP connections at once from one address (trusted proxies are exempt).")        \
	X(server, LIST, metrics_allow, "127.0.0.1 ::1", 0, 64, NULL,                             \
	  "Addresses or networks that may read /metrics and the details of /-/readiness.")       \
	X(ssh, NUMBER, ssh_connection_limit, "200", 1, 10000, NULL,                              \
	  "Most SSH connections at once.")                                                       \
	X(ssh, NUMBER, ssh_connection_limit_per_address, "50", 1, 10000, NULL,                   \
	  "Most SSH connections at once from one address.")                                      \
	X(database, SECRET, database_url, "", 0, 2000, NULL,                                     \
	  "PostgreSQL as libpq reads it (postgresql://user@host/name). Empty: a private "        \
	  "PostgreSQL in the data directory.")                                                   \
	X(database, NUMBER, db_pool_size, "8", 2, 200, NULL,                                     \
	  "Most database connections of one process.")                                           \
	X(database, PATH, postgres_bin, "/usr/lib/postgresql/15/bin", 0, 4000, NULL,             \
	  "Folder of initdb and postgres, for the private PostgreSQL.")                          \
	X(database, SIZE, postgres_shared_buffers, "32M", 1 * CONFIG_MIB, CONFIG_TIB, NULL,      \
	  "Memory that the private PostgreSQL keeps pages in.")                                  \
	X(redis, SECRET, redis_url, "", 0, 2000, NULL,                                           \
	  "Redis (redis://user:password@host:6379/0 or unix:///path). Empty: a private Redis; "  \
	  "`none`: run without, runners then poll.")                                             \
	X(redis, ADDRESS, runner_redis, "", 0, 0, NULL,                                          \
	  "Address and port where runners on other hosts wait for jobs on Redis; the private "   \
	  "Redis then listens there. Empty: those runners ask over HTTP (long poll).")           \
	X(git, CHOICE, git_sandbox, "auto", 0, 0, "auto|required|off",                           \
	  "Landlock and seccomp around git: auto uses what the kernel has, required refuses "    \
	  "to start without.")                                                                   \
	X(git, SIZE, max_pack_bytes, "2G", CONFIG_MIB, CONFIG_TIB, NULL,                         \
	  "Largest pack that one push may send.")                                                \
	X(git, SIZE, max_file_bytes, "100M", CONFIG_KIB, CONFIG_TIB, NULL,                       \
	  "Largest single file that a push may add.")                                            \
	X(jobs, BOOL, local_runner, "yes", 0, 0, NULL,                                           \
	  "`hearth up` starts a runner on its own host.")                                        \
	X(jobs, NUMBER, local_runner_jobs, "2", 1, 256, NULL,                                    \
	  "Jobs that the local runner runs at once.")                                            \
	X(jobs, SIZE, max_artifact_bytes, "1G", CONFIG_KIB, CONFIG_TIB, NULL,                    \
	  "Largest archive or report that a job may leave.")                                     \
	X(jobs, DURATION, artifact_expire_in, "30d", 0, 3650 * 86400, NULL,                      \
	  "How long artifacts stay whose job says nothing of it; 0: until somebody removes "     \
	  "them.")                                                                               \
	X(people, NUMBER, session_days, "14", 1, 3650, NULL,                                     \
	  "Days after which an unused sign-in ends.")                                            \
	X(log, CHOICE, log_level, "info", 0, 0, "debug|info|warn|error",                         \
	  "The least important lines that are still logged.")

#define CONFIG_FIELD_TEXT(key) const char *key;
#define CONFIG_FIELD_SECRET(key) const char *key;
#define CONFIG_FIELD_ADDRESS(key) const char *key;
#define CONFIG_FIELD_URL(key) const char *key;
#define CONFIG_FIELD_PATH(key) const char *key;
#define CONFIG_FIELD_NUMBER(key) int64_t key;
#define CONFIG_FIELD_SIZE(key) int64_t key;
#define CONFIG_FIELD_DURATION(key) int64_t key;
#define CONFIG_FIELD_BOOL(key) bool key;
#define CONFIG_FIELD_CHOICE(key) int key;
#define CONFIG_FIELD_LIST(key) struct str_list key;
#define CONFIG_FIELD(section, type, key, preset, min, max, choices, sentence) \
	CONFIG_FIELD_##type(key)

struct config {
	CONFIG_TABLE(CONFIG_FIELD)
};

extern const struct settings_table config_table;

/* What `config check` shows beside the values. */
struct config_report {
	const char *path; /* of the file */
	bool file_exists;
	struct setting_value *values; /* one a row of config_table */
	struct settings_problems problems;
};

/*
 * Reads path (missing is fine) and the environment, and works out what empty
 * addresses mean, so that external_url and ssh_external are never empty afterwards. ERR_INVALID
 * with the first problem (file, line, what is wrong) and how many there are; report (may be NULL)
 * then still holds all.
 */
MUST_USE int config_load(struct arena *a, const char *path, struct config *config,
			 struct config_report *report, struct err *e);

/* <data>/hearth.conf */
const char *config_path(struct arena *a, const char *data);

/* The file a first start writes: every setting with its sentence, those of `config` that differ
 * from the default as lines, the others as comments. */
void config_write(const struct config_report *report, struct buf *out);

/* "/hearth" of "https://example.org/hearth", or "" : what every path of a link begins with. */
struct str config_base_path(const struct config *config);
/* What runners are told of runner_redis: with the host of external_url where it listens on all. */
struct str config_runner_redis(const struct config *config, struct arena *a);
/* True if people come by https: cookies are Secure then. */
bool config_is_https(const struct config *config);

#endif
