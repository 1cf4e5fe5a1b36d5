/* The operation receive: what `git push` talks to, from its commands to the report. */
#include "roles/git_child.h"

#include "base/fault.h"
#include "git/pktline.h"
#include "roles/git_commands.h"
#include "roles/git_land.h"
#include "roles/git_report.h"

#define IDLE_MS 120000

/* Lines to `take` until a flush; *is_empty if the flush (or the end) came first. */
static int read_section(struct git_child *c, struct git_commands *commands,
			int (*take)(struct git_commands *, struct str, struct err *),
			bool *is_empty, struct err *e)
{
	char *room = arena_alloc(c->arena, PKT_MAX);
	struct pkt pkt;

	*is_empty = true;
	for (;;) {
		if (pkt_read(c->in, room, IDLE_MS, &pkt, e) < 0)
			return -(int)e->code;
		if (pkt.kind == PKT_FLUSH || (pkt.kind == PKT_END_OF_STREAM && *is_empty))
			return 0;
		if (pkt.kind != PKT_DATA)
			return err_set(e, ERR_GONE, "The client hung up in the middle.");
		*is_empty = false;
		if (take(commands, pkt_line(&pkt), e) < 0)
			return -(int)e->code;
	}
}

static int read_commands(struct git_child *c, struct git_commands *commands, struct err *e)
{
	bool is_empty;

	git_commands_init(commands, c->arena, c->rq.limits.max_commands);
	if (read_section(c, commands, git_commands_line, &is_empty, e) < 0)
		return -(int)e->code;
	if (commands->has_push_options && commands->count > 0 &&
	    read_section(c, commands, git_commands_option, &is_empty, e) < 0)
		return -(int)e->code;
	return git_commands_check(commands, e);
}

static void fill_refs(struct git_land *l, const struct git_commands *commands)
{
	l->count = commands->count;
	l->refs = ARENA_ARRAY(l->c->arena, struct git_land_ref, commands->count + 1);
	l->is_atomic = commands->is_atomic;
	l->options = commands->options;
	l->option_count = commands->option_count;
	for (size_t i = 0; i < commands->count; i++) {
		l->refs[i].name = commands->commands[i].name;
		memcpy(l->refs[i].old_oid, commands->commands[i].old_oid, GIT_OID_TEXT);
		memcpy(l->refs[i].new_oid, commands->commands[i].new_oid, GIT_OID_TEXT);
	}
}

static void finish_report(struct git_land *l, struct git_report *report, struct str unpack)
{
	struct git_report_ref *refs = ARENA_ARRAY(l->c->arena, struct git_report_ref, l->count + 1);

	for (size_t i = 0; i < l->count; i++)
		refs[i] = (struct git_report_ref){ l->refs[i].name, l->refs[i].reason };
	git_report_lines(report, buf_str(&l->output));
	git_report_finish(report, unpack, refs, l->count);
	l->c->has_told = report->is_wanted;
}

/* What the pusher may read of an error: its own sentence, or that of its code. */
static void report_failure(struct git_land *l, struct git_report *report, bool in_unpack,
			   const struct err *e)
{
	struct str sentence = str_c(err_sentence(e));

	git_land_refuse_all(l, in_unpack ? STR("the objects were refused") : sentence);
	finish_report(l, report, in_unpack ? sentence : STR_NONE);
}

static int take_pack(struct git_land *l, const struct git_commands *commands,
		     struct git_report *report, struct err *e)
{
	if (git_land_lock_objects(l, e) < 0)
		return -(int)e->code;
	if (git_commands_have_pack(commands) && git_ingest_take(l->c, report, &l->ingest, e) < 0)
		return -(int)e->code;
	FAULT_POINT("receive.ingested");
	return 0;
}

static int serve(struct git_land *l, const struct git_commands *commands, struct git_report *report,
		 struct err *e)
{
	fill_refs(l, commands);
	if (take_pack(l, commands, report, e) < 0) {
		report_failure(l, report, true, e);
		return -(int)e->code;
	}
	if (git_land_run(l, e) < 0) {
		/* After COMMIT it has landed; only the disk is behind. Say nothing false: hang up.
		 */
		if (!l->has_committed)
			report_failure(l, report, false, e);
		return -(int)e->code;
	}
	FAULT_POINT("receive.landed");
	finish_report(l, report, STR_NONE);
	return 0;
}

/* Commands that cannot be read: the client shows an ERR packet as "remote error". */
static int refuse_protocol(struct git_child *c, struct err *e)
{
	struct git_report report = { .fd = c->out };
	struct buf b;

	buf_init(&b, PKT_MAX);
	pkt_addf(&b, "ERR %s", err_sentence(e));
	git_report_raw(&report, buf_str(&b));
	buf_fini(&b);
	return -(int)e->code;
}

int git_op_receive(struct git_child *c, struct err *e)
{
	struct git_commands commands;
	struct git_report report = { .fd = c->out };
	struct git_land land;
	int failed;

	if (c->in < 0 || c->out < 0)
		return err_set(e, ERR_INTERNAL, "git.sock: receive without streams");
	if (read_commands(c, &commands, e) < 0)
		return refuse_protocol(c, e);
	/* "0000": an HTTP client only asks whether it may, or there was nothing to push. */
	if (commands.count == 0)
		return 0;
	report.side_band = commands.side_band;
	report.is_wanted = commands.report_status;
	report.is_quiet = commands.is_quiet;
	git_land_init(&land, c);
	failed = serve(&land, &commands, &report, e);
	git_land_fini(&land);
	return failed;
}
