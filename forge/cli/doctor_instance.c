/*
 * The second half needs the database; from its first check on the process is
 * the data directory's owner.
 */
#include "cli/doctor.h"

#include "base/fs.h"
#include "domain/housekeeping.h"
#include "domain/landing.h"
#include "git/layout.h"
#include "git/ref_snapshot.h"
#include "git/repo.h"
#include "store/db.h"
#include "store/redis.h"

static void check_database(struct doctor *d)
{
	struct app_options options = { .role = "cli", .data = d->folder.path };
	struct err e;

	if (!d->folder.path || !d->config)
		return;
	if (!d->is_running && !*d->config->database_url) {
		if (access(arena_strf(d->arena, "%s/initdb", d->config->postgres_bin), X_OK) == 0)
			doctor_fine(d, "PostgreSQL is installed; it runs while hearth does");
		else
			doctor_bad(d,
				   "apt install postgresql-15, or set postgres_bin or database_url",
				   "there is no PostgreSQL in %s", d->config->postgres_bin);
		return;
	}
	if (app_open(&options, &d->app, &e) < 0 || privilege_drop(d->app->owner, &e) < 0) {
		doctor_bad(d, "see the checks above", "%s", e.text);
		return;
	}
	if (app_connect(d->app, &e) < 0) {
		doctor_bad(
			d,
			"`hearth migrate`, the database's own log, or database_url in hearth.conf",
			"%s", e.text);
		return;
	}
	d->is_connected = true;
	doctor_fine(d, "answers, and its schema fits this program");
}

static void check_redis(struct doctor *d)
{
	struct redis_value value;
	AUTO_REDIS redis = NULL;
	struct err e;

	if (!d->is_connected)
		return;
	if (!d->app->redis)
		doctor_fine(d, "runs without, by redis_url = none");
	else if (redis_acquire(d->app->redis, &redis, &e) < 0 ||
		 REDIS_CALL(redis, d->arena, &value, &e, STR("PING")) < 0)
		doctor_note(d,
			    "nothing is lost, runners are slower; see log/redis.log or redis_url",
			    "it does not answer: %s", e.text);
	else
		doctor_fine(d, "answers");
}

/* Looks at one repository; says false and leaves a finding if something is wrong. */
static bool check_repository(struct doctor *d, struct git_reader *reader, struct db *db,
			     struct project_id project)
{
	const struct ref_snapshot *refs;
	bool agrees = false;
	struct err e;

	if (ref_snapshot_get(reader, project.v, &refs, &e) < 0) {
		doctor_bad(d, "restore it from a backup", "repository of project %lld: %s",
			   (long long)project.v, e.text);
		return false;
	}
	if (landing_agrees(db, project, refs, d->arena, &agrees, &e) < 0)
		doctor_bad(d, "see the database's log", "project %lld: %s", (long long)project.v,
			   e.text);
	else if (!agrees)
		doctor_note(d, "`work` reconciles at its start and every night; see its log",
			    "refs of project %lld are not what was recorded last",
			    (long long)project.v);
	ref_snapshot_unref(refs);
	return agrees;
}

static bool check_portion(struct doctor *d, struct git_reader *reader, struct db *db,
			  struct project_id *after, size_t *count, int64_t *total)
{
	struct project_id *ids;
	struct err e;

	if (housekeeping_list_repositories(db, *after, d->arena, &ids, count, &e) < 0) {
		doctor_bad(d, "see the database's log", "%s", e.text);
		return false;
	}
	for (size_t i = 0; i < *count; i++) {
		struct arena_mark mark = arena_mark(d->arena);

		if (!check_repository(d, reader, db, ids[i]))
			return false;
		arena_reset(d->arena, mark);
		*after = ids[i];
		(*total)++;
	}
	return true;
}

static void check_repositories(struct doctor *d)
{
	struct git_reader *reader = NULL;
	struct project_id after = { 0 };
	int64_t total = 0;
	size_t count = 1;
	AUTO_DB db = NULL;
	bool right = true;
	struct err e;

	if (!d->is_connected)
		return;
	if (git_reader_open(d->app->data, &reader, &e) < 0 || db_acquire(d->app->db, &db, &e) < 0) {
		doctor_bad(d, "see the checks above", "%s", e.text);
		git_reader_close(reader);
		return;
	}
	while (right && count > 0)
		right = check_portion(d, reader, db, &after, &count, &total);
	git_reader_close(reader);
	if (right)
		doctor_fine(d, "%lld, refs as recorded", (long long)total);
}

static void check_sockets(struct doctor *d)
{
	char path[PATH_MAX];
	struct err e;

	if (!d->is_connected || !d->is_running)
		return;
	if (git_socket_path(path, d->app->run, &e) < 0 || !fs_exists(path))
		doctor_bad(d, "look into the log of role git",
			   "no git operation can be started: %s", path);
	else
		doctor_fine(d, "%s", d->app->run);
}

const struct doctor_check doctor_instance_checks[] = {
	{ "database", check_database },
	{ "redis", check_redis },
	{ "sockets", check_sockets },
	{ "repositories", check_repositories },
};
const size_t doctor_instance_count = ARRAY_LEN(doctor_instance_checks);
