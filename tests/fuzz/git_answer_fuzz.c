/*
 * Any bytes as what an operation answers to the planner's questions: the head of its message,
 * then what it writes into the shared file. Asserted: lists are made of what the file holds and
 * no longer than they say; a commit has texts that are text; an answer that promises more than
 * there is fails.
 */
#include "base/fs.h"
#include "domain/commit_source.h"
#include "git/layout.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define OID "1234567890123456789012345678901234567890"

/* What the input begins with; the rest goes into the file. */
struct head {
	int64_t number, number2;
	uint32_t type, flags;
	char oid[40];
};

struct zygote {
	int listener;
	struct git_message answer;
	struct str file;
};

static bool hear(int fd, int *file)
{
	char room[sizeof(struct git_request) + sizeof(struct git_message)];
	int fds[GIT_STREAMS_MAX];
	struct err e = { 0 };
	struct str bytes;
	size_t count;

	if (git_packet_receive(fd, room, sizeof(room), &bytes, fds, &count, &e) < 0)
		return false;
	*file = count > 0 ? fds[0] : -1;
	return true;
}

static void say(int fd, const struct git_message *m)
{
	struct err e = { 0 };

	if (git_packet_send(fd, str_n((const char *)m, sizeof(*m)), NULL, 0, &e) < 0)
		err_clear(&e); /* it has heard enough */
}

static void *play(void *closure)
{
	const struct zygote *z = closure;
	const struct git_message started = git_message_of(GIT_MSG_STARTED);
	AUTO_FD fd = accept(z->listener, NULL, NULL);
	int file;

	if (!hear(fd, &file))
		return NULL;
	say(fd, &started);
	while (hear(fd, &file)) {
		struct err e = { 0 };

		if (file >= 0 && fs_write_all(file, z->file, &e) < 0)
			err_clear(&e);
		fs_close(&file);
		say(fd, &z->answer);
	}
	return NULL;
}

static void check_paths(const struct zygote *z, const struct ci_paths *paths)
{
	size_t bytes = 0;

	for (size_t i = 0; i < paths->count; i++) {
		ASSERT(!str_has(paths->items[i], '\0'));
		bytes += paths->items[i].n + 1;
	}
	ASSERT(bytes <= z->file.n);
	ASSERT(paths->is_known || paths->count == 0);
}

static void check_commit(const struct commit *c)
{
	ASSERT(str_is_utf8_text(c->subject) && str_is_utf8_text(c->body));
	ASSERT(str_is_utf8_text(c->author.name) && str_is_utf8_text(c->committer.email));
}

static void ask_all(struct commit_source *s, const struct zygote *z, struct arena *a)
{
	struct ci_paths paths;
	struct commit commit;
	struct err e = { 0 };
	struct str text;

	if (s->files.read(s, a, STR(".gitlab-ci.yml"), 4096, &text, &e) == 0)
		ASSERT(text.n <= z->file.n && (int64_t)text.n == z->answer.number);
	if (s->files.list(s, a, &paths, &e) == 0)
		check_paths(z, &paths);
	if (s->files.changed(s, a, STR_NONE, &paths, &e) == 0)
		check_paths(z, &paths);
	if (commit_source_commit(s, a, &commit, &e) == 0)
		check_commit(&commit);
	if (commit_source_peel(s, STR(OID), a, &text, &e) == 0)
		ASSERT(text.n == 40);
	if (commit_source_tag_message(s, STR(OID), a, &text, &e) == 0 && !str_is_none(text))
		ASSERT(text.n <= z->file.n);
}

static void listen_at(const char *folder, int *listener)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char path[PATH_MAX];
	struct err e = { 0 };
	int failed = git_socket_path(path, folder, &e) < 0 ||
		     !str_copy(at.sun_path, sizeof(at.sun_path), str_c(path));

	ASSERT(!failed);
	*listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	failed =
		bind(*listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(*listener, 1) < 0;
	ASSERT(!failed);
}

static void take_head(struct zygote *z, struct str bytes)
{
	struct head head = { 0 };

	memcpy(&head, bytes.p, bytes.n < sizeof(head) ? bytes.n : sizeof(head));
	z->answer = git_message_of((enum git_message_type)head.type);
	z->answer.number = head.number;
	z->answer.number2 = head.number2;
	z->answer.flags = head.flags;
	memcpy(z->answer.new_oid, head.oid, sizeof(head.oid));
	z->file = str_from(bytes, sizeof(head));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct git_operation_request request = {
		.op = GIT_OP_REFS, .project_id = 1, .in = -1, .out = -1, .err = -1
	};
	const struct commit_subject subject = { .sha = STR(OID), .before = STR(OID) };
	char folder[] = "/tmp/git-answer-XXXXXX";
	struct arena *a = arena_open(0);
	struct zygote z;
	struct git_operation *op;
	struct err e = { 0 };
	pthread_t thread;
	int failed;

	take_head(&z, str_n(size ? (const char *)data : "", size));
	ASSERT(mkdtemp(folder));
	listen_at(folder, &z.listener);
	failed = pthread_create(&thread, NULL, play, &z);
	ASSERT(!failed);
	failed = git_operation_start(folder, &request, &op, &e);
	ASSERT(!failed);
	ask_all(commit_source_of_operation(a, op, &subject), &z, a);
	git_operation_close(op);
	pthread_join(thread, NULL);
	close(z.listener);
	failed = fs_remove_tree(folder, &e);
	ASSERT(!failed);
	arena_close(a);
	return 0;
}
