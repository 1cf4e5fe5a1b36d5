/*
 * The files the program carries inside itself (made by scripts/assetgen):
 * web/assets, served under URLs that hold a hash of their bytes and so may be
 * cached for ever, and the manual of web/help.
 *
 * In templates {{ asset "app.css" }} writes the URL; in C build/gen/assets.h
 * has a macro for each, ASSET_URL_APP_CSS.
 *
 * Everything is const and lives for ever. Threads: any.
 */
#ifndef RENDER_ASSET_H
#define RENDER_ASSET_H

#include "base/str.h"

struct asset {
	const char *name; /* "app.css"; of a help page without .md: "push" */
	const char *url;  /* "/-/assets/app.0123456789abcdef.css", without base path; "" for help */
	const char *type; /* of Content-Type */
	struct str bytes;
	struct str gzip; /* of the same bytes; none if it would not be smaller */
};

/* Generated: build/gen/assets.c. */
extern const struct asset assets[];
extern const size_t assets_count;
extern const struct asset help_pages[];
extern const size_t help_pages_count;

/* By the last segment of the URL, "app.0123456789abcdef.css"; NULL if there is none. */
const struct asset *asset_find(struct str file);
/* By name, "push". */
const struct asset *help_find(struct str name);

#endif
