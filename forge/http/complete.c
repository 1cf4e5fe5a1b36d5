/*
 * Last touches to an answer that need no socket: a header that could not be
 * written, conditional requests, Range, gzip, and what a HEAD must not carry.
 */
#include "archive/gzip.h"
#include "http/http.h"
#include "http/range.h"

#define COMPRESS_LEAST 1024
#define COMPRESS_MOST (8u << 20)

static bool is_reading(const struct http_exchange *x)
{
	return x->head.method == HTTP_GET || x->head.method == HTTP_HEAD;
}

/* RFC 9110, 13.2.2: If-None-Match decides alone when it is there. */
static bool is_not_modified(const struct http_exchange *x)
{
	struct str tags = http_header(&x->head, "If-None-Match");
	struct str etag = http_response_header(&x->response, "ETag");
	struct instant since, modified;

	if (!is_reading(x) || x->response.status != 200)
		return false;
	if (!str_is_none(tags))
		return !str_is_none(etag) && http_etag_list_has(tags, etag, true);
	return http_date_parse(http_header(&x->head, "If-Modified-Since"), &since) &&
	       http_date_parse(http_response_header(&x->response, "Last-Modified"), &modified) &&
	       modified.us <= since.us;
}

static void answer_not_modified(struct http_exchange *x)
{
	http_respond(x, 304, NULL, STR(""));
	http_drop_header(&x->response, "Content-Disposition");
}

/* If-Range: the part is wanted only of the content the client knows. */
static bool range_is_current(const struct http_exchange *x)
{
	struct str condition = http_header(&x->head, "If-Range");

	if (str_is_none(condition))
		return true;
	return str_eq(condition, http_response_header(&x->response, "Last-Modified")) ||
	       http_etag_list_has(condition, http_response_header(&x->response, "ETag"), false);
}

static void apply_range(struct http_exchange *x)
{
	struct http_response *r = &x->response;
	struct str header = http_header(&x->head, "Range");
	uint64_t size = r->kind == HTTP_FILE ? r->size : r->bytes.n;
	uint64_t offset = 0, length = 0;
	enum http_range range;

	if (!is_reading(x) || r->status != 200 || r->kind == HTTP_STREAM)
		return;
	if (!str_is_none(http_response_header(r, "ETag")))
		http_set_header(r, "Accept-Ranges", STR("bytes"));
	if (str_is_none(header) || !range_is_current(x))
		return;
	range = http_range_parse(header, size, &offset, &length);
	if (range == HTTP_RANGE_WHOLE)
		return;
	if (range == HTTP_RANGE_IMPOSSIBLE) {
		http_respond(x, 416, "text/plain; charset=utf-8",
			     STR("The range asked for does not exist.\n"));
		http_set_header(r, "Content-Range",
				arena_fmt(x->arena, "bytes */%llu", (unsigned long long)size));
		return;
	}
	r->status = 206;
	r->may_compress = false;
	http_set_header(r, "Content-Range",
			arena_fmt(x->arena, "bytes %llu-%llu/%llu", (unsigned long long)offset,
				  (unsigned long long)(offset + length - 1),
				  (unsigned long long)size));
	if (r->kind == HTTP_FILE) {
		r->offset += offset;
		r->size = length;
	} else {
		r->bytes = str_n(r->bytes.p + offset, (size_t)length);
	}
}

static bool is_text(struct str type)
{
	return str_starts(type, STR("text/")) || str_starts(type, STR("application/json")) ||
	       str_starts(type, STR("application/javascript")) ||
	       str_starts(type, STR("image/svg+xml")) || str_starts(type, STR("application/xml"));
}

/* "gzip" among the codings, not switched off by q=0. */
static bool client_takes_gzip(const struct http_head *head)
{
	struct str list = http_header(head, "Accept-Encoding");
	struct str part;

	while (!str_is_none(list) && str_cut(&list, ',', &part)) {
		part = str_trim(part);
		if (!str_starts_nocase(part, STR("gzip")))
			continue;
		return !str_ends(part, STR("q=0")) && !str_ends(part, STR("q=0.0"));
	}
	return false;
}

static void close_buf(void *object)
{
	buf_fini(object);
}

static void apply_gzip(struct http_exchange *x)
{
	struct http_response *r = &x->response;
	struct buf *out;
	struct str etag = http_response_header(r, "ETag");

	if (r->kind != HTTP_BYTES || !r->may_compress || r->bytes.n < COMPRESS_LEAST ||
	    r->bytes.n > COMPRESS_MOST || !is_text(http_response_header(r, "Content-Type")) ||
	    !str_is_none(http_response_header(r, "Content-Encoding")))
		return;
	http_set_header(r, "Vary", STR("Accept-Encoding, Cookie"));
	if (!client_takes_gzip(&x->head))
		return;
	out = ARENA_NEW(x->arena, struct buf);
	buf_init(out, r->bytes.n + 1024);
	arena_link(x->arena, close_buf, out);
	if (!gzip_add(out, r->bytes, 5))
		return;
	r->bytes = buf_str(out);
	http_set_header(r, "Content-Encoding", STR("gzip"));
	if (etag.n > 1 && etag.p[0] == '"') /* other bytes: a weak tag from here on */
		http_set_header(r, "ETag", arena_fmt(x->arena, "W/%.*s", STR_FMT(etag)));
}

void http_complete(struct http_exchange *x)
{
	struct http_response *r = &x->response;

	if (r->kind == HTTP_NO_RESPONSE || r->is_malformed) {
		r->headers_count = 0;
		r->is_malformed = false;
		http_respond(x, 500, "text/plain; charset=utf-8",
			     STR("Something went wrong on the server.\n"));
	}
	if (is_not_modified(x)) {
		answer_not_modified(x);
		return;
	}
	apply_range(x);
	apply_gzip(x);
}
