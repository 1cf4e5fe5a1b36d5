/* Reading merge requests, and the words of their states. */
#include "domain/merge_request_private.h"

#include "domain/audit.h"
#include "domain/review.h"
#include "store/db.h"

#include "q/merge_request.h"

static const char *const state_words[] = {
	[MERGE_REQUEST_OPENED] = "opened",
	[MERGE_REQUEST_CLOSED] = "closed",
	[MERGE_REQUEST_MERGED] = "merged",
};

const char *merge_request_state_word(enum merge_request_state state)
{
	ASSERT((size_t)state < ARRAY_LEN(state_words));
	return state_words[state];
}

bool merge_request_state_from_word(struct str word, enum merge_request_state *state)
{
	for (size_t i = 0; i < ARRAY_LEN(state_words); i++)
		if (str_eq_c(word, state_words[i])) {
			*state = (enum merge_request_state)i;
			return true;
		}
	return false;
}

enum merge_request_state merge_request_row_state(struct str word)
{
	enum merge_request_state state = MERGE_REQUEST_CLOSED;
	bool known = merge_request_state_from_word(word, &state);

	ASSERT(known);
	return state;
}

static const char *const check_words[] = {
	[MERGE_UNCHECKED] = "unchecked", [MERGE_CLEAN] = "clean",
	[MERGE_CONFLICT] = "conflict",   [MERGE_CONTAINED] = "contained",
	[MERGE_UNRELATED] = "unrelated",
};

const char *merge_check_word(enum merge_check check)
{
	ASSERT((size_t)check < ARRAY_LEN(check_words));
	return check_words[check];
}

enum merge_check merge_request_row_check(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(check_words); i++)
		if (str_eq_c(word, check_words[i]))
			return (enum merge_check)i;
	return MERGE_UNCHECKED;
}

struct merge_people merge_request_row_people(struct arena *a, struct i64_list ids,
					     struct str_list usernames, struct str_list names)
{
	struct merge_people people = { ARENA_ARRAY(a, struct user_brief, ids.count + 1),
				       ids.count };

	ASSERT(usernames.count == ids.count && names.count == ids.count);
	for (size_t i = 0; i < ids.count; i++)
		people.items[i] =
			(struct user_brief){ { ids.items[i] }, usernames.items[i], names.items[i] };
	return people;
}

/* The word and how long it is; 0: none. Any case, as GitLab reads it. */
static size_t draft_word(struct str title)
{
	static const char *const words[] = { "draft:", "[draft]", "(draft)" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_starts_nocase(title, str_c(words[i])))
			return strlen(words[i]);
	return 0;
}

bool merge_request_title_is_draft(struct str title)
{
	return draft_word(str_trim(title)) > 0;
}

struct str merge_request_title_with_draft(struct str title, bool is_draft, struct arena *a)
{
	struct str rest = str_trim(title);

	if (is_draft)
		return draft_word(rest) > 0 ? rest : arena_fmt(a, "Draft: %.*s", STR_FMT(rest));
	while (draft_word(rest) > 0)
		rest = str_trim(str_from(rest, draft_word(rest)));
	return rest;
}

bool merge_request_is_from_fork(const struct merge_request *mr)
{
	return mr->source_project.v != mr->project.v;
}

struct project_id merge_request_pipeline_project(const struct merge_request *mr)
{
	return mr->source_project.v ? mr->source_project : mr->project;
}

struct str merge_request_ref(struct arena *a, int64_t iid)
{
	return arena_fmt(a, "refs/merge-requests/%lld/head", (long long)iid);
}

struct str merge_request_result_ref(struct arena *a, int64_t iid)
{
	return arena_fmt(a, "refs/merge-requests/%lld/merge", (long long)iid);
}

static int missing(int64_t iid, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "There is no merge request !%lld in this project.",
		       (long long)iid);
}

