/*
 * YAML as GitLab's Psych reads it, into nodes that know where they stand.
 *
 * Source: YAML 1.1 scalar types; merge keys (yaml.org/type/merge.html) with
 * Psych's order; the one tag allowed is !reference. Anchors are per file.
 * Aliases share nodes: a node is never changed after it was parsed, whoever
 * merges builds new maps around it.
 *
 * Limits: CI_FILE_MAX bytes, CI_DEPTH_MAX levels, CI_NODES_MAX nodes counted as
 * if aliases were copied (so that a bomb ends early).
 */
#ifndef CI_YAML_H
#define CI_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/table.h"

#define CI_FILE_MAX (2u * 1024 * 1024)
#define CI_DEPTH_MAX 100
#define CI_NODES_MAX 50000

/* Where something stands; line and column count from 1, 0 means the whole file. */
struct ci_mark {
	struct str file;
	int line;
	int column;
};

enum ci_kind { CI_NULL, CI_BOOL, CI_INT, CI_FLOAT, CI_TEXT, CI_LIST, CI_MAP, CI_REFERENCE };

struct ci_node;

struct ci_pair {
	struct str key;
	struct ci_mark mark; /* of the key */
	const struct ci_node *value;
	bool is_merged; /* came by `<<` */
};

struct ci_node {
	enum ci_kind kind;
	struct ci_mark mark;
	struct str text; /* of a scalar, as Ruby's to_s would write it: yes -> "true" */
	int64_t integer; /* CI_INT */
	bool boolean;    /* CI_BOOL */
	const struct ci_node **items; /* CI_LIST, CI_REFERENCE (the path, all text) */
	struct ci_pair *pairs;        /* CI_MAP, in the order of the file */
	struct table *index;          /* of many pairs: key -> its position + 1; else NULL */
	size_t count;                 /* of items or pairs */
	size_t weight;                /* nodes below, aliases counted as copies */
};

/* A message with its place; errors end the work, warnings are collected. */
struct ci_problem {
	struct ci_mark mark;
	struct str text;
};

struct ci_problems {
	struct arena *arena;
	struct ci_problem *items;
	size_t count;
	size_t room;
};

void ci_warn(struct ci_problems *warnings, struct ci_mark mark, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Records the place in *problem and returns err_set(e, ERR_UNPROCESSABLE, text). */
struct ci_fail {
	struct arena *arena;
	struct ci_problem problem; /* text is none until something failed */
};
MUST_USE int ci_fail_at(struct ci_fail *fail, struct ci_mark mark, struct err *e,
			const char *format, ...) PRINTF_LIKE(4, 5);

/*
 * Parses one document. *root is CI_NULL for an empty file. Duplicate keys and
 * tags other than !reference are named in warnings and errors.
 */
MUST_USE int ci_yaml_parse(struct ci_fail *fail, struct ci_problems *warnings, struct str file,
			   struct str text, const struct ci_node **root, struct err *e);

/* The value of a key, or NULL; also when map is NULL or no map. */
const struct ci_node *ci_map_find(const struct ci_node *map, const char *key);
const struct ci_pair *ci_map_pair(const struct ci_node *map, struct str key);
/* To be called when pairs were added to a map that is being built: finding stays cheap. */
void ci_map_index(struct arena *a, struct ci_node *map);

bool ci_is_scalar(const struct ci_node *node);

/* "a string", "a map", ... for sentences. */
const char *ci_kind_name(const struct ci_node *node);

/* Types a plain scalar: used by the parser, and open for its test. */
void ci_scalar_type(struct arena *a, struct str plain, struct ci_node *node);

#endif
