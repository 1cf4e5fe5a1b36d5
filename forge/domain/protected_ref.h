/*
 * Protected branches and tags: rows (kind, pattern) with the least level that
 * may push (for tags: create), merge, and force. In a pattern '*' stands for
 * any run of characters, '/' included; the rest is literal and case counts.
 * When several rows fit a name, each right is that of the most permissive row,
 * as in GitLab. A protected ref is never deleted by a push: the protection is
 * removed first.
 */
#ifndef DOMAIN_PROTECTED_REF_H
#define DOMAIN_PROTECTED_REF_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

enum protected_ref_kind { PROTECTED_BRANCH, PROTECTED_TAG };

struct protected_ref {
	struct protected_ref_id id;
	enum protected_ref_kind kind;
	struct str pattern;
	/* LEVEL_NONE (no one), DEVELOPER, MAINTAINER, OWNER or ADMIN each */
	enum access_level push_level; /* tags: who may create */
	enum access_level merge_level;
	enum access_level force_level;
	struct instant created_at;
};

struct protected_refs {
	struct protected_ref **items;
	size_t count;
};

/* Pure. Linear in time for any pattern. */
bool protected_ref_matches(struct str pattern, struct str name);
/* What holds for a name ("main", without refs/heads/); false if nothing protects it. Pure. */
bool protected_ref_effective(const struct protected_refs *refs, enum protected_ref_kind kind,
			     struct str name, struct protected_ref *effective);

MUST_USE int protected_ref_list(struct db *db, struct project_id project, struct arena *a,
				struct protected_refs *refs, struct err *e);
/* Each checks PROTECTED_REFS_CHANGE. */
MUST_USE int protected_ref_create(struct db *db, const struct actor *actor,
				  struct project_id project, const struct protected_ref *in,
				  struct arena *a, struct protected_ref *made, struct err *e);
MUST_USE int protected_ref_update(struct db *db, const struct actor *actor,
				  struct project_id project, const struct protected_ref *in,
				  struct err *e);
MUST_USE int protected_ref_remove(struct db *db, const struct actor *actor,
				  struct project_id project, struct protected_ref_id id,
				  struct err *e);

#endif
