/*
 * `extends` and `!reference`: the last steps that change nodes.
 * Source: gitlab-compat 2.1, steps 5 and 6.
 */
#ifndef CI_EXTENDS_H
#define CI_EXTENDS_H

#include "ci/context.h"

#define CI_EXTENDS_DEPTH_MAX 11
#define CI_REFERENCE_DEPTH_MAX 10

/* Every job of the root map with what it extends merged below it, `extends` gone. */
MUST_USE int ci_extends(struct ci_planning *p, const struct ci_node **root, struct err *e);

/* Every !reference of the root map replaced by what it names. */
MUST_USE int ci_references(struct ci_planning *p, const struct ci_node **root, struct err *e);

#endif
