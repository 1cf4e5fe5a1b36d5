/*
 * Merging: look, decide how, let the operation make the commit, and ask
 * everything again in the landing's transaction.
 */
#include "domain/merge_private.h"

#include "domain/event.h"
#include "domain/merge_request_fork.h"
#include "domain/ref_policy.h"
#include "domain/user.h"
#include "store/db.h"

#include "q/merge_request.h"

struct merge {
	const struct landing_request *request;
	int64_t iid;
	const struct merge_options *options;
	struct arena *a;
	struct merge_request mr; /* as it was looked at, with the options put in */
	struct merge_setting setting;
	enum git_merge_kind kind;
	bool removes_source;
	struct str source_kept;
};

struct str merge_default_message(const struct merge_request *mr, struct arena *a)
{
	return arena_fmt(a,
			 "Merge branch '%.*s' into '%.*s'\n\n%.*s\n\nSee merge request %.*s!%lld",
			 STR_FMT(mr->source_branch), STR_FMT(mr->target_branch), STR_FMT(mr->title),
			 STR_FMT(mr->project_path), (long long)mr->iid);
}

int merge_check_sha(const struct merge_request *mr, struct str sha, struct err *e)
{
	if (str_is_empty(sha) || str_eq(sha, mr->head_sha))
		return 0;
	return err_set(e, ERR_CONFLICT,
		       "SHA does not match HEAD of source branch: %.*s. Somebody pushed since you "
		       "looked; look again, then merge.",
		       STR_FMT(mr->head_sha));
}

int merge_check_messages(const struct merge_options *options, struct err *e)
{
	if (landing_check_text(options->message, "commit", e) < 0)
		return -(int)e->code;
	return landing_check_text(options->squash_message, "commit", e);
}

void merge_apply_options(struct merge_request *mr, const struct merge_setting *setting,
			 const struct merge_options *options)
{
	mr->squash =
		merge_setting_squashes(setting, options->has_squash ? options->squash : mr->squash);
	if (options->has_remove_source)
		mr->remove_source = options->remove_source;
}

int merge_refuse(const struct merge_blockers *blockers, struct err *e)
{
	return err_set(e, ERR_PRECONDITION, "%.*s", STR_FMT(blockers->items[0].sentence));
}

static int load_policy(struct db *db, const struct actor *actor, const struct merge_request *mr,
		       struct arena *a, struct ref_policy *policy, struct err *e)
{
	struct project_access access;

	if (access_find_project_by_id(db, actor, mr->project, a, &access, e) < 0 ||
	    access_check(actor, ACTION_MERGE_REQUEST_MERGE, &access.target, e) < 0)
		return -(int)e->code;
	return ref_policy_load(db, actor, &access, a, policy, e);
}

int merge_request_check_merger(struct db *db, const struct actor *actor,
			       const struct merge_request *mr, struct arena *a, struct err *e)
{
	const struct ref_request request = { arena_fmt(a, "refs/heads/%.*s",
						       STR_FMT(mr->target_branch)),
					     REF_FORWARD, REF_BY_MERGE };
	struct ref_policy policy;

	if (load_policy(db, actor, mr, a, &policy, e) < 0)
		return -(int)e->code;
	return ref_policy_check(&policy, &request, e);
}

