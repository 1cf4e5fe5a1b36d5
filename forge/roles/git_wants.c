/*
 * Three steps, each only for what the one before could not answer: the tips
 * themselves (a hash lookup), the ancestors of tips (one rev-list), contents of
 * commits (a walk in commit order that ends when all are found: a checkout of
 * a partial clone asks for files of the newest commit).
 */
#include "roles/git_wants.h"

#include "base/fs.h"
#include "base/table.h"
#include "git/ref_snapshot.h"

#define LIST_MAX (64u << 20)
#define WALK_OBJECTS_MAX 20000000

void git_wants_init(struct git_wants *w, struct arena *a)
{
	*w = (struct git_wants){ .arena = a };
}

int git_wants_add(struct git_wants *w, struct str hex, struct err *e)
{
	struct oid oid;

	if (!oid_parse(hex, &oid))
		return err_set(e, ERR_INVALID, "The client asked for an object by a bad name.");
	if (w->count >= GIT_WANTS_MAX)
		return err_set(e, ERR_TOO_LARGE,
			       "The client asked for more than %d objects at once.", GIT_WANTS_MAX);
	if (w->count == w->room) {
		size_t room = w->room ? 2 * w->room : 64;
		char(*more)[GIT_OID_TEXT] = arena_alloc(w->arena, room * sizeof(*more));

		if (w->count)
			memcpy(more, w->oids, w->count * sizeof(*more));
		w->oids = more;
		w->room = room;
	}
	oid_format(&oid, w->oids[w->count++]);
	return 0;
}

/* The wants that are still open, and the visible tips as rev-list's input. */
struct search {
	struct git_child *c;
	struct table open;
	size_t open_count;
	struct buf tips;
	struct buf hidden_from_list; /* "^tip" lines */
};

static bool is_open(const struct table_entry *entry)
{
	const bool *open = entry->value;

	return *open;
}

static void close_want(struct search *s, struct str oid)
{
	bool *open = table_find(&s->open, oid);

	if (!open || !*open)
		return;
	*open = false;
	s->open_count--;
}

static void take_tip(struct search *s, const struct oid *oid)
{
	char hex[OID_HEX + 1];

	oid_format(oid, hex);
	close_want(s, str_c(hex));
	buf_addf(&s->tips, "%s\n", hex);
	buf_addf(&s->hidden_from_list, "^%s\n", hex);
}

