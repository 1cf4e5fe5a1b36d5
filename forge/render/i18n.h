/*
 * The languages of the pages. English is the msgid itself; the others are
 * tables that scripts/pogen makes of web/locale/<code>.po. A message without a
 * translation is shown in English.
 *
 * In templates: {{ t "msgid" args }}, {{ t "%n file" "%n files" n }}.
 * In C (error pages, sentences): i18n_text(language, I18N("Not found")); the
 * I18N mark is what pogen extracts.
 *
 * Placeholders in messages: %s the next argument, %2$s the second, %n the
 * number that chose the plural, %% a percent sign. pogen refuses a translation
 * whose placeholders are not those of its msgid.
 *
 * Ownership: everything is const and lives for ever. Threads: any.
 */
#ifndef RENDER_I18N_H
#define RENDER_I18N_H

#include "base/arena.h"
#include "base/str.h"

#define I18N(msgid) (msgid)
#define I18N_FORMS_MAX 4

struct i18n_message {
	const char *msgid;
	const char *forms[I18N_FORMS_MAX]; /* by plural; without plural only [0] */
};

struct language {
	const char *code; /* of the lang attribute: "en", "ru" */
	const char *name; /* in itself: "English", "Русский" */
	size_t (*plural)(int64_t n);
	size_t forms;
	const struct i18n_message *messages; /* sorted by msgid */
	size_t count;
};

/* All of them, the first is English (generated: build/gen/locale.c has the others). */
const struct language *language_at(size_t i); /* NULL behind the last */

/* By code ("ru", "ru-RU"); NULL if there is none. */
const struct language *language_find(struct str code);

/* The best for an Accept-Language header (none: English). Never NULL. */
const struct language *language_negotiate(struct str accept_language);

/* The message in the language; msgid itself if it has no translation. */
const char *i18n_text(const struct language *language, const char *msgid);

/* The form for n; one and other are English's two, one is the msgid. */
const char *i18n_plural(const struct language *language, const char *one, const char *other,
			int64_t n);

/* A whole sentence as the domain made it, with its values; in English if none fits. */
struct str i18n_sentence(const struct language *language, struct str english, struct arena *a);

#endif
