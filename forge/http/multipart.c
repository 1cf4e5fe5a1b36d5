/*
 * The parser keeps at most one delimiter's length of undecided bytes (or one
 * part's head). The body is treated as if CR LF stood before its first byte, so
 * that the first boundary looks like all others.
 */
#include "http/multipart.h"

#include "base/buf.h"
#include "base/mem.h"

enum state {
	PREAMBLE, /* before the first boundary: skipped */
	AFTER_BOUNDARY,
	HEAD,
	DATA,
	EPILOGUE, /* behind the last one: ignored */
};

struct multipart {
	struct multipart_taker taker;
	enum state state;
	struct buf pending;
	struct buf delimiter; /* "\r\n--boundary" */
	size_t parts;
};

static bool is_boundary(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c > 0x7E)
			return false;
	}
	return s.n > 0 && s.n <= MULTIPART_BOUNDARY_MAX;
}

/* Takes one `; key=value` off the front of *rest; the value unquoted in place of its bytes. */
static bool next_parameter(struct str *rest, struct str *key, struct str *value)
{
	size_t at;

	*rest = str_trim(*rest);
	if (!str_cut_prefix(rest, STR(";")))
		return false;
	*rest = str_trim(*rest);
	at = str_find(*rest, '=');
	if (at == rest->n)
		return false;
	*key = str_trim(str_upto(*rest, at));
	*rest = str_from(*rest, at + 1);
	if (rest->n > 0 && rest->p[0] == '"') {
		for (at = 1; at < rest->n && rest->p[at] != '"'; at++)
			at += rest->p[at] == '\\' && at + 1 < rest->n && rest->p[at + 1] == '"';
		*value = str_from(str_upto(*rest, at), 1);
		*rest = str_from(*rest, at + 1);
	} else {
		at = str_find(*rest, ';');
		*value = str_trim(str_upto(*rest, at));
		*rest = str_from(*rest, at);
	}
	return true;
}

static struct str parameter(struct str header, const char *name)
{
	struct str key, value;

	header = str_from(header, str_find(header, ';'));
	while (next_parameter(&header, &key, &value))
		if (str_eq_nocase(key, str_c(name)))
			return value;
	return STR_NONE;
}

struct str multipart_boundary(struct str content_type)
{
	struct str boundary;

	if (!str_starts_nocase(content_type, STR("multipart/form-data")))
		return STR_NONE;
	boundary = parameter(content_type, "boundary");
	return is_boundary(boundary) ? boundary : STR_NONE;
}

struct multipart *multipart_open(struct str boundary, const struct multipart_taker *taker)
{
	struct multipart *m = MEM_NEW(struct multipart);

	m->taker = *taker;
	buf_init(&m->pending, MULTIPART_HEAD_MAX + (1u << 20));
	buf_init(&m->delimiter, MULTIPART_BOUNDARY_MAX + 8);
	buf_addf(&m->delimiter, "\r\n--%.*s", STR_FMT(boundary));
	buf_add_c(&m->pending, "\r\n");
	return m;
}

void multipart_close(struct multipart *m)
{
	if (!m)
		return;
	buf_fini(&m->pending);
	buf_fini(&m->delimiter);
	mem_free(m);
}

static struct str header_of(struct str head, const char *name)
{
	while (head.n > 0) {
		size_t end = str_find_str(head, STR("\r\n"));
		struct str line = str_upto(head, end);
		size_t colon = str_find(line, ':');

		if (colon < line.n && str_eq_nocase(str_trim(str_upto(line, colon)), str_c(name)))
			return str_trim(str_from(line, colon + 1));
		head = str_from(head, end + 2);
	}
	return STR_NONE;
}

static struct str last_component(struct str filename)
{
	size_t slash = str_find_last(filename, '/');

	if (slash < filename.n)
		filename = str_from(filename, slash + 1);
	slash = str_find_last(filename, '\\');
	return slash < filename.n ? str_from(filename, slash + 1) : filename;
}