static int take_tips(struct search *s, struct err *e)
{
	struct ref_snapshot *now;

	/* What a job runs for, by name alone: whether it is there, upload-pack says. */
	close_want(s, str_c(s->c->rq.name));
	if (s->open_count == 0)
		return 0;
	if (ref_snapshot_scan(s->c->repo, NULL, &now, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < now->count; i++) {
		const struct ref *ref = &now->refs[i];

		if (ref_is_internal(ref->name))
			continue;
		take_tip(s, &ref->oid);
		if (!oid_eq(&ref->oid, &ref->peeled))
			take_tip(s, &ref->peeled);
	}
	ref_snapshot_unref(now);
	return buf_check(&s->tips, "the list of refs", e);
}

/* The open wants that are commits, or that are something else, a line each. */
static int split_by_type(struct search *s, struct buf *commits, bool *has_others, struct err *e)
{
	static const char *const args[] = { "cat-file", "--batch-check=%(objecttype)", NULL };
	struct git_command command = git_child_command(s->c, args);
	struct git_result result;
	struct buf input;
	struct str rest;
	struct str type;
	int failed;

	buf_init(&input, LIST_MAX);
	for (size_t i = 0; i < s->open.count; i++)
		if (is_open(&s->open.entries[i]))
			buf_addf(&input, "%.*s\n", STR_FMT(s->open.entries[i].key));
	failed = git_run_ok(&command, "look up wanted objects", buf_str(&input), LIST_MAX,
			    s->c->arena, &result, e);
	buf_fini(&input);
	if (failed)
		return failed;
	rest = result.out;
	for (size_t i = 0; i < s->open.count; i++) {
		if (!is_open(&s->open.entries[i]))
			continue;
		if (!str_cut(&rest, '\n', &type))
			return err_set(e, ERR_INTERNAL, "cat-file answered too little");
		if (str_eq_c(type, "commit"))
			buf_addf(commits, "%.*s\n", STR_FMT(s->open.entries[i].key));
		else
			*has_others = true;
	}
	return 0;
}

/* Whatever rev-list prints of the wanted commits is not behind any tip. */
static int close_ancestors(struct search *s, struct buf *commits, struct err *e)
{
	static const char *const args[] = { "rev-list", "--max-count=1", "--stdin", NULL };
	struct git_command command = git_child_command(s->c, args);
	struct git_result result;
	struct str rest = buf_str(commits);
	struct str line;

	if (commits->n == 0)
		return 0;
	rest = arena_str(s->c->arena, rest);
	buf_add(commits, buf_str(&s->hidden_from_list));
	if (buf_check(commits, "the list of refs", e) < 0 ||
	    git_run_ok(&command, "look for wanted commits", buf_str(commits), 4096, s->c->arena,
		       &result, e) < 0)
		return -(int)e->code;
	if (result.out.n > 0)
		return 0;
	while (str_cut(&rest, '\n', &line))
		close_want(s, line);
	return 0;
}

static void take_walked(struct search *s, FILE *list)
{
	char line[OID_HEX + 2];
	size_t walked = 0;

	while (s->open_count > 0 && walked++ < WALK_OBJECTS_MAX && fgets(line, sizeof(line), list))
		close_want(s, str_trim(str_c(line)));
}

static int close_contents(struct search *s, struct err *e)
{
	static const char *const args[] = { "rev-list",          "--objects", "--in-commit-order",
					    "--no-object-names", "--stdin",   NULL };
	struct git_command command = git_child_command(s->c, args);
	struct git_process p;
	FILE *list;

	command.in = command.out = GIT_FD_PIPE;
	if (git_process_start(&command, &p, e) < 0)
		return -(int)e->code;
	/* It reads all of its input before it prints. */
	list = fs_write_all(p.in, buf_str(&s->tips), e) < 0 ? NULL : fdopen(p.out, "r");
	fs_close(&p.in);
	if (!list) {
		git_process_abandon(&p);
		return err_set(e, ERR_INTERNAL, "read from rev-list");
	}
	p.out = -1;
	take_walked(s, list);
	fclose(list);
	git_process_abandon(&p);
	return 0;
}

static int search_all(struct search *s, struct err *e)
{
	struct buf commits;
	bool has_others = false;
	int failed;

	if (take_tips(s, e) < 0)
		return -(int)e->code;
	if (s->open_count == 0)
		return 0;
	buf_init(&commits, 2 * LIST_MAX);
	failed = split_by_type(s, &commits, &has_others, e);
	if (!failed)
		failed = close_ancestors(s, &commits, e);
	buf_fini(&commits);
	if (!failed && has_others && s->tips.n > 0)
		failed = close_contents(s, e);
	return failed;
}

int git_wants_check(struct git_child *c, const struct git_wants *w,
		    char refused[static GIT_OID_TEXT], struct err *e)
{
	struct search s = { .c = c };
	int failed;

	refused[0] = '\0';
	table_init(&s.open, c->arena);
	for (size_t i = 0; i < w->count; i++) {
		bool *open;

		if (table_find(&s.open, str_c(w->oids[i])))
			continue;
		open = ARENA_NEW(c->arena, bool);
		*open = true;
		table_set(&s.open, str_c(w->oids[i]), open);
		s.open_count++;
	}
	buf_init(&s.tips, LIST_MAX);
	buf_init(&s.hidden_from_list, LIST_MAX);
	failed = search_all(&s, e);
	buf_fini(&s.tips);
	buf_fini(&s.hidden_from_list);
	for (size_t i = 0; !failed && refused[0] == '\0' && i < s.open.count; i++)
		if (is_open(&s.open.entries[i]))
			memcpy(refused, s.open.entries[i].key.p, GIT_OID_TEXT - 1);
	refused[GIT_OID_TEXT - 1] = '\0';
	return failed;
}
