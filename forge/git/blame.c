/*
 * The format (git-blame(1), "the porcelain format"): for each line a head
 * "<oid> <old line> <line> [<lines of the group>]", the first time that a commit
 * appears followed by lines "key value" about it, then a tab and the line.
 */
#include "git/blame.h"

#include "base/fs.h"
#include "base/table.h"
#include "git/operation.h"
#include "git/text.h"

#include <errno.h>
#include <sys/mman.h>

#define LINE_MAX_BYTES 4096

struct reading {
	struct arena *arena;
	struct table commits;
	struct blame *blame;
	size_t parts_room;
	size_t lines_max;
	struct str *lines; /* of all parts, one behind the other */
};

static int say_no_porcelain(struct err *e)
{
	return err_set(e, ERR_INTERNAL, "git blame: not what --porcelain says");
}

/* -------------------------------------------------------------------- one commit */

static struct blame_commit *commit_of(struct reading *r, struct str hex, struct err *e)
{
	struct blame_commit *commit = table_find(&r->commits, hex);
	struct oid oid;

	if (commit)
		return commit;
	if (!oid_parse(hex, &oid)) {
		say_no_porcelain(e);
		return NULL;
	}
	commit = ARENA_NEW(r->arena, struct blame_commit);
	commit->oid = oid;
	table_set(&r->commits, hex, commit);
	return commit;
}

static void read_previous(struct reading *r, struct blame_commit *commit, struct str value)
{
	struct str hex;

	if (!str_cut(&value, ' ', &hex) || !oid_parse(hex, &commit->previous))
		return;
	commit->has_previous = true;
	commit->previous_path = text_utf8(r->arena, value, 4096, NULL);
}

static void read_fact(struct reading *r, struct blame_commit *commit, struct str line)
{
	struct str key;
	int64_t seconds;

	if (!str_cut(&line, ' ', &key))
		return;
	if (str_is_none(line))
		line = STR("");
	if (str_eq_c(key, "author")) {
		commit->author = text_utf8(r->arena, line, COMMIT_NAME_MAX, NULL);
	} else if (str_eq_c(key, "author-mail")) {
		(void)str_cut_prefix(&line, STR("<"));
		if (str_ends(line, STR(">")))
			line.n--;
		commit->email = text_utf8(r->arena, line, COMMIT_NAME_MAX, NULL);
	} else if (str_eq_c(key, "author-time")) {
		if (str_to_i64(line, &seconds) && seconds >= 0 && seconds < 1LL << 40)
			commit->when = instant_from_seconds(seconds);
	} else if (str_eq_c(key, "summary")) {
		commit->subject = text_utf8(r->arena, line, 1024, NULL);
	} else if (str_eq_c(key, "previous")) {
		read_previous(r, commit, line);
	}
}

/* ---------------------------------------------------------------------- one line */

static struct blame_part *part_for(struct reading *r, const struct blame_commit *commit)
{
	struct blame *b = r->blame;

	if (b->count > 0 && b->parts[b->count - 1].commit == commit)
		return &b->parts[b->count - 1];
	if (b->count == r->parts_room) {
		size_t room = r->parts_room ? 2 * r->parts_room : 64;
		struct blame_part *parts = ARENA_ARRAY(r->arena, struct blame_part, room);

		if (b->count > 0)
			memcpy(parts, b->parts, b->count * sizeof(*parts));
		b->parts = parts;
		r->parts_room = room;
	}
	b->parts[b->count] = (struct blame_part){ commit, b->lines + 1, r->lines + b->lines, 0 };
	return &b->parts[b->count++];
}

static void add_line(struct reading *r, const struct blame_commit *commit, struct str text)
{
	struct blame_part *part = part_for(r, commit);

	if (str_ends(text, STR("\r")))
		text.n--;
	r->lines[r->blame->lines++] = text_utf8(r->arena, text, LINE_MAX_BYTES, NULL);
	part->count++;
}

static int read_line(struct reading *r, struct str *rest, struct str head, struct err *e)
{
	struct blame_commit *commit;
	struct str hex, line;

	if (!str_cut(&head, ' ', &hex))
		return say_no_porcelain(e);
	commit = commit_of(r, hex, e);
	if (!commit)
		return -(int)e->code;
	while (str_cut(rest, '\n', &line)) {
		if (str_cut_prefix(&line, STR("\t"))) {
			add_line(r, commit, line);
			return 0;
		}
		read_fact(r, commit, line);
	}
	return say_no_porcelain(e);
}

int blame_parse(struct str porcelain, size_t lines_max, struct arena *a, struct blame *blame,
		struct err *e)
{
	struct reading r = { .arena = a, .blame = blame, .lines_max = lines_max };
	struct str rest = porcelain;
	struct str head;

	*blame = (struct blame){ 0 };
	table_init(&r.commits, a);
	r.lines = ARENA_ARRAY(a, struct str, lines_max + 1);
	while (str_cut(&rest, '\n', &head) && head.n > 0) {
		if (blame->lines == lines_max) {
			blame->is_cut = true;
			return 0;
		}
		if (read_line(&r, &rest, head, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

/* ----------------------------------------------------------------- the operation */

static int read_output(int fd, struct arena *a, struct str *output, struct err *e)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *bytes;

	if (size < 0)
		return err_errno(e, errno, "seek");
	if ((uint64_t)size > BLAME_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE,
			       "This file has too many lines for a page. Use `git blame` in a "
			       "clone.");
	bytes = arena_alloc(a, (size_t)size + 1);
	if (pread(fd, bytes, (size_t)size, 0) != size)
		return err_errno(e, errno, "read git's output");
	*output = str_n(bytes, (size_t)size);
	return 0;
}

int blame_file(const struct blame_request *request, struct arena *a, struct blame *blame,
	       struct err *e)
{
	AUTO_FD out = memfd_create("blame", MFD_CLOEXEC);
	struct git_operation_request want = { .op = GIT_OP_BLAME,
					      .project_id = request->project_id,
					      .user_id = request->user_id,
					      .request_id = request->request_id,
					      .in = -1,
					      .out = out,
					      .err = -1,
					      .text = arena_cstr(a, request->path) };
	char hex[OID_HEX + 1];
	struct str output;

	if (out < 0)
		return err_errno(e, errno, "memfd");
	if (request->path.n >= GIT_MESSAGE_TEXT_MAX)
		return err_set(e, ERR_TOO_LARGE, "The path is too long to ask who wrote it.");
	oid_format(&request->commit, hex);
	want.name = hex;
	if (git_operation_run(request->run, &want, e) < 0 || read_output(out, a, &output, e) < 0)
		return -(int)e->code;
	return blame_parse(output, request->lines_max, a, blame, e);
}
