/* Commits, branches, tags, trees and diffs as JSON. See entity_git.h. */
#include "api/entity_git.h"

#include "domain/ref_policy.h"

#define SHORT_DIGITS 8

static void write_oid(struct jsonw *w, const char *key, const struct oid *oid)
{
	char hex[OID_HEX + 1];

	oid_format(oid, hex);
	jsonw_field_str(w, key, str_n(hex, OID_HEX));
}

/* "2012-01-03T23:36:29.000+02:00": a commit's moment keeps the zone it was made in. */
static void write_when(struct jsonw *w, const char *key, const struct person *p)
{
	struct instant local = { p->when.us + (int64_t)p->offset_minutes * 60 * 1000000 };
	int minutes = p->offset_minutes < 0 ? -p->offset_minutes : p->offset_minutes;
	char text[INSTANT_TEXT_MAX], whole[64];

	instant_format(local, text);
	text[strcspn(text, "Z")] = '\0';
	snprintf(whole, sizeof(whole), "%s%c%02d:%02d", text, p->offset_minutes < 0 ? '-' : '+',
		 minutes / 60 % 100, minutes % 60);
	jsonw_field_str(w, key, str_c(whole));
}

static void write_people(struct jsonw *w, const struct commit *c)
{
	jsonw_field_str(w, "author_name", c->author.name);
	jsonw_field_str(w, "author_email", c->author.email);
	write_when(w, "authored_date", &c->author);
	jsonw_field_str(w, "committer_name", c->committer.name);
	jsonw_field_str(w, "committer_email", c->committer.email);
	write_when(w, "committed_date", &c->committer);
}

static void write_alone(struct jsonw *w, const struct request *rq,
			const struct entity_commit_alone *alone)
{
	const struct diff *diff = alone->diff;
	const struct pipeline *pipeline = alone->pipeline;

	jsonw_field_object(w, "stats");
	jsonw_field_int(w, "additions", (int64_t)diff->added);
	jsonw_field_int(w, "deletions", (int64_t)diff->removed);
	jsonw_field_int(w, "total", (int64_t)(diff->added + diff->removed));
	jsonw_end(w);
	jsonw_field_str(w, "status", pipeline ? str_c(ci_status_name(pipeline->status)) : STR_NONE);
	jsonw_key(w, "last_pipeline");
	if (pipeline)
		entity_pipeline(w, rq, pipeline, false);
	else
		jsonw_null(w);
}

void entity_commit(struct jsonw *w, const struct request *rq, const struct commit *c,
		   const struct entity_commit_alone *alone)
{
	struct str hex = oid_hex(rq->arena, &c->oid);

	jsonw_object(w);
	jsonw_field_str(w, "id", hex);
	jsonw_field_str(w, "short_id", str_upto(hex, SHORT_DIGITS));
	write_when(w, "created_at", &c->committer);
	jsonw_field_array(w, "parent_ids");
	for (size_t i = 0; i < c->parents_count; i++)
		jsonw_str(w, oid_hex(rq->arena, &c->parents[i]));
	jsonw_end(w);
	jsonw_field_str(w, "title", c->subject);
	jsonw_field_str(w, "message", c->message);
	write_people(w, c);
	jsonw_field_object(w, "trailers");
	jsonw_end(w);
	jsonw_field_object(w, "extended_trailers");
	jsonw_end(w);
	jsonw_field_str(w, "web_url",
			request_absolute(rq, arena_fmt(rq->arena, "/%.*s/-/commit/%.*s",
						       STR_FMT(rq->project->path), STR_FMT(hex))));
	if (alone) {
		write_alone(w, rq, alone);
		jsonw_field_int(w, "project_id", rq->project->id.v);
	}
	jsonw_end(w);
}

static struct str tree_url(const struct request *rq, struct str ref)
{
	struct buf b;
	struct str url;

	buf_init(&b, 8192);
	buf_addf(&b, "/%.*s/-/tree/", STR_FMT(rq->project->path));
	url_encode_path(&b, ref);
	url = request_absolute(rq, arena_str(rq->arena, buf_str(&b)));
	buf_fini(&b);
	return url;
}

static bool may_push(const struct request *rq, const struct protected_ref *rule, bool is_protected)
{
	enum access_level least = is_protected ? rule->push_level : LEVEL_DEVELOPER;

	return request_may(rq, ACTION_CODE_WRITE) && least != LEVEL_NONE &&
	       (rq->target.level >= least || rq->actor.is_admin);
}

