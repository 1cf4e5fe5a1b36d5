/* Who may do what over SSH, and what the child is handed for it; see ssh_broker.h. */
#include "roles/ssh_broker.h"

#include "base/clock.h"
#include "base/random.h"
#include "domain/key.h"
#include "git/ref_snapshot.h"
#include "roles/ssh_refs.h"
#include "store/db.h"

static const struct log *log_of(const struct ssh_command *k)
{
	return &k->connection->broker->app->log;
}

void ssh_command_log(const struct ssh_command *k, const struct err *e)
{
	struct log_field fields[] = {
		F_C("request_id", k->request_id),
		F_STR("user", k->actor.username),
		F_STR("project", k->arena ? k->found.project.path : str_c(k->git.path)),
		F_INT("ms", clock_monotonic_ms() - k->started_ms),
		F_C("ip", k->connection->address),
		F_ERR(e),
		{ 0 },
	};
	bool is_ours = e->code != ERR_NONE && !err_is_public(e->code);

	if (e->code == ERR_NONE)
		fields[5] = (struct log_field){ 0 };
	log_write(log_of(k), is_ours ? LOG_ERROR : LOG_INFO, git_service_name(k->git.service),
		  fields);
}

/* Everybody reads the same of a project that is not there and of one they may not see. */
static void say(struct ssh_answer *answer, const struct err *e)
{
	char text[ERR_TEXT_MAX + 16];
	struct err plain = { .code = e->code };
	const char *sentence = err_sentence(e->code == ERR_NOT_FOUND ? &plain : e);

	snprintf(text, sizeof(text), "hearth: %s", sentence);
	ssh_answer_say(answer, str_c(text));
}

void ssh_command_refuse(struct ssh_command *k, const struct err *e)
{
	struct ssh_answer answer;

	ssh_answer_init(&answer, SSH_ANSWER_EXEC, k->channel, k->serial);
	answer.verdict = SSH_VERDICT_NO;
	say(&answer, e);
	ssh_command_log(k, e);
	ssh_connection_answer(k->connection, &answer, NULL, 0);
	ssh_connection_drop(k->connection, k);
}

static enum action action_of(enum git_service service)
{
	return service == GIT_SERVICE_RECEIVE_PACK ? ACTION_GIT_WRITE : ACTION_GIT_READ;
}

/* The key's owner as they are now. */
static int find_actor(struct ssh_command *k, struct db *db, struct err *e)
{
	bool found = false;

	if (key_find(db, buf_str(&k->connection->blob), k->arena, &k->actor, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_UNAUTHENTICATED,
			       "This key was removed or has expired, or its user was blocked.");
	k->actor.ip = str_c(k->connection->address);
	k->actor.request_id = str_c(k->request_id);
	return 0;
}

static void begin(struct ssh_command *k)
{
	arena_close(k->arena);
	k->arena = arena_open(0);
	k->actor = (struct actor){ 0 };
	k->found = (struct project_access){ 0 };
	k->request_id = random_hex(k->arena, SSH_REQUEST_ID_BYTES).p;
}

int ssh_command_check(struct ssh_command *k, struct err *e)
{
	AUTO_DB db = NULL;

	begin(k);
	if (db_acquire(k->connection->broker->app->db, &db, e) < 0 || find_actor(k, db, e) < 0)
		return -(int)e->code;
	return access_get_project(db, &k->actor, str_c(k->git.path), action_of(k->git.service),
				  k->arena, &k->found, e);
}

static int greet(struct ssh_command *k, struct err *e)
{
	const struct config *config = k->connection->broker->app->config;
	struct ssh_answer answer;
	AUTO_DB db = NULL;

	begin(k);
	if (db_acquire(k->connection->broker->app->db, &db, e) < 0 || find_actor(k, db, e) < 0)
		return -(int)e->code;
	ssh_answer_init(&answer, SSH_ANSWER_EXEC, k->channel, k->serial);
	answer.verdict = SSH_VERDICT_SAY;
	ssh_answer_say(&answer,
		       arena_fmt(k->arena,
				 "Hi %.*s, your key works. There is no shell here; git can:\n"
				 "\n"
				 "  git clone ssh://git@%s/GROUP/PROJECT.git    and fetch, push\n"
				 "  git archive --remote=ssh://git@%s/GROUP/PROJECT.git BRANCH\n",
				 STR_FMT(k->actor.username), config->ssh_external,
				 config->ssh_external));
	ssh_connection_answer(k->connection, &answer, NULL, 0);
	ssh_connection_drop(k->connection, k);
	return 0;
}

/* Told to those who come by an old path, which goes on working. */
static void say_moved(const struct ssh_command *k, struct ssh_answer *answer)
{
	const struct config *config = k->connection->broker->app->config;

	if (!k->found.was_moved)
		return;
	ssh_answer_say(answer, arena_fmt(k->arena,
					 "hearth: This project has moved. Its address is now\n"
					 "hearth:   ssh://git@%s/%.*s.git",
					 config->ssh_external, STR_FMT(k->found.project.path)));
}

/* The fast way: ls-refs and advertisement are answered by the child from these refs. */
static int hand_over_refs(struct ssh_command *k, struct err *e)
{
	const struct ref_snapshot *snapshot;
	struct ssh_answer answer;
	int fd;
	int rc;

	if (ref_snapshot_get(k->connection->broker->app->reader, k->found.project.id.v, &snapshot,
			     e) < 0)
		return -(int)e->code;
	ssh_answer_init(&answer, SSH_ANSWER_EXEC, k->channel, k->serial);
	answer.verdict = SSH_VERDICT_SERVE;
	answer.service = k->git.service;
	say_moved(k, &answer);
	rc = ssh_refs_seal(snapshot, &fd, &answer.size, e);
	ref_snapshot_unref(snapshot);
	if (rc < 0)
		return rc;
	ssh_connection_answer(k->connection, &answer, &fd, 1);
	close(fd);
	return 0;
}

static int exec(struct ssh_command *k, struct str text, struct err *e)
{
	bool is_fetch;

	if (text.n == 0)
		return greet(k, e);
	if (git_command_parse(text, &k->git, e) < 0 || ssh_command_check(k, e) < 0 ||
	    ssh_operation_prepare(k, e) < 0)
		return -(int)e->code;
	is_fetch = k->git.service == GIT_SERVICE_UPLOAD_PACK && k->protocol == 2;
	if (is_fetch || k->git.service == GIT_SERVICE_RECEIVE_PACK)
		return hand_over_refs(k, e);
	ssh_operation_start(k);
	return 0;
}

void ssh_command_exec(struct ssh_command *k, struct str text)
{
	struct err e = { 0 };

	if (exec(k, text, &e) < 0)
		ssh_command_refuse(k, &e);
}

void ssh_command_start(struct ssh_command *k)
{
	struct err e = { 0 };

	/* Hours may lie between the advertisement and the push: ask again. */
	if (ssh_command_check(k, &e) < 0)
		ssh_command_refuse(k, &e);
	else
		ssh_operation_start(k);
}
