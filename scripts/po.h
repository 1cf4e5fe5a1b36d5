/*
 * Translations as gettext writes them: web/locale/<code>.po. Known here:
 * comments, `#, fuzzy` (the entry counts as not translated), msgid,
 * msgid_plural, msgstr, msgstr[n] and strings that go on in the next line.
 * msgctxt is refused: one English sentence has one meaning in Hearth.
 */
#ifndef SCRIPTS_PO_H
#define SCRIPTS_PO_H

#include "base/table.h"
#include "scripts/gen.h"

#define PO_FORMS_MAX 4

struct po_entry {
	struct str msgid;
	struct str plural; /* none without */
	struct str forms[PO_FORMS_MAX];
	size_t forms_count;
	bool is_fuzzy;
	struct gen_place at;
};

struct po_file {
	struct table entries; /* by msgid: struct po_entry; without the header */
};

MUST_USE int po_read(struct arena *a, const char *path, struct po_file *file, struct err *e);

/* The translation has the placeholders of its message: %s as often, %n the same, all in reach. */
MUST_USE int po_check(const struct po_entry *entry, struct err *e);

/* Appends `keyword "text"` as a .po file spells it. */
void po_write(struct buf *out, const char *keyword, struct str text);

#endif
