/*
 * Badges: a small picture with a word and what it says ("pipeline | passed").
 * Widths are Verdana's at 11 px, so that the text fits wherever it is shown.
 * Source of form and colours: gitlab-compat 5.4.
 *
 * Threads: pure.
 */
#ifndef RENDER_BADGE_H
#define RENDER_BADGE_H

#include "base/arena.h"
#include "base/str.h"

#define BADGE_KEY_MAX 64
#define BADGE_KEY_WIDTH_MAX 512

struct badge {
	struct str key;
	struct str value;
	const char *colour;
	int32_t key_width; /* 0: as the text needs */
	bool is_square;    /* style=flat-square */
};

/* As the template takes it. */
struct view_badge {
	struct str key, value;
	const char *colour;
	int64_t width, key_width, value_width, key_middle, value_middle, key_length, value_length;
	bool is_square;
};

struct view_badge badge_view(const struct badge *badge);

/* "passed" for success, and its colour; unknown words are "unknown". */
struct str badge_status_text(struct str status);
const char *badge_status_colour(struct str status);

/* Width in px of a text, rounded up. */
int64_t badge_text_width(struct str text);

#endif
