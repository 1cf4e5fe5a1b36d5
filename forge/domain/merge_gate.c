/* The gates: facts, then one function a gate, then the first sentence decides. */
#include "domain/merge_gate.h"

#include "domain/merge_request_private.h"
#include "store/db.h"

#include "q/merge_request.h"

static const struct {
	const char *word;
	bool waits;
} gates[] = {
#define GATE_ROW(name, word, waits) [MERGE_GATE_##name] = { word, waits },
	MERGE_GATES(GATE_ROW)
#undef GATE_ROW
};

const char *merge_gate_word(enum merge_gate gate)
{
	ASSERT((size_t)gate < ARRAY_LEN(gates));
	return gates[gate].word;
}

bool merge_gate_waits(enum merge_gate gate)
{
	ASSERT((size_t)gate < ARRAY_LEN(gates));
	return gates[gate].waits;
}

const char *merge_blockers_word(const struct merge_blockers *blockers)
{
	return blockers->count ? merge_gate_word(blockers->items[0].gate) : "mergeable";
}

bool merge_blockers_wait(const struct merge_blockers *blockers)
{
	for (size_t i = 0; i < blockers->count; i++)
		if (!merge_gate_waits(blockers->items[i].gate))
			return false;
	return blockers->count > 0;
}

/* ---- facts ---- */