static int begin_part(struct multipart *m, struct str head, struct err *e)
{
	struct str disposition = header_of(head, "Content-Disposition");
	struct multipart_part part = { 0 };

	if (++m->parts > MULTIPART_PARTS_MAX)
		return err_set(e, ERR_TOO_LARGE, "The form has more than %d parts.",
			       MULTIPART_PARTS_MAX);
	part.name = parameter(disposition, "name");
	if (!str_starts_nocase(disposition, STR("form-data")) || str_is_none(part.name))
		return err_set(e, ERR_INVALID, "A part of the form has no name.");
	part.filename = parameter(disposition, "filename");
	if (!str_is_none(part.filename))
		part.filename = last_component(part.filename);
	part.content_type = header_of(head, "Content-Type");
	return m->taker.begin(m->taker.closure, &part, e);
}

/* Each step says whether it could do something; bytes it has used are dropped. */

static bool skip_preamble(struct multipart *m)
{
	struct str pending = buf_str(&m->pending);
	size_t at = str_find_str(pending, buf_str(&m->delimiter));

	if (at < pending.n) {
		buf_drop_front(&m->pending, at + m->delimiter.n);
		m->state = AFTER_BOUNDARY;
		return true;
	}
	if (pending.n >= m->delimiter.n)
		buf_drop_front(&m->pending, pending.n - m->delimiter.n + 1);
	return false;
}

static int after_boundary(struct multipart *m, bool *moved, struct err *e)
{
	struct str pending = buf_str(&m->pending);

	*moved = pending.n >= 2;
	if (!*moved)
		return 0;
	if (str_starts(pending, STR("--"))) {
		m->state = EPILOGUE;
	} else if (str_starts(pending, STR("\r\n"))) {
		m->state = HEAD;
	} else {
		return err_set(e, ERR_INVALID, "The form's boundary is followed by other bytes.");
	}
	return 0;
}

static int read_head(struct multipart *m, bool *moved, struct err *e)
{
	struct str pending = buf_str(&m->pending);
	size_t at = str_find_str(pending, STR("\r\n\r\n"));

	*moved = at < pending.n;
	if (at > MULTIPART_HEAD_MAX)
		return err_set(e, ERR_TOO_LARGE, "The head of a part is larger than %d bytes.",
			       MULTIPART_HEAD_MAX);
	if (!*moved)
		return 0;
	if (begin_part(m, at > 2 ? str_from(str_upto(pending, at), 2) : STR(""), e) < 0)
		return -(int)e->code;
	buf_drop_front(&m->pending, at + 4);
	m->state = DATA;
	return 0;
}

static int read_data(struct multipart *m, bool *moved, struct err *e)
{
	struct str pending = buf_str(&m->pending);
	size_t at = str_find_str(pending, buf_str(&m->delimiter));
	size_t sure = at;

	*moved = at < pending.n;
	if (!*moved)
		sure = pending.n >= m->delimiter.n ? pending.n - m->delimiter.n + 1 : 0;
	if (sure > 0 && m->taker.data(m->taker.closure, str_upto(pending, sure), e) < 0)
		return -(int)e->code;
	buf_drop_front(&m->pending, *moved ? at + m->delimiter.n : sure);
	if (*moved) {
		m->state = AFTER_BOUNDARY;
		return m->taker.end(m->taker.closure, e);
	}
	return 0;
}

static int step(struct multipart *m, bool *moved, struct err *e)
{
	switch (m->state) {
	case PREAMBLE:
		*moved = skip_preamble(m);
		return 0;
	case AFTER_BOUNDARY:
		return after_boundary(m, moved, e);
	case HEAD:
		return read_head(m, moved, e);
	case DATA:
		return read_data(m, moved, e);
	case EPILOGUE:
		buf_clear(&m->pending);
		*moved = false;
		return 0;
	}
	return 0;
}

int multipart_write(struct multipart *m, struct str bytes, struct err *e)
{
	while (bytes.n > 0) {
		struct str piece = str_upto(bytes, 65536);
		bool moved = true;

		bytes = str_from(bytes, piece.n);
		buf_add(&m->pending, piece);
		if (buf_check(&m->pending, "a part of the form", e) < 0)
			return -(int)e->code;
		while (moved)
			if (step(m, &moved, e) < 0)
				return -(int)e->code;
	}
	return 0;
}

int multipart_finish(const struct multipart *m, struct err *e)
{
	if (m->state != EPILOGUE)
		return err_set(e, ERR_INVALID, "The form ends before its closing boundary.");
	return 0;
}
