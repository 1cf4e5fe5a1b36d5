/*
 * The operation render: markdown of strangers. No files, no programs, 2 s.
 * `in` holds text; the context comes in the request: name = folder, text =
 * file_base LF image_base; GIT_FLAG_HARD_BREAKS = a comment.
 */
#include "roles/git_child.h"

#include "base/fs.h"
#include "render/markdown.h"

#include <errno.h>

static int read_input(int fd, struct buf *text, struct err *e)
{
	for (;;) {
		char *room = buf_reserve(text, 65536);
		ssize_t n;

		if (!room)
			return buf_check(text, "The text", e);
		n = read(fd, room, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, errno, "read the text");
		if (n == 0)
			return 0;
		buf_added(text, (size_t)n);
	}
}

int git_op_render(struct git_child *c, struct err *e)
{
	struct str image_base = str_c(c->rq.text);
	struct markdown_context context = { .folder = str_c(c->rq.name) };
	bool is_comment = c->rq.flags & GIT_FLAG_HARD_BREAKS;
	struct buf text;
	struct buf html;
	int failed;

	if (c->in < 0 || c->out < 0 || !str_cut(&image_base, '\n', &context.file_base))
		return err_set(e, ERR_INTERNAL, "git.sock: render without its context");
	context.image_base = str_is_none(image_base) ? STR("") : image_base;
	context.hard_breaks = is_comment;
	context.limit = is_comment ? MARKDOWN_COMMENT_MAX : MARKDOWN_FILE_MAX;
	/* Longer text is the renderer's to refuse, with a note; this only bounds the reading. */
	buf_init(&text, MARKDOWN_FILE_MAX + 131072);
	buf_init(&html, MARKDOWN_OUTPUT_MAX);
	failed = read_input(c->in, &text, e);
	if (!failed)
		failed = markdown_render(buf_str(&text), &context, &html, e);
	if (!failed)
		failed = fs_write_all(c->out, buf_str(&html), e);
	buf_fini(&text);
	buf_fini(&html);
	return failed;
}
