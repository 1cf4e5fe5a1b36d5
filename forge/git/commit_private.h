/* Parsing of commit objects for this folder; see commit.h. */
#ifndef GIT_COMMIT_PRIVATE_H
#define GIT_COMMIT_PRIVATE_H

#include "git/commit.h"

/* What a walk needs. `parents` is the text from the first parent line on. */
struct commit_links {
	struct oid tree;
	struct str parents;
	size_t parents_count;
	int64_t seconds; /* of the committer */
};
MUST_USE bool commit_parse_links(struct str bytes, struct commit_links *links);

/* "Name <mail> 1700000000 +0100" */
struct person commit_parse_person(struct str line, bool latin1, struct arena *a);
int64_t commit_person_seconds(struct str line);
enum signature_kind commit_signature_kind(struct str first_line);
bool commit_is_latin1(struct str encoding);

#endif
