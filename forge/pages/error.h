/* The page that says what went wrong. page_error itself is declared in request_error.h. */
#ifndef PAGES_ERROR_H
#define PAGES_ERROR_H

#include "pages/page.h"

struct view_error {
	struct view_page page;
	int status;
	struct str sentence;
	struct str request_id;
	bool is_ours; /* our fault: 5xx but "busy" */
	bool offers_sign_in;
};

#endif