static int load_approvals(struct db *db, struct merge_facts *facts, struct arena *a, struct err *e)
{
	const struct merge_request *mr = facts->mr;
	const struct q_merge_request_approvals_in in = { .id = mr->id.v,
							 .head_sha = mr->head_sha,
							 .target_branch = mr->target_branch };
	struct q_merge_request_approvals_row *rows;
	size_t count;

	if (q_merge_request_approvals(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	facts->approvals = ARENA_ARRAY(a, struct merge_approval, count + 1);
	facts->approvals_count = count;
	for (size_t i = 0; i < count; i++)
		facts->approvals[i] = (struct merge_approval){
			{ { rows[i].user_id }, rows[i].username, rows[i].name }, rows[i].created_at
		};
	return 0;
}

static void take_pipeline(struct merge_facts *facts, int64_t id, struct str status)
{
	facts->pipeline.v = id;
	facts->has_pipeline = ci_status_parse(status, &facts->pipeline_status);
	ASSERT(facts->has_pipeline);
}

/* The two statements take and give the same. */
#define PIPELINE_IN(mr, a)                                                                      \
	{                                                                                       \
		.project_id = merge_request_pipeline_project(mr).v, .head_sha = (mr)->head_sha, \
		.branch_ref = arena_fmt(a, "refs/heads/%.*s", STR_FMT((mr)->source_branch)),    \
		.head_ref = merge_request_ref(a, (mr)->iid),                                    \
		.result_ref = merge_request_result_ref(a, (mr)->iid),                           \
		.target_sha = (mr)->target_sha, .tree_is_tested = (mr)->tree_is_tested,         \
	}

static int load_pipeline(struct db *db, struct merge_facts *facts, bool lock, struct arena *a,
			 struct err *e)
{
	const struct q_merge_request_pipeline_in in = PIPELINE_IN(facts->mr, a);
	const struct q_merge_request_pipeline_locked_in locked_in = PIPELINE_IN(facts->mr, a);
	struct q_merge_request_pipeline_row row = { 0 };
	struct q_merge_request_pipeline_locked_row locked = { 0 };
	bool found;

	if (!lock) {
		if (q_merge_request_pipeline(db, &in, a, &row, &found, e) < 0)
			return -(int)e->code;
		facts->is_of_result = found && row.is_of_result;
		facts->is_of_old_target = found && row.is_of_old_target;
		if (found)
			take_pipeline(facts, row.id, row.status);
		return 0;
	}
	if (q_merge_request_pipeline_locked(db, &locked_in, a, &locked, &found, e) < 0)
		return -(int)e->code;
	facts->is_of_result = found && locked.is_of_result;
	facts->is_of_old_target = found && locked.is_of_old_target;
	if (found)
		take_pipeline(facts, locked.id, locked.status);
	return 0;
}

int merge_gate_load(struct db *db, const struct merge_request *mr, bool lock, struct arena *a,
		    struct merge_facts *facts, struct err *e)
{
	*facts = (struct merge_facts){ .mr = mr };
	if (merge_setting_get(db, mr->project, a, &facts->setting, e) < 0 ||
	    load_approvals(db, facts, a, e) < 0)
		return -(int)e->code;
	return load_pipeline(db, facts, lock, a, e);
}

/* ---- judging ---- */

/* A closed gate's sentence, or none. */
typedef struct str gate_function(const struct merge_facts *facts, struct arena *a);

static struct str gate_open(const struct merge_facts *f, struct arena *a)
{
	if (f->mr->state == MERGE_REQUEST_OPENED)
		return STR_NONE;
	if (f->mr->state == MERGE_REQUEST_MERGED)
		return STR("It is merged already.");
	return arena_fmt(a, "It is closed. Its author or a developer of %.*s can reopen it.",
			 STR_FMT(f->mr->project_path));
}

/* A fork's commits come by their own landing: what is there now is not merged unseen. */
static struct str gate_source(const struct merge_facts *f, struct arena *a)
{
	bool is_from_fork = merge_request_is_from_fork(f->mr);

	if (!str_is_none(f->mr->source_sha) &&
	    (!is_from_fork || str_eq(f->mr->source_sha, f->mr->head_sha)))
		return STR_NONE;
	if (!str_is_none(f->mr->source_sha))
		return arena_fmt(
			a,
			"%.*s moved on in the fork, and its new commits are not here yet. "
			"They come in a moment, if who pushed them may open merge requests "
			"in %.*s.",
			STR_FMT(f->mr->source_branch), STR_FMT(f->mr->project_path));
	if (is_from_fork && f->mr->source_project.v == 0)
		return STR("The fork it comes from was deleted. Close this merge request; its "
			   "commits stay at its ref, for whoever wants to go on with them.");
	return arena_fmt(a,
			 "The source branch %.*s does not exist any more. Push it again, or close "
			 "this merge request.",
			 STR_FMT(f->mr->source_branch));
}

static struct str gate_target(const struct merge_facts *f, struct arena *a)
{
	if (!str_is_none(f->mr->target_sha))
		return STR_NONE;
	return arena_fmt(a,
			 "The target branch %.*s does not exist any more. Choose another target "
			 "with Edit.",
			 STR_FMT(f->mr->target_branch));
}

static struct str gate_checked(const struct merge_facts *f, struct arena *a UNUSED)
{
	if (f->mr->check != MERGE_UNCHECKED)
		return STR_NONE;
	return STR("Whether both branches fit together is being found out. Reload the page in a "
		   "moment.");
}

static struct str gate_commits(const struct merge_facts *f, struct arena *a)
{
	if (f->mr->check == MERGE_CONTAINED)
		return arena_fmt(a,
				 "%.*s has all commits of %.*s already, so there is nothing to "
				 "merge. Push a commit to %.*s.",
				 STR_FMT(f->mr->target_branch), STR_FMT(f->mr->source_branch),
				 STR_FMT(f->mr->source_branch));
	if (f->mr->check == MERGE_UNRELATED)
		return STR("The two branches have no common history, so they cannot be merged. "
			   "Start the source branch from the target branch.");
	return STR_NONE;
}

static struct str gate_conflict(const struct merge_facts *f, struct arena *a)
{
	if (f->mr->check != MERGE_CONFLICT)
		return STR_NONE;
	return arena_fmt(a,
			 "Both branches changed the same lines (files: %zu). Whoever can push to "
			 "%.*s merges %.*s into it, solves the conflicts and pushes.",
			 f->mr->conflicts.count, STR_FMT(f->mr->source_branch),
			 STR_FMT(f->mr->target_branch));
}

static struct str gate_fast_forward(const struct merge_facts *f, struct arena *a)
{
	bool squashes = merge_setting_squashes(&f->setting, f->mr->squash);

	if (f->setting.method == MERGE_METHOD_COMMIT || squashes || !f->mr->is_behind)
		return STR_NONE;
	return arena_fmt(a,
			 "%.*s has commits that %.*s has not, and this project merges only on top "
			 "of them. Update the source branch (the button, or git rebase).",
			 STR_FMT(f->mr->target_branch), STR_FMT(f->mr->source_branch));
}

static struct str gate_draft(const struct merge_facts *f, struct arena *a UNUSED)
{
	if (!f->mr->is_draft)
		return STR_NONE;
	return STR("It is a draft. Its author or a developer marks it as ready.");
}

static struct str gate_pipeline_runs(const struct merge_facts *f, struct arena *a)
{
	if (!f->setting.needs_pipeline || !f->has_pipeline ||
	    ci_status_is_complete(f->pipeline_status) || f->pipeline_status == CI_STATUS_MANUAL)
		return STR_NONE;
	return arena_fmt(a, "Pipeline #%lld has not ended yet; it must succeed before merging.",
			 (long long)f->pipeline.v);
}

static struct str no_pipeline(const struct merge_facts *f, struct arena *a)
{
	struct str sha = str_upto(f->mr->head_sha, 8);

	if (merge_request_is_from_fork(f->mr))
		return arena_fmt(a,
				 "No pipeline ran on commit %.*s, and this project merges only "
				 "after one succeeded. Those of a fork run there, with the fork's "
				 "runners and variables: push there, or run one for %.*s there; a "
				 "maintainer of %.*s can change the rule in the settings.",
				 STR_FMT(sha), STR_FMT(f->mr->source_branch),
				 STR_FMT(f->mr->project_path));
	return arena_fmt(a,
			 "No pipeline ran on commit %.*s, and this project merges only after one "
			 "succeeded. Push, or run a pipeline for %.*s; a maintainer can change the "
			 "rule in the settings.",
			 STR_FMT(sha), STR_FMT(f->mr->source_branch));
}

static struct str gate_pipeline(const struct merge_facts *f, struct arena *a)
{
	long long id = (long long)f->pipeline.v;

	if (!f->setting.needs_pipeline)
		return STR_NONE;
	if (!f->has_pipeline)
		return no_pipeline(f, a);
	switch (f->pipeline_status) {
	case CI_STATUS_SUCCESS:
		return STR_NONE;
	case CI_STATUS_SKIPPED:
		if (f->setting.skipped_is_green)
			return STR_NONE;
		return arena_fmt(a, "Pipeline #%lld was skipped; run one that succeeds.", id);
	case CI_STATUS_MANUAL:
		return arena_fmt(a,
				 "Pipeline #%lld waits for a person to start a job; it must "
				 "succeed before merging.",
				 id);
	case CI_STATUS_FAILED:
		return arena_fmt(a,
				 "Pipeline #%lld failed. Retry it, or push a commit that makes it "
				 "succeed.",
				 id);
	case CI_STATUS_CANCELED:
		return arena_fmt(a,
				 "Pipeline #%lld was canceled. Retry it, or push a commit that "
				 "makes it succeed.",
				 id);
	default:
		return STR_NONE; /* it runs: the gate before this one */
	}
}

/* Green, but on other files than the merge would give. */
static struct str gate_pipeline_tree(const struct merge_facts *f, struct arena *a)
{
	bool is_tested = f->is_of_result || (f->mr->tree_is_tested && !f->is_of_old_target);

	if (!f->setting.needs_pipeline || !f->has_pipeline || f->mr->check != MERGE_CLEAN ||
	    is_tested)
		return STR_NONE;
	return arena_fmt(a,
			 "%.*s moved on, so the pipeline did not run on what the merge would give. "
			 "Update the source branch or test the result, so that one runs on that.",
			 STR_FMT(f->mr->target_branch));
}

static struct str gate_threads(const struct merge_facts *f, struct arena *a)
{
	if (!f->setting.needs_threads_resolved || f->mr->open_threads == 0)
		return STR_NONE;
	return arena_fmt(a,
			 "Threads that are not resolved: %d. Whoever started one, the author or a "
			 "developer resolves it.",
			 (int)f->mr->open_threads);
}

static struct str gate_approvals(const struct merge_facts *f, struct arena *a)
{
	size_t required = (size_t)f->setting.approvals_required;

	if (f->approvals_count >= required)
		return STR_NONE;
	return arena_fmt(a,
			 "It has %zu of %zu approvals of commit %.*s. Developers of %.*s can "
			 "approve it, but not its author and not who pushed the commit.",
			 f->approvals_count, required, STR_FMT(str_upto(f->mr->head_sha, 8)),
			 STR_FMT(f->mr->project_path));
}

static gate_function *const functions[] = {
	[MERGE_GATE_OPEN] = gate_open,
	[MERGE_GATE_SOURCE] = gate_source,
	[MERGE_GATE_TARGET] = gate_target,
	[MERGE_GATE_CHECKED] = gate_checked,
	[MERGE_GATE_COMMITS] = gate_commits,
	[MERGE_GATE_CONFLICT] = gate_conflict,
	[MERGE_GATE_FAST_FORWARD] = gate_fast_forward,
	[MERGE_GATE_DRAFT] = gate_draft,
	[MERGE_GATE_PIPELINE_RUNS] = gate_pipeline_runs,
	[MERGE_GATE_PIPELINE] = gate_pipeline,
	[MERGE_GATE_PIPELINE_TREE] = gate_pipeline_tree,
	[MERGE_GATE_THREADS] = gate_threads,
	[MERGE_GATE_APPROVALS] = gate_approvals,
};

_Static_assert(ARRAY_LEN(functions) == MERGE_GATE_COUNT, "a gate without a function");

void merge_gate_judge(const struct merge_facts *facts, struct arena *a,
		      struct merge_blockers *blockers)
{
	blockers->count = 0;
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		struct str sentence = functions[i](facts, a);

		if (str_is_none(sentence))
			continue;
		blockers->items[blockers->count++] =
			(struct merge_blocker){ (enum merge_gate)i, sentence };
		/* What is over needs no further reasons; without a branch nothing else is known. */
		if (i <= MERGE_GATE_TARGET)
			return;
	}
}
