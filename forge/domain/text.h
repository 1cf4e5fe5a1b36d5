/* Rules for texts that people type into forms; pure. For the files of domain/. */
#ifndef DOMAIN_TEXT_H
#define DOMAIN_TEXT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#define TITLE_MAX 255
#define DESCRIPTION_MAX 2000

/* One line: 1 to TITLE_MAX characters of UTF-8 without control characters. */
MUST_USE int text_check_title(struct str s, const char *what, struct err *e);
/* At most DESCRIPTION_MAX characters; line breaks and tabs are fine. */
MUST_USE int text_check_description(struct str s, struct err *e);
/* A longer text ("comment"), markdown: at most max characters. */
MUST_USE int text_check_long(struct str s, const char *what, size_t max, struct err *e);
size_t text_length(struct str s); /* in characters */

/* As it may stand in a line of markdown. */
struct str text_quoted(struct arena *a, struct str text);
/* "added **a** and removed **b**, **c**"; none: both have the same labels. */
struct str text_label_change(struct arena *a, const struct str_list *before,
			     const struct str_list *after);

#endif
