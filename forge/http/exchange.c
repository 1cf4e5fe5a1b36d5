/* The parts of an exchange that need no socket: methods, headers, setting an answer. */
#include "http/http.h"

#include "base/fs.h"

static const char *const method_names[] = {
	[HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS", [HTTP_OTHER] = "OTHER",
};

enum http_method http_method_parse(struct str word)
{
	for (enum http_method m = HTTP_GET; m < HTTP_OTHER; m++)
		if (str_eq_c(word, method_names[m]))
			return m;
	return HTTP_OTHER;
}

const char *http_method_name(enum http_method method)
{
	return method_names[method];
}

static struct http_header *find(struct http_header *headers, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(headers[i].name, str_c(name)))
			return &headers[i];
	return NULL;
}

struct str http_header(const struct http_head *head, const char *name)
{
	const struct http_header *h = find(head->headers, head->headers_count, name);

	return h ? h->value : STR_NONE;
}

static bool is_header_value(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

/* Set-Cookie is the one header that may stand more than once. */
void http_set_header(struct http_response *r, const char *name, struct str value)
{
	struct http_header *h = NULL;

	if (!is_header_value(value)) {
		r->is_malformed = true;
		return;
	}
	if (!str_eq_nocase(str_c(name), STR("Set-Cookie")))
		h = find(r->headers, r->headers_count, name);
	if (h) {
		h->value = value;
		return;
	}
	ASSERT(r->headers_count < ARRAY_LEN(r->headers));
	r->headers[r->headers_count++] = (struct http_header){ str_c(name), value };
}

void http_drop_header(struct http_response *r, const char *name)
{
	struct http_header *h = find(r->headers, r->headers_count, name);

	if (!h)
		return;
	for (; h + 1 < r->headers + r->headers_count; h++)
		h[0] = h[1];
	r->headers_count--;
}

struct str http_response_header(const struct http_response *r, const char *name)
{
	for (size_t i = 0; i < r->headers_count; i++)
		if (str_eq_nocase(r->headers[i].name, str_c(name)))
			return r->headers[i].value;
	return STR_NONE;
}

static struct http_response *set(struct http_exchange *x, enum http_response_kind kind, int status,
				 const char *type)
{
	struct http_response *r = &x->response;

	r->kind = kind;
	r->status = status;
	r->may_compress = false;
	if (type)
		http_set_header(r, "Content-Type", str_c(type));
	else
		http_drop_header(r, "Content-Type");
	return r;
}

void http_respond(struct http_exchange *x, int status, const char *type, struct str bytes)
{
	set(x, HTTP_BYTES, status, type)->bytes = bytes;
}

static void close_file(void *object)
{
	int *fd = object;

	fs_close(fd);
}

void http_respond_file(struct http_exchange *x, int status, const char *type, int fd, uint64_t size)
{
	struct http_response *r = set(x, HTTP_FILE, status, type);
	int *kept = ARENA_NEW(x->arena, int);

	*kept = fd;
	arena_link(x->arena, close_file, kept);
	r->file = fd;
	r->offset = 0;
	r->size = size;
}

void http_respond_stream(struct http_exchange *x, int status, const char *type, uint64_t size,
			 http_reader *reader, void *closure)
{
	struct http_response *r = set(x, HTTP_STREAM, status, type);

	r->size = size;
	r->reader = reader;
	r->closure = closure;
}
