/* The git operation behind a command, in a thread of its own; see ssh_broker.h. */
#include "roles/ssh_broker.h"

#include "base/fs.h"
#include "domain/landing.h"
#include "git/operation.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>

/* Both ends of the three streams; the operation's are those that block. */
struct streams {
	int in_child, in_operation;
	int out_child, out_operation;
	int err_child, err_operation;
};

static const struct streams no_streams = { -1, -1, -1, -1, -1, -1 };

static void close_streams(struct streams *s)
{
	fs_close(&s->in_child);
	fs_close(&s->in_operation);
	fs_close(&s->out_child);
	fs_close(&s->out_operation);
	fs_close(&s->err_child);
	fs_close(&s->err_operation);
}

static int open_pipe(int *read_end, int *write_end, int child_end, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe");
	*read_end = ends[0];
	*write_end = ends[1];
	if (fcntl(ends[child_end], F_SETFL, O_NONBLOCK) < 0)
		return err_errno(e, errno, "make a pipe that does not block");
	return 0;
}

static int open_streams(struct streams *s, struct err *e)
{
	*s = no_streams;
	if (open_pipe(&s->in_operation, &s->in_child, 1, e) < 0 ||
	    open_pipe(&s->out_child, &s->out_operation, 0, e) < 0 ||
	    open_pipe(&s->err_child, &s->err_operation, 0, e) < 0) {
		close_streams(s);
		return -(int)e->code;
	}
	return 0;
}

static void landing_of(const struct ssh_command *k, struct landing_request *request)
{
	const struct app *app = k->connection->broker->app;

	*request = (struct landing_request){
		.db = app->db,
		.run = app->run,
		.instance = app->instance,
		.actor = &k->actor,
		.project = k->found.project.id,
		.project_path = k->found.project.path,
		.project_url = arena_fmt(k->arena, "%s/%.*s", app->config->external_url,
					 STR_FMT(k->found.project.path)),
		.source = PUSH_SOURCE_SSH,
	};
}

static int make_folder(struct ssh_command *k, struct err *e)
{
	const struct app *app = k->connection->broker->app;
	struct git_operation_request request = {
		.op = GIT_OP_INIT,
		.project_id = k->found.project.id.v,
		.user_id = GIT_USER_SYSTEM,
		.request_id = k->request_id,
		.in = -1,
		.out = -1,
		.err = -1,
		.name = arena_cstr(k->arena, k->found.project.default_branch),
	};
	AUTO_DB db = NULL;

	if (git_operation_run(app->run, &request, e) < 0 || db_acquire(app->db, &db, e) < 0)
		return -(int)e->code;
	return project_note_repository(db, k->found.project.id, e);
}

int ssh_operation_prepare(struct ssh_command *k, struct err *e)
{
	struct landing_request request;
	bool was_busy;

	if (!k->found.project.has_repository && make_folder(k, e) < 0)
		return err_add(e, "make the repository");
	if (k->found.unsettled == 0)
		return 0;
	landing_of(k, &request);
	return landing_settle(&request, &was_busy, e);
}

static uint32_t flags_of(const struct ssh_command *k)
{
	if (k->git.service == GIT_SERVICE_RECEIVE_PACK)
		return 0;
	if (k->protocol == 2)
		return GIT_FLAG_STATEFUL | GIT_FLAG_PROTOCOL_2;
	return GIT_FLAG_STATEFUL | (k->protocol == 1 ? GIT_FLAG_PROTOCOL_1 : 0);
}

static enum git_op op_of(enum git_service service)
{
	switch (service) {
	case GIT_SERVICE_RECEIVE_PACK:
		return GIT_OP_RECEIVE;
	case GIT_SERVICE_UPLOAD_ARCHIVE:
		return GIT_OP_ARCHIVE;
	default:
		return GIT_OP_UPLOAD;
	}
}

static int start(struct ssh_command *k, const struct streams *s, struct git_operation **op,
		 struct err *e)
{
	const struct app *app = k->connection->broker->app;
	struct git_operation_request request = {
		.op = op_of(k->git.service),
		.project_id = k->found.project.id.v,
		.user_id = k->actor.user.v,
		.request_id = k->request_id,
		.flags = flags_of(k),
		.limits = { .max_pack_bytes = app->config->max_pack_bytes,
			    .max_file_bytes = app->config->max_file_bytes },
		.in = s->in_operation,
		.out = s->out_operation,
		.err = s->err_operation,
	};

	return git_operation_start(app->run, &request, op, e);
}

/* From here on the connection can cancel it. False if it did so already. */
static bool publish(struct ssh_command *k, struct git_operation *op)
{
	bool may_run;

	pthread_mutex_lock(&k->connection->lock);
	may_run = !k->is_cancelled;
	k->operation = op;
	pthread_mutex_unlock(&k->connection->lock);
	return may_run;
}

static void unpublish(struct ssh_command *k)
{
	pthread_mutex_lock(&k->connection->lock);
	k->operation = NULL;
	pthread_mutex_unlock(&k->connection->lock);
}

static void hand_over(struct ssh_command *k, struct streams *s)
{
	struct ssh_answer answer;

	ssh_answer_init(&answer, SSH_ANSWER_EXEC, k->channel, k->serial);
	answer.verdict = SSH_VERDICT_STREAM;
	ssh_connection_answer(k->connection, &answer,
			      (const int[]){ s->in_child, s->out_child, s->err_child }, 3);
	close_streams(s);
}

/* Until it is over; *was_told: git has said how it ended. The operation is closed in here. */
static int attend(struct ssh_command *k, struct git_operation *op, bool *was_told, struct err *e)
{
	struct landing_request request;
	struct landing *landing;
	int rc;

	if (k->git.service != GIT_SERVICE_RECEIVE_PACK) {
		rc = git_operation_wait(op, e);
		unpublish(k);
		git_operation_close(op);
		return rc;
	}
	landing_of(k, &request);
	landing = landing_open(&request, op);
	rc = landing_serve(landing, e);
	*was_told = landing_result(landing).was_told;
	unpublish(k);
	landing_close(landing);
	return rc;
}

static void tell_end(struct ssh_command *k, bool was_told, const struct err *e)
{
	struct ssh_answer answer;
	char text[ERR_TEXT_MAX + 16];

	ssh_answer_init(&answer, SSH_ANSWER_ENDED, k->channel, k->serial);
	if (e->code != ERR_NONE) {
		answer.status = 1;
		snprintf(text, sizeof(text), "hearth: %s", err_sentence(e));
		if (!was_told)
			ssh_answer_say(&answer, str_c(text));
	}
	ssh_command_log(k, e);
	ssh_connection_answer(k->connection, &answer, NULL, 0);
	ssh_connection_drop(k->connection, k);
}

static void *run(void *context)
{
	struct ssh_command *k = context;
	struct git_operation *op = NULL;
	bool was_told = false;
	struct streams s;
	struct err e = { 0 };

	if (open_streams(&s, &e) < 0 || start(k, &s, &op, &e) < 0) {
		close_streams(&s);
		ssh_command_refuse(k, &e);
		return NULL;
	}
	if (!publish(k, op))
		git_operation_cancel(op);
	hand_over(k, &s);
	(void)!attend(k, op, &was_told, &e);
	tell_end(k, was_told, &e);
	return NULL;
}

void ssh_operation_start(struct ssh_command *k)
{
	struct err e = { 0 };

	pthread_mutex_lock(&k->connection->lock);
	k->has_thread = true;
	pthread_mutex_unlock(&k->connection->lock);
	if (ssh_broker_thread(run, k, &e) < 0)
		ssh_command_refuse(k, &e);
}
