/* Markdown of repositories and of the manual, as pages show it. */
#ifndef PAGES_RENDERED_H
#define PAGES_RENDERED_H

#include "git/repo.h"
#include "render/html.h"
#include "request.h"

/* path: of the file, so that relative links and images lead into the repository. */
MUST_USE int rendered_file(struct request *rq, const struct place *place, struct str path,
			   struct str text, struct html *html, struct err *e);

/* What a person wrote: line ends are line breaks, #3 and !4 are links. */
MUST_USE int rendered_comment(struct request *rq, struct str text, struct html *html,
			      struct err *e);

#endif
