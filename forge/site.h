/*
 * What follows from the settings about addresses and peers: which host names
 * are ours, how links begin, which cookies have which names and flags, and
 * whose X-Forwarded-* headers count. Made once by the web role from struct
 * config; read-only afterwards, shared by all threads.
 */
#ifndef SITE_H
#define SITE_H

#include "base/arena.h"
#include "config.h"
#include "http/http.h"

struct site {
	struct str origin;    /* "https://example.org": scheme, host and port */
	struct str host;      /* "example.org", with the port if it is not the scheme's */
	struct str base_path; /* "" or "/sub" */
	bool is_https;
	const struct config *config;
	/* Names of cookies; __Host- in front when is_https. */
	struct str session_cookie;
	struct str csrf_cookie;
	struct str language_cookie;
	struct str notice_cookie;
};

void site_init(struct site *site, const struct config *config, struct arena *a);

/* May links carry this Host header? external_url's, an allowed host, the address listened on. */
bool site_knows_host(const struct site *site, struct str host);

/* scheme://host[/sub] for this request, without a final '/'. */
struct str site_base(const struct site *site, const struct http_head *head, struct arena *a);

/* "git@host:group/name.git", or ssh:// when the port is not 22. */
struct str site_ssh_url(const struct site *site, struct str project_path, struct arena *a);

/* The path without the sub-path of external_url; false if it lies outside of it. */
MUST_USE bool site_cut_base(const struct site *site, struct str *path);

#endif