int merge_request_get(struct db *db, struct project_id project, int64_t iid, struct arena *a,
		      struct merge_request *mr, struct err *e)
{
	const struct q_merge_request_by_iid_in in = { .project_id = project.v, .iid = iid };
	struct q_merge_request_by_iid_row row = { 0 };
	bool found;

	if (q_merge_request_by_iid(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return missing(iid, e);
	*mr = MERGE_REQUEST_OF_ROW(a, &row);
	return 0;
}

int merge_request_find_by_id(struct db *db, struct merge_request_id id, struct arena *a,
			     struct merge_request *mr, bool *found, struct err *e)
{
	const struct q_merge_request_by_id_in in = { .id = id.v };
	struct q_merge_request_by_id_row row = { 0 };

	if (q_merge_request_by_id(db, &in, a, &row, found, e) < 0)
		return -(int)e->code;
	if (*found)
		*mr = MERGE_REQUEST_OF_ROW(a, &row);
	return 0;
}

int merge_request_get_locked(struct db *db, struct project_id project, int64_t iid, struct arena *a,
			     struct merge_request *mr, struct err *e)
{
	const struct q_merge_request_lock_by_iid_in in = { .project_id = project.v, .iid = iid };
	struct q_merge_request_lock_by_iid_row row;
	bool found;

	if (q_merge_request_lock_by_iid(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return missing(iid, e);
	/* A second statement, so that it sees what the lock waited for. */
	return merge_request_get(db, project, iid, a, mr, e);
}

int merge_request_say(struct db *db, const struct merge_request *mr, struct user_id by,
		      struct str text, struct err *e)
{
	const struct review_subject subject = { .kind = REVIEW_MERGE_REQUEST,
						.id = mr->id.v,
						.iid = mr->iid,
						.project = mr->project,
						.author = mr->author.id };

	return review_say(db, &subject, by, text, e);
}

int merge_request_audit(struct db *db, const struct actor *actor, const char *act,
			const struct merge_request *mr, struct str detail, struct err *e)
{
	char object[1200];

	snprintf(object, sizeof(object), "%.*s!%lld", STR_FMT(mr->project_path),
		 (long long)mr->iid);
	return audit_record(db, actor,
			    &(struct audit_event){ .act = act,
						   .object_kind = "merge_request",
						   .object_id = mr->id.v,
						   .object = str_c(object),
						   .detail = detail,
						   .project = mr->project },
			    e);
}

int merge_request_open_for_branch(struct db *db, struct project_id source_project,
				  struct str branch, struct arena *a, struct merge_requests *list,
				  struct err *e)
{
	const struct q_merge_request_of_branch_in in = { .source_project_id = source_project.v,
							 .source_branch = branch };
	struct q_merge_request_of_branch_row *rows;
	size_t count;

	if (q_merge_request_of_branch(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct merge_request, count + 1);
	list->count = count;
	list->total = i64_from_size(count);
	for (size_t i = 0; i < count; i++)
		list->items[i] = MERGE_REQUEST_OF_ROW(a, &rows[i]);
	return 0;
}

int merge_request_versions(struct db *db, struct merge_request_id id, struct arena *a,
			   struct merge_request_version **versions, size_t *count, struct err *e)
{
	const struct q_merge_request_versions_in in = { .merge_request_id = id.v };
	struct q_merge_request_versions_row *rows;
	size_t n;

	if (q_merge_request_versions(db, &in, a, &rows, &n, e) < 0)
		return -(int)e->code;
	*versions = ARENA_ARRAY(a, struct merge_request_version, n + 1);
	*count = n;
	for (size_t i = 0; i < n; i++)
		(*versions)[i] = (struct merge_request_version){
			.id = rows[i].id,
			.number = rows[i].number,
			.head_sha = rows[i].head_sha,
			.base_sha = rows[i].base_sha,
			.start_sha = rows[i].start_sha,
			.pusher = { { rows[i].has_user_id ? rows[i].user_id : 0 },
				    rows[i].username,
				    rows[i].user_name },
			.created_at = rows[i].created_at,
		};
	return 0;
}
