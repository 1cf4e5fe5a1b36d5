/* The part of a merge request's page that says what it waits for, and does it. */
#include "pages/merge_request.h"

/* A branch as a word of a shell: strangers name branches, people paste commands. */
static void add_word(struct buf *out, struct str word)
{
	bool is_plain = word.n > 0;

	for (size_t i = 0; i < word.n; i++)
		is_plain = is_plain && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					      "0123456789._/-",
					      word.p[i]) != NULL;
	if (is_plain) {
		buf_add(out, word);
		return;
	}
	buf_add_char(out, '\'');
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\'')
			buf_add_c(out, "'\\''");
		else
			buf_add_char(out, word.p[i]);
	}
	buf_add_char(out, '\'');
}

static struct str conflict_commands(struct request *rq, const struct merge_request *mr)
{
	const struct str remote = arena_fmt(rq->arena, "origin/%.*s", STR_FMT(mr->target_branch));
	const struct str target_url =
		request_absolute(rq, arena_fmt(rq->arena, "/%.*s.git", STR_FMT(mr->project_path)));
	struct str text;
	struct buf out;

	buf_init(&out, 64 * 1024);
	if (merge_request_is_from_fork(mr)) {
		buf_add_c(&out, "git switch ");
		add_word(&out, mr->source_branch);
		buf_addf(&out, "\ngit fetch %.*s ", STR_FMT(target_url));
		add_word(&out, mr->target_branch);
		buf_add_c(&out, "\ngit merge FETCH_HEAD");
	} else {
		buf_add_c(&out, "git fetch origin\ngit switch ");
		add_word(&out, mr->source_branch);
		buf_add_c(&out, "\ngit merge ");
		add_word(&out, remote);
	}
	buf_addf(&out, "\n%s\ngit add -A\ngit commit\ngit push origin ",
		 arena_cstr(rq->arena,
			    page_text(rq, I18N("# now edit the files until both sides fit"))));
	add_word(&out, mr->source_branch);
	text = arena_str(rq->arena, buf_str(&out));
	buf_fini(&out);
	return text;
}

static void fill_blockers(struct request *rq, const struct merge_blockers *blockers,
			  struct view_merge_widget *w)
{
	w->blockers = ARENA_ARRAY(rq->arena, struct view_blocker, blockers->count + 1);
	for (size_t i = 0; i < blockers->count; i++)
		w->blockers[w->blockers_count++] =
			(struct view_blocker){ page_sentence(rq, blockers->items[i].sentence),
					       merge_gate_word(blockers->items[i].gate),
					       blockers->items[i].gate ==
						       MERGE_GATE_PIPELINE_TREE };
}

static void fill_approvals(struct request *rq, const struct merge_facts *facts,
			   const struct merge_request_version *last, struct view_merge_widget *w)
{
	w->approvals_required = facts->setting.approvals_required;
	w->approvals = ARENA_ARRAY(rq->arena, struct view_person, facts->approvals_count + 1);
	for (size_t i = 0; i < facts->approvals_count; i++) {
		w->approvals[w->approvals_count++] = person_view(rq, &facts->approvals[i].user);
		w->has_approved =
			w->has_approved || facts->approvals[i].user.id.v == rq->actor.user.v;
	}
	if (facts->mr->state != MERGE_REQUEST_OPENED || !last)
		return;
	w->why_not_approve =
		merge_request_why_not_approve(facts->mr, last, &rq->actor, &rq->target, rq->arena);
	w->may_approve = !w->has_approved && str_is_none(w->why_not_approve);
	if (!str_is_none(w->why_not_approve))
		w->why_not_approve = page_sentence(rq, w->why_not_approve);
}

/* *may: the actor may merge; else why_not_merge says why. */
static int fill_merger(struct request *rq, struct db *db, const struct merge_request *mr, bool *may,
		       struct view_merge_widget *w, struct err *e)
{
	struct err why = { 0 };

	*may = merge_request_check_merger(db, &rq->actor, mr, rq->arena, &why) == 0;
	if (*may)
		return 0;
	if (why.code != ERR_FORBIDDEN && why.code != ERR_UNAUTHENTICATED &&
	    why.code != ERR_NOT_FOUND) {
		*e = why;
		return -(int)e->code;
	}
	if (actor_is_signed_in(&rq->actor))
		w->why_not_merge = page_sentence(rq, str_c(err_sentence(&why)));
	return 0;
}

