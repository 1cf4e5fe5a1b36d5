/* Where submodules come from, as .gitmodules says; inside forge/git. */
#ifndef GIT_SUBMODULE_H
#define GIT_SUBMODULE_H

#include "git/repo.h"

struct submodule {
	struct str path;
	struct str url;
};

struct submodules {
	struct submodule *items;
	size_t count;
};

/* No file, or one that is too large to be meant: none. In the arena. */
MUST_USE int submodules_read(struct repo *repo, const struct oid *root, struct arena *a,
			     struct submodules *modules, struct err *e);
/* The part of git-config(1)'s language that `git submodule` writes. */
void submodules_parse(struct str text, struct arena *a, struct submodules *modules);
/* STR_NONE if it is not named. */
struct str submodules_url(const struct submodules *modules, struct str path);

#endif
