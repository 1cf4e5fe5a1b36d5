/*
 * Branches and tags as pages and the API list them. Threads: as the repo.
 */
#ifndef GIT_REF_LIST_H
#define GIT_REF_LIST_H

#include "git/commit.h"

enum ref_order { REF_BY_NAME, REF_BY_DATE /* newest first */ };

struct ref_query {
	struct str search; /* "" or a part of the name, case-blind */
	enum ref_order order;
	size_t skip;
	size_t limit; /* at most 1000 */
};

struct branch {
	struct str name; /* "feature/x" */
	struct str full_name;
	bool is_default;
	struct commit commit;
	struct ahead_behind against_default; /* only if asked for */
};

struct branch_list {
	struct branch *branches;
	size_t branches_count;
	size_t total;
};

struct tag {
	struct str name;
	struct str full_name;
	struct oid oid; /* of the ref: the tag object, or the commit */
	bool is_annotated;
	struct str message; /* of the tag object */
	struct person tagger;
	bool has_tagger;
	enum signature_kind signature;
	bool has_commit; /* false: it names a tree or a blob */
	struct commit commit;
};

struct tag_list {
	struct tag *tags;
	size_t tags_count;
	size_t total;
};

/* REF_BY_DATE sorts at most 5,000 refs by date; above, it falls back to names. */
MUST_USE int branch_list(struct repo *repo, const struct ref_query *query, bool with_ahead_behind,
			 struct arena *a, struct branch_list *list, struct err *e);
MUST_USE int branch_get(struct repo *repo, struct str name, struct arena *a, struct branch *branch,
			struct err *e);
MUST_USE int tag_list(struct repo *repo, const struct ref_query *query, struct arena *a,
		      struct tag_list *list, struct err *e);
MUST_USE int tag_get(struct repo *repo, struct str name, struct arena *a, struct tag *tag,
		     struct err *e);

#endif
