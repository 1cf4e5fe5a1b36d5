/* A commit as lists and pages show it. */
#include "pages/commit.h"

static const char *signature_word(enum signature_kind kind)
{
	switch (kind) {
	case SIGNATURE_GPG:
		return "GPG";
	case SIGNATURE_SSH:
		return "SSH";
	case SIGNATURE_X509:
		return "X.509";
	case SIGNATURE_NONE:
		break;
	}
	return NULL;
}

void commit_view(struct request *rq, const struct commit *commit, struct view_commit *view)
{
	*view = (struct view_commit){
		.project = rq->project->path,
		.oid = oid_hex(rq->arena, &commit->oid),
		.short_oid = oid_short(rq->arena, &commit->oid, 8),
		.subject = commit->subject,
		.body = commit->body,
		.author = commit->author.name,
		.email = commit->author.email,
		.committer = commit->committer.name,
		.has_committer = !str_eq(commit->author.email, commit->committer.email),
		.tile = page_tile(commit->author.email),
		.initials = page_initials(rq, commit->author.name),
		.when = commit->author.when,
		.committed = commit->committer.when,
		.signature = signature_word(commit->signature),
	};
	if (str_is_empty(view->subject))
		view->subject = page_text(rq, I18N("(no message)"));
	view->parents = ARENA_ARRAY(rq->arena, struct view_oid, commit->parents_count + 1);
	for (size_t i = 0; i < commit->parents_count; i++)
		view->parents[view->parents_count++] =
			(struct view_oid){ oid_hex(rq->arena, &commit->parents[i]),
					   oid_short(rq->arena, &commit->parents[i], 8) };
}

int commit_marks(struct request *rq, struct view_commit *commits, size_t count, struct err *e)
{
	struct str_list shas = { ARENA_ARRAY(rq->arena, struct str, count + 1), 0 };
	struct pipeline_marks marks;
	struct db *db;

	if (count == 0 || !request_may(rq, ACTION_PIPELINE_READ))
		return 0;
	for (size_t i = 0; i < count; i++)
		shas.items[shas.count++] = commits[i].oid;
	if (request_db(rq, &db, e) < 0 ||
	    pipeline_of_commits(db, rq->project->id, &shas, rq->arena, &marks, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		commits[i].pipeline = status_of_mark(rq, &marks, commits[i].oid);
	return 0;
}

int commit_view_last(struct request *rq, struct repo *repo, const struct place *place,
		     bool *has_last, struct view_commit *last, struct err *e)
{
	struct commit commit;

	if (commit_last(repo, &place->commit, place->path, budget_page(), rq->arena, has_last,
			&commit, e) < 0)
		return -(int)e->code;
	if (!*has_last)
		return 0;
	commit_view(rq, &commit, last);
	return commit_marks(rq, last, 1, e);
}
