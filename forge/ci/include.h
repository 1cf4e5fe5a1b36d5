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

/* Keys of `over` win; maps are merged key by key, anything else is replaced. */
const struct ci_node *ci_deep_merge(struct arena *a, const struct ci_node *under,
				    const struct ci_node *over);

/* A copy of the map without one key; the map itself if the key is not there. */
const struct ci_node *ci_map_without(struct arena *a, const struct ci_node *map, const char *key);

/* A copy of the map with key set to value. */
const struct ci_node *ci_map_with(struct arena *a, const struct ci_node *map, struct ci_pair pair);

/* Parses text as file and everything it includes; *root is a map without `include`. */
MUST_USE int ci_include(struct ci_planning *p, struct str file, struct str text,
			const struct ci_node **root, struct err *e);

#endif
