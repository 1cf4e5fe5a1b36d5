#include "git/ref_list.h"

#include "git/commit_private.h"
#include "git/history.h"
#include "git/object.h"
#include "git/text.h"

#define BRANCHES "refs/heads/"
#define TAGS "refs/tags/"
#define SORTED_MAX 5000
#define LIMIT_MAX 1000
#define TAG_BYTES_MAX ((size_t)1 << 20)
#define RELATIONS_MS 1000
#define RELATION_STEPS 50000

struct picked {
	const struct ref *ref;
	int64_t seconds;
};

struct picks {
	struct picked *items;
	size_t count;
};

static struct str short_name(const struct ref *ref, const char *folder)
{
	return str_from(ref->name, strlen(folder));
}

static struct picks search(struct repo *repo, const char *folder, struct str part, struct arena *a)
{
	const struct ref *first;
	size_t count = ref_snapshot_range(repo_refs(repo), str_c(folder), &first);
	struct picks picks = { .items = ARENA_ARRAY(a, struct picked, count + 1) };

	for (size_t i = 0; i < count; i++) {
		if (text_contains_nocase(short_name(&first[i], folder), part))
			picks.items[picks.count++].ref = &first[i];
	}
	return picks;
}

static int newest_first(const void *a, const void *b)
{
	const struct picked *one = a;
	const struct picked *two = b;

	if (one->seconds != two->seconds)
		return one->seconds > two->seconds ? -1 : 1;
	return str_cmp(one->ref->name, two->ref->name);
}

/* By the commit's time; a ref to something else comes last. */
static int sort_by_date(struct repo *repo, struct picks *picks, struct err *e)
{
	struct history *history;

	if (picks->count > SORTED_MAX)
		return 0;
	if (history_open(repo, (struct budget){ 0 }, &history, e))
		return -(int)e->code;
	for (size_t i = 0; i < picks->count; i++) {
		struct err ignored = { 0 };
		struct node *node;

		if (history_get(history, &picks->items[i].ref->peeled, &node, &ignored) == 0)
			picks->items[i].seconds = node->seconds;
	}
	history_close(history);
	qsort(picks->items, picks->count, sizeof(picks->items[0]), newest_first);
	return 0;
}

/* The part of the picks that the query's page shows. */
static int pick(struct repo *repo, const char *folder, const struct ref_query *query,
		struct arena *a, struct picks *page, size_t *total, struct err *e)
{
	struct picks all = search(repo, folder, query->search, a);
	size_t limit = query->limit && query->limit < LIMIT_MAX ? query->limit : LIMIT_MAX;
	size_t start = query->skip < all.count ? query->skip : all.count;

	if (query->order == REF_BY_DATE && sort_by_date(repo, &all, e))
		return -(int)e->code;
	*total = all.count;
	page->items = all.items + start;
	page->count = all.count - start < limit ? all.count - start : limit;
	return 0;
}

static int fill_branch(struct repo *repo, const struct ref *ref, struct arena *a,
		       struct branch *branch, struct err *e)
{
	*branch = (struct branch){ .full_name = arena_str(a, ref->name) };
	branch->name = arena_str(a, short_name(ref, BRANCHES));
	branch->is_default = str_eq(branch->name, repo_default_branch(repo));
	return commit_get(repo, &ref->oid, a, &branch->commit, e);
}

static int relate(struct repo *repo, struct branch_list *list, struct err *e)
{
	struct budget budget = { clock_monotonic_ms() + RELATIONS_MS, RELATION_STEPS };
	const struct oid *head = &repo_refs(repo)->head_oid;

	for (size_t i = 0; i < list->branches_count && !oid_is_zero(head); i++) {
		struct branch *branch = &list->branches[i];

		if (clock_monotonic_ms() > budget.deadline_ms)
			return 0; /* complete stays false */
		if (commit_ahead_behind(repo, &branch->commit.oid, head, budget,
					&branch->against_default, e))
			return -(int)e->code;
	}
	return 0;
}

int branch_list(struct repo *repo, const struct ref_query *query, bool with_ahead_behind,
		struct arena *a, struct branch_list *list, struct err *e)
{
	struct branch_list made = { 0 };
	struct picks page;

