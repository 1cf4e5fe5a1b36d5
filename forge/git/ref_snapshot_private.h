/* Shared by ref_scan.c, ref_snapshot.c and reader.c; see ref_snapshot.h. */
#ifndef GIT_REF_SNAPSHOT_PRIVATE_H
#define GIT_REF_SNAPSHOT_PRIVATE_H

#include "git/ref_snapshot.h"

/* An empty one with one reference; *arena is its memory, which dies with it. */
struct ref_snapshot *ref_snapshot_new(struct arena **arena);

#endif
