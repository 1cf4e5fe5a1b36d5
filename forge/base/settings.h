/*
 * Settings: `key = value` lines under [sections], read by a table. The forge
 * and the runner share this reader; each has its own table and target struct.
 *
 *	# a comment
 *	[server]
 *	http_listen = 127.0.0.1:8080
 *	[runner fast]            a section with a label may be repeated
 *	tags = a, b
 *
 * A value goes from the first character behind '=' that is no blank to the end
 * of the line; it may stand in double quotes, with \" and \\ inside. There are no comments
 * behind a value, because '#' occurs in URLs and passwords. The same key twice
 * in one section is an error, as is one the table does not know: a misspelt
 * setting never goes unnoticed.
 *
 * Where a value comes from: the environment <PREFIX><KEY> before the file before the
 * row's default. An empty value means "not set" and takes the default.
 *
 * Threads: pure functions, but for getenv.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

enum setting_type {
	SETTING_TEXT,     /* const char *, "" if not set; min..max bound its length */
	SETTING_SECRET,   /* as TEXT; never printed */
	SETTING_NUMBER,   /* int64_t in min..max */
	SETTING_SIZE,     /* int64_t bytes; "512", "64k", "100M", "2G" */
	SETTING_DURATION, /* int64_t seconds; "90", "90s", "15m", "2h", "30d" */
	SETTING_BOOL,     /* bool; true/false, yes/no, on/off */
	SETTING_CHOICE,   /* int, the index of the word in `choices` ("auto|required|off") */
	SETTING_LIST,     /* struct str_list; words split by commas or blanks; min..max items */
	SETTING_ADDRESS,  /* const char *: "127.0.0.1:80", "[::1]:80", "host:80", ":80" */
	SETTING_URL,      /* const char *: http or https, host, no trailing slash, or "" */
	SETTING_PATH,     /* const char *: absolute, or "" */
};

struct setting {
	const char *section;
	const char *key;
	enum setting_type type;
	const char *default_text;
	int64_t min;
	int64_t max;
	const char *choices; /* CHOICE only */
	const char *sentence;
	size_t offset; /* of the field in the target struct */
};

struct settings_table {
	const struct setting *rows;
	size_t count;
	const char *environment; /* prefix: "HEARTH_"; NULL means none is looked at */
};

/* One line of the file. */
struct settings_entry {
	struct str section;
	struct str label; /* none for a plain section */
	struct str key;
	struct str value;
	int line;
};

/* A section's head; an empty section has no entries but is here. */
struct settings_section {
	struct str section;
	struct str label;
	int line;
};

struct settings_file {
	const char *path; /* as shown in messages; NULL if there was no file */
	struct settings_section *sections;
	size_t section_count;
	struct settings_entry *entries;
	size_t count;
};

/* What is wrong, one sentence each: "line 3: ..." or "environment HEARTH_X: ...". */
struct settings_problems {
	struct str *items;
	size_t count;
	size_t room;
};

enum setting_origin { SETTING_FROM_DEFAULT, SETTING_FROM_FILE, SETTING_FROM_ENVIRONMENT };

/* Where a row's value came from, in the order of the table. */
struct setting_value {
	enum setting_origin origin;
	int line;         /* FROM_FILE */
	const char *text; /* as written */
};

/* Form only: sections, '=', quotes, UTF-8. Problems are added; good lines are kept. */
void settings_parse(struct arena *a, struct str text, struct settings_file *file,
		    struct settings_problems *problems);

/*
 * Fills *target from table, file (may be NULL) and environment, and values[]
 * (table->count of them; may be NULL). A bad value is a problem and leaves the
 * default. label chooses the labelled section ("fast" of [runner fast]), STR_NONE
 * the plain ones. Sections the table does not know are left to settings_unknown.
 */
void settings_apply(struct arena *a, const struct settings_table *table,
		    const struct settings_file *file, struct str label, void *target,
		    struct setting_value *values, struct settings_problems *problems);

/* Adds a problem for every section and key that none of the tables knows. */
void settings_unknown(struct arena *a, const struct settings_table *const *tables, size_t count,
		      const struct settings_file *file, struct settings_problems *problems);

/* ERR_INVALID with the first problem and how many there are; 0 if there are none. */
MUST_USE int settings_check(const struct settings_problems *problems, const char *path,
			    struct err *e);

void settings_problem_add(struct arena *a, struct settings_problems *problems, const char *format,
			  ...) PRINTF_LIKE(3, 4);

/* Checks one value and writes it to the field; ERR_INVALID says what it must be. */
MUST_USE int setting_store(struct arena *a, const struct setting *row, const char *text,
			   void *field, struct err *e);

/* Splits "host:port" ("[::1]:80", ":80", "localhost:80"); false if it is none. */
MUST_USE bool settings_address_split(struct str text, struct str *host, int *port);

#endif
