/*
 * Where a line of one text stands in another, by the diff that leads there.
 * Threads: pure.
 */
#ifndef GIT_LINE_MAP_H
#define GIT_LINE_MAP_H

#include "git/diff.h"

/* From 1. 0: the diff changed or removed the line, so it stands nowhere. */
int line_map(const struct diff_file *file, int line);

#endif