/* Branches of the path, protected ones and those that others come from stay. */
static int decide_removal(struct db *db, struct merge *m, struct err *e)
{
	const struct actor *actor = m->request->actor;
	const struct ref_request request = { arena_fmt(m->a, "refs/heads/%.*s",
						       STR_FMT(m->mr.source_branch)),
					     REF_DELETE, REF_BY_MERGE };
	const struct q_merge_request_count_sources_in in = { m->mr.source_project.v,
							     m->mr.source_branch };
	struct q_merge_request_count_sources_row others;
	struct ref_policy policy;
	struct err why = { 0 };

	m->removes_source = false;
	if (!m->mr.remove_source || merge_request_is_from_fork(&m->mr))
		return 0;
	if (load_policy(db, actor, &m->mr, m->a, &policy, e) < 0 ||
	    q_merge_request_count_sources(db, &in, m->a, &others, e) < 0)
		return -(int)e->code;
	if (str_eq_c(m->mr.source_branch, PROJECT_STAGE_BRANCH))
		m->source_kept = STR("stage is part of the way to production, so it stays.");
	else if (others.count > 1)
		m->source_kept = arena_fmt(m->a,
					   "%.*s is the source of another open merge request, so "
					   "it stays.",
					   STR_FMT(m->mr.source_branch));
	else if (ref_policy_check(&policy, &request, &why) < 0)
		m->source_kept = arena_str(m->a, str_c(err_sentence(&why)));
	else
		m->removes_source = true;
	return 0;
}

/* Everything that can be said without the repository. */
static int judge(struct db *db, const struct actor *actor, const struct merge_request *mr,
		 bool in_landing, struct arena *a, struct err *e)
{
	struct merge_blockers blockers;
	struct merge_facts facts;

	if (merge_request_check_merger(db, actor, mr, a, e) < 0 ||
	    merge_gate_load(db, mr, in_landing, a, &facts, e) < 0)
		return -(int)e->code;
	merge_gate_judge(&facts, a, &blockers);
	return blockers.count ? merge_refuse(&blockers, e) : 0;
}

static int look(struct merge *m, struct err *e)
{
	AUTO_DB db = NULL;

	if (merge_request_refresh(m->request, m->iid, m->a, &m->mr, e) < 0 ||
	    merge_check_sha(&m->mr, m->options->sha, e) < 0 ||
	    merge_check_messages(m->options, e) < 0 || db_acquire(m->request->db, &db, e) < 0 ||
	    merge_setting_get(db, m->mr.project, m->a, &m->setting, e) < 0)
		return -(int)e->code;
	merge_apply_options(&m->mr, &m->setting, m->options);
	if (judge(db, m->request->actor, &m->mr, false, m->a, e) < 0 ||
	    decide_removal(db, m, e) < 0)
		return -(int)e->code;
	if (m->mr.squash)
		m->kind = GIT_MERGE_SQUASH;
	else
		m->kind = m->setting.method == MERGE_METHOD_FAST_FORWARD ? GIT_MERGE_FAST_FORWARD
									 : GIT_MERGE_COMMIT;
	return 0;
}

static int write_merged(struct db *db, const struct merge *m, int64_t push_id, struct str commit,
			struct err *e)
{
	const struct actor *actor = m->request->actor;
	const struct q_merge_request_set_merged_in in = {
		.id = m->mr.id.v,
		.user_id = actor->user.v,
		.has_user_id = actor->user.v > 0,
		.push_id = push_id,
		.has_push_id = true,
		.merge_sha = m->kind == GIT_MERGE_COMMIT ? commit : STR_NONE,
		.squash_sha = m->kind == GIT_MERGE_SQUASH ? commit : STR_NONE,
		.merged_from = m->mr.target_sha,
		.merged_to = commit,
	};

