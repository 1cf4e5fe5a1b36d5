/*
 * A front as the SSH broker is one, for driving the real git against a zygote
 * without a server: git runs it as its SSH command (GIT_SSH_COMMAND), the last
 * argument is "git-upload-pack '/<project>'". Folder of data and git.sock:
 * FRONT_FOLDER (FRONT_RUN: of git.sock alone). Without FRONT_DATABASE it answers
 * yes to all but the ref FRONT_REFUSE (FRONT_PACK_MAX: bytes); with it, domain/landing answers for
 * the user whose id is FRONT_USER, as a real front does.
 */
#include "base/fs.h"
#include "domain/actor.h"
#include "domain/instance.h"
#include "domain/landing.h"
#include "git/capabilities.h"
#include "git/layout.h"
#include "git/pktline.h"
#include "git/ref_snapshot.h"
#include "secret/secret.h"
#include "store/db.h"
#include "support/zygote.h"

static int advertise(const char *folder, int64_t project, bool is_v2, bool is_push, struct err *e)
{
	char path[PATH_MAX];
	struct ref_snapshot *refs;
	struct buf out;
	int failed;

	buf_init(&out, 64u << 20);
	if (is_v2) {
		git_v2_advertise(&out);
	} else if (git_repo_path(path, folder, project, e) < 0 ||
		   ref_snapshot_scan(path, NULL, &refs, e) < 0) {
		return -(int)e->code;
	} else {
		failed = ref_snapshot_advertise(refs,
						is_push ? REF_SERVICE_RECEIVE : REF_SERVICE_UPLOAD,
						STR(GIT_CAPABILITIES_RECEIVE), &out, e);
		ref_snapshot_unref(refs);
		if (failed)
			return failed;
	}
	failed = fs_write_all(1, buf_str(&out), e);
	buf_fini(&out);
	return failed;
}

static int64_t number(const char *name)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : 0;
}

/* The folder's own, made by the first push. */
static int open_keys(struct secret_keys **keys, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/keys", getenv("FRONT_FOLDER"));
	return secret_keys_open(path, true, keys, e);
}

/* Takes the operation. */
static int answer_with_landing(struct git_operation *op, const char *run, int64_t project,
			       const char *database, struct err *e)
{
	const struct db_pool_options options = { .conninfo = database, .size = 2 };
	struct actor actor = { .kind = ACTOR_KEY,
			       .user = { number("FRONT_USER") },
			       .username = STR("pusher"),
			       .scopes = SCOPE_SESSION,
			       .request_id = STR("front") };
	struct landing_request rq = { .run = run,
				      .actor = &actor,
				      .project = { project },
				      .project_path = STR("test/project"),
				      .project_url = STR("http://localhost/test/project"),
				      .source = PUSH_SOURCE_SSH };
	struct secret_keys *keys = NULL;
	struct instance instance = { .run = run, .url = STR("http://localhost") };
	struct landing *l;
	int result;

	if (open_keys(&keys, e) < 0 || db_pool_open(&options, &rq.db, e) < 0) {
		git_operation_close(op);
		return -(int)e->code;
	}
	instance.db = rq.db;
	instance.secret = keys;
	rq.instance = &instance;
	l = landing_open(&rq, op);
	result = landing_serve(l, e);
	landing_close(l);
	db_pool_close(rq.db);
	secret_keys_close(keys);
	return result;
}

static int answer(struct git_operation *op, const char *run, int64_t project, bool is_push,
		  struct err *e)
{
	const char *database = getenv("FRONT_DATABASE");
	int result;

	if (database && is_push)
		return answer_with_landing(op, run, project, database, e);
	result = test_front_answer(op, getenv("FRONT_REFUSE"), e);
	git_operation_close(op);
	return result;
}

static int serve(const char *command, struct err *e)
{
	const char *folder = getenv("FRONT_FOLDER");
	const char *run = getenv("FRONT_RUN") ? getenv("FRONT_RUN") : folder;
	const char *protocol = getenv("GIT_PROTOCOL");
	struct git_operation_request r = { .user_id = 1,
					   .request_id = "front",
					   .in = 0,
					   .out = 1,
					   .err = 2,
					   .flags = GIT_FLAG_STATEFUL };
	bool is_push = strstr(command, "receive-pack") != NULL;
	bool is_v2 = !is_push && protocol && strstr(protocol, "version=2");
	const char *digits = strpbrk(command, "0123456789");
	struct git_operation *op;

	r.op = is_push ? GIT_OP_RECEIVE : GIT_OP_UPLOAD;
	r.project_id = digits ? strtol(digits, NULL, 10) : 0;
	r.limits.max_pack_bytes = getenv("FRONT_PACK_MAX") ? number("FRONT_PACK_MAX") : 64 << 20;
	r.limits.max_file_bytes = 1 << 20;
	if (is_v2)
		r.flags |= GIT_FLAG_PROTOCOL_2;
	if ((is_push || is_v2) && advertise(folder, r.project_id, is_v2, is_push, e) < 0)
		return -(int)e->code;
	if (git_operation_start(run, &r, &op, e) < 0)
		return -(int)e->code;
	return answer(op, run, r.project_id, is_push, e);
}

int main(int argc, char **argv)
{
	struct err e = { 0 };

	if (argc < 2 || serve(argv[argc - 1], &e) < 0) {
		fprintf(stderr, "front: %s: %s\n", err_name(e.code), e.text);
		return 1;
	}
	return 0;
}
