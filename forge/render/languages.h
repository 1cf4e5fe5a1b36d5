/* What scripts/pogen makes of the .po files (build/gen/locale.c); only i18n.c reads it. */
#ifndef RENDER_LANGUAGES_H
#define RENDER_LANGUAGES_H

#include "render/i18n.h"

extern const struct language languages[]; /* English is not among them */
extern const size_t language_count;

#endif
