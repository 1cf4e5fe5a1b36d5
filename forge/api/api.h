/*
 * What all REST resources share: parameters that must be there, lists cut into
 * pages with GitLab's headers, dates.
 *
 *	struct listing slice = api_slice(rq, &page);
 *	... a domain list with a total ...
 *	api_page_headers(rq, &page, total);
 *
 * Threads: the request's.
 */
#ifndef API_API_H
#define API_API_H

#include "request.h"

struct api_page {
	int64_t page;
	int64_t per_page;
};

/* ?page= and ?per_page= (20, at most 100). */
struct listing api_slice(const struct request *rq, struct api_page *page);

/* X-Total and the others, and Link; with pagination=keyset only Link rel="next". */
void api_page_headers(struct request *rq, const struct api_page *page, int64_t total);
/* For lists whose length nobody counts (commits): without totals. */
void api_page_headers_open(struct request *rq, const struct api_page *page, bool has_more);

/* ERR_INVALID "title is missing". */
MUST_USE int api_need(const struct request *rq, const char *name, struct str *value, struct err *e);
MUST_USE int api_need_i64(const struct request *rq, const char *name, int64_t *value,
			  struct err *e);
/* The id in the path; ERR_NOT_FOUND with `missing` ("404 User Not Found") if it is no number. */
MUST_USE int api_path_id(const struct request *rq, const char *name, const char *missing,
			 int64_t *id, struct err *e);
/* ERR_NOT_FOUND "404 Group Not Found": the namespace of the route is a user's. */
MUST_USE int api_check_is_group(const struct request *rq, struct err *e);
/* "private", "internal", "public"; absent leaves *has false. */
MUST_USE int api_visibility(const struct request *rq, enum visibility *v, bool *has, struct err *e);
/* Day or moment; absent leaves *has false. */
MUST_USE int api_date(const struct request *rq, const char *name, struct instant *t, bool *has,
		      struct err *e);

/* ?labels=a,b */
struct str_list api_query_labels(const struct request *rq);
/* "a,b" or ["a", "b"]; *has: it was given, be it empty. */
struct str_list api_labels(const struct request *rq, const char *name, bool *has);

/* YYYY-MM-DD, as dates without a time must be. */
void api_field_day(struct jsonw *w, const char *key, bool has, struct instant t);
void api_field_time(struct jsonw *w, const char *key, bool has, struct instant t);

/* {"message": text} with this status. */
MUST_USE int api_send_message(struct request *rq, int status, struct str text, struct err *e);

/* After ERR_CONFLICT: GitLab's 400 {"message":{"path":["has already been taken"]}}. */
MUST_USE int api_send_taken(struct request *rq, struct err *e);

#endif
