/*
 * git_run: a whole conversation with a git child in one poll loop, so that a
 * full pipe on one side never waits for the other.
 */
#include "git/process.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

struct conversation {
	struct git_process p;
	struct str input;
	struct buf out;
	struct buf err;
};

static void feed(struct conversation *c)
{
	ssize_t n = write(c->p.in, c->input.p, c->input.n);

	if (n > 0)
		c->input = str_from(c->input, (size_t)n);
	/* EPIPE: it read what it wanted; its status will tell. */
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		c->input = STR_NONE;
	if (c->input.n == 0)
		fs_close(&c->p.in);
}

static void drain(int *fd, struct buf *b)
{
	char bytes[16384];
	ssize_t n = read(*fd, bytes, sizeof(bytes));

	if (n > 0)
		buf_add_bytes(b, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		fs_close(fd);
}

static int converse(struct conversation *c, struct err *e)
{
	if (c->input.n == 0)
		fs_close(&c->p.in);
	else
		fcntl(c->p.in, F_SETFL, O_NONBLOCK);
	while (c->p.in >= 0 || c->p.out >= 0 || c->p.err >= 0) {
		struct pollfd fds[3] = { { .fd = c->p.in, .events = POLLOUT },
					 { .fd = c->p.out, .events = POLLIN },
					 { .fd = c->p.err, .events = POLLIN } };

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return err_errno(e, errno, "poll git");
		if (fds[0].revents)
			feed(c);
		if (fds[1].revents)
			drain(&c->p.out, &c->out);
		if (fds[2].revents)
			drain(&c->p.err, &c->err);
	}
	return 0;
}

int git_run(const struct git_command *command, struct str input, size_t limit, struct arena *a,
	    struct git_result *result, struct err *e)
{
	struct git_command piped = *command;
	struct conversation c = { .input = input };
	int failed;
	int status;

	piped.in = input.n ? GIT_FD_PIPE : GIT_FD_NULL;
	piped.out = piped.err = GIT_FD_PIPE;
	if (git_process_start(&piped, &c.p, e) < 0)
		return -(int)e->code;
	buf_init(&c.out, limit);
	buf_init(&c.err, 65536);
	failed = converse(&c, e);
	if (failed)
		git_process_abandon(&c.p);
	else
		failed = git_process_wait(&c.p, &status, e);
	if (!failed)
		*result = (struct git_result){ status, arena_str(a, buf_str(&c.out)),
					       arena_str(a, buf_str(&c.err)), c.out.full };
	buf_fini(&c.out);
	buf_fini(&c.err);
	return failed;
}

bool git_has_no_room(struct str complaint)
{
	return str_find_str(complaint, STR("No space left on device")) < complaint.n ||
	       str_find_str(complaint, STR("Disk quota exceeded")) < complaint.n;
}

int git_run_ok(const struct git_command *command, const char *what, struct str input, size_t limit,
	       struct arena *a, struct git_result *result, struct err *e)
{
	struct str line;
	struct str rest;

	if (git_run(command, input, limit, a, result, e) < 0)
		return err_add(e, "%s", what);
	if (result->is_cut)
		return err_set(e, ERR_TOO_LARGE, "%s: the answer is larger than %zu bytes", what,
			       limit);
	if (result->status == 0)
		return 0;
	rest = result->err;
	if (!str_cut(&rest, '\n', &line))
		line = STR("no message");
	return err_set(e, git_has_no_room(result->err) ? ERR_DISK_FULL : ERR_INTERNAL,
		       "%s: git %s ended with %d: %.*s", what, command->args[0], result->status,
		       STR_FMT(line));
}
