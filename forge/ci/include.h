/*
 * `include:` of a file and, below it, of the files it names; and the deep merge
 * that joins them. Only local files (with globs) are read; project, remote,
 * template and component are refused at their place.
 */
#ifndef CI_INCLUDE_H
#define CI_INCLUDE_H

#include "ci/context.h"
#include "ci/yaml.h"

#define CI_INCLUDES_MAX 150

/*
 * Keys of `over` win; maps are merged key by key, anything else is replaced.
 * `under` may be NULL. Fails when the merged maps pass CI_PAIRS_MAX.
 */
MUST_USE int ci_deep_merge(struct ci_planning *p, const struct ci_node *under,
			   const struct ci_node *over, const struct ci_node **merged,
			   struct err *e);

/* A copy of the map without one key; the map itself if the key is not there. */
const struct ci_node *ci_map_without(struct arena *a, const struct ci_node *map, const char *key);

/* Parses text as file and everything it includes; *root is a map without `include`. */
MUST_USE int ci_include(struct ci_planning *p, struct str file, struct str text,
			const struct ci_node **root, struct err *e);

#endif
