/*
 * A job's log as templates show it: numbered lines in foldable sections. Bytes of
 * strangers go in; out come texts that the template escapes.
 *
 * What is read (gitlab-compat 1.10): "section_start:<unix>:<name>[options]\r\e[0K"
 * and "section_end:...", colours, "\r" that begins a line anew (the last text
 * stands), the time stamps of FF_TIMESTAMPS (left out).
 *
 * A log is rendered in pieces: as it grows, and only the end of a huge one. So
 * there is a position, which a page keeps as text and brings back: the offset
 * of the first byte that was not shown for good, its line number, the style
 * there and the sections that are open. A line without its end is shown (unless it
 * begins a section's mark), and shown again by the next piece.
 *
 * A piece is a list of groups. The first group belongs into the innermost section
 * that was open; each next one a level further out, because the section before it
 * ended. Sections that begin in a piece are blocks of their group.
 *
 * Ownership: texts are borrowed from the bytes, the rest is the arena's.
 * Threads: pure functions.
 */
#ifndef RENDER_LOG_VIEW_H
#define RENDER_LOG_VIEW_H

#include "render/ansi.h"

#define LOG_DEPTH_MAX 8
#define LOG_SECTION_NAME_MAX 64

struct log_section_open {
	struct str name;
	int64_t since; /* seconds since 1970, as the log says */
};

struct log_position {
	int64_t offset; /* of the log; the bytes given begin there */
	int64_t line;   /* number of the first line, from 1 */
	struct ansi_style style;
	struct log_section_open open[LOG_DEPTH_MAX];
	size_t depth;
};

/* Where a log begins. */
#define LOG_START ((struct log_position){ .line = 1 })

struct log_line {
	int64_t number;
	struct ansi_span *spans;
	size_t spans_count;
	bool is_cut;  /* longer than ANSI_LINE_MAX */
	bool is_open; /* its end has not come: the next piece has it again */
};

struct log_blocks {
	struct log_block *items;
	size_t count;
};

/* A line, or a section: then the line is its header. */
struct log_block {
	bool is_section, is_folded;
	struct log_line line;
	struct str name;
	struct str took; /* "01:05", or none while it is open */
	struct log_blocks inside;
};

struct log_group {
	int64_t depth;   /* how many sections it stands in */
	struct str took; /* of the section that ended just before it; none if it says no time */
	struct log_blocks blocks;
};

struct log_view {
	struct log_group *groups;
	size_t groups_count;
	int64_t lines;
};

/*
 * bytes: from `from`. At most lines_max lines are taken; *next then is where the
 * rest begins. is_over: no more will come, so a last line without end is final.
 */
void log_view_make(struct str bytes, const struct log_position *from, int64_t lines_max,
		   bool is_over, struct arena *a, struct log_view *view, struct log_position *next);

/* A position as text for a URL, and back; false for anything that is none. */
struct str log_position_text(const struct log_position *position, struct arena *a);
MUST_USE bool log_position_parse(struct str text, struct log_position *position);

#endif