/* Which buttons there are. */
static int fill_acts(struct request *rq, struct db *db, const struct merge_facts *facts,
		     const struct merge_blockers *blockers, struct view_merge_widget *w,
		     struct err *e)
{
	const struct merge_request *mr = facts->mr;
	const bool is_open = mr->state == MERGE_REQUEST_OPENED;
	bool may;

	w->may_revert = mr->state == MERGE_REQUEST_MERGED && !str_is_none(mr->merged_to) &&
			request_may(rq, ACTION_MERGE_REQUEST_WRITE);
	if (!is_open)
		return 0;
	if (fill_merger(rq, db, mr, &may, w, e) < 0)
		return -(int)e->code;
	w->has_auto_merge = mr->auto_merge_by.id.v != 0;
	w->may_merge = may && blockers->count == 0;
	w->may_auto_merge = may && !w->has_auto_merge && merge_blockers_wait(blockers);
	w->may_cancel_auto = w->has_auto_merge && request_may(rq, ACTION_MERGE_REQUEST_WRITE);
	w->may_update = mr->is_behind && mr->check != MERGE_CONFLICT &&
			mr->source_project.v == rq->project->id.v &&
			request_may(rq, ACTION_MERGE_REQUEST_WRITE);
	if (mr->source_project.v == mr->project.v && request_may(rq, ACTION_PIPELINE_RUN))
		w->test_action = page_url(
			rq, merge_address(rq, mr->iid, ROUTE_merge_request_pipeline_create));
	w->offers_message = facts->setting.method != MERGE_METHOD_FAST_FORWARD;
	w->squash = merge_setting_squashes(&facts->setting, mr->squash);
	w->remove_source = mr->remove_source;
	return 0;
}

static void fill_end(struct request *rq, const struct merge_request *mr,
		     struct view_merge_widget *w)
{
	w->merged_by = person_view(rq, &mr->merged_by);
	w->closed_by = person_view(rq, &mr->closed_by);
	w->auto_merge_by = person_view(rq, &mr->auto_merge_by);
	w->merged_at = mr->merged_at;
	w->closed_at = mr->closed_at;
	if (!str_is_none(mr->merged_to))
		w->merged_to = (struct view_oid){ mr->merged_to, str_upto(mr->merged_to, 8) };
	w->merge_error = page_sentence(rq, mr->merge_error);
	if (mr->state == MERGE_REQUEST_OPENED && mr->check == MERGE_CONFLICT) {
		w->conflicts = mr->conflicts.items;
		w->conflicts_count = mr->conflicts.count;
		w->commands = conflict_commands(rq, mr);
	}
}

/* A fork's is shown to who may see the fork's pipelines. */
static struct view_status pipeline_status(struct request *rq, const struct merge_facts *facts)
{
	const struct project *source = merge_source(rq, facts->mr, ACTION_PIPELINE_READ);
	struct str number = arena_fmt(rq->arena, "%lld", (long long)facts->pipeline.v);

	if (!source)
		return (struct view_status){ 0 };
	return status_view(rq, facts->pipeline_status, false,
			   page_url(rq, url_for(rq->arena, ROUTE_pipeline, source->path, number)));
}

int merge_widget_fill(struct request *rq, const struct merge_request *mr,
		      const struct merge_request_version *last, struct view_merge_widget *w,
		      struct err *e)
{
	struct merge_blockers blockers = { 0 };
	struct merge_facts facts;
	struct db *db;

	w->action = page_url(rq, merge_address(rq, mr->iid, ROUTE_merge_request_act));
	w->state = merge_request_state_word(mr->state);
	w->head_sha = mr->head_sha;
	w->is_draft = mr->is_draft;
	w->may_change = merge_head_view(rq, mr, "").may_change;
	w->message = merge_default_message(mr, rq->arena);
	if (request_db(rq, &db, e) < 0 || merge_gate_load(db, mr, false, rq->arena, &facts, e) < 0)
		return -(int)e->code;
	if (mr->state == MERGE_REQUEST_OPENED)
		merge_gate_judge(&facts, rq->arena, &blockers);
	fill_blockers(rq, &blockers, w);
	fill_approvals(rq, &facts, last, w);
	if (facts.has_pipeline)
		w->pipeline = pipeline_status(rq, &facts);
	if (fill_acts(rq, db, &facts, &blockers, w, e) < 0)
		return -(int)e->code;
	fill_end(rq, mr, w);
	return 0;
}
