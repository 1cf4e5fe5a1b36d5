/*
 * The operation pack: objects for another repository of this server, as one pack
 * on `out`. `in` has a line an object: "<40 hex>" is wanted with all that it leads
 * to, "^<40 hex>" is over there already with all that it leads to. Of the latter
 * those that are not here are passed over, so the front need not know. What may be
 * wanted is the front's to judge: it names tips that the books have for refs.
 */
#include "roles/git_child.h"

#include "base/fs.h"
#include "git/oid.h"

#include <signal.h>
#include <sys/mman.h>

#define LIST_MAX ((size_t)64 << 20)

struct wish {
	struct buf wanted; /* lines for pack-objects */
	struct buf there;  /* names for cat-file */
};

static int read_all(int fd, struct buf *b, struct err *e)
{
	char room[4096];
	ssize_t n;

	while ((n = read(fd, room, sizeof(room))) > 0)
		buf_add_bytes(b, room, (size_t)n);
	if (n < 0)
		return err_set(e, ERR_GONE, "the list of objects cannot be read");
	return buf_check(b, "the list of objects", e);
}

static int sort_lines(struct str lines, struct wish *w, struct err *e)
{
	struct oid oid;
	struct str line;

	while (str_cut(&lines, '\n', &line)) {
		bool is_there = str_cut_prefix(&line, STR("^"));

		if (line.n == 0 && !is_there)
			continue; /* behind the last */
		if (!oid_parse(line, &oid))
			return err_set(e, ERR_INTERNAL, "git.sock: pack of what is no object");
		buf_addf(is_there ? &w->there : &w->wanted, "%.*s\n", STR_FMT(line));
	}
	return 0;
}

/* "^<hex>" for what is here too; cat-file says "<hex> missing" of the rest. */
static int pass_over(struct git_child *c, struct wish *w, struct err *e)
{
	static const char *const args[] = { "cat-file", "--batch-check=%(objectname)", NULL };
	struct git_command command = git_child_command(c, args);
	struct git_result result;
	struct str line;

	if (w->there.n == 0)
		return 0;
	if (git_run_ok(&command, "look for known objects", buf_str(&w->there), LIST_MAX, c->arena,
		       &result, e) < 0)
		return -(int)e->code;
	while (str_cut(&result.out, '\n', &line))
		if (line.n == OID_HEX)
			buf_addf(&w->wanted, "^%.*s\n", STR_FMT(line));
	return buf_check(&w->wanted, "the list of objects", e);
}

static int explain(int messages, int status, struct err *e)
{
	char text[300] = "";

	if (status == 128 + SIGPIPE)
		return err_set(e, ERR_GONE, "The other repository did not take the objects.");
	if (pread(messages, text, sizeof(text) - 1, 0) < 0)
		text[0] = '\0';
	return err_set(e, ERR_INTERNAL, "pack-objects ended with %d: %.*s", status,
		       STR_FMT(str_trim(str_c(text))));
}

static int write_pack(struct git_child *c, struct str list, struct err *e)
{
	static const char *const args[] = {
		"pack-objects", "--revs",  "--thin", "--delta-base-offset",
		"--stdout",     "--quiet", NULL
	};
	AUTO_FD messages = memfd_create("messages", MFD_CLOEXEC);
	struct git_command command = git_child_command(c, args);
	struct git_process p;
	struct err unread;
	int status;

	command.in = GIT_FD_PIPE;
	command.out = c->out;
	command.err = messages;
	if (git_process_start(&command, &p, e) < 0)
		return -(int)e->code;
	/* If it ended before it read all, its status says why. */
	if (fs_write_all(p.in, list, &unread) < 0)
		fs_close(&p.in);
	if (git_process_wait(&p, &status, e) < 0)
		return -(int)e->code;
	return status == 0 ? 0 : explain(messages, status, e);
}

int git_op_pack(struct git_child *c, struct err *e)
{
	struct buf lines;
	struct wish w;
	int failed;

	if (c->in < 0 || c->out < 0)
		return err_set(e, ERR_INTERNAL, "git.sock: pack without streams");
	buf_init(&lines, LIST_MAX);
	buf_init(&w.wanted, 2 * LIST_MAX);
	buf_init(&w.there, LIST_MAX);
	failed = read_all(c->in, &lines, e);
	if (!failed)
		failed = sort_lines(buf_str(&lines), &w, e);
	if (!failed)
		failed = pass_over(c, &w, e);
	if (!failed)
		failed = write_pack(c, buf_str(&w.wanted), e);
	buf_fini(&lines);
	buf_fini(&w.wanted);
	buf_fini(&w.there);
	return failed;
}