void entity_branch(struct jsonw *w, const struct request *rq, const struct branch *b,
		   const struct protected_refs *refs)
{
	struct protected_ref rule = { 0 };
	bool is_protected = protected_ref_effective(refs, PROTECTED_BRANCH, b->name, &rule);

	jsonw_object(w);
	jsonw_field_str(w, "name", b->name);
	jsonw_key(w, "commit");
	entity_commit(w, rq, &b->commit, NULL);
	jsonw_field_bool(w, "merged",
			 !b->is_default && b->against_default.complete &&
				 b->against_default.ahead == 0);
	jsonw_field_bool(w, "protected", is_protected);
	jsonw_field_bool(w, "developers_can_push",
			 is_protected && rule.push_level == LEVEL_DEVELOPER);
	jsonw_field_bool(w, "developers_can_merge",
			 is_protected && rule.merge_level == LEVEL_DEVELOPER);
	jsonw_field_bool(w, "can_push", may_push(rq, &rule, is_protected));
	jsonw_field_bool(w, "default", b->is_default);
	jsonw_field_str(w, "web_url", tree_url(rq, b->name));
	jsonw_end(w);
}

void entity_tag(struct jsonw *w, const struct request *rq, const struct tag *t,
		const struct protected_refs *refs)
{
	struct protected_ref rule;

	jsonw_object(w);
	jsonw_field_str(w, "name", t->name);
	jsonw_field_str(w, "message", t->is_annotated ? t->message : STR(""));
	write_oid(w, "target", &t->oid);
	jsonw_key(w, "commit");
	if (t->has_commit)
		entity_commit(w, rq, &t->commit, NULL);
	else
		jsonw_null(w);
	jsonw_field_null(w, "release");
	jsonw_field_bool(w, "protected",
			 protected_ref_effective(refs, PROTECTED_TAG, t->name, &rule));
	if (t->has_tagger)
		jsonw_field_time(w, "created_at", t->tagger.when);
	else
		jsonw_field_null(w, "created_at");
	jsonw_end(w);
}

static const char *entry_type(enum entry_kind kind)
{
	if (kind == ENTRY_FOLDER)
		return "tree";
	return kind == ENTRY_SUBMODULE ? "commit" : "blob";
}

void entity_tree_entry(struct jsonw *w, const struct request *rq, const struct tree_entry *entry)
{
	jsonw_object(w);
	write_oid(w, "id", &entry->oid);
	jsonw_field_str(w, "name", entry->name);
	jsonw_field_str(w, "type", str_c(entry_type(entry->kind)));
	jsonw_field_str(w, "path", entry->path);
	jsonw_field_str(w, "mode", arena_fmt(rq->arena, "%06o", entry->mode));
	jsonw_end(w);
}

static void add_line(struct buf *out, const struct diff_line *line)
{
	static const char signs[] = { [DIFF_CONTEXT] = ' ', [DIFF_ADD] = '+', [DIFF_REMOVE] = '-' };

	if (line->kind == DIFF_NO_NEWLINE) {
		buf_add_c(out, "\\ No newline at end of file\n");
		return;
	}
	buf_add_char(out, signs[line->kind]);
	buf_add(out, line->text);
	buf_add_char(out, '\n');
}

static void write_hunks(struct jsonw *w, const struct diff_file *file)
{
	struct buf text;

	buf_init(&text, 4u << 20);
	for (size_t i = 0; i < file->hunks_count; i++) {
		buf_addf(&text, "%.*s\n", STR_FMT(file->hunks[i].header));
		for (size_t k = 0; k < file->hunks[i].lines_count; k++)
			add_line(&text, &file->hunks[i].lines[k]);
	}
	jsonw_field_str(w, "diff", text.full ? STR("") : buf_str(&text));
	buf_fini(&text);
}

void entity_diff_file(struct jsonw *w, const struct request *rq, const struct diff_file *file)
{
	jsonw_object(w);
	write_hunks(w, file);
	jsonw_field_str(w, "new_path", file->new_path);
	jsonw_field_str(w, "old_path", file->old_path);
	jsonw_field_str(w, "a_mode", arena_fmt(rq->arena, "%06o", file->old_mode));
	jsonw_field_str(w, "b_mode", arena_fmt(rq->arena, "%06o", file->new_mode));
	jsonw_field_bool(w, "new_file", file->status == DIFF_ADDED);
	jsonw_field_bool(w, "renamed_file", file->status == DIFF_RENAMED);
	jsonw_field_bool(w, "deleted_file", file->status == DIFF_DELETED);
	jsonw_field_null(w, "generated_file");
	jsonw_field_bool(w, "collapsed", file->omitted == DIFF_OVER_LIMIT);
	jsonw_field_bool(w, "too_large", file->omitted == DIFF_TOO_LARGE);
	jsonw_end(w);
}
