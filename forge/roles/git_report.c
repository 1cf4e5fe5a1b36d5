#include "roles/git_report.h"

#include "base/fs.h"
#include "git/pktline.h"

/* 5,000 refs with names and sentences of 1,000 bytes each. */
#define REPORT_MAX (16u << 20)

void git_report_raw(struct git_report *r, struct str bytes)
{
	struct err e;

	if (r->fd >= 0 && fs_write_all(r->fd, bytes, &e) < 0)
		r->fd = -1;
}

static void send_buf(struct git_report *r, struct buf *b)
{
	git_report_raw(r, buf_str(b));
	buf_fini(b);
}

void git_report_progress(struct git_report *r, struct str bytes)
{
	struct buf b;

	if (!r->side_band || bytes.n == 0)
		return;
	buf_init(&b, REPORT_MAX);
	pkt_add_band(&b, 2, bytes);
	send_buf(r, &b);
}

void git_report_keep_alive(struct git_report *r)
{
	struct buf b;

	if (!r->side_band)
		return;
	buf_init(&b, 16);
	buf_add(&b, STR("0005\1"));
	send_buf(r, &b);
}

void git_report_lines(struct git_report *r, struct str lines)
{
	struct buf b;

	if (lines.n == 0)
		return;
	buf_init(&b, REPORT_MAX);
	buf_add(&b, STR("\n"));
	buf_add(&b, lines);
	buf_add(&b, STR("\n"));
	git_report_progress(r, buf_str(&b));
	buf_fini(&b);
}

/* One line of printable text: a reason may quote what git or a person wrote. */
static void add_reason(struct buf *b, struct str reason)
{
	for (size_t i = 0; i < reason.n; i++)
		buf_add_char(b, (unsigned char)reason.p[i] < ' ' ? ' ' : reason.p[i]);
}

static void add_status(struct buf *b, struct str unpack, const struct git_report_ref *refs,
		       size_t count)
{
	struct buf line;

	buf_init(&line, PKT_PAYLOAD_MAX);
	buf_add_c(&line, "unpack ");
	add_reason(&line, str_is_none(unpack) ? STR("ok") : unpack);
	buf_add_char(&line, '\n');
	pkt_add(b, buf_str(&line));
	for (size_t i = 0; i < count; i++) {
		buf_clear(&line);
		buf_add_c(&line, str_is_none(refs[i].reason) ? "ok " : "ng ");
		buf_add(&line, refs[i].name);
		if (!str_is_none(refs[i].reason)) {
			buf_add_char(&line, ' ');
			add_reason(&line, refs[i].reason);
		}
		buf_add_char(&line, '\n');
		pkt_add(b, buf_str(&line));
	}
	pkt_add_flush(b);
	buf_fini(&line);
}

void git_report_finish(struct git_report *r, struct str unpack, const struct git_report_ref *refs,
		       size_t count)
{
	struct buf status;
	struct buf framed;

	buf_init(&status, REPORT_MAX);
	buf_init(&framed, REPORT_MAX);
	if (r->is_wanted)
		add_status(&status, unpack, refs, count);
	if (r->side_band) {
		pkt_add_band(&framed, 1, buf_str(&status));
		pkt_add_flush(&framed);
		buf_fini(&status);
		send_buf(r, &framed);
	} else {
		buf_fini(&framed);
		send_buf(r, &status);
	}
}