	if (pick(repo, BRANCHES, query, a, &page, &made.total, e))
		return -(int)e->code;
	made.branches = ARENA_ARRAY(a, struct branch, page.count + 1);
	for (size_t i = 0; i < page.count; i++) {
		if (fill_branch(repo, page.items[i].ref, a, &made.branches[i], e))
			return -(int)e->code;
		made.branches_count++;
	}
	if (with_ahead_behind && relate(repo, &made, e))
		return -(int)e->code;
	*list = made;
	return 0;
}

int branch_get(struct repo *repo, struct str name, struct arena *a, struct branch *branch,
	       struct err *e)
{
	const struct ref *ref = ref_snapshot_find_in(repo_refs(repo), BRANCHES, name);

	if (ref == NULL)
		return err_set(e, ERR_NOT_FOUND, "There is no such branch in this repository.");
	return fill_branch(repo, ref, a, branch, e);
}

/* The message without the signature git appends to it. */
static struct str without_signature(struct str message, enum signature_kind *kind)
{
	static const char *const starts[] = { "-----BEGIN PGP", "-----BEGIN SSH",
					      "-----BEGIN SIGNED" };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t at = str_find_str(message, str_c(starts[i]));

		if (at < message.n && (at == 0 || message.p[at - 1] == '\n')) {
			*kind = commit_signature_kind(str_from(message, at));
			return str_upto(message, at);
		}
	}
	*kind = SIGNATURE_NONE;
	return message;
}

static void parse_tag(struct str bytes, struct arena *a, struct tag *tag)
{
	size_t end = str_find_str(bytes, STR("\n\n"));
	struct str head = str_upto(bytes, end);
	struct str message = str_from(bytes, end + 2);
	struct str line;

	while (str_cut(&head, '\n', &line)) {
		if (str_cut_prefix(&line, STR("tagger "))) {
			tag->tagger = commit_parse_person(line, false, a);
			tag->has_tagger = true;
		}
	}
	message = str_trim(without_signature(message, &tag->signature));
	tag->message = text_latin1(a, message, COMMIT_MESSAGE_MAX, NULL);
}

static int fill_tag(struct repo *repo, const struct ref *ref, struct arena *a, struct tag *tag,
		    struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct err missing = { 0 };
	int result;

	*tag = (struct tag){ .full_name = arena_str(a, ref->name),
			     .oid = ref->oid,
			     .message = STR("") };
	tag->name = arena_str(a, short_name(ref, TAGS));
	tag->is_annotated = !oid_eq(&ref->oid, &ref->peeled);
	if (tag->is_annotated) {
		if (object_read(repo, &ref->oid, GIT_OBJECT_TAG, TAG_BYTES_MAX, &object, e))
			return -(int)e->code;
		parse_tag(object_bytes(object), a, tag);
	}
	result = commit_get(repo, &ref->peeled, a, &tag->commit, &missing);
	if (result && result != -ERR_NOT_FOUND) {
		*e = missing;
		return result;
	}
	tag->has_commit = result == 0; /* else it names a tree or a blob */
	return 0;
}

int tag_list(struct repo *repo, const struct ref_query *query, struct arena *a,
	     struct tag_list *list, struct err *e)
{
	struct tag_list made = { 0 };
	struct picks page;

	if (pick(repo, TAGS, query, a, &page, &made.total, e))
		return -(int)e->code;
	made.tags = ARENA_ARRAY(a, struct tag, page.count + 1);
	for (size_t i = 0; i < page.count; i++) {
		if (fill_tag(repo, page.items[i].ref, a, &made.tags[i], e))
			return -(int)e->code;
		made.tags_count++;
	}
	*list = made;
	return 0;
}

int tag_get(struct repo *repo, struct str name, struct arena *a, struct tag *tag, struct err *e)
{
	const struct ref *ref = ref_snapshot_find_in(repo_refs(repo), TAGS, name);

	if (ref == NULL)
		return err_set(e, ERR_NOT_FOUND, "There is no such tag in this repository.");
	return fill_tag(repo, ref, a, tag, e);
}