	if (q_merge_request_set_merged(db, &in, NULL, e) < 0 ||
	    event_add(db, EVENT_MERGE_REQUEST, m->mr.project, m->mr.id.v, e) < 0 ||
	    merge_request_say(db, &m->mr, actor->user,
			      arena_fmt(m->a, "merged as %.*s", STR_FMT(str_upto(commit, 8))),
			      e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, actor, "merge_request.merge", &m->mr,
				   arena_fmt(m->a, "{\"sha\":\"%.*s\",\"commit\":\"%.*s\"}",
					     STR_FMT(m->mr.head_sha), STR_FMT(commit)),
				   e);
}

static int is_stale(const struct merge *m, struct err *e)
{
	return err_set(e, ERR_CONFLICT,
		       "!%lld changed while it was being merged; nothing was done. Look again, "
		       "then merge.",
		       (long long)m->iid);
}

/*
 * The last word, in the landing's transaction. The refs have their new values
 * in it already; that the target stood where we looked was compared under the
 * landing lock. What the repository said holds for this pair of commits.
 */
static int gate(struct db *db, int64_t push_id, struct str commit, void *closure, struct err *e)
{
	struct merge *m = closure;
	struct merge_request now;

	if (merge_request_get_locked(db, m->mr.project, m->iid, m->a, &now, e) < 0)
		return -(int)e->code;
	if (!str_eq(now.head_sha, m->mr.head_sha) ||
	    !str_eq(now.target_branch, m->mr.target_branch) ||
	    now.source_project.v != m->mr.source_project.v)
		return is_stale(m, e);
	/* The branch may be deleted by this very landing; a fork's cannot. */
	if (!merge_request_is_from_fork(&now))
		now.source_sha = m->mr.source_sha;
	now.target_sha = m->mr.target_sha;
	now.check = m->mr.check;
	now.is_behind = m->mr.is_behind;
	now.tree_is_tested = m->mr.tree_is_tested;
	now.squash = m->mr.squash;
	if (judge(db, m->request->actor, &now, true, m->a, e) < 0)
		return -(int)e->code;
	return write_merged(db, m, push_id, commit, e);
}

static struct str message_of(const struct merge *m)
{
	if (m->kind == GIT_MERGE_SQUASH)
		return str_is_empty(m->options->squash_message) ? m->mr.title
								: m->options->squash_message;
	return str_is_empty(m->options->message) ? merge_default_message(&m->mr, m->a)
						 : m->options->message;
}

/* A squashed commit is its author's, whoever pressed the button. */
static int load_author(const struct merge *m, struct user *author, bool *found, struct err *e)
{
	AUTO_DB db = NULL;

	*found = false;
	if (m->kind != GIT_MERGE_SQUASH || m->mr.author.id.v == 0)
		return 0;
	if (db_acquire(m->request->db, &db, e) < 0)
		return -(int)e->code;
	return user_find(db, m->mr.author.id, m->a, author, found, e);
}

static int land(struct merge *m, struct merge_outcome *outcome, struct err *e)
{
	struct landing_request request = *m->request;
	const struct landing_change removal = { .name = arena_fmt(m->a, "refs/heads/%.*s",
								  STR_FMT(m->mr.source_branch)),
						.old_oid = m->mr.head_sha,
						.new_oid = STR(GIT_ZERO_OID) };
	struct landing_merge in = {
		.kind = m->kind,
		.ref = arena_fmt(m->a, "refs/heads/%.*s", STR_FMT(m->mr.target_branch)),
		.ours = m->mr.target_sha,
		.theirs = m->mr.head_sha,
		.message = message_of(m),
		.changes = &removal,
		.changes_count = m->removes_source ? 1 : 0,
		.gate = gate,
		.closure = m,
	};
	struct user author;
	bool found;

	if (load_author(m, &author, &found, e) < 0)
		return -(int)e->code;
	if (found) {
		in.author_name = author.name;
		in.author_email = author.email;
	}
	request.source = PUSH_SOURCE_MERGE;
	return landing_merge(&request, &in, m->a, outcome, e);
}

int merge_request_merge(const struct landing_request *request, int64_t iid,
			const struct merge_options *options, struct arena *a,
			struct merge_result *result, struct err *e)
{
	struct merge m = { .request = request, .iid = iid, .options = options, .a = a };
	struct merge_outcome outcome;

	if (look(&m, e) < 0 || land(&m, &outcome, e) < 0)
		return -(int)e->code;
	if (m.mr.remove_source && merge_request_is_from_fork(&m.mr)) {
		merge_request_remove_fork_branch(request, &m.mr, a, &m.source_kept);
		m.removes_source = str_is_none(m.source_kept);
	}
	*result = (struct merge_result){ .commit = outcome.oid,
					 .removed_source = m.removes_source,
					 .source_kept = m.source_kept };
	return 0;
}
